/**
 * What a wallet knows of its own past, newest first. An entry is a word and values, so
 * that it is told in the language of the moment. No entry holds a code.
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

/** A history with one more entry; the same refusal is told once. */
export function remember(
  history: readonly Entry[],
  entry: Entry,
): readonly Entry[] {
  const last = history.find(({ word }) => word === entry.word);
  const isAgain = entry.word === "core-refused" &&
    last?.values?.reason === entry.values?.reason;
  return isAgain ? history : [entry, ...history].slice(0, MOST);
}
