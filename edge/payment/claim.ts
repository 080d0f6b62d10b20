/**
 * The first transaction of a payment: order and code are claimed together, the
 * payment is written, and the account's limits are charged, or nothing is.
 *
 * The first guard that refuses is the answer, and the order's comes first.
 *
 * @module
 */

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
import type { Ref, Write } from "../store/store.ts";
import type { KeyedHash, Vault } from "../vault/seal.ts";
import type { Candidate, CodeLabel } from "../verification/candidate.ts";
import { lastUses } from "../verification/last_use.ts";
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

/** What a claim demands, writes and reads in the cell of the merchant or of the customer. */
export interface ClaimPart {
  readonly guards: readonly Guard<ClaimLabel>[];
  readonly writes: readonly Write[];
  readonly reads: readonly Ref[];
}

/** A claim, ready for the store. */
export interface Claim {
  /**
   * Its first guard is that of the order. It reads the merchant, then what the consequence of
   * an end depends on.
   */
  readonly merchant: ClaimPart;
  /** It reads the account's latest use, then when its run of offline uses began. */
  readonly customer: ClaimPart;
  /** What stands once it is committed, beside what is read with it. */
  readonly next: Omit<Current, "consequenceValues" | "seenOnlineRaw">;
}

/** Both parts as one commit, for a merchant and a customer in one cell. */
export function joinParts({ merchant, customer }: Claim): Commit<ClaimLabel> {
  const [merchantRead, ...others] = merchant.reads;
  return {
    guards: [...merchant.guards, ...customer.guards],
    writes: [...merchant.writes, ...customer.writes],
    reads: [merchantRead!, ...customer.reads, ...others],
  };
}

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

/** The order with a new payment; `declined` is what it was before. */
function orderWith(
  payment: PaymentRecord,
  declined: OrderRecord | null,
): OrderRecord {
  const { merchant_id, order_id, order_version: version } = payment;
  return {
    ...{ merchant_id, order_id, version, payment },
    first_version: declined?.first_version ?? version,
    earlier: declined === null ? [] : earlierWith(declined),
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
  /** Unix ms. */
  readonly nowMs: number;
  /** What the end will cause: what it depends on is read with the claim. */
  readonly consequence: Consequence;
  /** Whether merchant and customer are in two cells. */
  readonly crossing: boolean;
}

/** Plans the claim of one order with one code. */
export function planClaim(input: ClaimInput): Claim {
  const { request, assumptions, paymentId, limits, times, nowMs } = input;
  const { caller, candidate, payer, doubleScan, likeOne } = assumptions;
  const isMeant = input.tillDecides && request.secondPurchase === true;
  const declined = assumptions.order.value;
  const { orderId, amountMinor, currency } = request;
  const merchant = caller.merchant.record;
  const { accountId } = candidate;
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
  const order = orderWith(payment, declined);
  const { held, write } = assumptions.order.put(order);
  // Who finds the order of a crossing payment must look at its claim soon.
  const dueMs = awaits && !input.crossing
    ? deadlineMs
    : nowMs + RECOVER_AFTER_MS;

  const guards: Guard<ClaimLabel>[] = [
    ...candidate.guards,
    ...payerGuards(candidate, payer, limits, nowMs),
    ...share.guards,
  ];
  // Last, so that a double scan is asked about only if all else holds.
  if (input.doubleScanMs > 0 && !doubleScan && !awaits && !isMeant) {
    guards.push(guard.held(likeOne).unchanged("double-scan"));
  }
  const writes: Write[] = [
    ...candidate.writes,
    ...share.writes,
    lastUses(accountId).set({
      codeName: candidate.codeName,
      spender: merchant.merchant_id,
    }),
  ];
  if (awaits) {
    writes.push(confirmations(accountId).put(paymentId, deadlineMs));
  }
  if (input.doubleScanMs > 0) {
    writes.push(guard.set(paymentId));
  }
  return {
    merchant: {
      guards: [
        assumptions.order.unchanged("order"),
        caller.merchant.held.unchanged("merchant"),
      ],
      writes: [write, dueOrders.put(name, dueMs)],
      reads: [
        merchants(merchant.merchant_id).ref,
        ...input.consequence.reads(merchant.merchant_id),
      ],
    },
    customer: {
      guards,
      writes,
      reads: [lastUses(accountId).ref, accountField(accountId, "run")],
    },
    next: { name, held, order, payment },
  };
}
