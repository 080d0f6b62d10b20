/**
 * What every suite of the ledger port is run against: a ledger, and an account
 * and a debit with names that nobody has used before, so that a ledger that
 * keeps what it heard can be tested as often as one likes.
 *
 * @module
 */

import type {
  Debit,
  DebitAnswer,
  Ledger,
} from "../../../edge/ledger/ledger.ts";

/** A ledger for one test. */
export interface LedgerFixture extends AsyncDisposable {
  readonly ledger: Ledger;
  /** Gives an account a balance. */
  setAccount(
    accountId: string,
    balanceMinor: number,
    currency: string,
  ): Promise<void>;
  /** What is left on it, in minor units. */
  balance(accountId: string): Promise<number>;
}

/** What a test is given. */
export interface LedgerTest {
  readonly ledger: Ledger;
  /** An account with 100.00 EUR. */
  readonly accountId: string;
  /** A debit of 12.50 EUR from it. */
  readonly debit: Debit;
  /** Another one, with a payment id of its own. */
  another(fields?: Partial<Debit>): Debit;
  /** Gives the account a balance in EUR. */
  setBalance(balanceMinor: number): Promise<void>;
  /** What is left, on the account unless another is named. */
  balance(accountId?: string): Promise<number>;
}

/** Registers a test that gets a ledger and an account with 100.00 EUR. */
export type RegisterLedgerTest = (
  sentence: string,
  body: (test: LedgerTest) => Promise<void>,
) => void;

/** A name that nobody has used. */
export const newName = (kind: string) =>
  `${kind}_${crypto.randomUUID().replaceAll("-", "")}`;

/** A debit of 12.50 EUR from the account `alice`. */
export const ALICE_DEBIT: Debit = {
  paymentId: "pay_1",
  accountId: "alice",
  merchantId: "mer_1",
  amountMinor: 1250,
  currency: "EUR",
};

/** What nobody has confirmed. */
export const PLAIN = { confirmed: false };

/** Answers of a ledger. */
export const UNKNOWN = { kind: "unknown" } as const;
export const APPROVED: DebitAnswer = { kind: "approved" };

/** Runs `body` with a ledger and an account of its own. */
export async function withLedger(
  open: () => Promise<LedgerFixture>,
  body: (test: LedgerTest) => Promise<void>,
): Promise<void> {
  await using fixture = await open();
  const accountId = newName("acc");
  const another = (fields: Partial<Debit> = {}): Debit => ({
    paymentId: newName("pay"),
    accountId,
    merchantId: "mer_1",
    amountMinor: 1250,
    currency: "EUR",
    ...fields,
  });
  await fixture.setAccount(accountId, 10_000, "EUR");
  await body({
    ledger: fixture.ledger,
    accountId,
    debit: another(),
    another,
    setBalance: (minor) => fixture.setAccount(accountId, minor, "EUR"),
    balance: (account = accountId) => fixture.balance(account),
  });
}
