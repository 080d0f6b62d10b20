/**
 * The history of a wallet, newest entry first. An entry consists of a word and values,
 * so that it can be shown in any language. No entry contains a code.
 *
 * @module
 */

/** An entry of the history. */
export interface Entry {
  /** By the phone's clock, unix ms. */
  readonly atMs: number;
  readonly word: EntryWord;
  readonly values?: Readonly<Record<string, string | number>>;
}

/** What happened. */
export type EntryWord =
  | "enrolled"
  | "renewed"
  | "paid"
  | "received"
  | "core-updated"
  | "core-refused"
  | "restricted"
  | "unrestricted";

/** How many entries a wallet keeps. */
const MOST = 50;

/**
 * A history with one more entry. A refusal of a core is not added if the latest refusal
 * had the same reason.
 */
export function remember(
  history: readonly Entry[],
  entry: Entry,
): readonly Entry[] {
  const last = history.find(({ word }) => word === entry.word);
  const isAgain = entry.word === "core-refused" &&
    last?.values?.reason === entry.values?.reason;
  return isAgain ? history : [entry, ...history].slice(0, MOST);
}
