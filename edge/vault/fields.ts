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
  const bytes = new Uint8Array(most(texts));
  return bytes.slice(0, writeAll(bytes, texts));
}

/** Grows to what was needed. */
let shared = new Uint8Array(1024);

/**
 * The same in memory that the next call of this function overwrites: where
 * many are made and each is used at once, buffers are most of the work.
 */
export function sharedFields(
  values: readonly (string | number)[],
): Uint8Array<ArrayBuffer> {
  const texts = values.map(asText);
  const bytes = most(texts);
  if (bytes > shared.length) shared = new Uint8Array(bytes);
  return shared.subarray(0, writeAll(shared, texts));
}

/** Bytes that will do: UTF-8 takes at most three for each UTF-16 unit. */
function most(texts: readonly string[]): number {
  let bytes = 4 + LABEL.length;
  for (const text of texts) bytes += 4 + 3 * text.length;
  return bytes;
}

/** Writes the label and the fields; answers where they end. */
function writeAll(bytes: Uint8Array, texts: readonly string[]): number {
  let offset = write(bytes, 0, LABEL);
  for (const text of texts) offset = write(bytes, offset, text);
  return offset;
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
