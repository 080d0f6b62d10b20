/**
 * The backend of the wallet page, without the page.
 */
import { assertEquals } from "@std/assert";
import { CALLS } from "../../edge/http/native/calls.ts";
import { WALLET_PAGE_CALLS } from "../../edge/http/native/wallet_page/calls.ts";
import { DEFAULT_SETTINGS } from "../../edge/boot/settings.ts";
import { phoneOf } from "../support/world/api.ts";
import { NOON_MS, startApp, UNLIMITED } from "../support/world/app.ts";
import { setScene } from "../support/world/scene.ts";
import { makeDevice } from "../support/world/wallet.ts";

const DAY_MS = 86_400_000;

async function openEdge(limits = DEFAULT_SETTINGS.limits) {
  const app = await startApp({
    hasPages: true,
    settings: { ...UNLIMITED, limits, hasTestCodes: true },
  });
  const { api } = app;
  async function enrol(accountId = "wallet-anna", deviceId = "phone-1") {
    const device = await makeDevice();
    const answer = await api.call("POST", "/wallet/api/enrolments", {
      body: {
        ...{ account_id: accountId, device_id: deviceId },
        device_key: device.publicJwk,
      },
    });
    return { device, ...answer };
  }
  return {
    ...{ app, api, enrol },
    [Symbol.asyncDispose]: () => app[Symbol.asyncDispose](),
  };
}

Deno.test("the calls of the wallet page are no part of the API", () => {
  const ids = new Set(CALLS.map(({ id }) => id));
  for (const { id, path, scope } of WALLET_PAGE_CALLS) {
    assertEquals([ids.has(id), scope], [false, undefined]);
    assertEquals(path.startsWith("/wallet/api"), true);
  }
});

Deno.test("without development keys the wallet page has no backend", async () => {
  await using app = await startApp({ hasPages: true });
  for (const { method, path } of WALLET_PAGE_CALLS) {
    const { status } = await app.api.call(method.toUpperCase(), path);
    assertEquals(status, 404, path);
  }
});

Deno.test("a ready customer is enrolled, seen, renewed and ended", async () => {
  await using edge = await openEdge();
  const { app, api, enrol } = edge;
  const start = await api.must(200, "GET", "/wallet/api");
  assertEquals(start.customers.length, 3);
  assertEquals([start.release_keys, start.release_threshold], [[], 1]);
  const { device, status, body } = await enrol();
  assertEquals(status, 201);
  const path = `/wallet/api/enrolments/${body.credential_id}`;
  const state = await api.must(200, "GET", path);
  assertEquals(state, {
    ...{ credential_id: body.credential_id, account_id: "wallet-anna" },
    ...{ status: "active", risk: "normal", reason: "none" },
    expires_at: body.expires_at,
    now: new Date(NOON_MS).toISOString(),
    offline_codes: "on",
    offline_until: new Date(NOON_MS + 14 * DAY_MS).toISOString(),
    ...{ balance_minor: 200_000, currency: "EUR" },
    ...{ per_payment_minor: 500_000, limit_currency: "EUR" },
    waiting: [],
  });
  // A report counts as seen online; looking does not.
  app.clock.advance(DAY_MS);
  assertEquals(
    (await api.must(200, "GET", path)).offline_until,
    state.offline_until,
  );
  const reported = await api.must(200, "PUT", `${path}/posture`, {
    body: { rooted: true },
  });
  assertEquals([reported.risk, reported.per_payment_minor], [
    "restricted",
    50_000,
  ]);
  assertEquals(
    reported.offline_until,
    new Date(NOON_MS + 15 * DAY_MS).toISOString(),
  );
  const renewed = await api.must(201, "POST", `${path}/renewals`);
  const phone = await phoneOf(device, renewed);
  const merchant = await api.merchant();
  const paid = await api.pay(merchant, {
    code: phone.code(app.clock.ms),
    order_id: "1",
  });
  assertEquals(paid.status, 201);
  await api.must(204, "DELETE", path);
  assertEquals((await api.must(200, "GET", path)).status, "revoked");
});

Deno.test("an account that holds money keeps it when it is enrolled again", async () => {
  await using edge = await openEdge();
  await edge.enrol();
  await edge.api.setBalance("wallet-anna", 1);
  assertEquals((await edge.enrol()).status, 201);
  assertEquals(await edge.api.balance("wallet-anna"), 1);
});

Deno.test("the page's backend serves ready customers and no others", async () => {
  await using edge = await openEdge();
  const { api, enrol } = edge;
  assertEquals((await enrol("alice")).status, 404);
  const { phone } = await setScene(api);
  const path = `/wallet/api/enrolments/${phone.credentialId}`;
  for (
    const [method, rest, body] of [
      ["GET", ""],
      ["DELETE", ""],
      ["POST", "/renewals"],
      ["PUT", "/posture", { rooted: true }],
      ["POST", "/confirmations", {
        payment_id: `pay_${"0".repeat(48)}`,
        approve: true,
      }],
    ] as const
  ) {
    const { status } = await api.call(method, path + rest, { body });
    assertEquals(status, 404, method + rest);
  }
});

Deno.test("a customer decides about own payments only", async () => {
  await using edge = await openEdge();
  const { app, api, enrol } = edge;
  const anna = await enrol();
  const rosa = await enrol("wallet-rosa", "phone-2");
  const phone = await phoneOf(anna.device, anna.body);
  const merchant = await api.merchant();
  const { body: { payment_id } } = await api.pay(merchant, {
    ...{ code: phone.code(app.clock.ms), order_id: "1" },
    amount_minor: 150_000,
  });
  const decide = (id: string) =>
    api.call("POST", `/wallet/api/enrolments/${id}/confirmations`, {
      body: { payment_id, approve: true },
    });
  assertEquals((await decide(rosa.body.credential_id)).status, 404);
  assertEquals(await api.balance("wallet-anna"), 200_000);
  const { status, body } = await decide(anna.body.credential_id);
  assertEquals([status, body.balance_minor, body.waiting], [200, 50_000, []]);
});

Deno.test("a page of another site cannot enrol", async () => {
  await using edge = await openEdge();
  const { publicJwk } = await makeDevice();
  const body = JSON.stringify({
    ...{ account_id: "wallet-anna", device_id: "x", device_key: publicJwk },
  });
  // What a form or a simple request of another site can send.
  for (const type of ["text/plain", "application/x-www-form-urlencoded"]) {
    const { status } = await edge.api.call("POST", "/wallet/api/enrolments", {
      body,
      headers: { "content-type": type },
    });
    assertEquals(status, 415);
  }
});
