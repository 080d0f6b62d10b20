/**
 * What the till makes of each answer that the API can give. The problems are those
 * of the table that the server sends from, so that a new one is looked at here.
 */
import { assert, assertEquals } from "@std/assert";
import {
  PROBLEM_CODES,
  type ProblemCode,
  PROBLEMS,
} from "../../../../edge/http/kit/problem_texts.ts";
import { problem } from "../../../../edge/http/kit/problem.ts";
import {
  type Answer,
  type AnswerBody,
  type Asked,
  verdictOf,
} from "../../../../edge/pages/till/verdict.ts";

const ORDER = "order-1";
const ASKED: readonly Asked[] = ["pay", "ask", "reverse"];

function ofProblem(code: ProblemCode): Answer {
  const { document, retryAfterSeconds } = problem(code, { detail: "Why." });
  return {
    status: document.status,
    body: document,
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
  };
}

const payment = (status: string, more: AnswerBody = {}): AnswerBody => ({
  order_id: ORDER,
  status,
  ...more,
});

Deno.test("only a 200 or 201 that says so of this order is paid", () => {
  const paid = payment("succeeded");
  for (const status of [200, 201]) {
    for (const asked of ["pay", "ask"] as const) {
      assertEquals(
        verdictOf(asked, ORDER, { status, body: paid }).headline,
        "paid",
      );
    }
  }
  const others: Answer[] = [
    { status: 202, body: paid },
    { status: 204, body: paid },
    { status: 402, body: paid },
    { status: 500, body: paid },
    { status: 200, body: {} },
    { status: 200, body: { ...paid, order_id: "order-2" } },
    { status: 200, body: { order_id: ORDER } },
    { status: 200, body: payment("a word of later") },
    { status: 200, body: payment("SUCCEEDED") },
    { status: 200, body: payment("refunded") },
    { status: 201, body: payment("processing") },
  ];
  for (const answer of [null, ...others]) {
    for (const asked of ASKED) {
      const { headline, state } = verdictOf(asked, ORDER, answer);
      assert(headline !== "paid" && state !== "paid", JSON.stringify(answer));
    }
  }
});

/** What is pressed first after a code was scanned, by problem. */
const FIRST: Record<ProblemCode, string> = {
  "malformed-request": "tillProblem cancel",
  "not-authenticated": "tillProblem key",
  "forbidden": "tillProblem key",
  "merchant-suspended": "tillProblem cancel",
  "not-found": "tillProblem cancel",
  "method-not-allowed": "tillProblem cancel",
  "code-malformed": "notPaid scan",
  "code-not-accepted": "notPaid scan",
  "code-ambiguous": "notPaid scan",
  "code-replayed": "notPaid scan",
  "payer-blocked": "notPaid scan",
  "offline-codes-off": "notPaid scan",
  "limit-exceeded": "notPaid scan",
  "payment-declined": "notPaid scan",
  "too-many-attempts": "notPaid scan",
  "renewal-refused": "tillProblem cancel",
  "release-rejected": "tillProblem cancel",
  "order-conflict": "orderOver renumber",
  "order-paid-earlier": "orderOver renumber",
  "order-refunded": "orderOver renumber",
  "looks-like-double-scan": "askCustomer cancel",
  "payment-pending": "waiting ask",
  "payment-reversed": "reversed next",
  "reversal-too-late": "orderOver next",
  "refund-conflict": "tillProblem cancel",
  "refund-declined": "tillProblem cancel",
  "refund-refused": "tillProblem cancel",
  "store-unavailable": "notKnown again",
  "ledger-unavailable": "notKnown again",
  "clock-unsure": "notKnown again",
};

for (const code of PROBLEM_CODES) {
  Deno.test(`${code} shows the cashier's sentence, and what to press`, () => {
    for (const asked of ASKED) {
      const verdict = verdictOf(asked, ORDER, ofProblem(code));
      assertEquals(verdict.says, PROBLEMS[code].cashier);
      assert(verdict.presses.length > 0);
      assert(verdict.headline !== "paid");
      if (asked === "pay") {
        assertEquals(`${verdict.headline} ${verdict.presses[0]}`, FIRST[code]);
      }
    }
  });
}

Deno.test("an order that is not found may yet be under way", () => {
  const answer = ofProblem("not-found");
  const body = { ...answer.body, retry: "query" };
  const verdict = verdictOf("ask", ORDER, { ...answer, body });
  assertEquals(verdict.headline, "notKnown");
  assertEquals(verdict.presses, ["again", "ask", "reverse"]);
});

Deno.test("no answer is not known, never not paid", () => {
  for (const asked of ASKED) {
    const { headline, presses } = verdictOf(asked, ORDER, null);
    assertEquals(headline, "notKnown");
    assert(presses.includes("reverse") && !presses.includes("next"));
  }
  const strange = { status: 502, body: { message: "Bad gateway" } as object };
  assertEquals(verdictOf("pay", ORDER, strange).headline, "notKnown");
});

Deno.test("waits and polls are those that the answer names", () => {
  const pending = {
    ...ofProblem("payment-pending").body,
    next_query_seconds: 7,
  };
  assertEquals(
    verdictOf("pay", ORDER, { status: 402, body: pending }).askInSeconds,
    7,
  );
  const underWay = payment("processing", { next_query_seconds: 3 });
  assertEquals(
    verdictOf("ask", ORDER, { status: 200, body: underWay }).askInSeconds,
    3,
  );
  const later = { ...ofProblem("too-many-attempts"), retryAfterSeconds: 17 };
  assertEquals(verdictOf("pay", ORDER, later).waitSeconds, 17);
  const away = { ...ofProblem("store-unavailable"), retryAfterSeconds: 2 };
  assertEquals(verdictOf("pay", ORDER, away).waitSeconds, 2);
});

Deno.test("a sentence that is no text in both languages is not shown", () => {
  const { body, status } = ofProblem("code-replayed");
  for (const cashier of [undefined, "Yes", { en: "Yes" }, { en: 1, zh: 2 }]) {
    const odd = { ...body, cashier } as AnswerBody;
    assertEquals(
      verdictOf("pay", ORDER, { status, body: odd }).says,
      undefined,
    );
  }
});

Deno.test("an answer of a server for tests is marked so", () => {
  const body = payment("succeeded", { mode: "test" });
  assert(verdictOf("pay", ORDER, { status: 201, body }).isTest);
  assert(
    !verdictOf("pay", ORDER, {
      status: 201,
      body: { ...body, mode: "live" },
    }).isTest,
  );
});
