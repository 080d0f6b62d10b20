/**
 * Codes of test cases: a merchant with only a test key gets a new code, an order number
 * and an amount for each case of `ledger/test_answers.ts`, and can send them to see the
 * answer. Each code has a customer of its own, so that no case disturbs another one.
 *
 * Some cases need a fault of the store or of the clock. For the code of such a case
 * this file answers as if the fault had happened, before the use case sees the request.
 * Only an edge with the sandbox ledger and development keys has these use cases, so
 * they never touch a code of an edge that has keys of its own.
 *
 * @module
 */

import type { Clock, Random } from "../base/clock.ts";
import { type Refusal, refused } from "../base/outcome.ts";
import { formatOnlineCode } from "../code/online.ts";
import type { Accounts } from "../enrolment/accounts.ts";
import type { Enrolments } from "../enrolment/enrolments.ts";
import type { SandboxAccounts } from "../ledger/ledger.ts";
import {
  TEST_CASES,
  testAccountId,
  type TestCase,
  type TestCaseName,
} from "../ledger/test_answers.ts";
import type { CallerOf } from "../merchant/authentication.ts";
import type { Confirmations } from "../payment/confirmations.ts";
import { joinConsequences } from "../payment/consequence.ts";
import { createEngine, type EngineDeps } from "../payment/engine.ts";
import {
  createPayments,
  type PaymentDeps,
  type Payments,
} from "../payment/payments.ts";
import { StoreUnavailableError } from "../store/store.ts";
import type { OnlineCodes } from "../verification/online/online_codes.ts";

/** A new code, and the order number and the amount to send with it. */
export interface TestCode {
  readonly case: TestCaseName;
  readonly code: string;
  readonly orderId: string;
  readonly amountMinor: number;
  readonly currency: string;
}

/** The use cases of test codes. */
export interface TestCodes {
  /** Makes a code of a case for a merchant. */
  issue(
    caller: CallerOf<"merchant">,
    name: TestCaseName,
  ): Promise<TestCode | Refusal>;
}

/** What test codes need. */
export interface TestCodeDeps extends PaymentDeps, EngineDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly prefix: string;
  readonly refundMs: number;
  readonly enrolments: Pick<Enrolments, "enrol">;
  readonly accounts: Pick<Accounts, "setLimits">;
  readonly onlineCodes: Pick<OnlineCodes, "issue">;
  readonly sandbox: SandboxAccounts;
  readonly confirmations: Pick<Confirmations, "answer">;
  /** The payments of the edge. */
  readonly payments: Payments;
}

const CURRENCY = "EUR";
const AMOUNT_MINOR = 1_250;
const BALANCE_MINOR = 1_000_000;
const DAY_MS = 86_400_000;
/** How long an edge answers as if the store or the clock had failed. */
const FAULT_MS = 1_000;
/** The most codes that are remembered; each is valid for a minute. */
const MOST_CODES = 10_000;

/**
 * The public key of RFC 7517, appendix A.1. Nobody has to open the seeds of test
 * customers.
 */
const DEVICE_KEY = {
  kty: "EC",
  crv: "P-256",
  x: "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
  y: "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
} as const;

/** A code that was issued. */
interface Given {
  readonly test: TestCase;
  /**
   * Until when faults are answered, unix ms; absent until the code was first
   * sent.
   */
  faultUntilMs?: number;
}

/** Makes {@linkcode TestCodes}, and the payments that know their codes. */
export function createTestCodes(
  deps: TestCodeDeps,
): { testCodes: TestCodes; payments: Payments } {
  const given = new Map<string, Given>();
  return {
    testCodes: {
      async issue(caller, name) {
        const issued = await issue(deps, caller, name);
        if ("kind" in issued) return issued;
        given.set(issued.code, { test: TEST_CASES[name] });
        if (given.size > MOST_CODES) {
          given.delete(given.keys().next().value!);
        }
        return issued;
      },
    },
    payments: {
      ...deps.payments,
      async pay(caller, request, isTooOld) {
        const code = given.get(request.code);
        const trouble = code === undefined ? null : meet(code, deps.clock);
        if (trouble !== null) return trouble;
        const outcome = await deps.payments.pay(caller, request, isTooOld);
        const says = code?.test.customer;
        if (says !== undefined && "code" in outcome) {
          await answerFor(deps, outcome, says === "approves");
        }
        return outcome;
      },
    },
  };
}

/**
 * The fault that the edge answers instead of looking at a code; `null` if there
 * is none now.
 *
 * @throws {StoreUnavailableError} If the fault is that the store is away.
 */
function meet(given: Given, clock: Clock): Refusal | null {
  const { edge } = given.test;
  if (edge === undefined) return null;
  const nowMs = clock.nowMs();
  given.faultUntilMs ??= nowMs + FAULT_MS;
  if (edge.lasts === "second" && nowMs >= given.faultUntilMs) return null;
  if (edge.code === "store-unavailable") {
    throw new StoreUnavailableError("timeout");
  }
  return refused(
    edge.code,
    edge.code === "too-many-attempts" ? { retryAfterSeconds: 1 } : {},
  );
}

/** Answers in the customer's name, if the payment waits for a confirmation. */
async function answerFor(
  { confirmations }: TestCodeDeps,
  { paymentId, underWay }: Refusal,
  approve: boolean,
): Promise<void> {
  if (paymentId === undefined || underWay?.waitsFor !== "customer") return;
  await confirmations.answer(paymentId, approve, undefined);
}

async function issue(
  deps: TestCodeDeps,
  caller: CallerOf<"merchant">,
  name: TestCaseName,
): Promise<TestCode | Refusal> {
  const test: TestCase = TEST_CASES[name];
  const own = deps.random.bytes(8).toHex();
  const order = {
    case: name,
    orderId: `sandbox-${own}`,
    amountMinor: AMOUNT_MINOR,
    currency: CURRENCY,
  };
  if (test.nobody !== undefined) {
    return { ...order, code: codeOfNobody(deps, test.nobody) };
  }
  const accountId = testAccountId(name, own);
  const enrolled = await deps.enrolments.enrol({
    accountId,
    deviceId: accountId,
    deviceKey: DEVICE_KEY,
    by: undefined,
    ...(test.payer === "blocked" && { risk: "blocked" }),
  });
  if ("kind" in enrolled) return enrolled;
  await deps.sandbox.setAccount(accountId, {
    balanceMinor: BALANCE_MINOR,
    currency: CURRENCY,
  });
  if (test.payer === "limited") {
    const own = { currency: CURRENCY, perPaymentMinor: AMOUNT_MINOR - 1 };
    const limited = await deps.accounts.setLimits(accountId, own, undefined);
    if ("kind" in limited) return limited;
  }
  const codeNow = () =>
    deps.onlineCodes.issue(enrolled.credentialId, undefined);
  if (test.paid !== undefined) {
    const first = await codeNow();
    if ("kind" in first) return first;
    const paid = await payEarlier(deps, caller, test.paid, {
      ...order,
      code: first.code,
    });
    if (paid.kind === "refused") return paid;
  }
  const issued = await codeNow();
  return "kind" in issued ? issued : { ...order, code: issued.code };
}

/** A code without a customer. */
function codeOfNobody(
  { random, prefix }: TestCodeDeps,
  kind: NonNullable<TestCase["nobody"]>,
): string {
  const drawn = new DataView(random.bytes(8).buffer).getBigUint64(0);
  const ofOthers = prefix === "28" ? "62" : "28";
  return formatOnlineCode(
    kind === "unknown" ? prefix : ofOthers,
    drawn % 10n ** 15n,
  );
}

/**
 * Pays an order of the merchant with a clock that is days behind. The payment
 * causes no callback and is in no list, because the bills of those days are
 * closed.
 */
async function payEarlier(
  deps: TestCodeDeps,
  caller: CallerOf<"merchant">,
  paid: NonNullable<TestCase["paid"]>,
  { case: _, ...request }: TestCode,
) {
  const agoMs = {
    "two-days-ago": 2 * DAY_MS,
    "too-long-ago": deps.refundMs + DAY_MS,
    "another-just-now": 10_000,
  }[paid];
  const parts = {
    ...deps,
    clock: { nowMs: () => deps.clock.nowMs() - agoMs },
    consequence: joinConsequences([]),
  };
  const payments = createPayments({ ...parts, engine: createEngine(parts) });
  const { orderId } = request;
  return await payments.pay(caller, {
    ...request,
    orderId: paid === "another-just-now" ? `${orderId}-earlier` : orderId,
  }, () => false);
}
