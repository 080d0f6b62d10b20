import { assert, assertEquals } from "@std/assert";
import { encodeBase64Url } from "@std/encoding/base64url";
import fc from "fast-check";
import {
  decodeCanonical,
  decodeTriples,
  encode,
} from "../../../edge/base/base64url.ts";

const triples = fc.uint8Array({ maxLength: 99 }).map((bytes) =>
  bytes.slice(0, bytes.length - bytes.length % 3)
);

Deno.test("encode() writes base64url without padding, of views too", () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.nat(9), (bytes, start) => {
      const view = bytes.subarray(Math.min(start, bytes.length));
      assertEquals(encode(view), encodeBase64Url(view));
    }),
  );
});

Deno.test("decodeTriples() gives back what was encoded, from anywhere in a text", () => {
  fc.assert(
    fc.property(triples, fc.string(), fc.string(), (bytes, before, after) => {
      const into = new Uint8Array(bytes.length);
      const text = before + encode(bytes) + after;
      assert(decodeTriples(text, before.length, into));
      assertEquals(into, new Uint8Array(bytes));
    }),
    { numRuns: 1000 },
  );
});

Deno.test("decodeTriples() takes a character exactly where decodeCanonical() does", () => {
  for (let unit = 0; unit <= 0xffff; unit++) {
    const other = String.fromCharCode(unit);
    for (
      const text of [`${other}AAA`, `A${other}AA`, `AA${other}A`, `AAA${other}`]
    ) {
      const taken = decodeCanonical(text)?.slice();
      const into = new Uint8Array(3);
      assertEquals(decodeTriples(text, 0, into), taken !== undefined);
      if (taken !== undefined) assertEquals(into, taken);
    }
  }
});

Deno.test("decodeTriples() refuses a text that ends too early", () => {
  const text = encode(new Uint8Array(6));
  for (let length = 0; length < 8; length++) {
    assert(!decodeTriples(text.slice(0, length), 0, new Uint8Array(6)));
  }
});

Deno.test("decodeCanonical() takes one spelling of short and long texts", () => {
  for (const length of [0, 1, 2, 3, 190, 191, 192, 193, 400]) {
    const text = encode(new Uint8Array(length).fill(0xfb));
    assertEquals(decodeCanonical(text)?.length, length);
    assertEquals(decodeCanonical(`${text}=`), undefined);
    if (length % 3 !== 0) {
      assertEquals(decodeCanonical(`${text.slice(0, -1)}_`), undefined);
    }
  }
});
