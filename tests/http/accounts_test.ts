import { assertEquals } from "@std/assert";
import { PROBLEMS } from "../../edge/http/kit/problem_texts.ts";
import {
  NOON_MS,
  startApp,
  type TestApp,
  UNLIMITED,
} from "../support/world/app.ts";
import { said } from "../support/world/desk.ts";
import { setScene } from "../support/world/scene.ts";

const STEP_MS = 30_000;
const DAY_MS = 86_400_000;

/** Two edges on one file, and a customer whose bucket both have cached. */
async function openScene(settings = {}) {
  const one = await startApp({ settings });
  const two = await startApp({ path: one.path, clock: one.clock, settings });
  const scene = await setScene(one.api);
  const { walletKey, phone, merchant } = scene;
  let orders = 0;
  const next = () => {
    one.clock.advance(STEP_MS);
    return phone.code(one.clock.ms);
  };
  const payWith = (code: string, fields = {}, edge: TestApp = one) =>
    edge.api.pay(merchant, { code, order_id: `order-${++orders}`, ...fields });
  const pay = async (fields = {}, edge: TestApp = one) =>
    said(await payWith(next(), fields, edge));
  for (const edge of [one, two]) assertEquals(await pay({}, edge), "201");
  const call = (method: string, path: string, body?: unknown, edge = two) =>
    edge.api.call(method, path, { key: walletKey, ...(body ? { body } : {}) });
  return {
    one,
    two,
    clock: one.clock,
    ...scene,
    next,
    pay,
    payWith,
    call,
    verify: async (edge: TestApp = one) =>
      said(await edge.api.verify(walletKey, next(), `ref-${++orders}`)),
    onlineCode: async () =>
      (await call("POST", "/v1/online-codes", {
        credential_id: phone.credentialId,
      })).body.code as string,
    posture: (body: object, id = phone.credentialId) =>
      call("PUT", `/v1/enrolments/${id}/posture`, body),
    limits: (body: object) => call("PUT", "/v1/accounts/alice/limits", body),
    status: (offline_codes: string) =>
      call("PUT", "/v1/accounts/alice/status", { offline_codes }),
    account: async () => (await call("GET", "/v1/accounts/alice")).body,
    async [Symbol.asyncDispose]() {
      await two[Symbol.asyncDispose]();
      await one[Symbol.asyncDispose]();
    },
  };
}

const GOOD = { rooted: false, attestation: "passed" };
const ROOTED = { rooted: true, attestation: "passed" };

const TIERS = {
  limits: {
    ...UNLIMITED.limits,
    restricted: { ...UNLIMITED.limits.restricted, perPaymentMinor: 1_000 },
  },
};

Deno.test("a rooted phone is restricted in the very next payment on every edge, and says why", async () => {
  await using scene = await openScene(TIERS);
  const { pay, one, two, phone } = scene;
  const { status, body } = await scene.posture(ROOTED);
  assertEquals([status, body], [200, { risk: "restricted", reason: "rooted" }]);
  for (const edge of [one, two]) {
    assertEquals(await pay({}, edge), "limit-exceeded");
    assertEquals(await pay({ amount_minor: 1_000 }, edge), "201");
  }
  const { risk, reason } = await scene.account();
  assertEquals([risk, reason], ["restricted", "rooted"]);
  const path = `/v1/enrolments/${phone.credentialId}`;
  const enrolment = (await scene.call("GET", path)).body;
  assertEquals([enrolment.risk, enrolment.reason], ["restricted", "rooted"]);
  const good = await scene.posture(GOOD);
  assertEquals(good.body, { risk: "normal", reason: "none" });
  for (const edge of [one, two]) assertEquals(await pay({}, edge), "201");
});

Deno.test("a customer's own limit of 0 lets nothing be paid", async () => {
  await using scene = await openScene();
  for (const name of ["per_payment_minor", "per_day_minor", "count_per_day"]) {
    const { status } = await scene.limits({ currency: "EUR", [name]: 0 });
    assertEquals([name, status], [name, 200]);
    assertEquals(await scene.pay(), "limit-exceeded");
  }
});

Deno.test("the answer to limits and to the switch is the account as it is then", async () => {
  await using scene = await openScene();
  const own = { currency: "EUR", per_payment_minor: 2_000 };
  const limited = await scene.limits(own);
  assertEquals(limited.status, 200);
  assertEquals(limited.body.limits.per_payment_minor, 2_000);
  assertEquals(limited.body, await scene.account());
  const switched = await scene.status("off");
  assertEquals([switched.status, switched.body.offline_codes], [200, "off"]);
  assertEquals(switched.body, await scene.account());
});

Deno.test("a phone whose attestation failed is restricted, and one that has none is not", async () => {
  await using scene = await openScene();
  for (
    const [attestation, risk, reason] of [
      ["failed", "restricted", "attestation-failed"],
      ["absent", "normal", "none"],
    ]
  ) {
    const { body } = await scene.posture({ rooted: false, attestation });
    assertEquals([body.risk, body.reason], [risk, reason]);
  }
});

Deno.test("a good posture lifts nothing that the wallet has set, and the wallet lifts no bad one", async () => {
  await using scene = await openScene(TIERS);
  const { phone, pay } = scene;
  const setRisk = async (risk: string) => {
    const path = `/v1/enrolments/${phone.credentialId}`;
    const { body } = await scene.call("PATCH", path, { risk });
    return [body.risk, body.reason];
  };
  assertEquals(await setRisk("blocked"), ["blocked", "set-by-wallet"]);
  const { body } = await scene.posture(GOOD);
  assertEquals(body, { risk: "blocked", reason: "set-by-wallet" });
  assertEquals(await pay(), "payer-blocked");
  await scene.posture(ROOTED);
  assertEquals(await setRisk("normal"), ["restricted", "rooted"]);
  assertEquals(await pay(), "limit-exceeded");
});

Deno.test("a new phone keeps the tier until its own posture is known, and the old one has no say", async () => {
  await using scene = await openScene(TIERS);
  const { one, walletKey, phone } = scene;
  await scene.posture(ROOTED);
  const second = await one.api.enrol(walletKey, "alice", "phone-2");
  assertEquals((await scene.account()).risk, "restricted");
  assertEquals(said(await scene.posture(GOOD)), "not-found");
  assertEquals((await scene.account()).risk, "restricted");
  await scene.posture(GOOD, second.credentialId);
  const { risk, credential_id } = await scene.account();
  assertEquals([risk, credential_id], ["normal", second.credentialId]);
  assertEquals(phone.accountId, "alice");
});

Deno.test("an operator's table may block by posture", async () => {
  const postureRules = [
    { rooted: true, risk: "blocked" as const, reason: "no-root" },
  ];
  await using scene = await openScene({ postureRules });
  const { body } = await scene.posture({ ...ROOTED, os: "Android 15" });
  assertEquals(body, { risk: "blocked", reason: "no-root" });
  assertEquals(await scene.pay(), "payer-blocked");
  assertEquals(await scene.verify(), "payer-blocked");
  assertEquals((await scene.account()).limits.per_payment_minor, 0);
});

Deno.test("a customer's own limits hold at once on every edge, where they are lower", async () => {
  await using scene = await openScene();
  const { one, two, pay, limits } = scene;
  const { body } = await limits({ per_payment_minor: 1_000, currency: "EUR" });
  assertEquals(body.limits.per_payment_minor, 1_000);
  assertEquals(body.limits.currency, "EUR");
  for (const edge of [one, two]) {
    assertEquals(await pay({}, edge), "limit-exceeded");
    assertEquals(await pay({ amount_minor: 1_000 }, edge), "201");
  }
  // 45.00 are paid: 2 × 12.50 and 2 × 10.00.
  await limits({ per_day_minor: 5_000, currency: "EUR" });
  assertEquals(await pay({ amount_minor: 501 }, two), "limit-exceeded");
  assertEquals(await pay({ amount_minor: 500 }), "201");
  await limits({ count_per_day: 5, currency: "CNY" });
  assertEquals(await pay({ amount_minor: 1 }), "limit-exceeded");
  await limits({ per_payment_minor: 999_999_999_999, currency: "EUR" });
  assertEquals(await pay(), "201");
});

Deno.test("own limits outlive an enrolment, and what is used of them stays used", async () => {
  await using scene = await openScene();
  const { one, walletKey, limits, merchant, clock } = scene;
  await limits({ count_per_day: 2, currency: "EUR" });
  const second = await one.api.enrol(walletKey, "alice", "phone-2");
  const code = second.code(clock.ms + STEP_MS);
  const answer = await one.api.pay(merchant, { code, order_id: "second" });
  assertEquals(said(answer), "limit-exceeded");
});

Deno.test("the switch ends offline codes at once on every edge, and leaves online codes", async () => {
  await using scene = await openScene();
  const { one, two, pay, verify, next } = scene;
  assertEquals((await scene.status("off")).body.offline_codes, "off");
  for (const edge of [one, two]) {
    assertEquals(await pay({}, edge), "offline-codes-off");
    assertEquals(await verify(edge), "offline-codes-off");
  }
  const { body } = await scene.payWith(next());
  assertEquals([body.status, body.retry], [422, "new-code"]);
  // The cashier is told the same as of a blocked customer.
  assertEquals(body.cashier, PROBLEMS["payer-blocked"].cashier);
  assertEquals(said(await scene.payWith(await scene.onlineCode())), "201");
  assertEquals((await scene.status("on")).body.offline_codes, "on");
  // A code that was refused by the switch is not used up.
  for (const edge of [one, two]) assertEquals(await pay({}, edge), "201");
});

Deno.test("a wrong code is told nothing about an account", async () => {
  await using scene = await openScene();
  await scene.status("off");
  const code = scene.next();
  const wrong = code.slice(0, -1) + (Number(code.at(-1)) + 1) % 10;
  assertEquals(said(await scene.payWith(wrong)), "code-not-accepted");
});

Deno.test("an account that is not seen online for so many days pays by online code, and is seen by it", async () => {
  const limits = { ...UNLIMITED.limits, offlineDays: 14 };
  await using scene = await openScene({ limits });
  const { clock, pay, verify, one, two, walletKey, phone } = scene;
  clock.ms = NOON_MS + 14 * DAY_MS - STEP_MS - 1;
  assertEquals(await pay(), "201");
  clock.ms = NOON_MS + 14 * DAY_MS - STEP_MS;
  for (const edge of [one, two]) {
    assertEquals(await pay({}, edge), "offline-codes-off");
    assertEquals(await verify(edge), "offline-codes-off");
  }
  const { body } = await scene.payWith(scene.next());
  assertEquals(body.detail, "The phone was not seen online for 14 days.");
  assertEquals(said(await scene.payWith(await scene.onlineCode())), "201");
  const seen = (await scene.account()).seen_online_at;
  assertEquals(seen, new Date(clock.ms).toISOString());
  assertEquals(await pay(), "201");
  // So does a posture, and a renewal.
  clock.advance(14 * DAY_MS);
  assertEquals(await pay(), "offline-codes-off");
  await scene.posture(GOOD);
  assertEquals(await pay(), "201");
  clock.ms = NOON_MS + 44 * DAY_MS;
  const renewed = await one.api.renew(walletKey, phone);
  const code = renewed.code(clock.ms);
  assertEquals(said(await scene.payWith(code)), "201");
});

Deno.test("an account shows what holds and what is used of it today", async () => {
  const { limits } = UNLIMITED;
  await using scene = await openScene({
    limits: { ...limits, normal: { ...limits.normal, countPerDay: 9 } },
  });
  const { phone, clock } = scene;
  assertEquals(await scene.account(), {
    account_id: "alice",
    risk: "normal",
    reason: "none",
    offline_codes: "on",
    limits: {
      per_payment_minor: 1e12,
      per_day_minor: 1e15,
      count_per_day: 9,
      currency: "EUR",
    },
    used_today: {
      count: 2,
      offline_uses: 2,
      amounts: [{ currency: "EUR", amount_minor: 2_500 }],
    },
    seen_online_at: new Date(NOON_MS).toISOString(),
    credential_id: phone.credentialId,
  });
  clock.advance(DAY_MS);
  const { used_today } = await scene.account();
  assertEquals(used_today, { count: 0, offline_uses: 2, amounts: [] });
  await scene.call("DELETE", `/v1/enrolments/${phone.credentialId}`);
  const { credential_id, account_id } = await scene.account();
  assertEquals([credential_id, account_id], [undefined, "alice"]);
});

Deno.test("accounts that were never enrolled, and those of another system, are not found", async () => {
  await using scene = await openScene();
  const { api } = scene.one;
  const made = await api.must(201, "POST", "/v1/admin/wallet-keys", {
    key: api.adminKey,
    body: { name: "other", wallet_system: "other" },
  });
  const path = `/v1/enrolments/${scene.phone.credentialId}/posture`;
  for (
    const [method, url, body] of [
      ["GET", "/v1/accounts/alice"],
      ["PUT", "/v1/accounts/alice/limits", { currency: "EUR" }],
      ["PUT", "/v1/accounts/alice/status", { offline_codes: "off" }],
      ["PUT", path, GOOD],
    ] as const
  ) {
    const foreign = await api.call(method, url, {
      key: made.api_key,
      ...(body && { body }),
    });
    assertEquals(said(foreign), "not-found", url);
    if (url === path) continue;
    const unknown = await scene.call(method, url.replace("alice", "bob"), body);
    assertEquals(said(unknown), "not-found", url);
  }
  assertEquals((await scene.account()).offline_codes, "on");
});

Deno.test("limits in a currency without limits, and malformed bodies, change nothing", async () => {
  await using scene = await openScene();
  for (
    const body of [
      { currency: "USD", per_payment_minor: 1 },
      { per_payment_minor: 1 },
      { currency: "EUR", per_payment_minor: -1 },
      { currency: "EUR", per_payment_minor: 1e12 },
      { currency: "EUR", count_per_day: 1_000_001 },
      { currency: "EUR", step_up_above_minor: 1 },
    ]
  ) {
    assertEquals(said(await scene.limits(body)), "malformed-request");
  }
  const { body } = await scene.limits({ currency: "USD" });
  assertEquals(
    body.detail,
    "currency must be one that limits are configured for on this server.",
  );
  assertEquals(said(await scene.status("maybe")), "malformed-request");
  const bad = { rooted: "no", attestation: "passed" };
  assertEquals(said(await scene.posture(bad)), "malformed-request");
  for (const text of ["", "x".repeat(65), "Android\n15"]) {
    for (const name of ["os", "app_version"]) {
      const posture = { ...GOOD, [name]: text };
      assertEquals(said(await scene.posture(posture)), "malformed-request");
    }
  }
  const widest = { ...GOOD, os: "x".repeat(64), app_version: "1" };
  assertEquals((await scene.posture(widest)).status, 200);
  assertEquals(await scene.pay(), "201");
});

Deno.test("a phone whose posture blocks its account pays by no code, and confirms nothing", async () => {
  const { limits } = UNLIMITED;
  await using scene = await openScene({
    postureRules: [{ rooted: true, risk: "blocked", reason: "rooted" }],
    limits: {
      ...limits,
      normal: { ...limits.normal, stepUpAboveMinor: 5_000 },
    },
  });
  const { pay, call } = scene;
  const waiting = await scene.payWith(scene.next(), { amount_minor: 6_000 });
  assertEquals(said(waiting), "payment-pending");
  const { body } = await scene.posture(ROOTED);
  assertEquals(body, { risk: "blocked", reason: "rooted" });
  assertEquals(await pay(), "payer-blocked");
  assertEquals(
    said(await scene.payWith(await scene.onlineCode())),
    "payer-blocked",
  );
  const path = `/v1/payments/${waiting.body.payment_id}/confirmation`;
  const confirmed = await call("POST", path, { approve: true });
  assertEquals(said(confirmed), "payer-blocked");
  await scene.posture(GOOD);
  assertEquals(said(await call("POST", path, { approve: true })), "200");
});

Deno.test("an account shows its limits in the currency that the customer has set them in, and none while it is blocked", async () => {
  await using scene = await openScene();
  await scene.limits({ per_payment_minor: 700, currency: "CNY" });
  const shown = (await scene.account()).limits;
  assertEquals([shown.currency, shown.per_payment_minor], ["CNY", 700]);
  const path = `/v1/enrolments/${scene.phone.credentialId}`;
  await scene.call("PATCH", path, { risk: "blocked" });
  assertEquals((await scene.account()).limits, {
    per_payment_minor: 0,
    per_day_minor: 0,
    count_per_day: 0,
    currency: "CNY",
  });
});
