/**
 * Core releases in the wallet: fetches the current core, uses it only if it passes every
 * check, and computes codes with it. If a check fails or there is no network, the wallet goes
 * on with the core that it has.
 *
 * This file uses only what every platform has (Web Crypto, WebAssembly, and a `fetch` that the
 * caller passes), so the same files run in browsers, Deno, Node and workers. The app decides
 * where the core is kept. A kept core is verified again when it is opened, because other code
 * may have changed it.
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

/** The core that is built into the app. It is trusted like the app itself. */
export interface BuiltInCore {
  readonly description: CoreDescription;
  readonly wasm: Uint8Array<ArrayBuffer>;
}

/** Why a core is refused. */
export type CoreRefusal =
  | ManifestFault
  | BinaryFault
  /** It implements other profiles than its manifest lists, or lacks a needed one. */
  | "profiles"
  /** It does not give the known answers. */
  | "known-answers"
  /** It is older than the core that the wallet has. */
  | "older"
  /** The server did not answer, or something else answered in its place. */
  | "unreachable";

/** The result of looking for a newer core. */
export type CoreUpdate =
  /** The new core is used from now on. The app must keep it for its next start. */
  | {
    readonly kind: "updated";
    readonly version: number;
    readonly core: KeptCore;
  }
  /** The wallet already has the current core, or no release is active. */
  | { readonly kind: "current"; readonly version: number }
  /** The new core is refused. The wallet goes on with the core that it has. */
  | { readonly kind: "refused"; readonly reason: CoreRefusal };

/** A seed, as it is in `seed_jwe`. */
export interface WalletSeed {
  /** 32 bytes in base64url. */
  readonly seed: string;
  /** Two digits. */
  readonly prefix: string;
  readonly profile: number;
  readonly bucket: number;
}

/** A code that a phone shows. */
export interface WalletCode {
  readonly digits: string;
  /** When the next one is to be shown, unix ms. */
  readonly endsMs: number;
}

/** Where cores are fetched, and what the wallet needs of them. */
export interface CoreSource {
  /** The edge's address, without a slash at the end. */
  readonly origin: string;
  readonly fetch: (url: string, init?: RequestInit) => Promise<Response>;
  /** The profiles of the seeds on this phone. A core that lacks one of them is refused. */
  readonly needed: readonly number[];
  /** Unix ms. */
  readonly nowMs: number;
  /** Ends the requests early. */
  readonly signal?: AbortSignal;
}

/** A core that has passed every check. */
interface OpenCore {
  /** 0 for the built-in core. */
  readonly version: number;
  readonly sha256: string;
  readonly profiles: Profiles;
  readonly door: Computing;
}

/** The core that a wallet uses, until a newer one replaces it. */
export class WalletCore {
  readonly #trusted: TrustedKeys;
  #core: OpenCore;

  private constructor(trusted: TrustedKeys, core: OpenCore) {
    this.#trusted = trusted;
    this.#core = core;
  }

  /**
   * Opens the kept core. Opens the built-in one if none is kept, or if the kept one fails a
   * check. A kept core is used even after the end of its manifest, because a phone may be
   * offline for weeks.
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

  /** The version of the release in use; 0 for the built-in core. */
  get version(): number {
    return this.#core.version;
  }

  /** The profiles that the core in use implements. */
  get profiles(): Profiles {
    return this.#core.profiles;
  }

  /**
   * Looks for a newer core and uses it if it passes every check. The caller must wait for the
   * result before the next call.
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
/** The letters of the manifest, and room for its signatures and the JSON around them. */
const MAX_MANIFEST_BYTES = MAX_PAYLOAD_LETTERS + 32_768;

/** Verifies a kept core again. */
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
    return "manifest"; // What was kept has another form.
  }
}

async function judgeBinary(
  manifest: CoreManifest,
  wasm: Uint8Array<ArrayBuffer>,
): Promise<OpenCore | CoreRefusal> {
  return await binaryFault(manifest, wasm) ??
    openCore(wasm, manifest, manifest.version);
}

/** The body of an answer, or `null` if it is longer than `maxBytes`. */
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

/** Fetches a body; `none` if the server has none there, `null` if it cannot be fetched. */
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

/** Fetches the current manifest; `none` if no release is active. */
async function fetchManifest(
  source: CoreSource,
): Promise<SignedManifest | "none" | null> {
  const body = await get(source, "/v1/cores/current", MAX_MANIFEST_BYTES);
  if (body === "none" || body === null) return body;
  try {
    const { payload, signatures }: SignedManifest = JSON.parse(
      new TextDecoder("utf-8", { fatal: true }).decode(body),
    );
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

/** The ABI number of the cores that this file can use. */
const ABI = 2;
/** MACs by their numbers in `describe_profile`. */
const MACS = ["", "HMAC-SHA-256", "HMAC-SM3"];

/** Opens a core and tests it. */
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

/** Whether a core implements exactly the listed profiles, with the same sizes. */
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

/** The computations of a core. Inputs and answers are zeroed in its memory afterwards. */
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
