/**
 * Payments: an order is paid at most once, whatever is scanned.
 *
 * The first transaction claims order and code together; only then is the
 * ledger asked; the second transaction writes what it said. A success leaves
 * here only when that second transaction stands. Once the first one stands and
 * the end is not known, the answer is `payment-pending`, never a guess.
 *
 * @module
 */

import type { Clock, Random } from "../clock.ts";
import { parseCode } from "../code/format.ts";
import type { Profiles } from "../code/profile.ts";
import type { ClockGuard } from "../health/clock_guard.ts";
import { newId } from "../ids.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { Authenticator, CallerOf } from "../merchant/authentication.ts";
import { refuseMerchant } from "../merchant/authentication.ts";
import type { MerchantRecord } from "../merchant/record.ts";
import { type Refusal, refused } from "../outcome.ts";
import {
  blockedKey,
  DUE_PAYMENTS_KEY,
  merchantKey,
  ORDER_REPEAT_MS,
  orderKey,
  paymentKey,
  RECORD_TTL_MS,
} from "../store/keys.ts";
import {
  type Check,
  type Store,
  StoreUnavailableError,
} from "../store/store.ts";
import type { Vault } from "../vault/seal.ts";
import { type Candidate, type Search, spend } from "../verification/search.ts";
import { refuseFound, REQUEST_TTL_MS } from "../verification/verifications.ts";
import {
  type OrderRecord,
  payerPseudonym,
  type PaymentRecord,
  type PaymentView,
  viewPayment,
} from "./record.ts";

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

/** A payment that stands: goods may be handed over. */
export interface Paid {
  readonly kind: "paid";
  readonly payment: PaymentView;
  /** Whether the order had been paid before this request; then since when. */
  readonly repeatOfMs?: number;
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
  ): Promise<Paid | Refusal>;
  /** A payment of this merchant. */
  get(merchantId: string, paymentId: string): Promise<PaymentView | Refusal>;
  /** The latest payment of an order of this merchant. */
  getByOrder(
    merchantId: string,
    orderId: string,
  ): Promise<PaymentView | Refusal>;
}

/** What payments are made of. */
export interface PaymentDeps {
  readonly store: Store;
  readonly search: Search;
  readonly ledger: Ledger;
  readonly authenticator: Authenticator;
  readonly vault: Vault;
  readonly clock: Clock;
  readonly clockGuard: ClockGuard;
  readonly random: Random;
  readonly prefix: string;
  readonly profiles: Profiles;
  /** When an open payment must have ended, in ms after its start. */
  readonly deadlineMs: number;
}

/** As they are made; what a path may hold otherwise is looked up nowhere. */
const PAYMENT_ID = /^pay_[0-9a-f]{32}$/;
const TRIES = 3;
const NEXT_QUERY_SECONDS = 5;

/** Makes the {@linkcode Payments} use cases. */
export function createPayments(deps: PaymentDeps): Payments {
  const { store, search, ledger, authenticator, vault, clock, random } = deps;

  const fingerprint = (key: string, code: string) => `${key} ${code}`;

  async function readPayment(paymentId: string): Promise<PaymentRecord> {
    const [raw] = (await store.read({ keys: [paymentKey(paymentId)] })).values;
    // An order names its payment in the transaction that wrote both.
    if (raw == null) throw new StoreUnavailableError("corrupt");
    return JSON.parse(raw) as PaymentRecord;
  }

  function declinedRefusal(orderId: string, order: {
    readonly payment_id: string;
    readonly decline_reason?: string;
  }): Refusal {
    return refused("payment-declined", {
      orderId,
      paymentId: order.payment_id,
      ...(order.decline_reason !== undefined && {
        declineReason: order.decline_reason,
      }),
    });
  }

  function pending(orderId: string, paymentId: string): Refusal {
    return refused("payment-pending", {
      orderId,
      paymentId,
      nextQuerySeconds: NEXT_QUERY_SECONDS,
    });
  }

  /**
   * What an order that is already known answers, or `null` where a declined
   * order may be tried with this other code.
   */
  async function answerKnownOrder(
    key: string,
    order: OrderRecord,
    request: PaymentRequest,
  ): Promise<Paid | Refusal | null> {
    const { orderId } = request;
    if (
      order.amount_minor !== request.amountMinor ||
      order.currency !== request.currency
    ) {
      return refused("order-conflict", {
        orderId,
        detail: "The order is known with another amount or currency.",
      });
    }
    switch (order.state) {
      case "open":
        return pending(orderId, order.payment_id);
      case "paid": {
        const paidAtMs = order.paid_at_ms ?? 0;
        if (clock.nowMs() - paidAtMs > ORDER_REPEAT_MS) {
          return refused("order-conflict", {
            orderId,
            detail: "The order was paid more than 24 hours ago.",
          });
        }
        const payment = viewPayment(await readPayment(order.payment_id));
        return {
          kind: "paid",
          payment: { ...payment, repeat: true },
          repeatOfMs: paidAtMs,
        };
      }
      case "declined":
        return vault.keyedHashMatches(
            "code",
            fingerprint(key, request.code),
            order.code_hash,
          )
          ? declinedRefusal(orderId, order)
          : null;
    }
  }

  /** A refusal about the code, unless the order is known: that comes first. */
  async function orderFirst(
    caller: CallerOf<"merchant">,
    request: PaymentRequest,
    refusal: Refusal,
  ): Promise<Paid | Refusal> {
    const { merchant_id } = caller.merchant.record;
    const key = orderKey(merchant_id, request.orderId);
    const [rawOrder, rawMerchant] = (await store.read({
      keys: [key, merchantKey(merchant_id)],
    })).values;
    const merchant = rawMerchant == null
      ? null
      : JSON.parse(rawMerchant) as MerchantRecord;
    const no = refuseMerchant(merchant, caller.keyHash);
    if (no !== null) return no;
    if (rawOrder == null) return refusal;
    return await answerKnownOrder(key, JSON.parse(rawOrder), request) ??
      refusal;
  }

  /** The payment and order that a candidate would open. */
  function open(
    caller: CallerOf<"merchant">,
    request: PaymentRequest,
    candidate: Candidate,
    paymentId: string,
    declined: OrderRecord | null,
  ): { order: OrderRecord; payment: PaymentRecord } {
    const merchant = caller.merchant.record;
    const now = new Date(clock.nowMs()).toISOString();
    const version = (declined?.version ?? 0) + 1;
    const key = orderKey(merchant.merchant_id, request.orderId);
    return {
      order: {
        state: "open",
        version,
        payment_id: paymentId,
        amount_minor: request.amountMinor,
        currency: request.currency,
        code_hash: vault.keyedHash("code", fingerprint(key, request.code)),
      },
      payment: {
        payment_id: paymentId,
        merchant_id: merchant.merchant_id,
        order_id: request.orderId,
        status: "processing",
        amount_minor: request.amountMinor,
        currency: request.currency,
        account_id: candidate.accountId,
        credential_id: candidate.credentialId,
        payer: payerPseudonym(merchant, candidate.accountId),
        order_version: version,
        ...(request.description !== undefined &&
          { description: request.description }),
        ...(request.terminalId !== undefined &&
          { terminal_id: request.terminalId }),
        created_at: now,
        updated_at: now,
      },
    };
  }

  /** Asks the ledger and writes what it said: the second half of a payment. */
  async function settle(
    order: OrderRecord,
    payment: PaymentRecord,
  ): Promise<Paid | Refusal> {
    const { payment_id, merchant_id, order_id } = payment;
    const answer = await ledger.debit({
      paymentId: payment_id,
      accountId: payment.account_id,
      merchantId: merchant_id,
      amountMinor: payment.amount_minor,
      currency: payment.currency,
    }, { confirmed: false });
    if (answer.kind !== "approved" && answer.kind !== "declined") {
      return pending(order_id, payment_id);
    }
    const nowMs = clock.nowMs();
    const version = order.version + 1;
    const reason = answer.kind === "declined"
      ? { decline_reason: answer.reason }
      : {};
    const endedOrder: OrderRecord = {
      ...order,
      state: answer.kind === "approved" ? "paid" : "declined",
      version,
      ...(answer.kind === "approved" && { paid_at_ms: nowMs }),
      ...reason,
    };
    const endedPayment: PaymentRecord = {
      ...payment,
      status: answer.kind === "approved" ? "succeeded" : "declined",
      order_version: version,
      updated_at: new Date(nowMs).toISOString(),
      ...reason,
    };
    const value = JSON.stringify(endedPayment);
    let result;
    try {
      result = await store.txn({
        checks: [
          {
            kind: "equals",
            key: paymentKey(payment_id),
            value: JSON.stringify(payment),
          },
          {
            kind: "equals",
            key: orderKey(merchant_id, order_id),
            value: JSON.stringify(order),
          },
        ],
        writes: [
          {
            kind: "set",
            key: paymentKey(payment_id),
            value,
            ttlMs: RECORD_TTL_MS,
          },
          {
            kind: "set",
            key: orderKey(merchant_id, order_id),
            value: JSON.stringify(endedOrder),
            ttlMs: RECORD_TTL_MS,
          },
          { kind: "unindex", index: DUE_PAYMENTS_KEY, member: payment_id },
        ],
      });
    } catch (error) {
      if (!(error instanceof StoreUnavailableError)) throw error;
      return pending(order_id, payment_id);
    }
    if (!result.committed && result.value !== value) {
      return pending(order_id, payment_id);
    }
    return answer.kind === "approved"
      ? { kind: "paid", payment: viewPayment(endedPayment) }
      : declinedRefusal(order_id, endedPayment);
  }

  /** Claims order and code, then settles. */
  async function claim(
    firstCaller: CallerOf<"merchant">,
    request: PaymentRequest,
    firstCandidate: Candidate,
    startedMs: number,
  ): Promise<Paid | Refusal> {
    let caller = firstCaller;
    let candidate = firstCandidate;
    let declined: { raw: string; record: OrderRecord } | null = null;
    const { merchant_id } = caller.merchant.record;
    const key = orderKey(merchant_id, request.orderId);
    const paymentId = newId("pay", random);

    for (let i = 0; i < TRIES; i++) {
      if (clock.nowMs() - startedMs >= REQUEST_TTL_MS) break;
      if (!search.isOpen(candidate)) {
        return await orderFirst(caller, request, refused("code-not-accepted"));
      }
      const { order, payment } = open(
        caller,
        request,
        candidate,
        paymentId,
        declined?.record ?? null,
      );
      const { bucketCheck, markCheck, markWrite } = spend(candidate);
      const orderCheck: Check = declined === null
        ? { kind: "absent", key }
        : { kind: "equals", key, value: declined.raw };
      const result = await store.txn({
        checks: [
          orderCheck,
          {
            kind: "equals",
            key: merchantKey(merchant_id),
            value: caller.merchant.raw,
          },
          bucketCheck,
          markCheck,
          { kind: "absent", key: blockedKey(candidate.accountId) },
        ],
        writes: [
          {
            kind: "set",
            key,
            value: JSON.stringify(order),
            ttlMs: RECORD_TTL_MS,
          },
          {
            kind: "set",
            key: paymentKey(paymentId),
            value: JSON.stringify(payment),
            ttlMs: RECORD_TTL_MS,
          },
          markWrite,
          {
            kind: "index",
            index: DUE_PAYMENTS_KEY,
            member: paymentId,
            score: clock.nowMs() + deps.deadlineMs,
          },
        ],
      });
      if (result.committed) return await settle(order, payment);
      switch (result.check) {
        case 0: {
          if (result.value === null) {
            declined = null;
            continue;
          }
          const record = JSON.parse(result.value) as OrderRecord;
          // A transport that lost the reply repeated a write that stands.
          if (record.payment_id === paymentId) {
            let written;
            try {
              written = await readPayment(paymentId);
            } catch (error) {
              if (!(error instanceof StoreUnavailableError)) throw error;
              return pending(request.orderId, paymentId);
            }
            return await settle(record, written);
          }
          const answer = await answerKnownOrder(key, record, request);
          if (answer !== null) return answer;
          declined = { raw: result.value, record };
          continue;
        }
        case 1: {
          const refreshed = await authenticator.refresh(caller);
          if ("kind" in refreshed) return refreshed;
          caller = refreshed;
          continue;
        }
        case 2: {
          const found = await search.findAgain(candidate);
          if (found.kind !== "candidate") {
            return await orderFirst(caller, request, refuseFound(found));
          }
          candidate = found;
          continue;
        }
        case 3:
          return refused(
            result.value === null ? "code-not-accepted" : "code-replayed",
          );
        default:
          return refused("payer-blocked");
      }
    }
    // Contention on every try, or the request grew too old to spend a code.
    throw new StoreUnavailableError("timeout");
  }

  return {
    async pay(caller, request) {
      const startedMs = clock.nowMs();
      if (!(await deps.clockGuard.check()).sure) return refused("clock-unsure");
      const parsed = parseCode(request.code, deps.prefix, deps.profiles);
      if (parsed.kind === "malformed") {
        return await orderFirst(caller, request, refused("code-malformed"));
      }
      const found = await search.find(parsed.code);
      if (found.kind !== "candidate") {
        return await orderFirst(caller, request, refuseFound(found));
      }
      return await claim(caller, request, found, startedMs);
    },

    async get(merchantId, paymentId) {
      if (!PAYMENT_ID.test(paymentId)) return refused("not-found");
      const [raw] = (await store.read({ keys: [paymentKey(paymentId)] }))
        .values;
      const record = raw == null ? null : JSON.parse(raw) as PaymentRecord;
      return record?.merchant_id === merchantId
        ? viewPayment(record)
        : refused("not-found");
    },

    async getByOrder(merchantId, orderId) {
      const [raw] =
        (await store.read({ keys: [orderKey(merchantId, orderId)] })).values;
      if (raw == null) return refused("not-found", { orderId });
      return viewPayment(
        await readPayment((JSON.parse(raw) as OrderRecord).payment_id),
      );
    },
  };
}
