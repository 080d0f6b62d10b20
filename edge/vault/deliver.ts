/**
 * Delivers a seed to its device as a compact JWE (RFC 7516) to the device's own public key, so
 * that neither a proxy nor the wallet's backend can read it.
 *
 * The wallet's backend must prove that the key belongs to the device; this file
 * only checks that it is a point on the curve.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { createPublicKey, ECDH } from "node:crypto";
import { CompactEncrypt, importJWK } from "jose";

/** A public EC P-256 key as JWK (RFC 7518 §6.2.1). */
export interface DeviceKey {
  readonly kty: "EC";
  readonly crv: "P-256";
  /** 32 bytes in base64url. */
  readonly x: string;
  /** 32 bytes in base64url. */
  readonly y: string;
}

const CURVE = "prime256v1";

/**
 * A key in 44 characters: its compressed point (SEC 1 §2.3.3) in base64url.
 *
 * @throws {DeviceKeyError} If the key is not a point on the curve.
 */
export function compressKey({ x, y }: DeviceKey): string {
  const point = Buffer.concat([
    Buffer.of(4),
    Buffer.from(x, "base64url"),
    Buffer.from(y, "base64url"),
  ]);
  try {
    return ECDH.convertKey(
      point,
      CURVE,
      undefined,
      "base64url",
      "compressed",
    ) as string;
  } catch (cause) {
    throw new DeviceKeyError({ cause });
  }
}

/** The inverse of {@linkcode compressKey}. */
export function expandKey(compressed: string): DeviceKey {
  const point = ECDH.convertKey(
    Buffer.from(compressed, "base64url"),
    CURVE,
  ) as Buffer;
  return {
    kty: "EC",
    crv: "P-256",
    x: point.toString("base64url", 1, 33),
    y: point.toString("base64url", 33),
  };
}

/** The content of the JWE: everything that a wallet needs to make codes. */
export interface SeedDelivery {
  /** 32 bytes in base64url. */
  readonly seed: string;
  readonly prefix: string;
  readonly profile: number;
  readonly bucket: number;
  readonly bucket_digits: number;
  readonly tag_digits: number;
  readonly time_step_seconds: number;
  readonly credential_id: string;
  /** RFC 3339. */
  readonly expires_at: string;
}

/** The recipient of a delivery. Both ids are part of the key derivation. */
export interface Recipient {
  /** Used as `apu`. */
  readonly credentialId: string;
  /** Used as `apv`. */
  readonly deviceId: string;
}

/** The key is not a point on P-256, or is not a public key. */
export class DeviceKeyError extends Error {
  override readonly name = "DeviceKeyError";

  constructor(options?: ErrorOptions) {
    super("The device key is no public key on the curve P-256", options);
  }
}

/**
 * Encrypts `payload` to `deviceKey`: `alg` ECDH-ES (RFC 7518 §4.6), `enc`
 * A256GCM. Each call has its own ephemeral key, so the result differs each time.
 *
 * @throws {DeviceKeyError} If the key cannot be used.
 */
export async function sealForDevice(
  deviceKey: DeviceKey,
  payload: SeedDelivery,
  recipient: Recipient,
): Promise<string> {
  const key = await importDeviceKey(deviceKey);
  const plain = utf8.encode(JSON.stringify(payload));
  try {
    return await new CompactEncrypt(plain)
      .setProtectedHeader({ alg: "ECDH-ES", enc: "A256GCM" })
      .setKeyManagementParameters({
        apu: utf8.encode(recipient.credentialId),
        apv: utf8.encode(recipient.deviceId),
      })
      .encrypt(key);
  } finally {
    plain.fill(0);
  }
}

const utf8 = new TextEncoder();

async function importDeviceKey({ kty, crv, x, y }: DeviceKey) {
  // Only the public members are taken; with `d` it would be a private key.
  const jwk = { kty, crv, x, y };
  try {
    if (kty !== "EC" || crv !== "P-256") throw new TypeError("Other curve");
    // Deno's Web Crypto imports points that are not on the curve; node:crypto
    // refuses them (SP 800-56A §5.6.2.3.4).
    createPublicKey({ key: jwk, format: "jwk" });
    return await importJWK(jwk, "ECDH-ES");
  } catch (cause) {
    throw new DeviceKeyError({ cause });
  }
}
