// HMAC (RFC 2104, FIPS 198-1) with the scalar hashes. Its midstates are the chaining
// values after the padded key; the credential table keeps them instead of the seed.

import { compress, finish, start, writeDigest } from "./hash";
import {
  BLOCK_BYTES, DIGEST_BYTES, DIGEST_PTR, INNER_PTR, KEY_BLOCK_PTR, OUTER_PTR, SCRATCH_BYTES, SCRATCH_PTR,
} from "./layout";

const IPAD: u64 = 0x3636363636363636;
const OPAD: u64 = 0x5c5c5c5c5c5c5c5c;

/** XORs the key block with one byte, repeated. */
function mask(pad: u64): void {
  for (let i: usize = 0; i < BLOCK_BYTES; i += 8) {
    store<u64>(KEY_BLOCK_PTR + i, load<u64>(KEY_BLOCK_PTR + i) ^ pad);
  }
}

/** Leaves the midstates of a key of any length at INNER_PTR and OUTER_PTR. */
export function midstates(mac: u32, keyPtr: usize, keyBytes: usize): void {
  memory.fill(KEY_BLOCK_PTR, 0, BLOCK_BYTES);
  if (keyBytes > BLOCK_BYTES) { // FIPS 198-1 §4, step 2
    start(mac, INNER_PTR);
    finish(mac, INNER_PTR, keyPtr, keyBytes, 0);
    writeDigest(INNER_PTR, KEY_BLOCK_PTR);
  } else {
    memory.copy(KEY_BLOCK_PTR, keyPtr, keyBytes);
  }
  mask(IPAD);
  start(mac, INNER_PTR);
  compress(mac, INNER_PTR, KEY_BLOCK_PTR);
  mask(IPAD ^ OPAD);
  start(mac, OUTER_PTR);
  compress(mac, OUTER_PTR, KEY_BLOCK_PTR);
}

/** Writes the 32 bytes of the HMAC of a message, by the number of the MAC, at `macPtr`; clears its scratch. */
export function hmac(
  mac: u32, keyPtr: usize, keyBytes: usize, messagePtr: usize, messageBytes: usize, macPtr: usize,
): void {
  midstates(mac, keyPtr, keyBytes);
  finish(mac, INNER_PTR, messagePtr, messageBytes, BLOCK_BYTES);
  writeDigest(INNER_PTR, DIGEST_PTR);
  finish(mac, OUTER_PTR, DIGEST_PTR, DIGEST_BYTES, BLOCK_BYTES);
  writeDigest(OUTER_PTR, macPtr);
  memory.fill(SCRATCH_PTR, 0, SCRATCH_BYTES);
}
