// SM3 (GB/T 32905-2016) of one message at a time, written to be read. It computes midstates,
// the codes of wallets and the general HMAC. lanes.ts has the same rounds for four lanes, for
// the search; the self-test and the tests compare the two. Clause numbers and letters are
// those of the standard.

import { DIGEST_BYTES, SCHEDULE_PTR, WORK_PTR } from "../layout";

/**
 * §4.2, as §5.3.3 uses it: the constant T of each of the sixty-four rounds,
 * 0x79cc4519 up to round 15 and 0x7a879d8a from 16 on, rotated left by the
 * number of the round modulo 32.
 */
export const T_PTR: usize = memory.data<u32>([
  0x79cc4519, 0xf3988a32, 0xe7311465, 0xce6228cb, 0x9cc45197, 0x3988a32f, 0x7311465e, 0xe6228cbc,
  0xcc451979, 0x988a32f3, 0x311465e7, 0x6228cbce, 0xc451979c, 0x88a32f39, 0x11465e73, 0x228cbce6,
  0x9d8a7a87, 0x3b14f50f, 0x7629ea1e, 0xec53d43c, 0xd8a7a879, 0xb14f50f3, 0x629ea1e7, 0xc53d43ce,
  0x8a7a879d, 0x14f50f3b, 0x29ea1e76, 0x53d43cec, 0xa7a879d8, 0x4f50f3b1, 0x9ea1e762, 0x3d43cec5,
  0x7a879d8a, 0xf50f3b14, 0xea1e7629, 0xd43cec53, 0xa879d8a7, 0x50f3b14f, 0xa1e7629e, 0x43cec53d,
  0x879d8a7a, 0x0f3b14f5, 0x1e7629ea, 0x3cec53d4, 0x79d8a7a8, 0xf3b14f50, 0xe7629ea1, 0xcec53d43,
  0x9d8a7a87, 0x3b14f50f, 0x7629ea1e, 0xec53d43c, 0xd8a7a879, 0xb14f50f3, 0x629ea1e7, 0xc53d43ce,
  0x8a7a879d, 0x14f50f3b, 0x29ea1e76, 0x53d43cec, 0xa7a879d8, 0x4f50f3b1, 0x9ea1e762, 0x3d43cec5,
]);

/** §4.1: the initial value IV. */
const INITIAL_PTR: usize = memory.data<u32>([
  0x7380166f, 0x4914b2b9, 0x172442d7, 0xda8a0600, 0xa96f30bc, 0x163138aa, 0xe38dee4d, 0xb0fb0e4e,
]);

/** The number of words of the message schedule: each round reads its own word and the fourth after it. */
export const SCHEDULE_WORDS: usize = 68;

// §4.3: in the rounds 0 to 15 FF and GG are `parity`; in the others they are the next two functions.
// @ts-ignore: decorator
@inline export function parity(x: u32, y: u32, z: u32): u32 { return x ^ y ^ z; }
// @ts-ignore: decorator
@inline function maj(x: u32, y: u32, z: u32): u32 { return ((x ^ y) & (y ^ z)) ^ y; }
// @ts-ignore: decorator
@inline function ch(x: u32, y: u32, z: u32): u32 { return ((y ^ z) & x) ^ z; }
// §4.4: the permutations.
// @ts-ignore: decorator
@inline export function p0(x: u32): u32 { return x ^ rotl(x, 9) ^ rotl(x, 17); }
// @ts-ignore: decorator
@inline function p1(x: u32): u32 { return x ^ rotl(x, 15) ^ rotl(x, 23); }

/** Puts the initial value at `statePtr` (eight words). */
export function start(statePtr: usize): void {
  memory.copy(statePtr, INITIAL_PTR, DIGEST_BYTES);
}

/** Completes the words W at `schedulePtr` from the first 16 (§5.3.2). W', the XOR of two of them, is computed where it is used. */
export function expand(schedulePtr: usize): void {
  for (let j: usize = 16; j < SCHEDULE_WORDS; j++) {
    const wPtr = schedulePtr + (j << 2);
    store<u32>(
      wPtr,
      p1(load<u32>(wPtr - 64) ^ load<u32>(wPtr - 36) ^ rotl(load<u32>(wPtr - 12), 15)) ^
        rotl(load<u32>(wPtr - 52), 7) ^ load<u32>(wPtr - 24),
    );
  }
}

/** Runs the rounds `first` to `end` - 1 on the eight words at `workPtr` (§5.3.3). */
export function rounds(workPtr: usize, schedulePtr: usize, first: usize, end: usize): void {
  let a = load<u32>(workPtr, 0), b = load<u32>(workPtr, 4), c = load<u32>(workPtr, 8), d = load<u32>(workPtr, 12);
  let e = load<u32>(workPtr, 16), f = load<u32>(workPtr, 20), g = load<u32>(workPtr, 24), h = load<u32>(workPtr, 28);
  for (let j = first; j < end; j++) {
    const wPtr = schedulePtr + (j << 2), w = load<u32>(wPtr);
    const ss1 = rotl(rotl(a, 12) + e + load<u32>(T_PTR + (j << 2)), 7), ss2 = ss1 ^ rotl(a, 12);
    const ff = j < 16 ? parity(a, b, c) : maj(a, b, c), gg = j < 16 ? parity(e, f, g) : ch(e, f, g);
    const tt1 = ff + d + ss2 + (w ^ load<u32>(wPtr, 16)), tt2 = gg + h + ss1 + w;
    d = c; c = rotl(b, 9); b = a; a = tt1;
    h = g; g = rotl(f, 19); f = e; e = p0(tt2);
  }
  store<u32>(workPtr, a, 0); store<u32>(workPtr, b, 4); store<u32>(workPtr, c, 8); store<u32>(workPtr, d, 12);
  store<u32>(workPtr, e, 16); store<u32>(workPtr, f, 20); store<u32>(workPtr, g, 24); store<u32>(workPtr, h, 28);
}

/** Takes the block at `blockPtr` into the chaining value at `statePtr` (§5.3.3). */
export function compress(statePtr: usize, blockPtr: usize): void {
  for (let i: usize = 0; i < 64; i += 4) {
    store<u32>(SCHEDULE_PTR + i, bswap<u32>(load<u32>(blockPtr + i)));
  }
  expand(SCHEDULE_PTR);
  memory.copy(WORK_PTR, statePtr, DIGEST_BYTES);
  rounds(WORK_PTR, SCHEDULE_PTR, 0, 64);
  for (let i: usize = 0; i < DIGEST_BYTES; i += 4) {
    store<u32>(statePtr + i, load<u32>(statePtr + i) ^ load<u32>(WORK_PTR + i));
  }
}
