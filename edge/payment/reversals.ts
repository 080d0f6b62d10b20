/**
 * Reversal: an order is undone, whatever became of it, and closed for good.
 *
 * Two steps, because the money is elsewhere: the order becomes `reversing`,
 * and only the ledger's certain answer makes it `reversed`. An order never
 * seen is closed as well, so that a payment that comes late is refused. It
 * answers `reversed` only when that is certain.
 *
 * @module
 */

import type { Clock } from "../clock.ts";
import type { Authenticator, CallerOf } from "../merchant/authentication.ts";
import { type Refusal, refused } from "../outcome.ts";
import { dayOf } from "../risk/limits.ts";
import { orderKey, RECORD_TTL_MS } from "../store/keys.ts";
import { type Store, StoreUnavailableError } from "../store/store.ts";
import { aboutPayment } from "./answers.ts";
import type { Engine } from "./engine.ts";
import type { OrderRecord } from "./record.ts";

/** An order that is closed and undone. */
export interface Reversed {
  readonly kind: "reversed";
  readonly orderId: string;
  /** Absent where the order was never seen before. */
  readonly paymentId?: string;
}

/** The use case of reversal. */
export interface Reversals {
  /**
   * Reverses an order of this merchant; again and again with one result.
   *
   * @throws {StoreUnavailableError} when nobody knows: repeat it.
   */
  reverse(
    caller: CallerOf<"merchant">,
    orderId: string,
  ): Promise<Reversed | Refusal>;
}

const TRIES = 6;
/** Near midnight the day of a payment is over too soon to be of use. */
const LEAST_WINDOW_MS = 2 * 3_600_000;

/** Makes the {@linkcode Reversals} use case. */
export function createReversals(deps: {
  store: Store;
  engine: Engine;
  authenticator: Authenticator;
  clock: Clock;
  timeZone: string;
}): Reversals {
  const { store, engine, clock, timeZone } = deps;

  /** The day of the payment, and two hours at least. */
  function tooLate({ state, attempt }: OrderRecord): boolean {
    const paidAtMs = attempt?.paid_at_ms;
    if (state !== "paid" || paidAtMs === undefined) return false;
    const nowMs = clock.nowMs();
    return nowMs - paidAtMs > LEAST_WINDOW_MS &&
      dayOf(paidAtMs, timeZone) !== dayOf(nowMs, timeZone);
  }

  /** Closes an order that was never seen, so that a late payment is refused. */
  async function close(key: string): Promise<boolean> {
    const closed: OrderRecord = {
      state: "reversed",
      version: 1,
      attempt: null,
    };
    const result = await store.txn({
      checks: [{ kind: "absent", key }],
      writes: [{
        kind: "set",
        key,
        value: JSON.stringify(closed),
        ttlMs: RECORD_TTL_MS,
      }],
    });
    return result.committed;
  }

  return {
    async reverse(firstCaller, orderId) {
      const { merchant_id } = firstCaller.merchant.record;
      const key = orderKey(merchant_id, orderId);
      for (let i = 0; i < TRIES; i++) {
        // A withdrawn key is refused at once. A suspended merchant is not: an
        // order that is closed takes nothing.
        const caller = await deps.authenticator.refresh(firstCaller);
        if ("kind" in caller) return caller;
        const raw = (await store.read({ keys: [key] })).values[0] ?? null;
        const order = raw === null ? null : JSON.parse(raw) as OrderRecord;
        const paymentId = order?.attempt?.payment_id;
        const done: Reversed = {
          kind: "reversed",
          orderId,
          ...(paymentId !== undefined && { paymentId }),
        };
        if (order?.state === "reversed") return done;
        if (order === null || paymentId === undefined) {
          if (await close(key)) return done;
          continue;
        }
        if (tooLate(order)) {
          return refused("reversal-too-late", { orderId, paymentId });
        }
        const current = await engine.read(paymentId, {
          merchant_id,
          order_id: orderId,
        });
        if (current === null || current.orderRaw !== raw) continue;
        // Where it is being reversed already, nothing is left to decide.
        const reversing = await engine.apply(current, "reverse") ?? current;
        if (reversing.order.state === "reversed") return done;
        if (reversing.payment.status !== "reversing") continue;
        const end = await engine.drive(reversing);
        if (end.order.state === "reversed") return done;
        if (end.order.state === "reversing") {
          return refused("ledger-unavailable", aboutPayment(end.payment));
        }
      }
      throw new StoreUnavailableError("refused");
    },
  };
}
