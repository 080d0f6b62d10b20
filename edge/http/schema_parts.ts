/**
 * What the schemas of several files share: kinds of text, names and times,
 * codes and amounts, and the URL of a callback endpoint.
 *
 * @module
 */

import { z } from "zod";
import { CURRENCIES } from "../currencies.ts";
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

/** Largest amount of a payment and of a sandbox balance, in minor units. */
export const MAX_AMOUNT_MINOR = 999_999_999_999;

/** An amount from `least` on. */
export function amount(least: number, description: string) {
  const must = `must be an integer from ${least} to ${MAX_AMOUNT_MINOR}`;
  return z.int(must).min(least, must).max(MAX_AMOUNT_MINOR, must).meta({
    description,
    example: 1250,
  });
}

/** The wallet's name of an account. */
export const accountId = chosenId(
  "The wallet's own name of an account",
  "acct-1001",
);

/** A name that people read. */
export const displayName = text(
  new RegExp(`^(?=.*\\S)${LINE}{1,100}$`, "u"),
  "must be 1 to 100 characters on one line",
).meta({ description: "1 to 100 characters", example: "Corner Coffee" });

/** A payment code, as far as a body may hold one. */
export const code = text(
  /^.{0,64}$/s,
  "must be a string of at most 64 characters",
)
  .meta({
    description:
      "The payment code as scanned, 16 to 24 digits, as a string: it may begin with 0",
    example: "901004201234567890",
  });

/** A currency that amounts may be in. */
export const currency = z.enum(CURRENCIES, "must be an ISO 4217 currency code")
  .meta({
    id: "Currency",
    description: "ISO 4217 alphabetic code",
    example: "EUR",
  });

const CALLBACK_URL =
  "must be an absolute https URL without user name or fragment";

/** Where callbacks go, as it is shown: in ASCII. */
export const callbackUrl = z.url().max(2048).meta({
  format: "uri",
  description: "Where callbacks are posted; its host in its `xn--` form",
  example: "https://shop.example/offcode",
});

/**
 * Where callbacks are to go, as far as its spelling tells. That `http:` is for
 * development, and which hosts are public, is judged where the setting and the
 * resolver are.
 */
export const givenCallbackUrl = z.string(CALLBACK_URL).max(2048, CALLBACK_URL)
  .regex(/^[Hh][Tt][Tt][Pp][Ss]?:\/\/[^ \\]+$/, CALLBACK_URL)
  .refine(isPlain, CALLBACK_URL).meta({
    format: "iri",
    description:
      "Where callbacks are posted: https to a public host, at most 2048 characters, no user name, no fragment. A host with letters beyond ASCII is taken as its `xn--` form",
    example: "https://shop.example/offcode",
  });

function isPlain(value: string): boolean {
  const url = URL.parse(value);
  const authority = value.slice(value.indexOf("//") + 2).split(/[/?#]/)[0];
  return url !== null && authority !== "" && !authority?.includes("@") &&
    !value.includes("#") && !/[\p{Cc}\p{Cs}]/u.test(value);
}
