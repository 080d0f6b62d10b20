/**
 * Carries refunds from state to state, as `engine.ts` carries payments. A refund is
 * written before the ledger is asked for it, and only a certain answer of the ledger ends
 * it. Without one the refund stays under way, and the ledger is asked again until it
 * answers.
 *
 * @module
 */

import type { BackOff } from "../base/backoff.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { LOST, retry } from "../store/retry.ts";
import type { Consequence } from "./consequence.ts";
import { refundName, refundOf } from "./refund.ts";
import { planRefund } from "./refund_transition.ts";
import { refundTransitionOf } from "./states.ts";
import type { Current, PaymentTimes, Planned } from "./transition.ts";

/** The result of writing a step. */
export interface Written {
  /**
   * The state that is committed now, even if another process wrote it; `null`
   * if none is.
   */
  readonly now: Current | null;
  /**
   * The label of the guard that refused the step; absent if the step was
   * committed.
   */
  readonly refusedBy?: string;
}

/**
 * Writes a step. The plan may be made again, if it was made from outdated
 * values. It is made with the time of its try, so that a step that is written late
 * has the time at which it was written.
 */
export type WriteStep = (
  current: Current,
  plan: (known: Current, nowMs: number, guardIsOwn: boolean) => Planned,
) => Promise<Written>;

/** Carries refunds from state to state. */
export interface RefundEngine {
  /** Begins a refund, if the order is unchanged since `current` was read. */
  beginRefund(
    current: Current,
    refund: {
      readonly refundId: string;
      readonly amountMinor: number;
      readonly reason?: string | undefined;
    },
  ): Promise<Written>;
  /**
   * Asks the ledger to make a refund under way (`refund`), or only for its result
   * (`query`), and writes the answer. Gives the state that is committed afterwards;
   * without a certain answer nothing changes.
   */
  driveRefund(
    current: Current,
    refundId: string,
    ask: "refund" | "query",
  ): Promise<Current>;
}

/**
 * If many refunds of one order run at once, each that is written makes the
 * others retry.
 */
export const REFUND_TRIES = 60;

/** Makes a {@linkcode RefundEngine}. */
export function createRefundEngine(deps: {
  ledger: Ledger;
  times: PaymentTimes;
  consequence: Consequence;
  backOff: BackOff;
  write: WriteStep;
}): RefundEngine {
  const { ledger, times, consequence, backOff, write } = deps;
  return {
    beginRefund(current, refund) {
      const step = { ...refund, row: refundTransitionOf("unknown", "asked")! };
      return write(
        current,
        (known, nowMs) => planRefund(known, step, nowMs, times, consequence),
      );
    },

    async driveRefund(current, refundId, ask) {
      const { payment } = current;
      const refund = refundOf(payment, refundId);
      if (refund?.status !== "processing") return current;
      const { payment_id, merchant_id, currency } = payment;
      const ids = {
        paymentId: payment_id,
        refundId: refundName(merchant_id, refundId),
      };
      const answer = ask === "query"
        ? await ledger.queryRefund(ids.paymentId, ids.refundId)
        : await ledger.refund({
          ...ids,
          amountMinor: refund.amount_minor,
          currency,
        });
      if (answer.kind === "unknown") return current;
      const step = {
        refundId,
        row: refundTransitionOf(
          "processing",
          answer.kind === "refunded" ? "given" : "declined",
        )!,
        ...(answer.kind === "declined" && { declineReason: answer.reason }),
      };
      let state = current;
      return await retry(async () => {
        // Another process has written the answer already.
        if (refundOf(state.payment, refundId)?.status !== "processing") {
          return state;
        }
        const { now, refusedBy } = await write(
          state,
          (known, nowMs) => planRefund(known, step, nowMs, times, consequence),
        );
        state = now ?? state;
        return refusedBy === undefined ? state : LOST;
      }, { tries: REFUND_TRIES, backOff });
    },
  };
}
