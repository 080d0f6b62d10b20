/**
 * Core releases for tests: a manifest for the committed core, and signatures.
 *
 * @module
 */

import {
  type CoreDescription,
  type CoreManifest,
  type ReleaseKey,
  type SignedManifest,
  signManifest,
  toBase64url,
} from "../../../edge/code/manifest.ts";

const RELEASE = new URL("../../../wasm/release/", import.meta.url);

/** The committed core. */
export const CORE_WASM: Uint8Array<ArrayBuffer> = Deno.readFileSync(
  new URL("core.wasm", RELEASE),
);

/** What its build says of it. */
export const CORE_DESCRIPTION = JSON.parse(
  Deno.readTextFileSync(new URL("core.json", RELEASE)),
) as CoreDescription;

/** A manifest for the committed core. */
export function manifestOf(change: Partial<CoreManifest> = {}): CoreManifest {
  return {
    version: 1,
    ...CORE_DESCRIPTION,
    not_after: "2100-01-01T00:00:00Z",
    ...change,
  };
}

/** The same for another binary. */
export async function manifestFor(
  wasm: Uint8Array<ArrayBuffer>,
  change: Partial<CoreManifest> = {},
): Promise<CoreManifest> {
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", wasm));
  return manifestOf({
    sha256: hash.toHex(),
    size_bytes: wasm.length,
    ...change,
  });
}

/** The committed core with a section that no engine reads, `bytes` long in all. */
export function paddedCore(bytes: number): Uint8Array<ArrayBuffer> {
  const padded = new Uint8Array(bytes);
  padded.set(CORE_WASM);
  // A custom section: its size in LEB128, three bytes of it, and its name "x".
  const size = bytes - CORE_WASM.length - 4;
  const head = [
    0,
    size & 127 | 128,
    size >> 7 & 127 | 128,
    size >> 14,
    1,
    0x78,
  ];
  padded.set(head, CORE_WASM.length);
  return padded;
}

/** A manifest, or whatever else, signed by these keys. */
export async function signedBy(
  manifest: unknown,
  ...keys: readonly ReleaseKey[]
): Promise<SignedManifest> {
  const payload = new TextEncoder().encode(JSON.stringify(manifest));
  return {
    payload: toBase64url(payload),
    signatures: await Promise.all(
      keys.map((key) => signManifest(payload, key)),
    ),
  };
}
