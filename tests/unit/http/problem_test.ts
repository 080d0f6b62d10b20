import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  problem,
  PROBLEM_CODES,
  type ProblemCode,
  problemResponse,
} from "../../../edge/http/kit/problem.ts";
import { PROBLEMS } from "../../../edge/http/kit/problem_texts.ts";

/** The contract, row by row, written down a second time. */
const CONTRACT: readonly (readonly [string, number, string])[] = [
  ["malformed-request", 400, "never"],
  ["not-authenticated", 401, "never"],
  ["forbidden", 403, "never"],
  ["merchant-suspended", 403, "never"],
  ["not-found", 404, "never"],
  ["method-not-allowed", 405, "never"],
  ["code-malformed", 422, "new-code"],
  ["code-not-accepted", 422, "new-code"],
  ["code-ambiguous", 409, "new-code"],
  ["code-replayed", 409, "new-code"],
  ["payer-blocked", 422, "new-code"],
  ["offline-codes-off", 422, "new-code"],
  ["limit-exceeded", 422, "new-code"],
  ["renewal-refused", 409, "never"],
  ["release-rejected", 422, "never"],
  ["order-conflict", 409, "never"],
  ["order-paid-earlier", 409, "query"],
  ["looks-like-double-scan", 409, "never"],
  ["payment-pending", 402, "query"],
  ["payment-declined", 422, "new-code"],
  ["payment-reversed", 409, "never"],
  ["reversal-too-late", 409, "never"],
  ["order-refunded", 409, "never"],
  ["refund-conflict", 409, "never"],
  ["refund-declined", 422, "never"],
  ["refund-refused", 409, "never"],
  ["too-many-attempts", 429, "later"],
  ["store-unavailable", 503, "same-order"],
  ["ledger-unavailable", 503, "same-order"],
  ["clock-unsure", 503, "same-order"],
];

const facts = { detail: "Something happened." };

Deno.test("problem() has exactly the codes, statuses and retry hints of the contract", () => {
  const table = PROBLEM_CODES.map((code) => {
    const { document } = problem(code, facts);
    assertEquals(document.code, code);
    return [document.code, document.status, document.retry] as const;
  });
  assertEquals<unknown>(table, CONTRACT);
});

Deno.test("problem() writes all members of the contract, in snake_case, and none without a fact", () => {
  const bare = problem("code-replayed", facts);
  assertEquals(Object.keys(bare.document), [
    "type",
    "title",
    "status",
    "detail",
    "code",
    "retry",
    "cashier",
    "customer",
  ]);
  assertEquals(Object.keys(bare), ["document"]);
  const full = problem("payment-declined", {
    detail: "The ledger said no.",
    instance: "/v1/payments",
    orderId: "order-17",
    paymentId: "pay-1",
    declineReason: "insufficient_funds",
    nextQuerySeconds: 3,
    retryAfterSeconds: 4,
    underWay: { status: "processing", waitsFor: "ledger" },
    paid: { atMs: 0, amountMinor: 5, currency: "EUR" },
  });
  assertEquals(full.retryAfterSeconds, 4);
  assertEquals<unknown>(full.document, {
    type: "/problems/payment-declined",
    title: "The payment was declined",
    status: 422,
    detail: "The ledger said no.",
    instance: "/v1/payments",
    code: "payment-declined",
    retry: "new-code",
    cashier: PROBLEMS["payment-declined"].cashier,
    customer: PROBLEMS["payment-declined"].customer,
    next_query_seconds: 3,
    order_id: "order-17",
    payment_id: "pay-1",
    decline_reason: "insufficient_funds",
    payment_status: "processing",
    waits_for: "ledger",
    paid_at: "1970-01-01T00:00:00.000Z",
    amount_minor: 5,
    currency: "EUR",
  });
});

Deno.test("problem() lets an order that is not found ask for a query", () => {
  assertEquals(problem("not-found", facts).document.retry, "never");
  const order = problem("not-found", { ...facts, retry: "query" });
  assertEquals(order.document.retry, "query");
});

Deno.test("problem() always names the next query of a pending payment", () => {
  const next = (nextQuerySeconds?: number) =>
    problem("payment-pending", { ...facts, nextQuerySeconds }).document
      .next_query_seconds;
  assertEquals(next(), 2);
  assertEquals(next(7), 7);
});

Deno.test("problem() refuses seconds that are no positive integer", () => {
  for (const value of [0, -1, 1.5, NaN, Infinity]) {
    assertThrows(
      () => problem("clock-unsure", { ...facts, retryAfterSeconds: value }),
      RangeError,
    );
    assertThrows(
      () => problem("payment-pending", { ...facts, nextQuerySeconds: value }),
      RangeError,
    );
  }
});

const OTHER = { instance: "/other", mode: "test" } as const;

Deno.test("problemResponse() is an uncached problem+json with the document's status", async () => {
  for (const code of PROBLEM_CODES) {
    const made = problem(code, facts);
    const response = problemResponse(made, {
      instance: "/v1/payments",
      mode: "live",
    });
    assertEquals(response.status, PROBLEMS[code].status);
    assertEquals(
      response.headers.get("content-type"),
      "application/problem+json",
    );
    assertEquals(response.headers.get("cache-control"), "no-store");
    assertEquals<unknown>(await response.json(), {
      ...made.document,
      instance: "/v1/payments",
      mode: "live",
    });
  }
});

Deno.test("problemResponse() keeps the instance that the problem names", async () => {
  const made = problem("not-found", { ...facts, instance: "/v1/payments/1" });
  const { instance } = await problemResponse(made, OTHER).json();
  assertEquals(instance, "/v1/payments/1");
});

Deno.test("problemResponse() carries Retry-After on every 429 and 503 and where it is asked for", () => {
  const header = (code: ProblemCode, retryAfterSeconds?: number) =>
    problemResponse(problem(code, { ...facts, retryAfterSeconds }), OTHER)
      .headers.get("retry-after");
  for (const code of PROBLEM_CODES) {
    const wanted = [429, 503].includes(PROBLEMS[code].status);
    assertEquals(header(code) !== null, wanted, code);
    assertEquals(header(code, 9), "9");
  }
  assertEquals(header("too-many-attempts"), "60");
});

Deno.test("problemResponse() names the scheme on 401 only", () => {
  for (const code of PROBLEM_CODES) {
    const { headers } = problemResponse(problem(code, facts), OTHER);
    assertEquals(
      headers.get("www-authenticate"),
      code === "not-authenticated" ? "Bearer" : null,
    );
  }
});

Deno.test("the texts are short, in both languages, and never claim that goods may go", () => {
  const claims =
    /\b(success|succeeded|approved|completed|was paid|is paid|thank|ok)\b|成功|已付款|已支付|已完成|谢谢|收款完成/i;
  for (const code of PROBLEM_CODES) {
    const { title, cashier, customer } = PROBLEMS[code];
    for (const text of [title, cashier.en, customer.en]) {
      assert(/^[\x20-\x7e]{10,150}$/.test(text), `${code}: ${text}`);
      assert(!claims.test(text), `${code}: ${text}`);
    }
    for (const text of [cashier.zh, customer.zh]) {
      assert(
        /^[\p{Script=Han}，。；：、]{8,60}$/u.test(text),
        `${code}: ${text}`,
      );
      assert(text.endsWith("。") && !claims.test(text), `${code}: ${text}`);
    }
  }
});

Deno.test("the texts keep the goods on the counter while the end is unknown or no", () => {
  const codes: readonly ProblemCode[] = [
    "payment-pending",
    "payment-declined",
    "payment-reversed",
    "order-refunded",
    "looks-like-double-scan",
    "order-conflict",
    "order-paid-earlier",
    "store-unavailable",
    "ledger-unavailable",
    "clock-unsure",
  ];
  for (const code of codes) {
    assert(PROBLEMS[code].cashier.en.includes("Do not hand over the goods"));
    assert(PROBLEMS[code].cashier.zh.includes("请勿交付商品"));
  }
});
