/**
 * The books of the reference ledger: accounts, what became of each payment,
 * and a journal that is only ever added to. Every change is one synchronous
 * step, so nothing can come between its check and its entry.
 *
 * @module
 */

import type { LedgerDebit } from "../../../scripts/audit.ts";

/** A debit as it comes over HTTP. */
export interface DebitOrder {
  readonly payment_id: string;
  readonly account_id: string;
  readonly merchant_id: string;
  readonly amount_minor: number;
  readonly currency: string;
}

/** A refund as it comes over HTTP. */
export interface RefundOrder {
  readonly payment_id: string;
  readonly refund_id: string;
  readonly amount_minor: number;
  readonly currency: string;
}

/** An answer without the ids. */
export interface BookAnswer {
  readonly result:
    | "approved"
    | "declined"
    | "needs_confirmation"
    | "reversed"
    | "refunded"
    | "none";
  readonly reason?: string;
}

/** Money that moved; negative where it left the account. */
export interface JournalEntry {
  readonly kind: "deposit" | "debit" | "reversal" | "refund" | "lost";
  readonly accountId: string;
  readonly paymentId?: string;
  readonly amountMinor: number;
}

interface PaymentEntry {
  readonly order?: DebitOrder;
  readonly answer: BookAnswer;
}

interface RefundEntry {
  readonly order: RefundOrder;
  readonly answer: BookAnswer;
}

const REVERSED: BookAnswer = { result: "declined", reason: "reversed" };

/** Books in memory. */
export class LedgerBooks {
  /** A debit of more than this waits for the customer. */
  askAboveMinor = Infinity;
  readonly #journal: JournalEntry[] = [];
  readonly #currencies = new Map<string, string>();
  readonly #payments = new Map<string, PaymentEntry>();
  readonly #refunds = new Map<string, RefundEntry>();

  /** Every movement of money, in order. */
  get journal(): readonly JournalEntry[] {
    return this.#journal;
  }

  /** Opens an account, or brings its balance to `balanceMinor`. */
  setAccount(
    accountId: string,
    balanceMinor: number,
    currency = "EUR",
  ): void {
    this.#currencies.set(accountId, currency);
    this.#journal.push({
      kind: "deposit",
      accountId,
      amountMinor: balanceMinor - this.balance(accountId),
    });
  }

  /** The sum of the account's entries. */
  balance(accountId: string): number {
    return this.#journal.reduce(
      (sum, entry) =>
        entry.accountId === accountId ? sum + entry.amountMinor : sum,
      0,
    );
  }

  /** Entries of a kind, of one payment or of all. */
  count(kind: JournalEntry["kind"], paymentId?: string): number {
    return this.#journal.filter((entry) =>
      entry.kind === kind &&
      (paymentId === undefined || entry.paymentId === paymentId)
    ).length;
  }

  /** Debits; `conflict` where the payment was another one before. */
  debit(order: DebitOrder, confirmed: boolean): BookAnswer | "conflict" {
    const known = this.#payments.get(order.payment_id);
    if (known?.order !== undefined && !samePayment(known.order, order)) {
      return "conflict";
    }
    const waited = known?.answer.result === "needs_confirmation";
    if (known !== undefined && !(waited && confirmed)) return known.answer;
    const answer = this.#decide(order, confirmed);
    this.#payments.set(order.payment_id, { order, answer });
    if (answer.result === "approved") this.#move("debit", order, -1);
    return answer;
  }

  /** Undoes a debit and refuses every later one. */
  reverse(paymentId: string): BookAnswer {
    if (this.refunded(paymentId) > 0) return { result: "refunded" };
    const known = this.#payments.get(paymentId);
    this.#payments.set(paymentId, { ...known, answer: REVERSED });
    if (known?.answer.result === "approved") {
      this.#move("reversal", known.order!, 1);
    }
    return { result: "reversed" };
  }

  /** What became of a payment. */
  query(paymentId: string): BookAnswer {
    const answer = this.#payments.get(paymentId)?.answer;
    if (answer === REVERSED) return { result: "reversed" };
    return answer ?? { result: "none" };
  }

  /** What was refunded of a payment. */
  refunded(paymentId: string): number {
    return this.#journal.reduce(
      (sum, { kind, paymentId: of, amountMinor }) =>
        kind === "refund" && of === paymentId ? sum + amountMinor : sum,
      0,
    );
  }

  /** Refunds; `conflict` where the refund was another one before. */
  refund(order: RefundOrder): BookAnswer | "conflict" {
    const name = `${order.payment_id} ${order.refund_id}`;
    const known = this.#refunds.get(name);
    const payment = this.#payments.get(order.payment_id);
    const currency = payment?.order?.currency ?? order.currency;
    if (
      currency !== order.currency ||
      known !== undefined &&
        known.order.amount_minor !== order.amount_minor
    ) {
      return "conflict";
    }
    if (known !== undefined) return known.answer;
    const answer = this.#decideRefund(order, payment);
    this.#refunds.set(name, { order, answer });
    if (answer.result === "refunded") {
      const { account_id } = payment!.order!;
      this.#move("refund", { ...order, account_id }, 1);
    }
    return answer;
  }

  /** What became of a refund. */
  queryRefund(paymentId: string, refundId: string): BookAnswer {
    return this.#refunds.get(`${paymentId} ${refundId}`)?.answer ??
      { result: "none" };
  }

  #decideRefund(
    { payment_id, amount_minor }: RefundOrder,
    payment: PaymentEntry | undefined,
  ): BookAnswer {
    if (payment?.answer === REVERSED) return REVERSED;
    if (payment?.answer.result !== "approved") {
      return { result: "declined", reason: "not_debited" };
    }
    const left = payment.order!.amount_minor - this.refunded(payment_id);
    return amount_minor > left
      ? { result: "declined", reason: "exceeds_payment" }
      : { result: "refunded" };
  }

  /** What a witness lists: every payment that a debit was asked for. */
  list(): LedgerDebit[] {
    return [...this.#payments.values()].flatMap(({ order, answer }) =>
      order === undefined ? [] : [{
        payment_id: order.payment_id,
        state: answer.result === "approved" ? "debited" : "reversed",
        amount_minor: order.amount_minor,
        currency: order.currency,
        ...(this.refunded(order.payment_id) > 0 &&
          { refunded_minor: this.refunded(order.payment_id) }),
      }]
    );
  }

  /** Declines a payment for a reason of the test's choice. */
  refuse(order: DebitOrder, reason: string): BookAnswer {
    const answer = { result: "declined", reason } as const;
    if (!this.#payments.has(order.payment_id)) {
      this.#payments.set(order.payment_id, { order, answer });
    }
    return this.#payments.get(order.payment_id)!.answer;
  }

  /** Loses a payment and its money, as a fail-over to an old copy does. */
  forget(paymentId: string): void {
    const known = this.#payments.get(paymentId);
    if (known?.answer.result === "approved") {
      this.#move("lost", known.order!, 1);
    }
    this.#payments.delete(paymentId);
  }

  #decide(order: DebitOrder, confirmed: boolean): BookAnswer {
    const currency = this.#currencies.get(order.account_id);
    if (currency !== undefined && currency !== order.currency) {
      return { result: "declined", reason: "currency_mismatch" };
    }
    if (this.balance(order.account_id) < order.amount_minor) {
      return { result: "declined", reason: "insufficient_funds" };
    }
    return !confirmed && order.amount_minor > this.askAboveMinor
      ? { result: "needs_confirmation" }
      : { result: "approved" };
  }

  #move(
    kind: JournalEntry["kind"],
    order: Pick<DebitOrder, "account_id" | "payment_id" | "amount_minor">,
    sign: 1 | -1,
  ): void {
    this.#journal.push({
      kind,
      accountId: order.account_id,
      paymentId: order.payment_id,
      amountMinor: sign * order.amount_minor,
    });
  }
}

function samePayment(a: DebitOrder, b: DebitOrder): boolean {
  return a.account_id === b.account_id && a.merchant_id === b.merchant_id &&
    a.amount_minor === b.amount_minor && a.currency === b.currency;
}
