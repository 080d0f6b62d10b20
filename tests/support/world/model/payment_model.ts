/**
 * A small reference model of payments: what each call must answer and leave,
 * written down once more without stores, transactions and retries. It carries
 * a ledger of its own beside the real one.
 *
 * Every state it goes through within one call is kept, since a crash may stop
 * the real application in any of them.
 *
 * @module
 */

import { orderNameOf } from "../../../../edge/payment/payment_id.ts";
import {
  AccountModel,
  type AccountRules,
  type ModelSeed,
  type ModelTier,
} from "./account_model.ts";
import type { JournalLedger } from "../../ledger/journal_ledger.ts";

/** Of the settings under test. */
export interface ModelRules extends AccountRules {
  readonly doubleScanMs: number;
}

/** One attempt at an order. */
export interface ModelPayment {
  readonly id: string;
  readonly account: string;
  readonly amountMinor: number;
  readonly code: string;
  readonly day: string;
  /** Whether its end lifts the guard; one that waits because of it does not. */
  readonly guards: boolean;
  status:
    | "processing"
    | "awaiting_confirmation"
    | "succeeded"
    | "declined"
    | "reversing"
    | "reversed"
    | "refunded";
  version: number;
  confirmed: boolean;
  deadlineMs: number;
  updatedMs: number;
  endsAs: "reversed" | "declined" | null;
  reason: string | null;
  refunds: ModelRefund[];
}

/** A refund. */
export interface ModelRefund {
  readonly id: string;
  readonly amountMinor: number;
  status: "processing" | "succeeded" | "declined";
  version: number;
  updatedMs: number;
}

/** An order. */
export interface ModelOrder {
  state:
    | "open"
    | "paid"
    | "declined"
    | "reversing"
    | "reversed"
    | "refunded";
  version: number;
  paidMs: number;
  /** `null`: closed before it was seen. */
  payment: ModelPayment | null;
  /** What the merchant is told, of whichever attempt: status and version. */
  ends: string[];
}

/** What a scan brings. */
export interface Scan {
  readonly account: string;
  readonly code: string;
  readonly seed: ModelSeed;
  /** `null`: nobody's code. */
  readonly step: number | null;
}

const STEP_MS = 30_000;
const DEADLINE_MS = 45_000;
const CONFIRMATION_MS = 180_000;
const LEDGER_MS = 8_000;
const IDLE_MS = 10_000;
const HOUR_MS = 3_600_000;

const dayOf = (ms: number) => new Date(ms).toISOString().slice(0, 10);

/** The model. */
export class PaymentModel {
  nowMs: number;
  books: JournalLedger;
  readonly orders = new Map<string, ModelOrder>();
  /** Attempts that were followed by another one. */
  readonly former: ModelPayment[] = [];
  readonly accounts: AccountModel;
  /** Until when a like purchase looks like a double scan, and of which one. */
  readonly doubleScans = new Map<string, { untilMs: number; id: string }>();
  /** Each state of an order within this call, the first one included. */
  readonly trail = new Map<string, (ModelOrder | null)[]>();
  readonly #rules: ModelRules;
  readonly #refundName: (id: string) => string;

  constructor(
    nowMs: number,
    books: JournalLedger,
    rules: ModelRules,
    refundName: (id: string) => string,
  ) {
    this.nowMs = nowMs;
    this.books = books;
    this.accounts = new AccountModel(rules);
    this.#rules = rules;
    this.#refundName = refundName;
  }

  /** A new call begins. */
  begin(): void {
    this.trail.clear();
    for (const [id, order] of this.orders) {
      this.trail.set(id, [structuredClone(order)]);
    }
  }

  /** Goes on from the state that a crash left, one of the order's trail. */
  adopt(orderId: string, state: ModelOrder | null): void {
    if (state === null) this.orders.delete(orderId);
    else this.orders.set(orderId, structuredClone(state));
    const at = this.former.findIndex(({ id }) => id === state?.payment?.id);
    if (at >= 0) this.former.splice(at, 1);
  }

  /** What of a day's limits is taken: by what is open or paid. */
  taken(account: string, day: string): { sum: number; count: number } {
    const mine = [
      ...this.payments().filter((it) =>
        it.account === account && it.day === day &&
        it.status !== "declined" && it.status !== "reversed"
      ),
      ...this.accounts.of(account).lost.filter((it) => it.day === day),
    ];
    return {
      sum: mine.reduce((sum, { amountMinor }) => sum + amountMinor, 0),
      count: mine.length,
    };
  }

  /** The same as the account's counters say; an erased account has none. */
  counted(account: string, day: string): { sum: number; count: number } {
    const { rememberedMs } = this.accounts.of(account);
    return rememberedMs === null
      ? this.taken(account, day)
      : { sum: 0, count: 0 };
  }

  payments(): ModelPayment[] {
    const latest = [...this.orders.values()].flatMap(({ payment }) =>
      payment ?? []
    );
    return [...this.former, ...latest];
  }

  async pay(
    orderId: string,
    scan: Scan,
    amountMinor: number,
    newId: string,
  ): Promise<string> {
    const { account, code, seed } = scan;
    const order = this.orders.get(orderId);
    const known = order === undefined
      ? null
      : this.#answerKnown(order, code, amountMinor);
    if (known !== null) return known;
    const limits = this.#limitsOf(scan, amountMinor);
    if (typeof limits === "string") return limits;
    const payer = this.accounts.of(account);
    const doubleScan = `${account} ${amountMinor}`;
    const stepUp = amountMinor > limits.stepUpAboveMinor;
    const isDoubleScan = !stepUp &&
      (this.doubleScans.get(doubleScan)?.untilMs ?? 0) > this.nowMs;
    const awaits = stepUp || isDoubleScan;
    if (order?.payment != null) this.former.push(order.payment);
    const version = order === undefined
      ? Math.floor(this.nowMs / 1000)
      : order.version + 1;
    this.orders.set(orderId, {
      state: "open",
      version,
      paidMs: 0,
      ends: order?.ends ?? [],
      payment: {
        id: newId,
        account,
        amountMinor,
        code,
        day: dayOf(this.nowMs),
        guards: !isDoubleScan,
        status: awaits ? "awaiting_confirmation" : "processing",
        version,
        confirmed: false,
        deadlineMs: this.nowMs + (awaits ? CONFIRMATION_MS : DEADLINE_MS),
        updatedMs: this.nowMs,
        ...{ endsAs: null, reason: null, refunds: [] },
      },
    });
    payer.mark = scan.step!;
    payer.used = seed.generation;
    this.doubleScans.set(doubleScan, {
      untilMs: this.nowMs + this.#rules.doubleScanMs,
      id: newId,
    });
    this.#note(orderId);
    await this.#drive(orderId);
    switch (this.orders.get(orderId)!.payment!.status) {
      case "succeeded":
        return "201";
      case "declined":
        return "payment-declined";
      case "processing":
      case "awaiting_confirmation":
        return "payment-pending";
      default:
        return "payment-reversed";
    }
  }

  /** The limits under which a code pays, or why it does not. */
  #limitsOf(
    { account, seed, step }: Scan,
    amountMinor: number,
  ): ModelTier | string {
    const nowStep = Math.floor(this.nowMs / STEP_MS);
    if (step === null || Math.abs(step - nowStep) > 1) {
      return "code-not-accepted";
    }
    const payer = this.accounts.of(account);
    const found = this.accounts.found(account, this.nowMs).includes(seed);
    if (!found || seed.generation < payer.used) return "code-not-accepted";
    if (step <= payer.mark) return "code-replayed";
    const limits = this.accounts.allows(account, this.nowMs);
    if (typeof limits === "string") return limits;
    const day = dayOf(this.nowMs);
    const { sum, count } = this.taken(account, day);
    if (
      amountMinor > limits.perPaymentMinor ||
      sum + amountMinor > limits.perDayMinor || count + 1 > limits.countPerDay
    ) {
      return "limit-exceeded";
    }
    return limits;
  }

  async query(orderId: string): Promise<string> {
    const order = this.orders.get(orderId);
    if (order === undefined) return "not-found";
    const { payment } = order;
    if (payment === null) return "payment-reversed";
    const driven = payment.status === "processing" ||
      payment.status === "reversing";
    if (driven && this.nowMs - payment.updatedMs >= IDLE_MS) {
      await this.#drive(orderId);
    }
    return `200 ${payment.status}`;
  }

  async reverse(orderId: string): Promise<string> {
    const order = this.orders.get(orderId);
    if (order === undefined) {
      this.orders.set(orderId, {
        state: "reversed",
        version: Math.floor(this.nowMs / 1000),
        paidMs: 0,
        payment: null,
        ends: [],
      });
      this.#note(orderId);
      return "200";
    }
    if (order.state === "declined") this.#move(orderId, { status: "reversed" });
    if (order.state === "reversed") return "200";
    const payment = order.payment!;
    if (order.state === "paid") await this.#drive(orderId);
    if (payment.refunds.some(({ status }) => status === "succeeded")) {
      return "order-refunded";
    }
    if (payment.refunds.some(({ status }) => status === "processing")) {
      return "ledger-unavailable";
    }
    if (
      order.state === "paid" && this.nowMs - order.paidMs > 2 * HOUR_MS &&
      dayOf(this.nowMs) !== dayOf(order.paidMs)
    ) {
      return "reversal-too-late";
    }
    if (payment.endsAs !== "reversed") {
      this.#move(orderId, { status: "reversing", endsAs: "reversed" });
    }
    await this.#drive(orderId);
    return order.payment!.status === "reversed" ? "200" : "ledger-unavailable";
  }

  /** Refunds a part of an order, under a name. */
  async refund(
    orderId: string,
    id: string,
    amountMinor: number,
  ): Promise<string> {
    const order = this.orders.get(orderId);
    if (order === undefined || order.payment === null) {
      return "not-found";
    }
    const { payment } = order;
    const known = payment.refunds.find((it) => it.id === id);
    if (known !== undefined && known.amountMinor !== amountMinor) {
      return "refund-conflict";
    }
    if (known === undefined) {
      switch (payment.status) {
        case "succeeded":
          break;
        case "refunded":
          return "order-refunded";
        case "declined":
          return "payment-declined";
        case "reversing":
          return payment.endsAs === "declined"
            ? "payment-pending"
            : "payment-reversed";
        case "reversed":
          return "payment-reversed";
        default:
          return "payment-pending";
      }
      const held = payment.refunds.filter(({ status }) => status !== "declined")
        .reduce((sum, it) => sum + it.amountMinor, 0);
      if (held + amountMinor > payment.amountMinor) return "refund-refused";
      if (this.refundOf(id) !== undefined) return "refund-conflict";
      payment.version = ++order.version;
      payment.refunds.push({
        id,
        amountMinor,
        status: "processing",
        version: order.version,
        updatedMs: this.nowMs,
      });
      this.#note(orderId);
    }
    await this.#driveRefund(orderId, id);
    switch (payment.refunds.find((it) => it.id === id)!.status) {
      case "succeeded":
        return known === undefined ? "201" : "200";
      case "declined":
        return "refund-declined";
      default:
        return "ledger-unavailable";
    }
  }

  /** A refund of whichever order. */
  refundOf(id: string): ModelRefund | undefined {
    return this.payments().flatMap(({ refunds }) => refunds)
      .find((it) => it.id === id);
  }

  async #driveRefund(orderId: string, id: string): Promise<void> {
    const order = this.orders.get(orderId)!;
    const payment = order.payment!;
    const refund = payment.refunds.find((it) => it.id === id)!;
    if (refund.status !== "processing") return;
    const { kind } = await this.books.refund({
      paymentId: payment.id,
      refundId: this.#refundName(id),
      amountMinor: refund.amountMinor,
      currency: "EUR",
    });
    if (kind === "unknown") return;
    refund.status = kind === "refunded" ? "succeeded" : "declined";
    refund.version = payment.version = ++order.version;
    refund.updatedMs = this.nowMs;
    order.ends.push(`refund.${refund.status} ${order.version}`);
    const given = payment.refunds.filter(({ status }) => status === "succeeded")
      .reduce((sum, { amountMinor }) => sum + amountMinor, 0);
    if (given === payment.amountMinor) {
      payment.status = order.state = "refunded";
    }
    this.#note(orderId);
  }

  /** What the wallet hears; of an order with a payment. */
  async answer(orderId: string, approve: boolean): Promise<string> {
    const payment = this.orders.get(orderId)!.payment!;
    if (payment.status === "awaiting_confirmation") {
      if (payment.deadlineMs <= this.nowMs) this.#lapse(orderId);
      else if (approve) {
        const account = this.accounts.of(payment.account);
        if (account.rememberedMs !== null) return "not-found";
        if (this.accounts.judge(payment.account).risk === "blocked") {
          return "payer-blocked";
        }
        account.seenMs = this.nowMs;
        this.#move(orderId, {
          status: "processing",
          confirmed: true,
          deadlineMs: this.nowMs + DEADLINE_MS,
        });
      } else {
        this.#move(orderId, {
          status: "reversing",
          endsAs: "declined",
          reason: "refused_by_customer",
        });
      }
    }
    await this.#drive(orderId);
    if (payment.status === "reversed") return "payment-reversed";
    const same = approve
      ? payment.confirmed
      : payment.reason === "refused_by_customer";
    if (same) return `200 ${payment.status}`;
    if (payment.status === "declined") return "payment-declined";
    if (payment.status === "reversing") {
      return payment.endsAs === "declined"
        ? "payment-declined"
        : "payment-reversed";
    }
    return "order-conflict";
  }

  #refuse(orderId: string): void {
    this.#move(orderId, {
      status: "reversing",
      endsAs: "declined",
      reason: "refused_by_customer",
    });
  }

  /** Erases an account; what waits for its customer is refused. */
  async erase(account: string): Promise<string> {
    if (!this.accounts.erase(account, this.nowMs)) return "not-found";
    const waiting = this.waiting(account);
    for (const [orderId, { payment }] of this.orders) {
      if (payment === null || !waiting.includes(payment.id)) continue;
      this.#refuse(orderId);
      await this.#drive(orderId);
    }
    return "204";
  }

  /** What waits for an account's customer. */
  waiting(account: string): string[] {
    return this.payments().filter((it) =>
      it.account === account && it.status === "awaiting_confirmation" &&
      it.deadlineMs > this.nowMs
    ).map(({ id }) => id).sort();
  }

  /** Sweeps the orders that are due, by their names. */
  async sweep(due: ReadonlySet<string>): Promise<void> {
    for (const [orderId, { payment }] of this.orders) {
      if (payment === null || !due.has(orderNameOf(payment.id))) continue;
      if (payment.status === "awaiting_confirmation") {
        if (payment.deadlineMs > this.nowMs) continue;
        this.#lapse(orderId);
      }
      await this.#drive(orderId);
    }
  }

  #lapse(orderId: string): void {
    this.#move(orderId, {
      status: "reversing",
      endsAs: "declined",
      reason: "confirmation_timeout",
    });
  }

  #answerKnown(
    { state, payment, paidMs }: ModelOrder,
    code: string,
    amountMinor: number,
  ): string | null {
    if (payment === null) return "payment-reversed";
    if (payment.amountMinor !== amountMinor) return "order-conflict";
    switch (state) {
      case "open":
        return "payment-pending";
      case "paid":
        return this.nowMs - paidMs > 24 * HOUR_MS
          ? "order-paid-earlier"
          : "200";
      case "declined":
        return payment.code === code ? "payment-declined" : null;
      case "refunded":
        return "order-refunded";
      case "reversing":
        return payment.endsAs === "declined"
          ? "payment-pending"
          : "payment-reversed";
      default:
        return "payment-reversed";
    }
  }

  async #drive(orderId: string): Promise<void> {
    const payment = this.orders.get(orderId)!.payment!;
    if (payment.status === "processing") {
      const leftMs = payment.deadlineMs - this.nowMs;
      if (leftMs <= 0) {
        this.#move(orderId, { status: "reversing", endsAs: "reversed" });
      } else {
        const answer = leftMs < LEDGER_MS
          ? await this.books.query(payment.id)
          : await this.books.debit({
            paymentId: payment.id,
            accountId: payment.account,
            merchantId: "",
            amountMinor: payment.amountMinor,
            currency: "EUR",
          }, { confirmed: payment.confirmed });
        if (answer.kind === "approved") {
          this.#move(orderId, { status: "succeeded" });
        } else if (answer.kind === "declined") {
          this.#move(orderId, { status: "declined", reason: answer.reason });
        } else if (answer.kind === "needs-confirmation" && !payment.confirmed) {
          this.#move(orderId, {
            status: "awaiting_confirmation",
            deadlineMs: this.nowMs + CONFIRMATION_MS,
          });
        }
      }
    }
    if (payment.endsAs !== null && payment.status === "reversing") {
      const answer = await this.books.reverse(payment.id);
      if (answer.kind === "reversed") {
        this.#move(orderId, { status: payment.endsAs });
      }
    }
    for (const { id } of payment.refunds) await this.#driveRefund(orderId, id);
  }

  #move(orderId: string, change: Partial<ModelPayment>): void {
    const order = this.orders.get(orderId)!;
    const payment = order.payment!;
    Object.assign(payment, change, {
      version: ++order.version,
      updatedMs: this.nowMs,
    });
    if (["succeeded", "declined", "reversed"].includes(payment.status)) {
      order.ends.push(`payment.${payment.status} ${order.version}`);
    }
    switch (payment.status) {
      case "succeeded":
        order.state = "paid";
        order.paidMs = this.nowMs;
        break;
      case "declined":
      case "reversed":
        this.#liftGuard(payment);
        this.#noteLost(payment);
        order.state = payment.status;
        break;
      case "reversing":
        order.state = "reversing";
        break;
      default:
        order.state = "open";
    }
    this.#note(orderId);
  }

  #liftGuard({ id, account, amountMinor, guards }: ModelPayment): void {
    const doubleScan = `${account} ${amountMinor}`;
    if (guards && this.doubleScans.get(doubleScan)?.id === id) {
      this.doubleScans.delete(doubleScan);
    }
  }

  /** What is given back to an erased account is given to nobody. */
  #noteLost({ account, day, amountMinor }: ModelPayment): void {
    const { rememberedMs, lost } = this.accounts.of(account);
    if (rememberedMs !== null) lost.push({ day, amountMinor });
  }

  #note(orderId: string): void {
    // What is not there at the beginning is made on the way.
    const states = this.trail.get(orderId) ?? [null];
    states.push(structuredClone(this.orders.get(orderId) ?? null));
    this.trail.set(orderId, states);
  }
}
