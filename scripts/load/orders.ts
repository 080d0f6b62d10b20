/**
 * Every order of a run, what its till was told, and whether the answers agree.
 *
 * What is judged here are promises of the API, not speed: an order is paid at
 * most once, a wrong code never, and what a till was told stays true. A refusal
 * or a failure is no broken promise; it is counted elsewhere.
 *
 * @module
 */

import type { Body } from "../client.ts";

/**
 * Where an order stands: `refused` is final, `unsure` means that nobody has
 * said yet whether money has moved.
 */
export type OrderState = "sent" | "paid" | "refused" | "unsure" | "reversed";

/** An order. */
export interface Order {
  readonly id: string;
  /** Which of the run's merchants, from 0. */
  readonly merchant: number;
  /** Which of the run's wallets, from 0. */
  readonly wallet: number;
  readonly amountMinor: number;
  readonly code: string;
  /** Until then the code is one that the server finds, unix ms. */
  readonly foundUntilMs: number;
  state: OrderState;
  paymentId: string | null;
  /** A reversal has been sent: from now on it may be found reversed. */
  isReversing: boolean;
}

/** An answer, read: a status with what the body says, or why there is none. */
export type Reply =
  | { readonly status: number; readonly body: Body }
  | { readonly fault: string };

/** Promises that a run watches. */
export const PROMISES = {
  "paid-once": "No order was paid twice",
  "no-wrong-code": "No wrong code was accepted",
  "same-answer": "What a till was told stayed true",
  "reversed-stays": "No reversed order was paid again",
} as const;

/** The name of a promise. */
export type Promised = keyof typeof PROMISES;

/** A promise that was broken. */
export interface Breach {
  readonly promise: Promised;
  /** What happened, without any code. */
  readonly what: string;
}

/** Kept at most: a server that breaks every promise must not fill the memory. */
const MAX_BREACHES = 1_000;
/** Orders that may be asked for again are drawn from the latest so many. */
const RECENT = 5_000;
/** Those to be sent again, from so many, in so many tries. */
const NEWEST = 200;
const TRIES = 8;

/** The orders of a run. */
export class Orders {
  readonly #all: Order[] = [];
  readonly #paid = new Map<number, Order[]>();
  readonly breaches: Breach[] = [];

  constructor(
    /** Makes ids unique among runs. */
    readonly run: string,
    readonly random: () => number,
  ) {}

  /** All of them, in the order in which they were sent. */
  get all(): readonly Order[] {
    return this.#all;
  }

  /** A new order. */
  open(
    parts: Omit<Order, "id" | "state" | "paymentId" | "isReversing">,
  ): Order {
    const id = `${this.run}-${this.#all.length}`;
    const order: Order = {
      ...{ id, ...parts, state: "sent", paymentId: null, isReversing: false },
    };
    this.#all.push(order);
    return order;
  }

  /** A paid order of a merchant, drawn from its latest. */
  drawPaid(merchant: number): Order | null {
    const paid = this.#paid.get(merchant) ?? [];
    return paid[Math.floor(this.random() * paid.length)] ?? null;
  }

  /**
   * A paid order of a merchant to be sent again while its code is found. A
   * later repeat would get the same answer and cost no guess, but until its
   * order is looked up it holds one, and those are few.
   */
  drawToRepeat(merchant: number, unixMs: number): Order | null {
    const newest = (this.#paid.get(merchant) ?? []).slice(-NEWEST);
    for (let i = 0; i < TRIES && newest.length > 0; i++) {
      const order = newest[Math.floor(this.random() * newest.length)]!;
      if (unixMs < order.foundUntilMs) return order;
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
    if ("fault" in reply) {
      order.state = "unsure";
      return;
    }
    const { status, body } = reply;
    if (status !== 200 && status !== 201) {
      // `query` and `same-order`: nobody knows yet, unless the number is one
      // that was paid long ago.
      const isFinal = body.code === "order-paid-earlier" ||
        (body.retry !== "query" && body.retry !== "same-order");
      order.state = isFinal && body.code !== undefined ? "refused" : "unsure";
      return;
    }
    this.#compare(order, body, "paid");
    order.paymentId ??= body.payment_id ?? null;
    order.state = "paid";
    const paid = this.#paid.get(order.merchant) ?? [];
    paid.push(order);
    if (paid.length > 2 * RECENT) paid.splice(0, RECENT);
    this.#paid.set(order.merchant, paid);
  }

  /**
   * The answer to a paid order that was sent again.
   *
   * @param wasReversed Whether it was known to be reversed when it was sent.
   */
  repeated(order: Order, reply: Reply, wasReversed: boolean): void {
    if ("fault" in reply) return;
    const { status, body } = reply;
    if (status === 200 || status === 201) {
      if (wasReversed) {
        this.#breach("reversed-stays", `Order ${order.id} got ${status}`);
      }
      this.#compare(order, body, `answered again with ${status} as paid`);
    } else if (body.code === "payment-reversed" && !order.isReversing) {
      this.#breach(
        "same-answer",
        `Order ${order.id} was paid, and then reversed by nobody`,
      );
    }
  }

  /** The answer to a question for a paid order. */
  queried(order: Order, reply: Reply, wasReversed: boolean): void {
    if ("fault" in reply) return;
    const { status, body } = reply;
    if (status === 404) {
      this.#breach("same-answer", `Order ${order.id} was paid, then unknown`);
    }
    if (status !== 200) return;
    this.#compare(order, body, "found as paid");
    const allowed = wasReversed
      ? ["reversed"]
      : order.isReversing
      ? ["succeeded", "reversing", "reversed"]
      : ["succeeded"];
    if (!allowed.includes(`${body.status}`)) {
      this.#breach(
        "same-answer",
        `Order ${order.id} was found ${body.status}, not ${
          allowed.join(" or ")
        }`,
      );
    }
  }

  /** The answer to a reversal. */
  reversed(order: Order, reply: Reply): void {
    if (!("fault" in reply) && reply.status === 200) {
      const { payment_id } = reply.body;
      if (payment_id !== undefined) {
        this.#compare(order, reply.body, "reversed as");
      }
      order.state = "reversed";
    } else {
      order.state = "unsure";
    }
  }

  /** The answer to a wrong code. */
  wrongCode(orderId: string, reply: Reply): void {
    if ("fault" in reply || (reply.status !== 200 && reply.status !== 201)) {
      return;
    }
    this.#breach("no-wrong-code", `Order ${orderId} got ${reply.status}`);
  }

  #compare(order: Order, body: Body, how: string): void {
    const { payment_id, amount_minor } = body;
    if (order.paymentId !== null && payment_id !== order.paymentId) {
      this.#breach(
        "paid-once",
        `Order ${order.id} was paid as ${order.paymentId} and ${how} ${payment_id}`,
      );
    }
    if (amount_minor !== undefined && amount_minor !== order.amountMinor) {
      this.#breach(
        "same-answer",
        `Order ${order.id} is of ${order.amountMinor} and was ${how} ${amount_minor}`,
      );
    }
  }

  #breach(promise: Promised, what: string): void {
    if (this.breaches.length < MAX_BREACHES) {
      this.breaches.push({ promise, what });
    }
  }
}
