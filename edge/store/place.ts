/**
 * Places: numbers from 0 to 1023 by which records find their cell. The cell is the place
 * modulo the number of cells, which is a power of two up to 1024. A place is a part of an id or
 * of a hash, so an id leads to its cell without a look-up, however many cells there are.
 *
 * @module
 */

/** How many places there are. */
export const PLACES = 1_024;

/** The number of hex digits that hold a place. */
const DIGITS = 3;

/** The place in the first three hex digits of a text; 0 if they are none. */
export function placeIn(hex: string): number {
  const digits = hex.slice(0, DIGITS);
  return /^[0-9a-f]{3}$/.test(digits) ? parseInt(digits, 16) % PLACES : 0;
}

/** The place of an id: that of the digits behind its prefix. */
export const placeOfId = (id: string): number =>
  placeIn(id.slice(id.indexOf("_") + 1));

/**
 * The same hex text with another place. With `count` its place is only the same modulo `count`.
 * All other bits are unchanged.
 */
export function withPlace(hex: string, place: number, count = PLACES): string {
  const digits = parseInt(hex.slice(0, DIGITS), 16);
  const next = digits - digits % count + place % count;
  return next.toString(16).padStart(DIGITS, "0") + hex.slice(DIGITS);
}
