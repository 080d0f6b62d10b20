// HMAC-SHA-256 (RFC 2104, FIPS 198-1) on the scalar SHA-256. Its midstates,
// the chaining values after the padded key, are what the table keeps of a seed.

import { DIGEST_PTR, INNER_PTR, KEY_BLOCK_PTR, OUTER_PTR, SCRATCH_BYTES, SCRATCH_PTR } from "./layout";
import { BLOCK_BYTES, compress, DIGEST_BYTES, finish, start, writeDigest } from "./sha256/sha256";

const IPAD: u64 = 0x3636363636363636;
const OPAD: u64 = 0x5c5c5c5c5c5c5c5c;

/** XORs the key block with one byte, repeated. */
function mask(pad: u64): void {
  for (let i: usize = 0; i < BLOCK_BYTES; i += 8) {
    store<u64>(KEY_BLOCK_PTR + i, load<u64>(KEY_BLOCK_PTR + i) ^ pad);
  }
}

/** Leaves the midstates of a key of any length at INNER_PTR and OUTER_PTR. */
export function midstates(keyPtr: usize, keyBytes: usize): void {
  memory.fill(KEY_BLOCK_PTR, 0, BLOCK_BYTES);
  if (keyBytes > BLOCK_BYTES) { // FIPS 198-1 §4, step 2
    start(INNER_PTR);
    finish(INNER_PTR, keyPtr, keyBytes, 0);
    writeDigest(INNER_PTR, KEY_BLOCK_PTR);
  } else {
    memory.copy(KEY_BLOCK_PTR, keyPtr, keyBytes);
  }
  mask(IPAD);
  start(INNER_PTR);
  compress(INNER_PTR, KEY_BLOCK_PTR);
  mask(IPAD ^ OPAD);
  start(OUTER_PTR);
  compress(OUTER_PTR, KEY_BLOCK_PTR);
}

/** Writes the 32 bytes of HMAC-SHA-256(key, message) at `macPtr`; clears its scratch. */
export function hmac(keyPtr: usize, keyBytes: usize, messagePtr: usize, messageBytes: usize, macPtr: usize): void {
  midstates(keyPtr, keyBytes);
  finish(INNER_PTR, messagePtr, messageBytes, BLOCK_BYTES);
  writeDigest(INNER_PTR, DIGEST_PTR);
  finish(OUTER_PTR, DIGEST_PTR, DIGEST_BYTES, BLOCK_BYTES);
  writeDigest(OUTER_PTR, macPtr);
  memory.fill(SCRATCH_PTR, 0, SCRATCH_BYTES);
}
