/**
 * Encodes a list of values as bytes, so that different lists always give different bytes.
 * Authenticated data and the names of derived keys are made in this way.
 *
 * @module
 */

const utf8 = new TextEncoder();

/**
 * Domain separation: another program with the same master key derives different
 * keys.
 */
const LABEL = "offcode.v1 vault";

/** A value: a string, or an integer of 0 or more. */
export type Field = string | number;

/**
 * Writes the label and then each value as UTF-8 (a number in decimal). In front of each is its
 * length in bytes as a 32-bit big-endian word.
 *
 * @throws {TypeError} If a string is not well-formed Unicode: two such strings could have the
 * same bytes.
 * @throws {RangeError} If a number is not a safe integer of 0 or more.
 */
export function fields(values: readonly Field[]): Uint8Array<ArrayBuffer> {
  shared.begin();
  for (const value of values) shared.write(value);
  return shared.bytes().slice();
}

/**
 * The same as `fields`, without the label: a part of a list that is written in advance for
 * {@linkcode FieldWriter.copy}.
 *
 * @throws {TypeError | RangeError} As {@linkcode fields}.
 */
export function fieldsAlone(
  values: readonly Field[],
): Uint8Array<ArrayBuffer> {
  shared.clear();
  for (const value of values) shared.write(value);
  return shared.bytes().slice();
}

/**
 * Writes such lists into one buffer that the next list overwrites. Loading a
 * bucket makes many lists and uses each at once, so allocating a buffer for each
 * would be most of the work.
 */
export class FieldWriter {
  /** The buffer; it grows to the longest list so far. */
  #bytes = new Uint8Array(256);
  #end = 0;
  #list = this.#bytes.subarray(0, 0);

  /** Begins a list without the label. */
  clear(): void {
    this.#end = 0;
  }

  /** Begins a list with the label. */
  begin(): void {
    this.clear();
    this.copy(LABEL_BYTES);
  }

  /**
   * Adds a value.
   *
   * @throws {TypeError | RangeError} As {@linkcode fields}.
   */
  write(value: Field): void {
    const text = asText(value);
    const start = this.#end + 4;
    // UTF-8 takes at most three bytes for each UTF-16 unit.
    this.#makeRoom(start + 3 * text.length);
    const bytes = this.#bytes;
    let length = 0;
    // Names are short and nearly always ASCII; this loop is twice as fast as
    // the encoder.
    while (length < text.length) {
      const unit = text.charCodeAt(length);
      if (unit > 0x7f) break;
      bytes[start + length++] = unit;
    }
    if (length < text.length) {
      length = utf8.encodeInto(text, bytes.subarray(start)).written;
    }
    bytes[start - 4] = length >>> 24;
    bytes[start - 3] = length >>> 16;
    bytes[start - 2] = length >>> 8;
    bytes[start - 1] = length;
    this.#end = start + length;
  }

  /** Adds a part of a list that {@linkcode fieldsAlone} has written. */
  copy(written: Uint8Array): void {
    const start = this.#end;
    this.#makeRoom(start + written.length);
    const bytes = this.#bytes;
    // The parts are short, so a loop is faster than set().
    for (let i = 0; i < written.length; i++) bytes[start + i] = written[i]!;
    this.#end = start + written.length;
  }

  /** The bytes of the list; valid until the next list begins. */
  bytes(): Uint8Array<ArrayBuffer> {
    // Most lists have the same length as the one before, so its view is reused.
    if (this.#list.length !== this.#end) {
      this.#list = this.#bytes.subarray(0, this.#end);
    }
    return this.#list;
  }

  #makeRoom(end: number): void {
    if (end <= this.#bytes.length) return;
    const grown = new Uint8Array(2 * end);
    grown.set(this.#bytes);
    this.#bytes = grown;
    this.#list = grown.subarray(0, 0);
  }
}

const shared = new FieldWriter();
const LABEL_BYTES = fieldsAlone([LABEL]);

function asText(value: Field): string {
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
