/**
 * Names the kinds of characters that a barcode scanner has added to a code, so that the
 * person who sets up the scanner knows what to switch off. The server refuses such a text all
 * the same, because a code has only one spelling; a till may take the additions away before it
 * sends the code. The text itself is never shown.
 *
 * @module
 */

import { isCodeShaped } from "./format.ts";

/**
 * The additions of scanners, and the patterns that find them. The symbology identifier
 * (ISO/IEC 15424: `]`, a letter for the symbology, a modifier) is the last, because a control
 * character may be in front of it.
 */
const ADDITIONS: readonly (readonly [name: string, pattern: RegExp])[] = [
  ["TAB", /\t/g],
  ["CR", /\r/g],
  ["LF", /\n/g],
  // deno-lint-ignore no-control-regex
  ["GS (FNC1)", /\x1d/g],
  ["spaces", /\p{Zs}/gu],
  ["other control characters", /\p{Cc}/gu],
  // Byte order mark, zero-width space, direction marks, line and paragraph separators.
  [
    "invisible characters such as U+FEFF or U+200B",
    /[\p{Cf}\p{Zl}\p{Zp}]/gu,
  ],
  ["an AIM symbology identifier such as ]C1", /^\][A-Za-z][0-9A-Za-z]/],
];

/** What a scanner sent, if it is a code or would be one without the scanner's additions. */
export interface ScannedText {
  /** The digits of the code. */
  readonly code: string;
  /** Names, in words, the characters that were around or between the digits; often none. */
  readonly added: readonly string[];
}

/**
 * Takes the additions of a scanner away from a text. `null` if the rest is not shaped as a
 * code.
 *
 * @example
 * ```ts
 * import { readScan } from "./scanner.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(readScan("]C1901004201234567890"), {
 *   code: "901004201234567890",
 *   added: ["an AIM symbology identifier such as ]C1"],
 * });
 * assertEquals(readScan("ABC-1234"), null);
 * ```
 */
export function readScan(text: string): ScannedText | null {
  let rest = text;
  const added: string[] = [];
  for (const [name, pattern] of ADDITIONS) {
    const without = rest.replace(pattern, "");
    if (without !== rest) added.push(name);
    rest = without;
  }
  return isCodeShaped(rest) ? { code: rest, added } : null;
}

/**
 * Names, in words, the characters around or between the digits of a text that would be a code
 * without them; `null` if the text would not be a code even then.
 *
 * @example
 * ```ts
 * import { scannerAdditions } from "./scanner.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(scannerAdditions("901004201234567890\r\n"), "CR, LF");
 * assertEquals(scannerAdditions("+01004201234567890"), null);
 * ```
 */
export function scannerAdditions(text: string): string | null {
  const { added = [] } = readScan(text) ?? {};
  return added.length > 0 ? added.join(", ") : null;
}
