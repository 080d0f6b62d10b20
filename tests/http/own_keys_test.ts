import { assertEquals, assertMatch } from "@std/assert";
import type { Answer, TestMerchant } from "../support/world/api.ts";
import { startApp, type TestApp } from "../support/world/app.ts";
import { type Edges, everyStore, startEdges } from "../support/store/stores.ts";
import { setScene } from "../support/world/scene.ts";

const at = (ms: number) => new Date(ms).toISOString();

/** What a merchant does with its own keys, by one of them. */
function keysOf({ api }: Pick<TestApp, "api">, key: string) {
  const call = (method: string, path = "", body?: object): Promise<Answer> =>
    api.call(method, `/v1/keys${path}`, {
      key,
      ...(body !== undefined && { body }),
    });
  return {
    list: () => call("GET"),
    add: (body?: object) => call("POST", "", body),
    end: (keyId: string, query = "") => call("DELETE", `/${keyId}${query}`),
  };
}

/** Whether a key is taken: a query of an order that is not known. */
const works = async ({ api }: Pick<TestApp, "api">, key: string) =>
  (await api.call("GET", "/v1/payments?order_id=x", { key })).status === 404;

for (const [store, factory] of everyStore()) {
  const test = (
    name: string,
    body: (edges: Edges, merchant: TestMerchant) => Promise<void>,
  ) =>
    Deno.test(`${name}, over ${store}`, async () => {
      await using edges = await startEdges(factory, 2);
      await body(edges, await edges.apps[0].api.merchant());
    });

  test(
    "a merchant lists, adds and ends keys of its own",
    async ({ apps, clock }, { key }) => {
      const [first, second] = apps;
      const own = keysOf(first, key);
      const startMs = clock.ms;
      const [{ key_id: firstId }] = (await own.list()).body.keys;
      clock.advance(1);
      const added = await own.add();
      assertEquals(added.status, 201);
      const { key_id, api_key } = added.body;
      assertMatch(key_id, /^key_[0-9a-f]{32}$/);
      assertEquals(await works(second!, api_key), true);
      assertEquals((await own.list()).body.keys, [
        { key_id: firstId, created_at: at(startMs), current: true },
        { key_id, created_at: at(startMs + 1) },
      ]);
      // By the new key the old one is ended, here and at every edge.
      const next = keysOf(second!, api_key);
      for (let i = 0; i < 2; i++) {
        assertEquals((await next.end(firstId)).status, 204);
      }
      clock.advance(5_000);
      assertEquals(await works(first, key), false);
      assertEquals(await works(second!, key), false);
      assertEquals((await next.list()).body.keys, [
        {
          key_id: firstId,
          created_at: at(startMs),
          ends_at: at(startMs + 1),
        },
        { key_id, created_at: at(startMs + 1), current: true },
      ]);
    },
  );

  test(
    "a key that has ended neither sees nor makes keys, however soon",
    async ({ apps, clock }, { key }) => {
      const [first, second] = apps;
      const old = keysOf(first, key);
      const [{ key_id: oldId }] = (await old.list()).body.keys;
      const { body: { key_id, api_key } } = await old.add();
      // The first edge has seen the old key this moment.
      assertEquals(await works(first, key), true);
      assertEquals((await keysOf(second!, api_key).end(oldId)).status, 204);
      for (const call of [old.list(), old.add(), old.end(key_id)]) {
        const { status, body } = await call;
        assertEquals([status, body.code], [401, "not-authenticated"]);
      }
      clock.advance(5_000);
      assertEquals(await works(first, api_key), true);
      const { body } = await keysOf(first, api_key).list();
      assertEquals(body.keys.length, 2);
    },
  );
}

Deno.test("a grace time ends the earlier keys, the asking one too, and only later", async () => {
  await using app = await startApp();
  const { clock } = app;
  const { merchant } = await setScene(app.api);
  const own = keysOf(app, merchant.key);
  const startMs = clock.ms;
  const { body } = await own.add({ grace_seconds: 60 });
  clock.ms = startMs + 59_999;
  assertEquals(await works(app, merchant.key), true);
  clock.advance(1);
  assertEquals(await works(app, merchant.key), false);
  assertEquals(await works(app, body.api_key), true);
});

Deno.test("a grace time that would leave no time for a lost answer is refused", async () => {
  await using app = await startApp();
  const { merchant } = await setScene(app.api);
  const own = keysOf(app, merchant.key);
  for (const grace_seconds of [0, 59, 60.5, 31_536_001, "60"]) {
    const { status, body } = await own.add({ grace_seconds });
    assertEquals([status, body.code], [400, "malformed-request"]);
  }
  assertEquals((await own.list()).body.keys.length, 1);
});

Deno.test("the last key that goes on is not ended by its merchant", async () => {
  await using app = await startApp();
  const { api, clock } = app;
  const { merchant } = await setScene(api);
  const own = keysOf(app, merchant.key);
  const [{ key_id: firstId }] = (await own.list()).body.keys;
  const refuses = async (query: string) => {
    const { status, body } = await own.end(firstId, query);
    assertEquals([status, body.code], [400, "malformed-request"]);
    assertEquals(
      body.detail,
      "No other key of the merchant goes on. Nothing was changed; make one first.",
    );
  };
  await refuses("");
  await refuses("?grace_seconds=3600");
  // Nor where the other one has an end, though it still works.
  const { body } = await own.add();
  assertEquals(
    (await own.end(body.key_id, "?grace_seconds=3600")).status,
    204,
  );
  await refuses("");
  assertEquals((await own.end(body.key_id)).status, 204);
  clock.advance(5_000);
  assertEquals(await works(app, merchant.key), true);
  // An administrator may end it, as ever.
  const path = `/v1/admin/merchants/${merchant.id}/keys/${firstId}`;
  await api.must(204, "DELETE", path, { key: api.adminKey });
  assertEquals((await own.add()).status, 401);
});

Deno.test("a merchant has no keys but its own, and 20 at most", async () => {
  await using app = await startApp();
  const { merchant } = await setScene(app.api);
  const other = await app.api.merchant("Another Shop");
  const own = keysOf(app, merchant.key);
  const [theirs] = (await keysOf(app, other.key).list()).body.keys;
  for (const keyId of [theirs.key_id, "key_0", "nothing"]) {
    assertEquals((await own.end(keyId)).status, 404);
  }
  assertEquals(await works(app, other.key), true);
  for (let i = 1; i < 20; i++) assertEquals((await own.add()).status, 201);
  const { status, body } = await own.add();
  assertEquals([status, body.code], [400, "malformed-request"]);
});

Deno.test("a suspended merchant can exchange its keys", async () => {
  await using app = await startApp();
  const { api } = app;
  const { merchant } = await setScene(api);
  await api.must(200, "PATCH", `/v1/admin/merchants/${merchant.id}`, {
    key: api.adminKey,
    body: { status: "suspended" },
  });
  const { status, body } = await keysOf(app, merchant.key).add();
  assertEquals(status, 201);
  assertEquals(await works(app, body.api_key), true);
});

Deno.test("of two keys that end each other at once, one goes on", async () => {
  for (let round = 0; round < 10; round++) {
    await using app = await startApp();
    const { merchant } = await setScene(app.api);
    const own = keysOf(app, merchant.key);
    const { body } = await own.add();
    const [first] = (await own.list()).body.keys;
    const ends = await Promise.all([
      own.end(body.key_id),
      keysOf(app, body.api_key).end(first.key_id),
    ]);
    app.clock.advance(5_000);
    const live = [
      await works(app, merchant.key),
      await works(app, body.api_key),
    ];
    assertEquals(live.filter((it) => it).length, 1);
    assertEquals(ends.filter(({ status }) => status === 204).length, 1);
  }
});
