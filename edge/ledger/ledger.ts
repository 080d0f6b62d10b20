/**
 * The ledger port: the interface to the wallet's system that holds the money.
 *
 * A debit is idempotent by payment id and `confirmed`: the same call gets the same
 * answer and moves money at most once. If there is no certain answer, the answer
 * is `unknown`; the caller then asks again and never guesses. A refund is
 * idempotent by payment id and refund id.
 *
 * @module
 */

/** A debit that the ledger is asked for. */
export interface Debit {
  readonly paymentId: string;
  readonly accountId: string;
  readonly merchantId: string;
  /** Minor units of `currency`, an integer >= 1. */
  readonly amountMinor: number;
  /** ISO 4217 alphabetic code. */
  readonly currency: string;
}

/** Why a ledger declines; stable words that merchants may see. */
export type DeclineReason =
  | "reversed"
  | "insufficient_funds"
  | "currency_mismatch"
  | "account_closed"
  | "refused";

/** What the ledger answers to a debit. */
export type DebitAnswer =
  /** The money has moved. */
  | { readonly kind: "approved" }
  /** The money has not moved and never will under this payment id. */
  | { readonly kind: "declined"; readonly reason: DeclineReason }
  /** The customer must confirm the payment first. */
  | { readonly kind: "needs-confirmation" }
  /** No certain answer: ask again. */
  | { readonly kind: "unknown" };

/** What the ledger answers to a reversal. */
export type ReverseAnswer =
  /** No money has moved under this payment id in the end, and none ever will. */
  | { readonly kind: "reversed" }
  /** Refused, since a refund has given back some of the money; nothing changed. */
  | { readonly kind: "refunded" }
  /** No certain answer: ask again. */
  | { readonly kind: "unknown" };

/** A refund that the ledger is asked for. */
export interface LedgerRefund {
  readonly paymentId: string;
  /** Names the refund for ever. */
  readonly refundId: string;
  /** Minor units of `currency`, an integer >= 1. */
  readonly amountMinor: number;
  /** Of the payment; ISO 4217 alphabetic code. */
  readonly currency: string;
}

/** Why a ledger declines a refund; stable words that merchants may see. */
export type RefundDeclineReason =
  /** All of the money went back by a reversal. */
  | "reversed"
  /** No money was ever taken under the payment id. */
  | "not_debited"
  /** All refunds together would be more than was taken. */
  | "exceeds_payment"
  | "account_closed"
  | "refused";

/** What the ledger answers to a refund. */
export type RefundAnswer =
  /** The money is back on the account. */
  | { readonly kind: "refunded" }
  /**
   * The money is not back on the account and never will be under this refund
   * id.
   */
  | { readonly kind: "declined"; readonly reason: RefundDeclineReason }
  /** No certain answer: ask again. */
  | { readonly kind: "unknown" };

/**
 * The ledger port. A fault on the way to the ledger is `unknown`, never an
 * exception.
 */
export interface Ledger {
  /** Asks for a debit. */
  debit(
    debit: Debit,
    options: { readonly confirmed: boolean },
  ): Promise<DebitAnswer>;
  /**
   * Undoes a debit. From then on the ledger refuses every debit under the same
   * payment id, even if none has arrived yet.
   */
  reverse(paymentId: string): Promise<ReverseAnswer>;
  /**
   * The answer to an earlier debit, without starting one; `unknown` if none
   * arrived.
   */
  query(paymentId: string): Promise<DebitAnswer>;
  /**
   * Gives back a part of what was debited, or all of it. From then on a reversal
   * of the payment is refused.
   */
  refund(refund: LedgerRefund): Promise<RefundAnswer>;
  /** What became of a refund, without starting one; `unknown` if none came. */
  queryRefund(paymentId: string, refundId: string): Promise<RefundAnswer>;
}

/** An account of the sandbox ledger. */
export interface SandboxAccount {
  readonly balanceMinor: number;
  /** `null` if no balance was ever set. */
  readonly currency: string | null;
}

/** The accounts of the sandbox ledger, which can be set. */
export interface SandboxAccounts {
  /** Sets a balance; debits from before no longer count. */
  setAccount(
    accountId: string,
    account: { balanceMinor: number; currency: string },
  ): Promise<void>;
  /** Reads an account; one that was never set has a balance of 0. */
  getAccount(accountId: string): Promise<SandboxAccount>;
}
