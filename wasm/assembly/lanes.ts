// HMAC-SHA-256 of one message under eight seeds at once: the hot path. Four
// seeds lie in the 32-bit lanes of a vector, and two such groups, x and y, run
// round by round beside each other, because the rounds of one wait for their own
// results most of the time (this function alone: 10.9 M MACs/s for two groups,
// 8.0 M for one, 9.6 M for three). It does what is left of the two compressions (table.ts
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
 * Writes the first two words of the MACs of two groups of four seeds, x and y,
 * each as two vectors at `macsPtr`, for the message in SHARED_PTR. Both may be
 * the same group.
 */
export function macs(xPtr: usize, yPtr: usize, macsPtr: usize): void {
  // Inner hash. Round 12 lacks only its word, the time step.
  const step = splat(SHARED_PTR, 48);
  let ax = v128.load(xPtr, STARTED_OFFSET + 64);
  let bx = v128.load(xPtr, STARTED_OFFSET + 80);
  let cx = v128.load(xPtr, STARTED_OFFSET + 96);
  let dx = add(v128.load(xPtr, STARTED_OFFSET + 112), step);
  let ex = v128.load(xPtr, STARTED_OFFSET);
  let fx = v128.load(xPtr, STARTED_OFFSET + 16);
  let gx = v128.load(xPtr, STARTED_OFFSET + 32);
  let hx = add(v128.load(xPtr, STARTED_OFFSET + 48), step);
  let ay = v128.load(yPtr, STARTED_OFFSET + 64);
  let by = v128.load(yPtr, STARTED_OFFSET + 80);
  let cy = v128.load(yPtr, STARTED_OFFSET + 96);
  let dy = add(v128.load(yPtr, STARTED_OFFSET + 112), step);
  let ey = v128.load(yPtr, STARTED_OFFSET);
  let fy = v128.load(yPtr, STARTED_OFFSET + 16);
  let gy = v128.load(yPtr, STARTED_OFFSET + 32);
  let hy = add(v128.load(yPtr, STARTED_OFFSET + 48), step);
  cx = t1(hx, ax, bx, cx); gx = add(gx, cx); cx = add(cx, t2(dx, ex, fx));
  cy = t1(hy, ay, by, cy); gy = add(gy, cy); cy = add(cy, t2(dy, ey, fy));
  bx = add(t1(gx, hx, ax, bx), splat(SHARED_PTR, 56)); fx = add(fx, bx); bx = add(bx, t2(cx, dx, ex));
  by = add(t1(gy, hy, ay, by), splat(SHARED_PTR, 56)); fy = add(fy, by); by = add(by, t2(cy, dy, ey));
  ax = add(t1(fx, gx, hx, ax), splat(SHARED_PTR, 60)); ex = add(ex, ax); ax = add(ax, t2(bx, cx, dx));
  ay = add(t1(fy, gy, hy, ay), splat(SHARED_PTR, 60)); ey = add(ey, ay); ay = add(ay, t2(by, cy, dy));
  for (let p = SHARED_PTR + 64; p < SHARED_PTR + 256; p += 32) {
    hx = add(t1(ex, fx, gx, hx), splat(p, 0)); dx = add(dx, hx); hx = add(hx, t2(ax, bx, cx));
    hy = add(t1(ey, fy, gy, hy), splat(p, 0)); dy = add(dy, hy); hy = add(hy, t2(ay, by, cy));
    gx = add(t1(dx, ex, fx, gx), splat(p, 4)); cx = add(cx, gx); gx = add(gx, t2(hx, ax, bx));
    gy = add(t1(dy, ey, fy, gy), splat(p, 4)); cy = add(cy, gy); gy = add(gy, t2(hy, ay, by));
    fx = add(t1(cx, dx, ex, fx), splat(p, 8)); bx = add(bx, fx); fx = add(fx, t2(gx, hx, ax));
    fy = add(t1(cy, dy, ey, fy), splat(p, 8)); by = add(by, fy); fy = add(fy, t2(gy, hy, ay));
    ex = add(t1(bx, cx, dx, ex), splat(p, 12)); ax = add(ax, ex); ex = add(ex, t2(fx, gx, hx));
    ey = add(t1(by, cy, dy, ey), splat(p, 12)); ay = add(ay, ey); ey = add(ey, t2(fy, gy, hy));
    dx = add(t1(ax, bx, cx, dx), splat(p, 16)); hx = add(hx, dx); dx = add(dx, t2(ex, fx, gx));
    dy = add(t1(ay, by, cy, dy), splat(p, 16)); hy = add(hy, dy); dy = add(dy, t2(ey, fy, gy));
    cx = add(t1(hx, ax, bx, cx), splat(p, 20)); gx = add(gx, cx); cx = add(cx, t2(dx, ex, fx));
    cy = add(t1(hy, ay, by, cy), splat(p, 20)); gy = add(gy, cy); cy = add(cy, t2(dy, ey, fy));
    bx = add(t1(gx, hx, ax, bx), splat(p, 24)); fx = add(fx, bx); bx = add(bx, t2(cx, dx, ex));
    by = add(t1(gy, hy, ay, by), splat(p, 24)); fy = add(fy, by); by = add(by, t2(cy, dy, ey));
    ax = add(t1(fx, gx, hx, ax), splat(p, 28)); ex = add(ex, ax); ax = add(ax, t2(bx, cx, dx));
    ay = add(t1(fy, gy, hy, ay), splat(p, 28)); ey = add(ey, ay); ay = add(ay, t2(by, cy, dy));
  }

  // Its digest is the message of the outer hash: eight words, then the padding 0x80000000, 0, …, 768.
  let w0x = add(ax, v128.load(xPtr, INNER_OFFSET));
  let w1x = add(bx, v128.load(xPtr, INNER_OFFSET + 16));
  let w2x = add(cx, v128.load(xPtr, INNER_OFFSET + 32));
  let w3x = add(dx, v128.load(xPtr, INNER_OFFSET + 48));
  let w4x = add(ex, v128.load(xPtr, INNER_OFFSET + 64));
  let w5x = add(fx, v128.load(xPtr, INNER_OFFSET + 80));
  let w6x = add(gx, v128.load(xPtr, INNER_OFFSET + 96));
  let w7x = add(hx, v128.load(xPtr, INNER_OFFSET + 112));
  let w8x = i32x4.splat(0x80000000), w9x = i32x4.splat(0), w10x = w9x, w11x = w9x, w12x = w9x, w13x = w9x;
  let w14x = w9x, w15x = i32x4.splat(768);
  let w0y = add(ay, v128.load(yPtr, INNER_OFFSET));
  let w1y = add(by, v128.load(yPtr, INNER_OFFSET + 16));
  let w2y = add(cy, v128.load(yPtr, INNER_OFFSET + 32));
  let w3y = add(dy, v128.load(yPtr, INNER_OFFSET + 48));
  let w4y = add(ey, v128.load(yPtr, INNER_OFFSET + 64));
  let w5y = add(fy, v128.load(yPtr, INNER_OFFSET + 80));
  let w6y = add(gy, v128.load(yPtr, INNER_OFFSET + 96));
  let w7y = add(hy, v128.load(yPtr, INNER_OFFSET + 112));
  let w8y = i32x4.splat(0x80000000), w9y = i32x4.splat(0), w10y = w9y, w11y = w9y, w12y = w9y, w13y = w9y;
  let w14y = w9y, w15y = i32x4.splat(768);

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
  gx = add(t1(dx, ex, fx, gx), w1x); cx = add(cx, gx); gx = add(gx, t2(hx, ax, bx));
  gy = add(t1(dy, ey, fy, gy), w1y); cy = add(cy, gy); gy = add(gy, t2(hy, ay, by));
  fx = add(t1(cx, dx, ex, fx), add(w2x, splat(K_PTR, 8))); bx = add(bx, fx); fx = add(fx, t2(gx, hx, ax));
  fy = add(t1(cy, dy, ey, fy), add(w2y, splat(K_PTR, 8))); by = add(by, fy); fy = add(fy, t2(gy, hy, ay));
  ex = add(t1(bx, cx, dx, ex), add(w3x, splat(K_PTR, 12))); ax = add(ax, ex); ex = add(ex, t2(fx, gx, hx));
  ey = add(t1(by, cy, dy, ey), add(w3y, splat(K_PTR, 12))); ay = add(ay, ey); ey = add(ey, t2(fy, gy, hy));
  dx = add(t1(ax, bx, cx, dx), add(w4x, splat(K_PTR, 16))); hx = add(hx, dx); dx = add(dx, t2(ex, fx, gx));
  dy = add(t1(ay, by, cy, dy), add(w4y, splat(K_PTR, 16))); hy = add(hy, dy); dy = add(dy, t2(ey, fy, gy));
  cx = add(t1(hx, ax, bx, cx), add(w5x, splat(K_PTR, 20))); gx = add(gx, cx); cx = add(cx, t2(dx, ex, fx));
  cy = add(t1(hy, ay, by, cy), add(w5y, splat(K_PTR, 20))); gy = add(gy, cy); cy = add(cy, t2(dy, ey, fy));
  bx = add(t1(gx, hx, ax, bx), add(w6x, splat(K_PTR, 24))); fx = add(fx, bx); bx = add(bx, t2(cx, dx, ex));
  by = add(t1(gy, hy, ay, by), add(w6y, splat(K_PTR, 24))); fy = add(fy, by); by = add(by, t2(cy, dy, ey));
  ax = add(t1(fx, gx, hx, ax), add(w7x, splat(K_PTR, 28))); ex = add(ex, ax); ax = add(ax, t2(bx, cx, dx));
  ay = add(t1(fy, gy, hy, ay), add(w7y, splat(K_PTR, 28))); ey = add(ey, ay); ay = add(ay, t2(by, cy, dy));
  hx = add(t1(ex, fx, gx, hx), add(w8x, splat(K_PTR, 32))); dx = add(dx, hx); hx = add(hx, t2(ax, bx, cx));
  hy = add(t1(ey, fy, gy, hy), add(w8y, splat(K_PTR, 32))); dy = add(dy, hy); hy = add(hy, t2(ay, by, cy));
  gx = add(t1(dx, ex, fx, gx), splat(K_PTR, 36)); cx = add(cx, gx); gx = add(gx, t2(hx, ax, bx));
  gy = add(t1(dy, ey, fy, gy), splat(K_PTR, 36)); cy = add(cy, gy); gy = add(gy, t2(hy, ay, by));
  fx = add(t1(cx, dx, ex, fx), splat(K_PTR, 40)); bx = add(bx, fx); fx = add(fx, t2(gx, hx, ax));
  fy = add(t1(cy, dy, ey, fy), splat(K_PTR, 40)); by = add(by, fy); fy = add(fy, t2(gy, hy, ay));
  ex = add(t1(bx, cx, dx, ex), splat(K_PTR, 44)); ax = add(ax, ex); ex = add(ex, t2(fx, gx, hx));
  ey = add(t1(by, cy, dy, ey), splat(K_PTR, 44)); ay = add(ay, ey); ey = add(ey, t2(fy, gy, hy));
  dx = add(t1(ax, bx, cx, dx), splat(K_PTR, 48)); hx = add(hx, dx); dx = add(dx, t2(ex, fx, gx));
  dy = add(t1(ay, by, cy, dy), splat(K_PTR, 48)); hy = add(hy, dy); dy = add(dy, t2(ey, fy, gy));
  cx = add(t1(hx, ax, bx, cx), splat(K_PTR, 52)); gx = add(gx, cx); cx = add(cx, t2(dx, ex, fx));
  cy = add(t1(hy, ay, by, cy), splat(K_PTR, 52)); gy = add(gy, cy); cy = add(cy, t2(dy, ey, fy));
  bx = add(t1(gx, hx, ax, bx), splat(K_PTR, 56)); fx = add(fx, bx); bx = add(bx, t2(cx, dx, ex));
  by = add(t1(gy, hy, ay, by), splat(K_PTR, 56)); fy = add(fy, by); by = add(by, t2(cy, dy, ey));
  ax = add(t1(fx, gx, hx, ax), add(w15x, splat(K_PTR, 60))); ex = add(ex, ax); ax = add(ax, t2(bx, cx, dx));
  ay = add(t1(fy, gy, hy, ay), add(w15y, splat(K_PTR, 60))); ey = add(ey, ay); ay = add(ay, t2(by, cy, dy));
  for (let k = K_PTR + 64; k < K_PTR + 256; k += 64) {
    w0x = add(add(w0x, s0(w1x)), add(w9x, s1(w14x)));
    hx = add(t1(ex, fx, gx, hx), add(w0x, splat(k, 0))); dx = add(dx, hx); hx = add(hx, t2(ax, bx, cx));
    w0y = add(add(w0y, s0(w1y)), add(w9y, s1(w14y)));
    hy = add(t1(ey, fy, gy, hy), add(w0y, splat(k, 0))); dy = add(dy, hy); hy = add(hy, t2(ay, by, cy));
    w1x = add(add(w1x, s0(w2x)), add(w10x, s1(w15x)));
    gx = add(t1(dx, ex, fx, gx), add(w1x, splat(k, 4))); cx = add(cx, gx); gx = add(gx, t2(hx, ax, bx));
    w1y = add(add(w1y, s0(w2y)), add(w10y, s1(w15y)));
    gy = add(t1(dy, ey, fy, gy), add(w1y, splat(k, 4))); cy = add(cy, gy); gy = add(gy, t2(hy, ay, by));
    w2x = add(add(w2x, s0(w3x)), add(w11x, s1(w0x)));
    fx = add(t1(cx, dx, ex, fx), add(w2x, splat(k, 8))); bx = add(bx, fx); fx = add(fx, t2(gx, hx, ax));
    w2y = add(add(w2y, s0(w3y)), add(w11y, s1(w0y)));
    fy = add(t1(cy, dy, ey, fy), add(w2y, splat(k, 8))); by = add(by, fy); fy = add(fy, t2(gy, hy, ay));
    w3x = add(add(w3x, s0(w4x)), add(w12x, s1(w1x)));
    ex = add(t1(bx, cx, dx, ex), add(w3x, splat(k, 12))); ax = add(ax, ex); ex = add(ex, t2(fx, gx, hx));
    w3y = add(add(w3y, s0(w4y)), add(w12y, s1(w1y)));
    ey = add(t1(by, cy, dy, ey), add(w3y, splat(k, 12))); ay = add(ay, ey); ey = add(ey, t2(fy, gy, hy));
    w4x = add(add(w4x, s0(w5x)), add(w13x, s1(w2x)));
    dx = add(t1(ax, bx, cx, dx), add(w4x, splat(k, 16))); hx = add(hx, dx); dx = add(dx, t2(ex, fx, gx));
    w4y = add(add(w4y, s0(w5y)), add(w13y, s1(w2y)));
    dy = add(t1(ay, by, cy, dy), add(w4y, splat(k, 16))); hy = add(hy, dy); dy = add(dy, t2(ey, fy, gy));
    w5x = add(add(w5x, s0(w6x)), add(w14x, s1(w3x)));
    cx = add(t1(hx, ax, bx, cx), add(w5x, splat(k, 20))); gx = add(gx, cx); cx = add(cx, t2(dx, ex, fx));
    w5y = add(add(w5y, s0(w6y)), add(w14y, s1(w3y)));
    cy = add(t1(hy, ay, by, cy), add(w5y, splat(k, 20))); gy = add(gy, cy); cy = add(cy, t2(dy, ey, fy));
    w6x = add(add(w6x, s0(w7x)), add(w15x, s1(w4x)));
    bx = add(t1(gx, hx, ax, bx), add(w6x, splat(k, 24))); fx = add(fx, bx); bx = add(bx, t2(cx, dx, ex));
    w6y = add(add(w6y, s0(w7y)), add(w15y, s1(w4y)));
    by = add(t1(gy, hy, ay, by), add(w6y, splat(k, 24))); fy = add(fy, by); by = add(by, t2(cy, dy, ey));
    w7x = add(add(w7x, s0(w8x)), add(w0x, s1(w5x)));
    ax = add(t1(fx, gx, hx, ax), add(w7x, splat(k, 28))); ex = add(ex, ax); ax = add(ax, t2(bx, cx, dx));
    w7y = add(add(w7y, s0(w8y)), add(w0y, s1(w5y)));
    ay = add(t1(fy, gy, hy, ay), add(w7y, splat(k, 28))); ey = add(ey, ay); ay = add(ay, t2(by, cy, dy));
    w8x = add(add(w8x, s0(w9x)), add(w1x, s1(w6x)));
    hx = add(t1(ex, fx, gx, hx), add(w8x, splat(k, 32))); dx = add(dx, hx); hx = add(hx, t2(ax, bx, cx));
    w8y = add(add(w8y, s0(w9y)), add(w1y, s1(w6y)));
    hy = add(t1(ey, fy, gy, hy), add(w8y, splat(k, 32))); dy = add(dy, hy); hy = add(hy, t2(ay, by, cy));
    w9x = add(add(w9x, s0(w10x)), add(w2x, s1(w7x)));
    gx = add(t1(dx, ex, fx, gx), add(w9x, splat(k, 36))); cx = add(cx, gx); gx = add(gx, t2(hx, ax, bx));
    w9y = add(add(w9y, s0(w10y)), add(w2y, s1(w7y)));
    gy = add(t1(dy, ey, fy, gy), add(w9y, splat(k, 36))); cy = add(cy, gy); gy = add(gy, t2(hy, ay, by));
    w10x = add(add(w10x, s0(w11x)), add(w3x, s1(w8x)));
    fx = add(t1(cx, dx, ex, fx), add(w10x, splat(k, 40))); bx = add(bx, fx); fx = add(fx, t2(gx, hx, ax));
    w10y = add(add(w10y, s0(w11y)), add(w3y, s1(w8y)));
    fy = add(t1(cy, dy, ey, fy), add(w10y, splat(k, 40))); by = add(by, fy); fy = add(fy, t2(gy, hy, ay));
    w11x = add(add(w11x, s0(w12x)), add(w4x, s1(w9x)));
    ex = add(t1(bx, cx, dx, ex), add(w11x, splat(k, 44))); ax = add(ax, ex); ex = add(ex, t2(fx, gx, hx));
    w11y = add(add(w11y, s0(w12y)), add(w4y, s1(w9y)));
    ey = add(t1(by, cy, dy, ey), add(w11y, splat(k, 44))); ay = add(ay, ey); ey = add(ey, t2(fy, gy, hy));
    w12x = add(add(w12x, s0(w13x)), add(w5x, s1(w10x)));
    dx = add(t1(ax, bx, cx, dx), add(w12x, splat(k, 48))); hx = add(hx, dx); dx = add(dx, t2(ex, fx, gx));
    w12y = add(add(w12y, s0(w13y)), add(w5y, s1(w10y)));
    dy = add(t1(ay, by, cy, dy), add(w12y, splat(k, 48))); hy = add(hy, dy); dy = add(dy, t2(ey, fy, gy));
    w13x = add(add(w13x, s0(w14x)), add(w6x, s1(w11x)));
    cx = add(t1(hx, ax, bx, cx), add(w13x, splat(k, 52))); gx = add(gx, cx); cx = add(cx, t2(dx, ex, fx));
    w13y = add(add(w13y, s0(w14y)), add(w6y, s1(w11y)));
    cy = add(t1(hy, ay, by, cy), add(w13y, splat(k, 52))); gy = add(gy, cy); cy = add(cy, t2(dy, ey, fy));
    w14x = add(add(w14x, s0(w15x)), add(w7x, s1(w12x)));
    bx = add(t1(gx, hx, ax, bx), add(w14x, splat(k, 56))); fx = add(fx, bx); bx = add(bx, t2(cx, dx, ex));
    w14y = add(add(w14y, s0(w15y)), add(w7y, s1(w12y)));
    by = add(t1(gy, hy, ay, by), add(w14y, splat(k, 56))); fy = add(fy, by); by = add(by, t2(cy, dy, ey));
    w15x = add(add(w15x, s0(w0x)), add(w8x, s1(w13x)));
    ax = add(t1(fx, gx, hx, ax), add(w15x, splat(k, 60))); ex = add(ex, ax); ax = add(ax, t2(bx, cx, dx));
    w15y = add(add(w15y, s0(w0y)), add(w8y, s1(w13y)));
    ay = add(t1(fy, gy, hy, ay), add(w15y, splat(k, 60))); ey = add(ey, ay); ay = add(ay, t2(by, cy, dy));
  }

  // The digest is this plus the chaining value; of it, words 0 and 1.
  v128.store(macsPtr, add(ax, v128.load(xPtr, OUTER_OFFSET)));
  v128.store(macsPtr, add(bx, v128.load(xPtr, OUTER_OFFSET + 16)), 16);
  v128.store(macsPtr, add(ay, v128.load(yPtr, OUTER_OFFSET)), 32);
  v128.store(macsPtr, add(by, v128.load(yPtr, OUTER_OFFSET + 16)), 48);
}
