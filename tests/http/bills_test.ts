import { assert, assertEquals, assertRejects } from "@std/assert";
import { createHash } from "node:crypto";
import { setImmediate } from "node:timers";
import { events } from "../../edge/bill/events.ts";
import { getBill } from "../../edge/http/native/merchant/get_bill.ts";
import { billsClosedKey, latestFirst } from "../../edge/store/keys.ts";
import type { Store } from "../../edge/store/store.ts";
import { LimitedCommand, programOf, saidBy } from "../support/http/command.ts";
import type { Api, TestMerchant } from "../support/world/api.ts";
import { type Desk, openDesk, said } from "../support/world/desk.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** A store with another way to do some of its work. */
const through = (store: Store, other: Partial<Store>): Store => ({
  read: (request) => store.read(request),
  range: (query) => store.range(query),
  txn: (transaction) => store.txn(transaction),
  timeMs: () => store.timeMs(),
  close: () => store.close(),
  ...other,
});

/** The bill of a day, as text. */
async function billOf(
  api: Api,
  { key }: TestMerchant,
  day: string,
  accept?: string,
) {
  const response = await api.fetch(
    new Request(`${api.origin}/v1/bills/${day}`, {
      headers: {
        authorization: `Bearer ${key}`,
        ...(accept !== undefined && { accept }),
      },
    }),
  );
  const text = await response.text();
  return { status: response.status, headers: response.headers, text };
}

/** The bill of a day as JSON, as the API's document describes it. */
async function readBill({ api, merchant }: Desk, day: string) {
  const { status, text } = await billOf(api, merchant, day);
  assertEquals(status, 200, text);
  return getBill.answers[200].schema.parse(JSON.parse(text));
}

/** Lines of a bill in short. */
const linesOf = (bill: Awaited<ReturnType<typeof readBill>>) =>
  bill.lines.map((it) => `${it.line} ${it.order_id} ${it.amount_minor}`);

const list = (desk: Desk, query = "") =>
  desk.api.must(200, "GET", `/v1/payments${query && `?${query}`}`, {
    key: desk.merchant.key,
  });

/** A day with one of each: payments, a decline, reversals, two refunds. */
async function liveADay(desk: Desk): Promise<void> {
  const pay = async (order: string, expected: string, fields = {}) =>
    assertEquals(said(await desk.pay(order, desk.next(), fields)), expected);
  const at = { store_id: "store-7", terminal_id: "till-3" };
  await pay("paid", "201", at);
  await pay("reversed", "201", { ...at, amount_minor: 300 });
  await pay("refunded", "201", { store_id: "store-7", amount_minor: 700 });
  await pay("declined", "payment-declined", { ...at, amount_minor: 50_000 });
  // The ledger's answer is lost, and the till gives up.
  desk.ledger.debits = "lost";
  await pay("voided", "payment-pending", at);
  desk.ledger.debits = "up";
  for (const order of ["reversed", "voided", "never-seen"]) {
    assertEquals(said(await desk.reverse(order)), "200");
    desk.clock.advance(1);
  }
  assertEquals(said(await desk.refund("refunded", "r-1", 200)), "201");
  desk.clock.advance(1);
  assertEquals(said(await desk.refund("refunded", "r-2", 500)), "201");
}

Deno.test("GET /v1/payments lists what has ended, the latest first, and nothing twice", async () => {
  await using desk = await openDesk();
  await liveADay(desk);
  desk.clock.advance(HOUR_MS);
  const { payments, cursor } = await list(desk);
  assertEquals(cursor, undefined);
  assertEquals(
    payments.map((
      { order_id, status, store_id, terminal_id }: Record<string, string>,
    ) => [order_id, status, store_id, terminal_id]),
    [
      ["voided", "reversed", "store-7", "till-3"],
      ["declined", "declined", "store-7", "till-3"],
      ["refunded", "refunded", "store-7", undefined],
      ["reversed", "reversed", "store-7", "till-3"],
      ["paid", "succeeded", "store-7", "till-3"],
    ],
  );
  for (const it of payments) {
    const { body } = await desk.query(it.order_id);
    assertEquals(it, body);
  }
  // The place of a payment is when it ended first.
  const [voided, , , reversed] = payments;
  assert(reversed.updated_at > payments[2].created_at);
  const orders = async (query: string) =>
    (await list(desk, query)).payments
      .map(({ order_id }: { order_id: string }) => order_id);
  assertEquals(await orders("status=reversed"), ["voided", "reversed"]);
  assertEquals(await orders("status=refunded&store_id=store-7"), ["refunded"]);
  assertEquals(await orders("status=refunded&terminal_id=till-3"), []);
  assertEquals(await orders("store_id=store-8"), []);
  // From a time on, and before a time.
  const at = encodeURIComponent(voided.updated_at);
  assertEquals(await orders(`from=${at}`), ["voided"]);
  assertEquals((await orders(`to=${at}`)).length, 4);
  assertEquals(await orders(`from=${at}&to=${at}`), []);
  // Nobody else sees them.
  const other = await desk.api.merchant();
  assertEquals(
    await desk.api.must(200, "GET", "/v1/payments", { key: other.key }),
    { payments: [] },
  );
});

Deno.test("GET /v1/payments gives stable pages while payments go on", async () => {
  await using desk = await openDesk();
  const pay = async (order: string) =>
    assertEquals(
      said(await desk.pay(order, desk.next(), { amount_minor: 10 })),
      "201",
    );
  for (let i = 0; i < 7; i++) await pay(`order-${i}`);
  const seen: string[] = [];
  let query = "limit=3";
  for (let more = 0;; more++) {
    const page = await list(desk, query);
    seen.push(
      ...page.payments.map(({ order_id }: { order_id: string }) => order_id),
    );
    if (page.cursor === undefined) break;
    query = `limit=3&cursor=${page.cursor}`;
    await pay(`later-${more}`);
    assertEquals(said(await desk.refund("order-2", `r-${more}`, 1)), "201");
  }
  assertEquals(seen, [6, 5, 4, 3, 2, 1, 0].map((i) => `order-${i}`));
  // A page that ends with the last payment is the last.
  assertEquals("cursor" in await list(desk, "limit=8"), true);
  assertEquals("cursor" in await list(desk, "limit=9"), false);
});

Deno.test("GET /v1/payments has short pages where few of many payments match", async () => {
  await using desk = await openDesk();
  assertEquals(
    said(await desk.pay("first", desk.next(), { amount_minor: 10 })),
    "201",
  );
  const [first] = await desk.app.store.range({
    index: events(desk.merchant.id).name,
    min: 0,
    max: Number.MAX_SAFE_INTEGER,
    limit: 1,
  });
  // Later payments that are not there any more.
  await desk.app.store.txn({
    checks: [],
    writes: Array.from({ length: 1_000 }, (_, i) => ({
      kind: "index" as const,
      index: events(desk.merchant.id).name,
      member: `pEURA a gone-${i}`,
      score: first!.score - 1 - i,
    })),
  });
  const page = await list(desk);
  assertEquals(page.payments, []);
  const next = await list(desk, `cursor=${page.cursor}`);
  assertEquals(next.payments.length, 1);
  assertEquals(next.cursor, undefined);
});

Deno.test("GET /v1/payments refuses what is no cursor, limit, time or status", async () => {
  await using desk = await openDesk();
  for (
    const query of [
      ...["cursor=x", "cursor=WyJ4IiwxXQ", "limit=0", "limit=101", "limit=x"],
      ...["from=2026-01-15", "to=now", "status=processing", "status=x"],
      ...["order_id=a&limit=1", "order_id=a&cursor=x", "store_id=", "page=2"],
    ]
  ) {
    const { status, body } = await desk.api.call(
      "GET",
      `/v1/payments?${query}`,
      { key: desk.merchant.key },
    );
    assertEquals([status, body.code], [400, "malformed-request"], query);
  }
});

Deno.test("GET /v1/bills has each payment, reversal and refund of a day, and totals", async () => {
  await using desk = await openDesk();
  await liveADay(desk);
  const bill = await readBill(desk, "2026-01-15");
  assertEquals(linesOf(bill), [
    "refund refunded 500",
    "refund refunded 200",
    "reversal reversed 300",
    "payment refunded 700",
    "payment reversed 300",
    "payment paid 1250",
  ]);
  assertEquals([bill.closed, bill.time_zone], [false, "UTC"]);
  const { payment_id } = (await desk.query("paid")).body;
  assertEquals(bill.lines.at(-1)!.payment_id, payment_id);
  const sums = { paid_count: 3, paid_minor: 2_250 };
  const back = { reversed_count: 1, reversed_minor: 300 };
  const refunds = { refunded_count: 2, refunded_minor: 700 };
  const all = { ...sums, ...back, ...refunds, net_minor: 1_250 };
  const noRefunds = { refunded_count: 0, refunded_minor: 0 };
  const expected = [
    { by: "currency", currency: "EUR", ...all },
    { by: "store", currency: "EUR", store_id: "store-7", ...all },
    {
      ...{ by: "terminal", currency: "EUR", store_id: "store-7" },
      ...{ paid_count: 1, paid_minor: 700, reversed_count: 0 },
      ...{ reversed_minor: 0, ...refunds, net_minor: 0 },
    },
    {
      ...{ by: "terminal", currency: "EUR", store_id: "store-7" },
      ...{ terminal_id: "till-3", paid_count: 2, paid_minor: 1_550 },
      ...{ ...back, ...noRefunds, net_minor: 1_250 },
    },
  ];
  assertEquals(bill.totals as unknown, expected);
  // The balance of the only customer says the same.
  assertEquals(await desk.balance(), 10_000 - 1_250);
  // A till at the end of its shift asks for less.
  const totals = async (query: string) =>
    (await desk.api.must(
      200,
      "GET",
      `/v1/totals?from=2026-01-15T00:00:00Z&to=2026-01-16T00:00:00%2B00:00${query}`,
      { key: desk.merchant.key },
    )).totals;
  assertEquals(await totals(""), expected);
  const [ofTill] = await totals("&store_id=store-7&terminal_id=till-3");
  assertEquals(ofTill.net_minor, 1_250);
  assertEquals(await totals("&terminal_id=till-4"), []);
});

Deno.test("GET /v1/totals refuses spans that are none, or longer than 31 days", async () => {
  await using desk = await openDesk();
  for (
    const [from, to, status] of [
      ["2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z", 200],
      ["2026-01-01T00:00:00Z", "2026-02-01T00:00:00.001Z", 400],
      ["2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z", 200],
      ["2026-01-01T00:00:00.001Z", "2026-01-01T00:00:00Z", 400],
      ["2026-01-01", "2026-01-02", 400],
    ] as const
  ) {
    const { key } = desk.merchant;
    const path = `/v1/totals?from=${from}&to=${to}`;
    const answer = await desk.api.call("GET", path, { key });
    assertEquals(answer.status, status, path);
  }
});

Deno.test("the bill of a closed day is the same bytes for as long as it is kept", async () => {
  await using desk = await openDesk();
  const { api, merchant, clock } = desk;
  await liveADay(desk);
  const day = "2026-01-15";
  clock.ms = Date.parse("2026-01-16T00:14:59.999Z");
  // An event of the next day, and a bill that is asked for too early.
  assertEquals(said(await desk.refund("paid", "r-9", 50)), "201");
  const open = await billOf(api, merchant, day, "text/csv");
  assertEquals(open.headers.get("offcode-bill"), "open");
  assertEquals(open.headers.get("repr-digest"), null);
  assert(open.text.endsWith("open,,,,,,,,,,,,,,,\r\n"));
  clock.advance(1);
  const forms = ["text/csv", "application/json"];
  const first = [];
  for (const accept of forms) {
    const bill = await billOf(api, merchant, day, accept);
    assertEquals([bill.status, bill.headers.get("offcode-bill")], [
      200,
      "closed",
    ]);
    const digest = createHash("sha256").update(bill.text).digest("base64");
    assertEquals(bill.headers.get("repr-digest"), `sha-256=:${digest}:`);
    first.push(bill.text);
  }
  assert(
    first[0]!.endsWith("closed,2026-01-16T00:00:00.000Z,,,,,,,,,,,,,,\r\n"),
  );
  assertEquals(JSON.parse(first[1]!).closed, true);
  assert(!first[0]!.includes("r-9"));
  for (const afterMs of [1, DAY_MS, 363 * DAY_MS, 34 * DAY_MS]) {
    clock.advance(afterMs);
    await desk.refund("paid", `later-${afterMs}`, 1);
    await desk.app.eventSweeper.sweep();
    for (const [i, accept] of forms.entries()) {
      const { text } = await billOf(api, merchant, day, accept);
      assertEquals(text, first[i]);
    }
  }
  // Of the refunds, each is in the bill of its own day.
  assertEquals(linesOf(await readBill(desk, "2026-01-16")).length, 2);
  // 400 days after the day began, its records begin to go.
  clock.ms = Date.parse("2027-02-19T00:00:00Z");
  assertEquals((await billOf(api, merchant, day)).status, 404);
});

/** Another edge closes the day while the end of a payment is on its way to the store. */
Deno.test("an event is never added to a closed day, however late it is committed", async () => {
  let onEnd: (() => Promise<void>) | null = null;
  await using desk = await openDesk({
    wrapStore: (store) =>
      through(store, {
        async txn(...[transaction]: Parameters<Store["txn"]>) {
          const held = transaction.writes.some((it) =>
              it.kind === "index" && it.index.includes(":events:")
            )
            ? onEnd
            : null;
          if (held !== null) {
            onEnd = null;
            await held();
          }
          return await store.txn(transaction);
        },
      }),
  });
  const { api, merchant, clock } = desk;
  const day = "2026-01-15";
  clock.ms = Date.parse("2026-01-15T23:59:30Z");
  assertEquals(said(await desk.pay("early", desk.code())), "201");
  clock.ms = Date.parse("2026-01-15T23:59:59Z");
  let closed = "";
  onEnd = async () => {
    clock.ms = Date.parse("2026-01-16T00:15:00Z");
    const bill = await billOf(api, merchant, day, "text/csv");
    assertEquals(bill.headers.get("offcode-bill"), "closed");
    closed = bill.text;
  };
  assertEquals(said(await desk.pay("late", desk.next())), "201");
  assert(closed.includes("early") && !closed.includes("late"));
  assertEquals((await billOf(api, merchant, day, "text/csv")).text, closed);
  assertEquals(linesOf(await readBill(desk, "2026-01-16")), [
    "payment late 1250",
  ]);
  const { body } = await desk.query("late");
  assertEquals(body.updated_at, "2026-01-16T00:15:00.000Z");
});

Deno.test("a closed bill that is not what it was is cut off before its end", async () => {
  await using desk = await openDesk();
  const { api, merchant, clock } = desk;
  assertEquals(said(await desk.pay("order-1", desk.code())), "201");
  clock.advance(DAY_MS);
  assertEquals((await billOf(api, merchant, "2026-01-15")).status, 200);
  const index = events(merchant.id).name;
  const score = latestFirst(Date.parse("2026-01-15T13:00:00Z"));
  await desk.app.store.txn({
    checks: [],
    writes: [{ kind: "index", index, member: "pEURA a forged", score }],
  });
  await assertRejects(() => billOf(api, merchant, "2026-01-15"));
  assert(desk.app.logged.some((it) => it.includes("closed bill is not what")));
  await desk.app.store.txn({
    checks: [],
    writes: [{ kind: "unindex", index, member: "pEURA a forged" }],
  });
  assertEquals((await billOf(api, merchant, "2026-01-15")).status, 200);
});

Deno.test("GET /v1/bills is of days that there are, and of the caller alone", async () => {
  await using desk = await openDesk();
  const { api, merchant } = desk;
  for (
    const [day, status] of [
      ["2026-01-15", 200],
      ["2026-01-14", 200],
      ["2025-01-01", 200],
      ["2024-12-10", 404],
      ["2026-01-16", 404],
      ["2026-02-30", 404],
      ["2026-1-1", 404],
      ["today", 404],
      ["0000-01-01", 404],
    ] as const
  ) {
    assertEquals((await billOf(api, merchant, day)).status, status, day);
  }
  const none = await billOf(api, merchant, "2026-01-15");
  assertEquals(JSON.parse(none.text).lines, []);
  const wallet = { id: "", key: desk.walletKey };
  assertEquals((await billOf(api, wallet, "2026-01-15")).status, 403);
  const accepts: [string, string][] = [
    ["", "application/json"],
    ["*/*", "application/json"],
    ["text/csv;q=0", "application/json"],
    ["text/csv;q=0.5, application/json", "application/json"],
    ["text/*", "application/json"],
    ["Text/CSV", "text/csv; charset=utf-8; header=present"],
    [
      "application/json;q=0.8, text/csv;q=0.9",
      "text/csv; charset=utf-8; header=present",
    ],
  ];
  for (const [accept, type] of accepts) {
    const { headers } = await billOf(api, merchant, "2026-01-15", accept);
    assertEquals(headers.get("content-type"), type, accept);
    assertEquals(headers.get("cache-control"), "no-store");
  }
});

Deno.test("no day is closed while the clock is unsure", async () => {
  let aheadMs = 0;
  await using desk = await openDesk({
    wrapStore: (store) =>
      through(store, {
        timeMs: async () => await store.timeMs() - aheadMs,
      }),
  });
  const { api, merchant, clock } = desk;
  clock.advance(DAY_MS);
  aheadMs = DAY_MS;
  const bill = await billOf(api, merchant, "2026-01-15");
  assertEquals([bill.status, JSON.parse(bill.text).code], [
    503,
    "clock-unsure",
  ]);
  const { values } = await desk.app.store.read({
    keys: [billsClosedKey(merchant.id)],
  });
  assertEquals(values, [null]);
});

Deno.test("the events of a merchant go when its records do", async () => {
  await using desk = await openDesk();
  const count = async () =>
    (await desk.app.store.range({
      index: events(desk.merchant.id).name,
      min: 0,
      max: Number.MAX_SAFE_INTEGER,
      limit: 10,
    })).length;
  await desk.pay("order-1", desk.code(), { amount_minor: 10 });
  desk.clock.advance(DAY_MS);
  await desk.pay("order-2", desk.code(), { amount_minor: 10 });
  for (
    const [afterMs, removed, left] of [
      [399 * DAY_MS, 0, 2],
      [DAY_MS, 1, 1],
      [0, 0, 1],
      [DAY_MS, 1, 0],
    ] as const
  ) {
    desk.clock.advance(afterMs);
    assertEquals(await desk.app.eventSweeper.sweep(), removed);
    assertEquals(await count(), left);
  }
});

Deno.test("the bills task writes the bills of all merchants, and their digests", async () => {
  await using desk = await openDesk();
  await liveADay(desk);
  const { api, app, clock, merchant } = desk;
  await api.merchant();
  clock.advance(2 * DAY_MS);
  const folder = await Deno.makeTempDir({ prefix: "offcode-bills-" });
  const day = "2026-01-15";
  const run = (path: string, ...args: string[]) =>
    saidBy(programOf("scripts/bills.ts", [...args, "--out", folder], {
      env: { OFFCODE_STORE: `sqlite:${path}` },
    }));
  try {
    const { code, err } = await run(app.path, "--day", day);
    assertEquals([code, err.trimEnd().split("\n").at(-1)], [
      0,
      `1 closed, 0 open, 1 merchants without one: ${folder}/${day}`,
    ]);
    const names = [...Deno.readDirSync(`${folder}/${day}`)]
      .map(({ name }) => name).sort();
    assertEquals(names, ["SHA256SUMS", `${merchant.id}.csv`]);
    const written = await Deno.readTextFile(`${folder}/${day}/${names[1]}`);
    assertEquals(
      written,
      (await billOf(api, merchant, day, "text/csv")).text,
    );
    const sums = new LimitedCommand("sha256sum", {
      args: ["--check", "--strict", "SHA256SUMS"],
      cwd: `${folder}/${day}`,
    });
    assertEquals((await sums.output()).code, 0);
    const json = await run(app.path, "--day", day, "--form", "json");
    assertEquals(json.code, 0);
    const file = await saidBy(programOf("scripts/bills.ts", [
      ...["--day", day, "--out", `${folder}/${day}/SHA256SUMS`],
    ], { env: { OFFCODE_STORE: `sqlite:${app.path}` } }));
    assertEquals([file.code, file.err.includes("    at ")], [2, false]);
    // A day that has not begun is not closed, and one that is none has no bill.
    const later = await run(app.path, "--day", "9999-01-15");
    assertEquals([later.code, later.err.trimEnd().split("\n").at(-1)], [
      1,
      `0 closed, 2 open, 0 merchants without one: ${folder}/9999-01-15`,
    ]);
    for (const none of ["2026-02-30", "2026-13-01", "today"]) {
      const { code, err } = await run(app.path, "--day", none);
      assertEquals([code, err.includes("--day takes a day")], [2, true], none);
    }
    assertEquals(
      await Deno.readTextFile(`${folder}/${day}/${merchant.id}.json`),
      (await billOf(api, merchant, day)).text,
    );
    const wrong = await Promise.all([
      run(app.path, "--day", "15.1.2026"),
      run(app.path, "--day", day, "--form", "xml"),
      run(`${app.path}.mistyped`, "--day", day),
    ]);
    assertEquals(wrong.map(({ code }) => code), [2, 2, 2]);
    assertEquals(
      wrong[2]!.err,
      "OFFCODE_STORE names a file that is not there\n",
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a long bill is closed and sent in many turns of the event loop, over a store in this process", async () => {
  await using desk = await openDesk();
  const { api, merchant, clock, app } = desk;
  const fromMs = Date.parse("2026-01-15T00:00:00Z");
  const count = 2_000;
  for (let first = 0; first < count; first += 1_000) {
    await app.store.txn({
      checks: [],
      writes: Array.from({ length: 1_000 }, (_, i) =>
        events(merchant.id)
          .put(`pEURA a o${first + i}`, latestFirst(fromMs + first + i))),
    });
  }
  clock.advance(DAY_MS);
  let turns = 0;
  let isOver = false;
  const turning = (async () => {
    for (; !isOver; turns++) await new Promise((go) => setImmediate(go));
  })();
  const response = await api.fetch(
    new Request(`${api.origin}/v1/bills/2026-01-15`, {
      headers: { authorization: `Bearer ${merchant.key}` },
    }),
  );
  const closedTurns = turns;
  const closedStays = app.connection.stays;
  const { lines } = await response.json();
  isOver = true;
  await turning;
  assertEquals(lines.length, count);
  // The events are read twice: to close the bill, and to send it.
  assert(closedTurns >= 8, `${closedTurns} turns`);
  assert(turns - closedTurns >= 8, `${turns - closedTurns} turns`);
  // Nobody ends the connection meanwhile.
  assert(closedStays >= 9, `${closedStays} stays`);
  assertEquals(app.connection.stays, 18);
});
