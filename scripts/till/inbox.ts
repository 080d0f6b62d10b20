/**
 * What a merchant's server asks of a callback first: whether Offcode has sent
 * it, whether it came before, and whether a later one of its order has come
 * already. The rest of a shop may rely on the answers.
 *
 * The signature is checked over the text that came, because JSON that is parsed
 * and written again can be other bytes. Standard Webhooks 1.0.0.
 *
 * @module
 */

import { Webhook } from "standardwebhooks";
import { z } from "zod";
import { formatAmount } from "../../edge/base/currencies.ts";

/**
 * What an event says of its payment, as far as a till needs it. Fields may be
 * added and types as well: what is not known is no fault.
 */
const paymentFields = z.object({
  payment_id: z.string(),
  order_id: z.string(),
  /** Rises with every change of the order. */
  order_version: z.int(),
  status: z.string(),
  amount_minor: z.int(),
  currency: z.string(),
  decline_reason: z.string().optional(),
});
const eventBody = z.object({
  type: z.string(),
  timestamp: z.string(),
  data: z.unknown(),
});

/** A callback whose signature was good. */
export interface MerchantEvent {
  /** The `webhook-id`: the same event has the same one, however often it comes. */
  readonly id: string;
  /** `payment.succeeded`, or one that is not known yet. */
  readonly type: string;
  readonly timestamp: string;
  /** Absent in events of another kind. */
  readonly payment?: Readonly<z.infer<typeof paymentFields>>;
}

/** The judgement of a callback. */
export type Taken =
  /**
   * The signature is not of this secret, or is too old. Nobody may act upon the
   * callback.
   */
  | { readonly kind: "refused" }
  | {
    /**
     * `repeat`: the callback came before. `outdated`: a later event of the order has
     * come already. Answer 2xx to both and do nothing.
     */
    readonly kind: "new" | "repeat" | "outdated";
    readonly event: MerchantEvent;
  };

/**
 * How many callbacks are remembered. A shop keeps them in its database; this
 * one forgets the oldest.
 */
const REMEMBERED = 10_000;

/** Judges the callbacks of one merchant. */
export class Inbox {
  readonly #webhook: Webhook;
  readonly #seen = new Set<string>();
  readonly #versions = new Map<string, number>();

  /**
   * @param secret `whsec_…` as the endpoint's registration gave it.
   * @throws {Error} If it is empty or no base64.
   */
  constructor(secret: string) {
    this.#webhook = new Webhook(secret);
  }

  /** Judges one callback and remembers it. */
  take(rawBody: string, headers: Headers): Taken {
    const event = this.#open(rawBody, headers);
    if (event === null) return { kind: "refused" };
    if (this.#seen.has(event.id)) return { kind: "repeat", event };
    this.#seen.add(event.id);
    forgetOldest(this.#seen);
    const { payment } = event;
    if (payment === undefined) return { kind: "new", event };
    const known = this.#versions.get(payment.order_id) ?? 0;
    if (payment.order_version <= known) return { kind: "outdated", event };
    this.#versions.delete(payment.order_id);
    this.#versions.set(payment.order_id, payment.order_version);
    forgetOldest(this.#versions);
    return { kind: "new", event };
  }

  #open(rawBody: string, headers: Headers): MerchantEvent | null {
    try {
      // The library takes a plain object, and throws if something is wrong.
      const named = Object.fromEntries(headers);
      this.#webhook.verify(rawBody, named, { jsonParse: false });
      const { data, ...body } = eventBody.parse(JSON.parse(rawBody));
      const event = { id: headers.get("webhook-id")!, ...body };
      if (!body.type.startsWith("payment.")) return event;
      const { data: payment } = paymentFields.safeParse(data);
      return payment === undefined ? event : { ...event, payment };
    } catch {
      return null;
    }
  }
}

function forgetOldest(memory: Set<string> | Map<string, number>): void {
  if (memory.size <= REMEMBERED) return;
  memory.delete(memory.keys().next().value!);
}

const WORDS: Readonly<Record<string, string>> = {
  "payment.succeeded": "paid",
  "payment.declined": "declined",
  "payment.reversed": "reversed",
  "refund.succeeded": "refunded",
  "refund.declined": "no refund",
  "endpoint.test": "test",
};

/** A callback in one line. */
export function describeTaken(taken: Taken): string {
  if (taken.kind === "refused") {
    return line("refused", "not signed with this shop's secret, or not lately");
  }
  const { type, id, payment } = taken.event;
  const word = WORDS[type] ?? type;
  const what = payment === undefined ? [id] : [
    payment.order_id,
    formatAmount(payment.amount_minor, payment.currency),
    ...(payment.decline_reason === undefined ? [] : [payment.decline_reason]),
    `version ${payment.order_version}`,
  ];
  if (taken.kind === "repeat") what.push("(came before, ignored)");
  if (taken.kind === "outdated") what.push("(overtaken, ignored)");
  return line(word, ...what);
}

/** A word and what it is about. */
export function line(word: string, ...what: readonly string[]): string {
  return [word.padEnd(9), ...what].join("  ");
}
