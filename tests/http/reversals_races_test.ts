import { assert, assertEquals } from "@std/assert";
import type { Answer } from "../support/world/api.ts";
import { startApp } from "../support/world/app.ts";
import { openDesk, said, stateOf } from "../support/world/desk.ts";
import { FaultyStore } from "../support/store/faulty_store.ts";

Deno.test("100 reversals at once on two edges are one", async () => {
  await using desk = await openDesk();
  await using second = await startApp({
    path: desk.app.path,
    clock: desk.clock,
  });
  const paid = await desk.pay("order-1", desk.code());
  const apis = [desk.api, second.api];
  const all = (order_id: string) =>
    Promise.all(
      Array.from({ length: 100 }, (_, i) =>
        apis[i % 2]!.call("POST", "/v1/reversals", {
          key: desk.merchant.key,
          body: { order_id },
        })),
    );
  const done = { order_id: "order-1", status: "reversed" };
  for (const { status, body } of await all("order-1")) {
    const { payment_id } = paid.body;
    assertEquals([status, body], [200, { ...done, payment_id }]);
  }
  assertEquals(await stateOf(desk), ["reversed", 4]);
  assertEquals(await desk.balance(), 10_000);
  for (const { status, body } of await all("order-2")) {
    assertEquals([status, body], [200, { ...done, order_id: "order-2" }]);
  }
});

Deno.test("payments and reversals of one order at once end in agreement", async () => {
  for (let round = 0; round < 20; round++) {
    await using desk = await openDesk();
    const code = desk.code();
    const answers = await Promise.all(
      Array.from(
        { length: 20 },
        (_, i) =>
          (i + round) % 4 === 3
            ? desk.reverse("order-1")
            : desk.pay("order-1", code),
      ),
    );
    for (const [i, answer] of answers.entries()) {
      const expected = (i + round) % 4 === 3
        ? ["200"]
        : ["201", "200", "payment-pending", "payment-reversed"];
      assert(expected.includes(said(answer)), `${i}: ${said(answer)}`);
    }
    assertEquals(await desk.balance(), 10_000);
    const found = await desk.query("order-1");
    // Either the payment was undone or it never came to be.
    assertEquals(
      found.status === 200 ? found.body.status : found.body.code,
      found.status === 200 ? "reversed" : "payment-reversed",
    );
  }
});

/** What a reversal of a paid order asks of the store. */
const REVERSE = [
  "read merchant",
  "read order",
  "txn payment",
  "read sandbox-debit",
  "txn sandbox-debit",
  "txn payment",
];

Deno.test("POST /v1/reversals answers success only when it is certain, whatever fails", async () => {
  for (const mode of ["before", "after", "twice"] as const) {
    for (const [at, operation] of REVERSE.entries()) {
      let store!: FaultyStore;
      await using desk = await openDesk({
        wrapStore: (opened) => store = new FaultyStore(opened),
      });
      const paid = await desk.pay("order-1", desk.code());
      store.plan({ at, mode });
      const what = `${operation} ${mode}`;
      const first: Answer = await desk.reverse("order-1");
      assertEquals(store.trace[at], operation, what);
      const answer = said(first);
      assert(
        ["200", "store-unavailable", "ledger-unavailable"].includes(answer),
        `${what}: ${answer}`,
      );
      if (mode === "twice") assertEquals(answer, "200", what);
      if (answer === "200") {
        assertEquals(await stateOf(desk), ["reversed", 4], what);
        assertEquals(await desk.balance(), 10_000, what);
      }
      store.plan();
      const again = await desk.reverse("order-1");
      assertEquals([again.status, again.body], [200, {
        order_id: "order-1",
        status: "reversed",
        payment_id: paid.body.payment_id,
      }], what);
      assertEquals(await stateOf(desk), ["reversed", 4], what);
      assertEquals(await desk.balance(), 10_000, what);
      assertEquals(await desk.app.sweeper.sweep(), { due: 0, ended: 0 });
    }
  }
});
