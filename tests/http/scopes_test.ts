import { assertEquals } from "@std/assert";
import { CALLS as DOCUMENTED } from "../../edge/http/native/calls.ts";
import { NOON_MS, startApp } from "../support/world/app.ts";
import { setScene } from "../support/world/scene.ts";
import { ReleaseDesk } from "../support/world/release_desk.ts";
import { dumpStore } from "../support/store/dump.ts";

type Scope = "admin" | "wallet" | "merchant" | "release" | "metrics";

/** Every call of the API that needs a key, and whose. */
const CALLS: readonly (readonly [Scope, string, string])[] = [
  ["admin", "POST", "/v1/admin/merchants"],
  ["admin", "GET", "/v1/admin/merchants"],
  ["admin", "GET", "/v1/admin/merchants/mer_0"],
  ["admin", "PATCH", "/v1/admin/merchants/mer_0"],
  ["admin", "POST", "/v1/admin/merchants/mer_0/keys"],
  ["admin", "DELETE", "/v1/admin/merchants/mer_0/keys/key_0"],
  ["admin", "GET", "/v1/admin/wallet-keys"],
  ["admin", "POST", "/v1/admin/wallet-keys"],
  ["admin", "DELETE", "/v1/admin/wallet-keys/key_0"],
  ["admin", "POST", "/v1/admin/release-keys"],
  ["admin", "POST", "/v1/admin/metrics-keys"],
  ["metrics", "GET", "/metrics"],
  ["admin", "PUT", "/v1/admin/sandbox/accounts/alice"],
  ["admin", "GET", "/v1/admin/sandbox/accounts/alice"],
  ["admin", "GET", "/v1/admin/keyring"],
  ["admin", "GET", "/v1/admin/profiles"],
  ["admin", "GET", "/v1/admin/metrics"],
  ["admin", "GET", "/v1/admin/alarms"],
  ["admin", "GET", "/v1/admin/orders?order_id=x"],
  ["admin", "GET", "/v1/admin/due-payments"],
  ["admin", "GET", "/v1/admin/callback-queues"],
  ["admin", "GET", "/v1/admin/callbacks?merchant_id=mer_0"],
  ["admin", "POST", "/v1/admin/callbacks/cb_0/replays"],
  ["wallet", "POST", "/v1/enrolments"],
  ["wallet", "POST", "/v1/enrolments/batch"],
  ["wallet", "GET", "/v1/enrolments/cred_0"],
  ["wallet", "PATCH", "/v1/enrolments/cred_0"],
  ["wallet", "DELETE", "/v1/enrolments/cred_0"],
  ["wallet", "POST", "/v1/enrolments/cred_0/renewals"],
  ["wallet", "PUT", "/v1/enrolments/cred_0/posture"],
  ["wallet", "GET", "/v1/accounts/alice"],
  ["wallet", "PUT", "/v1/accounts/alice/limits"],
  ["wallet", "PUT", "/v1/accounts/alice/status"],
  ["wallet", "DELETE", "/v1/accounts/acc_0"],
  ["wallet", "POST", "/v1/online-codes"],
  ["wallet", "GET", "/v1/confirmations?account_id=x"],
  ["wallet", "POST", "/v1/payments/pay_0/confirmation"],
  ["wallet", "POST", "/v1/verifications"],
  ["release", "POST", "/v1/core-releases"],
  ["release", "GET", "/v1/core-releases"],
  ["release", "GET", "/v1/core-releases/core_0"],
  ["release", "POST", "/v1/core-releases/core_0/shadow"],
  ["release", "POST", "/v1/core-releases/core_0/activate"],
  ["release", "POST", "/v1/core-releases/core_0/retire"],
  ["release", "POST", "/v1/core-releases/rollback"],
  ["merchant", "POST", "/v1/payments"],
  ["merchant", "GET", "/v1/payments?order_id=x"],
  ["merchant", "GET", "/v1/payments/pay_0"],
  ["merchant", "POST", "/v1/reversals"],
  ["merchant", "POST", "/v1/refunds"],
  ["merchant", "GET", "/v1/refunds/ref_0"],
  ["merchant", "GET", "/v1/bills/2026-01-15"],
  ["merchant", "GET", "/v1/totals?from=x"],
  ["merchant", "GET", "/v1/keys"],
  ["merchant", "POST", "/v1/keys"],
  ["merchant", "DELETE", "/v1/keys/key_0"],
  ["merchant", "POST", "/v1/sandbox/codes"],
  ["merchant", "PUT", "/v1/callback-endpoint"],
  ["merchant", "GET", "/v1/callback-endpoint"],
  ["merchant", "DELETE", "/v1/callback-endpoint"],
  ["merchant", "POST", "/v1/callback-endpoint/rotations"],
  ["merchant", "POST", "/v1/callback-endpoint/test"],
  ["merchant", "GET", "/v1/callbacks"],
  ["merchant", "GET", "/v1/callbacks/cb_0"],
  ["merchant", "POST", "/v1/callbacks/cb_0/replays"],
  ["merchant", "POST", "/v1/callback-replays"],
];

Deno.test("the list of calls is whole", () => {
  const listed = CALLS.map(([scope, method, path]) =>
    `${scope} ${method} ${path.replace(/\?.*/, "")}`
      .replace(/(mer|cred|pay|cb|core|ref|acc)_0|alice/, "{id}")
      .replace("key_0", "{key_id}").replace("2026-01-15", "{day}")
  );
  const documented = DOCUMENTED.filter(({ scope }) => scope !== undefined)
    .map(({ scope, method, path }) =>
      `${scope} ${method.toUpperCase()} ${path}`
    );
  assertEquals(listed.sort(), documented.sort());
});

Deno.test("every call takes keys of its own scope and no others", async () => {
  await using app = await startApp();
  const { api } = app;
  const { walletKey, merchant } = await setScene(api);
  const keys = {
    admin: api.adminKey,
    wallet: walletKey,
    merchant: merchant.key,
    release: (await ReleaseDesk.open(api)).key,
  };
  const before = dumpStore(app.path);
  for (const [scope, method, path] of CALLS) {
    const what = `${method} ${path}`;
    // No body has such a member, so that nothing is made or changed.
    const body = method === "GET" || method === "DELETE"
      ? {}
      : { body: { no_such_member: true } };
    const bare = await api.call(method, path, body);
    assertEquals([bare.status, bare.body.code], [401, "not-authenticated"]);
    assertEquals(bare.headers.get("www-authenticate"), "Bearer", what);
    for (const [holder, key] of Object.entries(keys)) {
      // What would change something has no such merchant, phone or endpoint.
      const { status, body: answer } = await api.call(method, path, {
        key,
        ...body,
      });
      if (holder === scope) {
        assertEquals(
          [200, 204, 400, 404, 415, 422].includes(status),
          true,
          what,
        );
      } else {
        assertEquals([status, answer.code], [403, "forbidden"], what);
        assertEquals(answer.retry, "never");
      }
    }
  }
  assertEquals(dumpStore(app.path), before);
});

Deno.test("every key keeps its scope, however often it comes", async () => {
  await using app = await startApp();
  const { api } = app;
  const { walletKey } = await setScene(api);
  const post = async (path: string, key: string) =>
    (await api.call("POST", path, { key, body: {} })).status;
  for (let i = 0; i < 3; i++) {
    assertEquals(await post("/v1/admin/merchants", api.adminKey), 400);
    assertEquals(await post("/v1/verifications", api.adminKey), 403);
    assertEquals(await post("/v1/verifications", walletKey), 400);
    assertEquals(await post("/v1/admin/merchants", walletKey), 403);
  }
});

Deno.test("what is no call is not found, with a key and without", async () => {
  await using app = await startApp();
  const { api } = app;
  const { merchant } = await setScene(api);
  for (
    const path of [
      "/v1/callback-replays/",
      "/v1/callbacks/replays/replays/replays",
      "/v1/callback",
      "/v2/payments",
    ]
  ) {
    for (const key of [undefined, merchant.key]) {
      const { status, body } = await api.call("POST", path, {
        ...(key !== undefined && { key }),
        body: {},
      });
      assertEquals([status, body.code], [404, "not-found"], path);
    }
  }
});

Deno.test("below /v1/admin a key is asked for before anything is said of a path", async () => {
  await using app = await startApp();
  const { api } = app;
  const { merchant } = await setScene(api);
  for (const path of ["/v1/admin", "/v1/admin/nothing", "/v1/admin/keys/a/b"]) {
    for (const method of ["GET", "POST"]) {
      const status = async (key?: string) =>
        (await api.call(method, path, key === undefined ? {} : { key })).status;
      assertEquals(await status(), 401);
      assertEquals(await status(merchant.key), 403);
      assertEquals(await status(api.adminKey), 404);
    }
  }
});

Deno.test("a bearer key has one spelling", async () => {
  await using app = await startApp();
  const { api } = app;
  const { merchant, phone } = await setScene(api);
  const { key } = merchant;
  const call = (authorization: string) =>
    api.call("POST", "/v1/payments", {
      headers: { authorization },
      body: {
        code: phone.code(NOON_MS),
        order_id: "order-1",
        amount_minor: 1250,
        currency: "EUR",
      },
    });
  const wrong = [
    "Bearer",
    "Bearer  ",
    key,
    `Bearer\t${key}`,
    `Bearer ${key} x`,
    `Bearer ${key},Bearer ${key}`,
    `Bearer "${key}"`,
    `Bearer ${key}=`,
    `Bearer ${key.slice(0, -1)}`,
    `Bearer ${key.toLowerCase()}`,
    `Bearer ${key}%00`,
    `Bearer ${key}${"x".repeat(10_000)}`,
    `Bearer ${encodeURIComponent(`${key}:`)}`,
    `Basic ${key}`,
    `Basic ${btoa(`:${key}`)}`,
    `Token ${key}`,
    `Bearer:${key}`,
    "Bearer null",
    "Bearer undefined",
    "Bearer *",
    "Bearer {}",
  ];
  for (const authorization of wrong) {
    const { status, body } = await call(authorization);
    assertEquals([status, body.code], [401, "not-authenticated"]);
    assertEquals(JSON.stringify(body).includes(key.slice(0, 20)), false);
  }
  // Neither is there another place for it.
  for (
    const headers of [
      { "x-api-key": key },
      { cookie: `key=${key}` },
      { "x-authorization": `Bearer ${key}` },
      { "proxy-authorization": `Bearer ${key}` },
    ]
  ) {
    const { status } = await api.call("GET", "/v1/payments?order_id=x", {
      headers,
    });
    assertEquals(status, 401);
  }
  const inQuery = await api.call(
    "GET",
    `/v1/payments?order_id=x&access_token=${key}`,
  );
  assertEquals(inQuery.status, 401);
  assertEquals(await api.balance("alice"), 10_000);
  // RFC 9110 §11.1: the scheme's case does not matter.
  assertEquals((await call(`bearer ${key}`)).status, 201);
});

Deno.test("a key is asked for before a body is read", async () => {
  await using app = await startApp();
  const { api } = app;
  const wallet = await api.walletKey();
  for (const [scope, method, path] of CALLS) {
    if (method === "GET" || method === "DELETE") continue;
    let pulled = 0;
    const body = new ReadableStream({
      pull(controller) {
        pulled++;
        controller.enqueue(new Uint8Array(1024));
      },
    }, { highWaterMark: 0 });
    const response = await api.fetch(
      new Request(`http://edge${path}`, {
        method,
        headers: {
          "content-type": "application/json",
          ...(scope !== "wallet" && { authorization: `Bearer ${wallet}` }),
        },
        body,
      }),
    );
    assertEquals(response.status, scope === "wallet" ? 401 : 403);
    await response.text();
    assertEquals(pulled, 0, path);
  }
});
