/**
 * What buckets take of a core's linear memory, and how much may be loaded for
 * that memory to stay below a budget.
 *
 * Linear memory never shrinks. The core's heap moves living blocks together only
 * while it loads (`wasm/assembly/heap.ts`), so dead blocks count for a while. Let
 * L be the most bytes that live at a time, and m the bytes of the largest block.
 * A sweep looks at eight bytes for each byte allocated. So a sweep that begins
 * when the heap has T bytes ends before T/7 more were allocated, and leaves what
 * lived when it began and those T/7. The next sweep therefore begins at T ≤ 7/6
 * (L + m), and the heap ends below 8/7 of that: 4/3 (L + m).
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
