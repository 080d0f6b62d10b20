// HMAC-SM3 of one message under eight seeds at once: the hot path of a bucket of profile 2.
// Its structure is that of ../sha256/lanes.ts. Four seeds are in the 32-bit lanes of a
// vector. Two such groups, x and y, are computed alternately, round by round, because a
// round of one group has to wait for its own results. prepare.ts has computed the first
// rounds of both hashes; this file computes the others. The inner words W and W' are the
// same for all seeds; they are at SHARED_PTR. The outer words are written to memory before
// the outer rounds start, so that a round needs few registers. Only the first 64 bits of the
// outer hash are computed.
//
// The letters are those of GB/T 32905 §5.3.3; q is A rotated by 12, s is SS1, t is the
// constant, w is W and v is W'. A round writes its results in place: TT1 into d, P0(TT2) into
// h, and the rotated b and f into b and f. The next round is therefore the same text with all
// letters moved by one, and after four rounds each letter is where it began.

import { INNER_OFFSET, OUTER_OFFSET, SHARED_PTR, STARTED_OFFSET, WORDS_PTR } from "../layout";
import { expand, SCHEDULE_WORDS, T_PTR } from "./sm3";

/** The distance from W to W' in SHARED_PTR. */
const PRIMED_OFFSET: usize = SCHEDULE_WORDS << 2;
/** The size of one word of both groups in WORDS_PTR. */
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
// FF and GG are parity in the rounds 0 to 15; after them FF is maj and GG is ch.
// @ts-ignore: decorator
@inline function parity(x: v128, y: v128, z: v128): v128 { return xor(xor(x, y), z); }
// @ts-ignore: decorator
@inline function maj(x: v128, y: v128, z: v128): v128 { return xor(v128.and(xor(x, y), xor(y, z)), y); }
// @ts-ignore: decorator
@inline function ch(x: v128, y: v128, z: v128): v128 { return v128.bitselect(y, z, x); }
// @ts-ignore: decorator
@inline function ss1(q: v128, e: v128, t: v128): v128 { return rotl4(add(add(e, t), q), 7); }
// @ts-ignore: decorator
@inline function tt1(ff: v128, d: v128, s: v128, q: v128, v: v128): v128 { return add(add(add(d, v), ff), xor(s, q)); }
// @ts-ignore: decorator
@inline function tt2(gg: v128, h: v128, s: v128, w: v128): v128 { return add(add(add(h, w), gg), s); }
/** The word at `ptr` in all lanes. */
// @ts-ignore: decorator
@inline function splat(ptr: usize, offset: usize): v128 { return v128.load32_splat(ptr + offset); }
/** Word `i` of a group's outer schedule; `p` points to word 0. */
// @ts-ignore: decorator
@inline function at(p: usize, i: usize): v128 { return v128.load(p + i * WORD_BYTES); }
/** Computes word 16 + `i` from the words before it (§5.3.2). */
// @ts-ignore: decorator
@inline function next(p: usize, i: usize): v128 {
  return xor(
    xor(p1(xor(xor(at(p, i), at(p, i + 7)), rotl4(at(p, i + 13), 15))), rotl4(at(p, i + 3), 7)),
    at(p, i + 10),
  );
}

/**
 * Called once before the MACs of a row: completes the words W at SHARED_PTR and writes W'
 * behind them. It also writes the padding of the outer hash's message, 0x80000000, 0, …,
 * 768, where `macs` reads it.
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
  // Inner hash. Round 8 lacks only the addition of W'(8), which the time step is part of. The seven
  // rounds 9 to 15 move the letters on to where the loop wants them, so A begins in d, and E in h.
  let qx: v128, sx: v128, qy: v128, sy: v128, t: v128, v: v128, w: v128;
  v = splat(SHARED_PTR, PRIMED_OFFSET + 32);
  let dx = add(v128.load(xPtr, STARTED_OFFSET), v);
  let ax = v128.load(xPtr, STARTED_OFFSET + 16);
  let bx = v128.load(xPtr, STARTED_OFFSET + 32);
  let cx = v128.load(xPtr, STARTED_OFFSET + 48);
  let hx = v128.load(xPtr, STARTED_OFFSET + 64);
  let ex = v128.load(xPtr, STARTED_OFFSET + 80);
  let fx = v128.load(xPtr, STARTED_OFFSET + 96);
  let gx = v128.load(xPtr, STARTED_OFFSET + 112);
  let dy = add(v128.load(yPtr, STARTED_OFFSET), v);
  let ay = v128.load(yPtr, STARTED_OFFSET + 16);
  let by = v128.load(yPtr, STARTED_OFFSET + 32);
  let cy = v128.load(yPtr, STARTED_OFFSET + 48);
  let hy = v128.load(yPtr, STARTED_OFFSET + 64);
  let ey = v128.load(yPtr, STARTED_OFFSET + 80);
  let fy = v128.load(yPtr, STARTED_OFFSET + 96);
  let gy = v128.load(yPtr, STARTED_OFFSET + 112);
  t = splat(T_PTR, 36); w = splat(SHARED_PTR, 36); v = splat(SHARED_PTR, PRIMED_OFFSET + 36);
  qx = rotl4(dx, 12); sx = ss1(qx, hx, t); cx = tt1(parity(dx, ax, bx), cx, sx, qx, v); ax = rotl4(ax, 9);
  gx = p0(tt2(parity(hx, ex, fx), gx, sx, w)); ex = rotl4(ex, 19);
  qy = rotl4(dy, 12); sy = ss1(qy, hy, t); cy = tt1(parity(dy, ay, by), cy, sy, qy, v); ay = rotl4(ay, 9);
  gy = p0(tt2(parity(hy, ey, fy), gy, sy, w)); ey = rotl4(ey, 19);
  t = splat(T_PTR, 40); w = splat(SHARED_PTR, 40); v = splat(SHARED_PTR, PRIMED_OFFSET + 40);
  qx = rotl4(cx, 12); sx = ss1(qx, gx, t); bx = tt1(parity(cx, dx, ax), bx, sx, qx, v); dx = rotl4(dx, 9);
  fx = p0(tt2(parity(gx, hx, ex), fx, sx, w)); hx = rotl4(hx, 19);
  qy = rotl4(cy, 12); sy = ss1(qy, gy, t); by = tt1(parity(cy, dy, ay), by, sy, qy, v); dy = rotl4(dy, 9);
  fy = p0(tt2(parity(gy, hy, ey), fy, sy, w)); hy = rotl4(hy, 19);
  t = splat(T_PTR, 44); w = splat(SHARED_PTR, 44); v = splat(SHARED_PTR, PRIMED_OFFSET + 44);
  qx = rotl4(bx, 12); sx = ss1(qx, fx, t); ax = tt1(parity(bx, cx, dx), ax, sx, qx, v); cx = rotl4(cx, 9);
  ex = p0(tt2(parity(fx, gx, hx), ex, sx, w)); gx = rotl4(gx, 19);
  qy = rotl4(by, 12); sy = ss1(qy, fy, t); ay = tt1(parity(by, cy, dy), ay, sy, qy, v); cy = rotl4(cy, 9);
  ey = p0(tt2(parity(fy, gy, hy), ey, sy, w)); gy = rotl4(gy, 19);
  t = splat(T_PTR, 48); w = splat(SHARED_PTR, 48); v = splat(SHARED_PTR, PRIMED_OFFSET + 48);
  qx = rotl4(ax, 12); sx = ss1(qx, ex, t); dx = tt1(parity(ax, bx, cx), dx, sx, qx, v); bx = rotl4(bx, 9);
  hx = p0(tt2(parity(ex, fx, gx), hx, sx, w)); fx = rotl4(fx, 19);
  qy = rotl4(ay, 12); sy = ss1(qy, ey, t); dy = tt1(parity(ay, by, cy), dy, sy, qy, v); by = rotl4(by, 9);
  hy = p0(tt2(parity(ey, fy, gy), hy, sy, w)); fy = rotl4(fy, 19);
  t = splat(T_PTR, 52); w = splat(SHARED_PTR, 52); v = splat(SHARED_PTR, PRIMED_OFFSET + 52);
  qx = rotl4(dx, 12); sx = ss1(qx, hx, t); cx = tt1(parity(dx, ax, bx), cx, sx, qx, v); ax = rotl4(ax, 9);
  gx = p0(tt2(parity(hx, ex, fx), gx, sx, w)); ex = rotl4(ex, 19);
  qy = rotl4(dy, 12); sy = ss1(qy, hy, t); cy = tt1(parity(dy, ay, by), cy, sy, qy, v); ay = rotl4(ay, 9);
  gy = p0(tt2(parity(hy, ey, fy), gy, sy, w)); ey = rotl4(ey, 19);
  t = splat(T_PTR, 56); w = splat(SHARED_PTR, 56); v = splat(SHARED_PTR, PRIMED_OFFSET + 56);
  qx = rotl4(cx, 12); sx = ss1(qx, gx, t); bx = tt1(parity(cx, dx, ax), bx, sx, qx, v); dx = rotl4(dx, 9);
  fx = p0(tt2(parity(gx, hx, ex), fx, sx, w)); hx = rotl4(hx, 19);
  qy = rotl4(cy, 12); sy = ss1(qy, gy, t); by = tt1(parity(cy, dy, ay), by, sy, qy, v); dy = rotl4(dy, 9);
  fy = p0(tt2(parity(gy, hy, ey), fy, sy, w)); hy = rotl4(hy, 19);
  t = splat(T_PTR, 60); w = splat(SHARED_PTR, 60); v = splat(SHARED_PTR, PRIMED_OFFSET + 60);
  qx = rotl4(bx, 12); sx = ss1(qx, fx, t); ax = tt1(parity(bx, cx, dx), ax, sx, qx, v); cx = rotl4(cx, 9);
  ex = p0(tt2(parity(fx, gx, hx), ex, sx, w)); gx = rotl4(gx, 19);
  qy = rotl4(by, 12); sy = ss1(qy, fy, t); ay = tt1(parity(by, cy, dy), ay, sy, qy, v); cy = rotl4(cy, 9);
  ey = p0(tt2(parity(fy, gy, hy), ey, sy, w)); gy = rotl4(gy, 19);
  for (let p = SHARED_PTR + 64, r = T_PTR + 64; p < SHARED_PTR + 256; p += 16, r += 16) {
    t = splat(r, 0); w = splat(p, 0); v = splat(p, PRIMED_OFFSET + 0);
    qx = rotl4(ax, 12); sx = ss1(qx, ex, t); dx = tt1(maj(ax, bx, cx), dx, sx, qx, v); bx = rotl4(bx, 9);
    hx = p0(tt2(ch(ex, fx, gx), hx, sx, w)); fx = rotl4(fx, 19);
    qy = rotl4(ay, 12); sy = ss1(qy, ey, t); dy = tt1(maj(ay, by, cy), dy, sy, qy, v); by = rotl4(by, 9);
    hy = p0(tt2(ch(ey, fy, gy), hy, sy, w)); fy = rotl4(fy, 19);
    t = splat(r, 4); w = splat(p, 4); v = splat(p, PRIMED_OFFSET + 4);
    qx = rotl4(dx, 12); sx = ss1(qx, hx, t); cx = tt1(maj(dx, ax, bx), cx, sx, qx, v); ax = rotl4(ax, 9);
    gx = p0(tt2(ch(hx, ex, fx), gx, sx, w)); ex = rotl4(ex, 19);
    qy = rotl4(dy, 12); sy = ss1(qy, hy, t); cy = tt1(maj(dy, ay, by), cy, sy, qy, v); ay = rotl4(ay, 9);
    gy = p0(tt2(ch(hy, ey, fy), gy, sy, w)); ey = rotl4(ey, 19);
    t = splat(r, 8); w = splat(p, 8); v = splat(p, PRIMED_OFFSET + 8);
    qx = rotl4(cx, 12); sx = ss1(qx, gx, t); bx = tt1(maj(cx, dx, ax), bx, sx, qx, v); dx = rotl4(dx, 9);
    fx = p0(tt2(ch(gx, hx, ex), fx, sx, w)); hx = rotl4(hx, 19);
    qy = rotl4(cy, 12); sy = ss1(qy, gy, t); by = tt1(maj(cy, dy, ay), by, sy, qy, v); dy = rotl4(dy, 9);
    fy = p0(tt2(ch(gy, hy, ey), fy, sy, w)); hy = rotl4(hy, 19);
    t = splat(r, 12); w = splat(p, 12); v = splat(p, PRIMED_OFFSET + 12);
    qx = rotl4(bx, 12); sx = ss1(qx, fx, t); ax = tt1(maj(bx, cx, dx), ax, sx, qx, v); cx = rotl4(cx, 9);
    ex = p0(tt2(ch(fx, gx, hx), ex, sx, w)); gx = rotl4(gx, 19);
    qy = rotl4(by, 12); sy = ss1(qy, fy, t); ay = tt1(maj(by, cy, dy), ay, sy, qy, v); cy = rotl4(cy, 9);
    ey = p0(tt2(ch(fy, gy, hy), ey, sy, w)); gy = rotl4(gy, 19);
  }

  // Its digest is the message of the outer hash: words 0 to 7. Words 8 to 15, the padding, are in WORDS_PTR already.
  v128.store(WORDS_PTR, xor(ax, v128.load(xPtr, INNER_OFFSET)), 0);
  v128.store(WORDS_PTR, xor(ay, v128.load(yPtr, INNER_OFFSET)), 16);
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
    v128.store(p, next(p, 0), 512);
    v128.store(p, next(p + 16, 0), 528);
    v128.store(p, next(p, 1), 544);
    v128.store(p, next(p + 16, 1), 560);
    v128.store(p, next(p, 2), 576);
    v128.store(p, next(p + 16, 2), 592);
    v128.store(p, next(p, 3), 608);
    v128.store(p, next(p + 16, 3), 624);
  }

  // Outer hash. Round 0 lacks only the additions of its words; then round 1 has A in d, and E in h.
  dx = add(v128.load(xPtr, OUTER_OFFSET), xor(v128.load(WORDS_PTR, 0), v128.load(WORDS_PTR, 128)));
  ax = v128.load(xPtr, OUTER_OFFSET + 16);
  bx = v128.load(xPtr, OUTER_OFFSET + 32);
  cx = v128.load(xPtr, OUTER_OFFSET + 48);
  hx = p0(add(v128.load(xPtr, OUTER_OFFSET + 64), v128.load(WORDS_PTR, 0)));
  ex = v128.load(xPtr, OUTER_OFFSET + 80);
  fx = v128.load(xPtr, OUTER_OFFSET + 96);
  gx = v128.load(xPtr, OUTER_OFFSET + 112);
  dy = add(v128.load(yPtr, OUTER_OFFSET), xor(v128.load(WORDS_PTR, 16), v128.load(WORDS_PTR, 144)));
  ay = v128.load(yPtr, OUTER_OFFSET + 16);
  by = v128.load(yPtr, OUTER_OFFSET + 32);
  cy = v128.load(yPtr, OUTER_OFFSET + 48);
  hy = p0(add(v128.load(yPtr, OUTER_OFFSET + 64), v128.load(WORDS_PTR, 16)));
  ey = v128.load(yPtr, OUTER_OFFSET + 80);
  fy = v128.load(yPtr, OUTER_OFFSET + 96);
  gy = v128.load(yPtr, OUTER_OFFSET + 112);
  t = splat(T_PTR, 4);
  qx = rotl4(dx, 12); sx = ss1(qx, hx, t); cx = tt1(parity(dx, ax, bx), cx, sx, qx, xor(at(WORDS_PTR, 1), at(WORDS_PTR, 5))); ax = rotl4(ax, 9);
  gx = p0(tt2(parity(hx, ex, fx), gx, sx, at(WORDS_PTR, 1))); ex = rotl4(ex, 19);
  qy = rotl4(dy, 12); sy = ss1(qy, hy, t); cy = tt1(parity(dy, ay, by), cy, sy, qy, xor(at(WORDS_PTR + 16, 1), at(WORDS_PTR + 16, 5))); ay = rotl4(ay, 9);
  gy = p0(tt2(parity(hy, ey, fy), gy, sy, at(WORDS_PTR + 16, 1))); ey = rotl4(ey, 19);
  t = splat(T_PTR, 8);
  qx = rotl4(cx, 12); sx = ss1(qx, gx, t); bx = tt1(parity(cx, dx, ax), bx, sx, qx, xor(at(WORDS_PTR, 2), at(WORDS_PTR, 6))); dx = rotl4(dx, 9);
  fx = p0(tt2(parity(gx, hx, ex), fx, sx, at(WORDS_PTR, 2))); hx = rotl4(hx, 19);
  qy = rotl4(cy, 12); sy = ss1(qy, gy, t); by = tt1(parity(cy, dy, ay), by, sy, qy, xor(at(WORDS_PTR + 16, 2), at(WORDS_PTR + 16, 6))); dy = rotl4(dy, 9);
  fy = p0(tt2(parity(gy, hy, ey), fy, sy, at(WORDS_PTR + 16, 2))); hy = rotl4(hy, 19);
  t = splat(T_PTR, 12);
  qx = rotl4(bx, 12); sx = ss1(qx, fx, t); ax = tt1(parity(bx, cx, dx), ax, sx, qx, xor(at(WORDS_PTR, 3), at(WORDS_PTR, 7))); cx = rotl4(cx, 9);
  ex = p0(tt2(parity(fx, gx, hx), ex, sx, at(WORDS_PTR, 3))); gx = rotl4(gx, 19);
  qy = rotl4(by, 12); sy = ss1(qy, fy, t); ay = tt1(parity(by, cy, dy), ay, sy, qy, xor(at(WORDS_PTR + 16, 3), at(WORDS_PTR + 16, 7))); cy = rotl4(cy, 9);
  ey = p0(tt2(parity(fy, gy, hy), ey, sy, at(WORDS_PTR + 16, 3))); gy = rotl4(gy, 19);
  for (let p = WORDS_PTR + 4 * WORD_BYTES, r = T_PTR + 16; p < WORDS_PTR + 16 * WORD_BYTES; p += 4 * WORD_BYTES, r += 16) {
    t = splat(r, 0);
    qx = rotl4(ax, 12); sx = ss1(qx, ex, t); dx = tt1(parity(ax, bx, cx), dx, sx, qx, xor(at(p, 0), at(p, 4))); bx = rotl4(bx, 9);
    hx = p0(tt2(parity(ex, fx, gx), hx, sx, at(p, 0))); fx = rotl4(fx, 19);
    qy = rotl4(ay, 12); sy = ss1(qy, ey, t); dy = tt1(parity(ay, by, cy), dy, sy, qy, xor(at(p + 16, 0), at(p + 16, 4))); by = rotl4(by, 9);
    hy = p0(tt2(parity(ey, fy, gy), hy, sy, at(p + 16, 0))); fy = rotl4(fy, 19);
    t = splat(r, 4);
    qx = rotl4(dx, 12); sx = ss1(qx, hx, t); cx = tt1(parity(dx, ax, bx), cx, sx, qx, xor(at(p, 1), at(p, 5))); ax = rotl4(ax, 9);
    gx = p0(tt2(parity(hx, ex, fx), gx, sx, at(p, 1))); ex = rotl4(ex, 19);
    qy = rotl4(dy, 12); sy = ss1(qy, hy, t); cy = tt1(parity(dy, ay, by), cy, sy, qy, xor(at(p + 16, 1), at(p + 16, 5))); ay = rotl4(ay, 9);
    gy = p0(tt2(parity(hy, ey, fy), gy, sy, at(p + 16, 1))); ey = rotl4(ey, 19);
    t = splat(r, 8);
    qx = rotl4(cx, 12); sx = ss1(qx, gx, t); bx = tt1(parity(cx, dx, ax), bx, sx, qx, xor(at(p, 2), at(p, 6))); dx = rotl4(dx, 9);
    fx = p0(tt2(parity(gx, hx, ex), fx, sx, at(p, 2))); hx = rotl4(hx, 19);
    qy = rotl4(cy, 12); sy = ss1(qy, gy, t); by = tt1(parity(cy, dy, ay), by, sy, qy, xor(at(p + 16, 2), at(p + 16, 6))); dy = rotl4(dy, 9);
    fy = p0(tt2(parity(gy, hy, ey), fy, sy, at(p + 16, 2))); hy = rotl4(hy, 19);
    t = splat(r, 12);
    qx = rotl4(bx, 12); sx = ss1(qx, fx, t); ax = tt1(parity(bx, cx, dx), ax, sx, qx, xor(at(p, 3), at(p, 7))); cx = rotl4(cx, 9);
    ex = p0(tt2(parity(fx, gx, hx), ex, sx, at(p, 3))); gx = rotl4(gx, 19);
    qy = rotl4(by, 12); sy = ss1(qy, fy, t); ay = tt1(parity(by, cy, dy), ay, sy, qy, xor(at(p + 16, 3), at(p + 16, 7))); cy = rotl4(cy, 9);
    ey = p0(tt2(parity(fy, gy, hy), ey, sy, at(p + 16, 3))); gy = rotl4(gy, 19);
  }
  for (let p = WORDS_PTR + 16 * WORD_BYTES, r = T_PTR + 64; p < WORDS_PTR + 64 * WORD_BYTES; p += 4 * WORD_BYTES, r += 16) {
    t = splat(r, 0);
    qx = rotl4(ax, 12); sx = ss1(qx, ex, t); dx = tt1(maj(ax, bx, cx), dx, sx, qx, xor(at(p, 0), at(p, 4))); bx = rotl4(bx, 9);
    hx = p0(tt2(ch(ex, fx, gx), hx, sx, at(p, 0))); fx = rotl4(fx, 19);
    qy = rotl4(ay, 12); sy = ss1(qy, ey, t); dy = tt1(maj(ay, by, cy), dy, sy, qy, xor(at(p + 16, 0), at(p + 16, 4))); by = rotl4(by, 9);
    hy = p0(tt2(ch(ey, fy, gy), hy, sy, at(p + 16, 0))); fy = rotl4(fy, 19);
    t = splat(r, 4);
    qx = rotl4(dx, 12); sx = ss1(qx, hx, t); cx = tt1(maj(dx, ax, bx), cx, sx, qx, xor(at(p, 1), at(p, 5))); ax = rotl4(ax, 9);
    gx = p0(tt2(ch(hx, ex, fx), gx, sx, at(p, 1))); ex = rotl4(ex, 19);
    qy = rotl4(dy, 12); sy = ss1(qy, hy, t); cy = tt1(maj(dy, ay, by), cy, sy, qy, xor(at(p + 16, 1), at(p + 16, 5))); ay = rotl4(ay, 9);
    gy = p0(tt2(ch(hy, ey, fy), gy, sy, at(p + 16, 1))); ey = rotl4(ey, 19);
    t = splat(r, 8);
    qx = rotl4(cx, 12); sx = ss1(qx, gx, t); bx = tt1(maj(cx, dx, ax), bx, sx, qx, xor(at(p, 2), at(p, 6))); dx = rotl4(dx, 9);
    fx = p0(tt2(ch(gx, hx, ex), fx, sx, at(p, 2))); hx = rotl4(hx, 19);
    qy = rotl4(cy, 12); sy = ss1(qy, gy, t); by = tt1(maj(cy, dy, ay), by, sy, qy, xor(at(p + 16, 2), at(p + 16, 6))); dy = rotl4(dy, 9);
    fy = p0(tt2(ch(gy, hy, ey), fy, sy, at(p + 16, 2))); hy = rotl4(hy, 19);
    t = splat(r, 12);
    qx = rotl4(bx, 12); sx = ss1(qx, fx, t); ax = tt1(maj(bx, cx, dx), ax, sx, qx, xor(at(p, 3), at(p, 7))); cx = rotl4(cx, 9);
    ex = p0(tt2(ch(fx, gx, hx), ex, sx, at(p, 3))); gx = rotl4(gx, 19);
    qy = rotl4(by, 12); sy = ss1(qy, fy, t); ay = tt1(maj(by, cy, dy), ay, sy, qy, xor(at(p + 16, 3), at(p + 16, 7))); cy = rotl4(cy, 9);
    ey = p0(tt2(ch(fy, gy, hy), ey, sy, at(p + 16, 3))); gy = rotl4(gy, 19);
  }

  // The digest is this XORed with the chaining value; only its words 0 and 1 are needed. B of the chaining value is kept rotated by 9.
  v128.store(macsPtr, xor(ax, v128.load(xPtr, OUTER_OFFSET + 16)), 0);
  v128.store(macsPtr, xor(bx, rotl4(v128.load(xPtr, OUTER_OFFSET + 32), 23)), 16);
  v128.store(macsPtr, xor(ay, v128.load(yPtr, OUTER_OFFSET + 16)), 32);
  v128.store(macsPtr, xor(by, rotl4(v128.load(yPtr, OUTER_OFFSET + 32), 23)), 48);
}
