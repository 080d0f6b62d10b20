/**
 * Payments: an order is paid at most once, whatever is scanned.
 *
 * A first transaction claims the order and the code together. Only then is the ledger
 * asked, and a second transaction writes its answer. A success is answered only when that
 * second transaction is committed. If the first one is committed and the end is not known,
 * the answer is `payment-pending`, never a guess.
 *
 * @module
 */

import type { Clock, Random } from "../base/clock.ts";
import type { ClockGuard } from "../health/clock_guard.ts";
import {
  type Authenticator,
  type CallerOf,
  merchantNow,
  refuseCaller,
  refuseTaking,
} from "../merchant/authentication.ts";
import { merchants } from "../merchant/record.ts";
import { type BadCodes, merchantRations } from "../merchant/rations.ts";
import { isId } from "../base/ids.ts";
import { type Refusal, refused } from "../base/outcome.ts";
import type { IsTooOld } from "../base/request_age.ts";
import { type LimitName, type Limits, limitsIn } from "../risk/limits.ts";
import { correctPayer } from "../risk/payer.ts";
import { commit, type Committed } from "../store/commit.ts";
import { readRecords } from "../store/record.ts";
import { LOST, retry } from "../store/retry.ts";
import { type Store, StoreUnavailableError } from "../store/store.ts";
import type { KeyedHash, Vault } from "../vault/seal.ts";
import {
  type Candidate,
  faultOf,
  type Found,
} from "../verification/candidate.ts";
import { lastUses } from "../verification/last_use.ts";
import {
  type Missed,
  refuseFound,
  type Search,
  type Searched,
} from "../verification/search.ts";
import { answerOf, type Paid, pendingAnswer } from "./answers.ts";
import {
  type Assumptions,
  type Claim,
  type ClaimLabel,
  firstAssumptions,
  joinParts,
  type PaymentRequest,
  planClaim,
} from "./claim.ts";
import type { Consequence } from "./consequence.ts";
import { CrossClaim } from "./cross_claim.ts";
import { isCrossing } from "./crossing.ts";
import { type DoubleScanAsks, meetLikePurchase } from "./double_scan.ts";
import type { Engine } from "./engine.ts";
import { createKnownOrders, type KnownOrders } from "./known_order.ts";
import { orders } from "./order_form.ts";
import { createPaymentReads, type PaymentReads } from "./reads.ts";
import { newPaymentId, orderName, orderNameOf } from "./payment_id.ts";
import { attemptOf, type PaymentRecord } from "./record.ts";
import type { Current, PaymentTimes } from "./transition.ts";

/** The use cases of a merchant. */
export interface Payments extends PaymentReads {
  /**
   * Pays an order with a code.
   *
   * @throws {StoreUnavailableError} If it is not known whether anything was committed. The
   * caller sends the same order again.
   */
  pay(
    caller: CallerOf<"merchant">,
    request: PaymentRequest,
    isTooOld: IsTooOld,
  ): Promise<Paid | Refusal>;
}

/** What payments need. */
export interface PaymentDeps {
  readonly store: Store;
  readonly search: Search;
  readonly engine: Engine;
  readonly authenticator: Authenticator;
  readonly vault: Vault;
  readonly clock: Clock;
  readonly clockGuard: ClockGuard;
  readonly random: Random;
  readonly limits: Limits;
  /** The limits of bad codes for merchants that have none of their own. */
  readonly badCodes: BadCodes;
  readonly times: PaymentTimes;
  /** The consequences of the end of a payment. */
  readonly consequence: Consequence;
  /** Within this time a second equal payment is a possible double scan, in ms; 0: never. */
  readonly doubleScanMs: number;
  /** Who is asked about a possible double scan. */
  readonly doubleScanAsks: DoubleScanAsks;
  /** Called for an error that is not the store's, after a committed claim. */
  readonly onBug: (error: unknown) => void;
  /** Called when a code is shown at a merchant after its use at another. */
  readonly onCodeSeenElsewhere: (event: {
    readonly credentialId: string;
    readonly usedAt: string;
    readonly shownAt: string;
  }) => void;
}

/**
 * The most tries of a claim. Each try may find that one more of its assumptions is
 * wrong.
 */
const TRIES = 6;

/** What the steps of a payment need. */
interface Steps extends PaymentDeps {
  readonly knownOrders: KnownOrders;
}

/** Makes the {@linkcode Payments} use cases. */
export function createPayments(deps: PaymentDeps): Payments {
  const { vault, clock, limits: { timeZone } } = deps;
  const knownOrders = createKnownOrders({ vault, clock, timeZone });
  const steps: Steps = { ...deps, knownOrders };
  return {
    ...createPaymentReads(deps),
    pay: (caller, request, isTooOld) => pay(steps, caller, request, isTooOld),
  };
}

async function pay(
  steps: Steps,
  caller: CallerOf<"merchant">,
  request: PaymentRequest,
  isTooOld: IsTooOld,
): Promise<Paid | Refusal> {
  const { clockGuard, limits, badCodes, search } = steps;
  if (!(await clockGuard.check()).sure) return refused("clock-unsure");
  // A suspended merchant may not take new orders. Known orders are answered as
  // usual.
  const suspended = refuseTaking(caller.merchant.record);
  if (suspended !== null) {
    return await orderFirst(steps, caller, request, suspended);
  }
  if (limitsIn(limits, "normal", request.currency) === null) {
    const no = refused("malformed-request", {
      detail:
        "currency must be one that limits are configured for on this server.",
    });
    return await orderFirst(steps, caller, request, no);
  }
  const rations = merchantRations(
    caller.merchant.record,
    request.terminalId,
    badCodes,
  );
  const found = await search.find(rations, request.code);
  if (found.kind !== "candidate") {
    const missed = "forgive" in found ? found : undefined;
    return await orderFirst(
      steps,
      caller,
      request,
      refuseFound(found),
      missed,
    );
  }
  return await claimAndSettle(steps, caller, request, found, isTooOld);
}

/** Answers a known order as such, and any other order with the refusal. */
async function orderFirst(
  { store, clock, knownOrders }: Steps,
  caller: CallerOf<"merchant">,
  request: PaymentRequest,
  refusal: Refusal,
  missed?: Missed,
): Promise<Paid | Refusal> {
  const { merchant_id } = caller.merchant.record;
  const name = orderName(merchant_id, request.orderId);
  const [{ value: order }, held] = await readRecords(store, [
    orders(name),
    merchants(merchant_id),
  ]);
  const merchant = merchantNow(caller, held, clock.nowMs());
  if ("kind" in merchant) return merchant;
  const no = refuseTaking(merchant) ?? refusal;
  if (order === null) return no;
  // A till that repeats its own order, however late, is not guessing codes.
  if (
    missed !== undefined &&
    knownOrders.isSameCode(merchant_id, order, request)
  ) {
    missed.forgive();
  }
  return knownOrders.answer(merchant_id, order, request) ?? no;
}

/** A claim of an order by a request, for all its tries. */
interface ClaimOf {
  readonly request: PaymentRequest;
  readonly paymentId: string;
  /** The fingerprint of the code under this order. */
  readonly codeHash: KeyedHash;
  /** If merchant and customer are in two cells: the claim across them. */
  readonly across: CrossClaim | null;
}

/** Claims the order and the code, then settles the payment. */
async function claimAndSettle(
  steps: Steps,
  caller: CallerOf<"merchant">,
  request: PaymentRequest,
  candidate: Candidate,
  isTooOld: IsTooOld,
): Promise<Paid | Refusal> {
  const { store, clock, knownOrders, times } = steps;
  const { merchant_id } = caller.merchant.record;
  const name = orderName(merchant_id, request.orderId);
  const { accountId } = candidate;
  const paymentId = newPaymentId(name, accountId, steps.random, store.cells);
  const codeHash = knownOrders.codeHash(merchant_id, request);
  const across = isCrossing(store, paymentId)
    ? new CrossClaim(store, paymentId, times.recordMs)
    : null;
  const claimOf: ClaimOf = { request, paymentId, codeHash, across };
  const first = firstAssumptions(caller, candidate, orders(name).held(null));
  const claimed = () => claimUntilSettled(steps, claimOf, first, isTooOld);
  if (across === null) return await claimed();
  let outcome: Paid | Refusal | StoreUnavailableError;
  try {
    outcome = await claimed();
  } catch (error) {
    if (!(error instanceof StoreUnavailableError)) throw error;
    outcome = error;
  }
  if (across.opened !== null) {
    const other = await takeBack(steps, across, across.opened, clock.nowMs());
    if (other !== null) return other;
  }
  if (outcome instanceof StoreUnavailableError) throw outcome;
  return outcome;
}

/**
 * Takes back the opening of an order whose code was refused. Answers about the payment if that
 * is not possible, or `null`.
 */
async function takeBack(
  steps: Steps,
  across: CrossClaim,
  payment: PaymentRecord,
  nowMs: number,
): Promise<Paid | Refusal | null> {
  try {
    if (await across.undo(nowMs, steps.engine.lateFences)) return null;
  } catch (error) {
    if (!(error instanceof StoreUnavailableError)) throw error;
    // The sweeper will find out what is committed.
    return pendingAnswer(payment);
  }
  return await settle(steps, payment, null);
}

/**
 * Tries to claim, each time with corrected assumptions, until a claim is committed or
 * refused.
 */
async function claimUntilSettled(
  steps: Steps,
  claimOf: ClaimOf,
  first: Assumptions,
  isTooOld: IsTooOld,
): Promise<Paid | Refusal> {
  const { store, clock, consequence } = steps;
  const { request, paymentId, codeHash, across } = claimOf;
  const startedMs = clock.nowMs();
  let assumptions = first;
  return await retry(async () => {
    // After this time the till may have given up, and the customer may have paid
    // in another way.
    if (isTooOld()) throw new StoreUnavailableError("timeout");
    const { caller, candidate, order } = assumptions;
    if (!candidate.isOpen()) {
      return await refuseCode(steps, claimOf, caller, {
        kind: "none",
      });
    }
    // The guard on the merchant's record does not notice that the grace time of a
    // key is over: the record changed only when the end was set.
    const ended = refuseCaller(caller, caller.merchant.held, clock.nowMs());
    if (ended !== null) return ended;
    const claim = planClaim({
      ...{ request, assumptions, paymentId, codeHash, consequence },
      limits: steps.limits,
      times: steps.times,
      doubleScanMs: steps.doubleScanMs,
      // Across cells all tries write the same order, so that it is written once.
      nowMs: across === null ? clock.nowMs() : startedMs,
      vault: steps.vault,
      tillDecides: steps.doubleScanAsks === "cashier",
      crossing: across !== null,
    });
    const end = across === null
      ? await commit(store, joinParts(claim))
      : await across.commit(
        claim,
        order,
        () => candidate.isOpen() && !isTooOld(),
      );
    // The next try is refused, because the time is over, and says so.
    if (end === "late") return LOST;
    if (end === "unknown") return pendingAnswer(claim.next.payment);
    if (end.committed) {
      const [, , seenOnlineRaw, ...consequenceValues] = end.values;
      return await settle(steps, claim.next.payment, {
        ...claim.next,
        seenOnlineRaw,
        consequenceValues,
        ...(across?.claim && { claim: across.claim }),
      });
    }
    const next = await correct(steps, claimOf, assumptions, claim, end);
    if ("kind" in next) return next;
    assumptions = next;
    return LOST;
  }, { tries: TRIES });
}

/**
 * Refuses a code that is not found any more. A known order is answered as such, unless it is this
 * payment that has opened it.
 */
async function refuseCode(
  steps: Steps,
  { request, across }: ClaimOf,
  caller: CallerOf<"merchant">,
  found: Exclude<Found | Searched, Candidate>,
): Promise<Paid | Refusal> {
  const refusal = refuseFound(found);
  return across?.opened
    ? refusal
    : await orderFirst(steps, caller, request, refusal);
}

/** A claim that a guard has refused. */
type RefusedClaim = Extract<Committed<ClaimLabel>, { committed: false }>;

/** Corrects the assumption that a refused guard shows to be wrong, or answers. */
async function correct(
  steps: Steps,
  claimOf: ClaimOf,
  assumptions: Assumptions,
  claim: Claim,
  end: RefusedClaim,
): Promise<Assumptions | Paid | Refusal> {
  const { authenticator, limits } = steps;
  const { caller, candidate } = assumptions;
  const { refusedBy, value } = end;
  switch (refusedBy) {
    case "order":
      return await correctOrder(steps, claimOf, assumptions, claim, end);
    case "merchant": {
      const refreshed = await authenticator.refresh(caller);
      if ("kind" in refreshed) return refreshed;
      const no = refuseTaking(refreshed.merchant.record);
      return no ?? { ...assumptions, caller: refreshed };
    }
    case "bucket":
    case "credential":
    case "seed":
    case "mark":
    case "online": {
      const fault = faultOf(candidate, refusedBy, value);
      if (fault === "gone") return refused("code-not-accepted");
      if (fault === "used") {
        watchUse(steps, assumptions, end.values[1]);
        return refused("code-replayed");
      }
      const found = await candidate.again();
      return found.kind === "candidate"
        ? { ...assumptions, candidate: found }
        : await refuseCode(steps, claimOf, caller, found);
    }
    case "policy":
    case "offline-days": {
      const payer = correctPayer(refusedBy, value, candidate, limits);
      return "kind" in payer ? payer : { ...assumptions, payer };
    }
    case "double-scan":
      return await meetLikePurchase(
        { ...steps, timeZone: limits.timeZone },
        claimOf.request,
        assumptions,
        value,
      );
    default:
      return limitExceeded(refusedBy);
  }
}

/**
 * The order is not as it was assumed. Its record answers the request, or the claim is
 * tried again on the order as it is now.
 */
async function correctOrder(
  steps: Steps,
  { request, paymentId }: ClaimOf,
  before: Assumptions,
  claim: Claim,
  { value, values: [merchantRaw] }: RefusedClaim,
): Promise<Assumptions | Paid | Refusal> {
  const { clock, knownOrders } = steps;
  const { merchant_id } = before.caller.merchant.record;
  const held = orders(claim.next.name).held(value);
  const assumptions = { ...before, order: held };
  const order = held.value;
  if (order === null) return assumptions;
  // The transport lost the reply and repeated a write that is committed.
  if (order.payment?.payment_id === paymentId) {
    return await settle(steps, claim.next.payment, null);
  }
  const merchant = merchants(merchant_id).held(merchantRaw!);
  const answer = refuseCaller(before.caller, merchant, clock.nowMs()) ??
    knownOrders.answer(merchant_id, order, request);
  if (answer !== null || order.payment?.owes === undefined) {
    return answer ?? assumptions;
  }
  // The previous attempt has still to give back what it took from the limits. A new
  // attempt would remove that note, so it is given back first. This changes the order,
  // as does whoever comes before it. So the next try is refused by the order once more,
  // and is answered by the order as it is then.
  const current = await steps.engine.read(claim.next.name, merchant_id);
  if (current !== null) await steps.engine.drive(current);
  return assumptions;
}

/** Drives a payment whose claim is committed to its end, if it can end now. */
async function settle(
  { engine, onBug }: Steps,
  payment: PaymentRecord,
  claimed: Current | null,
): Promise<Paid | Refusal> {
  try {
    const { payment_id } = payment;
    const current = claimed ?? await engine.read(orderNameOf(payment_id));
    const order = current === null
      ? null
      : current.payment.payment_id === payment_id
      ? (await engine.drive(current)).order
      : current.order;
    // If this attempt was declined, another one may have followed it already.
    const attempt = order === null ? null : attemptOf(order, payment_id);
    if (attempt !== null) return answerOf(attempt);
  } catch (error) {
    // Even if a bug has caused the error, the payment stays under way.
    if (!(error instanceof StoreUnavailableError)) onBug(error);
  }
  return pendingAnswer(payment);
}

/** Reports a used code that is shown at another merchant than the one that used it. */
function watchUse(
  { onCodeSeenElsewhere }: Steps,
  { caller, candidate }: Assumptions,
  useRaw: string | null | undefined,
): void {
  const { accountId, credentialId, codeName } = candidate;
  const shownAt = caller.merchant.record.merchant_id;
  const use = lastUses(accountId).held(useRaw ?? null).value;
  // A verification is not a merchant.
  if (use?.codeName !== codeName || !isId("mer", use.spender)) return;
  const usedAt = use.spender;
  if (usedAt !== shownAt) {
    onCodeSeenElsewhere({ credentialId, usedAt, shownAt });
  }
}

function limitExceeded(limit: LimitName): Refusal {
  return refused("limit-exceeded", {
    detail: `The payment would exceed the limit ${limit}.`,
  });
}
