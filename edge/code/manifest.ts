/**
 * The manifest of a core release, and the checks before the core is used: enough trusted keys
 * signed the manifest, the binary is the one that the manifest names, and the core gives the
 * known answers of the manifest. Edges and wallets make the same checks, so this file uses
 * only what every platform has: Web Crypto and WebAssembly.
 *
 * The manifest is signed as a JWS in the general JSON form (RFC 7515 §7.2.1). Each signature
 * is made with Ed25519 (RFC 8037, RFC 9864). Nothing of the manifest is read before its
 * signatures are verified. The name of a key is the key itself, so a key cannot have two names
 * and be counted twice.
 *
 * @module
 */

import {
  type Mac,
  type Profile,
  type Profiles,
  profilesOf,
} from "./profile.ts";

/** A key, a message and their MAC, in hex. */
export interface KnownMac {
  readonly key: string;
  readonly message: string;
  readonly mac: string;
}

/** A tag that a wallet with this seed shows. */
export interface KnownTag {
  /** 32 bytes in hex. */
  readonly seed: string;
  readonly prefix: number;
  readonly profile: number;
  readonly bucket: number;
  readonly step: number;
  readonly tag_digits: number;
  /** Decimal digits, `tag_digits` of them. */
  readonly tag: string;
}

/** A profile in a manifest. */
export interface ManifestProfile {
  readonly digit: number;
  readonly mac: string;
  readonly bucket_digits: number;
  readonly tag_digits: number;
  readonly time_step_seconds: number;
  readonly window_steps: number;
}

/** What the build writes about a core, as in `wasm/release/core.json`. */
export interface CoreDescription {
  readonly abi: number;
  /** The profiles that the core implements, with all their sizes. */
  readonly profiles: readonly ManifestProfile[];
  /** SHA-256 of the binary in hex. */
  readonly sha256: string;
  readonly size_bytes: number;
  /** Version of the compiler. */
  readonly assemblyscript: string;
  readonly flags: readonly string[];
  readonly known_answers: {
    readonly hmac_sha256: readonly KnownMac[];
    readonly hmac_sm3: readonly KnownMac[];
    readonly tags: readonly KnownTag[];
  };
  /** When this binary was built, RFC 3339. */
  readonly created: string;
}

/** The manifest of a core release. */
export interface CoreManifest extends CoreDescription {
  /** Rises with every release: a whole number from 1. */
  readonly version: number;
  /** After this time nobody may begin to use the release, RFC 3339. */
  readonly not_after: string;
}

/** One signature of a {@linkcode SignedManifest}. */
export interface ManifestSignature {
  /** Base64url of JSON such as `{"alg":"Ed25519","kid":…,"typ":"offcode-core-release"}`. */
  readonly protected: string;
  readonly signature: string;
}

/** A manifest with its signatures: a JWS, general JSON serialization. */
export interface SignedManifest {
  /** Base64url of the manifest's JSON; these bytes are what is signed. */
  readonly payload: string;
  readonly signatures: readonly ManifestSignature[];
}

/** The keys that may sign, and how many of them must have signed. */
export interface TrustedKeys {
  /** Raw Ed25519 public keys, 32 bytes in base64url; a key's text is its `kid`. */
  readonly keys: readonly string[];
  readonly threshold: number;
}

/** Why a manifest is not trusted. */
export type ManifestFault =
  /** A signature is wrong, or its protected header is none of a core release. */
  | "signature"
  /** No trusted key signed it. */
  | "unknown-key"
  /** Too few trusted keys signed it; two signatures by one key count once. */
  | "threshold"
  /** It is signed, but is not a manifest. */
  | "manifest"
  /** Its `not_after` has passed. */
  | "expired";

/** The result of {@linkcode verifyManifest}. */
export type VerifiedManifest =
  | { readonly kind: "verified"; readonly manifest: CoreManifest }
  | { readonly kind: "refused"; readonly reason: ManifestFault };

/** The computations of a core for which there are known answers. */
export interface Computing {
  hmacSha256(key: Uint8Array, message: Uint8Array): Uint8Array;
  hmacSm3(key: Uint8Array, message: Uint8Array): Uint8Array;
  deriveTag(
    id: {
      readonly prefix: number;
      readonly profile: number;
      readonly bucket: number;
    },
    seed: Uint8Array,
    step: number,
    tagDigits: number,
  ): bigint;
}

/** The most signatures of a manifest, and the most letters of its payload. */
export const MAX_SIGNATURES = 16;
export const MAX_PAYLOAD_LETTERS = 65_536;

/** The most bytes of a binary. Its base64 must fit into one value of the store. */
export const MAX_CORE_BYTES = 163_840;

const TYPE = "offcode-core-release";
const ALGORITHM = "Ed25519";
const KEY_BYTES = 32;
const SIGNATURE_BYTES = 64;

const ascii = new TextEncoder();
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Verifies the signatures, then reads the manifest, then checks its end.
 *
 * @param nowMs Unix ms. Without it the end of the manifest is not checked, which is right for
 * a release that is running already.
 *
 * @example
 * ```ts
 * import { newReleaseKey, signManifest, verifyManifest } from "./manifest.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const key = await newReleaseKey();
 * const payload = new TextEncoder().encode("{}");
 * const signed = {
 *   payload: "e30",
 *   signatures: [await signManifest(payload, key)],
 * };
 * const trusted = { keys: [key.publicKey], threshold: 1 };
 * assertEquals(await verifyManifest(signed, trusted), {
 *   kind: "refused",
 *   reason: "manifest", // It is signed, and an empty object is no manifest.
 * });
 * ```
 */
export async function verifyManifest(
  signed: SignedManifest,
  trusted: TrustedKeys,
  nowMs?: number,
): Promise<VerifiedManifest> {
  const payload = signed.payload.length > MAX_PAYLOAD_LETTERS
    ? null
    : fromBase64url(signed.payload);
  if (payload === null) return no("signature");
  const fault = await signatureFault(signed, trusted);
  if (fault !== null) return no(fault);
  const manifest = readManifest(payload);
  if (manifest === null) return no("manifest");
  return nowMs !== undefined && nowMs >= Date.parse(manifest.not_after)
    ? no("expired")
    : { kind: "verified", manifest };
}

const no = (reason: ManifestFault): VerifiedManifest => ({
  kind: "refused",
  reason,
});

/**
 * A signature by a key that is not trusted is ignored, so a release can be signed by an old
 * and a new key while keys are exchanged. A wrong signature that names a trusted key refuses
 * the whole manifest.
 */
async function signatureFault(
  { payload, signatures }: SignedManifest,
  { keys, threshold }: TrustedKeys,
): Promise<ManifestFault | null> {
  if (signatures.length > MAX_SIGNATURES) return "signature";
  const signers = new Set<string>();
  for (const { protected: header, signature } of signatures) {
    const kid = readKid(header);
    if (kid === null) return "signature";
    if (!keys.includes(kid)) continue;
    const input = ascii.encode(`${header}.${payload}`);
    if (!await holds(kid, input, signature)) return "signature";
    signers.add(kid);
  }
  if (threshold >= 1 && signers.size >= threshold) return null;
  return signers.size === 0 ? "unknown-key" : "threshold";
}

/** Whether a signature of these bytes was made with this key. */
async function holds(
  publicKey: string,
  input: Uint8Array<ArrayBuffer>,
  signature: string,
): Promise<boolean> {
  const raw = fromBase64url(publicKey);
  const bytes = fromBase64url(signature);
  if (raw?.length !== KEY_BYTES || bytes?.length !== SIGNATURE_BYTES) {
    return false;
  }
  const key = await crypto.subtle.importKey("raw", raw, ALGORITHM, false, [
    "verify",
  ]);
  return await crypto.subtle.verify(ALGORITHM, key, bytes, input);
}

/** The key that a protected header names; `null` if the header has another form. */
function readKid(header: string): string | null {
  const bytes = fromBase64url(header);
  try {
    const fields: Record<string, unknown> = JSON.parse(utf8.decode(bytes!));
    // Further parameters are ignored (RFC 7515 §4), unless the signer names in `crit` some that
    // must be understood: no such parameter is known here (§4.1.11).
    return fields.alg === ALGORITHM && fields.typ === TYPE &&
        typeof fields.kid === "string" && !("crit" in fields)
      ? fields.kid
      : null;
  } catch {
    return null;
  }
}

/** A key that signs releases. */
export interface ReleaseKey {
  /** 32 bytes in base64url. */
  readonly publicKey: string;
  readonly privateKey: CryptoKey;
}

/** Makes a key that signs releases. Its private part can be exported. */
export async function newReleaseKey(): Promise<ReleaseKey> {
  const { publicKey, privateKey } = await crypto.subtle.generateKey(
    ALGORITHM,
    true,
    ["sign", "verify"],
  ) as CryptoKeyPair;
  const raw = await crypto.subtle.exportKey("raw", publicKey);
  return { publicKey: toBase64url(new Uint8Array(raw)), privateKey };
}

/** Signs the bytes of a manifest. */
export async function signManifest(
  payload: Uint8Array,
  { publicKey, privateKey }: ReleaseKey,
): Promise<ManifestSignature> {
  const header = toBase64url(ascii.encode(
    JSON.stringify({ alg: ALGORITHM, kid: publicKey, typ: TYPE }),
  ));
  const input = ascii.encode(`${header}.${toBase64url(payload)}`);
  const signature = await crypto.subtle.sign(ALGORITHM, privateKey, input);
  return {
    protected: header,
    signature: toBase64url(new Uint8Array(signature)),
  };
}

/** What is wrong with a binary. */
export type BinaryFault =
  /** Its hash or its size is not that of the manifest. */
  | "hash"
  /** It is not WebAssembly, or this machine cannot compile it. */
  | "abi"
  /** It imports something, so it could do more than compute. */
  | "imports";

/** Returns `null` if the binary is the one of the manifest, compiles and imports nothing. */
export async function binaryFault(
  { sha256, size_bytes }: CoreDescription,
  wasm: Uint8Array<ArrayBuffer>,
): Promise<BinaryFault | null> {
  if (wasm.length !== size_bytes) return "hash";
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", wasm));
  if (!isSame(toHex(hash), sha256)) return "hash";
  let module: WebAssembly.Module;
  try {
    module = await WebAssembly.compile(wasm);
  } catch {
    return "abi";
  }
  return WebAssembly.Module.imports(module).length === 0 ? null : "imports";
}

/** The manifest's profiles; {@linkcode verifyManifest} has checked them. */
export function manifestProfiles({ profiles }: CoreDescription): Profiles {
  return profilesOf(profiles.map((it): Profile => ({
    digit: it.digit,
    mac: it.mac as Mac,
    bucketDigits: it.bucket_digits,
    tagDigits: it.tag_digits,
    timeStepSeconds: it.time_step_seconds,
    windowSteps: it.window_steps,
  })));
}

/** Whether a core gives every known answer. A core that throws does not. */
export function knownAnswersHold(
  core: Computing,
  { known_answers: { hmac_sha256, hmac_sm3, tags } }: Pick<
    CoreDescription,
    "known_answers"
  >,
): boolean {
  // Known answers are public, so they need no comparison in constant time.
  try {
    return hmac_sha256.every(({ key, message, mac: expected }) =>
      isSame(toHex(core.hmacSha256(fromHex(key), fromHex(message))), expected)
    ) &&
      hmac_sm3.every(({ key, message, mac: expected }) =>
        isSame(toHex(core.hmacSm3(fromHex(key), fromHex(message))), expected)
      ) &&
      tags.every(({ seed, step, tag_digits, tag: expected, ...id }) =>
        isSame(
          core.deriveTag(id, fromHex(seed), step, tag_digits),
          BigInt(expected),
        )
      );
  } catch {
    return false;
  }
}

function isSame<T extends string | bigint>(got: T, expected: T): boolean {
  return got === expected;
}

/** Reads a manifest; `null` if these bytes are not one. */
function readManifest(payload: Uint8Array): CoreManifest | null {
  try {
    const manifest: CoreManifest = JSON.parse(utf8.decode(payload));
    return isManifest(manifest) ? manifest : null;
  } catch {
    return null;
  }
}

const isWhole = (value: unknown, least: number): boolean =>
  Number.isSafeInteger(value) && (value as number) >= least;

const isText = (value: unknown): boolean => typeof value === "string";

const isHex = (value: unknown): boolean =>
  isText(value) && /^(?:[0-9a-f]{2})*$/.test(value as string);

/** RFC 3339 in UTC, with or without milliseconds, with a day that exists. */
const isTime = (value: unknown): boolean =>
  isText(value) &&
  /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{3})?Z$/.test(value as string) &&
  !Number.isNaN(Date.parse(value as string));

/** Throws if a member is missing. */
function isManifest(it: CoreManifest): boolean {
  const { hmac_sha256, hmac_sm3, tags } = it.known_answers;
  const profiles = manifestProfiles(it);
  return isWhole(it.version, 1) && isWhole(it.abi, 1) &&
    /^[0-9a-f]{64}$/.test(it.sha256) && isWhole(it.size_bytes, 8) &&
    isText(it.assemblyscript) && it.flags.every(isText) &&
    [...hmac_sha256, ...hmac_sm3].every(({ key, message, mac }) =>
      [key, message, mac].every(isHex)
    ) &&
    tags.every(isKnownTag) &&
    // Each profile needs a known tag, because it would not be tested otherwise.
    profiles.size > 0 &&
    [...profiles.keys()].every((digit) =>
      tags.some(({ profile }) => profile === digit)
    ) &&
    isTime(it.created) && isTime(it.not_after);
}

function isKnownTag(it: KnownTag): boolean {
  return /^[0-9a-f]{64}$/.test(it.seed) && /^[0-9]+$/.test(it.tag) &&
    it.tag.length === it.tag_digits &&
    [it.prefix, it.profile, it.bucket, it.step].every((n) => isWhole(n, 0));
}

/** Bytes as base64url without padding. */
export function toBase64url(bytes: Uint8Array): string {
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_")
    .replace(/=+$/, "");
}

/** Decodes base64url. Returns `null` if the text is not the only spelling of its bytes. */
export function fromBase64url(text: string): Uint8Array<ArrayBuffer> | null {
  if (!/^[\w-]*$/.test(text)) return null;
  try {
    const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
    const bytes = Uint8Array.from(binary, (letter) => letter.charCodeAt(0));
    return toBase64url(bytes) === text ? bytes : null;
  } catch {
    return null;
  }
}

function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0"))
    .join("");
}

function fromHex(hex: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(
    hex.match(/../g) ?? [],
    (pair) => parseInt(pair, 16),
  );
}
