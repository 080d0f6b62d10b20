/**
 * The first transaction of a payment: order and code are claimed together, the
 * payment is written, and the account's limits are charged, or nothing is.
 *
 * The first guard that refuses is the answer, and the order's comes first.
 *
 * @module
 */

import type { Clock } from "../base/clock.ts";
import { dayOf } from "../base/day.ts";
import type { CallerOf } from "../merchant/authentication.ts";
import { merchants } from "../merchant/record.ts";
import {
  type LimitName,
  type Limits,
  limitsFor,
  takeShare,
} from "../risk/limits.ts";
import { payerGuards, type PayerLabel, USUAL_PAYER } from "../risk/payer.ts";
import type { Payer } from "../risk/policy.ts";
import type { Commit, Guard } from "../store/commit.ts";
import { accountField, doubleScanKey } from "../store/keys.ts";
import { type Held, plainText, recordKind } from "../store/record.ts";
import type { Write } from "../store/store.ts";
import type { KeyedHash, Vault } from "../vault/seal.ts";
import type { Candidate, CodeLabel } from "../verification/candidate.ts";
import type { Consequence } from "./consequence.ts";
import { orderNameOf } from "./payment_id.ts";
import {
  earlierWith,
  firstVersion,
  type OrderRecord,
  payerPseudonym,
  type PaymentRecord,
} from "./record.ts";
import {
  confirmations,
  type Current,
  dueOrders,
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
  readonly storeId?: string;
  readonly terminalId?: string;
  /** Whether the cashier knows that it is no double scan of an earlier one. */
  readonly secondPurchase?: boolean;
  /** Of one of several payments for one bill: the bill, and how many there are. */
  readonly split?: { readonly of: string; readonly parts: number };
}

/** What a claim assumes; a refused guard corrects one of these. */
export interface Assumptions {
  readonly caller: CallerOf<"merchant">;
  readonly candidate: Candidate;
  /** The order as it was last seen: declined, or never seen. */
  readonly order: Held<OrderRecord>;
  readonly payer: Payer;
  /** Whether the customer must confirm, since this looks like a double scan. */
  readonly doubleScan: boolean;
  /** The payment of a like purchase that does not count; `null`: there is none. */
  readonly likeOne: string | null;
  /** Which of the payments for one bill this is, from 1. */
  readonly part: number;
}

/** What a guard of a claim is about; a limit by its name. */
export type ClaimLabel =
  | "order"
  | "merchant"
  | CodeLabel
  | PayerLabel
  | LimitName
  | "double-scan";

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

/** The latest use of an account's codes. */
export const lastUses = recordKind({
  key: (accountId: string) => accountField(accountId, "use"),
  form: {
    write: ({ codeName, merchantId }: LastUse) => `${codeName} ${merchantId}`,
    read(text): LastUse {
      const [codeName = "", merchantId = ""] = text.split(" ");
      return { codeName, merchantId };
    },
  },
});

/** The payment that a like one is a double scan of. */
const doubleScanKind = (ttlMs: number) =>
  recordKind({ key: doubleScanKey, form: plainText, ttlMs });

/** What a claim assumes before anything of it was read. */
export function firstAssumptions(
  caller: CallerOf<"merchant">,
  candidate: Candidate,
  order: Held<OrderRecord>,
): Assumptions {
  return {
    ...{ caller, candidate, order, payer: USUAL_PAYER },
    ...{ doubleScan: false, likeOne: null, part: 1 },
  };
}

/** What a payment keeps of what its till says of it. */
function saidByTill(
  { description, storeId, terminalId, split }: PaymentRequest,
  part: number,
): Pick<PaymentRecord, "description" | "store_id" | "terminal_id" | "split"> {
  return {
    ...(description !== undefined && { description }),
    ...(storeId !== undefined && { store_id: storeId }),
    ...(terminalId !== undefined && { terminal_id: terminalId }),
    ...(split !== undefined && { split: { of: split.of, part } }),
  };
}

/** What a claim is planned with. */
export interface ClaimInput {
  readonly request: PaymentRequest;
  readonly assumptions: Assumptions;
  readonly paymentId: string;
  /** Fingerprint of the code under this order. */
  readonly codeHash: KeyedHash;
  readonly limits: Limits;
  readonly times: PaymentTimes;
  readonly vault: Pick<Vault, "hmac">;
  /** How long a second purchase of one amount looks like a double scan; 0: never. */
  readonly doubleScanMs: number;
  /** Whether the till's word that it is a second purchase settles that. */
  readonly tillDecides: boolean;
  readonly clock: Clock;
  /** What the end will cause: what it depends on is read with the claim. */
  readonly consequence: Consequence;
}

/** Plans the claim of one order with one code. */
export function planClaim(input: ClaimInput): Claim {
  const { request, assumptions, paymentId, limits, times } = input;
  const { caller, candidate, payer, doubleScan, likeOne } = assumptions;
  const isMeant = input.tillDecides && request.secondPurchase === true;
  const declined = assumptions.order.value;
  const { orderId, amountMinor, currency } = request;
  const merchant = caller.merchant.record;
  const { accountId } = candidate;
  const nowMs = input.clock.nowMs();
  const version = declined === null
    ? firstVersion(nowMs)
    : declined.version + 1;
  const tierLimits = limitsFor(limits, payer, currency);
  if (tierLimits === null) {
    throw new TypeError("A claim in a currency without limits");
  }
  const awaits = doubleScan || amountMinor > tierLimits.stepUpAboveMinor;
  const deadlineMs = nowMs +
    (awaits ? times.confirmationMs : times.deadlineMs);
  const guard = doubleScanKind(input.doubleScanMs)(
    merchant.merchant_id,
    accountId,
    currency,
    amountMinor,
  );
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
    code_hash: input.codeHash,
    payer: payerPseudonym(input.vault, merchant, accountId),
    order_version: version,
    ...saidByTill(request, assumptions.part),
    confirmed: false,
    deadline_ms: deadlineMs,
    taken,
    // What was scanned in the face of an earlier one does not lift its guard.
    ...(input.doubleScanMs > 0 && !doubleScan && !isMeant && likeOne === null &&
      { guards_double_scan: true as const }),
    created_ms: nowMs,
    updated_ms: nowMs,
  };
  const name = orderNameOf(paymentId);
  const order: OrderRecord = {
    merchant_id: merchant.merchant_id,
    order_id: orderId,
    version,
    first_version: declined?.first_version ?? version,
    payment,
    earlier: declined === null ? [] : earlierWith(declined),
  };
  const { held, write } = assumptions.order.put(order);

  const guards: Guard<ClaimLabel>[] = [
    assumptions.order.unchanged("order"),
    caller.merchant.held.unchanged("merchant"),
    ...candidate.guards,
    ...payerGuards(candidate, payer, limits, nowMs),
    ...share.guards,
  ];
  // Last, so that a double scan is asked about only if all else holds.
  if (input.doubleScanMs > 0 && !doubleScan && !awaits && !isMeant) {
    guards.push(guard.held(likeOne).unchanged("double-scan"));
  }
  const writes: Write[] = [
    write,
    ...candidate.writes,
    ...share.writes,
    dueOrders.put(name, awaits ? deadlineMs : nowMs + RECOVER_AFTER_MS),
    lastUses(accountId).set({
      codeName: candidate.codeName,
      merchantId: merchant.merchant_id,
    }),
  ];
  if (awaits) {
    writes.push(confirmations(accountId).put(paymentId, deadlineMs));
  }
  if (input.doubleScanMs > 0) {
    writes.push(guard.set(paymentId));
  }
  return {
    commit: {
      guards,
      writes,
      reads: [
        merchants(merchant.merchant_id).ref,
        lastUses(accountId).ref,
        accountField(accountId, "run"),
        ...input.consequence.reads(merchant.merchant_id),
      ],
    },
    next: { name, held, order, payment },
  };
}
