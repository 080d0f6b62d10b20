/**
 * The refusals of use cases. Outcomes are values; the HTTP layer turns a refusal
 * into a problem document by one table.
 *
 * @module
 */

/** Every refusal a use case may give, by the code of its problem document. */
export type RefusalCode =
  | "malformed-request"
  | "not-authenticated"
  | "forbidden"
  | "merchant-suspended"
  | "not-found"
  | "code-malformed"
  | "code-not-accepted"
  | "code-ambiguous"
  | "code-replayed"
  | "payer-blocked"
  | "limit-exceeded"
  | "offline-codes-off"
  | "renewal-refused"
  | "release-rejected"
  | "order-conflict"
  | "order-paid-earlier"
  | "looks-like-double-scan"
  | "payment-pending"
  | "payment-declined"
  | "payment-reversed"
  | "reversal-too-late"
  | "order-refunded"
  | "refund-conflict"
  | "refund-declined"
  | "refund-refused"
  | "too-many-attempts"
  | "store-unavailable"
  | "ledger-unavailable"
  | "clock-unsure";

/** Who has to answer before a payment under way can end. */
export type WaitsFor = "ledger" | "customer";

/** The payment of an order that was paid long before this request. */
export interface PaidEarlier {
  /** Unix ms. */
  readonly atMs: number;
  /** IANA name of the time zone in which the time is shown to people. */
  readonly timeZone: string;
  readonly amountMinor: number;
  readonly currency: string;
}

/** The earlier order, if a new order looks like a double scan of it. */
export interface LikeOrder {
  readonly orderId: string;
  /** When it was scanned, unix ms. */
  readonly atMs: number;
  /** IANA name of the time zone in which the time is shown to people. */
  readonly timeZone: string;
  readonly isPaid: boolean;
}

/** Why a refund is refused before the ledger is asked. */
export type RefundRefusal = "exceeds_payment" | "too_late" | "too_many";

/** A refusal: its code, and what else its problem document contains. */
export interface Refusal {
  readonly kind: "refused";
  readonly code: RefusalCode;
  /** One sentence for the integrator; never holds input. */
  readonly detail?: string;
  readonly orderId?: string;
  readonly paymentId?: string;
  readonly declineReason?: string;
  /**
   * Only for a renewal, a core release or a refund: why it is refused, as a
   * word.
   */
  readonly reason?: string;
  /** Only for what looks like a double scan: the earlier order. */
  readonly earlier?: LikeOrder;
  /** The id that the merchant gave to the refund in question. */
  readonly refundId?: string;
  /** Only for a refused refund: how much can still be given back. */
  readonly refundable?: {
    readonly amountMinor: number;
    readonly currency: string;
  };
  /** Only for a payment under way: its status, and what it waits for. */
  readonly underWay?: { readonly status: string; readonly waitsFor: WaitsFor };
  /** Only for an order that was paid earlier. */
  readonly paid?: PaidEarlier;
  /**
   * Only for too many attempts: what was attempted, if it was not payment
   * codes.
   */
  readonly attemptsAt?: "endpoint";
  /** When to ask for the result, in seconds from now. */
  readonly nextQuerySeconds?: number;
  /** When to try again, in seconds from now. */
  readonly retryAfterSeconds?: number;
}

/** Makes a {@linkcode Refusal}. */
export function refused(
  code: RefusalCode,
  more: Omit<Refusal, "kind" | "code"> = {},
): Refusal {
  return { kind: "refused", code, ...more };
}

/** Whether the outcome of a use case is a refusal. */
export function isRefusal(outcome: unknown): outcome is Refusal {
  return typeof outcome === "object" && outcome !== null &&
    (outcome as { kind?: unknown }).kind === "refused";
}
