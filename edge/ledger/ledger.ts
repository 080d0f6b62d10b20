/**
 * The ledger port: the wallet's core that holds the money.
 *
 * A debit is idempotent by payment id and `confirmed`: the same call gets the
 * same answer and moves money at most once. Where there is no certain answer it
 * is `unknown`; the caller asks again and never guesses.
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
  /** It has not moved and never will under this payment id. */
  | { readonly kind: "declined"; readonly reason: DeclineReason }
  /** The customer must agree first. */
  | { readonly kind: "needs-confirmation" }
  /** No certain answer: ask again. */
  | { readonly kind: "unknown" };

/** What the ledger answers to a reversal. */
export type ReverseAnswer =
  /** No money is moved under this payment id, and none ever will be. */
  | { readonly kind: "reversed" }
  /** No certain answer: ask again. */
  | { readonly kind: "unknown" };

/** The ledger port. None of its calls throws for what goes wrong on the way. */
export interface Ledger {
  /** Asks for a debit. */
  debit(
    debit: Debit,
    options: { readonly confirmed: boolean },
  ): Promise<DebitAnswer>;
  /**
   * Undoes a debit, and refuses every one that comes later under the same
   * payment id, also where none has come yet.
   */
  reverse(paymentId: string): Promise<ReverseAnswer>;
  /** What became of a debit, without starting one; `unknown` if none came. */
  query(paymentId: string): Promise<DebitAnswer>;
}

/** An account of the sandbox ledger. */
export interface SandboxAccount {
  readonly balanceMinor: number;
  /** `null` where no balance was ever set. */
  readonly currency: string | null;
}

/** What only the sandbox ledger offers: accounts that can be set. */
export interface SandboxAccounts {
  /** Sets a balance; what was taken before no longer counts. */
  setAccount(
    accountId: string,
    account: { balanceMinor: number; currency: string },
  ): Promise<void>;
  /** Reads an account; one never set has 0. */
  getAccount(accountId: string): Promise<SandboxAccount>;
}
