/**
 * What a ledger may not say: every answer that is not exactly one of the
 * contract's is no answer, whichever call gets it.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import type { Ledger } from "../../edge/ledger/ledger.ts";
import { ALICE_DEBIT as DEBIT } from "../support/ledger/fixture.ts";
import { answers, type Exchange, sends } from "../support/ledger/faults.ts";
import {
  type CallName,
  type LedgerServer,
  startLedgerServer,
} from "../support/ledger/server.ts";

const CALLS: Record<CallName, (ledger: Ledger) => Promise<unknown>> = {
  debits: (ledger) => ledger.debit(DEBIT, { confirmed: true }),
  reversals: (ledger) => ledger.reverse("pay_1"),
  refunds: (ledger) =>
    ledger.refund({
      paymentId: "pay_1",
      refundId: "ref_1",
      amountMinor: 1250,
      currency: "EUR",
    }),
  queries: (ledger) => ledger.query("pay_1"),
};

/** What an answer to each call is about. */
const about = (call: CallName) => ({
  payment_id: "pay_1",
  ...(call === "refunds" && { refund_id: "ref_1" }),
});

/** What would be a proper answer to each call. */
const GOOD: Record<CallName, string> = {
  debits: "approved",
  reversals: "reversed",
  refunds: "refunded",
  queries: "approved",
};

const UNKNOWN = { kind: "unknown" };

type Answer = (good: string, call: CallName) => Response;

/**
 * Each answer, from each call, is no answer, though the work was done; after
 * it, asking again brings the truth.
 */
async function noAnswer(
  cases: Record<string, Answer>,
  fault: string,
): Promise<void> {
  for (const [name, answer] of Object.entries(cases)) {
    for (const call of Object.keys(CALLS) as CallName[]) {
      await using server = startLedgerServer();
      server.setAccount("alice", 10_000);
      const faults: unknown[] = [];
      const ledger = server.connect({
        log: (_level, _message, fields) => faults.push(fields?.fault),
      });
      const good = JSON.stringify({ ...about(call), result: GOOD[call] });
      server.next(call, answers(() => answer(good, call), { work: true }));
      assertEquals(await CALLS[call](ledger), UNKNOWN, `${name}, ${call}`);
      assertEquals(faults, [fault], `${name}, ${call}`);
      assertEquals(server.requests.length, 1, `${name}, ${call}`);
      await agree(server, ledger);
    }
  }
}

/** Asked again, the ledger tells the truth and the money has moved once. */
async function agree(server: LedgerServer, ledger: Ledger): Promise<void> {
  const answer = await ledger.debit(DEBIT, { confirmed: true });
  const taken = answer.kind === "approved" ? 1 : 0;
  assertEquals(server.debits() - server.reversals(), taken);
  assertEquals(server.balance("alice"), 10_000 - taken * 1250);
  assertEquals(await ledger.reverse("pay_1"), { kind: "reversed" });
  assertEquals(server.balance("alice"), 10_000);
}

const json = (body: string, init: ResponseInit = {}) =>
  new Response(body, {
    ...init,
    headers: { "content-type": "application/json", ...init.headers },
  });

const object = (fields: Record<string, unknown>): Answer => (_, call) =>
  json(JSON.stringify({
    ...about(call),
    result: GOOD[call],
    ...fields,
  }));

Deno.test("a status other than 200 is no answer, whatever its body says", async () => {
  const statuses = [
    201,
    202,
    203,
    206,
    299,
    300,
    304,
    400,
    401,
    402,
    403,
    404,
    409,
    410,
    418,
    422,
    429,
    500,
    502,
    503,
    504,
    599,
  ];
  await noAnswer(
    Object.fromEntries(
      statuses.map((status) => [
        `${status}`,
        (good: string): Response =>
          status === 304
            ? new Response(null, { status })
            : json(good, { status }),
      ]),
    ),
    "status",
  );
  await noAnswer(
    { "204": () => new Response(null, { status: 204 }) },
    "status",
  );
});

Deno.test("a redirect is no answer and is not followed", async () => {
  for (const status of [301, 302, 303, 307, 308]) {
    await using elsewhere = startLedgerServer();
    elsewhere.setAccount("alice", 10_000);
    const away = (call: CallName) => `${elsewhere.url}/${call}`;
    await noAnswer({
      [`${status}`]: (good, call) =>
        json(good, { status, headers: { location: away(call) } }),
    }, "status");
    assertEquals(elsewhere.requests, []);
  }
});

Deno.test("another content type is no answer", async () => {
  const typed = (type: string): Answer => (good) =>
    new Response(good, { headers: { "content-type": type } });
  await noAnswer({
    html: typed("text/html"),
    text: typed("text/plain; charset=utf-8"),
    problem: typed("application/problem+json"),
    "json in utf-16": typed("application/json; charset=utf-16"),
    "nearly json": typed("application/jsonp"),
    "json in two charsets": typed(
      "application/json; charset=utf-8; charset=utf-16",
    ),
    "two types": typed("application/json, text/html"),
    none: (good) => new Response(new TextEncoder().encode(good)),
  }, "content-type");
});

Deno.test("every spelling of the content type that means JSON is fine", async () => {
  const types = [
    "application/json",
    "Application/JSON",
    "application/json;charset=utf-8",
    'application/json ; charset="UTF-8"',
    "application/json; charset=utf8",
    "application/json;",
    'application/json; version=1; charset="utf-8"; note="a; b"',
  ];
  for (const type of types) {
    await using server = startLedgerServer();
    const body = '{"payment_id":"pay_1","result":"reversed","more":[1]}';
    server.next(
      "reversals",
      answers(() => new Response(body, { headers: { "content-type": type } })),
    );
    assertEquals(
      await server.connect().reverse("pay_1"),
      { kind: "reversed" },
      type,
    );
  }
});

Deno.test("a member that is null counts as absent", async () => {
  await using server = startLedgerServer();
  const answered = {
    payment_id: "pay_1",
    refund_id: null,
    result: "reversed",
    reason: null,
  };
  server.next("reversals", answers(() => json(JSON.stringify(answered))));
  assertEquals(await server.connect().reverse("pay_1"), { kind: "reversed" });
});

Deno.test("a body that is not the contract's JSON is no answer", async () => {
  await noAnswer({
    empty: () => json(""),
    words: () => json("approved"),
    "half of it": (good) => json(good.slice(0, -1)),
    "twice": (good) => json(good + good),
    "in an array": (good) => json(`[${good}]`),
    "as a string": (good) => json(JSON.stringify(good)),
    null: () => json("null"),
    number: () => json("200"),
    deep: () => json("[".repeat(16_000)),
    "an html page": () => json("<!doctype html><title>Bad gateway</title>"),
    "a NUL": (good) => json(`${good}\0`),
    "not UTF-8": (good) => {
      const bytes = new TextEncoder().encode(good.replace("}", ',"x":"?"}'));
      bytes[bytes.lastIndexOf(0x3f)] = 0xff;
      return new Response(bytes, {
        headers: { "content-type": "application/json" },
      });
    },
    "no payment id": object({ payment_id: undefined }),
    "payment id null": object({ payment_id: null }),
    "payment id in a list": object({ payment_id: ["pay_1"] }),
    "no result": object({ result: undefined }),
    "result true": object({ result: true }),
    "a list of results": object({ result: ["approved"] }),
    "reason 5": object({ reason: 5 }),
  }, "garbage");
});

Deno.test("an answer about another payment is no answer", async () => {
  await noAnswer({
    other: object({ payment_id: "pay_2" }),
    longer: object({ payment_id: "pay_11" }),
    capitals: object({ payment_id: "PAY_1" }),
    space: object({ payment_id: "pay_1 " }),
    empty: object({ payment_id: "" }),
    // One about no refund is not about this one, nor the other way round.
    "another refund": object({ refund_id: "ref_2" }),
    "the other kind": (_, call) =>
      json(JSON.stringify({
        payment_id: "pay_1",
        ...(call !== "refunds" && { refund_id: "ref_1" }),
        result: GOOD[call],
      })),
  }, "other-payment");
});

Deno.test("a word that the call has no use for is no answer", async () => {
  await noAnswer({
    unheard: object({ result: "pending" }),
    capitals: object({ result: "APPROVED" }),
    space: object({ result: " approved" }),
    empty: object({ result: "" }),
    inherited: object({ result: "constructor" }),
    // Each call has words of its own; a confirmed debit cannot wait.
    "another call's": (_, call) =>
      json(JSON.stringify({
        ...about(call),
        result: {
          debits: "needs_confirmation",
          reversals: "approved",
          refunds: "approved",
          queries: "unknown",
        }[call],
      })),
    "the reverse": (_, call) =>
      json(JSON.stringify({
        ...about(call),
        result: {
          debits: "reversed",
          reversals: "none",
          refunds: "none",
          queries: "debited",
        }[call],
      })),
  }, "other-word");
});

Deno.test("a query answered none is unknown, and no fault", async () => {
  await using server = startLedgerServer();
  const logged: string[] = [];
  const ledger = server.connect({ log: (_, message) => logged.push(message) });
  assertEquals(await ledger.query("pay_1"), { kind: "unknown" });
  assertEquals(logged, []);
});

Deno.test("a body of 16384 bytes is read, one byte more is no answer", async () => {
  const padded = (length: number): Answer => (good) =>
    json(good.replace("{", "{" + " ".repeat(length - good.length)));
  await noAnswer({
    "16385": padded(16_385),
    "1 MB": padded(1_000_000),
    // Without a length in front.
    chunked: (good) => {
      const bytes = new TextEncoder().encode(
        good.replace("{", "{" + " ".repeat(16_385 - good.length)),
      );
      return new Response(new Blob([bytes]).stream(), {
        headers: { "content-type": "application/json" },
      });
    },
  }, "too-long");

  await using server = startLedgerServer();
  const good = '{"payment_id":"pay_1","result":"reversed"}';
  server.next(
    "reversals",
    answers(() => padded(16_384)(good, "reversals")),
  );
  assertEquals(await server.connect().reverse("pay_1"), { kind: "reversed" });
});

Deno.test("the log says what was wrong and nothing that was sent or secret", async () => {
  const words = "words of the other side";
  await using server = startLedgerServer();
  const logged: unknown[] = [];
  const ledger = server.connect({ log: (...line) => logged.push(line) });
  const speaks = (status: number) => (_: Exchange) =>
    new Response(words, { status, statusText: words, headers: { x: words } });
  server.next("debits", speaks(503));
  server.next("reversals", speaks(200));
  server.next("queries", sends(() => words, { hangUp: true }));
  await ledger.debit(DEBIT, { confirmed: true });
  await ledger.reverse("pay_1");
  await ledger.query("pay_1");
  const line = (fields: Record<string, unknown>) => [
    "warn",
    "the ledger gave no answer",
    { payment_id: "pay_1", ...fields },
  ];
  assertEquals(logged, [
    line({ call: "debit_confirmed", fault: "status", status: 503 }),
    line({ call: "reverse", fault: "content-type" }),
    line({ call: "query", fault: "unreachable" }),
  ]);
});
