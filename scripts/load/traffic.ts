/**
 * When each request of a run should leave, and what it is; and from this plan the
 * requests: what each till sends when its turn comes, and where each answer goes.
 *
 * The plan is made before the first request leaves and no answer changes it: the
 * load is open, as customers are, who do not stay away because the one before is
 * not done.
 *
 * @module
 */

import { type Body, CURRENCY, wordOf } from "../client.ts";
import { type Outcome, requestBytes, type Shot } from "./drive.ts";
import { type Kind, KINDS, type LoadOptions } from "./options.ts";
import type { Order, Orders, Reply } from "./orders.ts";
import type { Recorder } from "./recorder.ts";
import type { WalletPool } from "./wallet_pool.ts";

export interface Arrival {
  /** Milliseconds after the start. */
  readonly atMs: number;
  readonly kind: Kind;
}

/**
 * Plans a run: exactly `rate` × `seconds` requests, each kind's exact share of
 * them in random order. Every moment is drawn on its own, which is a Poisson
 * process of which the count is known.
 */
export function planArrivals(
  { rate, seconds, shares }: Pick<LoadOptions, "rate" | "seconds" | "shares">,
  random: () => number,
): Arrival[] {
  const count = Math.max(1, Math.round(rate * seconds));
  const others = KINDS.flatMap((kind) =>
    kind === "pay"
      ? []
      : new Array<Kind>(Math.round(count * shares[kind])).fill(kind)
  );
  return Array.from({ length: count }, (_, i) => ({
    atMs: random() * seconds * 1000,
    kind: others[i] ?? "pay",
  })).sort((a, b) => a.atMs - b.atMs);
}

/** What the tills of a run share. */
export interface TrafficOptions {
  readonly origin: string;
  /** One API key for each merchant. */
  readonly merchantKeys: readonly string[];
  readonly arrivals: readonly Arrival[];
  readonly pool: WalletPool;
  readonly orders: Orders;
  readonly recorder: Recorder;
  /** When the run starts, as `performance.now()` counts. */
  readonly startMs: number;
  /** When it is over, whatever has not left by then; on the same clock. */
  readonly endMs: number;
  /** The wall clock, unix ms. */
  readonly nowMs: () => number;
}

/** A request that is to be sent, and the function that takes its reply. */
interface Request {
  readonly kind: Kind;
  readonly method?: string;
  readonly path: string;
  readonly body?: unknown;
  ended(reply: Reply): void;
}

/** The answers that each kind of request should get. */
const EXPECTED: Readonly<Record<Kind, readonly string[]>> = {
  pay: ["201 succeeded"],
  bad: ["422 code-not-accepted"],
  repeat: ["200 succeeded", "409 payment-reversed"],
  query: ["200 succeeded", "200 reversing", "200 reversed"],
  reverse: ["200 reversed"],
};

export class Traffic {
  readonly #options: TrafficOptions;
  #next = 0;
  #bad = 0;
  /** Requests that could not be sent, since no wallet had a fresh code. */
  skipped = 0;

  constructor(options: TrafficOptions) {
    this.#options = options;
  }

  /** Requests in the plan whose turn has not come. */
  get unsent(): number {
    return this.#options.arrivals.length - this.#next;
  }

  /** The next request in the plan, at a till; `null` when all are taken. */
  next(till: number): Shot | null {
    const { origin, arrivals, startMs, endMs, merchantKeys } = this.#options;
    const arrival = arrivals[this.#next];
    if (arrival === undefined || performance.now() > endMs) return null;
    this.#next++;
    const merchant = till % merchantKeys.length;
    const key = merchantKeys[merchant]!;
    let request: Request | null = null;
    return {
      dueMs: startMs + arrival.atMs,
      bytes: () => {
        // If there is no order to ask for yet, an order is paid instead.
        request = this.#request(arrival.kind, merchant, till) ??
          this.#request("pay", merchant, till);
        if (request === null) {
          this.skipped++;
          return null;
        }
        const { body, ...parts } = request;
        const text = body !== undefined && { body: JSON.stringify(body) };
        return requestBytes({ origin, key, ...parts, ...text });
      },
      ended: (outcome) => this.#ended(request!, arrival.atMs, outcome),
    };
  }

  /** A request of a kind; `null` where there is nothing that it could ask. */
  #request(kind: Kind, merchant: number, till: number): Request | null {
    const { pool, orders, nowMs } = this.#options;
    if (kind === "pay") {
      const drawn = pool.draw(nowMs());
      if (drawn === null) return null;
      const { wallet, digits: code, before, foundUntilMs } = drawn;
      // The same amount twice would look like a double scan.
      const amountMinor = 100 + before;
      const order = orders.open({
        ...{ merchant, wallet, amountMinor, code, foundUntilMs },
      });
      return payment(kind, order, till, (reply) => {
        pool.giveBack(wallet);
        orders.answered(order, reply);
      });
    }
    if (kind === "bad") {
      const id = `${orders.run}-bad-${this.#bad++}`;
      const order = { id, amountMinor: 100, code: pool.wrongCode(nowMs()) };
      return payment(kind, order, till, (it) => orders.wrongCode(id, it));
    }
    const order = kind === "repeat"
      ? orders.drawToRepeat(merchant, nowMs())
      : kind === "query"
      ? orders.drawPaid(merchant)
      : orders.drawToReverse(merchant);
    if (order === null) return null;
    const { id } = order;
    const wasReversed = order.state === "reversed";
    if (kind === "repeat") {
      const ended = (it: Reply) => orders.repeated(order, it, wasReversed);
      return payment(kind, order, till, ended);
    }
    return kind === "query"
      ? {
        ...{ kind, method: "GET" },
        path: `/v1/payments?order_id=${encodeURIComponent(id)}`,
        ended: (reply) => orders.queried(order, reply, wasReversed),
      }
      : {
        ...{ kind, path: "/v1/reversals", body: { order_id: id } },
        ended: (reply) => orders.reversed(order, reply),
      };
  }

  #ended({ kind, ended }: Request, dueMs: number, outcome: Outcome): void {
    const { recorder, startMs } = this.#options;
    const reply = readReply(outcome);
    const answer = describeReply(reply);
    const asExpected = EXPECTED[kind].includes(answer);
    const [sentMs, endedMs] = [outcome.sentMs, outcome.endedMs]
      .map((ms) => ms - startMs) as [number, number];
    recorder.add({ kind, answer, asExpected, dueMs, sentMs, endedMs });
    ended(reply);
  }
}

function payment(
  kind: Kind,
  { id, amountMinor, code }: Pick<Order, "id" | "amountMinor" | "code">,
  till: number,
  ended: (reply: Reply) => void,
): Request {
  return {
    ...{ kind, path: "/v1/payments", ended },
    body: {
      ...{ code, order_id: id, amount_minor: amountMinor, currency: CURRENCY },
      terminal_id: `till-${till}`,
    },
  };
}

function readReply(outcome: Outcome): Reply {
  if ("fault" in outcome) return { fault: outcome.fault };
  const { status } = outcome;
  try {
    return { status, body: Object(JSON.parse(outcome.text())) as Body };
  } catch {
    return { status, body: {} };
  }
}

/** What matters of a reply: `201 succeeded`, `409 code-replayed`, `timeout`. */
export function describeReply(reply: Reply): string {
  if ("fault" in reply) return reply.fault;
  return `${reply.status} ${wordOf(reply.body) ?? "without a word"}`;
}
