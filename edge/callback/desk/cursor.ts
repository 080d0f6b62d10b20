/**
 * The cursor of a page of callbacks: the place where the page ended, as a text
 * that callers must not interpret. Pure.
 *
 * @module
 */

import { formatPlace, isScore, parsePlace } from "../../base/cursor.ts";
import { isId } from "../../base/ids.ts";
import type { IndexEntry } from "../../store/store.ts";

/** The place where a page ended. */
export type Cursor =
  /** In an index: `at` is its number, `after` its last entry on the page. */
  | { readonly at: string; readonly after: IndexEntry }
  /** Among the versions of an order: the next version to look at. */
  | { readonly at: "order"; readonly version: number };

/** Cursor → text. */
export function formatCursor(cursor: Cursor): string {
  return formatPlace(
    "after" in cursor
      ? [cursor.at, cursor.after.score, cursor.after.member]
      : [cursor.at, cursor.version],
  );
}

/** Text → cursor, or `null` if the text is not a cursor. */
export function parseCursor(text: string): Cursor | null {
  const parts = parsePlace(text);
  if (parts === null) return null;
  const [at, number, member] = parts;
  if (typeof at !== "string" || !isScore(number)) return null;
  if (at === "order") {
    return parts.length === 2 ? { at, version: number } : null;
  }
  return parts.length === 3 && typeof member === "string" && isId("cb", member)
    ? { at, after: { score: number, member } }
    : null;
}
