/**
 * The first transaction of a payment: order and code are claimed together, the
 * payment is written, and the account's limits are charged, or nothing is.
 *
 * The first guard that refuses decides the answer, and the guard of the order
 * is the first one.
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
  offlineRuns,
  type Taken,
  takeShare,
} from "../risk/limits.ts";
import { payerGuards, type PayerLabel, USUAL_PAYER } from "../risk/payer.ts";
import type { Payer } from "../risk/policy.ts";
import type { Commit, Guard } from "../store/commit.ts";
import type { Held } from "../store/record.ts";
import type { Home, Ref, Write } from "../store/store.ts";
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
  doubleScans,
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
  /**
   * Whether the cashier says that this is a second purchase and no double scan
   * of an earlier one.
   */
  readonly secondPurchase?: boolean;
  /**
   * Only for one of several payments for one bill: the bill, and how many there
   * are.
   */
  readonly split?: { readonly of: string; readonly parts: number };
}

/** What a claim assumes; a refused guard corrects one of these. */
export interface Assumptions {
  readonly caller: CallerOf<"merchant">;
  readonly candidate: Candidate;
  /** The order as it was last seen: declined, or never seen. */
  readonly order: Held<OrderRecord, "merchant">;
  readonly payer: Payer;
  /**
   * Whether the customer must confirm, because this looks like a double scan.
   */
  readonly doubleScan: boolean;
  /**
   * The id of an earlier payment for an equal purchase, if this purchase is known to be
   * no double scan of it; `null` if there is none.
   */
  readonly likeOne: string | null;
  /** Which of the payments for one bill this is, from 1. */
  readonly part: number;
}

/** The labels of the guards of a claim. The guard of a limit has the limit's name. */
export type ClaimLabel =
  | "order"
  | "merchant"
  | CodeLabel
  | PayerLabel
  | LimitName
  | "double-scan";

/**
 * The guards, writes and reads of a claim in one cell: that of the merchant or that of
 * the customer.
 */
export interface ClaimPart<H extends Home> {
  readonly guards: readonly Guard<ClaimLabel, H | "local">[];
  readonly writes: readonly Write<H | "local">[];
  readonly reads: readonly Ref[];
}

/** A claim, ready for the store. */
export interface Claim {
  /**
   * Its first guard is that of the order. It reads the merchant, then what the consequence of
   * an end depends on.
   */
  readonly merchant: ClaimPart<"merchant">;
  /** It reads the account's latest use, then when its run of offline uses began. */
  readonly customer: ClaimPart<"account">;
  /** The state after the commit, without what is read together with it. */
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

/** What a claim assumes before anything was read for it. */
export function firstAssumptions(
  caller: CallerOf<"merchant">,
  candidate: Candidate,
  order: Held<OrderRecord, "merchant">,
): Assumptions {
  return {
    ...{ caller, candidate, order, payer: USUAL_PAYER },
    ...{ doubleScan: false, likeOne: null, part: 1 },
  };
}

/** The fields that a payment keeps of its till's request. */
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

/** The order with a new payment; `declined` is the order as it was before. */
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
  /**
   * For how long an equal purchase looks like a double scan, in ms; 0: never.
   */
  readonly doubleScanMs: number;
  /**
   * Whether the cashier is asked about a possible double scan, and not the customer.
   */
  readonly tillDecides: boolean;
  /** Unix ms. */
  readonly nowMs: number;
  /**
   * The consequence of the end. The names that it depends on are read with the
   * claim.
   */
  readonly consequence: Consequence;
  /** Whether merchant and customer are in two cells. */
  readonly crossing: boolean;
}

/** What the records of a claim and its guards have in common. */
interface Facts {
  readonly tierLimits: NonNullable<ReturnType<typeof limitsFor>>;
  /** Whether the payment waits for its customer. */
  readonly awaits: boolean;
  /** Unix ms. */
  readonly deadlineMs: number;
  readonly taken: Taken;
  /**
   * Whether the till has said that this is no double scan, and the cashier is the one
   * who decides.
   */
  readonly isMeant: boolean;
}

function factsOf(
  { request, assumptions, limits, times, tillDecides, nowMs }: ClaimInput,
): Facts {
  const { candidate, payer, doubleScan } = assumptions;
  const { amountMinor, currency } = request;
  const tierLimits = limitsFor(limits, payer, currency);
  if (tierLimits === null) {
    throw new TypeError("A claim in a currency without limits");
  }
  const awaits = doubleScan || amountMinor > tierLimits.stepUpAboveMinor;
  return {
    ...{ tierLimits, awaits },
    deadlineMs: nowMs + (awaits ? times.confirmationMs : times.deadlineMs),
    taken: {
      day: dayOf(nowMs, limits.timeZone),
      offline: candidate.profile !== 0,
    },
    isMeant: tillDecides && request.secondPurchase === true,
  };
}

/** The record of the new payment. */
function paymentOf(
  { request, assumptions, paymentId, ...input }: ClaimInput,
  { awaits, deadlineMs, taken, isMeant }: Facts,
): PaymentRecord {
  const { candidate: { accountId }, doubleScan, likeOne } = assumptions;
  const { record: merchant } = assumptions.caller.merchant;
  const declined = assumptions.order.value;
  const { doubleScanMs, nowMs } = input;
  return {
    payment_id: paymentId,
    merchant_id: merchant.merchant_id,
    merchant_name: merchant.name,
    order_id: request.orderId,
    status: awaits ? "awaiting_confirmation" : "processing",
    amount_minor: request.amountMinor,
    currency: request.currency,
    account_id: accountId,
    code_hash: input.codeHash,
    payer: payerPseudonym(input.vault, merchant, accountId),
    order_version: declined === null
      ? firstVersion(nowMs)
      : declined.version + 1,
    ...saidByTill(request, assumptions.part),
    confirmed: false,
    deadline_ms: deadlineMs,
    taken,
    // If this payment is itself a second purchase, the guard belongs to the first one,
    // and this payment must not remove it.
    ...(doubleScanMs > 0 && !doubleScan && !isMeant && likeOne === null &&
      { guards_double_scan: true as const }),
    created_ms: nowMs,
    updated_ms: nowMs,
  };
}

/** The part of a claim in the cell of the customer. */
function customerPart(
  { assumptions, limits, doubleScanMs, nowMs }: ClaimInput,
  { tierLimits, awaits, deadlineMs, taken, isMeant }: Facts,
  payment: PaymentRecord,
): ClaimPart<"account"> {
  const { candidate, payer, doubleScan, likeOne } = assumptions;
  const { accountId, codeName } = candidate;
  const { merchant_id, currency, amount_minor: amountMinor } = payment;
  const equal = doubleScans(merchant_id, accountId, currency, amountMinor);
  const share = takeShare(
    { accountId, currency, amountMinor, ...taken },
    tierLimits,
  );
  const guards: Guard<ClaimLabel, "account">[] = [
    ...candidate.guards,
    ...payerGuards(candidate, payer, limits, nowMs),
    ...share.guards,
  ];
  // This guard is the last one, so that a double scan is asked about only if all
  // others hold.
  if (doubleScanMs > 0 && !doubleScan && !awaits && !isMeant) {
    guards.push(equal.held(likeOne).unchanged("double-scan"));
  }
  const writes: Write<"account">[] = [
    ...candidate.writes,
    ...share.writes,
    lastUses(accountId).set({ codeName, spender: merchant_id }),
  ];
  if (awaits) {
    writes.push(confirmations(accountId).put(payment.payment_id, deadlineMs));
  }
  if (doubleScanMs > 0) {
    writes.push(equal.set(payment.payment_id, doubleScanMs));
  }
  const reads = [lastUses(accountId).ref, offlineRuns(accountId).ref];
  return { guards, writes, reads };
}

/** Plans the claim of one order with one code. */
export function planClaim(input: ClaimInput): Claim {
  const { assumptions, nowMs } = input;
  const facts = factsOf(input);
  const payment = paymentOf(input, facts);
  const { merchant_id, payment_id } = payment;
  const name = orderNameOf(payment_id);
  const order = orderWith(payment, assumptions.order.value);
  const { held, write } = assumptions.order.put(order);
  // If merchant and customer are in two cells, the claim may be interrupted between
  // them. The order is then due soon, so that a sweeper looks whether the claim was
  // made.
  const dueMs = facts.awaits && !input.crossing
    ? facts.deadlineMs
    : nowMs + RECOVER_AFTER_MS;
  return {
    merchant: {
      guards: [
        assumptions.order.unchanged("order"),
        assumptions.caller.merchant.held.unchanged("merchant"),
      ],
      writes: [write, dueOrders.put(name, dueMs)],
      reads: [
        merchants(merchant_id).ref,
        ...input.consequence.reads(merchant_id),
      ],
    },
    customer: customerPart(input, facts, payment),
    next: { name, held, order, payment },
  };
}
