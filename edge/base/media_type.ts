/**
 * Reads a `Content-Type` (RFC 9110 §8.3.1).
 *
 * @module
 */

// RFC 9110 §8.3.1, §5.6.2 and §5.6.4, in small letters; a parameter may be empty.
const TOKEN = "[!#$%&'*+.^_`|~0-9a-z-]+";
const PARAMETER = new RegExp(
  `;[ \\t]*(?:(${TOKEN})=(${TOKEN}|"(?:[^"\\\\]|\\\\.)*")[ \\t]*)?`,
  "g",
);
const MEDIA_TYPE = new RegExp(
  `^(${TOKEN}/${TOKEN})[ \\t]*((?:${PARAMETER.source})*)$`,
);

/**
 * Why text of the content type `told` cannot be read as `type` in UTF-8: it is of another
 * type, or names another charset. `null` if it can. `type` is in small letters.
 */
export function mediaTypeFault(
  told: string,
  type: string,
): "type" | "charset" | null {
  // Most clients send exactly this text, so that nothing has to be parsed.
  if (told === type) return null;
  const parts = MEDIA_TYPE.exec(told.trim().toLowerCase());
  if (parts?.[1] !== type) return "type";
  // RFC 8259 §11 defines no parameter, and RFC 2045 §1 says that unknown ones are
  // ignored. A charset is checked all the same, because text in another one would
  // be misread.
  for (const [, name, value] of parts[2]!.matchAll(PARAMETER)) {
    if (name === "charset" && !/^("utf-?8"|utf-?8)$/.test(value!)) {
      return "charset";
    }
  }
  return null;
}
