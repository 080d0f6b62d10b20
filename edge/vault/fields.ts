/**
 * Several values as one byte string that no other list of values gives: what
 * authenticated data and key names are made of.
 *
 * @module
 */

const utf8 = new TextEncoder();

/** Makes two uses of the vault's keys in other programs differ from ours. */
const LABEL = "offcode.v1 vault";

/**
 * The label and then each value as UTF-8 (a number in decimal), every one
 * after its length in bytes as a 32-bit big-endian word.
 *
 * @throws {TypeError} If a string is not well-formed Unicode: two such would
 * have the same bytes.
 * @throws {RangeError} If a number is not a safe integer of 0 or more.
 */
export function fields(
  values: readonly (string | number)[],
): Uint8Array<ArrayBuffer> {
  const texts = values.map(asText);
  // UTF-8 takes at most three bytes for each UTF-16 unit.
  let most = 4 + LABEL.length;
  for (const text of texts) most += 4 + 3 * text.length;
  const bytes = new Uint8Array(most);
  let offset = write(bytes, 0, LABEL);
  for (const text of texts) offset = write(bytes, offset, text);
  return bytes.slice(0, offset);
}

/** Writes one field; answers where the next one begins. */
function write(bytes: Uint8Array, offset: number, text: string): number {
  const start = offset + 4;
  let length = 0;
  // Names are short and nearly always ASCII: twice as fast as the encoder.
  while (length < text.length) {
    const unit = text.charCodeAt(length);
    if (unit > 0x7f) break;
    bytes[start + length++] = unit;
  }
  if (length < text.length) {
    length = utf8.encodeInto(text, bytes.subarray(start)).written;
  }
  bytes[offset] = length >>> 24;
  bytes[offset + 1] = length >>> 16;
  bytes[offset + 2] = length >>> 8;
  bytes[offset + 3] = length;
  return start + length;
}

function asText(value: string | number): string {
  if (typeof value === "number") {
    if (!Number.isSafeInteger(value) || value < 0) {
      throw new RangeError("A number must be a safe integer of 0 or more");
    }
    return String(value);
  }
  if (!value.isWellFormed()) {
    throw new TypeError("A string must be well-formed Unicode");
  }
  return value;
}
