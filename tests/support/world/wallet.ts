/**
 * A phone, for tests: its own key pair, the seed it was sent, the codes it
 * shows. Codes come from the independent generator, not from the core.
 *
 * @module
 */

import * as jose from "jose";
import { decodeBase64Url } from "@std/encoding/base64url";
import { generate } from "../code/generator.ts";

/** What the wallet app keeps of an enrolment. */
export interface Seed {
  readonly seed: string;
  readonly prefix: string;
  readonly profile: number;
  readonly bucket: number;
  readonly bucket_digits: number;
  readonly tag_digits: number;
  readonly time_step_seconds: number;
  readonly credential_id: string;
  readonly expires_at: string;
}

/** The key pair of a phone. */
export interface Device {
  readonly publicJwk: jose.JWK;
  readonly privateKey: jose.CryptoKey;
}

/** Makes the key pair of a phone. */
export async function makeDevice(): Promise<Device> {
  const { publicKey, privateKey } = await jose.generateKeyPair("ECDH-ES", {
    crv: "P-256",
    extractable: true,
  });
  const { kty, crv, x, y } = await jose.exportJWK(publicKey);
  return { publicJwk: { kty, crv, x, y } as jose.JWK, privateKey };
}

/** Opens the seed that an enrolment delivered. */
export async function openSeed(device: Device, jwe: string): Promise<Seed> {
  const { plaintext } = await jose.compactDecrypt(jwe, device.privateKey);
  return JSON.parse(new TextDecoder().decode(plaintext));
}

/** The code that a phone with this seed shows at `unixMs`. */
export function codeAt(seed: Seed, unixMs: number): string {
  const step = Math.floor(unixMs / 1000 / seed.time_step_seconds);
  return generate({ ...seed, seed: decodeBase64Url(seed.seed) }, step).code;
}
