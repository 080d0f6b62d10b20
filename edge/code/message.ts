/**
 * The message that a seed's MAC is taken over: 52 bytes, thirteen 32-bit
 * big-endian words (`wasm/SPEC.md` §5).
 *
 * It names everything that a code depends on, so that a code of one issuer, profile or bucket
 * is never a code of another. Only the last word depends on the time, and the message fits
 * into the one block that HMAC hashes after the key, with SHA-256 and with SM3.
 *
 * @module
 */

import { assertBucket, assertPrefix, type PaymentCode } from "./format.ts";
import { assertTimeStep } from "./time_step.ts";

/** Length of the message in bytes. */
export const MESSAGE_BYTES = 52;

/** The 31 ASCII characters at the head of the message; a zero byte follows. */
export const MESSAGE_LABEL = "offcode.v1 offline payment code";

/**
 * Builds the MAC message of a bucket at a time step.
 *
 * @throws {RangeError} If the prefix is not two digits, the bucket does not
 * fit its digits, or the step does not fit 32 bits.
 *
 * @example
 * ```ts
 * import { macMessage, MESSAGE_BYTES } from "./message.ts";
 * import { PROFILE_1 } from "./profile.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const message = macMessage(
 *   { prefix: "90", profile: PROFILE_1, bucket: 42 },
 *   59_000_000,
 * );
 * assertEquals(message.length, MESSAGE_BYTES);
 * assertEquals([...message.subarray(32, 44)], [0, 0, 0, 90, 0, 0, 0, 1, 0, 0, 0, 42]);
 * ```
 */
export function macMessage(
  code: Pick<PaymentCode, "prefix" | "profile" | "bucket">,
  step: number,
): Uint8Array<ArrayBuffer> {
  const { prefix, profile, bucket } = code;
  assertPrefix(prefix);
  assertTimeStep(step);
  assertBucket(bucket, profile);
  const message = new Uint8Array(MESSAGE_BYTES);
  for (let i = 0; i < MESSAGE_LABEL.length; i++) {
    message[i] = MESSAGE_LABEL.charCodeAt(i);
  }
  const words = new DataView(message.buffer);
  words.setUint32(32, Number(prefix));
  words.setUint32(36, profile.digit);
  words.setUint32(40, bucket);
  words.setUint32(48, step);
  return message;
}
