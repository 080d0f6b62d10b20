// The credential table: takes a bucket's seeds in, keeps of each what the
// search reads, and wipes it.
//
// What is kept are HMAC's chaining values, with all that does not depend on
// time already done:
//   INNER    after the key under ipad: eight words, added at the end;
//   STARTED  the inner hash after rounds 0 to 11 of the message block, and
//            round 12 up to the addition of its K + W, W being the time step;
//   OUTER    after the key under opad, and round 0 of the digest block up to
//            the addition of its W.
// "Up to the addition" is the form [a, b, c, d + t, e, f, g + n, t + t2] with
// t = T1 of that round without what is yet to be added, t2 = T2, and n the
// constants of the round after it. Nobody needs the plain d, g and h.

import { DIRECTORY, enter, find, forget, missingBytes, moveInto, remove } from "./directory";
import { allocate, BUCKET, PENDING, release, releaseAll } from "./heap";
import { midstates } from "./hmac";
import {
  BUCKET_OFFSET, COUNT_OFFSET, CREDENTIAL_BYTES, GROUP_STATE_BYTES, HEADER_BYTES, INNER_PTR, KIND_OFFSET, LANES, MAX_SLOTS,
  OUTER_OFFSET, OUTER_PTR, OUTPUT_PTR, PREFIX_OFFSET, PROFILE_OFFSET, ROWS, SCRATCH_BYTES, SCRATCH_PTR, SEED_BYTES, SEEDS_PTR,
  SHARED_PTR, STARTED_OFFSET, STATE_BYTES, TAG_BYTES, TAIL_PTR, WORK_PTR,
} from "./layout";
import { FIXED_WORDS, schedule } from "./message";
import { bigSigma0, bigSigma1, ch, DIGEST_BYTES, K_PTR, maj, rounds } from "./sha256/sha256";
import { NOTHING_PENDING, OK, OUT_OF_MEMORY, OUT_OF_RANGE } from "./status";

/** The block between `begin` and `commit`; 0: none. */
let pendingPtr: usize = 0;

// @ts-ignore: decorator
@inline function countOf(blockPtr: usize): usize { return <usize>load<u32>(blockPtr, COUNT_OFFSET); }

/** From the start of a bucket of `count` seeds to its state. */
function stateOffset(count: usize): usize {
  return (HEADER_BYTES + count * (CREDENTIAL_BYTES + <usize>ROWS * TAG_BYTES) + 15) & ~15;
}

/** Where a bucket's credential numbers, tag rows and state are. */
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
 * Where the caller puts the seeds: the last third of the room for the state.
 * That is written from the first seed to the last, and of a seed it is three
 * times as long as the seed, so each write ends where the next seeds begin or
 * before, and the last of them covers the last of the seeds.
 */
function seedsPtr(blockPtr: usize): usize {
  return statePtr(blockPtr) + countOf(blockPtr) * (STATE_BYTES - SEED_BYTES);
}

/** Drops a load that was begun. */
function abort(): void {
  if (pendingPtr != 0) release(pendingPtr);
  pendingPtr = 0;
}

/** Has the directory grow where one bucket more asks for it; false when there is no memory. Blocks may move. */
function makeRoom(): bool {
  const bytes = missingBytes();
  if (bytes == 0) return true;
  const newPtr = allocate(bytes, DIRECTORY);
  if (newPtr == 0) return false;
  const oldPtr = moveInto(newPtr);
  if (oldPtr != 0) release(oldPtr);
  return true;
}

/** Makes room for `count` seeds; writes to OUTPUT where the seeds and the credential numbers go. */
export function begin(prefix: u32, profile: u32, bucket: u32, count: u32): i32 {
  abort();
  if (count > MAX_SLOTS) return OUT_OF_RANGE;
  if (!makeRoom()) return OUT_OF_MEMORY;
  const ptr = allocate(stateOffset(count) + <usize>count * STATE_BYTES, PENDING);
  if (ptr == 0) return OUT_OF_MEMORY;
  store<u32>(ptr, prefix, PREFIX_OFFSET);
  store<u32>(ptr, profile, PROFILE_OFFSET);
  store<u32>(ptr, bucket, BUCKET_OFFSET);
  store<u32>(ptr, count, COUNT_OFFSET);
  pendingPtr = ptr;
  store<u32>(OUTPUT_PTR, <u32>seedsPtr(ptr), 0);
  store<u32>(OUTPUT_PTR, <u32>credentialsPtr(ptr), 4);
  return OK;
}

/** Turns the seeds into what the search reads, and puts the bucket in the place of the old one. */
export function commit(): i32 {
  const ptr = pendingPtr;
  if (ptr == 0) return NOTHING_PENDING;
  const prefix = load<u32>(ptr, PREFIX_OFFSET), profile = load<u32>(ptr, PROFILE_OFFSET);
  const bucket = load<u32>(ptr, BUCKET_OFFSET);
  schedule(prefix, profile, bucket, 0);
  let groupPtr = statePtr(ptr), seedPtr = seedsPtr(ptr);
  for (let left = countOf(ptr); left > 0;) {
    const lanes: usize = left < LANES ? left : LANES;
    memory.copy(SEEDS_PTR, seedPtr, lanes * SEED_BYTES);
    for (let lane: usize = 0; lane < lanes; lane++) {
      keep(SEEDS_PTR + lane * SEED_BYTES, groupPtr + (lane << 2), lanes << 2);
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

/** Writes what is kept of one seed into its lane of a group, in which a word of all lanes has `wordBytes`. */
function keep(seedPtr: usize, lanePtr: usize, wordBytes: usize): void {
  midstates(seedPtr, SEED_BYTES);
  scatter(INNER_PTR, lanePtr, wordBytes);
  memory.copy(WORK_PTR, INNER_PTR, DIGEST_BYTES);
  rounds(WORK_PTR, SHARED_PTR, 0, FIXED_WORDS);
  advance(WORK_PTR, 0, load<u32>(K_PTR, 13 << 2) + load<u32>(SHARED_PTR, 13 << 2));
  scatter(WORK_PTR, lanePtr + (STARTED_OFFSET >> 4) * wordBytes, wordBytes);
  advance(OUTER_PTR, load<u32>(K_PTR, 0), load<u32>(K_PTR, 4));
  scatter(OUTER_PTR, lanePtr + (OUTER_OFFSET >> 4) * wordBytes, wordBytes);
}

/** Does a round up to the addition of its word; `now` and `next` are the constants of it and of the round after. */
function advance(ptr: usize, now: u32, next: u32): void {
  const a = load<u32>(ptr, 0), b = load<u32>(ptr, 4), c = load<u32>(ptr, 8);
  const e = load<u32>(ptr, 16), f = load<u32>(ptr, 20), g = load<u32>(ptr, 24);
  const t1 = load<u32>(ptr, 28) + bigSigma1(e) + ch(e, f, g) + now;
  store<u32>(ptr, load<u32>(ptr, 12) + t1, 12);
  store<u32>(ptr, g + next, 24);
  store<u32>(ptr, t1 + bigSigma0(a) + maj(a, b, c), 28);
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

/** Wipes a bucket; one that is not loaded is wiped already. */
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
