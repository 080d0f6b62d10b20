/**
 * How much may be loaded into a core so that its linear memory stays below a budget.
 *
 * Linear memory never shrinks. The core's heap moves living blocks together only while a
 * bucket is loaded (`wasm/assembly/heap.ts`), so dead blocks take memory for a while. Let L
 * be the most bytes of living blocks at any time, and m the bytes of the largest block. A
 * sweep looks at eight bytes for each byte that is allocated. A sweep that begins when the
 * heap has T bytes therefore ends before T/7 more bytes were allocated. What is left then are
 * the blocks that lived when it began, and those T/7 bytes. So the next sweep begins at
 * T ≤ 7/6 (L + m), and the heap stays below 8/7 of that, which is 4/3 (L + m).
 *
 * @module
 */

import type { CoreSizes } from "./core.ts";

const PAGE_BYTES = 65_536;

/** The bounds of what is loaded at the same time. */
export interface CoreBudget {
  /** The largest bucket. */
  readonly bucketBytes: number;
  /** All buckets together. A bucket that is being replaced counts twice. */
  readonly loadedBytes: number;
  /** The number of buckets, because each has an entry in the core's directory. */
  readonly buckets: number;
}

/** The bounds with which the memory of a core of these sizes never grows above `memoryBytes`. */
export function coreBudget(
  { fixedBytes, directoryEntryBytes }: CoreSizes,
  memoryBytes: number,
): CoreBudget {
  const largest = Math.floor(memoryBytes / 32);
  const buckets = Math.floor(memoryBytes / 512);
  // Memory grows by whole pages, so a page that is used in part counts as a whole.
  const loadable = memoryBytes - fixedBytes - PAGE_BYTES;
  return {
    bucketBytes: largest,
    buckets,
    loadedBytes: Math.floor(loadable * 3 / 4) - largest -
      directoryEntryBytes * buckets,
  };
}
