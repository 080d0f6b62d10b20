// The 52 bytes that are authenticated: thirteen big-endian words. They fit into one
// block of HMAC's inner hash, and only the last word depends on the time.

import { BLOCK_BYTES, SHARED_PTR } from "./layout";

/** `offcode.v1 offline payment code` and a zero byte. */
const LABEL_PTR: usize = memory.data<u8>([
  0x6f, 0x66, 0x66, 0x63, 0x6f, 0x64, 0x65, 0x2e, 0x76, 0x31, 0x20, 0x6f, 0x66, 0x66, 0x6c, 0x69,
  0x6e, 0x65, 0x20, 0x70, 0x61, 0x79, 0x6d, 0x65, 0x6e, 0x74, 0x20, 0x63, 0x6f, 0x64, 0x65, 0x00,
]);
const LABEL_BYTES: usize = 32;

export const MESSAGE_BYTES: usize = 52;
/** The number of words that are constant for a bucket. */
export const FIXED_WORDS: usize = 12;

/** Writes the message, big-endian, at `ptr`. */
export function writeMessage(ptr: usize, prefix: u32, profile: u32, bucket: u32, step: u32): void {
  memory.copy(ptr, LABEL_PTR, LABEL_BYTES);
  store<u32>(ptr, bswap<u32>(prefix), 32);
  store<u32>(ptr, bswap<u32>(profile), 36);
  store<u32>(ptr, bswap<u32>(bucket), 40);
  store<u32>(ptr, 0, 44);
  store<u32>(ptr, bswap<u32>(step), 48);
}

/**
 * Writes the block that follows the key in HMAC's inner hash to SHARED_PTR: sixteen
 * words, the message and its padding. It is the same for every seed of the bucket.
 */
export function writeBlock(prefix: u32, profile: u32, bucket: u32, step: u32): void {
  writeMessage(SHARED_PTR, prefix, profile, bucket, step);
  for (let i: usize = 0; i < MESSAGE_BYTES; i += 4) {
    store<u32>(SHARED_PTR + i, bswap<u32>(load<u32>(SHARED_PTR + i)));
  }
  store<u32>(SHARED_PTR, 0x80000000, 52);
  store<u32>(SHARED_PTR, 0, 56);
  store<u32>(SHARED_PTR, <u32>((BLOCK_BYTES + MESSAGE_BYTES) << 3), 60);
}
