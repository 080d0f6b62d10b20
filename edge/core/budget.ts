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

import type { CoreSizes } from "./core.ts";

const PAGE_BYTES = 65_536;

/** What may be loaded at a time. */
export interface CoreBudget {
  /** The largest bucket. */
  readonly bucketBytes: number;
  /** All buckets together, one that is being replaced counted twice. */
  readonly loadedBytes: number;
  /** Buckets: each has its place in the core's directory. */
  readonly buckets: number;
}

/** What may be loaded into a core of these sizes for its memory never to grow above `memoryBytes`. */
export function coreBudget(
  { fixedBytes, directoryEntryBytes }: CoreSizes,
  memoryBytes: number,
): CoreBudget {
  const largest = Math.floor(memoryBytes / 32);
  const buckets = Math.floor(memoryBytes / 512);
  // Memory grows by whole pages, so one that was begun counts whole.
  const loadable = memoryBytes - fixedBytes - PAGE_BYTES;
  return {
    bucketBytes: largest,
    buckets,
    loadedBytes: Math.floor(loadable * 3 / 4) - largest -
      directoryEntryBytes * buckets,
  };
}
