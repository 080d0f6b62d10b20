/**
 * A till: it has an amount paid with scanned codes and tells the cashier what
 * to do next. It keeps to the two rules that make tills safe: an order keeps
 * its number until its end is known, and goods are handed over for 200 and 201
 * only.
 *
 * @module
 */

import type { Answer, Api } from "../client.ts";

/**
 * Makes one call; `null` if there was no answer, so that it is not known what
 * happened.
 */
export type Call = (
  method: string,
  path: string,
  body?: unknown,
) => Promise<Answer | null>;

/**
 * Makes calls with a merchant's key. A missing answer, and one that is not JSON
 * of the API, is `null`.
 */
export function callWith(api: Api, key: string): Call {
  return (method, path, body) =>
    api.ask(method, path, key, body).catch(() => null);
}

/** What a till is set up with. */
export interface TillOptions {
  readonly call: Call;
  readonly amountMinor: number;
  readonly currency: string;
  /** The number of the next purchase. */
  readonly newOrderId: () => string;
  readonly sleep: (ms: number) => Promise<void>;
}

/** The result of one scan. */
export interface Scan {
  readonly orderId: string;
  /**
   * `paid`: hand over the goods. `open`: scan again. `closed`: the order has
   * ended without a payment.
   */
  readonly end: "paid" | "open" | "closed";
  /** For the cashier. */
  readonly says: string;
}

/** Times that an order is sent again, or asked for, before it is undone. */
const TRIES = 5;

/** Scans codes, one purchase after the other. */
export class Till {
  readonly #options: TillOptions;
  /** The purchase that is not paid yet. */
  #orderId: string | null = null;

  constructor(options: TillOptions) {
    this.#options = options;
  }

  /** Has the purchase at hand paid with a code. */
  async scan(code: string): Promise<Scan> {
    const orderId = this.#orderId ??= this.#options.newOrderId();
    const scan = await this.#pay(orderId, code);
    if (scan.end !== "open") this.#orderId = null;
    return scan;
  }

  async #pay(orderId: string, code: string): Promise<Scan> {
    const { call, amountMinor, currency, sleep } = this.#options;
    for (let i = 0; i < TRIES; i++) {
      const answer = await call("POST", "/v1/payments", {
        code,
        order_id: orderId,
        amount_minor: amountMinor,
        currency,
      });
      if (answer?.status === 200 || answer?.status === 201) {
        return { orderId, end: "paid", says: saysOf(answer, "Paid.") };
      }
      if (answer?.body.code === "order-paid-earlier") {
        // Asking would find a payment, but not one for this purchase.
        return { orderId, end: "closed", says: saysOf(answer) };
      }
      switch (answer?.body.retry) {
        case "new-code":
          return { orderId, end: "open", says: saysOf(answer!) };
        case "later":
          await sleep(answer!.retryAfterSeconds * 1000);
          return { orderId, end: "open", says: saysOf(answer!) };
        case "query":
          return await this.#ask(orderId, answer!);
        case "never":
          return { orderId, end: "closed", says: saysOf(answer!) };
      }
      // After `same-order`, or without an answer, exactly the same request is
      // sent again.
      await sleep((answer?.retryAfterSeconds ?? 1) * 1000);
    }
    return await this.#undo(orderId);
  }

  /** The payment is under way: asks until it has ended. */
  async #ask(orderId: string, pending: Answer): Promise<Scan> {
    const { call, sleep } = this.#options;
    const waitSeconds = pending.body.next_query_seconds ?? 2;
    for (let i = 0; i < TRIES; i++) {
      await sleep(waitSeconds * 1000);
      const answer = await call(
        "GET",
        `/v1/payments?order_id=${encodeURIComponent(orderId)}`,
      );
      switch (answer?.status === 200 ? answer.body.status : undefined) {
        case "succeeded":
          return { orderId, end: "paid", says: "Paid." };
        case "declined":
          return { orderId, end: "open", says: "Declined. Scan a new code." };
        case "reversed":
          return { orderId, end: "closed", says: "Reversed." };
      }
      if (answer?.body.retry === "never") {
        return { orderId, end: "closed", says: saysOf(answer) };
      }
    }
    return await this.#undo(orderId);
  }

  /** Reverses an order whose end is not known after all tries. */
  async #undo(orderId: string): Promise<Scan> {
    const { call, sleep } = this.#options;
    for (let i = 0; i < TRIES; i++) {
      const answer = await call("POST", "/v1/reversals", { order_id: orderId });
      if (answer?.status === 200) {
        return { orderId, end: "closed", says: "Undone. Nothing was paid." };
      }
      await sleep((answer?.retryAfterSeconds ?? 1) * 1000);
    }
    return {
      orderId,
      end: "closed",
      says: "Not known. Hand over nothing; reverse the order later.",
    };
  }
}

/** The cashier's sentence of an answer. */
function saysOf({ body }: Answer, otherwise = "No."): string {
  return body.cashier?.en ?? otherwise;
}
