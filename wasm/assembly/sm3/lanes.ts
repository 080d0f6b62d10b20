// HMAC-SM3 of one message under eight seeds at once: the hot path of buckets of
// profile 2, laid out as ../sha256/lanes.ts is. Four seeds lie in the 32-bit lanes
// of a vector, and two such groups, x and y, run round by round beside each other.
// It does what is left of the two compressions (prepare.ts did the rest), takes
// the inner words W and W' from SHARED_PTR, where all seeds share them, and
// computes of the outer hash the first 64 bits only. The outer words go through
// memory before their rounds start.
// Letters are those of GB/T 32905 §5.3.3. A round writes d and h in place and
// turns b and f, so that the next round is the same text with the letters moved
// on by one, and the fourth is back where they began.

import { INNER_OFFSET, OUTER_OFFSET, SHARED_PTR, STARTED_OFFSET, WORDS_PTR } from "../layout";
import { expand, T_PTR } from "./sm3";

/** In SHARED_PTR: W, then W'. In WORDS_PTR a word of both groups. */
const PRIMED_OFFSET: usize = 272;
const WORD_BYTES: usize = 32;

// @ts-ignore: decorator
@inline function add(x: v128, y: v128): v128 { return i32x4.add(x, y); }
// @ts-ignore: decorator
@inline function xor(x: v128, y: v128): v128 { return v128.xor(x, y); }
// @ts-ignore: decorator
@inline function rotl4(x: v128, n: i32): v128 { return v128.or(i32x4.shl(x, n), i32x4.shr_u(x, 32 - n)); }
// @ts-ignore: decorator
@inline function p0(x: v128): v128 { return xor(xor(x, rotl4(x, 9)), rotl4(x, 17)); }
// @ts-ignore: decorator
@inline function p1(x: v128): v128 { return xor(xor(x, rotl4(x, 15)), rotl4(x, 23)); }
/** SS1, where q is A rotated by 12. */
// @ts-ignore: decorator
@inline function ss1(q: v128, e: v128, t: v128): v128 { return rotl4(add(add(e, t), q), 7); }
// FF and GG of the rounds 0 to 15, and of the others.
// @ts-ignore: decorator
@inline function parity(x: v128, y: v128, z: v128): v128 { return xor(xor(x, y), z); }
// @ts-ignore: decorator
@inline function maj(x: v128, y: v128, z: v128): v128 { return xor(v128.and(xor(x, y), xor(y, z)), y); }
// @ts-ignore: decorator
@inline function ch(x: v128, y: v128, z: v128): v128 { return v128.bitselect(y, z, x); }
/** The word at `ptr` in all lanes. */
// @ts-ignore: decorator
@inline function splat(ptr: usize, offset: usize): v128 { return v128.load32_splat(ptr + offset); }
/** Word j of the outer schedule from the words before it; `p` is at word j - 16 of a group. */
// @ts-ignore: decorator
@inline function word(p: usize, i: usize): v128 {
  return xor(
    xor(p1(xor(xor(v128.load(p + i * WORD_BYTES), v128.load(p + (i + 7) * WORD_BYTES)), rotl4(v128.load(p + (i + 13) * WORD_BYTES), 15))),
      rotl4(v128.load(p + (i + 3) * WORD_BYTES), 7)),
    v128.load(p + (i + 10) * WORD_BYTES),
  );
}

/**
 * Once before the MACs of a row: completes the words W at SHARED_PTR and writes
 * W' behind them, and writes the padding of the outer hash's message,
 * 0x80000000, 0, …, 768, where `macs` reads it.
 */
export function beginRow(): void {
  expand(SHARED_PTR);
  for (let i: usize = 0; i < 256; i += 16) {
    v128.store(SHARED_PTR + i, v128.xor(v128.load(SHARED_PTR + i), v128.load(SHARED_PTR + i, 16)), PRIMED_OFFSET);
  }
  for (let ptr = WORDS_PTR + 256; ptr < WORDS_PTR + 512; ptr += 16) v128.store(ptr, i32x4.splat(0));
  for (let ptr = WORDS_PTR + 256; ptr < WORDS_PTR + 288; ptr += 16) {
    v128.store(ptr, i32x4.splat(0x80000000));
    v128.store(ptr, i32x4.splat(768), 224);
  }
}

/** Writes the MACs as kernel.ts says, for the row of `beginRow`. */
export function macs(xPtr: usize, yPtr: usize, macsPtr: usize): void {
  // Inner hash. Round 8 lacks only W'(8), which the time step is part of.
  let qx: v128, sx: v128, qy: v128, sy: v128, t: v128, v: v128, w: v128;
  v = splat(SHARED_PTR, PRIMED_OFFSET + 32);
  let dx = add(v128.load(xPtr, STARTED_OFFSET + 0), v);
  let ax = v128.load(xPtr, STARTED_OFFSET + 16);
  let bx = v128.load(xPtr, STARTED_OFFSET + 32);
  let cx = v128.load(xPtr, STARTED_OFFSET + 48);
  let hx = v128.load(xPtr, STARTED_OFFSET + 64);
  let ex = v128.load(xPtr, STARTED_OFFSET + 80);
  let fx = v128.load(xPtr, STARTED_OFFSET + 96);
  let gx = v128.load(xPtr, STARTED_OFFSET + 112);
  let dy = add(v128.load(yPtr, STARTED_OFFSET + 0), v);
  let ay = v128.load(yPtr, STARTED_OFFSET + 16);
  let by = v128.load(yPtr, STARTED_OFFSET + 32);
  let cy = v128.load(yPtr, STARTED_OFFSET + 48);
  let hy = v128.load(yPtr, STARTED_OFFSET + 64);
  let ey = v128.load(yPtr, STARTED_OFFSET + 80);
  let fy = v128.load(yPtr, STARTED_OFFSET + 96);
  let gy = v128.load(yPtr, STARTED_OFFSET + 112);
  w = splat(SHARED_PTR, 36); v = splat(SHARED_PTR, PRIMED_OFFSET + 36);
  t = splat(T_PTR, 36);
  qx = rotl4(dx, 12); sx = ss1(qx, hx, t); cx = add(add(add(cx, v), parity(dx, ax, bx)), xor(sx, qx)); gx = p0(add(add(add(gx, w), parity(hx, ex, fx)), sx)); ax = rotl4(ax, 9); ex = rotl4(ex, 19);
  qy = rotl4(dy, 12); sy = ss1(qy, hy, t); cy = add(add(add(cy, v), parity(dy, ay, by)), xor(sy, qy)); gy = p0(add(add(add(gy, w), parity(hy, ey, fy)), sy)); ay = rotl4(ay, 9); ey = rotl4(ey, 19);
  w = splat(SHARED_PTR, 40); v = splat(SHARED_PTR, PRIMED_OFFSET + 40);
  t = splat(T_PTR, 40);
  qx = rotl4(cx, 12); sx = ss1(qx, gx, t); bx = add(add(add(bx, v), parity(cx, dx, ax)), xor(sx, qx)); fx = p0(add(add(add(fx, w), parity(gx, hx, ex)), sx)); dx = rotl4(dx, 9); hx = rotl4(hx, 19);
  qy = rotl4(cy, 12); sy = ss1(qy, gy, t); by = add(add(add(by, v), parity(cy, dy, ay)), xor(sy, qy)); fy = p0(add(add(add(fy, w), parity(gy, hy, ey)), sy)); dy = rotl4(dy, 9); hy = rotl4(hy, 19);
  w = splat(SHARED_PTR, 44); v = splat(SHARED_PTR, PRIMED_OFFSET + 44);
  t = splat(T_PTR, 44);
  qx = rotl4(bx, 12); sx = ss1(qx, fx, t); ax = add(add(add(ax, v), parity(bx, cx, dx)), xor(sx, qx)); ex = p0(add(add(add(ex, w), parity(fx, gx, hx)), sx)); cx = rotl4(cx, 9); gx = rotl4(gx, 19);
  qy = rotl4(by, 12); sy = ss1(qy, fy, t); ay = add(add(add(ay, v), parity(by, cy, dy)), xor(sy, qy)); ey = p0(add(add(add(ey, w), parity(fy, gy, hy)), sy)); cy = rotl4(cy, 9); gy = rotl4(gy, 19);
  w = splat(SHARED_PTR, 48); v = splat(SHARED_PTR, PRIMED_OFFSET + 48);
  t = splat(T_PTR, 48);
  qx = rotl4(ax, 12); sx = ss1(qx, ex, t); dx = add(add(add(dx, v), parity(ax, bx, cx)), xor(sx, qx)); hx = p0(add(add(add(hx, w), parity(ex, fx, gx)), sx)); bx = rotl4(bx, 9); fx = rotl4(fx, 19);
  qy = rotl4(ay, 12); sy = ss1(qy, ey, t); dy = add(add(add(dy, v), parity(ay, by, cy)), xor(sy, qy)); hy = p0(add(add(add(hy, w), parity(ey, fy, gy)), sy)); by = rotl4(by, 9); fy = rotl4(fy, 19);
  w = splat(SHARED_PTR, 52); v = splat(SHARED_PTR, PRIMED_OFFSET + 52);
  t = splat(T_PTR, 52);
  qx = rotl4(dx, 12); sx = ss1(qx, hx, t); cx = add(add(add(cx, v), parity(dx, ax, bx)), xor(sx, qx)); gx = p0(add(add(add(gx, w), parity(hx, ex, fx)), sx)); ax = rotl4(ax, 9); ex = rotl4(ex, 19);
  qy = rotl4(dy, 12); sy = ss1(qy, hy, t); cy = add(add(add(cy, v), parity(dy, ay, by)), xor(sy, qy)); gy = p0(add(add(add(gy, w), parity(hy, ey, fy)), sy)); ay = rotl4(ay, 9); ey = rotl4(ey, 19);
  w = splat(SHARED_PTR, 56); v = splat(SHARED_PTR, PRIMED_OFFSET + 56);
  t = splat(T_PTR, 56);
  qx = rotl4(cx, 12); sx = ss1(qx, gx, t); bx = add(add(add(bx, v), parity(cx, dx, ax)), xor(sx, qx)); fx = p0(add(add(add(fx, w), parity(gx, hx, ex)), sx)); dx = rotl4(dx, 9); hx = rotl4(hx, 19);
  qy = rotl4(cy, 12); sy = ss1(qy, gy, t); by = add(add(add(by, v), parity(cy, dy, ay)), xor(sy, qy)); fy = p0(add(add(add(fy, w), parity(gy, hy, ey)), sy)); dy = rotl4(dy, 9); hy = rotl4(hy, 19);
  w = splat(SHARED_PTR, 60); v = splat(SHARED_PTR, PRIMED_OFFSET + 60);
  t = splat(T_PTR, 60);
  qx = rotl4(bx, 12); sx = ss1(qx, fx, t); ax = add(add(add(ax, v), parity(bx, cx, dx)), xor(sx, qx)); ex = p0(add(add(add(ex, w), parity(fx, gx, hx)), sx)); cx = rotl4(cx, 9); gx = rotl4(gx, 19);
  qy = rotl4(by, 12); sy = ss1(qy, fy, t); ay = add(add(add(ay, v), parity(by, cy, dy)), xor(sy, qy)); ey = p0(add(add(add(ey, w), parity(fy, gy, hy)), sy)); cy = rotl4(cy, 9); gy = rotl4(gy, 19);
  for (let p = SHARED_PTR + 64, r = T_PTR + 64; p < SHARED_PTR + 256; p += 16, r += 16) {
    w = splat(p, 0); v = splat(p, PRIMED_OFFSET + 0);
    t = splat(r, 0);
    qx = rotl4(ax, 12); sx = ss1(qx, ex, t); dx = add(add(add(dx, v), maj(ax, bx, cx)), xor(sx, qx)); hx = p0(add(add(add(hx, w), ch(ex, fx, gx)), sx)); bx = rotl4(bx, 9); fx = rotl4(fx, 19);
    qy = rotl4(ay, 12); sy = ss1(qy, ey, t); dy = add(add(add(dy, v), maj(ay, by, cy)), xor(sy, qy)); hy = p0(add(add(add(hy, w), ch(ey, fy, gy)), sy)); by = rotl4(by, 9); fy = rotl4(fy, 19);
    w = splat(p, 4); v = splat(p, PRIMED_OFFSET + 4);
    t = splat(r, 4);
    qx = rotl4(dx, 12); sx = ss1(qx, hx, t); cx = add(add(add(cx, v), maj(dx, ax, bx)), xor(sx, qx)); gx = p0(add(add(add(gx, w), ch(hx, ex, fx)), sx)); ax = rotl4(ax, 9); ex = rotl4(ex, 19);
    qy = rotl4(dy, 12); sy = ss1(qy, hy, t); cy = add(add(add(cy, v), maj(dy, ay, by)), xor(sy, qy)); gy = p0(add(add(add(gy, w), ch(hy, ey, fy)), sy)); ay = rotl4(ay, 9); ey = rotl4(ey, 19);
    w = splat(p, 8); v = splat(p, PRIMED_OFFSET + 8);
    t = splat(r, 8);
    qx = rotl4(cx, 12); sx = ss1(qx, gx, t); bx = add(add(add(bx, v), maj(cx, dx, ax)), xor(sx, qx)); fx = p0(add(add(add(fx, w), ch(gx, hx, ex)), sx)); dx = rotl4(dx, 9); hx = rotl4(hx, 19);
    qy = rotl4(cy, 12); sy = ss1(qy, gy, t); by = add(add(add(by, v), maj(cy, dy, ay)), xor(sy, qy)); fy = p0(add(add(add(fy, w), ch(gy, hy, ey)), sy)); dy = rotl4(dy, 9); hy = rotl4(hy, 19);
    w = splat(p, 12); v = splat(p, PRIMED_OFFSET + 12);
    t = splat(r, 12);
    qx = rotl4(bx, 12); sx = ss1(qx, fx, t); ax = add(add(add(ax, v), maj(bx, cx, dx)), xor(sx, qx)); ex = p0(add(add(add(ex, w), ch(fx, gx, hx)), sx)); cx = rotl4(cx, 9); gx = rotl4(gx, 19);
    qy = rotl4(by, 12); sy = ss1(qy, fy, t); ay = add(add(add(ay, v), maj(by, cy, dy)), xor(sy, qy)); ey = p0(add(add(add(ey, w), ch(fy, gy, hy)), sy)); cy = rotl4(cy, 9); gy = rotl4(gy, 19);
  }

  // Its digest is the message of the outer hash: words 0 to 7. Words 8 to 15, the padding, are in WORDS_PTR already.
  v128.store(WORDS_PTR, xor(ax, v128.load(xPtr, INNER_OFFSET + 0)), 0);
  v128.store(WORDS_PTR, xor(ay, v128.load(yPtr, INNER_OFFSET + 0)), 16);
  v128.store(WORDS_PTR, xor(bx, v128.load(xPtr, INNER_OFFSET + 16)), 32);
  v128.store(WORDS_PTR, xor(by, v128.load(yPtr, INNER_OFFSET + 16)), 48);
  v128.store(WORDS_PTR, xor(cx, v128.load(xPtr, INNER_OFFSET + 32)), 64);
  v128.store(WORDS_PTR, xor(cy, v128.load(yPtr, INNER_OFFSET + 32)), 80);
  v128.store(WORDS_PTR, xor(dx, v128.load(xPtr, INNER_OFFSET + 48)), 96);
  v128.store(WORDS_PTR, xor(dy, v128.load(yPtr, INNER_OFFSET + 48)), 112);
  v128.store(WORDS_PTR, xor(ex, v128.load(xPtr, INNER_OFFSET + 64)), 128);
  v128.store(WORDS_PTR, xor(ey, v128.load(yPtr, INNER_OFFSET + 64)), 144);
  v128.store(WORDS_PTR, xor(fx, v128.load(xPtr, INNER_OFFSET + 80)), 160);
  v128.store(WORDS_PTR, xor(fy, v128.load(yPtr, INNER_OFFSET + 80)), 176);
  v128.store(WORDS_PTR, xor(gx, v128.load(xPtr, INNER_OFFSET + 96)), 192);
  v128.store(WORDS_PTR, xor(gy, v128.load(yPtr, INNER_OFFSET + 96)), 208);
  v128.store(WORDS_PTR, xor(hx, v128.load(xPtr, INNER_OFFSET + 112)), 224);
  v128.store(WORDS_PTR, xor(hy, v128.load(yPtr, INNER_OFFSET + 112)), 240);
  for (let p = WORDS_PTR; p < WORDS_PTR + 52 * WORD_BYTES; p += 4 * WORD_BYTES) {
    v128.store(p, word(p, 0), 512);
    v128.store(p, word(p + 16, 0), 528);
    v128.store(p, word(p, 1), 544);
    v128.store(p, word(p + 16, 1), 560);
    v128.store(p, word(p, 2), 576);
    v128.store(p, word(p + 16, 2), 592);
    v128.store(p, word(p, 3), 608);
    v128.store(p, word(p + 16, 3), 624);
  }

  // Outer hash. Round 0 lacks only its words.
  dx = add(v128.load(xPtr, OUTER_OFFSET + 0), xor(v128.load(WORDS_PTR, 0), v128.load(WORDS_PTR, 128)));
  ax = v128.load(xPtr, OUTER_OFFSET + 16);
  bx = v128.load(xPtr, OUTER_OFFSET + 32);
  cx = v128.load(xPtr, OUTER_OFFSET + 48);
  hx = p0(add(v128.load(xPtr, OUTER_OFFSET + 64), v128.load(WORDS_PTR, 0)));
  ex = v128.load(xPtr, OUTER_OFFSET + 80);
  fx = v128.load(xPtr, OUTER_OFFSET + 96);
  gx = v128.load(xPtr, OUTER_OFFSET + 112);
  dy = add(v128.load(yPtr, OUTER_OFFSET + 0), xor(v128.load(WORDS_PTR, 16), v128.load(WORDS_PTR, 144)));
  ay = v128.load(yPtr, OUTER_OFFSET + 16);
  by = v128.load(yPtr, OUTER_OFFSET + 32);
  cy = v128.load(yPtr, OUTER_OFFSET + 48);
  hy = p0(add(v128.load(yPtr, OUTER_OFFSET + 64), v128.load(WORDS_PTR, 16)));
  ey = v128.load(yPtr, OUTER_OFFSET + 80);
  fy = v128.load(yPtr, OUTER_OFFSET + 96);
  gy = v128.load(yPtr, OUTER_OFFSET + 112);
  t = splat(T_PTR, 4);
  qx = rotl4(dx, 12); sx = ss1(qx, hx, t); cx = add(add(add(cx, xor(v128.load(WORDS_PTR, 32), v128.load(WORDS_PTR, 160))), parity(dx, ax, bx)), xor(sx, qx)); gx = p0(add(add(add(gx, v128.load(WORDS_PTR, 32)), parity(hx, ex, fx)), sx)); ax = rotl4(ax, 9); ex = rotl4(ex, 19);
  qy = rotl4(dy, 12); sy = ss1(qy, hy, t); cy = add(add(add(cy, xor(v128.load(WORDS_PTR, 48), v128.load(WORDS_PTR, 176))), parity(dy, ay, by)), xor(sy, qy)); gy = p0(add(add(add(gy, v128.load(WORDS_PTR, 48)), parity(hy, ey, fy)), sy)); ay = rotl4(ay, 9); ey = rotl4(ey, 19);
  t = splat(T_PTR, 8);
  qx = rotl4(cx, 12); sx = ss1(qx, gx, t); bx = add(add(add(bx, xor(v128.load(WORDS_PTR, 64), v128.load(WORDS_PTR, 192))), parity(cx, dx, ax)), xor(sx, qx)); fx = p0(add(add(add(fx, v128.load(WORDS_PTR, 64)), parity(gx, hx, ex)), sx)); dx = rotl4(dx, 9); hx = rotl4(hx, 19);
  qy = rotl4(cy, 12); sy = ss1(qy, gy, t); by = add(add(add(by, xor(v128.load(WORDS_PTR, 80), v128.load(WORDS_PTR, 208))), parity(cy, dy, ay)), xor(sy, qy)); fy = p0(add(add(add(fy, v128.load(WORDS_PTR, 80)), parity(gy, hy, ey)), sy)); dy = rotl4(dy, 9); hy = rotl4(hy, 19);
  t = splat(T_PTR, 12);
  qx = rotl4(bx, 12); sx = ss1(qx, fx, t); ax = add(add(add(ax, xor(v128.load(WORDS_PTR, 96), v128.load(WORDS_PTR, 224))), parity(bx, cx, dx)), xor(sx, qx)); ex = p0(add(add(add(ex, v128.load(WORDS_PTR, 96)), parity(fx, gx, hx)), sx)); cx = rotl4(cx, 9); gx = rotl4(gx, 19);
  qy = rotl4(by, 12); sy = ss1(qy, fy, t); ay = add(add(add(ay, xor(v128.load(WORDS_PTR, 112), v128.load(WORDS_PTR, 240))), parity(by, cy, dy)), xor(sy, qy)); ey = p0(add(add(add(ey, v128.load(WORDS_PTR, 112)), parity(fy, gy, hy)), sy)); cy = rotl4(cy, 9); gy = rotl4(gy, 19);
  for (let p = WORDS_PTR + 4 * WORD_BYTES, r = T_PTR + 16; p < WORDS_PTR + 16 * WORD_BYTES; p += 4 * WORD_BYTES, r += 16) {
    t = splat(r, 0);
    qx = rotl4(ax, 12); sx = ss1(qx, ex, t); dx = add(add(add(dx, xor(v128.load(p, 0), v128.load(p, 128))), parity(ax, bx, cx)), xor(sx, qx)); hx = p0(add(add(add(hx, v128.load(p, 0)), parity(ex, fx, gx)), sx)); bx = rotl4(bx, 9); fx = rotl4(fx, 19);
    qy = rotl4(ay, 12); sy = ss1(qy, ey, t); dy = add(add(add(dy, xor(v128.load(p, 16), v128.load(p, 144))), parity(ay, by, cy)), xor(sy, qy)); hy = p0(add(add(add(hy, v128.load(p, 16)), parity(ey, fy, gy)), sy)); by = rotl4(by, 9); fy = rotl4(fy, 19);
    t = splat(r, 4);
    qx = rotl4(dx, 12); sx = ss1(qx, hx, t); cx = add(add(add(cx, xor(v128.load(p, 32), v128.load(p, 160))), parity(dx, ax, bx)), xor(sx, qx)); gx = p0(add(add(add(gx, v128.load(p, 32)), parity(hx, ex, fx)), sx)); ax = rotl4(ax, 9); ex = rotl4(ex, 19);
    qy = rotl4(dy, 12); sy = ss1(qy, hy, t); cy = add(add(add(cy, xor(v128.load(p, 48), v128.load(p, 176))), parity(dy, ay, by)), xor(sy, qy)); gy = p0(add(add(add(gy, v128.load(p, 48)), parity(hy, ey, fy)), sy)); ay = rotl4(ay, 9); ey = rotl4(ey, 19);
    t = splat(r, 8);
    qx = rotl4(cx, 12); sx = ss1(qx, gx, t); bx = add(add(add(bx, xor(v128.load(p, 64), v128.load(p, 192))), parity(cx, dx, ax)), xor(sx, qx)); fx = p0(add(add(add(fx, v128.load(p, 64)), parity(gx, hx, ex)), sx)); dx = rotl4(dx, 9); hx = rotl4(hx, 19);
    qy = rotl4(cy, 12); sy = ss1(qy, gy, t); by = add(add(add(by, xor(v128.load(p, 80), v128.load(p, 208))), parity(cy, dy, ay)), xor(sy, qy)); fy = p0(add(add(add(fy, v128.load(p, 80)), parity(gy, hy, ey)), sy)); dy = rotl4(dy, 9); hy = rotl4(hy, 19);
    t = splat(r, 12);
    qx = rotl4(bx, 12); sx = ss1(qx, fx, t); ax = add(add(add(ax, xor(v128.load(p, 96), v128.load(p, 224))), parity(bx, cx, dx)), xor(sx, qx)); ex = p0(add(add(add(ex, v128.load(p, 96)), parity(fx, gx, hx)), sx)); cx = rotl4(cx, 9); gx = rotl4(gx, 19);
    qy = rotl4(by, 12); sy = ss1(qy, fy, t); ay = add(add(add(ay, xor(v128.load(p, 112), v128.load(p, 240))), parity(by, cy, dy)), xor(sy, qy)); ey = p0(add(add(add(ey, v128.load(p, 112)), parity(fy, gy, hy)), sy)); cy = rotl4(cy, 9); gy = rotl4(gy, 19);
  }
  for (let p = WORDS_PTR + 16 * WORD_BYTES, r = T_PTR + 64; p < WORDS_PTR + 64 * WORD_BYTES; p += 4 * WORD_BYTES, r += 16) {
    t = splat(r, 0);
    qx = rotl4(ax, 12); sx = ss1(qx, ex, t); dx = add(add(add(dx, xor(v128.load(p, 0), v128.load(p, 128))), maj(ax, bx, cx)), xor(sx, qx)); hx = p0(add(add(add(hx, v128.load(p, 0)), ch(ex, fx, gx)), sx)); bx = rotl4(bx, 9); fx = rotl4(fx, 19);
    qy = rotl4(ay, 12); sy = ss1(qy, ey, t); dy = add(add(add(dy, xor(v128.load(p, 16), v128.load(p, 144))), maj(ay, by, cy)), xor(sy, qy)); hy = p0(add(add(add(hy, v128.load(p, 16)), ch(ey, fy, gy)), sy)); by = rotl4(by, 9); fy = rotl4(fy, 19);
    t = splat(r, 4);
    qx = rotl4(dx, 12); sx = ss1(qx, hx, t); cx = add(add(add(cx, xor(v128.load(p, 32), v128.load(p, 160))), maj(dx, ax, bx)), xor(sx, qx)); gx = p0(add(add(add(gx, v128.load(p, 32)), ch(hx, ex, fx)), sx)); ax = rotl4(ax, 9); ex = rotl4(ex, 19);
    qy = rotl4(dy, 12); sy = ss1(qy, hy, t); cy = add(add(add(cy, xor(v128.load(p, 48), v128.load(p, 176))), maj(dy, ay, by)), xor(sy, qy)); gy = p0(add(add(add(gy, v128.load(p, 48)), ch(hy, ey, fy)), sy)); ay = rotl4(ay, 9); ey = rotl4(ey, 19);
    t = splat(r, 8);
    qx = rotl4(cx, 12); sx = ss1(qx, gx, t); bx = add(add(add(bx, xor(v128.load(p, 64), v128.load(p, 192))), maj(cx, dx, ax)), xor(sx, qx)); fx = p0(add(add(add(fx, v128.load(p, 64)), ch(gx, hx, ex)), sx)); dx = rotl4(dx, 9); hx = rotl4(hx, 19);
    qy = rotl4(cy, 12); sy = ss1(qy, gy, t); by = add(add(add(by, xor(v128.load(p, 80), v128.load(p, 208))), maj(cy, dy, ay)), xor(sy, qy)); fy = p0(add(add(add(fy, v128.load(p, 80)), ch(gy, hy, ey)), sy)); dy = rotl4(dy, 9); hy = rotl4(hy, 19);
    t = splat(r, 12);
    qx = rotl4(bx, 12); sx = ss1(qx, fx, t); ax = add(add(add(ax, xor(v128.load(p, 96), v128.load(p, 224))), maj(bx, cx, dx)), xor(sx, qx)); ex = p0(add(add(add(ex, v128.load(p, 96)), ch(fx, gx, hx)), sx)); cx = rotl4(cx, 9); gx = rotl4(gx, 19);
    qy = rotl4(by, 12); sy = ss1(qy, fy, t); ay = add(add(add(ay, xor(v128.load(p, 112), v128.load(p, 240))), maj(by, cy, dy)), xor(sy, qy)); ey = p0(add(add(add(ey, v128.load(p, 112)), ch(fy, gy, hy)), sy)); cy = rotl4(cy, 9); gy = rotl4(gy, 19);
  }

  // The digest is this XORed with the chaining value; of it, words 0 and 1. B is kept rotated by 9.
  v128.store(macsPtr, xor(ax, v128.load(xPtr, OUTER_OFFSET + 16)), 0);
  v128.store(macsPtr, xor(bx, rotl4(v128.load(xPtr, OUTER_OFFSET + 32), 23)), 16);
  v128.store(macsPtr, xor(ay, v128.load(yPtr, OUTER_OFFSET + 16)), 32);
  v128.store(macsPtr, xor(by, rotl4(v128.load(yPtr, OUTER_OFFSET + 32), 23)), 48);
}
