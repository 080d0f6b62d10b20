/**
 * Work that is done many times, so many at once.
 *
 * @module
 */

/** How much is under way at a time, and what ends it. */
export interface ParallelOptions {
  readonly atOnce: number;
  /** Begins nothing more when it is given. */
  readonly signal?: AbortSignal;
}

/**
 * Does `work` for 0 to `count` - 1. After an error what is under way ends, and
 * nothing else begins.
 *
 * @throws The first error.
 */
export async function inParallel(
  count: number,
  work: (n: number) => Promise<unknown>,
  { atOnce, signal }: ParallelOptions = { atOnce: 64 },
): Promise<void> {
  let next = 0;
  const errors: unknown[] = [];
  await Promise.all(
    Array.from({ length: Math.min(atOnce, count) }, async () => {
      while (next < count && errors.length === 0 && !signal?.aborted) {
        await work(next++).catch((error) => errors.push(error));
      }
    }),
  );
  if (errors.length > 0) throw errors[0];
}
