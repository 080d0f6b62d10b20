// SHA-256 (FIPS 180-4) of one message at a time, written to be read. It computes midstates,
// the codes of wallets and the general HMAC. lanes.ts has the same rounds for four lanes,
// for the search; the self-test and the tests compare the two.

import { DIGEST_BYTES, SCHEDULE_PTR, WORK_PTR } from "../layout";

/** FIPS 180-4 §4.2.2: the sixty-four constants K. */
export const K_PTR: usize = memory.data<u32>([
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
  0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
  0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
  0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
  0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
  0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
  0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
  0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
]);

/** FIPS 180-4 §5.3.3: the initial hash value. */
const INITIAL_PTR: usize = memory.data<u32>([
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
]);

// FIPS 180-4 §4.1.2.
// @ts-ignore: decorator
@inline export function ch(x: u32, y: u32, z: u32): u32 { return ((y ^ z) & x) ^ z; }
// @ts-ignore: decorator
@inline export function maj(x: u32, y: u32, z: u32): u32 { return ((x ^ y) & (y ^ z)) ^ y; }
// @ts-ignore: decorator
@inline export function bigSigma0(x: u32): u32 { return rotr(x, 2) ^ rotr(x, 13) ^ rotr(x, 22); }
// @ts-ignore: decorator
@inline export function bigSigma1(x: u32): u32 { return rotr(x, 6) ^ rotr(x, 11) ^ rotr(x, 25); }
// @ts-ignore: decorator
@inline function smallSigma0(x: u32): u32 { return rotr(x, 7) ^ rotr(x, 18) ^ (x >> 3); }
// @ts-ignore: decorator
@inline function smallSigma1(x: u32): u32 { return rotr(x, 17) ^ rotr(x, 19) ^ (x >> 10); }

/** Puts the initial hash value at `statePtr` (eight words). */
export function start(statePtr: usize): void {
  memory.copy(statePtr, INITIAL_PTR, DIGEST_BYTES);
}

/** Completes the message schedule at `schedulePtr` from its first 16 words (§6.2.2, step 1). */
export function expand(schedulePtr: usize): void {
  for (let t: usize = 16; t < 64; t++) {
    const wPtr = schedulePtr + (t << 2);
    store<u32>(
      wPtr,
      smallSigma1(load<u32>(wPtr - 8)) + load<u32>(wPtr - 28) +
        smallSigma0(load<u32>(wPtr - 60)) + load<u32>(wPtr - 64),
    );
  }
}

/** Runs the rounds `first` to `end` - 1 on the eight words at `workPtr` (§6.2.2, step 3). */
export function rounds(workPtr: usize, schedulePtr: usize, first: usize, end: usize): void {
  let a = load<u32>(workPtr, 0), b = load<u32>(workPtr, 4), c = load<u32>(workPtr, 8), d = load<u32>(workPtr, 12);
  let e = load<u32>(workPtr, 16), f = load<u32>(workPtr, 20), g = load<u32>(workPtr, 24), h = load<u32>(workPtr, 28);
  for (let t = first << 2; t < end << 2; t += 4) {
    const t1 = h + bigSigma1(e) + ch(e, f, g) + load<u32>(K_PTR + t) + load<u32>(schedulePtr + t);
    const t2 = bigSigma0(a) + maj(a, b, c);
    h = g; g = f; f = e; e = d + t1;
    d = c; c = b; b = a; a = t1 + t2;
  }
  store<u32>(workPtr, a, 0); store<u32>(workPtr, b, 4); store<u32>(workPtr, c, 8); store<u32>(workPtr, d, 12);
  store<u32>(workPtr, e, 16); store<u32>(workPtr, f, 20); store<u32>(workPtr, g, 24); store<u32>(workPtr, h, 28);
}

/** Takes the block at `blockPtr` into the chaining value at `statePtr` (§6.2.2). */
export function compress(statePtr: usize, blockPtr: usize): void {
  for (let i: usize = 0; i < 64; i += 4) {
    store<u32>(SCHEDULE_PTR + i, bswap<u32>(load<u32>(blockPtr + i)));
  }
  expand(SCHEDULE_PTR);
  memory.copy(WORK_PTR, statePtr, DIGEST_BYTES);
  rounds(WORK_PTR, SCHEDULE_PTR, 0, 64);
  for (let i: usize = 0; i < DIGEST_BYTES; i += 4) {
    store<u32>(statePtr + i, load<u32>(statePtr + i) + load<u32>(WORK_PTR + i));
  }
}
