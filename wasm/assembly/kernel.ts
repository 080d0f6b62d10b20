// The hot path, by the number of the MAC: what the table keeps of a seed, and the
// MACs of eight seeds at once. The folder of each hash has its code.

import { HMAC_SM3 } from "./profiles";
import * as sha256 from "./sha256/lanes";
import * as sha256Prepare from "./sha256/prepare";
import * as sm3 from "./sm3/lanes";
import * as sm3Prepare from "./sm3/prepare";

/** Turns a seed's inner midstate at `ptr` into what is kept for the search; the message block is at SHARED_PTR. */
export function prepareInner(mac: u32, ptr: usize): void {
  if (mac == HMAC_SM3) sm3Prepare.prepareInner(ptr);
  else sha256Prepare.prepareInner(ptr);
}

/** The same with the outer midstate. */
export function prepareOuter(mac: u32, ptr: usize): void {
  if (mac == HMAC_SM3) sm3Prepare.prepareOuter(ptr);
  else sha256Prepare.prepareOuter(ptr);
}

/** Once before the MACs of a row: makes of the message block at SHARED_PTR what all seeds of the bucket share. */
export function beginRow(mac: u32): void {
  if (mac == HMAC_SM3) sm3.beginRow();
  else sha256.beginRow();
}

/**
 * Writes the first two words of the MACs of two groups of four seeds, x and y,
 * each as two vectors at `macsPtr`. Both may be the same group. Leaves secrets
 * in WORDS_PTR.
 */
export function macs(mac: u32, xPtr: usize, yPtr: usize, macsPtr: usize): void {
  if (mac == HMAC_SM3) sm3.macs(xPtr, yPtr, macsPtr);
  else sha256.macs(xPtr, yPtr, macsPtr);
}
