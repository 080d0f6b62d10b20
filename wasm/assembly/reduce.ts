// Computes a u64 modulo a power of ten without a division, because the duration of a
// division depends on its operands, which are secret here. `reduce` takes one value and
// any power, for wallets and short tags; `reduceFour` takes four values at once, for tags
// of the usual sizes.

/** 10^1 to 10^19. */
const POWERS_PTR: usize = memory.data<u64>([
  10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000, 1000000000, 10000000000, 100000000000, 1000000000000,
  10000000000000, 100000000000000, 1000000000000000, 10000000000000000, 100000000000000000, 1000000000000000000,
  10000000000000000000,
]);

/** 10^digits, for 1 to 19 digits. */
export function powerOfTen(digits: u32): u64 {
  return load<u64>(POWERS_PTR + (<usize>digits << 3) - 8);
}

/** The factor that `reduce` needs: floor((2^64 - 1) / divisor). It is divided here, because the divisor is public. */
export function reciprocal(divisor: u64): u64 {
  return u64.MAX_VALUE / divisor;
}

/** The high half of a 64 by 64 bit product. */
// @ts-ignore: decorator
@inline function mulHigh(x: u64, y: u64): u64 {
  const xl = x & 0xffffffff, xh = x >> 32, yl = y & 0xffffffff, yh = y >> 32;
  const mid = xh * yl + ((xl * yl) >> 32);
  const mid2 = xl * yh + (mid & 0xffffffff);
  return xh * yh + (mid >> 32) + (mid2 >> 32);
}

/**
 * Computes value modulo divisor. As r = floor((2^64-1)/d) >= 2^64/d - 1, the product
 * value*r/2^64 is above value/d - 1. Its floor is therefore the quotient, or one less than
 * that. The last step is one conditional subtraction, which is made by a mask and not by a
 * branch.
 */
// @ts-ignore: decorator
@inline export function reduce(value: u64, divisor: u64, r: u64): u64 {
  const rest = value - mulHigh(value, r) * divisor;
  return rest - (divisor & (<u64>0 - <u64>(rest >= divisor)));
}

/** From this number of digits on, a quotient has at most 31 bits, so that `reduceFour` can be used. */
export const FOUR_DIGITS: u32 = 10;

/** Inverts the top bit, so that a signed comparison orders unsigned numbers. */
// @ts-ignore: decorator
@inline function turned(x: v128): v128 { return v128.xor(x, i64x2.splat(i64.MIN_VALUE)); }

// @ts-ignore: decorator
@inline function subtractOnce(rest: v128, divisor: v128): v128 {
  return i64x2.sub(rest, v128.andnot(divisor, i64x2.gt_s(turned(divisor), turned(rest))));
}

/**
 * Computes four values modulo the divisor, which is 10^10 to 10^19. At `valuesPtr` is a vector
 * of the high halves of the values, then one of their low halves. At `restsPtr` the low halves
 * of the results are written first, then the high ones. Let f be the fraction of 2^64/d. Then
 * high*r/2^32 is above value/d - f - 2^32/d, and f + 2^32/d is below 0.9 for each of these
 * divisors. The floor is therefore the quotient or one less than that, as in `reduce`.
 */
// @ts-ignore: decorator
@inline export function reduceFour(valuesPtr: usize, restsPtr: usize, divisor: u64, reciprocal: u64): void {
  const high = v128.load(valuesPtr), low = v128.load(valuesPtr, 16);
  const r = i32x4.splat(<u32>reciprocal), dl = i32x4.splat(<u32>divisor), dh = i32x4.splat(<u32>(divisor >> 32));
  const q01 = i64x2.shr_u(i64x2.extmul_low_i32x4_u(high, r), 32), q23 = i64x2.shr_u(i64x2.extmul_high_i32x4_u(high, r), 32);
  const q = i8x16.shuffle(q01, q23, 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27);
  const p01 = i64x2.add(i64x2.extmul_low_i32x4_u(q, dl), i64x2.shl(i64x2.extmul_low_i32x4_u(q, dh), 32));
  const p23 = i64x2.add(i64x2.extmul_high_i32x4_u(q, dl), i64x2.shl(i64x2.extmul_high_i32x4_u(q, dh), 32));
  const v01 = i8x16.shuffle(low, high, 0, 1, 2, 3, 16, 17, 18, 19, 4, 5, 6, 7, 20, 21, 22, 23);
  const v23 = i8x16.shuffle(low, high, 8, 9, 10, 11, 24, 25, 26, 27, 12, 13, 14, 15, 28, 29, 30, 31);
  const d = i64x2.splat(divisor);
  const t01 = subtractOnce(i64x2.sub(v01, p01), d), t23 = subtractOnce(i64x2.sub(v23, p23), d);
  v128.store(restsPtr, i8x16.shuffle(t01, t23, 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27));
  v128.store(restsPtr, i8x16.shuffle(t01, t23, 4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31), 16);
}
