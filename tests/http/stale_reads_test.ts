import { assertEquals } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { openSqliteStore } from "../../edge/store/sqlite/sqlite.ts";
import type { Store } from "../../edge/store/store.ts";
import { NOON_MS, startApp, type TestApp } from "../support/world/app.ts";
import { setScene } from "../support/world/scene.ts";

const STEP_MS = 30_000;

/**
 * An edge whose every read is answered from the store as it was when this was
 * called, as by a replica that hangs; its transactions are real.
 */
async function staleEdge(app: TestApp) {
  const folder = await Deno.makeTempDir({ prefix: "offcode-stale-" });
  const db = new DatabaseSync(app.path, { readOnly: true });
  db.prepare("VACUUM INTO ?").run(`${folder}/replica.db`);
  db.close();
  const replica: Store = openSqliteStore({
    path: `${folder}/replica.db`,
    clock: app.clock,
  });
  const edge = await startApp({
    path: app.path,
    clock: app.clock,
    wrapStore: (store) => ({
      read: (request) => replica.read(request),
      range: (query) => replica.range(query),
      txn: (transaction) => store.txn(transaction),
      timeMs: () => store.timeMs(),
      close: () => store.close(),
    }),
  });
  return {
    api: edge.api,
    async [Symbol.asyncDispose]() {
      await edge[Symbol.asyncDispose]();
      await replica.close();
      await Deno.remove(folder, { recursive: true });
    },
  };
}

Deno.test("a code counts once though edges read the store as it was before", async () => {
  await using app = await startApp();
  const { merchant, phone, walletKey } = await setScene(app.api);
  await using one = await staleEdge(app);
  await using two = await staleEdge(app);
  const code = phone.code(NOON_MS);
  const answers = await Promise.all(
    Array.from({ length: 60 }, (_, i) => {
      const { api } = [one, two, app][i % 3]!;
      return i % 2 === 0
        ? api.pay(merchant, { code, order_id: `order-${i}` })
        : api.verify(walletKey, code, `ref-${i}`);
    }),
  );
  const accepted = answers.filter(({ status }) => status < 300).length;
  assertEquals(accepted, 1);
  for (const { status, body } of answers) {
    if (status >= 300) {
      assertEquals([status, body.code], [409, "code-replayed"]);
    }
  }
});

Deno.test("an order is paid once though edges read the store as it was before", async () => {
  await using app = await startApp();
  const { merchant, phone } = await setScene(app.api);
  await using one = await staleEdge(app);
  await using two = await staleEdge(app);
  const order = { order_id: "order-1" };
  const codes = [-1, 0, 1].map((drift) =>
    phone.code(NOON_MS + drift * STEP_MS)
  );
  const answers = await Promise.all(
    Array.from(
      { length: 60 },
      (_, i) =>
        [one, two, app][i % 3]!.api.pay(merchant, {
          code: codes[i % codes.length]!,
          ...order,
        }),
    ),
  );
  assertEquals(answers.filter(({ status }) => status === 201).length, 1);
  for (const { status, body } of answers) {
    assertEquals(
      [200, 201, 402].includes(status) ||
        body.code === "store-unavailable",
      true,
      `${status} ${body.code}`,
    );
  }
  assertEquals(await app.api.balance("alice"), 8_750);
});

Deno.test("a revoked seed is dead though edges read the store as it was before", async () => {
  await using app = await startApp();
  const { merchant, phone, walletKey } = await setScene(app.api);
  await using stale = await staleEdge(app);
  await app.api.must(204, "DELETE", `/v1/enrolments/${phone.credentialId}`, {
    key: walletKey,
  });
  const code = phone.code(NOON_MS);
  const paid = await stale.api.pay(merchant, { code, order_id: "1" });
  const verified = await stale.api.verify(walletKey, code, "1");
  // It cannot learn what has changed, so it does not know.
  for (const { status, body } of [paid, verified]) {
    assertEquals([status, body.code], [503, "store-unavailable"]);
  }
  assertEquals(await app.api.balance("alice"), 10_000);
});

Deno.test("a suspension and a block hold though edges read the store as it was before", async () => {
  await using app = await startApp();
  const { api } = app;
  const { merchant, phone, walletKey } = await setScene(api);
  const shop = await api.merchant("Another Shop");
  const bob = await api.enrol(walletKey, "bob", "phone-b");
  await api.setBalance("bob", 10_000);
  await using stale = await staleEdge(app);
  await api.must(200, "PATCH", `/v1/admin/merchants/${shop.id}`, {
    key: api.adminKey,
    body: { status: "suspended" },
  });
  const suspended = await stale.api.pay(shop, {
    code: phone.code(NOON_MS),
    order_id: "1",
  });
  assertEquals([suspended.status, suspended.body.code], [
    503,
    "store-unavailable",
  ]);
  // Blocked on another phone: both the seed and the account are dead.
  await api.enrol(walletKey, "bob", "another-phone", "blocked");
  const blocked = await stale.api.pay(merchant, {
    code: bob.code(NOON_MS),
    order_id: "2",
  });
  assertEquals([blocked.status, blocked.body.code], [
    503,
    "store-unavailable",
  ]);
  assertEquals(await api.balance("alice"), 10_000);
  assertEquals(await api.balance("bob"), 10_000);
});
