/**
 * `deno task release …`: makes a core release and brings it to every edge. A
 * release is a folder with `core.wasm` and `release.json`, the manifest with its
 * signatures. Signing needs no network and no server, so that two people on two
 * machines sign one after the other.
 *
 * @module
 */

import { setTimeout as sleep } from "node:timers/promises";
import { encodeBase64 } from "@std/encoding/base64";
import {
  binaryFault,
  type CoreManifest,
  fromBase64url,
  newReleaseKey,
  type ReleaseKey,
  type SignedManifest,
  signManifest,
  toBase64url,
  type TrustedKeys,
  verifyManifest,
} from "../edge/code/manifest.ts";
import { proveCore } from "../edge/core/prove.ts";
import { compileCore, describeCore } from "./build_core.ts";
import { Api } from "./client.ts";
import {
  InputError,
  momentOf,
  readArguments,
  runCommand,
  serverOf,
  writeOut,
} from "./command.ts";

const USAGE = `Usage: deno task release <command>

  keygen <key file>                   makes a key that signs; prints its public part
  build <folder> --version <n> --not-after <time>
                                      builds the core from its source
  sign <folder> --key <key file>      checks the release and adds a signature
  verify <folder> --keys <public,…> [--threshold <n>] [--rebuild]
                                      checks it as an edge does; --rebuild also
                                      that it is the build of this source

  push <folder>                       uploads it; prints its id
  shadow | activate | retire <id>
  rollback <id>                       leaves the active release <id>
  status [--watch]

The last four lines need OFFCODE, the server's address, and
OFFCODE_RELEASE_DESK_KEY, a key from POST /v1/admin/release-keys.`;

const WATCH_MS = 2_000;
const TIMEOUT_MS = 30_000;

interface Release {
  readonly signed: SignedManifest;
  readonly wasm: Uint8Array<ArrayBuffer>;
}

async function readFolder(folder: string): Promise<Release> {
  try {
    return {
      signed: JSON.parse(await Deno.readTextFile(`${folder}/release.json`)),
      wasm: await Deno.readFile(`${folder}/core.wasm`),
    };
  } catch {
    throw new InputError(`${folder} holds no core.wasm and release.json`);
  }
}

const writeSigned = (folder: string, signed: SignedManifest) =>
  Deno.writeTextFile(
    `${folder}/release.json`,
    JSON.stringify(signed, null, 2) + "\n",
  );

async function readKey(path: string): Promise<ReleaseKey> {
  try {
    const jwk: JsonWebKey = JSON.parse(await Deno.readTextFile(path));
    const privateKey = await crypto.subtle.importKey(
      "jwk",
      jwk,
      "Ed25519",
      false,
      ["sign"],
    );
    return { publicKey: jwk.x!, privateKey };
  } catch {
    throw new InputError(`${path} holds no key of \`release keygen\``);
  }
}

/**
 * The manifest of a release that an edge with these keys would take.
 *
 * @param refused Begins the message of a refusal of the binary.
 * @throws {InputError} If it would not.
 */
async function proveRelease(
  { signed, wasm }: Release,
  trusted: TrustedKeys,
  refused: string,
): Promise<CoreManifest> {
  const verified = await verifyManifest(signed, trusted, Date.now());
  if (verified.kind === "refused") {
    throw new InputError(`Refused: ${verified.reason}`);
  }
  const { manifest } = verified;
  const fault = await binaryFault(manifest, wasm) ??
    await proveCore(wasm, manifest);
  if (fault !== null) throw new InputError(`${refused}: ${fault}`);
  return manifest;
}

/** What a command is given: the word behind it, its options, the environment. */
interface Given {
  readonly word: string;
  readonly values: Readonly<Record<string, string | undefined>>;
  readonly env: Env;
}

async function keygen({ word: path }: Given): Promise<string> {
  const { publicKey, privateKey } = await newReleaseKey();
  const jwk = await crypto.subtle.exportKey("jwk", privateKey);
  try {
    // A key that is there already is not written over.
    await Deno.writeTextFile(path, JSON.stringify(jwk), {
      ...{ createNew: true, mode: 0o600 },
    });
  } catch {
    throw new InputError(`${path} cannot be made, or is there already`);
  }
  return publicKey;
}

async function build({ word: folder, values }: Given): Promise<string> {
  const version = Number(values.version);
  const { "not-after": notAfter = "" } = values;
  if (!Number.isSafeInteger(version) || version < 1) {
    throw new InputError("--version must be a whole number from 1");
  }
  if (!(momentOf(notAfter) > Date.now()) || !notAfter.endsWith("Z")) {
    throw new InputError(
      "--not-after must be a time to come, such as 2030-01-01T00:00:00Z",
    );
  }
  const wasm = await compileCore();
  const { sha256 } = await draftRelease(folder, wasm, version, notAfter);
  return `version ${version}, ${wasm.length} bytes, sha256 ${sha256}`;
}

/** Writes a release that nobody has signed yet. */
export async function draftRelease(
  folder: string,
  wasm: Uint8Array<ArrayBuffer>,
  version: number,
  notAfter: string,
): Promise<CoreManifest> {
  const manifest: CoreManifest = {
    version,
    ...describeCore(wasm),
    created: new Date().toISOString(),
    not_after: notAfter,
  };
  const text = JSON.stringify(manifest, null, 2);
  const payload = toBase64url(new TextEncoder().encode(text));
  await Deno.mkdir(folder, { recursive: true });
  await Deno.writeFile(`${folder}/core.wasm`, wasm);
  await writeSigned(folder, { payload, signatures: [] });
  return manifest;
}

async function sign({ word: folder, values }: Given): Promise<string> {
  const key = await readKey(values.key ?? "");
  const { signed: { payload, signatures }, wasm } = await readFolder(folder);
  const bytes = fromBase64url(payload) ?? new Uint8Array();
  const mine = await signManifest(bytes, key);
  // Nobody signs what an edge would refuse.
  const manifest = await proveRelease(
    { signed: { payload, signatures: [mine] }, wasm },
    { keys: [key.publicKey], threshold: 1 },
    "Not signed",
  );
  const others = signatures.filter((it) => it.protected !== mine.protected);
  await writeSigned(folder, { payload, signatures: [...others, mine] });
  return `${factsOf(manifest)}, ${others.length + 1} signatures`;
}

async function verify({ word: folder, values }: Given): Promise<string> {
  const release = await readFolder(folder);
  const keys = (values.keys ?? "").split(",");
  const threshold = Number(values.threshold ?? 1);
  const manifest = await proveRelease(release, { keys, threshold }, "Refused");
  if (values.rebuild !== undefined) {
    const built = await compileCore();
    if (encodeBase64(built) !== encodeBase64(release.wasm)) {
      throw new InputError("Refused: it is not the build of this source");
    }
  }
  return factsOf(manifest);
}

/** What somebody who signs or checks a release must see. */
function factsOf(
  { version, sha256, not_after, profiles }: CoreManifest,
): string {
  const digits = profiles.map(({ digit }) => digit).join(" and ");
  return `version ${version}, profiles ${digits}, until ${not_after}, sha256 ${sha256}`;
}

type Env = (name: string) => string | undefined;

/** A call of the API; its answer, or why it was refused. */
async function ask(
  env: Env,
  method: string,
  path: string,
  body?: unknown,
): Promise<Record<string, unknown>> {
  const address = env("OFFCODE");
  const key = env("OFFCODE_RELEASE_DESK_KEY");
  if (!address || !key) {
    throw new InputError(
      `${USAGE}\n\nOFFCODE or OFFCODE_RELEASE_DESK_KEY is not set`,
    );
  }
  const origin = serverOf(address);
  const api = new Api(origin, TIMEOUT_MS);
  const noAnswer = () =>
    new InputError(`No answer from ${origin}; the call can be repeated`);
  const { status, text } = await api.ask(
    ...[method, `/v1/core-releases${path}`, key, body] as const,
  ).catch(() => {
    throw noAnswer();
  });
  const answer = text === "" ? {} : JSON.parse(text);
  if (status < 300) return answer;
  const { code, reason = code, detail } = answer;
  // Only an edge's refusal has a code: what stands between may answer, too.
  if (code === undefined) throw noAnswer();
  throw new InputError(`Refused: ${reason}: ${detail}`);
}

function lineOf(it: Record<string, unknown>): string {
  const { retired_because: why, slowest_ratio: slowest } = it;
  return [
    `version ${it.version}`,
    why === undefined ? it.state : `${it.state}, ${why}`,
    `${it.searches} searches, ${it.differences} differences`,
    ...slowest === undefined ? [] : [`slowest × ${slowest}`],
    it.release_id,
  ].join("  ");
}

async function push({ word: folder, env }: Given): Promise<string> {
  const { signed: manifest, wasm } = await readFolder(folder);
  const body = { manifest, wasm: encodeBase64(wasm) };
  return `${(await ask(env, "POST", "", body)).release_id}`;
}

const step = (name: string) => async ({ word: id, env }: Given) =>
  lineOf(await ask(env, "POST", `/${encodeURIComponent(id)}/${name}`));

const rollback = async ({ word: id, env }: Given) =>
  lineOf(await ask(env, "POST", "/rollback", { release_id: id }));

async function status({ values, env }: Given): Promise<string> {
  const look = async () => {
    const { releases } = await ask(env, "GET", "");
    const lines = (releases as Record<string, unknown>[]).map(lineOf);
    return lines.join("\n") || "No release was uploaded";
  };
  if (values.watch === undefined) return await look();
  for (let before = "";;) {
    const text = await look().catch((error) => {
      // A server that is away for a moment comes back.
      if (error instanceof InputError && before !== "") return error.message;
      throw error;
    });
    if (text !== before) writeOut(`${new Date().toISOString()}\n${text}\n`);
    before = text;
    await sleep(WATCH_MS);
  }
}

type Command = (given: Given) => Promise<string>;

/** Each command, with its options behind it; a word stands behind all but `status`. */
const COMMANDS: Readonly<Record<string, readonly [Command, ...string[]]>> = {
  keygen: [keygen],
  build: [build, "version", "not-after"],
  sign: [sign, "key"],
  verify: [verify, "keys", "threshold", "rebuild"],
  push: [push],
  shadow: [step("shadow")],
  activate: [step("activate")],
  retire: [step("retire")],
  rollback: [rollback],
  status: [status, "watch"],
};
const FLAGS = ["rebuild", "watch"];

/**
 * Runs a command; gives what it prints.
 *
 * @throws {InputError} If it is refused, or the arguments are not as they must be.
 */
export async function release(
  args: readonly string[],
  env: Env = (name) => Deno.env.get(name),
): Promise<string> {
  const [name = "", ...rest] = args;
  if (!Object.hasOwn(COMMANDS, name)) throw new InputError(USAGE);
  const [run, ...options] = COMMANDS[name]!;
  const types = options.map((it) =>
    [it, { type: FLAGS.includes(it) ? "boolean" : "string" }] as const
  );
  const count = name === "status" ? 0 : 1;
  const { words: [word = ""], ...values } = readArguments(
    ...[rest, USAGE, Object.fromEntries(types), count] as const,
  );
  return await run({ word, values: values as Given["values"], env });
}

if (import.meta.main) {
  await runCommand(async (args) => {
    writeOut(`${await release(args)}\n`);
    return 0;
  }, 1);
}
