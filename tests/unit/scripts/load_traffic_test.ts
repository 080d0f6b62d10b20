import { assert, assertEquals } from "@std/assert";
import { KINDS } from "../../../scripts/load/options.ts";
import { Orders } from "../../../scripts/load/orders.ts";
import { Recorder } from "../../../scripts/load/recorder.ts";
import {
  type Arrival,
  describeReply,
  planArrivals,
  Traffic,
} from "../../../scripts/load/traffic.ts";
import { WalletPool } from "../../../scripts/load/wallet_pool.ts";
import { seeded } from "../../support/world/points/seeded.ts";

const NOW_MS = 1_700_000_000_000;

function scene(kinds: readonly Arrival["kind"][], overInMs = 60_000) {
  const orders = new Orders("run", seeded(1));
  const recorder = new Recorder();
  const startMs = performance.now();
  const traffic = new Traffic({
    ...{ origin: "http://127.0.0.1:1", merchantKeys: ["key-0", "key-1"] },
    arrivals: kinds.map((kind, i) => ({ atMs: i, kind })),
    pool: new WalletPool({
      sources: [{ show: (ms) => ({ digits: `9010001${ms}` }) }],
      ...{ stepMs: 30_000, codesPerWallet: 50, random: seeded(2) },
    }),
    ...{ orders, recorder, startMs, endMs: startMs + overInMs },
    nowMs: () => NOW_MS,
  });
  /** The next request's text; it is answered with this. */
  const send = (till: number, status: number, body: unknown): string | null => {
    const shot = traffic.next(till)!;
    const bytes = shot.bytes();
    if (bytes === null) return null;
    const dueMs = shot.dueMs!;
    shot.ended({
      ...{ sentMs: dueMs, endedMs: dueMs + 1, status, bytes: 0 },
      text: () => JSON.stringify(body),
    });
    return new TextDecoder().decode(bytes);
  };
  return { orders, recorder, traffic, send };
}

const PAID = { payment_id: "pay_1", amount_minor: 100, status: "succeeded" };

Deno.test("Traffic sends what the plan says, each till with its merchant's key", () => {
  const { orders, recorder, send } = scene([
    "pay",
    "repeat",
    "query",
    "reverse",
    "bad",
  ]);
  const [pay, repeat, query, reverse, bad] = [
    send(1, 201, PAID)!,
    send(3, 200, { ...PAID, repeat: true })!,
    send(5, 200, PAID)!,
    send(7, 200, {
      order_id: "run-0",
      status: "reversed",
      payment_id: "pay_1",
    })!,
    send(2, 422, { code: "code-not-accepted", retry: "new-code" })!,
  ];
  assert(pay.startsWith("POST /v1/payments HTTP/1.1\r\n"));
  assert(pay.includes("Bearer key-1") && bad.includes("Bearer key-0"));
  const body = (text: string) =>
    JSON.parse(text.slice(text.indexOf("\r\n\r\n") + 4));
  assertEquals(body(repeat), { ...body(pay), terminal_id: "till-3" });
  assert(query.startsWith("GET /v1/payments?order_id=run-0 HTTP/1.1\r\n"));
  assertEquals(body(reverse), { order_id: "run-0" });
  assert(
    body(bad).code !== body(pay).code && body(bad).order_id === "run-bad-0",
  );
  assertEquals(
    recorder.answers().map((it) => [it.kind, it.answer, it.asExpected]),
    [
      ["pay", "201 succeeded", true],
      ["bad", "422 code-not-accepted", true],
      ["repeat", "200 succeeded", true],
      ["query", "200 succeeded", true],
      ["reverse", "200 reversed", true],
    ],
  );
  assertEquals([orders.breaches, orders.all[0]!.state], [[], "reversed"]);
});

Deno.test("Traffic pays where there is no order to ask for yet, and skips where there is no code", () => {
  const { recorder, traffic, send } = scene([
    "repeat",
    "query",
    "reverse",
    "pay",
  ]);
  // One wallet, drawn for the code of every step that can be shown.
  for (let till = 0; till < 3; till++) {
    assert(
      send(till % 2, 402, { code: "payment-pending", retry: "query" }) !== null,
    );
  }
  assertEquals(send(0, 201, PAID), null);
  assertEquals([traffic.skipped, traffic.unsent, traffic.next(0)], [
    1,
    0,
    null,
  ]);
  assertEquals(recorder.answers(), [
    { kind: "pay", answer: "402 payment-pending", asExpected: false, count: 3 },
  ]);
});

Deno.test("Traffic ends with the time of its run, and counts what has not left", () => {
  const { traffic } = scene(["pay", "pay"], -1);
  assertEquals([traffic.next(0), traffic.unsent], [null, 2]);
});

Deno.test("describeReply() repeats no text of a server but a plain word", () => {
  for (
    const [reply, says] of [
      [{ fault: "timeout" }, "timeout"],
      [
        { status: 409, body: { code: "code-replayed", status: 409 } },
        "409 code-replayed",
      ],
      [{ status: 200, body: { status: "succeeded" } }, "200 succeeded"],
      [{ status: 502, body: {} }, "502 without a word"],
      [
        { status: 200, body: { status: "<b>901000123456789012</b>" } },
        "200 without a word",
      ],
      [{ status: 200, body: { code: "x".repeat(41) } }, "200 without a word"],
    ] as const
  ) assertEquals(describeReply(reply), says);
});

const NONE = { bad: 0, repeat: 0, query: 0, reverse: 0 };

Deno.test("planArrivals() draws Poisson's gaps: as many as asked for, and exponential", () => {
  const plan = planArrivals(
    { rate: 1000, seconds: 20, shares: NONE },
    seeded(2),
  );
  assertEquals(plan.length, 20_000);
  const gaps = plan.slice(1).map((it, i) => it.atMs - plan[i]!.atMs);
  assert(gaps.every((it) => it >= 0));
  assert(plan[0]!.atMs >= 0 && plan.at(-1)!.atMs < 20_000);
  // Of exponential gaps with a mean of 1 ms, e^-x are longer than x ms.
  for (
    const [x, want] of [[0.5, 0.6065], [1, 0.3679], [2, 0.1353], [
      4,
      0.0183,
    ]] as const
  ) {
    const part = gaps.filter((it) => it > x).length / gaps.length;
    assert(Math.abs(part - want) < 0.01, `${x}: ${part}`);
  }
});

Deno.test("planArrivals() gives each kind its exact share, mixed", () => {
  const plan = planArrivals({
    rate: 100,
    seconds: 10,
    shares: { bad: 0.1, repeat: 0.2, query: 0.05, reverse: 0.001 },
  }, seeded(3));
  const count = (kind: string) => plan.filter((it) => it.kind === kind).length;
  assertEquals(KINDS.map(count), [649, 100, 200, 50, 1]);
  // Not all in one place: each tenth of the run has some.
  for (let i = 0; i < 10; i++) {
    const some = plan.slice(i * 100, (i + 1) * 100);
    assert(
      some.some((it) => it.kind === "bad") &&
        some.some((it) => it.kind === "repeat"),
    );
  }
});
