// The hash function of a MAC, chosen by the MAC's number. SHA-256 and SM3 both have a
// chaining value of eight words, blocks of 64 bytes, big-endian words, and the same
// padding. This file has what is common to both; the folder of each hash has the rest.

import { BLOCK_BYTES, BLOCK_PTR, DIGEST_BYTES } from "./layout";
import { HMAC_SM3 } from "./profiles";
import * as sha256 from "./sha256/sha256";
import * as sm3 from "./sm3/sm3";

/** Puts the initial value at `statePtr` (eight words). */
export function start(mac: u32, statePtr: usize): void {
  if (mac == HMAC_SM3) sm3.start(statePtr);
  else sha256.start(statePtr);
}

/** Takes the block at `blockPtr` into the chaining value at `statePtr`. */
export function compress(mac: u32, statePtr: usize, blockPtr: usize): void {
  if (mac == HMAC_SM3) sm3.compress(statePtr, blockPtr);
  else sha256.compress(statePtr, blockPtr);
}

/**
 * Ends a hash: takes the last `length` bytes at `ptr`, and then the padding (FIPS 180-4 §5.1.1,
 * GB/T 32905 §5.2), into the chaining value at `statePtr`. `before` is the number of bytes that
 * were taken in before, a multiple of 64.
 */
export function finish(mac: u32, statePtr: usize, ptr: usize, length: usize, before: usize): void {
  const bits = (<u64>(before + length)) << 3;
  for (; length >= BLOCK_BYTES; length -= BLOCK_BYTES, ptr += BLOCK_BYTES) compress(mac, statePtr, ptr);
  memory.fill(BLOCK_PTR, 0, BLOCK_BYTES);
  memory.copy(BLOCK_PTR, ptr, length);
  store<u8>(BLOCK_PTR + length, 0x80);
  if (length >= 56) { // the length does not fit into this block, so one more follows
    compress(mac, statePtr, BLOCK_PTR);
    memory.fill(BLOCK_PTR, 0, BLOCK_BYTES);
  }
  store<u64>(BLOCK_PTR, bswap<u64>(bits), 56);
  compress(mac, statePtr, BLOCK_PTR);
}

/** Writes the chaining value at `statePtr` as 32 big-endian bytes at `digestPtr`, which may be the same address. */
export function writeDigest(statePtr: usize, digestPtr: usize): void {
  for (let i: usize = 0; i < DIGEST_BYTES; i += 4) {
    store<u32>(digestPtr + i, bswap<u32>(load<u32>(statePtr + i)));
  }
}
