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
  const texts = [LABEL, ...values].map(asText);
  // UTF-8 takes at most three bytes for each UTF-16 unit.
  const most = texts.reduce((sum, text) => sum + 4 + 3 * text.length, 0);
  const bytes = new Uint8Array(most);
  const view = new DataView(bytes.buffer);
  let offset = 0;
  for (const text of texts) {
    const { written } = utf8.encodeInto(text, bytes.subarray(offset + 4));
    view.setUint32(offset, written);
    offset += 4 + written;
  }
  return bytes.slice(0, offset);
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
