/**
 * The wallet's side of core releases: fetches the current core, takes it only
 * when everything about it holds, keeps the last good one, and computes codes
 * with it. What does not hold changes nothing: the core before goes on, also
 * without a network.
 *
 * It needs nothing but the platform (Web Crypto, WebAssembly, and a `fetch` that
 * is given), and runs from the same files in browsers, Deno, Node and workers.
 * Where the core is kept is for the app to say; what comes from there is verified
 * again, because other code may have written there.
 *
 * @module
 */

import { formatCode } from "./format.ts";
import {
  type BinaryFault,
  binaryFault,
  type Computing,
  type CoreDescription,
  type CoreManifest,
  fromBase64url,
  knownAnswersHold,
  type ManifestFault,
  manifestProfiles,
  MAX_CORE_BYTES,
  MAX_PAYLOAD_LETTERS,
  type SignedManifest,
  type TrustedKeys,
  verifyManifest,
} from "./manifest.ts";
import type { Profiles } from "./profile.ts";
import { timeStepAt, timeStepEndSeconds } from "./time_step.ts";

/** A core as it is fetched and kept. */
export interface KeptCore {
  readonly signed: SignedManifest;
  readonly wasm: Uint8Array<ArrayBuffer>;
}

/** The core that an app is built with; it is trusted as the app itself is. */
export interface BuiltInCore {
  readonly description: CoreDescription;
  readonly wasm: Uint8Array<ArrayBuffer>;
}

/** Why a core is not taken. */
export type CoreRefusal =
  | ManifestFault
  | BinaryFault
  /** It implements other profiles than its manifest lists, or lacks a needed one. */
  | "profiles"
  /** It does not give the known answers. */
  | "known-answers"
  /** It is older than the core that the wallet has. */
  | "older"
  /** The server gave no answer, or none of its own. */
  | "unreachable";

/** What came of a look for a newer core. */
export type CoreUpdate =
  /** It is used from now on; keep it for the next start. */
  | {
    readonly kind: "updated";
    readonly version: number;
    readonly core: KeptCore;
  }
  /** The wallet has it already, or no release is active. */
  | { readonly kind: "current"; readonly version: number }
  /** The core before goes on. */
  | { readonly kind: "refused"; readonly reason: CoreRefusal };

/** A seed as `seed_jwe` holds it. */
export interface WalletSeed {
  /** 32 bytes in base64url. */
  readonly seed: string;
  /** Two digits. */
  readonly prefix: string;
  readonly profile: number;
  readonly bucket: number;
}

/** What a phone shows. */
export interface WalletCode {
  readonly digits: string;
  /** When the next one is to be shown, unix ms. */
  readonly endsMs: number;
}

/** Where cores come from. */
export interface CoreSource {
  /** The edge's address, without a slash at the end. */
  readonly origin: string;
  readonly fetch: (url: string, init?: RequestInit) => Promise<Response>;
  /** Profiles of the seeds on this phone: a core without one of them is not taken. */
  readonly needed: readonly number[];
  /** Unix ms. */
  readonly nowMs: number;
  /** Ends the look early. */
  readonly signal?: AbortSignal;
}

/** A core that may be used. */
interface OpenCore {
  /** 0: the one that the app is built with. */
  readonly version: number;
  readonly sha256: string;
  readonly profiles: Profiles;
  readonly door: Computing;
}

/** The cores of a wallet: the one in use, and how a newer one takes its place. */
export class WalletCore {
  readonly #trusted: TrustedKeys;
  #core: OpenCore;

  private constructor(trusted: TrustedKeys, core: OpenCore) {
    this.#trusted = trusted;
    this.#core = core;
  }

  /**
   * Opens the kept core, or the built-in one where none is kept or what is kept
   * does not hold. A kept core goes on after its manifest's end, because a phone
   * may be offline for weeks.
   *
   * @throws {TypeError} If the built-in core does not give its known answers.
   */
  static async open(
    trusted: TrustedKeys,
    builtIn: BuiltInCore,
    kept: KeptCore | null,
  ): Promise<WalletCore> {
    const own = openCore(builtIn.wasm, builtIn.description, 0);
    if (typeof own === "string") {
      throw new TypeError(`The built-in core is refused: ${own}`);
    }
    const core = kept === null ? own : await judge(trusted, kept);
    return new WalletCore(trusted, typeof core === "string" ? own : core);
  }

  /** Version of the release in use; 0: the core that the app is built with. */
  get version(): number {
    return this.#core.version;
  }

  /** The profiles that the core in use implements. */
  get profiles(): Profiles {
    return this.#core.profiles;
  }

  /**
   * Looks for a newer core and takes it if everything about it holds. One look
   * at a time.
   */
  async update(source: CoreSource): Promise<CoreUpdate> {
    const no = (reason: CoreRefusal): CoreUpdate => ({
      kind: "refused",
      reason,
    });
    const { version } = this.#core;
    const signed = await fetchManifest(source);
    if (signed === "none") return { kind: "current", version };
    if (signed === null) return no("unreachable");
    const verified = await verifyManifest(signed, this.#trusted, source.nowMs);
    if (verified.kind === "refused") return no(verified.reason);
    const { manifest } = verified;
    if (manifest.version === version && manifest.sha256 === this.#core.sha256) {
      return { kind: "current", version };
    }
    if (manifest.version <= version) return no("older");
    const lists = (digit: number) =>
      manifest.profiles.some((it) => it.digit === digit);
    if (!source.needed.every(lists)) return no("profiles");
    const wasm = await fetchBinary(source, manifest);
    if (wasm === null) return no("unreachable");
    const core = await judgeBinary(manifest, wasm);
    if (typeof core === "string") return no(core);
    this.#core = core;
    return { kind: "updated", version: core.version, core: { signed, wasm } };
  }

  /**
   * The code of a seed at a moment.
   *
   * @throws {RangeError} If the core does not implement the seed's profile.
   * @throws {TypeError} If the seed is not 32 bytes in base64url.
   */
  code(
    { seed, prefix, profile: digit, bucket }: WalletSeed,
    unixMs: number,
  ): WalletCode {
    const profile = this.#core.profiles.get(digit);
    if (profile === undefined) {
      throw new RangeError("The core does not implement the seed's profile");
    }
    const bytes = fromBase64url(seed);
    if (bytes?.length !== SEED_BYTES) {
      throw new TypeError("The seed must be 32 bytes in base64url");
    }
    try {
      const step = timeStepAt(unixMs, profile.timeStepSeconds);
      const id = { prefix: Number(prefix), profile: digit, bucket };
      const tag = this.#core.door.deriveTag(
        id,
        bytes,
        step,
        profile.tagDigits,
      );
      return {
        digits: formatCode({ prefix, profile, bucket, tag }),
        endsMs: timeStepEndSeconds(step, profile) * 1000,
      };
    } finally {
      bytes.fill(0);
    }
  }
}

const SEED_BYTES = 32;
const MAC_BYTES = 32;
/** The manifest's letters, its signatures, and what JSON needs around them. */
const MAX_MANIFEST_BYTES = MAX_PAYLOAD_LETTERS + 32_768;

/** A kept core, verified again. */
async function judge(
  trusted: TrustedKeys,
  { signed, wasm }: KeptCore,
): Promise<OpenCore | CoreRefusal> {
  try {
    const verified = await verifyManifest(signed, trusted);
    return verified.kind === "refused"
      ? verified.reason
      : await judgeBinary(verified.manifest, wasm);
  } catch {
    return "manifest"; // What was kept is of another form.
  }
}

async function judgeBinary(
  manifest: CoreManifest,
  wasm: Uint8Array<ArrayBuffer>,
): Promise<OpenCore | CoreRefusal> {
  return await binaryFault(manifest, wasm) ??
    openCore(wasm, manifest, manifest.version);
}

/** The body of an answer, or `null` where it is longer. */
async function bodyOf(
  { body }: Response,
  maxBytes: number,
): Promise<Uint8Array<ArrayBuffer> | null> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  const reader = body?.getReader();
  for (;;) {
    const { value, done } = await reader?.read() ?? { done: true };
    if (done || value === undefined) break;
    length += value.length;
    if (length > maxBytes) {
      await reader?.cancel();
      return null;
    }
    chunks.push(value);
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

/** An answer's body; `none` where nothing is there, `null` where it cannot be had. */
async function get(
  { origin, fetch, signal }: CoreSource,
  path: string,
  maxBytes: number,
): Promise<Uint8Array<ArrayBuffer> | "none" | null> {
  try {
    const response = await fetch(origin + path, {
      ...(signal !== undefined && { signal }),
    });
    if (response.ok) return await bodyOf(response, maxBytes);
    await response.body?.cancel();
    return response.status === 404 ? "none" : null;
  } catch {
    return null;
  }
}

/** The current manifest; `none`: no release is active. */
async function fetchManifest(
  source: CoreSource,
): Promise<SignedManifest | "none" | null> {
  const body = await get(source, "/v1/cores/current", MAX_MANIFEST_BYTES);
  if (body === "none" || body === null) return body;
  try {
    const { payload, signatures } = JSON.parse(
      new TextDecoder("utf-8", { fatal: true }).decode(body),
    ) as SignedManifest;
    const isSigned = typeof payload === "string" && Array.isArray(signatures) &&
      signatures.every((it) =>
        typeof it?.protected === "string" && typeof it?.signature === "string"
      );
    return isSigned ? { payload, signatures } : null;
  } catch {
    return null;
  }
}

async function fetchBinary(
  source: CoreSource,
  { sha256 }: CoreManifest,
): Promise<Uint8Array<ArrayBuffer> | null> {
  const path = `/v1/cores/${sha256}.wasm`;
  const body = await get(source, path, MAX_CORE_BYTES);
  return body === "none" ? null : body;
}

/** The exports of a core that a wallet calls; `wasm/README.md` describes them. */
interface Exports {
  readonly memory: WebAssembly.Memory;
  abi_version(): number;
  profile_count(): number;
  describe_profile(index: number): number;
  input_ptr(): number;
  output_ptr(): number;
  self_test(): number;
  hmac_sha256(keyBytes: number, messageBytes: number): number;
  hmac_sm3(keyBytes: number, messageBytes: number): number;
  derive_tag(
    prefix: number,
    profile: number,
    bucket: number,
    step: number,
    tagDigits: number,
  ): number;
}

/** The ABI that is spoken here. */
const ABI = 2;
/** MACs by their numbers in `describe_profile`. */
const MACS = ["", "HMAC-SHA-256", "HMAC-SM3"];

/** Opens a core that compiles, and has it prove itself. */
function openCore(
  wasm: Uint8Array<ArrayBuffer>,
  description: CoreDescription,
  version: number,
): OpenCore | CoreRefusal {
  let exports: Exports;
  try {
    const instance = new WebAssembly.Instance(new WebAssembly.Module(wasm));
    exports = instance.exports as unknown as Exports;
    const abi = exports.abi_version() >>> 0;
    if (abi !== ABI || abi !== description.abi) return "abi";
  } catch {
    return "abi";
  }
  try {
    if (exports.self_test() !== 0) return "known-answers";
    if (!hasProfiles(exports, description)) return "profiles";
  } catch {
    return "known-answers";
  }
  const door = doorOf(exports);
  if (!knownAnswersHold(door, description)) return "known-answers";
  const { sha256 } = description;
  return { version, sha256, profiles: manifestProfiles(description), door };
}

/** Whether a core implements the listed profiles, with these sizes, and no others. */
function hasProfiles(core: Exports, { profiles }: CoreDescription): boolean {
  const listed = profiles.map((it) =>
    [
      it.digit,
      MACS.indexOf(it.mac),
      it.bucket_digits,
      it.tag_digits,
      it.time_step_seconds,
      it.window_steps,
    ].join()
  );
  const own: string[] = [];
  for (let i = 0; i < core.profile_count() >>> 0; i++) {
    if (core.describe_profile(i) !== 0) return false;
    const at = core.output_ptr() >>> 0;
    own.push(
      new Uint32Array(core.memory.buffer.slice(at, at + 24)).join(),
    );
  }
  return own.sort().join(";") === listed.sort().join(";");
}

/** Puts bytes in and takes the answer out; both are zeroed afterwards. */
function doorOf(core: Exports): Computing {
  const run = (
    input: readonly Uint8Array[],
    bytes: number,
    call: () => number,
  ): Uint8Array => {
    const memory = new Uint8Array(core.memory.buffer);
    let at = core.input_ptr() >>> 0;
    for (const part of input) {
      memory.set(part, at);
      at += part.length;
    }
    if (call() !== 0) throw new RangeError("The core refuses the input");
    const start = core.output_ptr() >>> 0;
    const output = memory.slice(start, start + bytes);
    memory.fill(0, start, start + bytes);
    return output;
  };
  return {
    hmacSha256: (key, message) =>
      run(
        [key, message],
        MAC_BYTES,
        () => core.hmac_sha256(key.length, message.length),
      ),
    hmacSm3: (key, message) =>
      run(
        [key, message],
        MAC_BYTES,
        () => core.hmac_sm3(key.length, message.length),
      ),
    deriveTag({ prefix, profile, bucket }, seed, step, tagDigits) {
      const tag = run(
        [seed],
        8,
        () => core.derive_tag(prefix, profile, bucket, step, tagDigits),
      );
      return new DataView(tag.buffer).getBigUint64(0, true);
    },
  };
}
