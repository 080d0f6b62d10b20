/**
 * Where a page of callbacks ended, as an opaque text. It comes back from the
 * outside, so it is read as such. Pure.
 *
 * @module
 */

import { decodeBase64Url, encodeBase64Url } from "@std/encoding/base64url";
import { isId } from "../ids.ts";
import type { IndexEntry } from "../store/store.ts";

/** The end of a page. */
export type Cursor =
  /** In the index of that name. */
  | { readonly at: string; readonly after: IndexEntry }
  /** Among the versions of an order: the next one to look at. */
  | { readonly at: "order"; readonly version: number };

const MOST_LETTERS = 200;

/** Cursor → text. */
export function formatCursor(cursor: Cursor): string {
  const parts = "after" in cursor
    ? [cursor.at, cursor.after.score, cursor.after.member]
    : [cursor.at, cursor.version];
  return encodeBase64Url(JSON.stringify(parts));
}

/** Text → cursor, or `null` where it is none. */
export function parseCursor(text: string): Cursor | null {
  if (text.length > MOST_LETTERS) return null;
  let parts: unknown;
  try {
    parts = JSON.parse(new TextDecoder().decode(decodeBase64Url(text)));
  } catch {
    return null;
  }
  if (!Array.isArray(parts)) return null;
  const [at, number, member] = parts;
  if (typeof at !== "string" || !Number.isSafeInteger(number) || number < 0) {
    return null;
  }
  if (at === "order") {
    return parts.length === 2 ? { at, version: number } : null;
  }
  return parts.length === 3 && typeof member === "string" && isId("cb", member)
    ? { at, after: { score: number, member } }
    : null;
}
