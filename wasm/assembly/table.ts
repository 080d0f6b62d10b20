// The credential table: takes in the seeds of a bucket, keeps the state of each that the
// search reads, and wipes it.
//
// The state of a seed consists of HMAC's chaining values, after every computation that
// does not depend on the time. prepare.ts in the folder of each hash has the exact form:
//   INNER    after the key under ipad: eight words, added or XORed at the end;
//   STARTED  the inner hash, as far as it goes before the time step is known;
//   OUTER    the outer hash after the key under opad, as far as it goes before
//            the inner digest is known.

import { DIRECTORY, enter, find, forget, missingBytes, moveInto, remove } from "./directory";
import { allocate, BUCKET, PENDING, release, releaseAll } from "./heap";
import { midstates } from "./hmac";
import { prepareInner, prepareOuter } from "./kernel";
import {
  BUCKET_OFFSET, bucketBytes, COUNT_OFFSET, CREDENTIAL_BYTES, DIGEST_BYTES, GROUP_STATE_BYTES, HEADER_BYTES, INNER_PTR,
  KIND_OFFSET, LANES, MAC_OFFSET, MAX_SEEDS, OUTER_OFFSET, OUTER_PTR, OUTPUT_PTR, PREFIX_OFFSET, PROFILE_OFFSET, SCRATCH_BYTES,
  SCRATCH_PTR, SEED_BYTES, SEEDS_PTR, STARTED_OFFSET, STATE_BYTES, stateOffset, TAG_BYTES, TAIL_PTR, WORK_PTR,
} from "./layout";
import { writeBlock } from "./message";
import { macOf } from "./profiles";
import { NOTHING_PENDING, OK, OUT_OF_MEMORY, OUT_OF_RANGE } from "./status";

/** The block that is being loaded, between `begin` and `commit`; 0 if there is none. */
let pendingPtr: usize = 0;

// @ts-ignore: decorator
@inline function countOf(blockPtr: usize): usize { return <usize>load<u32>(blockPtr, COUNT_OFFSET); }

/** The addresses of a bucket's credential numbers, tag rows and state. */
export function credentialsPtr(blockPtr: usize): usize {
  return blockPtr + HEADER_BYTES;
}
export function rowPtr(blockPtr: usize, row: u32): usize {
  return credentialsPtr(blockPtr) + countOf(blockPtr) * (CREDENTIAL_BYTES + <usize>row * TAG_BYTES);
}
export function statePtr(blockPtr: usize): usize {
  return blockPtr + stateOffset(countOf(blockPtr));
}
/**
 * The address where the caller writes the seeds: the last third of the room for the
 * state. The state of a seed is three times as long as the seed, and states are written
 * from the first seed to the last. Therefore no write reaches a seed that has not been
 * read yet, and the last write covers the last seed.
 */
function seedsPtr(blockPtr: usize): usize {
  return statePtr(blockPtr) + countOf(blockPtr) * (STATE_BYTES - SEED_BYTES);
}

/** Drops a load that was begun and not committed. */
function abort(): void {
  if (pendingPtr != 0) release(pendingPtr);
  pendingPtr = 0;
}

/** Lets the directory grow if it has no room for one more bucket. Returns false if there is no memory. Blocks may move. */
function makeRoom(): bool {
  const bytes = missingBytes();
  if (bytes == 0) return true;
  const newPtr = allocate(bytes, DIRECTORY);
  if (newPtr == 0) return false;
  const oldPtr = moveInto(newPtr);
  if (oldPtr != 0) release(oldPtr);
  return true;
}

/** Makes room for `count` seeds. Writes to OUTPUT the addresses where the seeds and the credential numbers go. */
export function begin(prefix: u32, profile: u32, bucket: u32, count: u32): i32 {
  abort();
  if (count > MAX_SEEDS) return OUT_OF_RANGE;
  if (!makeRoom()) return OUT_OF_MEMORY;
  const ptr = allocate(bucketBytes(count), PENDING);
  if (ptr == 0) return OUT_OF_MEMORY;
  store<u32>(ptr, prefix, PREFIX_OFFSET);
  store<u32>(ptr, profile, PROFILE_OFFSET);
  store<u32>(ptr, bucket, BUCKET_OFFSET);
  store<u32>(ptr, count, COUNT_OFFSET);
  store<u32>(ptr, macOf(profile), MAC_OFFSET);
  pendingPtr = ptr;
  store<u32>(OUTPUT_PTR, <u32>seedsPtr(ptr), 0);
  store<u32>(OUTPUT_PTR, <u32>credentialsPtr(ptr), 4);
  return OK;
}

/** Turns the seeds into the state that the search reads, and replaces the old bucket. */
export function commit(): i32 {
  const ptr = pendingPtr;
  if (ptr == 0) return NOTHING_PENDING;
  const prefix = load<u32>(ptr, PREFIX_OFFSET), profile = load<u32>(ptr, PROFILE_OFFSET);
  const bucket = load<u32>(ptr, BUCKET_OFFSET), mac = load<u32>(ptr, MAC_OFFSET);
  writeBlock(prefix, profile, bucket, 0);
  let groupPtr = statePtr(ptr), seedPtr = seedsPtr(ptr);
  for (let left = countOf(ptr); left > 0;) {
    const lanes: usize = left < LANES ? left : LANES;
    memory.copy(SEEDS_PTR, seedPtr, lanes * SEED_BYTES);
    for (let lane: usize = 0; lane < lanes; lane++) {
      keep(mac, SEEDS_PTR + lane * SEED_BYTES, groupPtr + (lane << 2), lanes << 2);
    }
    groupPtr += lanes * STATE_BYTES;
    seedPtr += lanes * SEED_BYTES;
    left -= lanes;
  }
  memory.fill(SCRATCH_PTR, 0, SCRATCH_BYTES);
  pendingPtr = 0;
  const oldPtr = find(prefix, profile, bucket);
  if (oldPtr != 0) drop(oldPtr);
  store<u32>(ptr, BUCKET, KIND_OFFSET);
  enter(ptr);
  return OK;
}

/** Writes the state of one seed into its lane of a group. One word of all lanes together has `wordBytes`. */
function keep(mac: u32, seedPtr: usize, lanePtr: usize, wordBytes: usize): void {
  midstates(mac, seedPtr, SEED_BYTES);
  scatter(INNER_PTR, lanePtr, wordBytes);
  memory.copy(WORK_PTR, INNER_PTR, DIGEST_BYTES);
  prepareInner(mac, WORK_PTR);
  scatter(WORK_PTR, lanePtr + (STARTED_OFFSET >> 4) * wordBytes, wordBytes);
  prepareOuter(mac, OUTER_PTR);
  scatter(OUTER_PTR, lanePtr + (OUTER_OFFSET >> 4) * wordBytes, wordBytes);
}

/** Spreads eight words over one lane. */
function scatter(wordsPtr: usize, lanePtr: usize, wordBytes: usize): void {
  for (let i: usize = 0; i < 8; i++) store<u32>(lanePtr + i * wordBytes, load<u32>(wordsPtr + (i << 2)));
}

/** Spreads the state of a tail of one to three seeds over the group at TAIL_PTR, with zeros in the lanes beside them. */
export function spreadTail(ptr: usize, lanes: usize): void {
  for (let vectorPtr = TAIL_PTR; vectorPtr < TAIL_PTR + GROUP_STATE_BYTES; vectorPtr += 16) {
    let word = lanes == 1 ? v128.load32_zero(ptr) : v128.load64_zero(ptr);
    if (lanes == 3) word = v128.load32_lane(ptr, word, 2, 8);
    v128.store(vectorPtr, word);
    ptr += lanes << 2;
  }
}

function drop(ptr: usize): void {
  remove(ptr);
  release(ptr);
}

/** Wipes a bucket, if it is loaded. */
export function wipe(prefix: u32, profile: u32, bucket: u32): void {
  const ptr = find(prefix, profile, bucket);
  if (ptr != 0) drop(ptr);
}

/** Wipes every bucket, and a load that was begun. */
export function wipeAll(): void {
  pendingPtr = 0;
  releaseAll();
  forget();
}
