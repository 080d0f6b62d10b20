/**
 * The first transaction of a payment: order and code are claimed together, the
 * payment is written, and the account's limits are charged, or nothing is.
 *
 * The first refused check is the answer, and the order's comes first.
 *
 * @module
 */

import type { Clock } from "../clock.ts";
import type { CallerOf } from "../merchant/authentication.ts";
import {
  type LimitName,
  type Limits,
  limitsIn,
  planLimits,
  type Taken,
} from "../risk/limits.ts";
import { type PayingTier, tierCheck } from "../risk/tier.ts";
import {
  confirmationsKey,
  DUE_ORDERS_KEY,
  lastUseKey,
  merchantKey,
  orderKey,
  twinKey,
} from "../store/keys.ts";
import {
  type Check,
  type Transaction,
  unchanged,
  type Write,
} from "../store/store.ts";
import type { KeyedHash } from "../vault/seal.ts";
import type { Candidate, ClaimFault } from "../verification/candidate.ts";
import type { Consequence } from "./consequence.ts";
import { orderNameOf } from "./payment_id.ts";
import {
  earlierWith,
  firstVersion,
  type OrderRecord,
  orderText,
  payerPseudonym,
  type PaymentRecord,
} from "./record.ts";
import {
  type Current,
  type PaymentTimes,
  RECOVER_AFTER_MS,
} from "./transition.ts";

/** What a merchant asks for. */
export interface PaymentRequest {
  readonly code: string;
  readonly orderId: string;
  /** Minor units, an integer >= 1. */
  readonly amountMinor: number;
  /** ISO 4217 alphabetic code. */
  readonly currency: string;
  readonly description?: string;
  readonly terminalId?: string;
}

/** What a claim assumes; a refused check corrects one of these. */
export interface Assumptions {
  readonly caller: CallerOf<"merchant">;
  readonly candidate: Candidate;
  /** The order as it was last seen: declined, or never seen. */
  readonly declined:
    | { readonly raw: string; readonly order: OrderRecord }
    | null;
  readonly tier: PayingTier;
  /** Whether the customer must confirm, since this looks like a double scan. */
  readonly twin: boolean;
}

/** What a check of a claim is about. */
export type ClaimStep =
  | { readonly about: "order" | "merchant" | "tier" | "twin" }
  | { readonly about: "code"; readonly fault: ClaimFault }
  | { readonly about: "limit"; readonly limit: LimitName };

/** A claim, ready for the store. */
export interface Claim {
  /** What each check of the transaction is about, by its position. */
  readonly steps: readonly ClaimStep[];
  readonly transaction: Transaction;
  /** What stands once it is committed, beside what is read with it. */
  readonly next: Omit<Current, "consequenceValues">;
}

/** A code is accepted for no longer than this. */
const LAST_USE_TTL_MS = 120_000;

/** Where a credential's code was last used, and which. */
export interface LastUse {
  readonly merchant_id: string;
  readonly code_name: string;
}

/** Plans the claim of one order with one code. */
export function planClaim(input: {
  request: PaymentRequest;
  assumptions: Assumptions;
  paymentId: string;
  /** Fingerprint of the code under this order. */
  codeHash: KeyedHash;
  limits: Limits;
  times: PaymentTimes;
  /** How long a second purchase of one amount looks like a double scan; 0: never. */
  twinGuardMs: number;
  clock: Clock;
  /** What the end will cause: what it depends on is read with the claim. */
  consequence: Consequence;
}): Claim {
  const { request, assumptions, paymentId, limits, times } = input;
  const { caller, candidate, declined, tier, twin } = assumptions;
  const { orderId, amountMinor, currency } = request;
  const merchant = caller.merchant.record;
  const { accountId, credentialId } = candidate;
  const nowMs = input.clock.nowMs();
  const now = new Date(nowMs).toISOString();
  const version = declined === null
    ? firstVersion(nowMs)
    : declined.order.version + 1;
  const tierLimits = limitsIn(limits, tier, currency);
  if (tierLimits === null) {
    throw new TypeError("A claim in a currency without limits");
  }
  const awaits = twin || amountMinor > tierLimits.stepUpAboveMinor;
  const deadlineMs = nowMs +
    (awaits ? times.confirmationMs : times.deadlineMs);
  const twins = twinKey(merchant.merchant_id, accountId, currency, amountMinor);
  const plan = planLimits({
    accountId,
    currency,
    amountMinor,
    offline: candidate.profile !== 0,
    nowMs,
    tier: tierLimits,
    timeZone: limits.timeZone,
  });
  const taken: readonly Taken[] = plan.taken;

  const lastUse: LastUse = {
    merchant_id: merchant.merchant_id,
    code_name: candidate.codeName,
  };
  const payment: PaymentRecord = {
    payment_id: paymentId,
    merchant_id: merchant.merchant_id,
    merchant_name: merchant.name,
    order_id: orderId,
    status: awaits ? "awaiting_confirmation" : "processing",
    amount_minor: amountMinor,
    currency,
    account_id: accountId,
    credential_id: credentialId,
    code_hash: input.codeHash,
    payer: payerPseudonym(merchant, accountId),
    order_version: version,
    ...(request.description !== undefined &&
      { description: request.description }),
    ...(request.terminalId !== undefined &&
      { terminal_id: request.terminalId }),
    confirmed: false,
    deadline_ms: deadlineMs,
    taken,
    ...(input.twinGuardMs > 0 && !twin && { twin_key: twins }),
    created_at: now,
    updated_at: now,
  };
  const name = orderNameOf(paymentId);
  const order: OrderRecord = {
    merchant_id: merchant.merchant_id,
    order_id: orderId,
    state: "open",
    version,
    first_version: declined?.order.first_version ?? version,
    payment,
    earlier: declined === null ? [] : earlierWith(declined.order),
  };
  const orderRaw = orderText(order);
  const key = orderKey(name);

  const guarded: [ClaimStep, Check][] = [
    [
      { about: "order" },
      unchanged(key, declined?.raw),
    ],
    [
      { about: "merchant" },
      {
        kind: "equals",
        key: merchantKey(merchant.merchant_id),
        value: caller.merchant.raw,
      },
    ],
    ...candidate.checks.map(({ fault, check }): [ClaimStep, Check] => [
      { about: "code", fault },
      check,
    ]),
    [{ about: "tier" }, tierCheck(accountId, tier)],
    ...plan.checks.map(({ limit, check }): [ClaimStep, Check] => [
      { about: "limit", limit },
      check,
    ]),
  ];
  // Last, so that a double scan is asked about only if all else holds.
  if (input.twinGuardMs > 0 && !twin && !awaits) {
    guarded.push([{ about: "twin" }, { kind: "absent", key: twins }]);
  }
  const writes: Write[] = [
    // What is under way has no end.
    { kind: "set", key, value: orderRaw },
    ...candidate.writes,
    ...plan.writes,
    {
      kind: "index",
      index: DUE_ORDERS_KEY,
      member: name,
      score: awaits ? deadlineMs : nowMs + RECOVER_AFTER_MS,
    },
    {
      kind: "set",
      key: lastUseKey(credentialId),
      value: JSON.stringify(lastUse),
      ttlMs: LAST_USE_TTL_MS,
    },
  ];
  if (awaits) {
    writes.push({
      kind: "index",
      index: confirmationsKey(accountId),
      member: paymentId,
      score: deadlineMs,
    });
  }
  if (input.twinGuardMs > 0) {
    writes.push({
      kind: "set",
      key: twins,
      value: paymentId,
      ttlMs: input.twinGuardMs,
    });
  }
  return {
    steps: guarded.map(([step]) => step),
    transaction: {
      checks: guarded.map(([, check]) => check),
      writes,
      reads: [
        lastUseKey(credentialId),
        merchantKey(merchant.merchant_id),
        ...input.consequence.reads(merchant.merchant_id),
      ],
    },
    next: { name, order, orderRaw, payment },
  };
}
