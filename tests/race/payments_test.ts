import { assertEquals } from "@std/assert";
import { DUE_ORDERS_KEY } from "../../edge/store/keys.ts";
import type { Store } from "../../edge/store/store.ts";
import type { Answer } from "../support/world/api.ts";
import { NOON_MS } from "../support/world/app.ts";
import { tally } from "../support/world/desk.ts";
import { peekAccount } from "../support/world/peek.ts";
import { setScene } from "../support/world/scene.ts";
import type { StoreFactory } from "../support/store/fixture.ts";
import { everyStoreAndCells, startEdges } from "../support/store/stores.ts";

const STEP_MS = 30_000;

/** `n` calls at once. */
function race<T>(n: number, call: (i: number) => Promise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: n }, (_, i) => call(i)));
}

/** Two edges on one store, with the usual scene. */
async function twoEdges(factory: StoreFactory) {
  const edges = await startEdges(factory, 2);
  const [{ api }] = edges.apps;
  return {
    ...await setScene(api),
    ...{ api, store: edges.apps[0].store },
    edge: (i: number) => edges.apps[i % 2]!.api,
    [Symbol.asyncDispose]: () => edges[Symbol.asyncDispose](),
  };
}

/** How many orders are under way, or owe something. */
async function underWay(store: Store): Promise<number> {
  const query = { index: DUE_ORDERS_KEY, min: 0, limit: 1_000 };
  return (await store.range({ ...query, max: Number.MAX_SAFE_INTEGER })).length;
}

for (const [engine, factory] of everyStoreAndCells()) {
  Deno.test(`pay() takes one code once of 200 orders at once, at one merchant and at many, over ${engine}`, async () => {
    await using scene = await twoEdges(factory);
    const { api, merchant, phone, store } = scene;
    // In a store of many cells nearly each merchant is in another one.
    const shops = [merchant];
    while (shops.length < 12) shops.push(await api.merchant());
    for (const [n, some] of [[merchant], shops].entries()) {
      const code = phone.code(NOON_MS + n * STEP_MS);
      const answers = await race(
        200,
        (i) =>
          scene.edge(i).pay(some[i % some.length]!, {
            code,
            order_id: `order-${n}-${i}`,
          }),
      );
      assertEquals(tally(answers), { "201": 1, "code-replayed": 199 });
      assertEquals(await api.balance("alice"), 8_750 - n * 1_250);
    }
    const { count } = await peekAccount(store, "alice");
    assertEquals([count?.amount, await underWay(store)], [2, 0]);
  });

  Deno.test(`pay() pays one order once of 200 tries at once, over ${engine}`, async () => {
    await using scene = await twoEdges(factory);
    const { api, merchant, phone } = scene;
    const code = phone.code(NOON_MS);
    const answers = await race(
      200,
      (i) => scene.edge(i).pay(merchant, { code, order_id: "order-1" }),
    );
    const { "201": paid, "200": repeated = 0, "payment-pending": open = 0 } =
      tally(answers);
    assertEquals([paid, repeated + open], [1, 199]);
    const ids = answers.map(({ body }) => body.payment_id);
    assertEquals(new Set(ids).size, 1);
    assertEquals(await api.balance("alice"), 8_750);
    const later = await api.pay(merchant, { code, order_id: "order-1" });
    assertEquals([later.status, later.body.payment_id], [200, ids[0]]);
  });

  Deno.test(`pay() pays one order once, whoever's codes are scanned at once, over ${engine}`, async () => {
    await using scene = await twoEdges(factory);
    const { api, merchant, phone, walletKey } = scene;
    const phones = [phone];
    for (const name of ["bob", "carol", "dan", "eve", "frank", "grace"]) {
      phones.push(await api.enrol(walletKey, name, `phone-${name}`));
      await api.setBalance(name, 10_000);
    }
    const codes = phones.flatMap((it) =>
      [-1, 0, 1].map((drift) => it.code(NOON_MS + drift * STEP_MS))
    );
    const answers = await race(200, (i) =>
      scene.edge(i).pay(merchant, {
        code: codes[i % codes.length]!,
        order_id: "order-1",
      }));
    const { "201": paid, "200": repeated = 0, "payment-pending": open = 0 } =
      tally(answers);
    assertEquals([paid, repeated + open], [1, 199]);
    let left = 0;
    let counted = 0;
    for (const { accountId } of phones) {
      left += await api.balance(accountId);
      const { count } = await peekAccount(scene.store, accountId);
      counted += count?.amount ?? 0;
    }
    assertEquals([left, counted], [phones.length * 10_000 - 1_250, 1]);
    assertEquals(await underWay(scene.store), 0);
  });

  Deno.test(`pay() and verify() share one claim, 200 at once, over ${engine}`, async () => {
    await using scene = await twoEdges(factory);
    const { api, merchant, phone, walletKey } = scene;
    const code = phone.code(NOON_MS);
    const answers = await race(
      200,
      (i) =>
        i % 3 === 0
          ? scene.edge(i).pay(merchant, { code, order_id: `order-${i}` })
          : scene.edge(i).verify(walletKey, code, `ref-${i}`),
    );
    const { "200": verified = 0, "201": paid = 0, "code-replayed": replayed } =
      tally(answers);
    assertEquals([verified + paid, replayed], [1, 199]);
    assertEquals(await api.balance("alice"), paid === 1 ? 8_750 : 10_000);
  });

  Deno.test(`verify() gives one result to one reference of 200 tries at once, over ${engine}`, async () => {
    await using scene = await twoEdges(factory);
    const { phone, walletKey } = scene;
    const code = phone.code(NOON_MS);
    const answers = await race(
      200,
      (i) => scene.edge(i).verify(walletKey, code, "ref"),
    );
    assertEquals(tally(answers), { "200": 200 });
    const ids = new Set(answers.map(({ body }) => body.verification_id));
    assertEquals(ids.size, 1);
  });

  Deno.test(`50 payments at once of an account with money for 20 are 20, over ${engine}`, async () => {
    const PAYMENTS = 50;
    let arrived = Promise.withResolvers<void>();
    const allArrived = Promise.withResolvers<void>();
    await using edges = await startEdges(factory, 1, {
      wrapLedger: (ledger) => ({
        ...ledger,
        // All codes are taken before the first debit, and then all are debited.
        async debit(...debit) {
          arrived.resolve();
          await allArrived.promise;
          return await ledger.debit(...debit);
        },
      }),
    });
    const { apps: [{ api }], clock } = edges;
    const { merchant, phone } = await setScene(api);
    await api.setBalance("alice", 20 * 1250 + 1249);
    const running: Promise<Answer>[] = [];
    for (let i = 0; i < PAYMENTS; i++) {
      clock.advance(STEP_MS);
      arrived = Promise.withResolvers();
      running.push(api.pay(merchant, {
        code: phone.code(clock.ms),
        order_id: `order-${i}`,
      }));
      await arrived.promise;
    }
    allArrived.resolve();
    const answers = await Promise.all(running);
    assertEquals(tally(answers), { "201": 20, "payment-declined": 30 });
    assertEquals(await api.balance("alice"), 1249);
    for (const [i, { status, body }] of answers.entries()) {
      const found = await api.must(
        200,
        "GET",
        `/v1/payments?order_id=order-${i}`,
        { key: merchant.key },
      );
      assertEquals(found.status, status === 201 ? "succeeded" : "declined");
      assertEquals(found.payment_id, body.payment_id);
    }
  });

  Deno.test(`pay() racing a revocation succeeds before it or not at all, over ${engine}`, async () => {
    await using scene = await twoEdges(factory);
    const { api, merchant, phone, walletKey } = scene;
    const codes = [-1, 0, 1].map((drift) =>
      phone.code(NOON_MS + drift * STEP_MS)
    );
    // Both edges have the bucket.
    for (const i of [0, 1]) {
      await scene.edge(i).verify(walletKey, codes[0]!, "warm");
    }
    const [revoked, ...answers] = await race(
      100,
      (i) =>
        i === 0
          ? scene.edge(0).call(
            "DELETE",
            `/v1/enrolments/${phone.credentialId}`,
            {
              key: walletKey,
            },
          )
          : scene.edge(i).pay(merchant, {
            code: codes[1 + i % 2]!,
            order_id: `order-${i}`,
            amount_minor: 1,
          }),
    );
    assertEquals(revoked!.status, 204);
    const paid = answers.filter(({ status }) => status === 201).length;
    assertEquals(await api.balance("alice"), 10_000 - paid);
    for (const { status, body } of answers) {
      if (status === 201) continue;
      assertEquals(
        ["code-replayed", "code-not-accepted"].includes(body.code),
        true,
        body.code,
      );
    }
    // Whatever came first, it is dead now.
    for (const i of [0, 1]) {
      const { body } = await scene.edge(i).pay(merchant, {
        code: codes[2]!,
        order_id: `late-${i}`,
      });
      assertEquals(body.code, "code-not-accepted");
    }
  });
}
