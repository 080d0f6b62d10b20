// The directory finds the address of a bucket. It is a hash table with chains, which is
// itself a block of the heap and doubles when it is full. A bucket's header holds the
// bucket's key and the address of the next bucket in its chain. The directory does not
// allocate memory: table.ts gives it blocks and releases them, and heap.ts reports every
// block that it has moved.

import { BUCKET_OFFSET, HEADER_BYTES, KIND_OFFSET, NEXT_OFFSET, PREFIX_OFFSET, PROFILE_OFFSET } from "./layout";

/** The kind of block that holds the directory itself; the others are the heap's. */
export const DIRECTORY: u32 = 3;

const FIRST_CHAINS: u32 = 64;
/** Bytes of the smallest directory. */
export const FIRST_BYTES: usize = HEADER_BYTES + (<usize>FIRST_CHAINS << 2);
/** The directory grows when its chains have this number of buckets on average. */
const CHAIN_LENGTH: u32 = 2;
/** The most bytes of the directory for each bucket: four, and two of the old block while it grows. */
export const BUCKET_ENTRY_BYTES: u32 = 6;
/** Address of the directory's block; 0 if no bucket was ever loaded. */
let blockPtr: usize = 0;
/** Number of chains, a power of two. */
let chains: u32 = 0;
let buckets: u32 = 0;

/** The word that holds the head of a key's chain. */
function chainPtr(prefix: u32, profile: u32, bucket: u32): usize {
  let hash = bucket * 0x9e3779b1 ^ prefix * 0x85ebca77 ^ profile * 0xc2b2ae3d;
  hash ^= hash >> 15;
  return blockPtr + HEADER_BYTES + (<usize>(hash & (chains - 1)) << 2);
}

// @ts-ignore: decorator
@inline function chainOf(ptr: usize): usize {
  return chainPtr(load<u32>(ptr, PREFIX_OFFSET), load<u32>(ptr, PROFILE_OFFSET), load<u32>(ptr, BUCKET_OFFSET));
}

/** The address of a loaded bucket, or 0. */
export function find(prefix: u32, profile: u32, bucket: u32): usize {
  if (blockPtr == 0) return 0;
  let ptr = <usize>load<u32>(chainPtr(prefix, profile, bucket));
  while (
    ptr != 0 && !(load<u32>(ptr, BUCKET_OFFSET) == bucket && load<u32>(ptr, PREFIX_OFFSET) == prefix &&
      load<u32>(ptr, PROFILE_OFFSET) == profile)
  ) ptr = <usize>load<u32>(ptr, NEXT_OFFSET);
  return ptr;
}

// @ts-ignore: decorator
@inline function nextChains(): u32 { return chains == 0 ? FIRST_CHAINS : chains << 1; }

/** The size of the block that the directory needs before it can take one more bucket; 0 if it has room. */
export function missingBytes(): usize {
  return buckets < chains * CHAIN_LENGTH ? 0 : HEADER_BYTES + (<usize>nextChains() << 2);
}

/** Moves the directory into a zeroed block of `missingBytes()`. Returns the old block, which the caller releases, or 0. */
export function moveInto(newPtr: usize): usize {
  const oldPtr = blockPtr, oldChains = chains;
  chains = nextChains();
  blockPtr = newPtr;
  for (let i: u32 = 0; i < oldChains; i++) {
    let ptr = <usize>load<u32>(oldPtr + (<usize>i << 2), HEADER_BYTES);
    while (ptr != 0) {
      const next = <usize>load<u32>(ptr, NEXT_OFFSET);
      push(ptr);
      ptr = next;
    }
  }
  return oldPtr;
}

/** Puts a block at the head of its chain. */
function push(ptr: usize): void {
  const headPtr = chainOf(ptr);
  store<u32>(ptr, load<u32>(headPtr), NEXT_OFFSET);
  store<u32>(headPtr, <u32>ptr);
}

/** The word, in the chain that starts at `linkPtr`, that points to `ptr`. */
function linkTo(ptr: usize, linkPtr: usize): usize {
  while (<usize>load<u32>(linkPtr) != ptr) linkPtr = <usize>load<u32>(linkPtr) + NEXT_OFFSET;
  return linkPtr;
}

/** Adds a bucket that is not in the directory. The directory must have room for it. */
export function enter(ptr: usize): void {
  push(ptr);
  buckets++;
}

/** Takes a bucket out. */
export function remove(ptr: usize): void {
  store<u32>(linkTo(ptr, chainOf(ptr)), load<u32>(ptr, NEXT_OFFSET));
  buckets--;
}

/** Forgets every bucket. The heap has zeroed the directory's block together with all others. */
export function forget(): void {
  blockPtr = 0;
  chains = 0;
  buckets = 0;
}

/** The heap has moved a block: the directory notes its new address. */
export function moved(from: usize, to: usize): void {
  if (load<u32>(to, KIND_OFFSET) == DIRECTORY) {
    blockPtr = to;
    return;
  }
  store<u32>(linkTo(from, chainOf(to)), <u32>to);
}
