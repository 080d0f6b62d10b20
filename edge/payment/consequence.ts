/**
 * The consequences of the end of a payment or of a refund, such as a callback to the
 * merchant. They are written in the transaction that writes the end, so that both are
 * committed or neither is. This is a port: its implementations import `payment/`, and
 * `payment/` imports none of them.
 *
 * @module
 */

import type { Check, Write } from "../store/store.ts";
import type { PaymentRecord } from "./record.ts";
import type { RefundRecord } from "./refund.ts";

/** The end of a payment, or of a refund of it. */
export interface PaymentEnd {
  readonly before: PaymentRecord;
  readonly after: PaymentRecord;
  /**
   * The refund that ends, one of those in `after`; absent if the payment itself
   * ends.
   */
  readonly refund?: RefundRecord;
  /** The time of the end, unix ms. */
  readonly nowMs: number;
}

/**
 * The part of a transaction that one consequence adds to the end of a payment.
 */
export interface ConsequencePlan {
  /**
   * A refused check on a name in {@linkcode Consequence.reads} does not fail the
   * end: the consequence is planned again with the value that was found.
   */
  readonly checks: readonly Check[];
  readonly writes: readonly Write[];
  /** Called once the transaction is committed. */
  readonly onCommitted?: () => void;
}

/** One kind of consequence. Its plan depends on its arguments alone. */
export interface Consequence {
  /**
   * The names whose values {@linkcode Consequence.plan} depends on. They are
   * read with the payment, so that a plan costs no round trip of its own.
   */
  reads(merchantId: string): readonly string[];
  /** Makes the plan. `values` has the values of the names, in the same order. */
  plan(end: PaymentEnd, values: readonly (string | null)[]): ConsequencePlan;
}

/** Joins several consequences into one, which reads the names of all of them. */
export function joinConsequences(parts: readonly Consequence[]): Consequence {
  // The names of the latest merchant are kept: a payment asks for them four times.
  let latest: { merchantId: string; ofParts: string[][]; all: string[] } = {
    ...{ merchantId: "", ofParts: parts.map(() => []), all: [] },
  };
  function namesOf(merchantId: string) {
    if (merchantId !== latest.merchantId) {
      const ofParts = parts.map((part) => [...part.reads(merchantId)]);
      latest = { merchantId, ofParts, all: ofParts.flat() };
    }
    return latest;
  }
  return {
    reads: (merchantId) => namesOf(merchantId).all,
    plan(end, values) {
      const { ofParts } = namesOf(end.after.merchant_id);
      let at = 0;
      const plans = parts.map((part, i) =>
        part.plan(end, values.slice(at, at += ofParts[i]!.length))
      );
      return {
        checks: plans.flatMap(({ checks }) => checks),
        writes: plans.flatMap(({ writes }) => writes),
        onCommitted: () => {
          for (const { onCommitted } of plans) onCommitted?.();
        },
      };
    },
  };
}
