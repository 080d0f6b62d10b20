/**
 * Where a page of a list ended, as a text that only this server understands. A
 * client sends it back, so it is parsed as input that anybody could have
 * written. Pure.
 *
 * @module
 */

import { decodeBase64Url, encodeBase64Url } from "@std/encoding/base64url";

const MOST_LETTERS = 200;

/** Values → text. */
export function formatPlace(parts: readonly (string | number)[]): string {
  return encodeBase64Url(JSON.stringify(parts));
}

/** Text → some values of any kind, or `null` where it is no such text. */
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
