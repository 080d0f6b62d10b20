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
  readonly says: string;
}

type Result = Omit<Scan, "orderId">;

/** Times that an order is sent again, or asked for, before it is undone. */
const TRIES = 5;

/** What the end of a payment that was asked for means. */
const ENDS: Readonly<Record<string, Result>> = {
  succeeded: { end: "paid", says: "Paid." },
  declined: { end: "open", says: "Declined. Scan a new code." },
  reversed: { end: "closed", says: "Reversed." },
};

/** Scans codes, one purchase after the other. */
export class Till {
  #orderId: string | null = null;

  constructor(readonly options: TillOptions) {}

  /** Has the purchase at hand paid with a code. */
  async scan(code: string): Promise<Scan> {
    const orderId = this.#orderId ??= this.options.newOrderId();
    const result = await this.#pay(orderId, code);
    if (result.end !== "open") this.#orderId = null;
    return { orderId, ...result };
  }

  async #pay(orderId: string, code: string): Promise<Result> {
    const { call, amountMinor, currency } = this.options;
    const order = { order_id: orderId, amount_minor: amountMinor, currency };
    for (let i = 0; i < TRIES; i++) {
      const answer = await call("POST", "/v1/payments", { code, ...order });
      if (answer?.status === 200 || answer?.status === 201) {
        return { end: "paid", says: saysOf(answer, "Paid.") };
      }
      if (answer?.body.code === "order-paid-earlier") {
        // Asking would find a payment, but not one for this purchase.
        return { end: "closed", says: saysOf(answer) };
      }
      const retry = answer?.body.retry;
      if (retry === "query") return await this.#ask(orderId, answer!);
      if (retry === "never") return { end: "closed", says: saysOf(answer) };
      if (retry === "later") await this.#wait(answer);
      if (retry === "later" || retry === "new-code") {
        return { end: "open", says: saysOf(answer) };
      }
      // After `same-order`, or without an answer, exactly the same request is
      // sent again.
      await this.#wait(answer);
    }
    return await this.#undo(orderId);
  }

  /** The payment is under way: asks until it has ended. */
  async #ask(orderId: string, pending: Answer): Promise<Result> {
    const path = `/v1/payments?order_id=${encodeURIComponent(orderId)}`;
    const waitSeconds = pending.body.next_query_seconds ?? 2;
    for (let i = 0; i < TRIES; i++) {
      await this.options.sleep(waitSeconds * 1000);
      const answer = await this.options.call("GET", path);
      const end = answer?.status === 200 && ENDS[`${answer.body.status}`];
      if (end) return end;
      if (answer?.body.retry === "never") {
        return { end: "closed", says: saysOf(answer) };
      }
    }
    return await this.#undo(orderId);
  }

  /** Reverses an order whose end is not known after all tries. */
  async #undo(orderId: string): Promise<Result> {
    const body = { order_id: orderId };
    for (let i = 0; i < TRIES; i++) {
      const answer = await this.options.call("POST", "/v1/reversals", body);
      if (answer?.status === 200) {
        return { end: "closed", says: "Undone. Nothing was paid." };
      }
      await this.#wait(answer);
    }
    return {
      end: "closed",
      says: "Not known. Hand over nothing; reverse the order later.",
    };
  }

  /** Waits as long as an answer asks for; a second if there was none. */
  async #wait(answer: Answer | null): Promise<void> {
    await this.options.sleep((answer?.retryAfterSeconds ?? 1) * 1000);
  }
}

/** The cashier's sentence of an answer. */
const saysOf = (answer: Answer | null, otherwise = "No.") =>
  answer?.body.cashier?.en ?? otherwise;
