/**
 * Calls about one cell while another cell is away: what they want to know of the other
 * cell they do without, and what they have done they say.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { createCelledStore } from "../../edge/store/celled/celled.ts";
import { accountKey, merchantKey } from "../../edge/store/keys.ts";
import { openSqliteStore } from "../../edge/store/sqlite/sqlite.ts";
import {
  type ListableStore,
  StoreUnavailableError,
} from "../../edge/store/store.ts";
import { testCells } from "../support/store/cells.ts";
import { withStorePath } from "../support/store/sqlite.ts";
import type { TestMerchant } from "../support/world/api.ts";
import { startApp, type TestApp, UNLIMITED } from "../support/world/app.ts";
import { accountFor, CELLS } from "../support/world/crossing.ts";

/** Longer than a payment may be under way before whoever reads it drives it on. */
const IDLE_MS = 20_000;
const AMOUNT = 1_250;
const cells = testCells(CELLS);

/** The requests that a database answers. */
const REQUESTS: readonly unknown[] = ["read", "range", "txn", "timeMs"];

/** A database that does not answer while `isGone`. */
const mortal = (store: ListableStore, isGone: () => boolean): ListableStore =>
  new Proxy(store, {
    get(target, name) {
      if (REQUESTS.includes(name) && isGone()) {
        return () => Promise.reject(new StoreUnavailableError("unreachable"));
      }
      const own = Reflect.get(target, name);
      return typeof own === "function" ? own.bind(target) : own;
    },
  });

/** An edge on a database for each cell, and which of them are away. */
interface Scene {
  readonly app: TestApp;
  readonly gone: Set<number>;
  readonly walletKey: string;
}

const homeOf = ({ id }: TestMerchant) => cells.cellOf(merchantKey(id))!;

async function withScene(play: (scene: Scene) => Promise<void>) {
  await withStorePath(async (path) => {
    const gone = new Set<number>();
    const { limits } = UNLIMITED;
    await using app = await startApp({
      settings: {
        limits: {
          ...limits,
          normal: { ...limits.normal, stepUpAboveMinor: AMOUNT },
        },
      },
      openStore(clock) {
        const store = openSqliteStore({ path, clock });
        const stores = cells.tags.map((_, i) =>
          mortal(store, () => gone.has(i))
        );
        return createCelledStore({
          ...{ cells, stores, clock, prefix: "90", lists: stores[0]! },
        });
      },
    });
    // Before a cell is away, its configuration has been compared.
    assertEquals((await app.api.call("GET", "/readyz")).status, 200);
    await play({ app, gone, walletKey: await app.api.walletKey() });
  });
}

Deno.test("a merchant is shown and suspended while customers in another cell cannot be counted", () =>
  withScene(async ({ app: { api }, gone }) => {
    const shop = await api.merchant();
    const path = `/v1/admin/merchants/${shop.id}`;
    const key = api.adminKey;
    gone.add((homeOf(shop) + 1) % CELLS);
    const found = await api.must(200, "GET", path, { key });
    assertEquals(found.keys.length, 1);
    const body = { status: "suspended" };
    const changed = await api.must(200, "PATCH", path, { key, body });
    assertEquals([changed.status, changed.guess_odds], [
      "suspended",
      undefined,
    ]);
    gone.clear();
    const later = await api.must(200, "GET", path, { key });
    assertEquals([later.status, later.guess_odds.customers], ["suspended", 0]);
  }));

Deno.test("a payment that is being reversed is shown while its customer's cell is away", () =>
  withScene(async ({ app, gone, walletKey }) => {
    const { api, clock } = app;
    const shop = await api.merchant();
    const account = accountFor(shop.id, true);
    const phone = await api.enrol(walletKey, account, "phone");
    await api.setBalance(account, 10_000);
    const code = phone.code(clock.ms);
    const paid = await api.pay(shop, { code, order_id: "o" });
    assertEquals(paid.status, 201);
    gone.add(cells.cellOf(accountKey(account))!);
    const body = { order_id: "o" };
    const { key } = shop;
    const no = await api.call("POST", "/v1/reversals", { key, body });
    assertEquals(no.body.code, "store-unavailable");
    clock.advance(IDLE_MS);
    for (const end of ["?order_id=o", `/${paid.body.payment_id}`]) {
      const { status } = await api.must(200, "GET", `/v1/payments${end}`, {
        key,
      });
      assertEquals(status, "reversing");
    }
    gone.clear();
    const { status } = await api.must(200, "GET", "/v1/payments?order_id=o", {
      key,
    });
    assertEquals([status, await api.balance(account)], ["reversed", 10_000]);
  }));

Deno.test("a customer finds and confirms what waits while another merchant's cell is away", () =>
  withScene(async ({ app: { api, clock }, gone, walletKey: key }) => {
    const shops = [await api.merchant()];
    const account = accountFor(shops[0]!.id, true);
    const home = cells.cellOf(accountKey(account))!;
    while (shops.length < 2) {
      const shop = await api.merchant();
      const isOwn = [home, homeOf(shops[0]!)].includes(homeOf(shop));
      if (!isOwn) shops.push(shop);
    }
    const phone = await api.enrol(key, account, "phone");
    await api.setBalance(account, 10_000);
    const ids: string[] = [];
    for (const [i, shop] of shops.entries()) {
      if (i > 0) clock.advance(30_000);
      const code = phone.code(clock.ms);
      const { body } = await api.pay(shop, {
        ...{ code, order_id: "o", amount_minor: AMOUNT + 1 },
      });
      ids.push(body.payment_id);
    }
    const list = async () => {
      const path = `/v1/confirmations?account_id=${account}`;
      const { confirmations } = await api.must(200, "GET", path, { key });
      return confirmations.map((it: { payment_id: string }) => it.payment_id);
    };
    assertEquals(await list(), ids);
    gone.add(homeOf(shops[0]!));
    assertEquals(await list(), ids.slice(1));
    const path = `/v1/payments/${ids[1]}/confirmation`;
    const body = { approve: true };
    const { status } = await api.must(200, "POST", path, { key, body });
    assertEquals(status, "succeeded");
    // An empty list would say that nothing waits.
    const rest = await api.call(
      "GET",
      `/v1/confirmations?account_id=${account}`,
      { key },
    );
    assertEquals(rest.body.code, "store-unavailable");
    gone.clear();
    assertEquals(await list(), ids.slice(0, 1));
  }));
