import { assertEquals } from "@std/assert";
import {
  type Consequence,
  joinConsequences,
} from "../../../edge/payment/consequence.ts";
import type { PaymentRecord } from "../../../edge/payment/record.ts";

const payment = { merchant_id: "mer_1" } as PaymentRecord;
const END = { before: payment, after: payment, nowMs: 7 };

/** A consequence that writes what it read under each of its names. */
function copying(names: string[], committed: string[] = []): Consequence {
  return {
    reads: (merchantId) => names.map((name) => `${merchantId}:${name}`),
    plan: (_, values) => ({
      checks: names.map((key) => ({ kind: "absent", key })),
      writes: names.map((key, i) => ({
        kind: "set",
        key,
        value: `${values[i]}`,
      })),
      onCommitted: () => committed.push(names.join()),
    }),
  };
}

Deno.test("joinConsequences() reads all names in order and gives each part the values of its own", () => {
  const joined = joinConsequences([
    copying(["a", "b"]),
    copying([]),
    copying(["c"]),
  ]);
  assertEquals(joined.reads("mer_1"), ["mer_1:a", "mer_1:b", "mer_1:c"]);
  const { checks, writes } = joined.plan(END, ["1", null, "3"]);
  assertEquals(checks.map((it) => "key" in it && it.key), ["a", "b", "c"]);
  assertEquals(
    writes.map((it) => it.kind === "set" && [it.key, it.value]),
    [["a", "1"], ["b", "null"], ["c", "3"]],
  );
});

Deno.test("joinConsequences() tells every part that its writes are committed, and none before", () => {
  const committed: string[] = [];
  const plan = joinConsequences([
    copying(["a"], committed),
    copying(["b"], committed),
  ]).plan(END, [null, null]);
  assertEquals(committed, []);
  plan.onCommitted?.();
  assertEquals(committed, ["a", "b"]);
});
