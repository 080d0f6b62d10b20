/**
 * What buckets take of a core's linear memory, and how much may be loaded for
 * that memory to stay below a budget.
 *
 * Linear memory never shrinks, and the core's heap packs itself while it loads
 * (`wasm/assembly/heap.ts`), so what is dead counts for a while. With L bytes
 * alive at most and blocks of m bytes at most, the heap ends below 4/3 (L + m):
 * a sweep looks at eight bytes for each one allocated, so one that begins at T
 * bytes is done before T/7 more were allocated; it leaves what was alive at its
 * beginning and those T/7, so the next one begins at T ≤ 7/6 (L + m) and ends
 * before 8/7 of that.
 *
 * @module
 */

/**
 * A bucket's header; its credential numbers and tags, which end at a multiple
 * of 16; and what the search reads of each seed (`wasm/assembly/layout.ts`).
 */
const HEADER_BYTES = 48;
const COMPARED_BYTES = 4 + 3 * 8;
const STATE_BYTES = 96;

/** Fixed buffers, and one page begun. */
const FIXED_BYTES = 65_536 + 65_536;

/** Bytes that a loaded bucket takes, its tag rows included. */
export function bucketBytes(slots: number): number {
  const stateAt = Math.ceil((HEADER_BYTES + COMPARED_BYTES * slots) / 16) *
    16;
  return stateAt + STATE_BYTES * slots;
}

/** What may be loaded at a time. */
export interface CoreBudget {
  /** The largest bucket. */
  readonly bucketBytes: number;
  /** All buckets together, one that is being replaced counted twice. */
  readonly loadedBytes: number;
  /** Buckets: each has its place in the core's directory. */
  readonly buckets: number;
}

/** What may be loaded for a core's memory never to grow above `memoryBytes`. */
export function coreBudget(memoryBytes: number): CoreBudget {
  const largest = Math.floor(memoryBytes / 32);
  const buckets = Math.floor(memoryBytes / 512);
  // Four to eight bytes a bucket; the old one lives while a new one is filled.
  const directoryBytes = 12 * buckets + 256;
  return {
    bucketBytes: largest,
    buckets,
    loadedBytes: Math.floor((memoryBytes - FIXED_BYTES) * 3 / 4) - largest -
      directoryBytes,
  };
}
