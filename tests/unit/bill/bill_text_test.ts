import { assertEquals, assertThrows } from "@std/assert";
import { BILL_WRITERS, type BillEvent } from "../../../edge/bill/bill_text.ts";
import { Totals } from "../../../edge/bill/totals.ts";
import { NOON_MS } from "../../support/world/app.ts";

const PAID: BillEvent = {
  kind: "paid",
  atMs: NOON_MS,
  paymentId: "pay_1",
  orderId: "order-1",
  storeId: "store-7",
  terminalId: "till-3",
  currency: "EUR",
  amountMinor: 1250,
};
const EVENTS: readonly BillEvent[] = [
  {
    ...PAID,
    kind: "refunded",
    atMs: NOON_MS + 2,
    refundId: "r-1",
    amountMinor: 500,
  },
  { ...PAID, kind: "reversed", atMs: NOON_MS + 1, orderId: "order-0" },
  PAID,
];
const HEAD = {
  day: "2026-01-15",
  timeZone: "Europe/Berlin",
  fromMs: Date.parse("2026-01-14T23:00:00Z"),
  toMs: Date.parse("2026-01-15T23:00:00Z"),
};

function bill(
  form: "csv" | "json",
  isClosed: boolean,
  events = EVENTS,
): string {
  const writer = BILL_WRITERS[form];
  const totals = new Totals();
  const lines = events.map((event, i) => {
    totals.add(event);
    return writer.line(event, i === 0);
  });
  const head = { ...HEAD, isClosed };
  return [writer.head(head), ...lines, writer.tail(head, totals.rows())].join(
    "",
  );
}

// The digests of closed bills are of these very bytes: a change here is one of bills that
// merchants have already.
Deno.test("a bill is these bytes as CSV", () => {
  assertEquals(
    bill("csv", true).split("\r\n"),
    [
      "line,at,payment_id,order_id,refund_id,store_id,terminal_id,currency,amount_minor,paid_count,paid_minor,reversed_count,reversed_minor,refunded_count,refunded_minor,net_minor",
      "refund,2026-01-15T12:00:00.002Z,pay_1,order-1,r-1,store-7,till-3,EUR,500,,,,,,,",
      "reversal,2026-01-15T12:00:00.001Z,pay_1,order-0,,store-7,till-3,EUR,1250,,,,,,,",
      "payment,2026-01-15T12:00:00.000Z,pay_1,order-1,,store-7,till-3,EUR,1250,,,,,,,",
      "total by currency,,,,,,,EUR,,1,1250,1,1250,1,500,-500",
      "total by store,,,,,store-7,,EUR,,1,1250,1,1250,1,500,-500",
      "total by terminal,,,,,store-7,till-3,EUR,,1,1250,1,1250,1,500,-500",
      "closed,2026-01-15T23:00:00.000Z,,,,,,,,,,,,,,",
      "",
    ],
  );
  const [, open] = bill("csv", false, []).split("\r\n");
  assertEquals(open, "open,,,,,,,,,,,,,,,");
});

Deno.test("a bill is these bytes as JSON", () => {
  const sums =
    '"paid_count":1,"paid_minor":1250,"reversed_count":1,"reversed_minor":1250,"refunded_count":1,"refunded_minor":500,"net_minor":-500';
  const ids = '"store_id":"store-7","terminal_id":"till-3"';
  assertEquals(
    bill("json", true),
    '{"day":"2026-01-15","time_zone":"Europe/Berlin","from":"2026-01-14T23:00:00.000Z","to":"2026-01-15T23:00:00.000Z","closed":true,"lines":[\n' +
      `{"line":"refund","at":"2026-01-15T12:00:00.002Z","payment_id":"pay_1","order_id":"order-1","refund_id":"r-1",${ids},"currency":"EUR","amount_minor":500},\n` +
      `{"line":"reversal","at":"2026-01-15T12:00:00.001Z","payment_id":"pay_1","order_id":"order-0",${ids},"currency":"EUR","amount_minor":1250},\n` +
      `{"line":"payment","at":"2026-01-15T12:00:00.000Z","payment_id":"pay_1","order_id":"order-1",${ids},"currency":"EUR","amount_minor":1250}\n` +
      `],"totals":[{"by":"currency","currency":"EUR",${sums}},{"by":"store","currency":"EUR","store_id":"store-7",${sums}},{"by":"terminal","currency":"EUR",${ids},${sums}}]}\n`,
  );
  assertEquals(JSON.parse(bill("json", false, [])).lines, []);
});

Deno.test("no cell of a bill is a formula, and none breaks its row", () => {
  const cells: [string, string][] = [
    ["order-1", "order-1"],
    ["1-1", "1-1"],
    ["a=b", "a=b"],
    ["=1+1", "'=1+1"],
    ["+1", "'+1"],
    ["-1", "'-1"],
    ["@SUM(A1)", "'@SUM(A1)"],
    // Spreadsheets of many countries separate cells by a semicolon.
    ["x;=1+1", "x;'=1+1"],
    ["x|@y", "x|'@y"],
    ["x,-2", `"x,'-2"`],
    ['a"b', '"a""b"'],
    ['="x"', `"'=""x"""`],
    ["a,b", '"a,b"'],
  ];
  for (const [id, cell] of cells) {
    for (
      const name of ["orderId", "storeId", "terminalId", "refundId"] as const
    ) {
      const [, row] = bill("csv", true, [{ ...PAID, [name]: id }]).split(
        "\r\n",
      );
      assertEquals(
        row,
        `payment,2026-01-15T12:00:00.000Z,pay_1,${
          name === "orderId" ? cell : "order-1"
        },${name === "refundId" ? cell : ""},${
          name === "storeId" ? cell : "store-7"
        },${name === "terminalId" ? cell : "till-3"},EUR,1250,,,,,,,`,
      );
    }
  }
});

Deno.test("Totals keeps groups apart, and takes no more memory above 10 000 tills", () => {
  const totals = new Totals();
  const { storeId: _, terminalId: __, ...bare } = PAID;
  totals.add(bare);
  totals.add({ ...bare, storeId: "a", terminalId: "1" });
  totals.add({ ...bare, storeId: "a" });
  totals.add({ ...bare, terminalId: "1" });
  totals.add({ ...bare, currency: "CNY", kind: "refunded" });
  const rows = totals.rows().map((it) =>
    [it.by, it.currency, it.storeId, it.terminalId, it.netMinor].join(" ")
  );
  assertEquals(rows, [
    "currency CNY   -1250",
    "currency EUR   5000",
    "store CNY   -1250",
    "store EUR   2500",
    "store EUR a  2500",
    "terminal CNY   -1250",
    "terminal EUR   1250",
    "terminal EUR  1 1250",
    "terminal EUR a  1250",
    "terminal EUR a 1 1250",
  ]);
  for (let i = 0; i < 20_000; i++) {
    totals.add({ ...PAID, storeId: `s${i % 7}`, terminalId: `t${i}` });
  }
  const all = totals.rows();
  assertEquals(all.length, 2 + 3 + 7 + 10_001);
  const others = all.filter(({ terminalId }) => terminalId === "(all others)");
  assertEquals(
    others.map((it) => [it.by, it.storeId, it.paidCount]),
    [["terminal", "(all others)", 20_000 - (10_000 - 5)]],
  );
  const sum = (by: string) =>
    all.filter((it) => it.by === by).reduce((n, it) => n + it.paidCount, 0);
  assertEquals(["currency", "store", "terminal"].map(sum), [
    20_004,
    20_004,
    20_004,
  ]);
});

Deno.test("Totals refuses a sum that a number cannot hold", () => {
  const totals = new Totals();
  const most = { ...PAID, amountMinor: Number.MAX_SAFE_INTEGER };
  totals.add(most);
  assertThrows(() => totals.add(most), RangeError);
});
