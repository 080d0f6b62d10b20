/**
 * The first transaction of a payment: order and code are claimed together, the
 * payment is written, and the account's limits are charged, or nothing is.
 *
 * The first guard that refuses is the answer, and the order's comes first.
 *
 * @module
 */

import type { Clock } from "../base/clock.ts";
import type { CallerOf } from "../merchant/authentication.ts";
import {
  dayOf,
  type LimitName,
  type Limits,
  limitsIn,
  takeShare,
} from "../risk/limits.ts";
import { type PayingTier, tierGuard } from "../risk/tier.ts";
import type { Commit, Guard } from "../store/commit.ts";
import {
  accountField,
  confirmationsKey,
  DUE_ORDERS_KEY,
  merchantKey,
  orderKey,
  twinKey,
} from "../store/keys.ts";
import { unchanged, type Write } from "../store/store.ts";
import type { KeyedHash } from "../vault/seal.ts";
import type { Candidate, CodeLabel } from "../verification/candidate.ts";
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

/** What a claim assumes; a refused guard corrects one of these. */
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

/** What a guard of a claim is about; a limit by its name. */
export type ClaimLabel =
  | "order"
  | "merchant"
  | CodeLabel
  | "policy"
  | LimitName
  | "twin";

/** A claim, ready for the store. */
export interface Claim {
  readonly commit: Commit<ClaimLabel>;
  /** What stands once it is committed, beside what is read with it. */
  readonly next: Omit<Current, "consequenceValues" | "seenOnlineRaw">;
}

/** Where an account's latest code was spent, and which it was. */
export interface LastUse {
  readonly codeName: string;
  readonly merchantId: string;
}

const useText = ({ codeName, merchantId }: LastUse) =>
  `${codeName} ${merchantId}`;

/** The use that a text of {@linkcode planClaim} tells of. */
export function parseUse(text: string): LastUse {
  const [codeName = "", merchantId = ""] = text.split(" ");
  return { codeName, merchantId };
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
  const taken = {
    day: dayOf(nowMs, limits.timeZone),
    offline: candidate.profile !== 0,
  };
  const share = takeShare(
    { accountId, currency, amountMinor, ...taken },
    tierLimits,
  );
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
    ...(input.twinGuardMs > 0 && !twin && { guards_twin: true as const }),
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

  const guards: Guard<ClaimLabel>[] = [
    { ...unchanged(key, declined?.raw), label: "order" },
    {
      kind: "equals",
      key: merchantKey(merchant.merchant_id),
      value: caller.merchant.raw,
      label: "merchant",
    },
    ...candidate.guards,
    tierGuard(accountId, tier),
    ...share.guards,
  ];
  // Last, so that a double scan is asked about only if all else holds.
  if (input.twinGuardMs > 0 && !twin && !awaits) {
    guards.push({ kind: "absent", key: twins, label: "twin" });
  }
  const writes: Write[] = [
    // What is under way has no end.
    { kind: "set", key, value: orderRaw },
    ...candidate.writes,
    ...share.writes,
    {
      kind: "index",
      index: DUE_ORDERS_KEY,
      member: name,
      score: awaits ? deadlineMs : nowMs + RECOVER_AFTER_MS,
    },
    {
      kind: "set",
      key: accountField(accountId, "use"),
      value: useText({
        codeName: candidate.codeName,
        merchantId: merchant.merchant_id,
      }),
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
    commit: {
      guards,
      writes,
      reads: [
        merchantKey(merchant.merchant_id),
        accountField(accountId, "use"),
        accountField(accountId, "run"),
        ...input.consequence.reads(merchant.merchant_id),
      ],
    },
    next: { name, order, orderRaw, payment },
  };
}
