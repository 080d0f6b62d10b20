import { assert, assertEquals } from "@std/assert";
import { startApp } from "../support/world/app.ts";
import { said, stateOf, tally } from "../support/world/desk.ts";
import {
  MINUTES_3_MS,
  stepUpDesk,
  waitingPayment,
} from "../support/world/guesses/step_up.ts";

Deno.test("a yes and a no at once on two edges are one of them", async () => {
  const ends = new Set<string>();
  for (let round = 0; round < 10; round++) {
    await using desk = await stepUpDesk();
    await using second = await startApp({
      path: desk.app.path,
      clock: desk.clock,
    });
    const id = await waitingPayment(desk);
    // In every other round a debit has begun when the no's come.
    const debiting = Promise.withResolvers<void>();
    desk.ledger.beforeDebit = () => Promise.resolve(debiting.resolve());
    const answers = await Promise.all(
      Array.from({ length: 40 }, async (_, i) => {
        const { api } = i % 2 === 0 ? desk : second;
        const approve = (i + round) % 4 < 2;
        if (!approve && round % 2 === 0) await debiting.promise;
        return await api.call("POST", `/v1/payments/${id}/confirmation`, {
          key: desk.walletKey,
          body: { approve },
        });
      }),
    );
    const [status] = await stateOf(desk);
    const yes = status === "succeeded";
    ends.add(`${status}`);
    const [asked, other] = [true, false].map((approve) =>
      tally(answers.filter((_, i) => ((i + round) % 4 < 2) === approve))
    );
    const [won, lost] = yes ? [asked, other] : [other, asked];
    assertEquals(won, { "200": 20 });
    assertEquals(lost, { [yes ? "order-conflict" : "payment-declined"]: 20 });
    assertEquals(await desk.balance(), yes ? 8_750 : 10_000);
  }
  assertEquals(ends, new Set(["succeeded", "declined"]));
});

Deno.test("a yes racing the till's reversal ends in agreement", async () => {
  for (let round = 0; round < 10; round++) {
    await using desk = await stepUpDesk();
    const id = await waitingPayment(desk);
    const [yes, reversed] = await Promise.all(
      round % 2 === 0
        ? [desk.confirm(id, true), desk.reverse("order-1")]
        : [desk.reverse("order-1"), desk.confirm(id, true)].toReversed(),
    );
    assertEquals(said(reversed!), "200");
    assert(["200", "payment-reversed"].includes(said(yes!)));
    assertEquals(await desk.balance(), 10_000);
    assertEquals((await stateOf(desk))[0], "reversed");
  }
});

Deno.test("a customer's word after the deadline, racing the sweeper, is too late", async () => {
  await using desk = await stepUpDesk();
  const ids: string[] = [];
  for (let i = 0; i < 10; i++) {
    const { body } = await desk.pay(`order-${i}`, desk.next());
    ids.push(body.payment_id);
  }
  desk.clock.advance(MINUTES_3_MS);
  const [answers] = await Promise.all([
    Promise.all(ids.map((id) => desk.confirm(id, true))),
    desk.app.sweeper.sweep(),
    desk.app.sweeper.sweep(),
  ]);
  assertEquals(tally(answers), { "payment-declined": 10 });
  for (let i = 0; i < 10; i++) {
    assertEquals(await stateOf(desk, `order-${i}`), ["declined", 3]);
  }
  assertEquals(await desk.balance(), 10_000);
});
