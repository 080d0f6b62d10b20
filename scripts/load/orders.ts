/**
 * Every order of a run, the answers that its till got, and whether they agree.
 *
 * This file judges promises of the API, not speed: an order is paid at most once, a
 * wrong code never, and what an answer said stays true. A refusal or a failure breaks
 * no promise; it is counted elsewhere.
 *
 * @module
 */

import type { Body } from "../client.ts";

/** An order; merchant and wallet are those of the run, counted from 0. */
export interface Order {
  readonly id: string;
  readonly merchant: number;
  readonly wallet: number;
  readonly amountMinor: number;
  readonly code: string;
  /** Until then the code is one that the server finds, unix ms. */
  readonly foundUntilMs: number;
  /** `unsure`: nobody has said yet whether money has moved. */
  state: "sent" | "paid" | "refused" | "unsure" | "reversed";
  paymentId: string | null;
  /** A reversal has been sent: from now on it may be found reversed. */
  isReversing: boolean;
}

/** An answer, read: a status with what the body says, or why there is none. */
export type Reply =
  | { readonly status: number; readonly body: Body }
  | { readonly fault: string };

/** The body of an answer that reports a success; `null` of any other reply. */
const successOf = (reply: Reply): Body | null =>
  "status" in reply && (reply.status === 200 || reply.status === 201)
    ? reply.body
    : null;

/** Promises that a run watches. */
export const PROMISES = {
  "paid-once": "No order was paid twice",
  "no-wrong-code": "No wrong code was accepted",
  "same-answer": "What a till was told stayed true",
  "reversed-stays": "No reversed order was paid again",
} as const;

export type Promised = keyof typeof PROMISES;

/** A promise that was broken, and what happened, without any code. */
export interface Breach {
  readonly promise: Promised;
  readonly what: string;
}

/** The most breaches that are kept, so that a server that breaks every promise cannot fill the memory. */
const MAX_BREACHES = 1_000;
/** An order that is sent again is drawn from this number of the latest, in this number of tries. */
const NEWEST = 200;
const TRIES = 8;

export class Orders {
  /** All of them, in the order in which they were sent. */
  readonly all: Order[] = [];
  readonly breaches: Breach[] = [];
  readonly #paid = new Map<number, Order[]>();

  constructor(
    /** Makes ids unique among runs. */
    readonly run: string,
    readonly random: () => number,
  ) {}

  open(
    parts: Omit<Order, "id" | "state" | "paymentId" | "isReversing">,
  ): Order {
    const id = `${this.run}-${this.all.length}`;
    const order: Order = {
      ...{ id, ...parts, state: "sent", paymentId: null, isReversing: false },
    };
    this.all.push(order);
    return order;
  }

  #draw(orders: readonly Order[]): Order | null {
    return orders[Math.floor(this.random() * orders.length)] ?? null;
  }

  drawPaid(merchant: number): Order | null {
    return this.#draw(this.#paid.get(merchant) ?? []);
  }

  /**
   * A paid order of a merchant to be sent again while its code is found. A
   * later repeat would get the same answer and cost no guess, but until its
   * order is looked up it holds one, and those are few.
   */
  drawToRepeat(merchant: number, unixMs: number): Order | null {
    const newest = (this.#paid.get(merchant) ?? []).slice(-NEWEST);
    for (let i = 0; i < TRIES; i++) {
      const order = this.#draw(newest);
      if (order !== null && unixMs < order.foundUntilMs) return order;
    }
    return null;
  }

  /** A paid order to reverse; it is drawn once. */
  drawToReverse(merchant: number): Order | null {
    const order = this.drawPaid(merchant);
    if (order === null || order.isReversing) return null;
    order.isReversing = true;
    return order;
  }

  /** The answer to an order's first sending. */
  answered(order: Order, reply: Reply): void {
    const body = successOf(reply);
    if (body === null) {
      const { code, retry } = "status" in reply ? reply.body : {};
      // `query` and `same-order`: nobody knows yet, unless the number is one
      // that was paid long ago.
      const isFinal = code === "order-paid-earlier" ||
        (code !== undefined && retry !== "query" && retry !== "same-order");
      order.state = isFinal ? "refused" : "unsure";
      return;
    }
    this.#compare(order, body, "paid");
    order.paymentId ??= body.payment_id ?? null;
    order.state = "paid";
    const paid = this.#paid.get(order.merchant) ?? [];
    paid.push(order);
    this.#paid.set(order.merchant, paid);
  }

  /** The answer to a paid order that was sent again, reversed before or not. */
  repeated(order: Order, reply: Reply, wasReversed: boolean): void {
    if ("fault" in reply) return;
    const { status, body } = reply;
    if (successOf(reply) !== null) {
      if (wasReversed) this.#breach("reversed-stays", order, `got ${status}`);
      this.#compare(order, body, `answered again with ${status} as paid`);
    } else if (body.code === "payment-reversed" && !order.isReversing) {
      this.#breach(
        "same-answer",
        order,
        "was paid, and then reversed by nobody",
      );
    }
  }

  /** The answer to a question for a paid order. */
  queried(order: Order, reply: Reply, wasReversed: boolean): void {
    if ("fault" in reply) return;
    const { status, body } = reply;
    if (status === 404) {
      this.#breach("same-answer", order, "was paid, then unknown");
    }
    if (status !== 200) return;
    this.#compare(order, body, "found as paid");
    const allowed = wasReversed
      ? ["reversed"]
      : order.isReversing
      ? ["succeeded", "reversing", "reversed"]
      : ["succeeded"];
    if (allowed.includes(`${body.status}`)) return;
    const what = `was found ${body.status}, not ${allowed.join(" or ")}`;
    this.#breach("same-answer", order, what);
  }

  /** The answer to a reversal. */
  reversed(order: Order, reply: Reply): void {
    const body = successOf(reply);
    order.state = body === null ? "unsure" : "reversed";
    if (body?.payment_id !== undefined) {
      this.#compare(order, body, "reversed as");
    }
  }

  /** The answer to a wrong code. */
  wrongCode(id: string, reply: Reply): void {
    if (successOf(reply) === null || "fault" in reply) return;
    this.#breach("no-wrong-code", { id }, `got ${reply.status}`);
  }

  #compare(order: Order, body: Body, how: string): void {
    const { paymentId, amountMinor } = order;
    const { payment_id, amount_minor } = body;
    if (paymentId !== null && payment_id !== paymentId) {
      const what = `was paid as ${paymentId} and ${how} ${payment_id}`;
      this.#breach("paid-once", order, what);
    }
    if (amount_minor !== undefined && amount_minor !== amountMinor) {
      const what = `is of ${amountMinor} and was ${how} ${amount_minor}`;
      this.#breach("same-answer", order, what);
    }
  }

  #breach(promise: Promised, { id }: Pick<Order, "id">, what: string): void {
    if (this.breaches.length >= MAX_BREACHES) return;
    this.breaches.push({ promise, what: `Order ${id} ${what}` });
  }
}
