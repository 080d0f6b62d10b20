// HMAC-SHA-256 of one message under eight seeds at once: the hot path of a bucket of
// profile 1. Four seeds are in the 32-bit lanes of a vector. Two such groups, x and y, are
// computed alternately, round by round, because a round of one group has to wait for its
// own results. prepare.ts has computed the first rounds of both hashes; this file computes
// the others. The inner words are the same for all seeds; they are at SHARED_PTR, with K
// added. The outer words are written to memory before the outer rounds start, so that a
// round needs sixteen vectors and not forty-eight. Only the first 64 bits of the outer hash
// are computed. The order of the lines, and of the terms in a line, is the fastest that was
// measured (wasm/TUNING.md has the others).
//
// The letters are those of FIPS 180-4 §6.2.2, and k is K + W. A round writes its results in
// place, into d and h. The next round is therefore the same text with all letters moved by
// one, and after eight rounds each letter is where it began.

import { INNER_OFFSET, OUTER_OFFSET, SHARED_PTR, STARTED_OFFSET, WORDS_PTR } from "../layout";
import { expand, K_PTR } from "./sha256";

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
// @ts-ignore: decorator
@inline function t1(e: v128, f: v128, g: v128, h: v128, kw: v128): v128 { return t1Known(e, f, g, add(h, kw)); }
/** T1, if the word and K have already been added to h. */
// @ts-ignore: decorator
@inline function t1Known(e: v128, f: v128, g: v128, h: v128): v128 {
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
 * Called once before the MACs of a row: completes the schedule at SHARED_PTR and adds K, so
 * that a round loads one word. It also writes the padding of the outer hash's message,
 * 0x80000000, 0, …, 768, where `macs` reads it.
 */
export function beginRow(): void {
  expand(SHARED_PTR);
  for (let i: usize = 0; i < 256; i += 16) {
    v128.store(SHARED_PTR + i, i32x4.add(v128.load(SHARED_PTR + i), v128.load(K_PTR + i)));
  }
  for (let ptr = WORDS_PTR; ptr < WORDS_PTR + 256; ptr += 16) v128.store(ptr, i32x4.splat(0));
  for (let ptr = WORDS_PTR; ptr < WORDS_PTR + 32; ptr += 16) {
    v128.store(ptr, i32x4.splat(0x80000000));
    v128.store(ptr, i32x4.splat(768), 224);
  }
}

/**
 * Writes the first two words of the MACs of two groups of four seeds, x and y,
 * each as two vectors at `macsPtr`, for the message in SHARED_PTR. Both may be
 * the same group. Leaves secrets in WORDS_PTR.
 */
export function macs(xPtr: usize, yPtr: usize, macsPtr: usize): void {
  // Inner hash. Round 12 lacks only its word, the time step; round 13 has its word and K already.
  let k = splat(SHARED_PTR, 48);
  let ax = v128.load(xPtr, STARTED_OFFSET + 64);
  let bx = v128.load(xPtr, STARTED_OFFSET + 80);
  let cx = v128.load(xPtr, STARTED_OFFSET + 96);
  let dx = add(v128.load(xPtr, STARTED_OFFSET + 112), k);
  let ex = v128.load(xPtr, STARTED_OFFSET);
  let fx = v128.load(xPtr, STARTED_OFFSET + 16);
  let gx = v128.load(xPtr, STARTED_OFFSET + 32);
  let hx = add(v128.load(xPtr, STARTED_OFFSET + 48), k);
  let ay = v128.load(yPtr, STARTED_OFFSET + 64);
  let by = v128.load(yPtr, STARTED_OFFSET + 80);
  let cy = v128.load(yPtr, STARTED_OFFSET + 96);
  let dy = add(v128.load(yPtr, STARTED_OFFSET + 112), k);
  let ey = v128.load(yPtr, STARTED_OFFSET);
  let fy = v128.load(yPtr, STARTED_OFFSET + 16);
  let gy = v128.load(yPtr, STARTED_OFFSET + 32);
  let hy = add(v128.load(yPtr, STARTED_OFFSET + 48), k);
  cx = t1Known(hx, ax, bx, cx); gx = add(gx, cx); cx = add(cx, t2(dx, ex, fx));
  cy = t1Known(hy, ay, by, cy); gy = add(gy, cy); cy = add(cy, t2(dy, ey, fy));
  k = splat(SHARED_PTR, 56);
  bx = t1(gx, hx, ax, bx, k); fx = add(fx, bx); bx = add(bx, t2(cx, dx, ex));
  by = t1(gy, hy, ay, by, k); fy = add(fy, by); by = add(by, t2(cy, dy, ey));
  k = splat(SHARED_PTR, 60);
  ax = t1(fx, gx, hx, ax, k); ex = add(ex, ax); ax = add(ax, t2(bx, cx, dx));
  ay = t1(fy, gy, hy, ay, k); ey = add(ey, ay); ay = add(ay, t2(by, cy, dy));
  for (let p = SHARED_PTR + 64; p < SHARED_PTR + 256; p += 32) {
    k = splat(p, 0);
    hx = t1(ex, fx, gx, hx, k); dx = add(dx, hx); hx = add(hx, t2(ax, bx, cx));
    hy = t1(ey, fy, gy, hy, k); dy = add(dy, hy); hy = add(hy, t2(ay, by, cy));
    k = splat(p, 4);
    gx = t1(dx, ex, fx, gx, k); cx = add(cx, gx); gx = add(gx, t2(hx, ax, bx));
    gy = t1(dy, ey, fy, gy, k); cy = add(cy, gy); gy = add(gy, t2(hy, ay, by));
    k = splat(p, 8);
    fx = t1(cx, dx, ex, fx, k); bx = add(bx, fx); fx = add(fx, t2(gx, hx, ax));
    fy = t1(cy, dy, ey, fy, k); by = add(by, fy); fy = add(fy, t2(gy, hy, ay));
    k = splat(p, 12);
    ex = t1(bx, cx, dx, ex, k); ax = add(ax, ex); ex = add(ex, t2(fx, gx, hx));
    ey = t1(by, cy, dy, ey, k); ay = add(ay, ey); ey = add(ey, t2(fy, gy, hy));
    k = splat(p, 16);
    dx = t1(ax, bx, cx, dx, k); hx = add(hx, dx); dx = add(dx, t2(ex, fx, gx));
    dy = t1(ay, by, cy, dy, k); hy = add(hy, dy); dy = add(dy, t2(ey, fy, gy));
    k = splat(p, 20);
    cx = t1(hx, ax, bx, cx, k); gx = add(gx, cx); cx = add(cx, t2(dx, ex, fx));
    cy = t1(hy, ay, by, cy, k); gy = add(gy, cy); cy = add(cy, t2(dy, ey, fy));
    k = splat(p, 24);
    bx = t1(gx, hx, ax, bx, k); fx = add(fx, bx); bx = add(bx, t2(cx, dx, ex));
    by = t1(gy, hy, ay, by, k); fy = add(fy, by); by = add(by, t2(cy, dy, ey));
    k = splat(p, 28);
    ax = t1(fx, gx, hx, ax, k); ex = add(ex, ax); ax = add(ax, t2(bx, cx, dx));
    ay = t1(fy, gy, hy, ay, k); ey = add(ey, ay); ay = add(ay, t2(by, cy, dy));
  }

  // Its digest is the message of the outer hash: eight words. Words 8 to 15 are the padding and in
  // WORDS_PTR already; what they contribute to words 16 to 31 is folded in.
  const w0x = add(ax, v128.load(xPtr, INNER_OFFSET));
  const w1x = add(bx, v128.load(xPtr, INNER_OFFSET + 16));
  const w2x = add(cx, v128.load(xPtr, INNER_OFFSET + 32));
  const w3x = add(dx, v128.load(xPtr, INNER_OFFSET + 48));
  const w4x = add(ex, v128.load(xPtr, INNER_OFFSET + 64));
  const w5x = add(fx, v128.load(xPtr, INNER_OFFSET + 80));
  const w6x = add(gx, v128.load(xPtr, INNER_OFFSET + 96));
  const w7x = add(hx, v128.load(xPtr, INNER_OFFSET + 112));
  const w0y = add(ay, v128.load(yPtr, INNER_OFFSET));
  const w1y = add(by, v128.load(yPtr, INNER_OFFSET + 16));
  const w2y = add(cy, v128.load(yPtr, INNER_OFFSET + 32));
  const w3y = add(dy, v128.load(yPtr, INNER_OFFSET + 48));
  const w4y = add(ey, v128.load(yPtr, INNER_OFFSET + 64));
  const w5y = add(fy, v128.load(yPtr, INNER_OFFSET + 80));
  const w6y = add(gy, v128.load(yPtr, INNER_OFFSET + 96));
  const w7y = add(hy, v128.load(yPtr, INNER_OFFSET + 112));
  const w16x = add(w0x, s0(w1x)); v128.store(WORDS_PTR, w16x, 256);
  const w16y = add(w0y, s0(w1y)); v128.store(WORDS_PTR, w16y, 272);
  const w17x = add(add(w1x, s0(w2x)), i32x4.splat(0x1e00000)); v128.store(WORDS_PTR, w17x, 288);
  const w17y = add(add(w1y, s0(w2y)), i32x4.splat(0x1e00000)); v128.store(WORDS_PTR, w17y, 304);
  const w18x = add(add(w2x, s0(w3x)), s1(w16x)); v128.store(WORDS_PTR, w18x, 320);
  const w18y = add(add(w2y, s0(w3y)), s1(w16y)); v128.store(WORDS_PTR, w18y, 336);
  const w19x = add(add(w3x, s0(w4x)), s1(w17x)); v128.store(WORDS_PTR, w19x, 352);
  const w19y = add(add(w3y, s0(w4y)), s1(w17y)); v128.store(WORDS_PTR, w19y, 368);
  const w20x = add(add(w4x, s0(w5x)), s1(w18x)); v128.store(WORDS_PTR, w20x, 384);
  const w20y = add(add(w4y, s0(w5y)), s1(w18y)); v128.store(WORDS_PTR, w20y, 400);
  const w21x = add(add(w5x, s0(w6x)), s1(w19x)); v128.store(WORDS_PTR, w21x, 416);
  const w21y = add(add(w5y, s0(w6y)), s1(w19y)); v128.store(WORDS_PTR, w21y, 432);
  const w22x = add(add(w6x, s0(w7x)), add(i32x4.splat(768), s1(w20x))); v128.store(WORDS_PTR, w22x, 448);
  const w22y = add(add(w6y, s0(w7y)), add(i32x4.splat(768), s1(w20y))); v128.store(WORDS_PTR, w22y, 464);
  const w23x = add(add(w7x, i32x4.splat(0x11002000)), add(w16x, s1(w21x))); v128.store(WORDS_PTR, w23x, 480);
  const w23y = add(add(w7y, i32x4.splat(0x11002000)), add(w16y, s1(w21y))); v128.store(WORDS_PTR, w23y, 496);
  const w24x = add(add(i32x4.splat(0x80000000), w17x), s1(w22x)); v128.store(WORDS_PTR, w24x, 512);
  const w24y = add(add(i32x4.splat(0x80000000), w17y), s1(w22y)); v128.store(WORDS_PTR, w24y, 528);
  const w25x = add(w18x, s1(w23x)); v128.store(WORDS_PTR, w25x, 544);
  const w25y = add(w18y, s1(w23y)); v128.store(WORDS_PTR, w25y, 560);
  const w26x = add(w19x, s1(w24x)); v128.store(WORDS_PTR, w26x, 576);
  const w26y = add(w19y, s1(w24y)); v128.store(WORDS_PTR, w26y, 592);
  const w27x = add(w20x, s1(w25x)); v128.store(WORDS_PTR, w27x, 608);
  const w27y = add(w20y, s1(w25y)); v128.store(WORDS_PTR, w27y, 624);
  const w28x = add(w21x, s1(w26x)); v128.store(WORDS_PTR, w28x, 640);
  const w28y = add(w21y, s1(w26y)); v128.store(WORDS_PTR, w28y, 656);
  const w29x = add(w22x, s1(w27x)); v128.store(WORDS_PTR, w29x, 672);
  const w29y = add(w22y, s1(w27y)); v128.store(WORDS_PTR, w29y, 688);
  const w30x = add(add(i32x4.splat(0xc00066), w23x), s1(w28x)); v128.store(WORDS_PTR, w30x, 704);
  const w30y = add(add(i32x4.splat(0xc00066), w23y), s1(w28y)); v128.store(WORDS_PTR, w30y, 720);
  const w31x = add(add(i32x4.splat(768), s0(w16x)), add(w24x, s1(w29x))); v128.store(WORDS_PTR, w31x, 736);
  const w31y = add(add(i32x4.splat(768), s0(w16y)), add(w24y, s1(w29y))); v128.store(WORDS_PTR, w31y, 752);
  // Each iteration makes words t to t + 7; p points to word t - 16.
  for (let p = WORDS_PTR + 256; p < WORDS_PTR + 1280; p += 256) {
    const v0x = add(add(v128.load(p, 0), s0(v128.load(p, 32))), add(v128.load(p, 288), s1(v128.load(p, 448)))); v128.store(p, v0x, 512);
    const v0y = add(add(v128.load(p, 16), s0(v128.load(p, 48))), add(v128.load(p, 304), s1(v128.load(p, 464)))); v128.store(p, v0y, 528);
    const v1x = add(add(v128.load(p, 32), s0(v128.load(p, 64))), add(v128.load(p, 320), s1(v128.load(p, 480)))); v128.store(p, v1x, 544);
    const v1y = add(add(v128.load(p, 48), s0(v128.load(p, 80))), add(v128.load(p, 336), s1(v128.load(p, 496)))); v128.store(p, v1y, 560);
    const v2x = add(add(v128.load(p, 64), s0(v128.load(p, 96))), add(v128.load(p, 352), s1(v0x))); v128.store(p, v2x, 576);
    const v2y = add(add(v128.load(p, 80), s0(v128.load(p, 112))), add(v128.load(p, 368), s1(v0y))); v128.store(p, v2y, 592);
    const v3x = add(add(v128.load(p, 96), s0(v128.load(p, 128))), add(v128.load(p, 384), s1(v1x))); v128.store(p, v3x, 608);
    const v3y = add(add(v128.load(p, 112), s0(v128.load(p, 144))), add(v128.load(p, 400), s1(v1y))); v128.store(p, v3y, 624);
    const v4x = add(add(v128.load(p, 128), s0(v128.load(p, 160))), add(v128.load(p, 416), s1(v2x))); v128.store(p, v4x, 640);
    const v4y = add(add(v128.load(p, 144), s0(v128.load(p, 176))), add(v128.load(p, 432), s1(v2y))); v128.store(p, v4y, 656);
    const v5x = add(add(v128.load(p, 160), s0(v128.load(p, 192))), add(v128.load(p, 448), s1(v3x))); v128.store(p, v5x, 672);
    const v5y = add(add(v128.load(p, 176), s0(v128.load(p, 208))), add(v128.load(p, 464), s1(v3y))); v128.store(p, v5y, 688);
    const v6x = add(add(v128.load(p, 192), s0(v128.load(p, 224))), add(v128.load(p, 480), s1(v4x))); v128.store(p, v6x, 704);
    const v6y = add(add(v128.load(p, 208), s0(v128.load(p, 240))), add(v128.load(p, 496), s1(v4y))); v128.store(p, v6y, 720);
    const v7x = add(add(v128.load(p, 224), s0(v128.load(p, 256))), add(v0x, s1(v5x))); v128.store(p, v7x, 736);
    const v7y = add(add(v128.load(p, 240), s0(v128.load(p, 272))), add(v0y, s1(v5y))); v128.store(p, v7y, 752);
  }

  // Outer hash. Round 0 lacks only its word, and round 1 has its K already.
  ax = v128.load(xPtr, OUTER_OFFSET);
  bx = v128.load(xPtr, OUTER_OFFSET + 16);
  cx = v128.load(xPtr, OUTER_OFFSET + 32);
  dx = add(v128.load(xPtr, OUTER_OFFSET + 48), w0x);
  ex = v128.load(xPtr, OUTER_OFFSET + 64);
  fx = v128.load(xPtr, OUTER_OFFSET + 80);
  gx = v128.load(xPtr, OUTER_OFFSET + 96);
  hx = add(v128.load(xPtr, OUTER_OFFSET + 112), w0x);
  ay = v128.load(yPtr, OUTER_OFFSET);
  by = v128.load(yPtr, OUTER_OFFSET + 16);
  cy = v128.load(yPtr, OUTER_OFFSET + 32);
  dy = add(v128.load(yPtr, OUTER_OFFSET + 48), w0y);
  ey = v128.load(yPtr, OUTER_OFFSET + 64);
  fy = v128.load(yPtr, OUTER_OFFSET + 80);
  gy = v128.load(yPtr, OUTER_OFFSET + 96);
  hy = add(v128.load(yPtr, OUTER_OFFSET + 112), w0y);
  gx = t1(dx, ex, fx, gx, w1x); cx = add(cx, gx); gx = add(gx, t2(hx, ax, bx));
  gy = t1(dy, ey, fy, gy, w1y); cy = add(cy, gy); gy = add(gy, t2(hy, ay, by));
  k = splat(K_PTR, 8);
  fx = t1(cx, dx, ex, fx, add(w2x, k)); bx = add(bx, fx); fx = add(fx, t2(gx, hx, ax));
  fy = t1(cy, dy, ey, fy, add(w2y, k)); by = add(by, fy); fy = add(fy, t2(gy, hy, ay));
  k = splat(K_PTR, 12);
  ex = t1(bx, cx, dx, ex, add(w3x, k)); ax = add(ax, ex); ex = add(ex, t2(fx, gx, hx));
  ey = t1(by, cy, dy, ey, add(w3y, k)); ay = add(ay, ey); ey = add(ey, t2(fy, gy, hy));
  k = splat(K_PTR, 16);
  dx = t1(ax, bx, cx, dx, add(w4x, k)); hx = add(hx, dx); dx = add(dx, t2(ex, fx, gx));
  dy = t1(ay, by, cy, dy, add(w4y, k)); hy = add(hy, dy); dy = add(dy, t2(ey, fy, gy));
  k = splat(K_PTR, 20);
  cx = t1(hx, ax, bx, cx, add(w5x, k)); gx = add(gx, cx); cx = add(cx, t2(dx, ex, fx));
  cy = t1(hy, ay, by, cy, add(w5y, k)); gy = add(gy, cy); cy = add(cy, t2(dy, ey, fy));
  k = splat(K_PTR, 24);
  bx = t1(gx, hx, ax, bx, add(w6x, k)); fx = add(fx, bx); bx = add(bx, t2(cx, dx, ex));
  by = t1(gy, hy, ay, by, add(w6y, k)); fy = add(fy, by); by = add(by, t2(cy, dy, ey));
  k = splat(K_PTR, 28);
  ax = t1(fx, gx, hx, ax, add(w7x, k)); ex = add(ex, ax); ax = add(ax, t2(bx, cx, dx));
  ay = t1(fy, gy, hy, ay, add(w7y, k)); ey = add(ey, ay); ay = add(ay, t2(by, cy, dy));
  for (let p = WORDS_PTR, q = K_PTR + 32; p < WORDS_PTR + 1792; p += 256, q += 32) {
    k = splat(q, 0);
    hx = t1(ex, fx, gx, hx, add(v128.load(p, 0), k)); dx = add(dx, hx); hx = add(hx, t2(ax, bx, cx));
    hy = t1(ey, fy, gy, hy, add(v128.load(p, 16), k)); dy = add(dy, hy); hy = add(hy, t2(ay, by, cy));
    k = splat(q, 4);
    gx = t1(dx, ex, fx, gx, add(v128.load(p, 32), k)); cx = add(cx, gx); gx = add(gx, t2(hx, ax, bx));
    gy = t1(dy, ey, fy, gy, add(v128.load(p, 48), k)); cy = add(cy, gy); gy = add(gy, t2(hy, ay, by));
    k = splat(q, 8);
    fx = t1(cx, dx, ex, fx, add(v128.load(p, 64), k)); bx = add(bx, fx); fx = add(fx, t2(gx, hx, ax));
    fy = t1(cy, dy, ey, fy, add(v128.load(p, 80), k)); by = add(by, fy); fy = add(fy, t2(gy, hy, ay));
    k = splat(q, 12);
    ex = t1(bx, cx, dx, ex, add(v128.load(p, 96), k)); ax = add(ax, ex); ex = add(ex, t2(fx, gx, hx));
    ey = t1(by, cy, dy, ey, add(v128.load(p, 112), k)); ay = add(ay, ey); ey = add(ey, t2(fy, gy, hy));
    k = splat(q, 16);
    dx = t1(ax, bx, cx, dx, add(v128.load(p, 128), k)); hx = add(hx, dx); dx = add(dx, t2(ex, fx, gx));
    dy = t1(ay, by, cy, dy, add(v128.load(p, 144), k)); hy = add(hy, dy); dy = add(dy, t2(ey, fy, gy));
    k = splat(q, 20);
    cx = t1(hx, ax, bx, cx, add(v128.load(p, 160), k)); gx = add(gx, cx); cx = add(cx, t2(dx, ex, fx));
    cy = t1(hy, ay, by, cy, add(v128.load(p, 176), k)); gy = add(gy, cy); cy = add(cy, t2(dy, ey, fy));
    k = splat(q, 24);
    bx = t1(gx, hx, ax, bx, add(v128.load(p, 192), k)); fx = add(fx, bx); bx = add(bx, t2(cx, dx, ex));
    by = t1(gy, hy, ay, by, add(v128.load(p, 208), k)); fy = add(fy, by); by = add(by, t2(cy, dy, ey));
    k = splat(q, 28);
    ax = t1(fx, gx, hx, ax, add(v128.load(p, 224), k)); ex = add(ex, ax); ax = add(ax, t2(bx, cx, dx));
    ay = t1(fy, gy, hy, ay, add(v128.load(p, 240), k)); ey = add(ey, ay); ay = add(ay, t2(by, cy, dy));
  }

  // The digest is this plus the chaining value; only its words 0 and 1 are needed.
  v128.store(macsPtr, add(ax, v128.load(xPtr, OUTER_OFFSET)));
  v128.store(macsPtr, add(bx, v128.load(xPtr, OUTER_OFFSET + 16)), 16);
  v128.store(macsPtr, add(ay, v128.load(yPtr, OUTER_OFFSET)), 32);
  v128.store(macsPtr, add(by, v128.load(yPtr, OUTER_OFFSET + 16)), 48);
}
