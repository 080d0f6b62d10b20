// The self-test: for each MAC, known answers that the core must give before it serves.
// They cover the general HMAC with a short and a long key, the tag of a wallet, and the
// search with a group and a tail of seeds. They come from RFC 4231, from GM/T 0042 and
// from an independent HMAC. The manifest beside the artefact lists the same answers.

import { derive } from "./derive";
import { hmac } from "./hmac";
import { DIGEST_BYTES, INPUT_BYTES, INPUT_PTR, OUTPUT_PTR, SEED_BYTES } from "./layout";
import { HMAC_SHA_256, HMAC_SM3 } from "./profiles";
import { powerOfTen } from "./reduce";
import { AMBIGUOUS, NOT_LOADED, OK, ONE } from "./status";
import { begin, commit, wipe } from "./table";
import { search } from "./verify";

/** RFC 4231 §4.3 and GM/T 0042 appendix D.3: key `Jefe`, then the message `what do ya want for nothing?`. */
const SHORT_PTR: usize = memory.data<u8>([
  0x4a, 0x65, 0x66, 0x65,
  0x77, 0x68, 0x61, 0x74, 0x20, 0x64, 0x6f, 0x20, 0x79, 0x61, 0x20, 0x77, 0x61, 0x6e, 0x74, 0x20, 0x66, 0x6f, 0x72, 0x20,
  0x6e, 0x6f, 0x74, 0x68, 0x69, 0x6e, 0x67, 0x3f,
]);
const SHORT_SHA_256_PTR: usize = memory.data<u8>([
  0x5b, 0xdc, 0xc1, 0x46, 0xbf, 0x60, 0x75, 0x4e, 0x6a, 0x04, 0x24, 0x26, 0x08, 0x95, 0x75, 0xc7,
  0x5a, 0x00, 0x3f, 0x08, 0x9d, 0x27, 0x39, 0x83, 0x9d, 0xec, 0x58, 0xb9, 0x64, 0xec, 0x38, 0x43,
]);
const SHORT_SM3_PTR: usize = memory.data<u8>([
  0x2e, 0x87, 0xf1, 0xd1, 0x68, 0x62, 0xe6, 0xd9, 0x64, 0xb5, 0x0a, 0x52, 0x00, 0xbf, 0x2b, 0x10,
  0xb7, 0x64, 0xfa, 0xa9, 0x68, 0x0a, 0x29, 0x6a, 0x24, 0x05, 0xf2, 0x4b, 0xec, 0x39, 0xf8, 0x82,
]);

/** RFC 4231 §4.7: 131 bytes 0xaa, then `Test Using Larger Than Block-Size Key - Hash Key First`. */
const LONG_KEY_BYTES: usize = 131;
const LONG_PTR: usize = memory.data<u8>([
  0x54, 0x65, 0x73, 0x74, 0x20, 0x55, 0x73, 0x69, 0x6e, 0x67, 0x20, 0x4c, 0x61, 0x72, 0x67, 0x65, 0x72, 0x20, 0x54, 0x68,
  0x61, 0x6e, 0x20, 0x42, 0x6c, 0x6f, 0x63, 0x6b, 0x2d, 0x53, 0x69, 0x7a, 0x65, 0x20, 0x4b, 0x65, 0x79, 0x20, 0x2d, 0x20,
  0x48, 0x61, 0x73, 0x68, 0x20, 0x4b, 0x65, 0x79, 0x20, 0x46, 0x69, 0x72, 0x73, 0x74,
]);
const LONG_BYTES: usize = 54;
const LONG_SHA_256_PTR: usize = memory.data<u8>([
  0x60, 0xe4, 0x31, 0x59, 0x1e, 0xe0, 0xb6, 0x7f, 0x0d, 0x8a, 0x26, 0xaa, 0xcb, 0xf5, 0xb7, 0x7f,
  0x8e, 0x0b, 0xc6, 0x21, 0x37, 0x28, 0xc5, 0x14, 0x05, 0x46, 0x04, 0x0f, 0x0e, 0xe3, 0x7f, 0x54,
]);
/** The HMAC-SM3 of the same key and message, computed with openssl. */
const LONG_SM3_PTR: usize = memory.data<u8>([
  0xb4, 0xfd, 0x84, 0x4e, 0x13, 0x34, 0x20, 0x02, 0xf0, 0xb2, 0xe0, 0x69, 0x0e, 0xa7, 0x74, 0x1f,
  0x14, 0x97, 0xd9, 0x93, 0xa7, 0x04, 0x94, 0xce, 0xa6, 0x01, 0xe6, 0x57, 0xbe, 0xdf, 0x67, 0xa0,
]);

/** Prefix 90, profiles 1 and 2, bucket 42; seed i is the bytes 0x80 to 0x9f with i XORed into the last. */
const PREFIX: u32 = 90, BUCKET: u32 = 42, STEP: u32 = 56666666, DIGITS: u32 = 19, SEEDS: u32 = 6;
/** The tags of the six seeds under profile 1, then under profile 2. */
const TAGS_PTR: usize = memory.data<u64>([
  3893583804722079264, 3593496136977686076, 7531047901107898089,
  8577056318643928175, 6123989535366471642, 264027673111039619,
  485573112502872869, 2403054237524788030, 7693501598351216527,
  7413647710043785400, 1702974808422736557, 8329804590909377988,
]);
/** The profile that is being tested. */
let profile: u32 = 0;

/** Whether two byte strings are equal; `bytes` is a multiple of 8. */
function same(xPtr: usize, yPtr: usize, bytes: usize): bool {
  let difference: u64 = 0;
  for (let i: usize = 0; i < bytes; i += 8) difference |= load<u64>(xPtr + i) ^ load<u64>(yPtr + i);
  return difference == 0;
}

function hmacPasses(mac: u32, shortPtr: usize, longPtr: usize): bool {
  hmac(mac, SHORT_PTR, 4, SHORT_PTR + 4, 28, OUTPUT_PTR);
  if (!same(OUTPUT_PTR, shortPtr, DIGEST_BYTES)) return false;
  memory.fill(INPUT_PTR, 0xaa, LONG_KEY_BYTES);
  hmac(mac, INPUT_PTR, LONG_KEY_BYTES, LONG_PTR, LONG_BYTES, OUTPUT_PTR);
  return same(OUTPUT_PTR, longPtr, DIGEST_BYTES);
}

function writeSeed(ptr: usize, i: u32): void {
  for (let j: usize = 0; j < SEED_BYTES; j++) store<u8>(ptr + j, <u8>(0x80 + j));
  store<u8>(ptr, <u8>(0x9f ^ i), SEED_BYTES - 1);
}

function tag(i: u32): u64 {
  return load<u64>(TAGS_PTR + (<usize>((profile - 1) * SEEDS + i) << 3));
}

function find(value: u64, firstStep: u32, stepCount: u32): i32 {
  return search(PREFIX, profile, BUCKET, value, DIGITS, firstStep, stepCount);
}

/** Whether a tag that differs from a known one in any single bit is not found. */
function eachBitCounts(known: u64): bool {
  for (let bit: u64 = 0; bit < 64; bit++) {
    const other = known ^ (<u64>1 << bit);
    if (other < powerOfTen(DIGITS) && find(other, STEP, 1) != OK) return false;
  }
  return true;
}

/** Loads the seeds, and the first `copies` of them a second time at the end. */
function loadSeeds(copies: u32): bool {
  if (begin(PREFIX, profile, BUCKET, SEEDS + copies) != OK) return false;
  const seedsPtr = <usize>load<u32>(OUTPUT_PTR, 0), numbersPtr = <usize>load<u32>(OUTPUT_PTR, 4);
  for (let i: u32 = 0; i < SEEDS + copies; i++) {
    writeSeed(seedsPtr + <usize>i * SEED_BYTES, i % SEEDS);
    store<u32>(numbersPtr + (<usize>i << 2), 1000 + i);
  }
  return commit() == OK;
}

/** Tests the tags of wallets and the search, for one profile. */
function searchPasses(theProfile: u32): bool {
  profile = theProfile;
  if (!loadSeeds(0)) return false;
  for (let i: u32 = 0; i < SEEDS; i++) {
    writeSeed(INPUT_PTR, i);
    derive(INPUT_PTR, PREFIX, profile, BUCKET, STEP, DIGITS, OUTPUT_PTR);
    if (load<u64>(OUTPUT_PTR) != tag(i)) return false;
    if (find(tag(i), STEP - 1, 3) != ONE) return false;
    if (load<u32>(OUTPUT_PTR, 0) != 1000 + i || load<u32>(OUTPUT_PTR, 4) != i || load<u32>(OUTPUT_PTR, 8) != STEP) return false;
    if (find(tag(i), STEP + 1, 3) != OK || !eachBitCounts(tag(i))) return false;
  }
  if (!loadSeeds(1)) return false;
  if (find(tag(0), STEP, 1) != AMBIGUOUS || find(tag(1), STEP, 1) != ONE) return false;
  // The tail had two seeds above; here it has three: 4, 5 and the copy of 0.
  if (!eachBitCounts(tag(4)) || !eachBitCounts(tag(5)) || !eachBitCounts(tag(0))) return false;
  // Nine seeds: two groups, and a tail of one, the copy of 2.
  if (!loadSeeds(3) || find(tag(2), STEP, 1) != AMBIGUOUS || !eachBitCounts(tag(2))) return false;
  wipe(PREFIX, profile, BUCKET);
  return find(tag(0), STEP, 1) == NOT_LOADED;
}

/** Whether the core gives every known answer. */
export function passes(): bool {
  const passed = hmacPasses(HMAC_SHA_256, SHORT_SHA_256_PTR, LONG_SHA_256_PTR) &&
    hmacPasses(HMAC_SM3, SHORT_SM3_PTR, LONG_SM3_PTR) && searchPasses(1) && searchPasses(2);
  memory.fill(INPUT_PTR, 0, INPUT_BYTES);
  return passed;
}
