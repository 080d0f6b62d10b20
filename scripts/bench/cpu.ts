/**
 * Processor time of other processes, as the kernel of Linux counts it. On a
 * machine that is shared, seconds pass while others compute; these do not.
 *
 * @module
 */

/**
 * Seconds that all threads of a process that still live have computed; NaN
 * where the kernel does not tell.
 */
export function cpuSecondsOf(pid: number): number {
  try {
    let nanoseconds = 0;
    for (const { name } of Deno.readDirSync(`/proc/${pid}/task`)) {
      // Time on the processor, time waiting for it, number of slices.
      const text = Deno.readTextFileSync(`/proc/${pid}/task/${name}/schedstat`);
      nanoseconds += Number(text.split(" ")[0]);
    }
    return nanoseconds / 1e9;
  } catch {
    return NaN;
  }
}
