// u64 modulo a power of ten without a division: the time of a division depends
// on its operands, and these are secret.

/** 10^digits, for 1 to 19 digits. */
export function powerOfTen(digits: u32): u64 {
  let power: u64 = 1;
  for (let i: u32 = 0; i < digits; i++) power *= 10;
  return power;
}

/** The factor that `reduce` wants: floor((2^64 - 1) / divisor). The divisor is public. */
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
 * value modulo divisor. With r = floor((2^64-1)/d) >= 2^64/d - 1, value*r/2^64
 * is above value/d - 1, so its floor is the quotient or one less, and one
 * conditional subtraction, made by a mask and not by a branch, finishes it.
 */
// @ts-ignore: decorator
@inline export function reduce(value: u64, divisor: u64, r: u64): u64 {
  const rest = value - mulHigh(value, r) * divisor;
  return rest - (divisor & (<u64>0 - <u64>(rest >= divisor)));
}
