/**
 * Where a page of callbacks ended, as an opaque text. Pure.
 *
 * @module
 */

import { formatPlace, isScore, parsePlace } from "../../base/cursor.ts";
import { isId } from "../../base/ids.ts";
import type { IndexEntry } from "../../store/store.ts";

/** The end of a page. */
export type Cursor =
  /** In the index of that name. */
  | { readonly at: string; readonly after: IndexEntry }
  /** Among the versions of an order: the next one to look at. */
  | { readonly at: "order"; readonly version: number };

/** Cursor → text. */
export function formatCursor(cursor: Cursor): string {
  return formatPlace(
    "after" in cursor
      ? [cursor.at, cursor.after.score, cursor.after.member]
      : [cursor.at, cursor.version],
  );
}

/** Text → cursor, or `null` where it is none. */
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
