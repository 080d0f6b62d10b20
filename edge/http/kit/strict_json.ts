/**
 * Parses JSON more strictly than `JSON.parse` where parsers are known to disagree, so
 * that no proxy and no till can read a request in another way: a field may occur only
 * once in an object (RFC 8259 §4 leaves the meaning of duplicates open), integers are
 * written as plain digits, and the depth is bounded. Pure.
 *
 * @module
 */

/** Deepest nesting of objects and arrays; the API itself needs three. */
const MAX_DEPTH = 8;

/** Why a text was refused, without any part of the text. */
export type JsonFault = "too deep" | "twice" | "no JSON";

/** Parses a text. A number that is not a plain integer becomes `NaN`. */
export function parseStrictly(
  text: string,
): { readonly value: unknown } | { readonly fault: JsonFault } {
  const { depth, members, isPlain } = measure(text);
  if (depth > MAX_DEPTH) return { fault: "too deep" };
  let value: unknown;
  try {
    // The reviver is used only where it is needed: with it, the body of a payment
    // takes seven times as long.
    value = isPlain ? JSON.parse(text) : JSON.parse(text, plainIntegers);
  } catch {
    // The error quotes the text, so it must not be passed on.
    return { fault: "no JSON" };
  }
  // `JSON.parse` keeps only one of two members with the same name, so the counts
  // differ.
  return countMembers(value) === members ? { value } : { fault: "twice" };
}

/** What is found in a text before it is parsed. */
interface Measure {
  /**
   * The deepest nesting. It is bounded because the parser and the reviver
   * recurse.
   */
  readonly depth: number;
  /** The number of members of objects: one for each colon outside strings. */
  readonly members: number;
  /**
   * Whether every number in it is a plain integer: outside strings there are
   * only marks, spaces and up to 15 digits in a row, and no sign.
   */
  readonly isPlain: boolean;
}

function measure(text: string): Measure {
  let [depth, deepest, members, digits] = [0, 0, 0, 0];
  let isPlain = true;
  for (let i = 0; i < text.length; i++) {
    const c = text[i]!;
    digits = c >= "0" && c <= "9" ? digits + 1 : 0;
    if (digits > 15) isPlain = false;
    if (digits > 0) continue;
    if (c === '"') i = endOfString(text, i);
    else if (c === ":") members++;
    else if (c === "{" || c === "[") deepest = Math.max(deepest, ++depth);
    else if (c === "}" || c === "]") depth--;
    else if (!", \n\r\t".includes(c)) isPlain = false;
  }
  return { depth: deepest, members, isPlain };
}

/**
 * The index of the quote that ends the string at `start`; the text's end if
 * none does.
 */
function endOfString(text: string, start: number): number {
  for (let i = start + 1; i < text.length; i++) {
    if (text[i] === "\\") i++;
    else if (text[i] === '"') return i;
  }
  return text.length;
}

function countMembers(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  const values = Object.values(value);
  let count = Array.isArray(value) ? 0 : values.length;
  for (const it of values) count += countMembers(it);
  return count;
}

/**
 * Turns 1.0, 1e3, -0 and integers that a double cannot hold exactly into NaN, never
 * into a near value. `source` is the number as it is written in the text.
 */
function plainIntegers(
  _name: string,
  value: unknown,
  context?: { readonly source?: string },
): unknown {
  if (typeof value !== "number") return value;
  return /^(0|-?[1-9]\d*)$/.test(context?.source ?? "") &&
      Number.isSafeInteger(value)
    ? value
    : NaN;
}
