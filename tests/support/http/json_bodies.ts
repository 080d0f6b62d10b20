/**
 * Bodies that are read against a schema, and what is said of those refused.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { z } from "zod";
import { parseBody, type Parsed } from "../../../edge/http/kit/body.ts";

/** What is said of an amount. */
export const MUST = "must be an integer from 1 to 9007199254740991";

/** A schema of a text, an amount and an object, each of which may be missing. */
export const schema = z.strictObject({
  name: z.string("must be a string").exactOptional(),
  amount: z.int(MUST).min(1, MUST).exactOptional(),
  inner: z.strictObject(
    { x: z.string("must be a string") },
    "must be an object",
  )
    .exactOptional(),
}, "must be a JSON object");

/** The encoder of every body here. */
export const utf8 = new TextEncoder();

/** The `detail` of a refusal, which must be a malformed-request. */
export function refusal(parsed: Parsed<unknown>, status = 400): string {
  assert(!parsed.ok, "was accepted");
  assertEquals(parsed.problem.document.code, "malformed-request");
  assertEquals(parsed.problem.document.status, status);
  return parsed.problem.document.detail;
}

/** The `detail` for a body, given as text or as bytes. */
export const refused = (body: string | Uint8Array, status = 400) =>
  refusal(
    parseBody(typeof body === "string" ? utf8.encode(body) : body, { schema }),
    status,
  );

/** The value of a body that must be accepted. */
export function accepted(body: string) {
  const parsed = parseBody(utf8.encode(body), { schema });
  assert(parsed.ok, body);
  return parsed.value;
}
