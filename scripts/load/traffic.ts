/**
 * Turns the plan of a run into requests: what each till sends when its turn
 * comes, and where each answer goes.
 *
 * @module
 */

import { type Body, CURRENCY, wordOf } from "../client.ts";
import { type Outcome, requestBytes, type Shot } from "./drive.ts";
import type { Kind } from "./options.ts";
import type { Order, Orders, Reply } from "./orders.ts";
import type { Recorder } from "./recorder.ts";
import type { Arrival } from "./schedule.ts";
import type { WalletPool } from "./wallet_pool.ts";

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

/** What is to be sent, and who hears what came of it. */
interface Request {
  readonly kind: Kind;
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  ended(reply: Reply): void;
}

/** Answers for which a kind is sent. */
const EXPECTED: Readonly<Record<Kind, readonly string[]>> = {
  pay: ["201 succeeded"],
  bad: ["422 code-not-accepted"],
  repeat: ["200 succeeded", "409 payment-reversed"],
  query: ["200 succeeded", "200 reversing", "200 reversed"],
  reverse: ["200 reversed"],
};

/** The tills of a run. */
export class Traffic {
  readonly #options: TrafficOptions;
  #next = 0;
  #bad = 0;
  #skipped = 0;

  constructor(options: TrafficOptions) {
    this.#options = options;
  }

  /** Requests that could not be sent, since no wallet had a fresh code. */
  get skipped(): number {
    return this.#skipped;
  }

  /** Requests in the plan whose turn has not come. */
  get unsent(): number {
    return this.#options.arrivals.length - this.#next;
  }

  /** The next request in the plan, at a till; `null` when all are taken. */
  next(till: number): Shot | null {
    const { arrivals, startMs, endMs } = this.#options;
    const arrival = arrivals[this.#next];
    if (arrival === undefined || performance.now() > endMs) return null;
    this.#next++;
    const dueMs = startMs + arrival.atMs;
    let request: Request | null = null;
    return {
      dueMs,
      bytes: () => {
        request = this.#request(arrival.kind, till);
        return request && this.#bytes(request, till);
      },
      ended: (outcome) => this.#ended(request!, dueMs, outcome),
    };
  }

  #request(kind: Kind, till: number): Request | null {
    const merchant = till % this.#options.merchantKeys.length;
    const wanted = {
      pay: () => null,
      bad: () => this.#wrongCode(till),
      repeat: () => this.#again(merchant, till),
      query: () => this.#query(merchant),
      reverse: () => this.#reversal(merchant),
    }[kind]();
    // Where there is no order to ask for yet, one is paid.
    return wanted ?? this.#payment(merchant, till);
  }

  #payment(merchant: number, till: number): Request | null {
    const { pool, orders, nowMs } = this.#options;
    const drawn = pool.draw(nowMs());
    if (drawn === null) {
      this.#skipped++;
      return null;
    }
    const { wallet, digits: code, before, foundUntilMs } = drawn;
    // The same amount twice would look like a double scan.
    const amountMinor = 100 + before;
    const order = orders.open({
      ...{ merchant, wallet, amountMinor, code, foundUntilMs },
    });
    return payment("pay", order, till, (reply) => {
      pool.giveBack(wallet);
      orders.answered(order, reply);
    });
  }

  #wrongCode(till: number): Request {
    const { pool, orders, nowMs } = this.#options;
    const id = `${orders.run}-bad-${this.#bad++}`;
    const order = { id, amountMinor: 100, code: pool.wrongCode(nowMs()) };
    return payment("bad", order, till, (reply) => orders.wrongCode(id, reply));
  }

  #again(merchant: number, till: number): Request | null {
    const { orders, nowMs } = this.#options;
    const order = orders.drawToRepeat(merchant, nowMs());
    if (order === null) return null;
    const wasReversed = order.state === "reversed";
    return payment(
      ...["repeat", order, till] as const,
      (reply) => orders.repeated(order, reply, wasReversed),
    );
  }

  #query(merchant: number): Request | null {
    const { orders } = this.#options;
    const order = orders.drawPaid(merchant);
    if (order === null) return null;
    const wasReversed = order.state === "reversed";
    const path = `/v1/payments?order_id=${encodeURIComponent(order.id)}`;
    return {
      ...{ kind: "query", method: "GET", path },
      ended: (reply) => orders.queried(order, reply, wasReversed),
    };
  }

  #reversal(merchant: number): Request | null {
    const { orders } = this.#options;
    const order = orders.drawToReverse(merchant);
    if (order === null) return null;
    return {
      ...{ kind: "reverse", method: "POST", path: "/v1/reversals" },
      body: { order_id: order.id },
      ended: (reply) => orders.reversed(order, reply),
    };
  }

  #bytes({ method, path, body }: Request, till: number): Uint8Array {
    const { origin, merchantKeys } = this.#options;
    const key = merchantKeys[till % merchantKeys.length]!;
    return requestBytes({
      ...{ origin, method, path, key },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  }

  #ended({ kind, ended }: Request, dueMs: number, outcome: Outcome): void {
    const { recorder, startMs } = this.#options;
    const reply = readReply(outcome);
    const answer = describeReply(reply);
    recorder.add({
      kind,
      answer,
      asExpected: EXPECTED[kind].includes(answer),
      dueMs: dueMs - startMs,
      sentMs: outcome.sentMs - startMs,
      endedMs: outcome.endedMs - startMs,
    });
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
    ...{ kind, method: "POST", path: "/v1/payments", ended },
    body: {
      ...{ code, order_id: id, amount_minor: amountMinor, currency: CURRENCY },
      terminal_id: `till-${till}`,
    },
  };
}

/** An outcome with its body read. */
export function readReply(outcome: Outcome): Reply {
  if ("fault" in outcome) return { fault: outcome.fault };
  try {
    const body: unknown = JSON.parse(outcome.text());
    return { status: outcome.status, body: Object(body) as Body };
  } catch {
    return { status: outcome.status, body: {} };
  }
}

/** What matters of a reply: `201 succeeded`, `409 code-replayed`, `timeout`. */
export function describeReply(reply: Reply): string {
  if ("fault" in reply) return reply.fault;
  return `${reply.status} ${wordOf(reply.body) ?? "without a word"}`;
}
