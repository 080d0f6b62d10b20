import { assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { decodeBase64 } from "@std/encoding/base64";
import { changeMerchant } from "../../edge/http/native/admin/merchants/change.ts";
import { NOON_MS, startApp, type TestApp } from "../support/world/app.ts";
import { setScene } from "../support/world/scene.ts";
import { dumpStore } from "../support/store/dump.ts";

const STEP_MS = 30_000;
const API_KEY = /^ock_test_[\w-]{43}$/;

Deno.test("POST /v1/admin/merchants makes a merchant with its first key", async () => {
  await using app = await startApp();
  const { api } = app;
  const { status, body } = await api.call("POST", "/v1/admin/merchants", {
    key: api.adminKey,
    body: { name: "街角商店 & Café" },
  });
  const { merchant_id, api_key, ...rest } = body;
  assertEquals(status, 201);
  assertMatch(merchant_id, /^mer_[0-9a-f]{32}$/);
  assertMatch(api_key, API_KEY);
  assertEquals(rest, { name: "街角商店 & Café", status: "active" });
});

Deno.test("POST /v1/admin/merchants makes a callback secret where there is a URL", async () => {
  await using app = await startApp();
  const { api } = app;
  const secrets = new Set<string>();
  for (let i = 0; i < 2; i++) {
    const made = await api.must(201, "POST", "/v1/admin/merchants", {
      key: api.adminKey,
      body: { name: "Shop", callback_url: "https://shop.example/offcode" },
    });
    assertEquals(Object.keys(made).sort(), [
      "api_key",
      "callback_secret",
      "merchant_id",
      "name",
      "status",
    ]);
    assertMatch(made.callback_secret, /^whsec_/);
    const secret = decodeBase64(made.callback_secret.slice("whsec_".length));
    assertEquals(secret.length, 32);
    secrets.add(made.callback_secret);
  }
  assertEquals(secrets.size, 2);
  // It is shown this once; what is stored is sealed.
  const dump = dumpStore(app.path).join("\n");
  for (const secret of secrets) {
    assertEquals(dump.includes(secret.slice("whsec_".length)), false);
  }
});

Deno.test("API keys stand in the store as hashes only", async () => {
  await using app = await startApp();
  const { api } = app;
  const merchant = await api.merchant();
  const wallet = await api.walletKey();
  const dump = dumpStore(app.path).join("\n");
  for (const key of [merchant.key, wallet, api.adminKey]) {
    assertEquals(dump.includes(key), false);
    assertEquals(dump.includes(key.slice(4)), false);
  }
});

Deno.test("PATCH /v1/admin/merchants/:id suspends and reactivates", async () => {
  await using app = await startApp();
  const { api, clock } = app;
  const { merchant, phone } = await setScene(api);
  const path = `/v1/admin/merchants/${merchant.id}`;
  const set = (status: string) =>
    api.call("PATCH", path, { key: api.adminKey, body: { status } });
  const suspended = await set("suspended");
  const { bad_codes: _, guess_odds: __, ...view } = suspended.body;
  assertEquals([suspended.status, view], [200, {
    merchant_id: merchant.id,
    name: "Corner Shop",
    status: "suspended",
  }]);
  assertEquals((await set("suspended")).status, 200);
  const code = phone.code(NOON_MS);
  const refused = await api.pay(merchant, { code, order_id: "order-1" });
  assertEquals([refused.status, refused.body.code], [
    403,
    "merchant-suspended",
  ]);
  assertEquals((await set("active")).body.status, "active");
  clock.advance(5_000);
  const paid = await api.pay(merchant, { code, order_id: "order-1" });
  assertEquals(paid.status, 201);
});

/** Changes a merchant; the answer must be as the API's document says. */
async function change(api: TestApp["api"], path: string, body: unknown) {
  const answer = await api.must(200, "PATCH", path, {
    key: api.adminKey,
    body,
  });
  return changeMerchant.answers[200].schema.parse(answer);
}

Deno.test("PATCH /v1/admin/merchants/:id sets bad codes and shows the odds of as many guesses", async () => {
  await using app = await startApp({
    settings: {
      badCodes: { perTerminalMinute: 2, perMinute: 4, perDay: 10_000 },
    },
  });
  const { api, clock } = app;
  const { merchant } = await setScene(api);
  const path = `/v1/admin/merchants/${merchant.id}`;
  const standard = await change(api, path, { status: "active" });
  assertEquals(standard.bad_codes, {
    per_terminal_minute: 2,
    per_minute: 4,
    per_day: 10_000,
  });
  // N · W / 10^(b + t), and a day has no more than its minutes allow.
  assertEquals(standard.guess_odds!.customers, 1);
  const found = await api.must(200, "GET", path, { key: api.adminKey });
  assertEquals(
    [found.bad_codes, found.guess_odds],
    [standard.bad_codes, standard.guess_odds],
  );
  assertEquals(standard.guess_odds!.per_guess, 3e-15);
  assertEquals(standard.guess_odds!.per_day.toPrecision(9), "1.72800000e-11");

  const wider = await change(api, path, {
    bad_codes: { per_minute: 6, per_day: 20 },
  });
  assertEquals(wider.bad_codes, {
    per_terminal_minute: 2,
    per_minute: 6,
    per_day: 20,
  });
  assertEquals(wider.guess_odds!.per_day.toPrecision(9), "6.00000000e-14");
  const own = await change(api, path, {
    bad_codes: { per_terminal_minute: 5 },
  });
  assertEquals(own.bad_codes, {
    per_terminal_minute: 5,
    per_minute: 6,
    per_day: 20,
  });
  // It holds for the next codes: five of the till, one of another.
  clock.advance(5_000);
  const said: string[] = [];
  for (const [i, terminal_id] of [..."1111112222"].entries()) {
    const { body } = await api.pay(merchant, {
      code: `9010042${`${i}`.padStart(11, "0")}`,
      order_id: `${i}`,
      terminal_id,
    });
    said.push(body.code);
  }
  const [no, later] = ["code-not-accepted", "too-many-attempts"];
  assertEquals(said, [no, no, no, no, no, later, no, later, later, later]);

  for (
    const body of [
      {},
      { bad_codes: { per_minute: 0 } },
      { bad_codes: { per_day: 1.5 } },
      { bad_codes: { per_terminal_minute: 10_000_001 } },
      { bad_codes: { per_hour: 1 } },
      { bad_codes: 5 },
    ]
  ) {
    const { status, body: problem } = await api.call("PATCH", path, {
      key: api.adminKey,
      body,
    });
    assertEquals([status, problem.code], [400, "malformed-request"]);
  }
});

Deno.test("PATCH /v1/admin/merchants/:id counts the customers that have a live seed", async () => {
  await using app = await startApp();
  const { api, clock } = app;
  const { merchant, phone, walletKey } = await setScene(api);
  const path = `/v1/admin/merchants/${merchant.id}`;
  const count = async () =>
    (await change(api, path, { status: "active" })).guess_odds!.customers;
  assertEquals(await count(), 1);
  const bob = await api.enrol(walletKey, "bob", "phone-b");
  assertEquals(await count(), 2);
  await api.enrol(walletKey, "bob", "another-phone");
  await api.enrol(walletKey, "carol", phone.deviceId);
  assertEquals(await count(), 2);
  const bobs = `/v1/enrolments/${bob.credentialId}`;
  for (let i = 0; i < 2; i++) {
    // Replaced before, so nothing more ends.
    await api.must(204, "DELETE", bobs, { key: walletKey });
  }
  assertEquals(await count(), 2);
  const dora = await api.enrol(walletKey, "dora", "phone-d");
  assertEquals(await count(), 3);
  for (let i = 0; i < 2; i++) {
    await api.must(204, "DELETE", `/v1/enrolments/${dora.credentialId}`, {
      key: walletKey,
    });
  }
  assertEquals(await count(), 2);
  clock.advance(31 * 86_400_000);
  assertEquals(await count(), 0);
});

Deno.test("POST /v1/admin/wallet-keys makes keys that work side by side", async () => {
  await using app = await startApp();
  const { api } = app;
  const keys: string[] = [];
  for (const name of ["wallet", "wallet", "another"]) {
    const { status, body } = await api.call("POST", "/v1/admin/wallet-keys", {
      key: api.adminKey,
      body: { name },
    });
    assertEquals([status, Object.keys(body)], [201, ["key_id", "api_key"]]);
    assertMatch(body.api_key, API_KEY);
    keys.push(body.api_key);
  }
  const [first, second, other] = keys as [string, string, string];
  const phone = await api.enrol(first, "alice", "phone-a");
  const code = phone.code(NOON_MS);
  const result = await api.verify(first, code, "ref");
  const repeated = await api.verify(second, code, "ref");
  assertEquals(repeated.body, result.body);
  const elsewhere = await api.verify(other, code, "ref");
  assertEquals(elsewhere.body.code, "code-replayed");
});

Deno.test("a wallet key of any name that is allowed can verify", async () => {
  await using app = await startApp();
  const { api } = app;
  const names = ["钱".repeat(100), "𝟘".repeat(100), "%".repeat(100), ":{}*"];
  for (const [i, name] of names.entries()) {
    const key = await api.walletKey(name);
    const phone = await api.enrol(key, `account-${i}`, `phone-${i}`);
    const reference = "%".repeat(64);
    const verified = await api.verify(key, phone.code(NOON_MS), reference);
    assertEquals([verified.status, verified.body.reference], [200, reference]);
  }
});

Deno.test("the sandbox keeps accounts, and one never set has 0", async () => {
  await using app = await startApp();
  const { api } = app;
  const path = (id: string) =>
    `/v1/admin/sandbox/accounts/${encodeURIComponent(id)}`;
  const key = api.adminKey;
  assertEquals(await api.must(200, "GET", path("nobody"), { key }), {
    account_id: "nobody",
    balance_minor: 0,
  });
  const set = await api.call("PUT", path("alice"), {
    key,
    body: { balance_minor: 500, currency: "CNY" },
  });
  const account = {
    account_id: "alice",
    balance_minor: 500,
    currency: "CNY",
  };
  assertEquals([set.status, set.body], [200, account]);
  assertEquals(await api.must(200, "GET", path("alice"), { key }), account);
  // Names that would reach into others, were they pasted together.
  const names = ["alice:x", "alice*", "{0}", "*", "%", "a/b", "%3A"];
  for (const [i, name] of names.entries()) {
    await api.must(200, "PUT", path(name), {
      key,
      body: { balance_minor: i + 1, currency: "EUR" },
    });
  }
  for (const [i, name] of names.entries()) {
    const found = await api.must(200, "GET", path(name), { key });
    assertEquals([found.account_id, found.balance_minor], [name, i + 1]);
  }
  assertEquals(await api.must(200, "GET", path("alice"), { key }), account);
});

Deno.test("a merchant's new key works where the old one is cached", async () => {
  await using app = await startApp();
  const { api } = app;
  const { merchant, phone } = await setScene(api);
  const first = await api.pay(merchant, {
    code: phone.code(NOON_MS),
    order_id: "order-1",
  });
  const { api_key } = await api.must(
    201,
    "POST",
    `/v1/admin/merchants/${merchant.id}/keys`,
    { key: api.adminKey },
  );
  for (const key of [merchant.key, api_key]) {
    const again = await api.pay({ id: merchant.id, key }, {
      code: "smudged",
      order_id: "order-1",
    });
    assertEquals([again.status, again.body.payment_id], [
      200,
      first.body.payment_id,
    ]);
  }
  const second = await api.pay({ id: merchant.id, key: api_key }, {
    code: phone.code(NOON_MS + STEP_MS),
    order_id: "order-2",
  });
  assertEquals(second.status, 201);
  assertNotEquals(second.body.payment_id, first.body.payment_id);
});
