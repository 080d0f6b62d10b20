import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { z } from "zod";
import { parseBody, readBody } from "../../edge/http/kit/body.ts";
import { pay } from "../../edge/http/native/merchant/pay.ts";
import { bodyOf } from "../support/http/calls.ts";

const paymentRequest = bodyOf(pay);

const utf8 = new TextEncoder();

/** Anything that the parser lets through. */
const anything = z.unknown();

/** A valid body with one stretch replaced by anything. */
const damaged = fc.tuple(
  fc.constant(
    '{"code":"901004201234567890","order_id":"o-1","amount_minor":125,"currency":"EUR"}',
  ),
  fc.nat(90),
  fc.nat(20),
  fc.string({ unit: "binary", maxLength: 8 }),
).map(([body, at, length, put]) =>
  utf8.encode(body.slice(0, at) + put + body.slice(at + length))
);

/** JSON texts and near misses, rich in what parsers disagree on. */
const jsonish = fc.array(
  fc.constantFrom(
    ...'{}[]:," \\\n'.split(""),
    '"a"',
    '"__proto__"',
    "\\u0061",
    "1",
    "-0",
    "1.0",
    "1e999",
    "01",
    "null",
    "true",
    '{"a":1}',
    '"a":',
    "[1,2]",
    "\ufeff",
    "\u2028",
    "\ud83d\ude00",
  ),
  { maxLength: 12 },
).map((parts) => parts.join(""));

Deno.test("readBody() makes of any bytes a value or a 400 problem, and never throws", async () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    damaged,
    fc.json().map((text) => utf8.encode(text)),
    jsonish.map((text) => utf8.encode(text)),
  );
  await fc.assert(
    fc.asyncProperty(bytes, async (body) => {
      const parsed = await readBody(
        new Request("http://till.test/", {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: new Uint8Array(body),
        }),
        { schema: paymentRequest },
      );
      if (parsed.ok) {
        assert(Number.isSafeInteger(parsed.value.amount_minor));
        assert(/^[\x21-\x7e]{1,64}$/.test(parsed.value.order_id));
      } else {
        assertEquals(parsed.problem.document.status, 400);
        assert(/^[\x20-\x7e…]*$/.test(parsed.problem.document.detail));
      }
    }),
    { numRuns: 2000 },
  );
});

Deno.test("parseBody() accepts no text that JSON.parse refuses, a byte order mark apart, and reads the same from it", () => {
  fc.assert(
    fc.property(fc.oneof(jsonish, fc.json({ maxDepth: 3 })), (text) => {
      const parsed = parseBody(utf8.encode(text), { schema: anything });
      if (!parsed.ok) return;
      const unmarked = text.replace(/^\ufeff/, "");
      assert(agree(parsed.value, JSON.parse(unmarked)), text);
    }),
    { numRuns: 5000 },
  );
});

Deno.test("parseBody() accepts every text of JSON.stringify that is shallow and short", () => {
  const value = fc.jsonValue({ maxDepth: 3, noUnicodeString: false });
  fc.assert(
    fc.property(value, (made) => {
      const text = JSON.stringify(made);
      fc.pre(text.length > 0 && utf8.encode(text).length <= 16_384);
      assert(parseBody(utf8.encode(text), { schema: anything }).ok, text);
    }),
    { numRuns: 2000 },
  );
});

/** Equal, but for NaN in place of a number that is no plain integer. */
function agree(ours: unknown, theirs: unknown): boolean {
  if (Number.isNaN(ours)) return typeof theirs === "number";
  if (typeof ours !== "object" || ours === null) return Object.is(ours, theirs);
  if (typeof theirs !== "object" || theirs === null) return false;
  const [a, b] = [Object.entries(ours), Object.entries(theirs)];
  return Array.isArray(ours) === Array.isArray(theirs) &&
    a.length === b.length &&
    a.every(([key, value], i) => key === b[i]?.[0] && agree(value, b[i]?.[1]));
}
