// Prepares the state that the table keeps of a seed for the search in lanes.ts: the two SM3
// computations of HMAC, as far as they can be made before the time step and the inner digest
// are known.
//
// Word 12 of the message block, the time step, is first used in round 8, as part of
// W'(8) = W(8) XOR W(12). The inner hash is therefore kept after round 8, without the
// addition of W'(8) to A. The outer hash is kept after round 0, without the additions of its
// words: A lacks W'(0), and E is TT2 without W(0), before P0 is applied.

import { SHARED_PTR } from "../layout";
import { p0, parity, rounds, T_PTR } from "./sm3";

/** Does round `j`, below 16, up to the addition of its words: A becomes TT1 without W', and E becomes TT2 without W. */
function advance(ptr: usize, j: usize): void {
  const a = load<u32>(ptr, 0), b = load<u32>(ptr, 4), c = load<u32>(ptr, 8), d = load<u32>(ptr, 12);
  const e = load<u32>(ptr, 16), f = load<u32>(ptr, 20), g = load<u32>(ptr, 24), h = load<u32>(ptr, 28);
  const ss1 = rotl(rotl(a, 12) + e + load<u32>(T_PTR + (j << 2)), 7), ss2 = ss1 ^ rotl(a, 12);
  store<u32>(ptr, parity(a, b, c) + d + ss2, 0);
  store<u32>(ptr, a, 4);
  store<u32>(ptr, rotl(b, 9), 8);
  store<u32>(ptr, c, 12);
  store<u32>(ptr, parity(e, f, g) + h + ss1, 16);
  store<u32>(ptr, e, 20);
  store<u32>(ptr, rotl(f, 19), 24);
  store<u32>(ptr, g, 28);
}

/** Turns the inner midstate at `ptr` into the state that is kept; the words of the message block are at SHARED_PTR. */
export function prepareInner(ptr: usize): void {
  rounds(ptr, SHARED_PTR, 0, 8);
  advance(ptr, 8);
  store<u32>(ptr, p0(load<u32>(ptr, 16) + load<u32>(SHARED_PTR, 8 << 2)), 16);
}

/** Turns the outer midstate at `ptr` into the state that is kept. */
export function prepareOuter(ptr: usize): void {
  advance(ptr, 0);
}
