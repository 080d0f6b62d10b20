/**
 * JSON, stricter than JSON.parse where parsers are known to disagree, so that no
 * proxy and no till can read another request than we do: one spelling of a
 * field per object (RFC 8259 §4 leaves duplicates open), integers written as
 * plain digits, bounded depth. Pure.
 *
 * @module
 */

import { parse } from "lossless-json";

/** Deepest nesting of objects and arrays; the API itself needs three. */
const MAX_DEPTH = 8;

/** Why a text is no value; it repeats nothing of the text. */
export type JsonFault = "too deep" | "twice" | "no JSON";

/** The value of a text; a number that is no plain integer is `NaN` in it. */
export function parseStrictly(
  text: string,
): { readonly value: unknown } | { readonly fault: JsonFault } {
  const { depth, members, isPlain } = measure(text);
  if (depth > MAX_DEPTH) return { fault: "too deep" };
  let value = isPlain ? parsePlain(text, members) : undefined;
  if (value !== undefined) return { value };
  try {
    value = parse(text, null, { parseNumber, onDuplicateKey });
  } catch (error) {
    if (error instanceof DuplicateKey) return { fault: "twice" };
    // Its message quotes the input, so it must not be passed on.
    if (error instanceof SyntaxError) return { fault: "no JSON" };
    throw error;
  }
  // The parser reports no duplicate whose two values are equal.
  return countMembers(value) === members ? { value } : { fault: "twice" };
}

/** What is known of a text before it is parsed. */
interface Measure {
  /** Deepest nesting: the parser recurses. */
  readonly depth: number;
  /** Members of objects if this is JSON: one for each colon outside strings. */
  readonly members: number;
  /**
   * Whether all JSON parsers read it alike, but for a field that occurs twice:
   * outside strings nothing but marks, spaces and integers of up to 15 digits,
   * none of them with a sign.
   */
  readonly isPlain: boolean;
}

const CODE = {
  quote: 34,
  comma: 44,
  zero: 48,
  nine: 57,
  colon: 58,
  opening: 91,
  backslash: 92,
  closing: 93,
  openingBrace: 123,
  closingBrace: 125,
} as const;

function measure(text: string): Measure {
  let depth = 0;
  let deepest = 0;
  let members = 0;
  let digits = 0;
  let isPlain = true;
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (quoted) {
      if (c === CODE.quote) quoted = false;
      else if (c === CODE.backslash) i++;
      continue;
    }
    if (c >= CODE.zero && c <= CODE.nine) {
      if (++digits > 15) isPlain = false;
      continue;
    }
    digits = 0;
    if (c === CODE.quote) quoted = true;
    else if (c === CODE.colon) members++;
    else if (c === CODE.openingBrace || c === CODE.opening) {
      deepest = Math.max(deepest, ++depth);
    } else if (c === CODE.closingBrace || c === CODE.closing) depth--;
    else if (c !== CODE.comma && c !== 32 && c !== 10 && c !== 13 && c !== 9) {
      isPlain = false;
    }
  }
  return { depth: deepest, members, isPlain };
}

/**
 * The value of a plain text, by the runtime's own parser, which is ten times as
 * fast as one that keeps what was written. It keeps one of two members with
 * the same name: then there are fewer than colons. `undefined` where it is no
 * JSON or says a thing twice; the other parser then finds out what is wrong.
 */
function parsePlain(text: string, members: number): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return countMembers(value) === members ? value : undefined;
  } catch {
    return undefined;
  }
}

function countMembers(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  const values = Object.values(value);
  let count = Array.isArray(value) ? 0 : values.length;
  for (const it of values) count += countMembers(it);
  return count;
}

/** 1.0, 1e3, -0 and what a double cannot hold become NaN, never a near value. */
function parseNumber(literal: string): number {
  const value = /^(0|-?[1-9]\d*)$/.test(literal) ? Number(literal) : NaN;
  return Number.isSafeInteger(value) ? value : NaN;
}

class DuplicateKey extends Error {}

function onDuplicateKey(): never {
  throw new DuplicateKey();
}
