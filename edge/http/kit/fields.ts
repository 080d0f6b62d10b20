/**
 * The kinds of text of which the fields of requests and answers are made: names,
 * lines, remarks, ids and times. The fields themselves are defined in `native/`.
 *
 * Objects are strict, so that a misspelled optional field is refused and not
 * ignored. Every message begins with "must", because only such messages reach a
 * client; none of them contains input.
 *
 * @module
 */

import { z } from "zod";
// Types of the OpenAPI keys in `.meta`.
import type {} from "zod-openapi";

/** The message for a body that is not an object. */
export const OBJECT = "must be a JSON object";

/**
 * The characters that a text on one line must not have: control characters, line and
 * paragraph separators, and characters that change the direction of writing.
 */
const NO_LINE = /\r\n|[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/gu;

/**
 * A string that `pattern` matches as a whole. The pattern is shown in the OpenAPI
 * document, so it has no flags and uses only what JSON Schema recommends for
 * interoperable patterns (core §6.4).
 */
export function text(pattern: RegExp, must: string) {
  return z.string(must).regex(pattern, must);
}

/**
 * A name that may be a part of a store's name, an index or a path. Every string
 * of a client that becomes such a part is checked by this file: as a `chosenId`,
 * a `displayName`, a `givenMadeId`, or a segment of `isPathOfNames`.
 */
const NAME = /^[!-~]{1,64}$/;

/** The binary of a core, by its SHA-256. */
const CORE_BINARY = /^[0-9a-f]{64}\.wasm$/;

/**
 * Whether each segment of the path of a URL, once decoded, is such a name. A
 * path with any other segment names nothing that can exist.
 */
export function isPathOfNames(path: string): boolean {
  if (/^(?:\/[!-$&-.0-~]{0,64})+$/.test(path)) return true;
  try {
    return path.split("/").every((segment) =>
      segment === "" || CORE_BINARY.test(segment) ||
      NAME.test(decodeURIComponent(segment))
    );
  } catch {
    return false;
  }
}

/** A name that the client chose: printable ASCII, no space. */
export function chosenId(description: string, example: string) {
  return text(
    NAME,
    "must be 1 to 64 printable ASCII characters without spaces",
  ).meta({
    description: `${description}: 1 to 64 printable ASCII characters, no space`,
    example,
  });
}

/** A text on one line, of `min` to `max` code points. */
function line(min: number, max: number, must: string) {
  return z.string(must).refine(
    (value) =>
      value.isWellFormed() && value === onOneLine(value) &&
      isCodePoints(value, min, max),
    must,
  ).meta({ minLength: min, maxLength: max });
}

function isCodePoints(value: string, min: number, max: number): boolean {
  // A code point is one or two code units.
  if (value.length < min || value.length > 2 * max) return false;
  const { length } = [...value];
  return length >= min && length <= max;
}

/**
 * `value` on one line: each line break and each other control character becomes
 * a space, and a lone surrogate becomes the replacement character.
 */
function onOneLine(value: string): string {
  return value.toWellFormed().replace(NO_LINE, " ");
}

/**
 * A text that a till writes for people. It is put on one line and cut after `max`
 * code points instead of being refused: no sale may fail because of a text on which
 * no money depends.
 */
export function remark(max: number) {
  return z.string("must be a string").overwrite((value) => {
    const shown = onOneLine(value);
    return isCodePoints(shown, 0, max)
      ? shown
      : [...shown].slice(0, max).join("");
  });
}

/** An id that this server made, in an answer. */
export function madeId(prefix: string, description: string) {
  return z.string().meta({
    description,
    example: `${prefix}_9f2c4e6a8b0d1f3a5c7e9b1d3f5a7c9e`,
  });
}

const GIVEN = "must be a string of at most 64 characters";

/**
 * An id that this server made, as a client sends it back. Any text is accepted; a
 * text that is not such an id finds nothing.
 */
export function givenMadeId(prefix: string, description: string) {
  return z.string(GIVEN).max(64, GIVEN)
    // A lone surrogate cannot be a part of a name in the store.
    .refine((text) => text.isWellFormed(), GIVEN)
    .meta({ ...madeId(prefix, description).meta() });
}

/** A time in an answer. */
export const time = (description: string) =>
  z.iso.datetime().meta({ description, example: "2026-01-31T12:00:00.000Z" });

/** The mode, which each answer and each callback contains. */
export const mode = z.enum(["test", "live"]).meta({
  id: "Mode",
  description:
    "`test`: the money is the sandbox ledger's, so hand over no goods; `live`: it is real",
});

const DISPLAY_NAME = "must be 1 to 100 characters on one line";

/** A name for people to read. */
export const displayName = line(1, 100, DISPLAY_NAME)
  .refine((name) => name.trim() !== "", DISPLAY_NAME).meta({
    description:
      "1 to 100 characters on one line, not all of them spaces; no control characters",
    example: "Corner Coffee",
  });
