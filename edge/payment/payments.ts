/**
 * Payments: an order is paid at most once, whatever is scanned.
 *
 * The first transaction claims order and code together; only then is the
 * ledger asked; a second transaction writes what it said. A success is answered
 * only when that second transaction is committed. When the first one is
 * committed and the end is not known, the answer is `payment-pending`, never a
 * guess.
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
import { type Refusal, refused } from "../base/outcome.ts";
import type { IsTooOld } from "../base/request_age.ts";
import { type LimitName, type Limits, limitsIn } from "../risk/limits.ts";
import { correctPayer } from "../risk/payer.ts";
import { commit } from "../store/commit.ts";
import { readRecords } from "../store/record.ts";
import { LOST, retry } from "../store/retry.ts";
import { type Store, StoreUnavailableError } from "../store/store.ts";
import type { Vault } from "../vault/seal.ts";
import { type Candidate, faultOf } from "../verification/candidate.ts";
import {
  type Missed,
  refuseFound,
  type Search,
} from "../verification/search.ts";
import { answerOf, type Paid, pendingAnswer } from "./answers.ts";
import {
  firstAssumptions,
  lastUses,
  type PaymentRequest,
  planClaim,
} from "./claim.ts";
import type { Consequence } from "./consequence.ts";
import { type DoubleScanAsks, meetLikePurchase } from "./double_scan.ts";
import type { Engine } from "./engine.ts";
import { createKnownOrders } from "./known_order.ts";
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
   * @throws {StoreUnavailableError} while nothing is known to be committed: the
   * same order may be sent again.
   */
  pay(
    caller: CallerOf<"merchant">,
    request: PaymentRequest,
    isTooOld: IsTooOld,
  ): Promise<Paid | Refusal>;
}

/** What payments are made of. */
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
  /** Bad codes of a merchant without figures of its own. */
  readonly badCodes: BadCodes;
  readonly times: PaymentTimes;
  /** What else the end of a payment causes. */
  readonly consequence: Consequence;
  /** How long a like purchase waits for the customer, in ms; 0: never. */
  readonly doubleScanMs: number;
  /** Who is asked about it. */
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

/** More than one guard can be out of date at once; each costs one try. */
const TRIES = 6;

/** Makes the {@linkcode Payments} use cases. */
export function createPayments(deps: PaymentDeps): Payments {
  const { store, search, engine, authenticator, vault, clock } = deps;
  const { limits, times, doubleScanMs, consequence } = deps;
  const { timeZone } = limits;
  const knownOrders = createKnownOrders({ vault, clock, timeZone });

  /** A refusal about the code, unless the order is known: that comes first. */
  async function orderFirst(
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
    // A till that repeats its order is not guessing, however late it is.
    if (
      missed !== undefined &&
      knownOrders.isSameCode(merchant_id, order, request)
    ) {
      missed.forgive();
    }
    return knownOrders.answer(merchant_id, order, request) ?? no;
  }

  /** Drives a payment whose claim is committed to its end, if it can end now. */
  async function settle(
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
      // Another attempt may have followed one that was declined.
      const attempt = order === null ? null : attemptOf(order, payment_id);
      if (attempt !== null) return answerOf(attempt);
    } catch (error) {
      // Whatever failed, a bug too, the payment is under way.
      if (!(error instanceof StoreUnavailableError)) deps.onBug(error);
    }
    return pendingAnswer(payment);
  }

  /** Tells of a used code that comes up at another merchant than used it. */
  function watchUse(
    { accountId, credentialId, codeName }: Candidate,
    shownAt: string,
    useRaw: string | null | undefined,
  ): void {
    const use = lastUses(accountId).held(useRaw ?? null).value;
    if (use?.codeName === codeName && use.merchantId !== shownAt) {
      const usedAt = use.merchantId;
      deps.onCodeSeenElsewhere({ credentialId, usedAt, shownAt });
    }
  }

  /** Claims order and code, then settles. */
  async function claimAndSettle(
    caller: CallerOf<"merchant">,
    request: PaymentRequest,
    candidate: Candidate,
    isTooOld: IsTooOld,
  ): Promise<Paid | Refusal> {
    const { merchant_id } = caller.merchant.record;
    const name = orderName(merchant_id, request.orderId);
    const paymentId = newPaymentId(name, deps.random);
    const codeHash = knownOrders.codeHash(merchant_id, request);
    const unseen = orders(name).held(null);
    let assumptions = firstAssumptions(caller, candidate, unseen);

    return await retry(async () => {
      // By now the wallet may show another code.
      if (isTooOld()) throw new StoreUnavailableError("timeout");
      const { caller, candidate } = assumptions;
      if (!candidate.isOpen()) {
        return await orderFirst(caller, request, refused("code-not-accepted"));
      }
      // Its end changes the merchant's record when it is set, not when it comes.
      const ended = refuseCaller(caller, caller.merchant.held, clock.nowMs());
      if (ended !== null) return ended;
      const claim = planClaim({
        ...{ request, assumptions, paymentId, codeHash },
        ...{ limits, times, doubleScanMs, clock, consequence, vault },
        tillDecides: deps.doubleScanAsks === "cashier",
      });
      const end = await commit(store, claim.commit);
      const [merchantRaw, useRaw, seenOnlineRaw, ...consequenceValues] =
        end.values;
      if (end.committed) {
        return await settle(claim.next.payment, {
          ...claim.next,
          seenOnlineRaw,
          consequenceValues,
        });
      }
      const { refusedBy, value } = end;
      switch (refusedBy) {
        case "order": {
          assumptions = { ...assumptions, order: orders(name).held(value) };
          const order = assumptions.order.value;
          if (order === null) return LOST;
          // A transport that lost the reply repeated a write that is committed.
          if (order.payment?.payment_id === paymentId) {
            return await settle(claim.next.payment, null);
          }
          const now = merchants(merchant_id).held(merchantRaw!);
          return refuseCaller(caller, now, clock.nowMs()) ??
            knownOrders.answer(merchant_id, order, request) ?? LOST;
        }
        case "merchant": {
          const refreshed = await authenticator.refresh(caller);
          if ("kind" in refreshed) return refreshed;
          const no = refuseTaking(refreshed.merchant.record);
          if (no !== null) return no;
          assumptions = { ...assumptions, caller: refreshed };
          return LOST;
        }
        case "bucket":
        case "credential":
        case "seed":
        case "mark":
        case "online": {
          const fault = faultOf(candidate, refusedBy, value);
          if (fault === "gone") return refused("code-not-accepted");
          if (fault === "used") {
            watchUse(candidate, merchant_id, useRaw);
            return refused("code-replayed");
          }
          const found = await candidate.again();
          if (found.kind !== "candidate") {
            return await orderFirst(caller, request, refuseFound(found));
          }
          assumptions = { ...assumptions, candidate: found };
          return LOST;
        }
        case "policy":
        case "offline-days": {
          const payer = correctPayer(refusedBy, value, candidate, deps.limits);
          if ("kind" in payer) return payer;
          assumptions = { ...assumptions, payer };
          return LOST;
        }
        case "double-scan": {
          const next = await meetLikePurchase(
            { ...deps, timeZone },
            request,
            assumptions,
            value,
          );
          if ("kind" in next) return next;
          assumptions = next;
          return LOST;
        }
        default:
          return limitExceeded(refusedBy);
      }
    }, { tries: TRIES });
  }

  return {
    ...createPaymentReads(deps),

    async pay(caller, request, isTooOld) {
      if (!(await deps.clockGuard.check()).sure) return refused("clock-unsure");
      // Suspension stops new takings only: a known order answers as ever.
      const suspended = refuseTaking(caller.merchant.record);
      if (suspended !== null) {
        return await orderFirst(caller, request, suspended);
      }
      if (limitsIn(deps.limits, "normal", request.currency) === null) {
        const no = refused("malformed-request", {
          detail:
            "currency must be one that limits are configured for on this server.",
        });
        return await orderFirst(caller, request, no);
      }
      const rations = merchantRations(
        caller.merchant.record,
        request.terminalId,
        deps.badCodes,
      );
      const found = await search.find(rations, request.code);
      if (found.kind !== "candidate") {
        const missed = "forgive" in found ? found : undefined;
        return await orderFirst(caller, request, refuseFound(found), missed);
      }
      return await claimAndSettle(caller, request, found, isTooOld);
    },
  };
}

function limitExceeded(limit: LimitName): Refusal {
  return refused("limit-exceeded", {
    detail: `The payment would exceed the limit ${limit}.`,
  });
}
