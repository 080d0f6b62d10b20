// Prepares the state that the table keeps of a seed for the search in lanes.ts: the two
// SHA-256 computations of HMAC, as far as they can be made before the time step and the
// inner digest are known. The inner hash has done rounds 0 to 11 of the message block. Then
// each of the two has done its next round (12 and 0) up to the addition of the message
// word.
//
// "Up to the addition" is the form [a, b, c, d + t, e, f, g + n, t + t2] with
// t = T1 of that round without what is yet to be added, t2 = T2, and n the constants of the
// round after it. The plain d, g and h are not needed.

import { SHARED_PTR } from "../layout";
import { FIXED_WORDS } from "../message";
import { bigSigma0, bigSigma1, ch, K_PTR, maj, rounds } from "./sha256";

/** Does a round up to the addition of its word. `now` is the constant of that round, `next` the constant of the round after it. */
function advance(ptr: usize, now: u32, next: u32): void {
  const a = load<u32>(ptr, 0), b = load<u32>(ptr, 4), c = load<u32>(ptr, 8);
  const e = load<u32>(ptr, 16), f = load<u32>(ptr, 20), g = load<u32>(ptr, 24);
  const t1 = load<u32>(ptr, 28) + bigSigma1(e) + ch(e, f, g) + now;
  store<u32>(ptr, load<u32>(ptr, 12) + t1, 12);
  store<u32>(ptr, g + next, 24);
  store<u32>(ptr, t1 + bigSigma0(a) + maj(a, b, c), 28);
}

/** Turns the inner midstate at `ptr` into the state that is kept; the words of the message block are at SHARED_PTR. */
export function prepareInner(ptr: usize): void {
  rounds(ptr, SHARED_PTR, 0, FIXED_WORDS);
  // K of round 12 comes with its word from SHARED_PTR. The constants of round 13 are its K and its word, the padding.
  advance(ptr, 0, load<u32>(K_PTR, 13 << 2) + load<u32>(SHARED_PTR, 13 << 2));
}

/** Turns the outer midstate at `ptr` into the state that is kept. */
export function prepareOuter(ptr: usize): void {
  advance(ptr, load<u32>(K_PTR, 0), load<u32>(K_PTR, 4));
}
