/// <reference lib="dom" />
/**
 * The keys of this phone, and the seed that they protect. Both keys are made here and
 * are not extractable (Web Crypto): a script of the page can use them but cannot read
 * them. The seed is stored sealed and is opened for one code at a time.
 *
 * This does not protect against somebody who copies the files of the browser, because
 * these files also contain the keys. An app keeps them in the phone's secure hardware.
 *
 * @module
 */

import { compactDecrypt } from "jose";
import type { Random } from "../../base/clock.ts";
import type { WalletSeed } from "../../code/wallet.ts";
import type { Delivery } from "./backend.ts";

/** The keys of a phone. */
export interface PhoneKeys {
  /** P-256; the seed is delivered to it. */
  readonly device: CryptoKeyPair;
  /** AES-256-GCM; the seed is kept under it. */
  readonly sealing: CryptoKey;
}

/** A seed under the sealing key. */
export interface SealedSeed {
  readonly iv: Uint8Array<ArrayBuffer>;
  readonly bytes: ArrayBuffer;
}

/** Thrown if the delivery is for another phone or another enrolment, or was changed. */
export class DeliveryError extends Error {
  override readonly name = "DeliveryError";
}

/** Makes the keys of a phone. */
export async function makeKeys(): Promise<PhoneKeys> {
  const [device, sealing] = await Promise.all([
    crypto.subtle.generateKey({ name: "ECDH", namedCurve: "P-256" }, false, [
      "deriveBits",
    ]),
    crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, [
      "encrypt",
      "decrypt",
    ]),
  ]);
  return { device, sealing };
}

/**
 * The public part of the device key, in the form that a request for an enrolment needs.
 */
export async function publicKey({ device }: PhoneKeys) {
  const { kty, crv, x, y } = await crypto.subtle.exportKey(
    "jwk",
    device.publicKey,
  );
  return { kty, crv, x, y };
}

const utf8 = new TextDecoder();

/** The text of a member of a JWE's header. */
const textOf = (base64url: unknown) =>
  utf8.decode(
    Uint8Array.fromBase64(String(base64url ?? ""), { alphabet: "base64url" }),
  );

/**
 * Opens a delivery and seals the seed in it for this phone.
 *
 * @throws {DeliveryError} If it is for another phone or enrolment, or was changed.
 */
export async function takeDelivery(
  keys: PhoneKeys,
  { seed_jwe, credential_id, device_id }: Delivery,
  random: Random,
): Promise<SealedSeed> {
  let opened;
  try {
    opened = await compactDecrypt(seed_jwe, keys.device.privateKey, {
      keyManagementAlgorithms: ["ECDH-ES"],
      contentEncryptionAlgorithms: ["A256GCM"],
    });
  } catch (cause) {
    throw new DeliveryError("The seed does not open", { cause });
  }
  const { plaintext, protectedHeader: { apu, apv } } = opened;
  try {
    // If answers were mixed up, the phone would show codes of another customer.
    const named = JSON.parse(utf8.decode(plaintext)).credential_id;
    const isIts = named === credential_id && textOf(apu) === credential_id &&
      textOf(apv) === device_id;
    if (!isIts) throw new DeliveryError("The seed is of another enrolment");
    const iv = random.bytes(12);
    const algorithm = { name: "AES-GCM", iv };
    const bytes = await crypto.subtle.encrypt(
      algorithm,
      keys.sealing,
      new Uint8Array(plaintext),
    );
    return { iv, bytes };
  } finally {
    plaintext.fill(0);
  }
}

/** Opens a sealed seed, for one code. */
export async function openSeed(
  { sealing }: PhoneKeys,
  { iv, bytes }: SealedSeed,
): Promise<WalletSeed> {
  const plain = new Uint8Array(
    await crypto.subtle.decrypt({ name: "AES-GCM", iv }, sealing, bytes),
  );
  try {
    return JSON.parse(utf8.decode(plain));
  } finally {
    plain.fill(0);
  }
}
