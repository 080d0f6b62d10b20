import { assertEquals } from "@std/assert";
import { said, stateOf } from "../support/world/desk.ts";
import {
  MINUTES_3_MS,
  stepUpDesk,
  waitingPayment,
} from "../support/world/guesses/step_up.ts";

Deno.test("a yes of a blocked account is none, and may come later", async () => {
  await using desk = await stepUpDesk();
  const id = await waitingPayment(desk);
  await desk.setRisk("blocked");
  const yes = await desk.confirm(id, true);
  assertEquals([yes.status, said(yes)], [422, "payer-blocked"]);
  assertEquals(await stateOf(desk), ["awaiting_confirmation", 1]);
  assertEquals(desk.ledger.calls, []);
  await desk.setRisk("restricted");
  assertEquals((await desk.confirm(id, true)).body.status, "succeeded");
});

Deno.test("a no of a blocked account is one", async () => {
  await using desk = await stepUpDesk();
  const id = await waitingPayment(desk);
  await desk.setRisk("blocked");
  assertEquals((await desk.confirm(id, false)).body.status, "declined");
});

Deno.test("a suspended merchant is paid nothing, whatever the customer says", async () => {
  await using desk = await stepUpDesk();
  const { api, merchant } = desk;
  const setStatus = (status: string) =>
    api.must(200, "PATCH", `/v1/admin/merchants/${merchant.id}`, {
      key: api.adminKey,
      body: { status },
    });
  const id = await waitingPayment(desk);
  await setStatus("suspended");
  const yes = await desk.confirm(id, true);
  assertEquals([yes.status, said(yes)], [403, "merchant-suspended"]);
  assertEquals(await desk.balance(), 10_000);
  await setStatus("active");
  assertEquals((await desk.confirm(id, true)).body.status, "succeeded");
});

for (
  const [who, code] of [
    ["an account blocked", "payer-blocked"],
    ["a merchant suspended", "merchant-suspended"],
  ] as const
) {
  Deno.test(`${who} while the customer's yes is on the way stops the debit`, async () => {
    let meanwhile: (() => Promise<unknown>) | null = null;
    await using desk = await stepUpDesk({
      wrapStore: (store) => ({
        read: (request) => store.read(request),
        range: (query) => store.range(query),
        async txn(transaction) {
          const confirms = transaction.writes.some((write) =>
            write.kind === "unindex" && write.index.includes(":confirmations:")
          );
          if (confirms && meanwhile !== null) {
            const call = meanwhile;
            meanwhile = null;
            await call();
          }
          return await store.txn(transaction);
        },
        timeMs: () => store.timeMs(),
        close: () => store.close(),
      }),
    });
    const { api, merchant } = desk;
    const id = await waitingPayment(desk);
    meanwhile = () =>
      code === "payer-blocked"
        ? desk.setRisk("blocked")
        : api.must(200, "PATCH", `/v1/admin/merchants/${merchant.id}`, {
          key: api.adminKey,
          body: { status: "suspended" },
        });
    assertEquals(said(await desk.confirm(id, true)), code);
    assertEquals(await stateOf(desk), ["awaiting_confirmation", 1]);
    assertEquals(desk.ledger.calls, []);
  });
}

Deno.test("by a clock in doubt no word of the customer counts, and none is too late", async () => {
  let wrongMs = 0;
  await using desk = await stepUpDesk({
    wrapStore: (store) => ({
      read: (request) => store.read(request),
      range: (query) => store.range(query),
      txn: (transaction) => store.txn(transaction),
      timeMs: async () => await store.timeMs() - wrongMs,
      close: () => store.close(),
    }),
  });
  const id = await waitingPayment(desk);
  for (const ms of [60_000, MINUTES_3_MS]) {
    wrongMs = ms;
    desk.clock.advance(ms);
    for (const approve of [true, false]) {
      const answer = await desk.confirm(id, approve);
      assertEquals([answer.status, said(answer)], [503, "clock-unsure"]);
    }
    desk.clock.advance(-ms);
    wrongMs = 0;
    assertEquals(await stateOf(desk), ["awaiting_confirmation", 1]);
  }
  assertEquals((await desk.confirm(id, true)).body.status, "succeeded");
});

Deno.test("GET /v1/confirmations lists an account's own, the soonest deadline first", async () => {
  await using desk = await stepUpDesk();
  const { api, walletKey } = desk;
  const other = await api.merchant("Another Shop");
  const bob = await api.enrol(walletKey, "bob", "phone-b");
  await api.setBalance("bob", 10_000);
  const ids: string[] = [];
  for (let i = 0; i < 3; i++) {
    const who = i === 1 ? other : desk.merchant;
    const { body } = await desk.pay(`order-${i}`, desk.next(), {}, who);
    ids.push(body.payment_id);
  }
  const bobs = await desk.pay("order-b", bob.code(desk.clock.ms));
  const listed = async (account: string) =>
    (await desk.waiting(account)).map(({ payment_id }) => payment_id);
  assertEquals(await listed("alice"), ids);
  assertEquals(await listed("bob"), [bobs.body.payment_id]);
  assertEquals(await listed("nobody"), []);
  const names = (await desk.waiting()).map((it) => it.merchant_name);
  assertEquals(names, ["Corner Shop", "Another Shop", "Corner Shop"]);
  desk.clock.advance(MINUTES_3_MS - 60_000);
  assertEquals(await listed("alice"), ids.slice(1));
});

Deno.test("every key of the wallet's backend may list and answer, no other key may", async () => {
  await using desk = await stepUpDesk();
  const { api } = desk;
  const id = await waitingPayment(desk);
  const confirm = (key: string) =>
    api.call("POST", `/v1/payments/${id}/confirmation`, {
      key,
      body: { approve: true },
    });
  const list = (key: string) =>
    api.call("GET", "/v1/confirmations?account_id=alice", { key });
  for (const key of [desk.merchant.key, api.adminKey]) {
    assertEquals(said(await confirm(key)), "forbidden");
    assertEquals(said(await list(key)), "forbidden");
  }
  assertEquals(said(await confirm("ock_test_unknown")), "not-authenticated");
  assertEquals(said(await list("ock_test_unknown")), "not-authenticated");
  assertEquals(await stateOf(desk), ["awaiting_confirmation", 1]);
  const second = await api.walletKey("another backend");
  assertEquals((await list(second)).body.confirmations.length, 1);
  assertEquals(said(await confirm(second)), "200");
});

Deno.test("POST /v1/payments/:id/confirmation knows only payments that were made", async () => {
  await using desk = await stepUpDesk();
  const id = await waitingPayment(desk);
  for (
    const unknown of [
      `pay_${"0".repeat(32)}`,
      "pay_1",
      "order-1",
      id.toUpperCase(),
      id.replace("pay_", "cred_"),
      "%00",
      "x".repeat(2_000),
    ]
  ) {
    const { status, body } = await desk.confirm(unknown, true);
    assertEquals([status, body.code, body.retry], [404, "not-found", "never"]);
  }
  assertEquals(await stateOf(desk), ["awaiting_confirmation", 1]);
});

Deno.test("POST /v1/payments/:id/confirmation takes a yes or a no and nothing else", async () => {
  await using desk = await stepUpDesk();
  const id = await waitingPayment(desk);
  for (
    const body of [
      {},
      { approve: "true" },
      { approve: 1 },
      { approve: null },
      { approve: [true] },
      { approved: true },
      { approve: true, amount_minor: 1 },
      [],
      null,
      true,
      '{"approve":true',
      '{"approve":true,"approve":false}',
    ]
  ) {
    const path = `/v1/payments/${id}/confirmation`;
    const answer = await desk.api.call("POST", path, {
      key: desk.walletKey,
      body,
    });
    assertEquals([answer.status, said(answer)], [400, "malformed-request"]);
  }
  for (const query of ["", "?account_id=", "?account_id=a%20b", "?x=1"]) {
    const answer = await desk.api.call("GET", `/v1/confirmations${query}`, {
      key: desk.walletKey,
    });
    assertEquals([answer.status, said(answer)], [400, "malformed-request"]);
  }
  assertEquals(await stateOf(desk), ["awaiting_confirmation", 1]);
});

Deno.test("a payment that does not wait is answered as one", async () => {
  await using desk = await stepUpDesk();
  const paid = await desk.pay("order-1", desk.code(), { amount_minor: 1 });
  for (const approve of [true, false]) {
    const { status, body } = await desk.confirm(paid.body.payment_id, approve);
    assertEquals([status, body.code], [409, "order-conflict"]);
  }
  assertEquals(await stateOf(desk), ["succeeded", 2]);
});
