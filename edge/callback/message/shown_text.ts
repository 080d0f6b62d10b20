/**
 * What of a merchant's answer is kept and shown: the first kilobyte, with
 * nothing in it that could be a payment code or a secret, and nothing that
 * moves a cursor. What comes back is hostile until shown otherwise.
 *
 * @module
 */

const MOST_BYTES = 1_024;
/** As many digits as the shortest code has, or more, also in groups. */
const LIKE_A_CODE = /\d(?:[ -]?\d){15,}/g;
/** Controls, invisible characters and those that turn the writing around. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/gu;
const MASK = "…";

/** The text to keep of a body; `secrets` do not stand in it. */
export function shownText(
  body: Uint8Array,
  secrets: readonly string[],
): string {
  // Most merchants answer 204.
  if (body.length === 0) return "";
  let text = new TextDecoder().decode(body);
  // Before anything is cut off: half a code would not look like one.
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

/** As much of a text as fits, in whole characters. */
function firstBytes(text: string): string {
  const bytes = new Uint8Array(MOST_BYTES);
  const { read } = new TextEncoder().encodeInto(text, bytes);
  return text.slice(0, read);
}
