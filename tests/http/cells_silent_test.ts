import { assert, assertEquals } from "@std/assert";
import { listCallbackQueues } from "../../edge/http/native/admin/watch/callback_queues.ts";
import { listDuePayments } from "../../edge/http/native/admin/watch/due_payments.ts";
import { findOrders } from "../../edge/http/native/admin/watch/orders.ts";
import { listMerchants } from "../../edge/http/native/admin/merchants/list.ts";
import { withCells } from "../../edge/store/celled/celled.ts";
import { merchantKey } from "../../edge/store/keys.ts";
import type { Store } from "../../edge/store/store.ts";
import { storeEndpoint } from "../support/callback/queue.ts";
import { readMetrics } from "../support/http/metrics_text.ts";
import { testCells } from "../support/store/cells.ts";
import { FaultyStore } from "../support/store/faulty_store.ts";
import { sqliteFactory } from "../support/store/sqlite.ts";
import type { Api, TestMerchant } from "../support/world/api.ts";
import { openDesk } from "../support/world/desk.ts";

const cells = testCells(8);
/** The cells of the second database. */
const FAR = [4, 5, 6, 7];
const isFar = (name: string) => FAR.includes(cells.cellOf(name)!);

/** A desk over two databases, of which each can go away. */
async function openHalves() {
  const halves: FaultyStore[] = [];
  const desk = await openDesk({
    factory: async (clock) => {
      const all = [await sqliteFactory(clock), await sqliteFactory(clock)];
      halves.push(...all.map(({ store }) => new FaultyStore(store)));
      const stores = cells.tags.map((_, cell): Store =>
        halves[FAR.includes(cell) ? 1 : 0]!
      );
      return {
        store: withCells({ cells, stores, clock }),
        async dispose() {
          for (const it of all) await it.dispose();
        },
      };
    },
  });
  const isAway = (nth: number, away: boolean) =>
    away
      ? halves[nth]!.plan({ at: 0, mode: "before", onwards: true })
      : halves[nth]!.plan();
  return { desk, isAway };
}

const get = (api: Api, path: string) =>
  api.must(200, "GET", `/v1/admin/${path}`, { key: api.adminKey });

/** Which of these merchants each list shows, and how many cells are said to be silent. */
async function readAll(api: Api, ids: readonly string[]) {
  const [due, queues, merchants, orders] = [
    listDuePayments.answers[200].schema.parse(await get(api, "due-payments")),
    listCallbackQueues.answers[200].schema.parse(
      await get(api, "callback-queues"),
    ),
    listMerchants.answers[200].schema.parse(await get(api, "merchants")),
    findOrders.answers[200].schema.parse(
      await get(api, "orders?order_id=order-1"),
    ),
  ];
  const { series } = readMetrics(await get(api, "metrics"));
  const gauge = (name: string) => series.get(`offcode_${name} []`)?.value;
  const of = (list: readonly { readonly merchant_id: string }[]) =>
    ids.map((id) => list.some((it) => it.merchant_id === id));
  return {
    shown: [
      ...[of(due.payments), of(queues.queues), of(merchants.merchants)],
      of(orders.orders),
    ],
    silent: [due, queues, merchants, orders].map((it) => it.cells_silent),
    gauges: [gauge("store_cells_silent"), gauge("payments_under_way")],
  };
}

Deno.test("what is read of all cells is of those that answer, and says how many do not", async () => {
  const { desk, isAway } = await openHalves();
  await using _ = desk;
  const { api, app } = desk;
  const shops: TestMerchant[] = [];
  const isBoth = () =>
    new Set(shops.map((it) => isFar(merchantKey(it.id)))).size === 2;
  while (!isBoth()) shops.push(await api.merchant());
  const [near, far] = [false, true].map((it) =>
    shops.find(({ id }) => isFar(merchantKey(id)) === it)!
  );
  desk.ledger.debits = desk.ledger.queries = "unheard";
  for (const shop of [near!, far!]) {
    await storeEndpoint(app.store, shop.id);
    const code = desk.next();
    const paid = await api.pay(shop, { order_id: "order-1", code });
    assertEquals(paid.body.code, "payment-pending");
  }
  const read = () => readAll(api, [near!.id, far!.id]);
  const all = (it: readonly boolean[]) =>
    Array.from({ length: 4 }, () => [...it]);
  assertEquals(await read(), {
    shown: all([true, true]),
    silent: [undefined, undefined, undefined, undefined],
    gauges: [0, 2],
  });
  for (
    const [nth, shown] of [[1, [true, false]], [0, [false, true]]] as const
  ) {
    isAway(nth, true);
    assertEquals(await read(), {
      shown: all(shown),
      silent: [4, 4, 4, 4],
      gauges: [4, 1],
    });
    isAway(nth, false);
  }
  isAway(0, true);
  isAway(1, true);
  const { series } = readMetrics(await get(api, "metrics"));
  assertEquals(series.get("offcode_store_cells_silent []")?.value, 8);
  assert(!series.has("offcode_payments_under_way []"));
  const { body } = await api.call("GET", "/v1/admin/due-payments", {
    key: api.adminKey,
  });
  assertEquals(body.code, "store-unavailable");
});
