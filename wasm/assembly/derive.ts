// Computes the tag of one seed at one step, as a wallet does: the plain HMAC of the
// whole message with the scalar hash, without using the credential table.

import { hmac } from "./hmac";
import { DIGEST_BYTES, MESSAGE_PTR, SEED_BYTES } from "./layout";
import { MESSAGE_BYTES, writeMessage } from "./message";
import { macOf } from "./profiles";
import { powerOfTen, reciprocal, reduce } from "./reduce";

/** Writes the tag, a u64 below 10^digits, at `tagPtr` (32 bytes are used). */
export function derive(
  seedPtr: usize, prefix: u32, profile: u32, bucket: u32, step: u32, digits: u32, tagPtr: usize,
): void {
  writeMessage(MESSAGE_PTR, prefix, profile, bucket, step);
  hmac(macOf(profile), seedPtr, SEED_BYTES, MESSAGE_PTR, MESSAGE_BYTES, tagPtr);
  const mac = bswap<u64>(load<u64>(tagPtr)), divisor = powerOfTen(digits);
  memory.fill(tagPtr, 0, DIGEST_BYTES);
  store<u64>(tagPtr, reduce(mac, divisor, reciprocal(divisor)));
}
