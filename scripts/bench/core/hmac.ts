/**
 * How many MACs of the payment code's message a second, on one core: the search
 * of the WASM core with each of its hashes, and what else could do it.
 *
 * @module
 */

import * as asSha256 from "@chainsafe/as-sha256";
import { hmac as nobleHmac } from "@noble/hashes/hmac.js";
import { sha256 as nobleSha256 } from "@noble/hashes/sha2.js";
import { createHmac } from "node:crypto";
import { Secret, TOTP } from "otpauth";
import { committedCore } from "../../phone.ts";
import { perSecond, type Suite } from "../../table.ts";
import { type Contender, type Rate, rateTable } from "../kit/rounds.ts";

const SEEDS = 1_000;
const STEPS = 3;

/** Random seeds. */
export function randomSeeds(count: number): Uint8Array<ArrayBuffer>[] {
  return Array.from(
    { length: count },
    () => crypto.getRandomValues(new Uint8Array(32)),
  );
}

/** The core's search of a bucket of a profile whose tag rows are cold. */
function coreSearch(
  name: string,
  profile: number,
  seeds: readonly Uint8Array[],
): Contender {
  const core = committedCore();
  const id = { prefix: 90, profile, bucket: 42 };
  core.loadBucket(id, seeds.map((seed, credential) => ({ seed, credential })));
  let step = 0;
  return {
    name,
    run() {
      core.verify(id, 1n, 11, step, STEPS);
      step += STEPS;
      return seeds.length * STEPS;
    },
  };
}

/** A MAC of the message for each of some seeds. */
async function libraries(
  some: Uint8Array<ArrayBuffer>[],
): Promise<Contender[]> {
  const message = new Uint8Array(52).fill(7);
  const hmac = { name: "HMAC", hash: "SHA-256" };
  const keys = await Promise.all(
    some.map((it) => crypto.subtle.importKey("raw", it, hmac, false, ["sign"])),
  );
  const totps = some.map(({ buffer }) => {
    const secret = new Secret({ buffer });
    return new TOTP({ algorithm: "SHA256", digits: 8, secret });
  });
  const each = (name: string, mac: (seed: Uint8Array) => void) => ({
    name,
    run: () => (some.forEach(mac), some.length),
  });
  return [
    each(
      "node:crypto createHmac",
      (seed) => createHmac("sha256", seed).update(message).digest(),
    ),
    {
      name: "WebCrypto sign, keys imported before",
      async run() {
        for (const key of keys) await crypto.subtle.sign("HMAC", key, message);
        return keys.length;
      },
    },
    each("@noble/hashes hmac", (seed) => nobleHmac(nobleSha256, seed, message)),
    {
      name: "otpauth validate, window 1: 3 MACs",
      run() {
        for (const it of totps) it.validate({ token: "00000000", window: 1 });
        return totps.length * STEPS;
      },
    },
  ];
}

/** Compressions alone, two to a MAC. */
function compressions(): Contender[] {
  // A digest of 64 bytes is two compressions, as a MAC from midstates is.
  const blocks = new Uint8Array(64 * 1024);
  const block = blocks.subarray(0, 64);
  const digests = new Uint8Array(32 * 1024);
  return [
    {
      name: "@chainsafe/as-sha256 hashInto, SIMD, compressions ÷ 2",
      run: () => (asSha256.hashInto(blocks, digests), 1024),
    },
    {
      name: "@chainsafe/as-sha256 digest64, compressions ÷ 2",
      run() {
        for (let i = 0; i < 100; i++) asSha256.digest64(block);
        return 100;
      },
    },
  ];
}

/**
 * `openssl speed`, where it is installed: what the processor does with its SHA
 * instructions, which no portable WASM can use.
 */
async function speed(args: readonly string[]): Promise<number> {
  const { success, stdout } = await new Deno.Command("openssl", {
    args: ["speed", "-mr", "-seconds", "1", ...args],
    stderr: "null",
  }).output();
  // +F:22:sha256:2001413796.23 (bytes a second is the last field)
  const figure = /^\+F:.*:([\d.]+)\s*$/m.exec(
    new TextDecoder().decode(stdout),
  )?.[1];
  if (!success || figure === undefined) {
    throw new Error("openssl speed gives no figure");
  }
  return Number(figure);
}

/** The version line, or `undefined` where openssl is not installed. */
async function opensslVersion(): Promise<string | undefined> {
  try {
    const { stdout } = await new Deno.Command("openssl", {
      args: ["version"],
    }).output();
    return new TextDecoder().decode(stdout).trim();
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) return undefined;
    throw cause;
  }
}

/**
 * What openssl makes of a hash: MACs of which each is 128 bytes of a long buffer,
 * as from midstates, which for SHA-256 is the bound of the hardware; and HMAC of
 * 64-byte messages.
 */
function openssl(hash: "sha256" | "sm3"): Contender[] {
  return [
    {
      name: `openssl speed -bytes 16384 ${hash}, ÷ 128`,
      rate: async () => await speed(["-bytes", "16384", "-evp", hash]) / 128,
    },
    {
      name: `openssl speed -bytes 64 -hmac ${hash}`,
      rate: async () => await speed(["-bytes", "64", "-hmac", hash]) / 64,
    },
  ];
}

async function contenders(): Promise<Contender[]> {
  const seeds = randomSeeds(SEEDS);
  const list = [
    coreSearch("core search, HMAC-SHA-256, cold rows", 1, seeds),
    coreSearch("core search, HMAC-SM3, cold rows", 2, seeds),
    ...await libraries(seeds.slice(0, 100)),
    ...compressions(),
  ];
  if (await opensslVersion() !== undefined) {
    list.push(...openssl("sha256"), ...openssl("sm3"));
  }
  return list;
}

/** HMAC/s of the core and the others. */
export const hmacSuite: Suite = async () => {
  const of = (one: number) => (it: Rate, _n: number, all: readonly Rate[]) =>
    `× ${(all[one]!.median / it.median).toFixed(2)}`;
  const version = await opensslVersion() ?? "openssl is not installed";
  return [
    await rateTable(await contenders(), {
      title: "HMAC of the 52-byte message under many seeds, one core",
      columns: [
        "",
        ["HMAC/s", (it) => perSecond(it.median)],
        ["lowest", (it) => perSecond(it.lowest)],
        ["highest", (it) => perSecond(it.highest)],
        ["SHA-256 search is", of(0)],
        ["SM3 search is", of(1)],
      ],
      notes: [
        `per second of CPU; as-sha256 SIMD: ${asSha256.simdEnabled}; ${version}`,
      ],
    }),
  ];
};
