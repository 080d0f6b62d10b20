/**
 * Carries refunds from state to state, as `engine.ts` carries payments: a refund
 * is written before the ledger is asked for it, and only the ledger's certain
 * answer ends it. Without one it stays under way; the ledger is asked again, for
 * as long as it takes.
 *
 * @module
 */

import type { BackOff } from "../base/backoff.ts";
import type { Clock } from "../base/clock.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { LOST, retry } from "../store/retry.ts";
import type { Consequence } from "./consequence.ts";
import { refundName, refundOf } from "./refund.ts";
import { planRefund } from "./refund_transition.ts";
import { refundTransitionOf } from "./states.ts";
import type { Current, PaymentTimes, Planned } from "./transition.ts";

/** What is committed after a step was tried. */
export interface Written {
  /** What stands now, whoever wrote it; `null`: nothing. */
  readonly now: Current | null;
  /** The label of what refused the step; absent where it is committed. */
  readonly refusedBy?: string;
}

/** Writes a step that is planned for what is known. */
export type WriteStep = (
  current: Current,
  plan: (known: Current, guardIsOwn: boolean) => Planned,
) => Promise<Written>;

/** Carries refunds from state to state. */
export interface RefundEngine {
  /** Begins a refund, if the order is still as in `current`. */
  beginRefund(
    current: Current,
    refund: {
      readonly refundId: string;
      readonly amountMinor: number;
      readonly reason?: string | undefined;
    },
  ): Promise<Written>;
  /**
   * Asks the ledger for a refund under way, or only what became of it, and
   * writes the answer. Gives what is committed afterwards; without a certain
   * answer nothing changes.
   */
  driveRefund(
    current: Current,
    refundId: string,
    ask: "refund" | "query",
  ): Promise<Current>;
}

/** Each refund of an order at once makes all the others lose a race. */
const TRIES = 60;

/** Makes a {@linkcode RefundEngine}. */
export function createRefundEngine(deps: {
  ledger: Ledger;
  clock: Clock;
  times: PaymentTimes;
  consequence: Consequence;
  backOff: BackOff;
  write: WriteStep;
}): RefundEngine {
  const { ledger, clock, times, consequence, backOff, write } = deps;
  return {
    beginRefund(current, refund) {
      const step = { ...refund, row: refundTransitionOf("unknown", "asked")! };
      const nowMs = clock.nowMs();
      return write(
        current,
        (known) => planRefund(known, step, nowMs, times, consequence),
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
        // Somebody else has written the answer.
        if (refundOf(state.payment, refundId)?.status !== "processing") {
          return state;
        }
        const nowMs = clock.nowMs();
        const { now, refusedBy } = await write(
          state,
          (known) => planRefund(known, step, nowMs, times, consequence),
        );
        state = now ?? state;
        return refusedBy === undefined ? state : LOST;
      }, { tries: TRIES, backOff });
    },
  };
}
