/**
 * Builds the WASM core, reproducibly: `deno task core` writes
 * `wasm/release/core.wasm` and its manifest `core.json`; `deno task core
 * --check` builds in memory, compares both byte for byte and exits with 1 when
 * they differ. The known answers of the manifest are made by `edge/code/` and
 * node:crypto, and a core that does not give them is not written.
 *
 * @module
 */

import { encodeHex } from "@std/encoding/hex";
import { createHash, hash } from "node:crypto";
import {
  type CoreDescription,
  knownAnswersHold,
  type KnownMac,
  type KnownTag,
} from "../edge/code/manifest.ts";
import { macMessage } from "../edge/code/message.ts";
import type { Profile } from "../edge/code/profile.ts";
import { tagFromMac } from "../edge/code/tag.ts";
import { openCore } from "../edge/core/core.ts";
import { readArguments, runCommand } from "./command.ts";

const SOURCE = new URL("../wasm/assembly/", import.meta.url);
const RELEASE = new URL("../wasm/release/", import.meta.url);
const COMPILER = "0.28.20";
const FLAGS = [
  ...["--runtime", "stub", "--use", "abort=", "--bindings", "raw"],
  "-O1", // more moves what sha256/lanes.ts has in the order that runs fastest
  ...["--noAssert", "--enable", "simd"],
];

/**
 * Lets a test make a core that is not the release: other flags, edited sources.
 */
export interface CompileOptions {
  readonly flags?: readonly string[];
  readonly edit?: (name: string, source: string) => string;
}

/**
 * Compiles `wasm/assembly`.
 *
 * @throws {Error} with the compiler's own words; a warning is an error.
 */
export async function compileCore(
  { flags = [], edit = (_name, source) => source }: CompileOptions = {},
): Promise<Uint8Array<ArrayBuffer>> {
  let wasm: Uint8Array<ArrayBuffer> | undefined;
  // The compiler calls `fetch` when it is loaded, which must not be before
  // proxies are set.
  const { default: asc } = await import("assemblyscript/asc");
  const { error, stderr } = await asc.main(
    ["index.ts", "--outFile", "core.wasm", ...FLAGS, ...flags],
    {
      readFile(name: string) {
        try {
          return edit(name, Deno.readTextFileSync(new URL(name, SOURCE)));
        } catch (cause) {
          if (cause instanceof Deno.errors.NotFound) return null;
          throw cause;
        }
      },
      writeFile(name: string, contents: Uint8Array | string) {
        if (name === "core.wasm") wasm = new Uint8Array(contents as Uint8Array);
      },
      listFiles: () => [],
    },
  );
  const words = stderr.toString(); // warnings too: a clean build says nothing
  if (error || words !== "" || wasm === undefined) {
    throw new Error(`The core does not compile\n${words}`, { cause: error });
  }
  return wasm;
}

/** The hash of node:crypto that a profile's MAC is made with. */
const HASHES = { "HMAC-SHA-256": "sha256", "HMAC-SM3": "sm3" } as const;
type Mac = Profile["mac"];

/** RFC 2104 on the hashes of node:crypto, whose HMAC lacks SM3. */
function hmac(mac: Mac, key: Uint8Array, message: Uint8Array): Uint8Array {
  const digest = (...parts: Uint8Array[]) => {
    const context = createHash(HASHES[mac]);
    for (const part of parts) context.update(part);
    return new Uint8Array(context.digest());
  };
  const block = new Uint8Array(64);
  block.set(key.length > block.length ? digest(key) : key);
  const inner = digest(block.map((byte) => byte ^ 0x36), message);
  return digest(block.map((byte) => byte ^ 0x5c), inner);
}

/** Keys and messages of RFC 4231 §4.2, §4.3, §4.7, in hex. */
const MESSAGES = ([
  [new Uint8Array(20).fill(0x0b), "Hi There"],
  ["Jefe", "what do ya want for nothing?"],
  [
    new Uint8Array(131).fill(0xaa),
    "Test Using Larger Than Block-Size Key - Hash Key First",
  ],
] as const).map((texts) =>
  texts.map((it) => typeof it === "string" ? new TextEncoder().encode(it) : it)
) as [Uint8Array, Uint8Array][];

const knownMacs = (mac: Mac): KnownMac[] =>
  MESSAGES.map(([key, message]) => ({
    key: encodeHex(key),
    message: encodeHex(message),
    mac: encodeHex(hmac(mac, key, message)),
  }));

function knownTag(profile: Profile, i: number): KnownTag {
  const { mac, digit, tagDigits } = profile;
  const seed = Uint8Array.from({ length: 32 }, (_, j) => 0x80 + j);
  seed[31] = 0x9f ^ i;
  const [prefix, bucket, step] = [90, 42, 56666666];
  const message = macMessage({ prefix: `${prefix}`, profile, bucket }, step);
  const tag = tagFromMac(hmac(mac, seed, message), tagDigits);
  return {
    ...{ seed: encodeHex(seed), prefix, profile: digit, bucket, step },
    tag_digits: tagDigits,
    tag: `${tag}`.padStart(tagDigits, "0"),
  };
}

/** The manifest of a core without `created`. */
export function describeCore(
  wasm: Uint8Array<ArrayBuffer>,
): Omit<CoreDescription, "created"> {
  const core = openCore(wasm);
  const profiles = [...core.profiles.values()];
  const known_answers = {
    hmac_sha256: knownMacs("HMAC-SHA-256"),
    hmac_sm3: knownMacs("HMAC-SM3"),
    tags: profiles.flatMap((profile) =>
      [0, 1, 2, 3, 4, 5].map((i) => knownTag(profile, i))
    ),
  };
  if (!knownAnswersHold(core, { known_answers })) {
    throw new Error("A known answer comes out wrong");
  }
  return {
    abi: core.abi,
    profiles: profiles.map((it) => ({
      digit: it.digit,
      mac: it.mac,
      bucket_digits: it.bucketDigits,
      tag_digits: it.tagDigits,
      time_step_seconds: it.timeStepSeconds,
      window_steps: it.windowSteps,
    })),
    sha256: hash("sha256", wasm),
    size_bytes: wasm.length,
    assemblyscript: COMPILER,
    flags: FLAGS,
    known_answers,
  };
}

/** What differs between the committed release and a fresh build; empty when nothing does. */
export function compareRelease(
  wasm: Uint8Array<ArrayBuffer>,
  committedWasm: Uint8Array,
  committedManifest: string,
): string[] {
  const differences: string[] = [];
  const at = wasm.findIndex((byte, i) => byte !== committedWasm[i]);
  if (at >= 0 || wasm.length !== committedWasm.length) {
    differences.push(
      `core.wasm differs from its source: ${committedWasm.length} bytes committed, ${wasm.length} built, first difference at byte ${
        at < 0 ? wasm.length : at
      }`,
    );
  }
  const { created, ...committed } = JSON.parse(committedManifest);
  const built: Record<string, unknown> = describeCore(wasm);
  for (const name of Object.keys({ ...built, ...committed })) {
    if (JSON.stringify(built[name]) !== JSON.stringify(committed[name])) {
      differences.push(`core.json differs from the build in "${name}"`);
    }
  }
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(created)) {
    differences.push('core.json has no valid "created"');
  }
  return differences;
}

async function main(args: readonly string[]): Promise<number> {
  const { check } = readArguments(args, "Usage: deno task core [--check]", {
    check: { type: "boolean", default: false },
  });
  const wasm = await compileCore();
  const [wasmUrl, jsonUrl] = ["core.wasm", "core.json"]
    .map((it) => new URL(it, RELEASE)) as [URL, URL];
  let differences = ["wasm/release holds no core"];
  try {
    const committed = await Deno.readFile(wasmUrl);
    const text = await Deno.readTextFile(jsonUrl);
    differences = compareRelease(wasm, committed, text);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  if (differences.length === 0) {
    console.log("wasm/release is the build of wasm/assembly, byte for byte");
    return 0;
  }
  if (check) {
    for (const difference of differences) console.error(difference);
    console.error("Run `deno task core` and commit source, core and manifest");
    return 1;
  }
  const manifest: CoreDescription = {
    ...describeCore(wasm),
    created: new Date().toISOString().replace(/\.\d+Z$/, "Z"),
  };
  await Deno.writeFile(wasmUrl, wasm);
  await Deno.writeTextFile(jsonUrl, JSON.stringify(manifest, null, 2) + "\n");
  console.log(`wasm/release/core.wasm: ${wasm.length} bytes`);
  console.log(`sha256 ${manifest.sha256}`);
  return 0;
}

if (import.meta.main) await runCommand(main);
