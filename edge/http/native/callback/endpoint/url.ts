/**
 * The URL of a callback endpoint, as it is given and as it is shown.
 *
 * @module
 */

import { z } from "zod";

const CALLBACK_URL =
  "must be an absolute https URL without user name or fragment";
const WITH_SPACE = "must have no space and no backslash: a path has %20 and /";
const BAD_HOST = "must have a host and a port as URLs have them";

/** The URL of an endpoint as it is shown: in ASCII. */
export const callbackUrl = z.url().max(2048).meta({
  format: "uri",
  description: "Where callbacks are posted; its host in its `xn--` form",
  example: "https://shop.example/offcode",
});

/**
 * The URL of an endpoint as it is given. Only its form is checked here. Whether `http:`
 * is allowed and whether the host is public is decided by the sender, which has the
 * settings and the resolver.
 */
export const givenCallbackUrl = z.string(CALLBACK_URL)
  .max(2048, "must have 2048 characters at most")
  .regex(/^[Hh][Tt][Tt][Pp][Ss]?:\/\/[^ \\]+$/, {
    error: ({ input }) =>
      /^https?:\/\/./i.test(`${input}`) ? WITH_SPACE : CALLBACK_URL,
    abort: true,
  })
  .refine((it) => URL.canParse(it), { error: BAD_HOST, abort: true })
  .refine(isPlain, CALLBACK_URL).meta({
    format: "iri",
    description:
      "Where callbacks are posted: https to a public host, at most 2048 characters, no user name, no fragment. A host with letters beyond ASCII is taken as its `xn--` form",
    example: "https://shop.example/offcode",
  });

function isPlain(value: string): boolean {
  const authority = value.slice(value.indexOf("//") + 2).split(/[/?#]/)[0];
  return authority !== "" && !authority?.includes("@") &&
    !value.includes("#") && !/[\p{Cc}\p{Cs}]/u.test(value);
}
