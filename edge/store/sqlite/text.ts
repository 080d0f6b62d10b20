/**
 * Converts strings for TEXT columns. Reading such a column stops at the first NUL, so U+0000
 * and U+0001 are each written as two characters. Different strings stay different, and their
 * order by the bytes of UTF-8 stays the same.
 *
 * @module
 */

/** Writes `text` without NUL: U+0000 → U+0001 U+0001, U+0001 → U+0001 U+0002. */
export function toColumn(text: string): string {
  if (!text.includes("\0") && !text.includes("\x01")) return text;
  return text.replaceAll("\x01", "\x01\x02").replaceAll("\0", "\x01\x01");
}

/** The inverse of {@linkcode toColumn}. */
export function fromColumn(column: string): string {
  if (!column.includes("\x01")) return column;
  return column.replaceAll("\x01\x01", "\0").replaceAll("\x01\x02", "\x01");
}
