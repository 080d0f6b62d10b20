/**
 * Finds the name that a misspelled one was probably meant to be.
 *
 * @module
 */

/**
 * The name of `names` with the smallest Levenshtein distance to `name`, the first
 * one if there are several; `null` if every distance is more than `max`.
 */
export function nearest(
  name: string,
  names: readonly string[],
  max = Infinity,
): string | null {
  let best: string | null = null;
  let least = max;
  for (const other of names) {
    // The distance is never less than the difference in length.
    if (Math.abs(other.length - name.length) > least) continue;
    const changes = changesBetween(name, other);
    if (changes < least || (best === null && changes === least)) {
      [best, least] = [other, changes];
    }
  }
  return best;
}

/** The Levenshtein distance: single letters inserted, deleted or replaced. */
function changesBetween(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, i) => i);
  for (const [i, letter] of [...from].entries()) {
    const next = [i + 1];
    for (let k = 1; k <= to.length; k++) {
      const replaced = row[k - 1]! + (letter === to[k - 1] ? 0 : 1);
      next.push(Math.min(replaced, row[k]! + 1, next[k - 1]! + 1));
    }
    row = next;
  }
  return row[to.length]!;
}
