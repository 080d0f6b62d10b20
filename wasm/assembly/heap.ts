// The heap: blocks that follow each other behind the fixed buffers. A new block is
// added at the top. A sweep moves living blocks down over dead ones; each allocation
// lets the sweep continue for a bounded number of bytes. Blocks may move because only
// the directory, and table.ts for the block that is being loaded, keep addresses of
// blocks. Free memory is never split into holes that are too small for a bucket, and the
// wasted memory is bounded.
// Invariant: every byte of the heap that is in no living block is zero, except
// the size and kind of a dead block.

import { moved } from "./directory";
import { KIND_OFFSET, SIZE_OFFSET } from "./layout";

/** Kinds of blocks. A further kind is `DIRECTORY`, in directory.ts. */
export const DEAD: u32 = 0;
export const BUCKET: u32 = 1;
export const PENDING: u32 = 2;

/** Bytes swept for each byte allocated: few enough for a fast load, enough for little waste. */
const PACE: usize = 8;
/** A sweep starts when more than one part in `WASTE` of the heap is dead. */
const WASTE: usize = 16;
const PAGE_BYTES: usize = 65536;
/** Addresses stay below 2^31, so that they are never a negative status. */
const MAX_PAGES: usize = 32767;

/** Where the heap begins: the bytes of everything before it. */
export const BASE: usize = (__heap_base + 15) & ~15;
let top: usize = BASE;
let dead: usize = 0;
/** While a sweep runs: blocks below `gap` are packed, and those from `rest` on are not yet looked at. */
let gap: usize = 0;
let rest: usize = 0;

/**
 * Slides blocks down until `budget` bytes were looked at or the top is reached.
 * A new sweep starts only when more than `waste` bytes are dead.
 */
function sweep(budget: usize, waste: usize): void {
  if (gap == 0) {
    if (dead <= waste) return;
    gap = rest = BASE;
  }
  const stop = budget < top - rest ? rest + budget : top;
  while (rest < stop) {
    const bytes = <usize>load<u32>(rest, SIZE_OFFSET);
    if (load<u32>(rest, KIND_OFFSET) == DEAD) {
      store<u64>(rest, 0);
    } else {
      if (gap < rest) {
        memory.copy(gap, rest, bytes);
        // The copy left behind is as secret as the block: clear what the block does not cover now.
        const stale = gap + bytes > rest ? gap + bytes : rest;
        memory.fill(stale, 0, rest + bytes - stale);
        moved(rest, gap);
      }
      gap += bytes;
    }
    rest += bytes;
  }
  if (rest == top) {
    dead -= top - gap;
    top = gap;
    gap = rest = 0;
  }
}

/**
 * Makes room for `bytes` above the top. Returns false if the memory cannot grow so far. It grows
 * only by the pages that are needed, because growing in advance saved no time.
 */
function reserve(bytes: usize): bool {
  const pages = <usize>memory.size();
  const have = pages * PAGE_BYTES;
  if (bytes <= have - top) return true;
  const need = (top + bytes - have + PAGE_BYTES - 1) / PAGE_BYTES;
  return pages + need <= MAX_PAGES && memory.grow(<i32>need) >= 0;
}

/**
 * Makes a zeroed block of `bytes` (a multiple of 16, at least 16), and writes its size and kind.
 * Returns its address, or 0 if there is no memory. Other blocks may have moved afterwards.
 */
export function allocate(bytes: usize, kind: u32): usize {
  sweep(bytes * PACE, (top - BASE) / WASTE);
  if (!reserve(bytes)) {
    sweep(usize.MAX_VALUE, 0); // completes the sweep under way
    sweep(usize.MAX_VALUE, 0); // removes the blocks that died behind that sweep
    if (!reserve(bytes)) return 0;
  }
  const ptr = top;
  top += bytes;
  store<u32>(ptr, <u32>bytes, SIZE_OFFSET);
  store<u32>(ptr, kind, KIND_OFFSET);
  return ptr;
}

/** Ends a block and zeroes its content. */
export function release(ptr: usize): void {
  const bytes = <usize>load<u32>(ptr, SIZE_OFFSET);
  memory.fill(ptr, 0, bytes);
  store<u32>(ptr, <u32>bytes, SIZE_OFFSET);
  dead += bytes;
}

/** Ends and zeroes all blocks. */
export function releaseAll(): void {
  memory.fill(BASE, 0, top - BASE);
  top = BASE;
  dead = gap = rest = 0;
}
