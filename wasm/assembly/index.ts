// The core's exports, and nothing else. wasm/README.md says what each takes and
// answers. Until self_test has passed, every call that computes or loads is refused.

import { derive } from "./derive";
import { BUCKET_ENTRY_BYTES, find, FIRST_BYTES } from "./directory";
import { BASE } from "./heap";
import { hmac } from "./hmac";
import {
  bucketBytes, INPUT_BYTES, INPUT_PTR, MAX_SEEDS, MAX_STEPS, MAX_TAG_DIGITS, OUTPUT_BYTES, OUTPUT_PTR, SEED_BYTES,
} from "./layout";
import { count, describe, HMAC_SHA_256, HMAC_SM3, macOf, NO_MAC } from "./profiles";
import { passes } from "./selftest";
import { NOT_READY, OK, OUT_OF_RANGE, SELF_TEST_FAILED, UNKNOWN_PROFILE } from "./status";
import { begin, commit, wipe, wipeAll } from "./table";
import { comparedGroups, search, searchedGroups } from "./verify";

let ready = false;

/** The version of this interface. It rises when an export changes what it takes or returns. */
export function abi_version(): u32 { return 2; }

/** How many profiles this core implements. */
export function profile_count(): u32 { return count(); }
/** Writes the profile with this index, from 0, to OUTPUT as six words: digit, MAC, bucket digits, tag digits, seconds of a step, window. */
export function describe_profile(index: u32): i32 { return describe(index); }

/**
 * Writes the bounds and sizes of this core to OUTPUT as six words: bytes of a seed; the most seeds of a bucket, the most
 * steps of a search, the most digits of a tag; bytes of memory before the first bucket; the most bytes of the directory for a bucket.
 */
export function describe_sizes(): i32 {
  store<u32>(OUTPUT_PTR, <u32>SEED_BYTES, 0);
  store<u32>(OUTPUT_PTR, MAX_SEEDS, 4);
  store<u32>(OUTPUT_PTR, MAX_STEPS, 8);
  store<u32>(OUTPUT_PTR, MAX_TAG_DIGITS, 12);
  store<u32>(OUTPUT_PTR, <u32>(BASE + FIRST_BYTES), 16);
  store<u32>(OUTPUT_PTR, BUCKET_ENTRY_BYTES, 20);
  return OK;
}
/** The size in bytes of a bucket with this number of seeds. */
export function bucket_bytes(seeds: u32): i32 {
  return seeds > MAX_SEEDS ? OUT_OF_RANGE : <i32>bucketBytes(seeds);
}

/** The input buffer, its length, and the output buffer. */
export function input_ptr(): usize { return INPUT_PTR; }
export function input_bytes(): u32 { return INPUT_BYTES; }
export function output_ptr(): usize { return OUTPUT_PTR; }

/** Tests the core with known answers, and wipes the table. Until it has returned OK, the exports below that compute or load return NOT_READY. */
export function self_test(): i32 {
  wipe_all();
  ready = passes();
  wipe_all();
  return ready ? OK : SELF_TEST_FAILED;
}

function hmacOfInput(mac: u32, keyBytes: u32, messageBytes: u32): i32 {
  let status = OK;
  if (!ready) status = NOT_READY;
  else if (keyBytes > INPUT_BYTES || messageBytes > INPUT_BYTES - keyBytes) status = OUT_OF_RANGE;
  else hmac(mac, INPUT_PTR, keyBytes, INPUT_PTR + keyBytes, messageBytes, OUTPUT_PTR);
  memory.fill(INPUT_PTR, 0, status == OK ? keyBytes + messageBytes : INPUT_BYTES);
  return status;
}

/** Writes the HMAC, 32 bytes, to OUTPUT. INPUT holds the key and, directly behind it, the message; it is zeroed. */
export function hmac_sha256(keyBytes: u32, messageBytes: u32): i32 { return hmacOfInput(HMAC_SHA_256, keyBytes, messageBytes); }
/** The same as `hmac_sha256`, with SM3. */
export function hmac_sm3(keyBytes: u32, messageBytes: u32): i32 { return hmacOfInput(HMAC_SM3, keyBytes, messageBytes); }

/** Writes the tag of a seed at a step to OUTPUT as a u64. The seed is the first 32 bytes of INPUT, which are zeroed. */
export function derive_tag(prefix: u32, profile: u32, bucket: u32, step: u32, tagDigits: u32): i32 {
  let status = OK;
  if (!ready) status = NOT_READY;
  else if (macOf(profile) == NO_MAC) status = UNKNOWN_PROFILE;
  else if (tagDigits - 1 >= MAX_TAG_DIGITS) status = OUT_OF_RANGE;
  else derive(INPUT_PTR, prefix, profile, bucket, step, tagDigits, OUTPUT_PTR);
  memory.fill(INPUT_PTR, 0, SEED_BYTES);
  return status;
}

/** Makes room for the seeds of a bucket. Writes to OUTPUT the addresses where the seeds and their credential numbers go. */
export function load_begin(prefix: u32, profile: u32, bucket: u32, seeds: u32): i32 {
  if (!ready) return NOT_READY;
  return macOf(profile) == NO_MAC ? UNKNOWN_PROFILE : begin(prefix, profile, bucket, seeds);
}

/** Takes in the seeds that were written since `load_begin`. They replace what the bucket held. */
export function load_commit(): i32 {
  return ready ? commit() : NOT_READY;
}

/** 1 if the bucket is loaded, else 0. */
export function has_bucket(prefix: u32, profile: u32, bucket: u32): i32 {
  return i32(find(prefix, profile, bucket) != 0);
}

/** Wipes a bucket. Returns OK even if it is not loaded. */
export function wipe_bucket(prefix: u32, profile: u32, bucket: u32): i32 {
  wipe(prefix, profile, bucket);
  return OK;
}

/** Wipes every bucket, a load that was begun, and OUTPUT. */
export function wipe_all(): i32 {
  wipeAll();
  memory.fill(OUTPUT_PTR, 0, OUTPUT_BYTES);
  return OK;
}

/** Searches a bucket for a tag in 1 to 8 steps. Returns 0 (none), 1 (one) or 2 (ambiguous), and writes words to OUTPUT. */
export function verify(
  prefix: u32, profile: u32, bucket: u32, tag: u64, tagDigits: u32, firstStep: u32, stepCount: u32,
): i32 {
  if (!ready) return NOT_READY;
  if (macOf(profile) == NO_MAC) return UNKNOWN_PROFILE;
  return search(prefix, profile, bucket, tag, tagDigits, firstStep, stepCount);
}

/** The number of groups whose MACs were computed since the start. A group has four seeds, the last one of a bucket perhaps fewer. */
export function work_groups(): u64 { return searchedGroups(); }
/** The number of groups whose tags were compared since the start. */
export function work_compares(): u64 { return comparedGroups(); }
