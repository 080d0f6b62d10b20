import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { fromColumn, toColumn } from "../../../../edge/store/sqlite/text.ts";

const text = fc.string({
  unit: fc.constantFrom("\0", "\x01", "\x02", "\x03", "a", "é", "\uFFFD", "😀"),
  maxLength: 12,
});

function byBytes(a: string, b: string): number {
  const [left, right] = [a, b].map((text) => new TextEncoder().encode(text));
  for (const [i, byte] of left!.entries()) {
    if (byte !== (right![i] ?? -1)) return byte - (right![i] ?? -1);
  }
  return left!.length - right!.length;
}

Deno.test("toColumn() leaves no NUL and can be undone", () => {
  fc.assert(
    fc.property(text, (text) => {
      assert(!toColumn(text).includes("\0"));
      assertEquals(fromColumn(toColumn(text)), text);
    }),
    { numRuns: 2_000 },
  );
});

Deno.test("toColumn() keeps the order by bytes", () => {
  fc.assert(
    fc.property(text, text, (a, b) => {
      assertEquals(
        Math.sign(byBytes(toColumn(a), toColumn(b))),
        Math.sign(byBytes(a, b)),
      );
    }),
    { numRuns: 5_000 },
  );
});
