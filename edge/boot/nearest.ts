/**
 * Which of several names a misspelled one was probably meant to be.
 *
 * @module
 */

/**
 * The candidate that the fewest single-letter changes (insert, delete, replace:
 * Levenshtein) make out of a name, the first of several; `null` where all need
 * more than `max`.
 */
export function nearest(
  name: string,
  candidates: readonly string[],
  max = Infinity,
): string | null {
  let best: string | null = null;
  let least = max;
  for (const candidate of candidates) {
    // A difference in length is as many changes at least.
    if (Math.abs(candidate.length - name.length) > least) continue;
    const changes = changesBetween(name, candidate);
    if (changes < least || (best === null && changes === least)) {
      [best, least] = [candidate, changes];
    }
  }
  return best;
}

/** Single-letter changes from one text to another. */
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
