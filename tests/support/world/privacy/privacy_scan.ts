/**
 * Finds secrets in what a program has said, in the spellings in which they
 * slip out: as they are, in hex, in base64 at any offset, percent-encoded, as
 * a list of bytes, as digits in groups.
 *
 * @module
 */

import { encodeBase64 } from "@std/encoding/base64";
import { encodeHex } from "@std/encoding/hex";

/** Something that may be nowhere. */
export interface Secret {
  readonly name: string;
  /** Its text, or its bytes. */
  readonly value: string | Uint8Array;
}

/** Shorter pieces are found by chance. */
const LEAST = 8;

/** Every spelling that is looked for, with whitespace and quotes taken out. */
export function spellings({ value }: Secret): string[] {
  const isText = typeof value === "string";
  const bytes = isText ? new TextEncoder().encode(value) : value;
  const hex = encodeHex(bytes);
  const found = [
    hex,
    hex.toUpperCase(),
    bytes.join(","),
    ...[0, 1, 2].flatMap((offset) => base64At(bytes, offset)),
  ];
  if (isText) {
    found.push(
      value,
      [...bytes].map((byte) => `%${byte.toString(16).padStart(2, "0")}`)
        .join(""),
      encodeURIComponent(value),
      [...value].reverse().join(""),
    );
  }
  return [...new Set(found.map(squeeze))].filter((it) => it.length >= LEAST);
}

/** The names of the secrets that stand in `text`. */
export function leaks(text: string, secrets: readonly Secret[]): string[] {
  const plain = squeeze(text);
  const lower = plain.toLowerCase();
  const digits = plain.replace(/[.\-–:_/]/g, "");
  return secrets.filter((secret) =>
    spellings(secret).some((spelling) =>
      plain.includes(spelling) || digits.includes(spelling) ||
      (spelling.includes("%") && lower.includes(spelling.toLowerCase()))
    )
  ).map(({ name }) => name);
}

/** Without what a printer of objects puts between the parts. */
function squeeze(text: string): string {
  return text.replace(/[\s"'`\\[\]()<>]/g, "");
}

/** The characters that stand for these bytes alone, `offset` bytes into a text. */
function base64At(bytes: Uint8Array, offset: number): string[] {
  const shifted = new Uint8Array(offset + bytes.length);
  shifted.set(bytes, offset);
  const whole = encodeBase64(shifted).replace(/=+$/, "");
  const start = offset === 0 ? 0 : offset + 1;
  const end = shifted.length % 3 === 0 ? whole.length : whole.length - 1;
  const standard = whole.slice(start, end);
  return [
    standard,
    standard.replaceAll("+", "-").replaceAll("/", "_"),
  ];
}
