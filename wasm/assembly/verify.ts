// The search. A tag row holds the tags of a whole bucket at one time step, so that a
// second verification in the same bucket and step only compares. The work, and every
// address that it touches, depends on the bucket, the steps and the content of the rows,
// but never on the tag: there is no early exit and no branch on a match.

import { find } from "./directory";
import { beginRow, macs } from "./kernel";
import {
  BUCKET_OFFSET, COUNT_OFFSET, GROUP_CREDENTIAL_BYTES, GROUP_MACS_BYTES, GROUP_STATE_BYTES, GROUP_TAG_BYTES, LANES, MAC_OFFSET,
  MACS_PTR, MAX_STEPS, MAX_TAG_DIGITS, OUTPUT_PTR, PREFIX_OFFSET, PROFILE_OFFSET, ROW_DIGITS_OFFSET, ROW_STEPS_OFFSET, ROWS, SCRATCH_PTR,
  SEARCH_SCRATCH_BYTES, TAIL_PTR,
} from "./layout";
import { writeBlock } from "./message";
import { FOUR_DIGITS, powerOfTen, reciprocal, reduce, reduceFour } from "./reduce";
import { AMBIGUOUS, NOT_LOADED, OK, ONE, OUT_OF_RANGE } from "./status";
import { credentialsPtr, rowPtr, spreadTail, statePtr } from "./table";

/** The numbers of groups whose MACs were computed, and whose tags were compared, since the start. */
let searched: u64 = 0;
let compared: u64 = 0;
export function searchedGroups(): u64 { return searched; }
export function comparedGroups(): u64 { return compared; }

/** Writes four MACs, modulo the divisor, as the tags of a group. */
// @ts-ignore: decorator
@inline function writeTags(macsPtr: usize, tagsPtr: usize, divisor: u64, r: u64, four: bool): void {
  if (four) reduceFour(macsPtr, tagsPtr, divisor, r);
  else writeShortTags(macsPtr, tagsPtr, divisor, r);
}

function writeShortTags(macsPtr: usize, tagsPtr: usize, divisor: u64, r: u64): void {
  for (let lane: usize = 0; lane < 16; lane += 4) {
    const mac = (<u64>load<u32>(macsPtr + lane) << 32) | <u64>load<u32>(macsPtr + lane, 16);
    const tag = reduce(mac, divisor, r);
    store<u32>(tagsPtr + lane, <u32>tag);
    store<u32>(tagsPtr + lane, <u32>(tag >> 32), 16);
  }
}

/** Fills a row with the tags of one step. */
function fill(blockPtr: usize, row: u32, step: u32, digits: u32): void {
  store<u8>(blockPtr + row, 0, ROW_DIGITS_OFFSET);
  writeBlock(load<u32>(blockPtr, PREFIX_OFFSET), load<u32>(blockPtr, PROFILE_OFFSET), load<u32>(blockPtr, BUCKET_OFFSET), step);
  const divisor = powerOfTen(digits), r = reciprocal(divisor), four = digits >= FOUR_DIGITS;
  const mac = load<u32>(blockPtr, MAC_OFFSET);
  beginRow(mac);
  const count = load<u32>(blockPtr, COUNT_OFFSET), groups = count / LANES, lanes = count % LANES;
  let groupPtr = statePtr(blockPtr), tagsPtr = rowPtr(blockPtr, row);
  const endPtr = groupPtr + <usize>groups * GROUP_STATE_BYTES;
  for (; groupPtr + GROUP_STATE_BYTES < endPtr; groupPtr += 2 * GROUP_STATE_BYTES, tagsPtr += 2 * GROUP_TAG_BYTES) {
    macs(mac, groupPtr, groupPtr + GROUP_STATE_BYTES, MACS_PTR);
    writeTags(MACS_PTR, tagsPtr, divisor, r, four);
    writeTags(MACS_PTR + GROUP_MACS_BYTES, tagsPtr + GROUP_TAG_BYTES, divisor, r, four);
  }
  // What is left is the last of an odd number of groups, a tail, or both. If it is only one of them, it is given to
  // `macs` twice.
  if (lanes != 0) {
    spreadTail(endPtr, lanes);
    macs(mac, groupPtr < endPtr ? groupPtr : TAIL_PTR, TAIL_PTR, MACS_PTR);
  } else if (groupPtr < endPtr) {
    macs(mac, groupPtr, groupPtr, MACS_PTR);
  }
  if (groupPtr < endPtr) {
    writeTags(MACS_PTR, tagsPtr, divisor, r, four);
    tagsPtr += GROUP_TAG_BYTES;
  }
  if (lanes != 0) writeTail(tagsPtr, lanes, divisor, r, four);
  searched += groups + u32(lanes != 0);
  memory.fill(SCRATCH_PTR, 0, SEARCH_SCRATCH_BYTES);
  store<u32>(blockPtr + (<usize>row << 2), step, ROW_STEPS_OFFSET);
  store<u8>(blockPtr + row, digits, ROW_DIGITS_OFFSET);
}

/** Writes the tags of a tail of one to three seeds. Their MACs are the second group at MACS_PTR. */
function writeTail(tagsPtr: usize, lanes: usize, divisor: u64, r: u64, four: bool): void {
  writeTags(MACS_PTR + GROUP_MACS_BYTES, MACS_PTR, divisor, r, four);
  for (let lane: usize = 0; lane < lanes << 2; lane += 4) {
    store<u32>(tagsPtr + lane, load<u32>(MACS_PTR + lane));
    store<u32>(tagsPtr + (lanes << 2) + lane, load<u32>(MACS_PTR + lane, 16));
  }
}

/** The largest of four unsigned lanes. */
// @ts-ignore: decorator
@inline function largest(x: v128): u32 {
  const y = i32x4.max_u(x, i8x16.shuffle(x, x, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7));
  return <u32>i32x4.extract_lane(i32x4.max_u(y, i8x16.shuffle(y, y, 4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9, 10, 11)), 0);
}

/**
 * A match is one number: the index of its step in the high bits, and its seed place, from 1, in the low PLACE_BITS. The
 * largest number is therefore a match in the latest step.
 */
const PLACE_BITS: u32 = 24;

/**
 * Searches a bucket for `tag` in the steps `firstStep` to `firstStep` +
 * `stepCount` - 1. Writes to OUTPUT four words: the credential number, the seed place
 * and the step of the latest match; or the two credential numbers and zeros.
 */
export function search(
  prefix: u32, profile: u32, bucket: u32, tag: u64, digits: u32, firstStep: u32, stepCount: u32,
): i32 {
  if (digits - 1 >= MAX_TAG_DIGITS || stepCount - 1 >= MAX_STEPS) return OUT_OF_RANGE;
  if (tag >= powerOfTen(digits) || firstStep + (stepCount - 1) < firstStep) return OUT_OF_RANGE;
  const blockPtr = find(prefix, profile, bucket);
  if (blockPtr == 0) return NOT_LOADED;

  const low = i32x4.splat(<u32>tag), high = i32x4.splat(<u32>(tag >> 32));
  const count = load<u32>(blockPtr, COUNT_OFFSET), groups = count / LANES, lanes = count % LANES;
  const firstPtr = credentialsPtr(blockPtr), endPtr = firstPtr + <usize>groups * GROUP_CREDENTIAL_BYTES;
  // A vector at the tail also contains the bytes behind the tail; this mask makes sure that those lanes never match.
  const inTail = i32x4.gt_u(i32x4.splat(lanes), i32x4(0, 1, 2, 3));
  // The largest match, the largest credential number that matches, and the largest complement of such a number.
  let places = i32x4.splat(0), most = i32x4.splat(0), leastTurned = i32x4.splat(0);
  for (let i: u32 = 0; i < stepCount; i++) {
    const step = firstStep + i, row = step % ROWS;
    const known = load<u32>(blockPtr + (<usize>row << 2), ROW_STEPS_OFFSET);
    if (known != step || load<u8>(blockPtr + row, ROW_DIGITS_OFFSET) != digits) fill(blockPtr, row, step, digits);
    let tagsPtr = rowPtr(blockPtr, row), numbersPtr = firstPtr;
    let here = i32x4.add(i32x4(1, 2, 3, 4), i32x4.splat(<i32>(i << PLACE_BITS)));
    for (; numbersPtr < endPtr; numbersPtr += GROUP_CREDENTIAL_BYTES, tagsPtr += GROUP_TAG_BYTES) {
      const hit = v128.and(
        i32x4.eq(v128.load(tagsPtr), low),
        i32x4.eq(v128.load(tagsPtr, 16), high),
      );
      const numbers = v128.load(numbersPtr);
      places = i32x4.max_u(places, v128.and(here, hit));
      most = i32x4.max_u(most, v128.and(numbers, hit));
      leastTurned = i32x4.max_u(leastTurned, v128.andnot(hit, numbers));
      here = i32x4.add(here, i32x4.splat(LANES));
    }
    if (lanes != 0) {
      const hit = v128.and(inTail, v128.and(
        i32x4.eq(v128.load(tagsPtr), low),
        i32x4.eq(v128.load(tagsPtr + (lanes << 2)), high),
      ));
      const numbers = v128.load(numbersPtr);
      places = i32x4.max_u(places, v128.and(here, hit));
      most = i32x4.max_u(most, v128.and(numbers, hit));
      leastTurned = i32x4.max_u(leastTurned, v128.andnot(hit, numbers));
    }
    compared += groups + u32(lanes != 0);
  }

  const place = largest(places), high2 = largest(most), low2 = ~largest(leastTurned);
  const any = <u32>(place != 0), several = any & <u32>(low2 != high2);
  const one = 0 - (any & ~several), two = 0 - several;
  store<u32>(OUTPUT_PTR, low2 & (one | two), 0);
  store<u32>(OUTPUT_PTR, (((place & ((1 << PLACE_BITS) - 1)) - 1) & one) | (high2 & two), 4);
  store<u32>(OUTPUT_PTR, (firstStep + (place >> PLACE_BITS)) & one, 8);
  return <i32>(any + several);
}
