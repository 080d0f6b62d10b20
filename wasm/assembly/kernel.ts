// The hot path, chosen by the MAC's number: it prepares the state that the table keeps
// of a seed, and computes the MACs of eight seeds at once. The code is in the folder of
// each hash.

import { HMAC_SM3 } from "./profiles";
import * as sha256 from "./sha256/lanes";
import * as sha256Prepare from "./sha256/prepare";
import * as sm3 from "./sm3/lanes";
import * as sm3Prepare from "./sm3/prepare";

/** Turns a seed's inner midstate at `ptr` into the state that the table keeps; the message block is at SHARED_PTR. */
export function prepareInner(mac: u32, ptr: usize): void {
  if (mac == HMAC_SM3) sm3Prepare.prepareInner(ptr);
  else sha256Prepare.prepareInner(ptr);
}

/** The same as `prepareInner`, for the outer midstate. */
export function prepareOuter(mac: u32, ptr: usize): void {
  if (mac == HMAC_SM3) sm3Prepare.prepareOuter(ptr);
  else sha256Prepare.prepareOuter(ptr);
}

/** Called once before the MACs of a row: turns the message block at SHARED_PTR into the words that all seeds of the bucket share. */
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
