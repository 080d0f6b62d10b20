import { assertEquals } from "@std/assert";
import {
  limited,
  openDesk,
  said,
  stateOf,
  STEP_MS,
} from "../support/world/desk.ts";

const HOUR_MS = 3_600_000;

/** When an order of each time of payment can no longer be reversed. */
const WINDOWS: readonly (readonly [
  zone: string,
  paid: string,
  last: string,
])[] = [
  // The day of the payment, to its last millisecond.
  ["UTC", "2026-01-15T00:00:00.000Z", "2026-01-15T23:59:59.999Z"],
  ["UTC", "2026-01-15T12:00:00.000Z", "2026-01-15T23:59:59.999Z"],
  ["UTC", "2026-01-15T21:59:59.999Z", "2026-01-15T23:59:59.999Z"],
  // Two hours at least, to the millisecond.
  ["UTC", "2026-01-15T22:00:00.000Z", "2026-01-16T00:00:00.000Z"],
  ["UTC", "2026-01-15T23:59:59.999Z", "2026-01-16T01:59:59.999Z"],
  // A day in Shanghai ends at 16:00 UTC.
  ["Asia/Shanghai", "2026-01-15T12:00:00.000Z", "2026-01-15T15:59:59.999Z"],
  ["Asia/Shanghai", "2026-01-15T15:00:00.000Z", "2026-01-15T17:00:00.000Z"],
  ["Asia/Shanghai", "2026-01-15T16:00:00.000Z", "2026-01-16T15:59:59.999Z"],
  // The night in which New York's clocks go forward has 23 hours.
  ["America/New_York", "2026-03-08T05:00:00.000Z", "2026-03-09T03:59:59.999Z"],
  // And 25 hours when they go back.
  ["America/New_York", "2026-11-01T04:00:00.000Z", "2026-11-02T04:59:59.999Z"],
];

for (const [timeZone, paid, last] of WINDOWS) {
  Deno.test(`paid at ${paid}, an order can be reversed until ${last} in ${timeZone}`, async () => {
    await using desk = await openDesk({
      nowMs: Date.parse(paid),
      settings: limited({}, { timeZone }),
    });
    for (const order of ["in time", "late"]) {
      const id = order.replace(" ", "-");
      // Both in one millisecond, by the codes of two steps.
      const code = desk.phone.code(
        Date.parse(paid) + (order === "late" ? STEP_MS : 0),
      );
      assertEquals(said(await desk.pay(id, code)), "201");
    }
    desk.clock.ms = Date.parse(last);
    assertEquals(said(await desk.reverse("in-time")), "200");
    assertEquals(await desk.balance(), 8_750);
    desk.clock.advance(1);
    const late = await desk.reverse("late");
    assertEquals(
      [late.status, late.body.code, late.body.retry, late.body.order_id],
      [409, "reversal-too-late", "never", "late"],
    );
    assertEquals(await stateOf(desk, "late"), ["succeeded", 2]);
    assertEquals(await desk.balance(), 8_750);
    // What was reversed in time stays so, and says so.
    assertEquals(said(await desk.reverse("in-time")), "200");
  });
}

Deno.test("a reversal begun in time goes on after it", async () => {
  await using desk = await openDesk();
  await desk.pay("order-1", desk.code());
  desk.clock.advance(11 * HOUR_MS);
  desk.ledger.reversals = "unheard";
  assertEquals(said(await desk.reverse("order-1")), "ledger-unavailable");
  desk.clock.advance(24 * HOUR_MS);
  assertEquals(said(await desk.reverse("order-1")), "ledger-unavailable");
  desk.ledger.reversals = "up";
  assertEquals(said(await desk.reverse("order-1")), "200");
  assertEquals(await desk.balance(), 10_000);
});

Deno.test("an order that is open or declined can be reversed at any time", async () => {
  await using desk = await openDesk();
  await desk.api.setBalance("alice", 0);
  await desk.pay("declined", desk.code());
  desk.ledger.debits = "unheard";
  await desk.pay("open", desk.next());
  desk.clock.advance(48 * HOUR_MS);
  assertEquals(said(await desk.reverse("declined")), "200");
  assertEquals(said(await desk.reverse("open")), "200");
});

Deno.test("POST /v1/reversals undoes for a suspended merchant and refuses a withdrawn key at once", async () => {
  await using desk = await openDesk();
  const { api, merchant } = desk;
  const path = `/v1/admin/merchants/${merchant.id}`;
  const admin = { key: api.adminKey };
  await desk.pay("order-1", desk.code());
  await api.must(200, "PATCH", path, {
    ...admin,
    body: { status: "suspended" },
  });
  for (const order of ["order-1", "order-2"]) {
    assertEquals(said(await desk.reverse(order)), "200");
    assertEquals(said(await desk.pay(order, desk.next())), "payment-reversed");
  }
  assertEquals(await desk.balance(), 10_000);
  await api.must(200, "PATCH", path, { ...admin, body: { status: "active" } });
  assertEquals(said(await desk.pay("order-3", desk.next())), "201");
  await api.must(201, "POST", `${path}/keys`, {
    ...admin,
    body: { grace_seconds: 0 },
  });
  const gone = await desk.reverse("order-3");
  assertEquals([gone.status, gone.body.code], [401, "not-authenticated"]);
  assertEquals(await desk.balance(), 8_750);
});

Deno.test("POST /v1/reversals takes an order id and nothing else", async () => {
  await using desk = await openDesk();
  const call = (body: unknown, key = desk.merchant.key) =>
    desk.api.call("POST", "/v1/reversals", { key, body });
  for (
    const body of [
      {},
      { order_id: "" },
      { order_id: "a b" },
      { order_id: "x".repeat(65) },
      { order_id: 1 },
      { order_id: null },
      { order_id: ["order-1"] },
      { order_id: "order-1", payment_id: "pay_1" },
      [],
      null,
      "order-1",
      '{"order_id":"order-1"',
      '{"order_id":"a","order_id":"b"}',
    ]
  ) {
    const { status, body: problem } = await call(body);
    assertEquals([status, problem.code], [400, "malformed-request"]);
  }
  const order = { order_id: "order-1" };
  assertEquals(said(await call(order, desk.walletKey)), "forbidden");
  assertEquals(said(await call(order, desk.api.adminKey)), "forbidden");
  assertEquals(
    said(await call(order, "ock_test_unknown")),
    "not-authenticated",
  );
  assertEquals(said(await desk.pay("order-1", desk.code())), "201");
});
