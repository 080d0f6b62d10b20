/**
 * Makes the part of a merchant's answer that is stored and shown: its first
 * kilobyte, with possible payment codes and secrets masked, and with control and
 * invisible characters escaped. The answer is treated as hostile input.
 *
 * @module
 */

const MOST_BYTES = 1_024;
/** Sixteen digits (the shortest code) or more, with or without separators. */
const LIKE_A_CODE = /\d(?:[ -]?\d){15,}/g;
/**
 * Control characters, invisible ones, and those that change the direction of
 * writing.
 */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/gu;
const MASK = "…";

/** The text to keep of a body, in which `secrets` are masked. */
export function shownText(
  body: Uint8Array,
  secrets: readonly string[],
): string {
  // Most merchants answer 204.
  if (body.length === 0) return "";
  let text = new TextDecoder().decode(body);
  // Masking comes before cutting: a code that is cut in half would not be
  // recognized.
  for (const secret of secrets) {
    text = text.replaceAll(secret, MASK);
    text = text.replaceAll(secret.replace(/^whsec_/, ""), MASK);
  }
  text = text.replace(LIKE_A_CODE, MASK).replace(UNSEEN, escaped);
  return firstBytes(text);
}

function escaped(character: string): string {
  const hex = character.codePointAt(0)!.toString(16);
  return hex.length <= 2 ? `\\x${hex.padStart(2, "0")}` : `\\u{${hex}}`;
}

/**
 * The longest start of a text that fits into `MOST_BYTES`, in whole characters.
 */
function firstBytes(text: string): string {
  const bytes = new Uint8Array(MOST_BYTES);
  const { read } = new TextEncoder().encodeInto(text, bytes);
  return text.slice(0, read);
}
