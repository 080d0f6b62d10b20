import { assertEquals, assertMatch } from "@std/assert";
import { keyHolders } from "../support/world/privacy/key_holders.ts";
import { setScene } from "../support/world/scene.ts";
import { type Edges, everyStore, startEdges } from "../support/store/stores.ts";

const KEY_ID = /^key_[0-9a-f]{32}$/;
const at = (ms: number) => new Date(ms).toISOString();

for (const [store, factory] of everyStore()) {
  const test = (name: string, body: (edges: Edges) => Promise<void>) =>
    Deno.test(`${name}, over ${store}`, async () => {
      await using edges = await startEdges(factory, 2);
      await body(edges);
    });

  test("keys of every scope are listed by ids that tell nothing of them", async ({ apps, clock }) => {
    for (const holder of await keyHolders(apps[0])) {
      const first = await holder.make();
      const second = await holder.make();
      const listed = await holder.list();
      const named = holder.name === "wallet"
        ? { name: "wallet", scope: "wallet" }
        : {};
      assertEquals(listed, [
        { key_id: first.key_id, ...named, created_at: at(clock.ms - 1) },
        { key_id: second.key_id, ...named, created_at: at(clock.ms) },
      ], holder.name);
      for (const { key_id, api_key } of [first, second]) {
        assertMatch(key_id, KEY_ID);
        assertEquals(api_key.includes(key_id.slice(4)), false);
        // Both work: to make a key ends none.
        assertEquals(await holder.status(api_key), 404);
      }
    }
  });

  test("a key that is ended is refused by every edge within five seconds", async ({ apps, clock }) => {
    const [first, second] = apps;
    for (const holder of await keyHolders(first)) {
      const { key_id, api_key } = await holder.make();
      const other = await holder.make();
      const statuses = async (key: string) => [
        await holder.status(key),
        await holder.status(key, second!.api),
      ];
      assertEquals(await statuses(api_key), [404, 404]);
      for (let i = 0; i < 2; i++) {
        assertEquals((await holder.end(key_id)).status, 204, holder.name);
      }
      clock.advance(5_000);
      assertEquals(await statuses(api_key), [401, 401], holder.name);
      assertEquals(await statuses(other.api_key), [404, 404]);
      const [ended, live] = await holder.list();
      assertEquals(ended!.ends_at, at(clock.ms - 5_000));
      assertEquals(live!.ends_at, undefined);
    }
  });

  test("a grace time holds to the millisecond and can only be shortened", async ({ apps, clock }) => {
    for (const holder of await keyHolders(apps[0])) {
      const { key_id, api_key } = await holder.make();
      const endsAt = async () => (await holder.list())[0]!.ends_at;
      const madeMs = clock.ms;
      const end = async (query: string, expected: number) => {
        assertEquals((await holder.end(key_id, query)).status, 204);
        assertEquals(await endsAt(), at(expected), holder.name);
      };
      await end("?grace_seconds=3600", madeMs + 3_600_000);
      clock.advance(1_000);
      // The reply was lost: the same call again puts nothing off.
      await end("?grace_seconds=3600", madeMs + 3_600_000);
      await end("?grace_seconds=60", madeMs + 61_000);
      assertEquals(await holder.status(api_key), 404);
      clock.ms = madeMs + 60_999;
      // It is cached now, and ends in time all the same.
      assertEquals(await holder.status(api_key), 404);
      clock.advance(1);
      assertEquals(await holder.status(api_key), 401);
      await end("", madeMs + 61_000);
    }
  });

  test("a merchant's new key ends the earlier ones after its grace time", async ({ apps, clock }) => {
    const { api } = apps[0];
    const [holder] = await keyHolders(apps[0]);
    const add = async (grace_seconds: number) =>
      await api.must(201, "POST", holder.keysPath, {
        key: api.adminKey,
        body: { grace_seconds },
      });
    const { api_key } = await holder.make();
    const startMs = clock.ms;
    clock.advance(1);
    const lost = await add(3_600);
    clock.advance(1);
    // The first reply was lost: what it promised to the earlier key is kept.
    const got = await add(7_200);
    const ends = async () =>
      (await holder.list()).map(({ ends_at }) => ends_at);
    assertEquals(await ends(), [
      at(startMs + 3_600_001),
      at(startMs + 7_200_002),
      undefined,
    ]);
    const statuses = () =>
      Promise.all(
        [api_key, lost.api_key, got.api_key].map((key) => holder.status(key)),
      );
    clock.ms = startMs + 3_600_000;
    assertEquals(await statuses(), [404, 404, 404]);
    clock.advance(1);
    assertEquals(await statuses(), [401, 404, 404]);
    const last = await add(0);
    clock.advance(5_000);
    assertEquals(await statuses(), [401, 401, 401]);
    assertEquals(await holder.status(last.api_key), 404);
  });

  test("an ended key pays nothing and learns nothing from that moment on", async ({ apps, clock }) => {
    const [first, second] = apps;
    const { api } = first;
    const { merchant, phone, walletKey } = await setScene(api);
    const path = `/v1/admin/merchants/${merchant.id}`;
    const { keys: [{ key_id }] } = await api.must(200, "GET", path, {
      key: api.adminKey,
    });
    const pay = (by: typeof api, key: string, order_id: string) =>
      by.pay({ id: merchant.id, key }, {
        code: phone.code(clock.ms),
        order_id,
      });
    const other = await api.must(201, "POST", `${path}/keys`, {
      key: api.adminKey,
    });
    assertEquals((await pay(second!.api, merchant.key, "1")).status, 201);
    clock.advance(30_000);
    const { key } = merchant;
    const call = async (method: string, path: string, body?: unknown) =>
      (await second!.api.call(method, path, { key, body })).status;
    // The other edge has read the key a moment ago.
    assertEquals(await call("GET", "/v1/payments?order_id=1"), 200);
    await api.must(204, "DELETE", `${path}/keys/${key_id}`, {
      key: api.adminKey,
    });
    const [from, to] = [at(clock.ms - 60_000), at(clock.ms)];
    for (
      const path of [
        ...["payments?order_id=1", "payments", "refunds/refund-1"],
        ...[`bills/${from.slice(0, 10)}`, `totals?from=${from}&to=${to}`],
      ]
    ) assertEquals(await call("GET", `/v1/${path}`), 401, path);
    // Whether its code is good or not, it learns nothing of its order.
    for (const code of ["smudged", phone.code(clock.ms)]) {
      const again = await second!.api.pay(merchant, { code, order_id: "1" });
      assertEquals(again.status, 401, code);
    }
    const refund = { order_id: "1", refund_id: "refund-1", amount_minor: 1 };
    assertEquals(await call("POST", "/v1/refunds", refund), 401);
    const refused = await pay(second!.api, merchant.key, "2");
    assertEquals([refused.status, refused.body.code], [
      401,
      "not-authenticated",
    ]);
    assertEquals((await pay(second!.api, other.api_key, "2")).status, 201);
    assertEquals(await api.balance("alice"), 7_500);
    assertEquals(
      (await api.call("GET", `/v1/enrolments/${phone.credentialId}`, {
        key: walletKey,
      })).status,
      200,
    );
  });

  test("an ended key gives nothing back from that moment on", async ({ apps, clock }) => {
    const [{ api }, second] = apps;
    const { merchant, phone } = await setScene(api);
    const path = `/v1/admin/merchants/${merchant.id}/keys`;
    const code = phone.code(clock.ms);
    await api.pay(merchant, { code, order_id: "1" });
    const calls = [
      ["GET", "/v1/keys"],
      ["POST", "/v1/reversals", { order_id: "1" }],
      ["POST", "/v1/refunds", {
        order_id: "1",
        refund_id: "refund-1",
        amount_minor: 500,
      }],
    ] as const;
    for (const [method, name, body] of calls) {
      const made = await api.must(201, "POST", path, { key: api.adminKey });
      const key: string = made.api_key;
      // The other edge has read the key a moment ago.
      await second!.api.must(200, "GET", "/v1/payments?order_id=1", { key });
      await api.must(204, "DELETE", `${path}/${made.key_id}`, {
        key: api.adminKey,
      });
      const { status } = await second!.api.call(method, name, { key, body });
      assertEquals([name, status], [name, 401]);
    }
    assertEquals(await api.balance("alice"), 8_750);
  });

  test("keys are ended by their own holder's path and by no other", async ({ apps }) => {
    const { api } = apps[0];
    const [merchants, wallets] = await keyHolders(apps[0]);
    const elsewhere = await api.merchant("Elsewhere");
    const own = await merchants.make();
    const wallet = await wallets.make();
    const not = [
      `${wallets.keysPath}/${own.key_id}`,
      `${merchants.keysPath}/${wallet.key_id}`,
      `/v1/admin/merchants/${elsewhere.id}/keys/${own.key_id}`,
      `/v1/admin/merchants/mer_0/keys/${own.key_id}`,
      `${merchants.keysPath}/key_${"0".repeat(32)}`,
      `${merchants.keysPath}/key_`,
      `${merchants.keysPath}/%00`,
      `${wallets.keysPath}/${encodeURIComponent(`${wallet.key_id}:`)}`,
      `${wallets.keysPath}/*`,
    ];
    for (const path of not) {
      const { status, body } = await api.call("DELETE", path, {
        key: api.adminKey,
      });
      assertEquals([status, body.code], [404, "not-found"], path);
    }
    for (
      const [holder, key] of [[merchants, own], [wallets, wallet]] as const
    ) {
      const listed = await holder.list();
      assertEquals(listed.map(({ ends_at }) => ends_at), [undefined]);
      assertEquals(await holder.status(key.api_key), 404);
    }
  });

  test("merchants are listed once each, whatever comes between two pages", async ({ apps, clock }) => {
    const { api, useCases } = apps[0];
    const page = async (cursor?: string) =>
      await api.must(
        200,
        "GET",
        "/v1/admin/merchants" +
          (cursor === undefined ? "" : `?cursor=${encodeURIComponent(cursor)}`),
        { key: api.adminKey },
      );
    assertEquals(await page(), { merchants: [] });
    const ids: string[] = [];
    // Many are made within one millisecond.
    for (let i = 0; i < 200; i++) {
      if (i % 90 === 0) clock.advance(1);
      const made = await useCases.merchants.create({ name: `Shop ${i}` });
      if ("record" in made) ids.push(made.record.merchant_id);
    }
    const one = await page();
    assertEquals(one.merchants.length, 100);
    clock.advance(1);
    const late = await api.merchant("Late");
    await api.must(200, "PATCH", `/v1/admin/merchants/${ids[0]}`, {
      key: api.adminKey,
      body: { status: "suspended" },
    });
    const two = await page(one.cursor);
    const three = await page(two.cursor);
    assertEquals(three, {
      merchants: [{
        merchant_id: late.id,
        name: "Late",
        status: "active",
        created_at: at(clock.ms),
      }],
    });
    const listed = [...one.merchants, ...two.merchants]
      .map(({ merchant_id }) => merchant_id);
    assertEquals(listed.toSorted(), ids.toSorted());
    assertEquals(await page(one.cursor), two);
    // A page that is just full is the last one where nothing follows it.
    assertEquals(Object.keys(three), ["merchants"]);
  });

  test("keys that are made at once all work, or the last one does", async ({ apps, clock }) => {
    const { api } = apps[0];
    const [holder] = await keyHolders(apps[0]);
    const five = (body: object) =>
      Promise.all(
        Array.from({ length: 5 }, (_, i) =>
          apps[i % 2]!.api.must(201, "POST", holder.keysPath, {
            key: api.adminKey,
            body,
          })),
      );
    const live = async (made: { api_key: string }[]) => {
      clock.advance(5_000);
      const all = await Promise.all(
        made.map(({ api_key }) => holder.status(api_key)),
      );
      return all.filter((status) => status === 404).length;
    };
    const going = await five({});
    assertEquals(await live(going), 5);
    const replaced = await five({ grace_seconds: 0 });
    assertEquals([await live(going), await live(replaced)], [0, 1]);
  });
}
