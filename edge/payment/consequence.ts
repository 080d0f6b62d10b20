/**
 * What else the end of a payment or of a refund causes, such as a callback to the merchant. It
 * is written in the transaction that writes the end, so that both are committed
 * or neither is. This is a port: its implementations import payments, and
 * payments import none of them.
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
  /** The refund that ends, one of those in `after`; absent: the payment does. */
  readonly refund?: RefundRecord;
  /** When it ends, unix ms. */
  readonly nowMs: number;
}

/** What one consequence adds to the transaction that ends a payment. */
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
  /** The plan; `values` has the value of each of the names, in their order. */
  plan(end: PaymentEnd, values: readonly (string | null)[]): ConsequencePlan;
}

/** Puts several consequences together; their names and values follow each other. */
export function joinConsequences(parts: readonly Consequence[]): Consequence {
  return {
    reads: (merchantId) => parts.flatMap((part) => part.reads(merchantId)),
    plan(end, values) {
      let at = 0;
      const plans = parts.map((part) => {
        const { length } = part.reads(end.after.merchant_id);
        return part.plan(end, values.slice(at, at += length));
      });
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
