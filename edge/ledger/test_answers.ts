/**
 * The test answers: cases by which a merchant with only a test key can get every answer
 * that a till can get. This is the only table of them. The sandbox ledger behaves by
 * it, `POST /v1/sandbox/codes` makes codes by it, and the OpenAPI document shows it. A
 * test compares the table in `SANDBOX.md` with it and tries each row.
 *
 * @module
 */

import type { DeclineReason, RefundDeclineReason } from "./ledger.ts";

/** What the sandbox ledger does for the account of a case. */
export interface LedgerRule {
  /** It declines every debit. */
  readonly declines?: DeclineReason;
  /** It wants the customer to confirm each debit. */
  readonly asksCustomer?: true;
  /**
   * It does not answer the first debit of a payment (`once`), or neither debits nor
   * reversals of it for an hour (`hour`).
   */
  readonly isSilent?: "once" | "hour";
  /** It does not answer the first reversal or refund of a payment. */
  readonly losesNext?: true;
  /** It declines every refund. */
  readonly declinesRefunds?: RefundDeclineReason;
}

/** How the code of a case is prepared, and what happens when it is used. */
export interface TestCase {
  readonly ledger?: LedgerRule;
  /** The customer's answer if a confirmation is wanted; absent if there is none. */
  readonly customer?: "approves" | "refuses";
  /** A code without a customer: one that nobody has, or one of another wallet. */
  readonly nobody?: "unknown" | "malformed";
  /** The wallet has blocked the customer, or a limit of the customer is too low. */
  readonly payer?: "blocked" | "limited";
  /**
   * The fault that the edge answers instead of searching the code: always, or for a
   * second after the code was first sent.
   */
  readonly edge?: {
    readonly code:
      | "code-ambiguous"
      | "offline-codes-off"
      | "merchant-suspended"
      | "too-many-attempts"
      | "store-unavailable"
      | "clock-unsure";
    readonly lasts: "always" | "second";
  };
  /**
   * The customer has paid before: the order of the case, two days ago or longer ago than
   * refunds are given; or another order, ten seconds ago.
   */
  readonly paid?: "two-days-ago" | "too-long-ago" | "another-just-now";
}

/** The cases by their names. */
export const TEST_CASES = {
  approved: {},
  insufficient_funds: { ledger: { declines: "insufficient_funds" } },
  currency_mismatch: { ledger: { declines: "currency_mismatch" } },
  account_closed: { ledger: { declines: "account_closed" } },
  refused: { ledger: { declines: "refused" } },
  reversed: { ledger: { declines: "reversed" } },
  approved_by_customer: {
    ledger: { asksCustomer: true },
    customer: "approves",
  },
  refused_by_customer: { ledger: { asksCustomer: true }, customer: "refuses" },
  customer_does_not_answer: { ledger: { asksCustomer: true } },
  pending_then_approved: { ledger: { isSilent: "once" } },
  pending_then_declined: { ledger: { isSilent: "once", declines: "refused" } },
  pending_for_an_hour: { ledger: { isSilent: "hour" } },
  ledger_away_afterwards: { ledger: { losesNext: true } },
  refund_declined: { ledger: { declinesRefunds: "account_closed" } },
  paid_two_days_ago: { paid: "two-days-ago" },
  paid_too_long_ago: { paid: "too-long-ago" },
  double_scan: { paid: "another-just-now" },
  code_not_accepted: { nobody: "unknown" },
  code_malformed: { nobody: "malformed" },
  code_ambiguous: { edge: { code: "code-ambiguous", lasts: "always" } },
  payer_blocked: { payer: "blocked" },
  limit_exceeded: { payer: "limited" },
  offline_codes_off: { edge: { code: "offline-codes-off", lasts: "always" } },
  merchant_suspended: { edge: { code: "merchant-suspended", lasts: "always" } },
  too_many_attempts: { edge: { code: "too-many-attempts", lasts: "second" } },
  store_away: { edge: { code: "store-unavailable", lasts: "second" } },
  clock_unsure: { edge: { code: "clock-unsure", lasts: "second" } },
} as const satisfies Readonly<Record<string, TestCase>>;

/** The name of a case. */
export type TestCaseName = keyof typeof TEST_CASES;

/** Every name of a case, in the order of the table. */
export const TEST_CASE_NAMES = Object.keys(TEST_CASES) as [
  TestCaseName,
  ...TestCaseName[],
];

const ACCOUNT = /^sandbox\.([a-z_]+)\./;

/** The id of an account of a case. */
export const testAccountId = (name: TestCaseName, own: string): string =>
  `sandbox.${name}.${own}`;

/**
 * What the sandbox ledger does for an account; `null` if the account is no account of a
 * case.
 */
export function ledgerRuleOf(accountId: string): LedgerRule | null {
  const name = ACCOUNT.exec(accountId)?.[1] ?? "";
  if (!Object.hasOwn(TEST_CASES, name)) return null;
  const { ledger }: TestCase = TEST_CASES[name as TestCaseName];
  return ledger ?? null;
}

/**
 * A row: the case whose code is used, the requests that a till sends one after another,
 * and their answers.
 */
export interface TestRow {
  /** Absent: no code is needed. */
  readonly case?: TestCaseName;
  readonly calls: readonly string[];
  /** The status; `code`, `status` or `repeat`; then the reason, or whom it waits for. */
  readonly answers: readonly string[];
}

const row = (
  name: TestCaseName | undefined,
  ...steps: readonly (readonly [call: string, answer: string])[]
): TestRow => ({
  ...(name !== undefined && { case: name }),
  calls: steps.map(([call]) => call),
  answers: steps.map(([, answer]) => answer),
});

const PAID = ["pay", "201 succeeded"] as const;
const ASKS_CUSTOMER = ["pay", "402 payment-pending customer"] as const;
const ASKS_LEDGER = ["pay", "402 payment-pending ledger"] as const;
const declined = (reason: string) =>
  ["pay", `422 payment-declined ${reason}`] as const;

/** Every row of the table. */
const TEST_ROWS: readonly TestRow[] = [
  row("approved", PAID, ["pay again", "200 repeat"]),
  row("approved", PAID, ["pay another order", "409 code-replayed"]),
  row("approved", PAID, ["pay another amount", "409 order-conflict"]),
  row("approved", PAID, ["reverse", "200 reversed"], [
    "pay again",
    "409 payment-reversed",
  ]),
  row(
    "approved",
    PAID,
    ["refund", "201 succeeded"],
    [
      "refund again",
      "200 repeat",
    ],
    ["refund another amount", "409 refund-conflict"],
    [
      "pay again",
      "409 order-refunded",
    ],
    ["reverse", "409 order-refunded"],
  ),
  row("approved", PAID, [
    "refund too much",
    "409 refund-refused exceeds_payment",
  ]),
  row("insufficient_funds", declined("insufficient_funds")),
  row("currency_mismatch", declined("currency_mismatch")),
  row("account_closed", declined("account_closed")),
  row("refused", declined("refused")),
  row("reversed", declined("reversed")),
  row("approved_by_customer", ASKS_CUSTOMER, ["ask", "200 succeeded"]),
  row("refused_by_customer", ASKS_CUSTOMER, [
    "ask",
    "200 declined refused_by_customer",
  ]),
  row("customer_does_not_answer", ASKS_CUSTOMER, [
    "ask after 190 s",
    "200 declined confirmation_timeout",
  ]),
  row("pending_then_approved", ASKS_LEDGER, [
    "ask after 20 s",
    "200 succeeded",
  ]),
  row("pending_then_declined", ASKS_LEDGER, [
    "ask after 20 s",
    "200 declined refused",
  ]),
  row(
    "pending_for_an_hour",
    ASKS_LEDGER,
    [
      "ask after 20 s",
      "200 processing ledger",
    ],
    ["reverse", "503 ledger-unavailable ledger"],
    [
      "ask after 3700 s",
      "200 reversed",
    ],
  ),
  row("ledger_away_afterwards", PAID, [
    "reverse",
    "503 ledger-unavailable ledger",
  ], ["reverse again", "200 reversed"]),
  row("ledger_away_afterwards", PAID, ["refund", "503 ledger-unavailable"], [
    "refund again",
    "200 repeat",
  ]),
  row("refund_declined", PAID, [
    "refund",
    "422 refund-declined account_closed",
  ]),
  row("paid_two_days_ago", ["pay", "409 order-paid-earlier"], [
    "reverse",
    "409 reversal-too-late",
  ], ["refund", "201 succeeded"]),
  row("paid_too_long_ago", ["refund", "409 refund-refused too_late"]),
  row("double_scan", ["pay", "409 looks-like-double-scan"], [
    "pay a second purchase",
    "201 succeeded",
  ]),
  row("code_not_accepted", ["pay", "422 code-not-accepted"]),
  row("code_malformed", ["pay", "422 code-malformed"]),
  row("code_ambiguous", ["pay", "409 code-ambiguous"]),
  row("payer_blocked", ["pay", "422 payer-blocked"]),
  row("limit_exceeded", ["pay", "422 limit-exceeded"]),
  row("offline_codes_off", ["pay", "422 offline-codes-off"]),
  row("merchant_suspended", ["pay", "403 merchant-suspended"]),
  row("too_many_attempts", ["pay", "429 too-many-attempts"], [
    "pay again after 1 s",
    "201 succeeded",
  ]),
  row("store_away", ["pay", "503 store-unavailable"], [
    "pay again after 1 s",
    "201 succeeded",
  ]),
  row("clock_unsure", ["pay", "503 clock-unsure"], [
    "pay again after 1 s",
    "201 succeeded",
  ]),
  row(undefined, ["ask", "404 not-found"], ["reverse", "200 reversed"], [
    "ask",
    "409 payment-reversed",
  ]),
  row(undefined, ["pay without a code", "400 malformed-request"]),
  row(undefined, ["PUT /v1/payments", "405 method-not-allowed"]),
  row(undefined, ["ask without a key", "401 not-authenticated"]),
  row(undefined, ["GET /v1/admin/merchants", "403 forbidden"]),
];

/** The table in Markdown. */
export function testTable(): string {
  const cells = TEST_ROWS.map(({ case: name, calls, answers }) => [
    name === undefined ? "" : `\`${name}\``,
    calls.map((it) => `\`${it}\``).join(", "),
    answers.map((it) => `\`${it}\``).join(", "),
  ]);
  const head = ["`case`", "what the till sends", "what it gets"];
  const width = head.map((text, i) =>
    Math.max(...[head, ...cells].map((it) => it[i]!.length), text.length)
  );
  const line = (texts: readonly string[]) =>
    `| ${texts.map((it, i) => it.padEnd(width[i]!)).join(" | ")} |`;
  return [
    line(head),
    line(width.map((it) => "-".repeat(it))),
    ...cells.map(line),
  ].join("\n");
}
