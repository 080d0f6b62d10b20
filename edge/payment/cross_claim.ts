/**
 * The claim of one payment whose order and customer are in two cells. One object serves
 * all tries of the payment: T1 opens the order in the merchant's cell, T2 makes the
 * claim in the customer's cell. `crossing.ts` explains both.
 *
 * @module
 */

import { commit, type Committed } from "../store/commit.ts";
import type { Held } from "../store/record.ts";
import { type Store, StoreUnavailableError } from "../store/store.ts";
import type { Claim, ClaimLabel } from "./claim.ts";
import { claims, deadPayments, fence, giveBackAcross } from "./crossing.ts";
import type { LateFences } from "./late_fences.ts";
import type { ClaimRecord, OrderRecord, PaymentRecord } from "./record.ts";
import { dueOrders } from "./transition.ts";

/**
 * The result of one try; `unknown` if nobody knows whether the claim is committed, `late` if
 * there was no time left for T2.
 */
export type CrossTry = Committed<ClaimLabel> | "unknown" | "late";

/** The claim of a payment across two cells. */
export class CrossClaim {
  readonly #store: Store;
  readonly #paymentId: string;
  readonly #recordMs: number;
  /** The order before this payment, and what the latest T1 has written. */
  #before: Held<OrderRecord, "merchant"> | null = null;
  #written:
    | { order: Held<OrderRecord, "merchant">; payment: PaymentRecord }
    | null = null;
  #name = "";
  #values: readonly (string | null)[] = [];
  /** Whether T2 is committed, or may be. */
  #isClaimed = false;
  #claim: Held<ClaimRecord, "account"> | undefined;

  constructor(store: Store, paymentId: string, recordMs: number) {
    this.#store = store;
    this.#paymentId = paymentId;
    this.#recordMs = recordMs;
  }

  /** The claim, once it is committed. */
  get claim(): Held<ClaimRecord, "account"> | undefined {
    return this.#claim;
  }

  /**
   * The payment that T1 has written and that can still be taken back; `null` if there
   * is none.
   */
  get opened(): PaymentRecord | null {
    return this.#isClaimed ? null : this.#written?.payment ?? null;
  }

  /**
   * Makes both transactions. T1 is skipped if an earlier try has written the same. T2
   * is made only if `isOpen` returns true, which means that there is time left.
   *
   * @throws {StoreUnavailableError} If it is not known whether T1 is committed. T2 was not sent.
   */
  async commit(
    claim: Claim,
    before: Held<OrderRecord, "merchant">,
    isOpen: () => boolean,
  ): Promise<CrossTry> {
    const { merchant, customer, next } = claim;
    if (!this.#written?.order.isSame(next.held)) {
      const order = this.#written?.order ?? before;
      const end = await commit(this.#store, {
        guards: [
          order.unchanged("order"),
          ...merchant.guards.slice(1),
          deadPayments(this.#paymentId).absent("order"),
        ],
        writes: merchant.writes,
        reads: merchant.reads,
      });
      const [first = null, ...rest] = end.values;
      this.#values = rest;
      if (!end.committed) {
        // Another process has changed the order that an earlier try wrote. It continues
        // the payment.
        if (end.refusedBy === "order") this.#isClaimed = this.#written !== null;
        return { ...end, values: [first, null, null] };
      }
      this.#before ??= before;
      this.#written = { order: next.held, payment: next.payment };
      this.#name = next.name;
    }
    if (!isOpen()) return "late";
    const place = claims(this.#paymentId);
    const { held, write } = place.put({
      state: "taken",
      ...(next.payment.status === "awaiting_confirmation" &&
        { awaits: true as const }),
    });
    this.#isClaimed = true;
    let end: Committed<ClaimLabel | "claim">;
    try {
      end = await commit(this.#store, {
        guards: [place.absent("claim"), ...customer.guards],
        writes: [write, ...customer.writes],
        reads: customer.reads,
      });
    } catch (error) {
      if (!(error instanceof StoreUnavailableError)) throw error;
      return "unknown";
    }
    const values = [null, ...end.values, ...this.#values];
    if (end.committed) {
      this.#claim = held;
      return { committed: true, values };
    }
    const { refusedBy } = end;
    // Another process has already decided about this payment: its claim exists.
    if (refusedBy === "claim") return "unknown";
    this.#isClaimed = false;
    return { ...end, refusedBy, values };
  }

  /**
   * Takes T1 back and fences T2. Returns whether the order is as it was before. If it
   * is not, another process continues the payment. A fence that is not answered is added
   * to `lateFences`.
   *
   * @throws {StoreUnavailableError} If that is not known.
   */
  async undo(
    nowMs: number,
    lateFences: Pick<LateFences, "add">,
  ): Promise<boolean> {
    const { order, payment } = this.#written!;
    const before = this.#before!;
    const endedMs = before.value?.payment?.updated_ms ?? 0;
    const leftMs = endedMs + this.#recordMs - nowMs;
    const [fenced, undone] = await Promise.allSettled([
      twice(() => fence(this.#store, this.#paymentId)),
      twice(() =>
        commit(this.#store, {
          guards: [order.unchanged("order")],
          writes: [
            before.restore(Math.max(1, leftMs)),
            dueOrders.remove(this.#name),
            deadPayments(this.#paymentId).set(""),
          ],
        })
      ),
    ]);
    if (undone.status === "rejected") throw undone.reason;
    if (!undone.value.committed) return false;
    this.#written = null;
    try {
      if (fenced.status === "rejected") throw fenced.reason;
      // A transport may have delivered an earlier T2 once more, and that one was committed.
      await giveBackAcross(this.#store, { payment, claim: fenced.value });
    } catch (error) {
      // The order is as it was before, so the till must not hear of a payment that is pending.
      if (!(error instanceof StoreUnavailableError)) throw error;
      lateFences.add(payment);
    }
    return true;
  }
}

/**
 * Asks once more if the first answer was lost. If an opening is taken back without anybody knowing
 * it, the till waits for a payment that is not there.
 */
async function twice<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof StoreUnavailableError)) throw error;
    return await ask();
  }
}
