/**
 * What the schemas of several files share: kinds of text, names and times, and
 * the URL of a callback endpoint.
 *
 * @module
 */

import { z } from "zod";
// Types of the OpenAPI keys in `.meta`.
import type {} from "zod-openapi";

/** For a body that is something else. */
export const OBJECT = "must be a JSON object";

/**
 * Text on one line, counted in code points: no control characters, no lone
 * surrogates, and none of the characters that reorder what is around them.
 */
export const LINE =
  "[^\\p{Cc}\\p{Cs}\\p{Zl}\\p{Zp}\\u202a-\\u202e\\u2066-\\u2069]";

/** A string that `pattern` matches as a whole. */
export function text(pattern: RegExp, must: string) {
  return z.string(must).regex(pattern, must);
}

/** A name that the client chose: printable ASCII, no space. */
export function chosenId(description: string, example: string) {
  return text(
    /^[\x21-\x7e]{1,64}$/,
    "must be 1 to 64 printable ASCII characters without spaces",
  ).meta({
    description: `${description}: 1 to 64 printable ASCII characters, no space`,
    example,
  });
}

/** A name that was made here. */
export function madeId(prefix: string, description: string) {
  return z.string().meta({
    description,
    example: `${prefix}_9f2c4e6a8b0d1f3a5c7e9b1d3f5a7c9e`,
  });
}

/** A time that is answered. */
export const time = (description: string) =>
  z.iso.datetime().meta({ description, example: "2026-01-31T12:00:00.000Z" });

/** The merchant's name of a purchase. */
export const orderId = chosenId(
  "The merchant's own name of one purchase, unique among its orders",
  "order-2026-000017",
);

const CALLBACK_URL =
  "must be an absolute https URL without user name or fragment";

/**
 * Where callbacks go, as far as its spelling tells. That `http:` is for
 * development, and which hosts are public, is judged where the setting and the
 * resolver are.
 */
export const callbackUrl = z.string(CALLBACK_URL).max(2048, CALLBACK_URL)
  .regex(/^https?:\/\/[\x21-\x5b\x5d-\x7e]+$/i, CALLBACK_URL)
  .refine(isPlain, CALLBACK_URL).meta({
    format: "uri",
    description:
      "Where callbacks are posted: https to a public host, at most 2048 characters, no user name, no fragment",
    example: "https://shop.example/offcode",
  });

function isPlain(value: string): boolean {
  const url = URL.parse(value);
  const authority = value.slice(value.indexOf("//") + 2).split(/[/?#]/)[0];
  return url !== null && authority !== "" && !authority?.includes("@") &&
    !value.includes("#");
}
