import {
  assertEquals,
  assertMatch,
  assertNotEquals,
  assertStringIncludes,
} from "@std/assert";
import { problemDocument } from "../../edge/http/docs/problem_document.ts";
import {
  NOON_MS,
  NOON_VERSION,
  startApp,
  UNLIMITED,
} from "../support/world/app.ts";
import { setScene } from "../support/world/scene.ts";

const STEP_MS = 30_000;

Deno.test("POST /v1/payments moves the money and says so", async () => {
  await using app = await startApp();
  const { api } = app;
  const { merchant, phone } = await setScene(api);
  const { status, body } = await api.pay(merchant, {
    code: phone.code(NOON_MS),
    order_id: "order-1",
    description: "Two flat whites",
    store_id: "store-7",
    terminal_id: "till-3",
  });
  assertEquals(status, 201);
  const { payment_id, payer, ...rest } = body;
  assertEquals(/^pay_[0-9a-f]{48}$/.test(payment_id), true);
  assertEquals(/^payer_[\w-]{22}$/.test(payer), true);
  assertEquals(rest, {
    order_id: "order-1",
    status: "succeeded",
    amount_minor: 1250,
    currency: "EUR",
    order_version: NOON_VERSION + 2,
    description: "Two flat whites",
    store_id: "store-7",
    terminal_id: "till-3",
    created_at: "2026-01-15T12:00:00.000Z",
    updated_at: "2026-01-15T12:00:00.000Z",
  });
  assertEquals(await api.balance("alice"), 8_750);
  for (const path of [payment_id, "?order_id=order-1"]) {
    const separator = path.startsWith("?") ? "" : "/";
    const query = await api.call("GET", `/v1/payments${separator}${path}`, {
      key: merchant.key,
    });
    assertEquals([query.status, query.body], [200, body]);
  }
});

Deno.test("pay() answers a repeated order with the first payment", async () => {
  await using app = await startApp();
  const { api } = app;
  const { merchant, phone, walletKey } = await setScene(api);
  const bob = await api.enrol(walletKey, "bob", "phone-b");
  await api.setBalance("bob", 10_000);
  const first = await api.pay(merchant, {
    code: phone.code(NOON_MS),
    order_id: "order-1",
  });
  app.clock.advance(STEP_MS);
  const codes = {
    "the same code": phone.code(NOON_MS),
    "a fresh code": phone.code(NOON_MS + STEP_MS),
    "another customer's code": bob.code(NOON_MS + STEP_MS),
    "a code that nobody made": "900000000000000000",
    "no code at all": "smudged",
  };
  for (const [what, code] of Object.entries(codes)) {
    const { status, body } = await api.pay(merchant, {
      code,
      order_id: "order-1",
    });
    assertEquals(status, 200, what);
    const { repeat, cashier, ...payment } = body;
    assertEquals(repeat, true);
    assertEquals(payment, first.body);
    assertEquals(
      cashier.en,
      "This order was already paid at 12:00 (UTC). Take no further payment.",
    );
  }
  app.clock.advance(3_600_000);
  const late = await api.pay(merchant, {
    code: phone.code(NOON_MS),
    order_id: "order-1",
  });
  assertEquals([late.status, late.body.repeat], [200, true]);
  assertEquals(await api.balance("alice"), 8_750);
  assertEquals(await api.balance("bob"), 10_000);
});

Deno.test("pay() refuses a known order with another amount or currency", async () => {
  await using app = await startApp();
  const { api } = app;
  const { merchant, phone } = await setScene(api);
  await api.pay(merchant, { code: phone.code(NOON_MS), order_id: "order-1" });
  const changes = [{ amount_minor: 1251 }, { currency: "JPY" }];
  for (const late of [false, true]) {
    // Also once the code has expired: a conflict, never "not accepted".
    if (late) app.clock.advance(600_000);
    for (const change of changes) {
      const { status, body } = await api.pay(merchant, {
        code: phone.code(NOON_MS),
        order_id: "order-1",
        ...change,
      });
      assertEquals([status, body.code], [409, "order-conflict"]);
      assertEquals(body.order_id, "order-1");
    }
  }
  assertEquals(await api.balance("alice"), 8_750);
});

Deno.test("pay() repeats a paid order for 24 hours and no longer", async () => {
  await using app = await startApp();
  const { api } = app;
  const { merchant, phone } = await setScene(api);
  const order = { order_id: "0007" };
  await api.pay(merchant, { code: phone.code(NOON_MS), ...order });
  app.clock.advance(86_400_000);
  const code = phone.code(app.clock.ms);
  assertEquals((await api.pay(merchant, { code, ...order })).status, 200);
  app.clock.advance(1);
  // Known with another amount it stays another purchase, however old.
  const other = await api.pay(merchant, { code, ...order, amount_minor: 1 });
  assertEquals([other.status, other.body.code], [409, "order-conflict"]);
  const { status, body } = await api.pay(merchant, { code, ...order });
  assertEquals([status, body.code, body.retry], [
    409,
    "order-paid-earlier",
    "query",
  ]);
  assertEquals(await api.balance("alice"), 8_750);
});

Deno.test("pay() says when and how much an order of days ago was paid, and a query still finds it", async () => {
  const { limits } = UNLIMITED;
  await using app = await startApp({
    settings: { limits: { ...limits, timeZone: "Asia/Shanghai" } },
  });
  const { api } = app;
  const { merchant, phone } = await setScene(api);
  const order = { order_id: "friday-17", amount_minor: 5 };
  const paid = await api.pay(merchant, { code: phone.code(NOON_MS), ...order });
  app.clock.advance(2 * 86_400_000);
  const code = phone.code(app.clock.ms);
  // Whatever is scanned: the code of now, a used one, none of this wallet's.
  for (const shown of [code, phone.code(NOON_MS), "12"]) {
    const { status, body } = await api.pay(merchant, { code: shown, ...order });
    assertEquals(status, 409);
    assertEquals(
      [body.code, body.payment_id, body.paid_at, body.amount_minor],
      [
        "order-paid-earlier",
        paid.body.payment_id,
        "2026-01-15T12:00:00.000Z",
        5,
      ],
    );
    assertEquals(body.currency, "EUR");
    const facts = ["2026-01-15", "20:00", "Asia/Shanghai", "0.05 EUR"];
    assertStringIncludes(body.detail, "2026-01-15T12:00:00.000Z: 0.05 EUR");
    for (const text of [body.cashier.en, body.cashier.zh]) {
      for (const fact of facts) assertStringIncludes(text, fact);
    }
    problemDocument.parse(body);
  }
  assertEquals(await api.balance("alice"), 9_995);
  const query = await api.call("GET", "/v1/payments?order_id=friday-17", {
    key: merchant.key,
  });
  assertEquals([query.status, query.body.status], [200, "succeeded"]);
  // The code was not spent by it, so the other purchase can use it.
  const again = await api.pay(merchant, { code, order_id: "monday-17" });
  assertEquals(again.status, 201);
});

Deno.test("pay() refuses a used code under another order, also elsewhere", async () => {
  await using app = await startApp();
  const { api } = app;
  const { merchant, phone } = await setScene(api);
  const other = await api.merchant("Another Shop");
  const code = phone.code(NOON_MS);
  assertEquals(
    (await api.pay(merchant, { code, order_id: "order-1" })).status,
    201,
  );
  for (const who of [merchant, other]) {
    const { status, body } = await api.pay(who, { code, order_id: "order-2" });
    assertEquals([status, body.code], [409, "code-replayed"]);
    const query = await api.call("GET", "/v1/payments?order_id=order-2", {
      key: who.key,
    });
    assertEquals([query.status, query.body.retry], [404, "query"]);
  }
  assertEquals(await api.balance("alice"), 8_750);
});

Deno.test("pay() and verify() spend codes by one claim", async () => {
  await using app = await startApp();
  const { api } = app;
  const { merchant, phone, walletKey } = await setScene(api);
  const first = phone.code(NOON_MS);
  const second = phone.code(NOON_MS + STEP_MS);
  await api.must(200, "POST", "/v1/verifications", {
    key: walletKey,
    body: { code: first, reference: "ref-1" },
  });
  const paid = await api.pay(merchant, { code: first, order_id: "order-1" });
  assertEquals([paid.status, paid.body.code], [409, "code-replayed"]);
  assertEquals(
    (await api.pay(merchant, { code: second, order_id: "order-1" })).status,
    201,
  );
  const verified = await api.verify(walletKey, second, "ref-2");
  assertEquals([verified.status, verified.body.code], [409, "code-replayed"]);
});

Deno.test("pay() declines without money and tries again with a new code", async () => {
  await using app = await startApp();
  const { api } = app;
  const { merchant, phone } = await setScene(api);
  await api.setBalance("alice", 1_249);
  const order = { order_id: "order-1" };
  const code = phone.code(NOON_MS);
  const first = await api.pay(merchant, { code, ...order });
  assertEquals([first.status, first.body.code], [422, "payment-declined"]);
  assertEquals(first.body.decline_reason, "insufficient_funds");
  assertEquals(first.body.retry, "new-code");

  // The same code gets the same decline, whatever was paid in meanwhile.
  await api.setBalance("alice", 10_000);
  for (const advanceMs of [0, 600_000]) {
    app.clock.advance(advanceMs);
    const again = await api.pay(merchant, { code, ...order });
    const { instance: _a, ...a } = first.body;
    const { instance: _b, ...b } = again.body;
    assertEquals(b, a);
  }

  const next = phone.code(app.clock.ms);
  const second = await api.pay(merchant, { code: next, ...order });
  assertEquals(
    [second.status, second.body.order_version],
    [201, NOON_VERSION + 4],
  );
  assertNotEquals(second.body.payment_id, first.body.payment_id);
  const old = await api.call("GET", `/v1/payments/${first.body.payment_id}`, {
    key: merchant.key,
  });
  assertEquals([old.body.status, old.body.order_version], [
    "declined",
    NOON_VERSION + 2,
  ]);
  assertEquals(await api.balance("alice"), 8_750);
});

Deno.test("pay() keeps the answer about a declined order's wrong codes", async () => {
  await using app = await startApp();
  const { api } = app;
  const { merchant, phone } = await setScene(api);
  await api.setBalance("alice", 0);
  const order = { order_id: "order-1" };
  await api.pay(merchant, { code: phone.code(NOON_MS), ...order });
  const wrong = await api.pay(merchant, {
    code: "904000000000000000",
    ...order,
  });
  assertEquals([wrong.status, wrong.body.code], [422, "code-malformed"]);
  const unknown = await api.pay(merchant, {
    code: "901000000000000000",
    ...order,
  });
  assertEquals([unknown.status, unknown.body.code], [
    422,
    "code-not-accepted",
  ]);
});

Deno.test("pay() leaves no trace of an order whose code was not accepted", async () => {
  await using app = await startApp();
  const { api } = app;
  const { merchant, phone } = await setScene(api);
  const refused = await api.pay(merchant, {
    code: phone.code(NOON_MS - 600_000),
    order_id: "order-1",
    amount_minor: 99,
  });
  assertEquals([refused.status, refused.body.code], [422, "code-not-accepted"]);
  const paid = await api.pay(merchant, {
    code: phone.code(NOON_MS),
    order_id: "order-1",
  });
  assertEquals(
    [paid.status, paid.body.order_version],
    [201, NOON_VERSION + 2],
  );
});

Deno.test("pay() keeps merchants' orders and payments apart", async () => {
  await using app = await startApp();
  const { api } = app;
  const { merchant, phone } = await setScene(api);
  const other = await api.merchant("Another Shop");
  const paid = await api.pay(merchant, {
    code: phone.code(NOON_MS),
    order_id: "order-1",
  });
  const elsewhere = await api.pay(other, {
    code: phone.code(NOON_MS + STEP_MS),
    order_id: "order-1",
    amount_minor: 99,
  });
  assertEquals(elsewhere.status, 201);
  assertNotEquals(elsewhere.body.payer, paid.body.payer);
  const id = paid.body.payment_id;
  const peek = await api.call("GET", `/v1/payments/${id}`, { key: other.key });
  assertEquals([peek.status, peek.body.code], [404, "not-found"]);
  assertEquals(peek.body.retry, "never");
});

Deno.test("pay() takes amounts in minor units and nothing else", async () => {
  await using app = await startApp();
  const { api } = app;
  const { merchant, phone } = await setScene(api);
  const order = { code: phone.code(NOON_MS), order_id: "order-1" };
  const amounts = [0, -1, 12.5, 2 ** 53, "1250", true, 1e12, [1250]];
  for (const amount_minor of amounts) {
    const { status, body } = await api.pay(merchant, {
      ...order,
      amount_minor,
    });
    assertEquals([status, body.code], [400, "malformed-request"]);
    assertMatch(body.detail, /^amount_minor must be/);
  }
  for (const literal of ["1250.0", "1.25e3", "01250", "+1250", "0x4E2"]) {
    const { status } = await api.call("POST", "/v1/payments", {
      key: merchant.key,
      body: `{"code":"${order.code}","order_id":"order-1","currency":"EUR",` +
        `"amount_minor":${literal}}`,
    });
    assertEquals(status, 400, literal);
  }
  for (const currency of ["eur", "EURO", "XXX", "ABC", "", 978, null]) {
    const { status, body } = await api.pay(merchant, { ...order, currency });
    assertEquals([status, body.code], [400, "malformed-request"]);
  }
  const yuan = await api.pay(merchant, { ...order, currency: "CNY" });
  assertEquals(yuan.body.decline_reason, "currency_mismatch");
  assertEquals(await api.balance("alice"), 10_000);
});

Deno.test("pay() refuses a suspended merchant and a withdrawn key at once", async () => {
  await using app = await startApp();
  const { api } = app;
  const { merchant, phone } = await setScene(api);
  const path = `/v1/admin/merchants/${merchant.id}`;
  const admin = { key: api.adminKey };
  const setStatus = (status: string) =>
    api.must(200, "PATCH", path, { ...admin, body: { status } });
  const order = { code: phone.code(NOON_MS), order_id: "order-1" };

  // A refused code puts the merchant into the cache.
  await api.pay(merchant, { ...order, code: "901000000000000000" });
  await setStatus("suspended");
  for (const code of [order.code, "901000000000000000", "smudged"]) {
    const { status, body } = await api.pay(merchant, { ...order, code });
    assertEquals([status, body.code], [403, "merchant-suspended"]);
  }
  await setStatus("active");
  app.clock.advance(5_000);
  const paid = await api.pay(merchant, order);
  assertEquals(paid.status, 201);

  await api.must(201, "POST", `${path}/keys`, {
    ...admin,
    body: { grace_seconds: 0 },
  });
  const { status, body } = await api.pay(merchant, {
    code: phone.code(NOON_MS + STEP_MS),
    order_id: "order-2",
  });
  assertEquals([status, body.code], [401, "not-authenticated"]);
  assertEquals(await api.balance("alice"), 8_750);
});

Deno.test("a suspension stops new takings, and leaves a merchant its orders", async () => {
  await using app = await startApp();
  const { api, core } = app;
  const { merchant, phone } = await setScene(api);
  const step = (n: number) => phone.code(NOON_MS + n * STEP_MS);
  const key = merchant.key;
  const pay = async (order_id: string, code: string) => {
    const { status, body } = await api.pay(merchant, { code, order_id });
    return [status, body.code ?? body.status, body.payment_id];
  };
  const paid = await pay("paid", step(-1));
  const poor = await api.pay(merchant, {
    code: step(0),
    order_id: "declined",
    amount_minor: 1_000_000,
  });
  assertEquals(poor.body.code, "payment-declined");
  await api.must(200, "PATCH", `/v1/admin/merchants/${merchant.id}`, {
    key: api.adminKey,
    body: { status: "suspended" },
  });
  // Known here for five seconds as active, then read as suspended.
  for (const wait of [0, 5_000]) {
    app.clock.advance(wait);
    const before = core.work().compares;
    assertEquals(await pay("paid", step(1)), [200, "succeeded", paid[2]]);
    for (const code of ["901004201234567890", "12", step(1)]) {
      const [status, said] = await pay("new", code);
      assertEquals([status, said], [403, "merchant-suspended"]);
    }
    const declined = { order_id: "declined", amount_minor: 1_000_000 };
    const same = await api.pay(merchant, { code: step(0), ...declined });
    assertEquals(same.body.code, "payment-declined");
    const other = await api.pay(merchant, { code: step(1), ...declined });
    assertEquals(other.body.code, "merchant-suspended");
    if (wait > 0) assertEquals(core.work().compares, before);
  }
  const byId = await api.call("GET", `/v1/payments/${paid[2]}`, { key });
  const byOrder = await api.call("GET", "/v1/payments?order_id=paid", { key });
  assertEquals([byId.body.status, byOrder.body], ["succeeded", byId.body]);
  const unseen = await api.call("GET", "/v1/payments?order_id=new", { key });
  assertEquals([unseen.status, unseen.body.code], [404, "not-found"]);
  const undone = await api.call("POST", "/v1/reversals", {
    key,
    body: { order_id: "paid" },
  });
  assertEquals([undone.status, undone.body.status], [200, "reversed"]);
  assertEquals(await api.balance("alice"), 10_000);
});

Deno.test("pay() spends no code whose time ends while a claim is tried again", async () => {
  let meanwhile: (() => Promise<unknown>) | null = null;
  await using app = await startApp({
    wrapStore: (store) => ({
      read: (request) => store.read(request),
      range: (query) => store.range(query),
      async txn(transaction) {
        const isClaim = transaction.writes.some((write) =>
          write.kind === "index" && write.index.includes(":due")
        );
        const call = isClaim ? meanwhile : null;
        if (call !== null) meanwhile = null;
        await call?.();
        return await store.txn(transaction);
      },
      timeMs: () => store.timeMs(),
      close: () => store.close(),
    }),
  });
  const { api, clock } = app;
  const { merchant, phone, walletKey } = await setScene(api);
  const code = phone.code(NOON_MS);
  // A second before its end, the tier that the claim assumes changes.
  clock.ms = NOON_MS + 2 * STEP_MS - 1_000;
  meanwhile = async () => {
    await api.must(200, "PATCH", `/v1/enrolments/${phone.credentialId}`, {
      key: walletKey,
      body: { risk: "restricted" },
    });
    clock.advance(1_000);
  };
  const { status, body } = await api.pay(merchant, { code, order_id: "1" });
  assertEquals(meanwhile, null);
  assertEquals([status, body.code], [422, "code-not-accepted"]);
  assertEquals(await api.balance("alice"), 10_000);
});

Deno.test("pay() starts nothing once the request is five seconds old", async () => {
  let stall = () => {};
  await using app = await startApp({
    wrapStore: (store) => ({
      read: (request) => {
        const ranges = request.ranges ?? [];
        if (ranges.length > 0) stall();
        return store.read(request);
      },
      range: (query) => store.range(query),
      txn: (transaction) => store.txn(transaction),
      timeMs: () => store.timeMs(),
      close: () => store.close(),
    }),
  });
  const { api } = app;
  const { merchant, phone } = await setScene(api);
  const order = { code: phone.code(NOON_MS), order_id: "order-1" };
  // While its bucket was read, the edge slept.
  stall = () => app.clock.advance(5_000);
  const { status, body } = await api.pay(merchant, order);
  assertEquals([status, body.code], [503, "store-unavailable"]);
  assertEquals(await api.balance("alice"), 10_000);
  stall = () => {};
  assertEquals((await api.pay(merchant, order)).status, 201);
});
