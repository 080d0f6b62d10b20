/**
 * A cursor: where a page of a list ended, as a text that is opaque to clients. A
 * client sends it back, so it is parsed as untrusted input. Pure.
 *
 * @module
 */

import { decodeBase64Url, encodeBase64Url } from "@std/encoding/base64url";

const MOST_LETTERS = 512;

/** Writes values as a cursor. */
export function formatPlace(parts: readonly (string | number)[]): string {
  return encodeBase64Url(JSON.stringify(parts));
}

/** Reads the values of a cursor, which may be of any kind; `null` where the text is no cursor. */
export function parsePlace(text: string): unknown[] | null {
  if (text.length > MOST_LETTERS) return null;
  try {
    const parts: unknown = JSON.parse(
      new TextDecoder().decode(decodeBase64Url(text)),
    );
    return Array.isArray(parts) ? parts : null;
  } catch {
    return null;
  }
}

/** Whether a value of a place can be the score of an index. */
export function isScore(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
