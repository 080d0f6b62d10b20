/**
 * Payments: an order is paid at most once, whatever is scanned.
 *
 * The first transaction claims order and code together; only then is the
 * ledger asked; a second transaction writes what it said. A success leaves
 * here only when that second transaction stands. Once the first one stands and
 * the end is not known, the answer is `payment-pending`, never a guess.
 *
 * @module
 */

import type { Clock, Random } from "../clock.ts";
import type { ClockGuard } from "../health/clock_guard.ts";
import { isId, newId } from "../ids.ts";
import {
  type Authenticator,
  type CallerOf,
  refuseCaller,
} from "../merchant/authentication.ts";
import { type Refusal, refused } from "../outcome.ts";
import type { IsTooOld } from "../request_age.ts";
import type { Limits } from "../risk/limits.ts";
import {
  merchantKey,
  ORDER_REPEAT_MS,
  orderKey,
  paymentKey,
} from "../store/keys.ts";
import { type Store, StoreUnavailableError } from "../store/store.ts";
import type { Vault } from "../vault/seal.ts";
import type { Candidate } from "../verification/candidate.ts";
import {
  type Missed,
  refuseFound,
  type Search,
} from "../verification/search.ts";
import {
  type Assumptions,
  type Claim,
  type LastUse,
  type PaymentRequest,
  planClaim,
} from "./claim.ts";
import type { Engine } from "./engine.ts";
import {
  type OrderRecord,
  type PaymentRecord,
  type PaymentView,
  viewPayment,
} from "./record.ts";
import {
  type Current,
  type PaymentTimes,
  RECOVER_AFTER_MS,
} from "./transition.ts";

/** A payment that stands: goods may be handed over. */
export interface Paid {
  readonly kind: "paid";
  readonly payment: PaymentView;
  /** When it was paid, if that was before this request. */
  readonly before?: PaidBefore;
}

/** A time of day for people. */
export interface PaidBefore {
  /** `hh:mm`. */
  readonly time: string;
  /** IANA name of the zone. */
  readonly timeZone: string;
}

/** The use cases of a merchant. */
export interface Payments {
  /**
   * Pays an order with a code.
   *
   * @throws {StoreUnavailableError} while nothing is known to stand: the same
   * order may be sent again.
   */
  pay(
    caller: CallerOf<"merchant">,
    request: PaymentRequest,
    isTooOld: IsTooOld,
  ): Promise<Paid | Refusal>;
  /** A payment of this merchant; one under way is driven on first. */
  get(
    caller: CallerOf<"merchant">,
    paymentId: string,
  ): Promise<PaymentView | Refusal>;
  /** The latest payment of an order of this merchant. */
  getByOrder(
    caller: CallerOf<"merchant">,
    orderId: string,
  ): Promise<PaymentView | Refusal>;
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
  readonly times: PaymentTimes;
  /** How long a like purchase waits for the customer, in ms; 0: never. */
  readonly twinGuardMs: number;
  /** Told of an error that is not the store's, behind a claim that stands. */
  readonly onBug: (error: unknown) => void;
  /** Told when a code comes up at a merchant after its use at another. */
  readonly onCodeSeenElsewhere: (event: {
    readonly credentialId: string;
    readonly usedAt: string;
    readonly shownAt: string;
  }) => void;
}

/** More than one check can be out of date at once; each costs one try. */
const TRIES = 6;

/** When to ask for the result of a payment under way. */
const QUERY_SECONDS = 2;

/** What a payment under way, or ended without success, answers to its order. */
function answerOf({ payment }: Current): Paid | Refusal {
  const about = { orderId: payment.order_id, paymentId: payment.payment_id };
  switch (payment.status) {
    case "succeeded":
      return { kind: "paid", payment: viewPayment(payment) };
    case "processing":
    case "awaiting_confirmation":
      return pendingAnswer(payment.order_id, payment.payment_id);
    case "declined":
      return declinedAnswer(payment.order_id, payment);
    case "reversing":
      // A refusal that is being carried out leaves the order to be tried again.
      if (payment.ends_as === "declined") {
        return pendingAnswer(payment.order_id, payment.payment_id);
      }
      return refused("payment-reversed", about);
    case "reversed":
      return refused("payment-reversed", about);
  }
}

function pendingAnswer(orderId: string, paymentId: string): Refusal {
  return refused("payment-pending", {
    orderId,
    paymentId,
    nextQuerySeconds: QUERY_SECONDS,
  });
}

function declinedAnswer(
  orderId: string,
  declined: Pick<PaymentRecord, "payment_id" | "decline_reason">,
): Refusal {
  const { payment_id, decline_reason } = declined;
  return refused("payment-declined", {
    orderId,
    paymentId: payment_id,
    ...(decline_reason !== undefined && { declineReason: decline_reason }),
  });
}

/** The time of day in a zone, `hh:mm`. */
function timeOfDay(unixMs: number, timeZone: string): PaidBefore {
  const time = new Intl.DateTimeFormat("en-GB", {
    timeZone,
    timeStyle: "short",
  }).format(unixMs);
  return { time, timeZone };
}

/** Makes the {@linkcode Payments} use cases. */
export function createPayments(deps: PaymentDeps): Payments {
  const { store, search, engine, authenticator, vault, clock } = deps;

  /** The order's name makes one code under two orders look different. */
  const fingerprint = (key: string, code: string) => `${key} ${code}`;

  async function readPayment(paymentId: string): Promise<PaymentRecord> {
    const [raw] = (await store.read({ keys: [paymentKey(paymentId)] })).values;
    // An order names its payment in the transaction that wrote both.
    if (raw == null) throw new StoreUnavailableError("corrupt");
    return JSON.parse(raw) as PaymentRecord;
  }

  /**
   * What an order that is already known answers, or `null` where a declined
   * order may be tried with this other code.
   */
  async function answerKnownOrder(
    merchantId: string,
    order: OrderRecord,
    request: PaymentRequest,
  ): Promise<Paid | Refusal | null> {
    const { orderId } = request;
    const { attempt } = order;
    if (attempt === null) return refused("payment-reversed", { orderId });
    if (
      attempt.amount_minor !== request.amountMinor ||
      attempt.currency !== request.currency
    ) {
      return refused("order-conflict", {
        orderId,
        detail: "The order is known with another amount or currency.",
      });
    }
    const readCurrent = async () => {
      // As they are now, order and payment of one moment: between two looks at
      // them the order could have changed.
      const current = await engine.read(attempt.payment_id, {
        merchant_id: merchantId,
        order_id: orderId,
      });
      if (current === null) throw new StoreUnavailableError("corrupt");
      return current;
    };
    switch (order.state) {
      case "open":
        return pendingAnswer(orderId, attempt.payment_id);
      case "paid": {
        const paidAtMs = attempt.paid_at_ms ?? 0;
        if (clock.nowMs() - paidAtMs > ORDER_REPEAT_MS) {
          return refused("order-conflict", {
            orderId,
            detail: "The order was paid more than 24 hours ago.",
          });
        }
        const answer = answerOf(await readCurrent());
        if (answer.kind === "refused") return answer;
        return {
          kind: "paid",
          payment: { ...answer.payment, repeat: true },
          before: timeOfDay(paidAtMs, deps.limits.timeZone),
        };
      }
      case "declined":
        return isSameCode(orderKey(merchantId, orderId), order, request.code)
          ? declinedAnswer(orderId, attempt)
          : null;
      case "reversing":
        return answerOf(await readCurrent());
      case "reversed":
        return refused("payment-reversed", {
          orderId,
          paymentId: attempt.payment_id,
        });
    }
  }

  /** Whether an order's latest attempt was made with this very code. */
  function isSameCode(
    key: string,
    { attempt }: OrderRecord,
    code: string,
  ): boolean {
    return attempt !== null && vault.keyedHashMatches(
      "code",
      fingerprint(key, code),
      attempt.code_hash,
    );
  }

  /** A refusal about the code, unless the order is known: that comes first. */
  async function orderFirst(
    caller: CallerOf<"merchant">,
    request: PaymentRequest,
    refusal: Refusal,
    missed?: Missed,
  ): Promise<Paid | Refusal> {
    const { merchant_id } = caller.merchant.record;
    const key = orderKey(merchant_id, request.orderId);
    const [rawOrder, rawMerchant] = (await store.read({
      keys: [key, merchantKey(merchant_id)],
    })).values;
    const no = refuseCaller(caller, rawMerchant);
    if (no !== null) return no;
    if (rawOrder == null) return refusal;
    const order = JSON.parse(rawOrder) as OrderRecord;
    // A till that repeats its order is not guessing, however late it is.
    if (missed !== undefined && isSameCode(key, order, request.code)) {
      missed.forgive();
    }
    return await answerKnownOrder(merchant_id, order, request) ?? refusal;
  }

  /** Drives a payment whose claim stands to its end, if that can be had now. */
  async function settle(
    orderId: string,
    paymentId: string,
    claimed: Current | null,
  ): Promise<Paid | Refusal> {
    try {
      const current = claimed ?? await engine.read(paymentId);
      if (current !== null) return answerOf(await engine.drive(current));
    } catch (error) {
      // Whatever failed, a bug too, the payment is under way.
      if (!(error instanceof StoreUnavailableError)) deps.onBug(error);
    }
    return pendingAnswer(orderId, paymentId);
  }

  /** A used code: refused, and told of if another merchant had used it. */
  function refuseUsed(
    claim: Claim,
    code: string,
    value: string | null,
    lastUseRaw: string | null | undefined,
  ): Refusal {
    if (value === null) return refused("code-not-accepted");
    const lastUse = lastUseRaw == null
      ? null
      : JSON.parse(lastUseRaw) as LastUse;
    const { merchant_id, credential_id } = claim.next.payment;
    if (
      lastUse !== null && lastUse.merchant_id !== merchant_id &&
      vault.keyedHashMatches("last-use", code, lastUse.code_hash)
    ) {
      deps.onCodeSeenElsewhere({
        credentialId: credential_id,
        usedAt: lastUse.merchant_id,
        shownAt: merchant_id,
      });
    }
    return refused("code-replayed");
  }

  /** Claims order and code, then settles. */
  async function claimAndSettle(
    caller: CallerOf<"merchant">,
    request: PaymentRequest,
    candidate: Candidate,
    isTooOld: IsTooOld,
  ): Promise<Paid | Refusal> {
    const { merchant_id } = caller.merchant.record;
    const key = orderKey(merchant_id, request.orderId);
    const paymentId = newId("pay", deps.random);
    const codeHash = vault.keyedHash("code", fingerprint(key, request.code));
    const lastUse: LastUse = {
      merchant_id,
      code_hash: vault.keyedHash("last-use", request.code),
    };
    let assumptions: Assumptions = {
      caller,
      candidate,
      declined: null,
      tier: "normal",
      twin: false,
    };

    for (let i = 0; i < TRIES; i++) {
      if (isTooOld()) break;
      const { caller, candidate } = assumptions;
      if (!candidate.isOpen()) {
        return await orderFirst(caller, request, refused("code-not-accepted"));
      }
      const claim = planClaim({
        request,
        assumptions,
        paymentId,
        codeHash,
        lastUse,
        limits: deps.limits,
        times: deps.times,
        twinGuardMs: deps.twinGuardMs,
        clock,
      });
      const result = await store.txn(claim.transaction);
      if (result.committed) {
        const endpointRaw = result.values[2] ?? null;
        return await settle(request.orderId, paymentId, {
          ...claim.next,
          endpointRaw,
        });
      }
      const step = claim.steps[result.check]!;
      switch (step.about) {
        case "order": {
          if (result.value === null) {
            assumptions = { ...assumptions, declined: null };
            break;
          }
          const order = JSON.parse(result.value) as OrderRecord;
          // A transport that lost the reply repeated a write that stands.
          if (order.attempt?.payment_id === paymentId) {
            return await settle(request.orderId, paymentId, null);
          }
          const answer = refuseCaller(caller, result.values[1]) ??
            await answerKnownOrder(merchant_id, order, request);
          if (answer !== null) return answer;
          assumptions = {
            ...assumptions,
            declined: { raw: result.value, order },
          };
          break;
        }
        case "merchant": {
          const refreshed = await authenticator.refresh(caller);
          if ("kind" in refreshed) return refreshed;
          assumptions = { ...assumptions, caller: refreshed };
          break;
        }
        case "code": {
          if (step.fault === "used") {
            return refuseUsed(
              claim,
              request.code,
              result.value,
              result.values[0],
            );
          }
          const found = await candidate.again();
          if (found.kind !== "candidate") {
            return await orderFirst(caller, request, refuseFound(found));
          }
          assumptions = { ...assumptions, candidate: found };
          break;
        }
        case "tier":
          if (result.value === "blocked") return refused("payer-blocked");
          assumptions = {
            ...assumptions,
            tier: result.value === "restricted" ? "restricted" : "normal",
          };
          break;
        case "limit":
          return refused("limit-exceeded", {
            detail: `The payment would exceed the limit ${step.limit}.`,
          });
        case "twin":
          assumptions = { ...assumptions, twin: true };
          break;
      }
    }
    // Contention on every try, or the request grew too old to spend a code.
    throw new StoreUnavailableError("timeout");
  }

  /** What a merchant sees; one that a crash left is driven on first. */
  async function view(record: PaymentRecord): Promise<PaymentView> {
    const idleMs = clock.nowMs() - Date.parse(record.updated_at);
    const underWay = record.status === "processing" ||
      record.status === "reversing";
    if (!underWay || idleMs < RECOVER_AFTER_MS) return viewPayment(record);
    const current = await engine.read(record.payment_id);
    if (current === null) return viewPayment(record);
    return viewPayment((await engine.drive(current)).payment);
  }

  return {
    async pay(caller, request, isTooOld) {
      if (!(await deps.clockGuard.check()).sure) return refused("clock-unsure");
      const owner = `merchant ${caller.merchant.record.merchant_id}`;
      const found = await search.find(owner, request.code);
      if (found.kind !== "candidate") {
        const missed = "forgive" in found ? found : undefined;
        return await orderFirst(caller, request, refuseFound(found), missed);
      }
      return await claimAndSettle(caller, request, found, isTooOld);
    },

    async get(caller, paymentId) {
      if (!isId("pay", paymentId)) return refused("not-found");
      const { merchant_id } = caller.merchant.record;
      const [raw, rawMerchant] = (await store.read({
        keys: [paymentKey(paymentId), merchantKey(merchant_id)],
      })).values;
      const no = refuseCaller(caller, rawMerchant);
      if (no !== null) return no;
      const record = raw == null ? null : JSON.parse(raw) as PaymentRecord;
      return record?.merchant_id === merchant_id
        ? await view(record)
        : refused("not-found");
    },

    async getByOrder(caller, orderId) {
      const { merchant_id } = caller.merchant.record;
      const [raw, rawMerchant] = (await store.read({
        keys: [orderKey(merchant_id, orderId), merchantKey(merchant_id)],
      })).values;
      const no = refuseCaller(caller, rawMerchant);
      if (no !== null) return no;
      const order = raw == null ? null : JSON.parse(raw) as OrderRecord;
      if (order === null) {
        return refused("not-found", {
          orderId,
          nextQuerySeconds: QUERY_SECONDS,
        });
      }
      if (order.attempt === null) {
        return refused("payment-reversed", { orderId });
      }
      return await view(await readPayment(order.attempt.payment_id));
    },
  };
}
