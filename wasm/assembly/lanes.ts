// HMAC-SHA-256 of one message under four seeds at once, one in each 32-bit
// lane: the hot path. It does what is left of the two compressions (table.ts
// keeps the rest), takes the inner message schedule from SHARED_PTR, where all
// seeds share it, and computes of the outer hash the first 64 bits only.
// Letters are those of FIPS 180-4 §6.2.2. A round writes d and h in place, so
// that the next round is the same text with the letters turned by one.

import { INNER_OFFSET, OUTER_OFFSET, SHARED_PTR, STARTED_OFFSET } from "./layout";
import { K_PTR } from "./sha256";

// @ts-ignore: decorator
@inline function add(x: v128, y: v128): v128 { return i32x4.add(x, y); }
// @ts-ignore: decorator
@inline function xor(x: v128, y: v128): v128 { return v128.xor(x, y); }
// @ts-ignore: decorator
@inline function rotr4(x: v128, n: i32): v128 { return v128.or(i32x4.shr_u(x, n), i32x4.shl(x, 32 - n)); }
// @ts-ignore: decorator
@inline function s0(x: v128): v128 { return xor(xor(rotr4(x, 7), rotr4(x, 18)), i32x4.shr_u(x, 3)); }
// @ts-ignore: decorator
@inline function s1(x: v128): v128 { return xor(xor(rotr4(x, 17), rotr4(x, 19)), i32x4.shr_u(x, 10)); }
/** The part of T1 that needs no message word. */
// @ts-ignore: decorator
@inline function t1(e: v128, f: v128, g: v128, h: v128): v128 {
  return add(add(h, xor(xor(rotr4(e, 6), rotr4(e, 11)), rotr4(e, 25))), v128.bitselect(f, g, e));
}
// @ts-ignore: decorator
@inline function t2(a: v128, b: v128, c: v128): v128 {
  return add(xor(xor(rotr4(a, 2), rotr4(a, 13)), rotr4(a, 22)), xor(v128.and(xor(a, b), xor(b, c)), b));
}
/** The word at `ptr` in all lanes. */
// @ts-ignore: decorator
@inline function splat(ptr: usize, offset: usize): v128 { return v128.load32_splat(ptr + offset); }

/**
 * Writes the first two words of the MACs of the four seeds of the group at
 * `groupPtr` as two vectors at `macPtr`, for the message in SHARED_PTR.
 */
export function macs(groupPtr: usize, macPtr: usize): void {
  // Inner hash. Round 12 lacks only its word, the time step.
  let w0 = v128.load32_splat(SHARED_PTR, 48);
  let a = v128.load(groupPtr, STARTED_OFFSET + 64);
  let b = v128.load(groupPtr, STARTED_OFFSET + 80);
  let c = v128.load(groupPtr, STARTED_OFFSET + 96);
  let d = add(v128.load(groupPtr, STARTED_OFFSET + 112), w0);
  let e = v128.load(groupPtr, STARTED_OFFSET);
  let f = v128.load(groupPtr, STARTED_OFFSET + 16);
  let g = v128.load(groupPtr, STARTED_OFFSET + 32);
  let h = add(v128.load(groupPtr, STARTED_OFFSET + 48), w0);
  c = t1(h, a, b, c); g = add(g, c); c = add(c, t2(d, e, f));
  b = add(t1(g, h, a, b), splat(SHARED_PTR, 56)); f = add(f, b); b = add(b, t2(c, d, e));
  a = add(t1(f, g, h, a), splat(SHARED_PTR, 60)); e = add(e, a); a = add(a, t2(b, c, d));
  for (let p = SHARED_PTR + 64; p < SHARED_PTR + 256; p += 32) {
    h = add(t1(e, f, g, h), splat(p, 0)); d = add(d, h); h = add(h, t2(a, b, c));
    g = add(t1(d, e, f, g), splat(p, 4)); c = add(c, g); g = add(g, t2(h, a, b));
    f = add(t1(c, d, e, f), splat(p, 8)); b = add(b, f); f = add(f, t2(g, h, a));
    e = add(t1(b, c, d, e), splat(p, 12)); a = add(a, e); e = add(e, t2(f, g, h));
    d = add(t1(a, b, c, d), splat(p, 16)); h = add(h, d); d = add(d, t2(e, f, g));
    c = add(t1(h, a, b, c), splat(p, 20)); g = add(g, c); c = add(c, t2(d, e, f));
    b = add(t1(g, h, a, b), splat(p, 24)); f = add(f, b); b = add(b, t2(c, d, e));
    a = add(t1(f, g, h, a), splat(p, 28)); e = add(e, a); a = add(a, t2(b, c, d));
  }

  // Its digest is the message of the outer hash: eight words, then the padding 0x80000000, 0, …, 768.
  w0 = add(a, v128.load(groupPtr, INNER_OFFSET));
  let w1 = add(b, v128.load(groupPtr, INNER_OFFSET + 16));
  let w2 = add(c, v128.load(groupPtr, INNER_OFFSET + 32));
  let w3 = add(d, v128.load(groupPtr, INNER_OFFSET + 48));
  let w4 = add(e, v128.load(groupPtr, INNER_OFFSET + 64));
  let w5 = add(f, v128.load(groupPtr, INNER_OFFSET + 80));
  let w6 = add(g, v128.load(groupPtr, INNER_OFFSET + 96));
  let w7 = add(h, v128.load(groupPtr, INNER_OFFSET + 112));
  let w8 = i32x4.splat(0x80000000), w9 = i32x4.splat(0), w10 = w9, w11 = w9, w12 = w9, w13 = w9, w14 = w9;
  let w15 = i32x4.splat(768);

  // Outer hash. Round 0 lacks only its word, and round 1 has its K already.
  a = v128.load(groupPtr, OUTER_OFFSET);
  b = v128.load(groupPtr, OUTER_OFFSET + 16);
  c = v128.load(groupPtr, OUTER_OFFSET + 32);
  d = add(v128.load(groupPtr, OUTER_OFFSET + 48), w0);
  e = v128.load(groupPtr, OUTER_OFFSET + 64);
  f = v128.load(groupPtr, OUTER_OFFSET + 80);
  g = v128.load(groupPtr, OUTER_OFFSET + 96);
  h = add(v128.load(groupPtr, OUTER_OFFSET + 112), w0);
  g = add(t1(d, e, f, g), w1); c = add(c, g); g = add(g, t2(h, a, b));
  f = add(t1(c, d, e, f), add(w2, splat(K_PTR, 8))); b = add(b, f); f = add(f, t2(g, h, a));
  e = add(t1(b, c, d, e), add(w3, splat(K_PTR, 12))); a = add(a, e); e = add(e, t2(f, g, h));
  d = add(t1(a, b, c, d), add(w4, splat(K_PTR, 16))); h = add(h, d); d = add(d, t2(e, f, g));
  c = add(t1(h, a, b, c), add(w5, splat(K_PTR, 20))); g = add(g, c); c = add(c, t2(d, e, f));
  b = add(t1(g, h, a, b), add(w6, splat(K_PTR, 24))); f = add(f, b); b = add(b, t2(c, d, e));
  a = add(t1(f, g, h, a), add(w7, splat(K_PTR, 28))); e = add(e, a); a = add(a, t2(b, c, d));
  h = add(t1(e, f, g, h), add(w8, splat(K_PTR, 32))); d = add(d, h); h = add(h, t2(a, b, c));
  g = add(t1(d, e, f, g), splat(K_PTR, 36)); c = add(c, g); g = add(g, t2(h, a, b));
  f = add(t1(c, d, e, f), splat(K_PTR, 40)); b = add(b, f); f = add(f, t2(g, h, a));
  e = add(t1(b, c, d, e), splat(K_PTR, 44)); a = add(a, e); e = add(e, t2(f, g, h));
  d = add(t1(a, b, c, d), splat(K_PTR, 48)); h = add(h, d); d = add(d, t2(e, f, g));
  c = add(t1(h, a, b, c), splat(K_PTR, 52)); g = add(g, c); c = add(c, t2(d, e, f));
  b = add(t1(g, h, a, b), splat(K_PTR, 56)); f = add(f, b); b = add(b, t2(c, d, e));
  a = add(t1(f, g, h, a), add(w15, splat(K_PTR, 60))); e = add(e, a); a = add(a, t2(b, c, d));
  for (let k = K_PTR + 64; k < K_PTR + 256; k += 64) {
    w0 = add(add(w0, s0(w1)), add(w9, s1(w14)));
    h = add(t1(e, f, g, h), add(w0, splat(k, 0))); d = add(d, h); h = add(h, t2(a, b, c));
    w1 = add(add(w1, s0(w2)), add(w10, s1(w15)));
    g = add(t1(d, e, f, g), add(w1, splat(k, 4))); c = add(c, g); g = add(g, t2(h, a, b));
    w2 = add(add(w2, s0(w3)), add(w11, s1(w0)));
    f = add(t1(c, d, e, f), add(w2, splat(k, 8))); b = add(b, f); f = add(f, t2(g, h, a));
    w3 = add(add(w3, s0(w4)), add(w12, s1(w1)));
    e = add(t1(b, c, d, e), add(w3, splat(k, 12))); a = add(a, e); e = add(e, t2(f, g, h));
    w4 = add(add(w4, s0(w5)), add(w13, s1(w2)));
    d = add(t1(a, b, c, d), add(w4, splat(k, 16))); h = add(h, d); d = add(d, t2(e, f, g));
    w5 = add(add(w5, s0(w6)), add(w14, s1(w3)));
    c = add(t1(h, a, b, c), add(w5, splat(k, 20))); g = add(g, c); c = add(c, t2(d, e, f));
    w6 = add(add(w6, s0(w7)), add(w15, s1(w4)));
    b = add(t1(g, h, a, b), add(w6, splat(k, 24))); f = add(f, b); b = add(b, t2(c, d, e));
    w7 = add(add(w7, s0(w8)), add(w0, s1(w5)));
    a = add(t1(f, g, h, a), add(w7, splat(k, 28))); e = add(e, a); a = add(a, t2(b, c, d));
    w8 = add(add(w8, s0(w9)), add(w1, s1(w6)));
    h = add(t1(e, f, g, h), add(w8, splat(k, 32))); d = add(d, h); h = add(h, t2(a, b, c));
    w9 = add(add(w9, s0(w10)), add(w2, s1(w7)));
    g = add(t1(d, e, f, g), add(w9, splat(k, 36))); c = add(c, g); g = add(g, t2(h, a, b));
    w10 = add(add(w10, s0(w11)), add(w3, s1(w8)));
    f = add(t1(c, d, e, f), add(w10, splat(k, 40))); b = add(b, f); f = add(f, t2(g, h, a));
    w11 = add(add(w11, s0(w12)), add(w4, s1(w9)));
    e = add(t1(b, c, d, e), add(w11, splat(k, 44))); a = add(a, e); e = add(e, t2(f, g, h));
    w12 = add(add(w12, s0(w13)), add(w5, s1(w10)));
    d = add(t1(a, b, c, d), add(w12, splat(k, 48))); h = add(h, d); d = add(d, t2(e, f, g));
    w13 = add(add(w13, s0(w14)), add(w6, s1(w11)));
    c = add(t1(h, a, b, c), add(w13, splat(k, 52))); g = add(g, c); c = add(c, t2(d, e, f));
    w14 = add(add(w14, s0(w15)), add(w7, s1(w12)));
    b = add(t1(g, h, a, b), add(w14, splat(k, 56))); f = add(f, b); b = add(b, t2(c, d, e));
    w15 = add(add(w15, s0(w0)), add(w8, s1(w13)));
    a = add(t1(f, g, h, a), add(w15, splat(k, 60))); e = add(e, a); a = add(a, t2(b, c, d));
  }

  // The digest is this plus the chaining value; of it, words 0 and 1.
  v128.store(macPtr, add(a, v128.load(groupPtr, OUTER_OFFSET)));
  v128.store(macPtr, add(b, v128.load(groupPtr, OUTER_OFFSET + 16)), 16);
}
