import { assertEquals } from "@std/assert";
import { startApp } from "../support/world/app.ts";
import { setScene } from "../support/world/scene.ts";
import { keyHolders } from "../support/world/privacy/key_holders.ts";
import { dumpStore } from "../support/store/dump.ts";

Deno.test("what is no grace time ends no key", async () => {
  await using app = await startApp();
  for (const holder of await keyHolders(app)) {
    const { key_id } = await holder.make();
    const before = dumpStore(app.path);
    for (
      const query of [
        "grace_seconds=",
        "grace_seconds=-1",
        "grace_seconds=1.5",
        "grace_seconds=1e3",
        "grace_seconds=0x10",
        "grace_seconds=31536001",
        "grace_seconds=99999999999999999999",
        "grace_seconds=%31%20",
        "grace_seconds=1&grace_seconds=2",
        "grace=1",
      ]
    ) {
      const { status, body } = await holder.end(key_id, `?${query}`);
      assertEquals([status, body.code], [400, "malformed-request"], query);
    }
    assertEquals(dumpStore(app.path), before);
    const longest = await holder.end(key_id, "?grace_seconds=31536000");
    assertEquals(longest.status, 204);
  }
});

Deno.test("POST /v1/admin/merchants/:id/keys makes a key of a whole grace time only", async () => {
  await using app = await startApp();
  const { api } = app;
  const [holder] = await keyHolders(app);
  await holder.make();
  const before = dumpStore(app.path);
  for (
    const body of [
      "{",
      "[]",
      "null",
      '{"grace_seconds":-1}',
      '{"grace_seconds":1.5}',
      '{"grace_seconds":"1"}',
      '{"grace_seconds":31536001}',
      '{"grace_second":1}',
      '{"grace_seconds":1,"grace_seconds":2}',
    ]
  ) {
    const { status, body: answer } = await api.call("POST", holder.keysPath, {
      key: api.adminKey,
      body,
    });
    assertEquals([status, answer.code], [400, "malformed-request"], body);
  }
  const untyped = await api.call("POST", holder.keysPath, {
    key: api.adminKey,
    body: '{"grace_seconds":0}',
    headers: { "content-type": "text/plain" },
  });
  assertEquals([untyped.status, untyped.body.code], [
    415,
    "malformed-request",
  ]);
  const nobody = await api.call("POST", "/v1/admin/merchants/mer_0/keys", {
    key: api.adminKey,
  });
  assertEquals([nobody.status, nobody.body.code], [404, "not-found"]);
  assertEquals(dumpStore(app.path), before);
  // No body, and one of no bytes.
  await holder.make();
  await api.must(201, "POST", holder.keysPath, { key: api.adminKey, body: "" });
});

Deno.test("GET /v1/admin/merchants refuses what is no cursor of its own", async () => {
  await using app = await startApp();
  const { api } = app;
  const text = (parts: unknown) =>
    btoa(JSON.stringify(parts)).replaceAll("=", "");
  for (
    const cursor of [
      "",
      "x",
      "%00",
      text(1),
      text([]),
      text([1]),
      text([-1, `mer_${"0".repeat(32)}`]),
      text([1.5, `mer_${"0".repeat(32)}`]),
      text([1, "mer_0"]),
      text(["0", 1, `cb_${"0".repeat(32)}`]),
      "a".repeat(201),
    ]
  ) {
    const { status, body } = await api.call(
      "GET",
      `/v1/admin/merchants?cursor=${cursor}`,
      { key: api.adminKey },
    );
    assertEquals([status, body.code], [400, "malformed-request"], cursor);
  }
  for (const id of ["mer_0", `mer_${"0".repeat(32)}`, "%2e%2e", "*"]) {
    const { status, body } = await api.call(
      "GET",
      `/v1/admin/merchants/${id}`,
      { key: api.adminKey },
    );
    assertEquals([status, body.code], [404, "not-found"], id);
  }
});

Deno.test("twenty keys of a merchant work at a time, and ended ones do not count", async () => {
  await using app = await startApp();
  const { api } = app;
  const [holder] = await keyHolders(app);
  const made = [];
  for (let i = 0; i < 20; i++) made.push(await holder.make());
  const add = (body?: object) =>
    api.call("POST", holder.keysPath, {
      key: api.adminKey,
      ...(body !== undefined && { body }),
    });
  const before = dumpStore(app.path);
  const refused = await add();
  assertEquals([refused.status, refused.body.code, refused.body.detail], [
    400,
    "malformed-request",
    "20 keys of the merchant work, which is the most. Nothing was changed; end one first.",
  ]);
  assertEquals(dumpStore(app.path), before);
  assertEquals((await holder.end(made[7]!.key_id)).status, 204);
  assertEquals((await add()).status, 201);
  // The record that every payment checks holds the keys that work alone.
  const row = dumpStore(app.path).find((row) => row.includes(":merchant:mer_"));
  assertEquals(row!.match(/key_[0-9a-f]{32}/g)!.length, 20);
  // Ended keys are listed; no list holds a key or the hash of one.
  const listed = JSON.stringify(await holder.list());
  assertEquals((await holder.list()).length, 21);
  for (const { api_key } of made) {
    assertEquals(listed.includes(api_key.slice(4, 20)), false);
  }
  assertEquals(/[0-9a-f]{33}/.test(listed), false);
});

Deno.test("the record of an ended key goes after 400 days, and its entry with the next key", async () => {
  await using app = await startApp();
  const { clock } = app;
  for (const holder of await keyHolders(app)) {
    const { key_id } = await holder.make();
    await holder.end(key_id, "?grace_seconds=60");
    const listed = async () =>
      (await holder.list()).some((key) => key.key_id === key_id);
    const entries = () =>
      dumpStore(app.path).filter((row) => row.includes(`${key_id}:`)).length;
    clock.advance(60_000 + 400 * 86_400_000 - 1);
    assertEquals(await listed(), true, holder.name);
    clock.advance(1);
    assertEquals([await listed(), entries()], [false, 1]);
    assertEquals((await holder.end(key_id)).status, 404);
    await holder.make();
    assertEquals(entries(), 0);
    clock.advance(-60_000 - 400 * 86_400_000);
  }
});

Deno.test("a key that ends while its payment is searched pays nothing", async () => {
  let atLease = () => {};
  await using app = await startApp({
    wrapStore: (store) => ({
      read: (request) => store.read(request),
      range: (query) => store.range(query),
      async txn(transaction) {
        const result = await store.txn(transaction);
        atLease();
        return result;
      },
      timeMs: () => store.timeMs(),
      close: () => store.close(),
    }),
  });
  const { api, clock } = app;
  const { merchant, phone } = await setScene(api);
  const path = `/v1/admin/merchants/${merchant.id}`;
  await api.must(201, "POST", `${path}/keys`, {
    key: api.adminKey,
    body: { grace_seconds: 60 },
  });
  clock.advance(59_999);
  // The first transaction of a payment leases what its search may cost.
  atLease = () => clock.advance(1);
  const { status, body } = await api.pay(merchant, {
    code: phone.code(clock.ms),
    order_id: "order-1",
  });
  assertEquals([status, body.code], [401, "not-authenticated"]);
  assertEquals(await api.balance("alice"), 10_000);
});
