/**
 * The sandbox ledger: accounts with balances in the store, for development
 * and for trying Offcode out. An account that was never set has a balance of 0.
 *
 * A counter holds what was debited since the balance was set, so that concurrent
 * debits of one account need no retry: one transaction checks that the sum stays
 * within the balance, and writes the answer under the payment id, which makes the
 * debit idempotent. Another counter holds what was refunded of a payment.
 *
 * @module
 */

import { createBackOff } from "../../base/backoff.ts";
import { type Pause, type Random, systemPause } from "../../base/clock.ts";
import { commit } from "../../store/commit.ts";
import {
  sandboxAccountKey,
  sandboxDebitKey,
  sandboxRefundedKey,
  sandboxRefundKey,
  sandboxSpentKey,
} from "../../store/keys.ts";
import {
  amountIn,
  counter,
  type Held,
  json,
  NO_PERIOD,
  readRecords,
  recordKind,
} from "../../store/record.ts";
import { LOST, retry } from "../../store/retry.ts";
import { type Store, StoreUnavailableError } from "../../store/store.ts";
import type {
  Debit,
  DebitAnswer,
  DeclineReason,
  Ledger,
  LedgerRefund,
  RefundAnswer,
  SandboxAccounts,
} from "../ledger.ts";

/** The sandbox ledger with the calls that set it up. */
export type SandboxLedger = Ledger & SandboxAccounts;

interface AccountRecord {
  readonly balance_minor: number;
  readonly currency: string;
  /**
   * The number of this balance; each balance that is set gets the next one. It is
   * the period of the counter of debits, so that debits from another balance are
   * neither counted nor given back.
   */
  readonly period: string;
}

/** The final answer to a debit, stored under the payment id. */
type DebitRecord =
  | { readonly kind: "declined"; readonly reason: DeclineReason }
  | {
    readonly kind: "approved";
    readonly account: string;
    readonly period: string;
    readonly sum: number;
  }
  | { readonly kind: "reversed" };

const accounts = recordKind({
  key: sandboxAccountKey,
  form: json<AccountRecord>(),
});

const spending = recordKind({ key: sandboxSpentKey, form: counter });

/** Kept for ever: the same payment id must always get the same answer. */
const debits = recordKind({ key: sandboxDebitKey, form: json<DebitRecord>() });

/** The final answer about a refund, kept for ever. */
const refunds = recordKind({
  key: sandboxRefundKey,
  form: json<Exclude<RefundAnswer, { kind: "unknown" }>>(),
});

/** What was refunded of a payment. */
const refunded = recordKind({ key: sandboxRefundedKey, form: counter });

/** Periods have leading zeros up to this length, so that they sort as texts. */
const PERIOD_DIGITS = 10;
const TRIES = 5;

function answerOf(record: DebitRecord): DebitAnswer {
  switch (record.kind) {
    case "approved":
      return { kind: "approved" };
    case "declined":
      return record;
    case "reversed":
      return { kind: "declined", reason: "reversed" };
  }
}

/** Accounts as they were read last. */
type KnownAccounts = Map<string, Held<AccountRecord>>;

/** The most accounts that are remembered. */
const MAX_KNOWN = 10_000;

/**
 * The account of a debit. It may be out of date if it is in the debit's currency; then the
 * debit checks that it is unchanged.
 */
async function accountOf(
  { accountId, currency }: Debit,
  store: Store,
  known: KnownAccounts,
): Promise<Held<AccountRecord>> {
  const last = known.get(accountId);
  if (last?.value?.currency === currency) return last;
  const [account] = await readRecords(store, [accounts(accountId)]);
  if (known.size >= MAX_KNOWN) known.clear();
  known.set(accountId, account);
  return account;
}

/** Tries to debit. Loses the race if the balance was set meanwhile. */
async function tryDebit(
  store: Store,
  known: KnownAccounts,
  debit: Debit,
): Promise<DebitRecord | typeof LOST> {
  const { paymentId, accountId, amountMinor, currency } = debit;
  const account = await accountOf(debit, store, known);
  const answer = debits(paymentId);
  const unanswered = answer.absent("answered");
  if (account.value?.currency === currency) {
    const { balance_minor, period } = account.value;
    const spent = spending(accountId);
    const taken = { period, delta: amountMinor };
    const approved: DebitRecord = {
      kind: "approved",
      account: accountId,
      period,
      sum: amountMinor,
    };
    const result = await commit(store, {
      guards: [
        unanswered,
        account.unchanged("account"),
        spent.within("balance", taken, balance_minor),
      ],
      writes: [answer.set(approved), spent.add(taken)],
    });
    if (result.committed) return approved;
    if (result.refusedBy === "account") {
      known.delete(accountId);
      return LOST;
    }
    if (result.refusedBy === "answered") {
      return answer.held(result.value).value!;
    }
  }
  // A decline is stored as well: the same debit must get the same answer later,
  // even if the balance was raised meanwhile.
  const isKnown = account.value !== null &&
    account.value.currency !== currency;
  const declined: DebitRecord = {
    kind: "declined",
    reason: isKnown ? "currency_mismatch" : "insufficient_funds",
  };
  const result = await commit(store, {
    guards: [unanswered],
    writes: [answer.set(declined)],
  });
  return result.committed ? declined : answer.held(result.value).value!;
}

/** Tries to reverse. Loses the race if the debit was answered meanwhile. */
async function tryReverse(
  store: Store,
  paymentId: string,
): Promise<"reversed" | "refunded" | typeof LOST> {
  const [answer] = await readRecords(store, [debits(paymentId)]);
  const { value } = answer;
  if (value?.kind === "reversed") return "reversed";
  const givenBack = value?.kind !== "approved" ? [] : [
    spending(value.account).add({ period: value.period, delta: -value.sum }),
  ];
  const result = await commit(store, {
    guards: [
      answer.unchanged("answer"),
      refunded(paymentId).absent("refunded"),
    ],
    writes: [answer.set({ kind: "reversed" }), ...givenBack],
  });
  if (result.committed) return "reversed";
  return result.refusedBy === "refunded" ? "refunded" : LOST;
}

/** Tries to refund. Loses the race if the payment was reversed meanwhile. */
async function tryRefund(
  store: Store,
  { paymentId, refundId, amountMinor }: LedgerRefund,
): Promise<RefundAnswer | typeof LOST> {
  const [debit] = await readRecords(store, [debits(paymentId)]);
  const answer = refunds(paymentId, refundId);
  const unanswered = answer.absent("answered");
  if (debit.value?.kind === "approved") {
    const { account, period, sum } = debit.value;
    const all = refunded(paymentId);
    const given = { period: NO_PERIOD, delta: amountMinor };
    const done = { kind: "refunded" } as const;
    const result = await commit(store, {
      guards: [
        unanswered,
        debit.unchanged("debit"),
        all.within("sum", given, sum),
      ],
      writes: [
        answer.set(done),
        all.add(given),
        spending(account).add({ period, delta: -amountMinor }),
      ],
    });
    if (result.committed) return done;
    if (result.refusedBy === "debit") return LOST;
    if (result.refusedBy === "answered") {
      return answer.held(result.value).value!;
    }
  }
  const declined = {
    kind: "declined",
    reason: debit.value?.kind === "approved"
      ? "exceeds_payment"
      : debit.value?.kind === "reversed"
      ? "reversed"
      : "not_debited",
  } as const;
  const result = await commit(store, {
    guards: [unanswered, debit.unchanged("debit")],
    writes: [answer.set(declined)],
  });
  if (result.committed) return declined;
  return result.refusedBy === "debit" ? LOST : answer.held(result.value).value!;
}

/** Makes a {@linkcode SandboxLedger} in the store. */
export function createSandboxLedger(
  { store, random, pause = systemPause }: {
    store: Store;
    random: Random;
    pause?: Pause;
  },
): SandboxLedger {
  const tries = { tries: TRIES, backOff: createBackOff({ random, pause }) };
  const known: KnownAccounts = new Map();

  /** The result of an attempt; `null` if the store gave no certain answer. */
  async function certain<T>(
    attempt: () => Promise<T | typeof LOST>,
  ): Promise<T | null> {
    try {
      return await retry(attempt, tries);
    } catch (error) {
      if (!(error instanceof StoreUnavailableError)) throw error;
      return null;
    }
  }

  return {
    async debit(debit) {
      const record = await certain(() => tryDebit(store, known, debit));
      return record === null ? { kind: "unknown" } : answerOf(record);
    },

    async reverse(paymentId) {
      const done = await certain(() => tryReverse(store, paymentId));
      return { kind: done ?? "unknown" };
    },

    async query(paymentId) {
      const record = await certain(async () => {
        const [answer] = await readRecords(store, [debits(paymentId)]);
        return answer.value;
      });
      return record === null ? { kind: "unknown" } : answerOf(record);
    },

    refund: async (refund) =>
      await certain(() => tryRefund(store, refund)) ?? { kind: "unknown" },

    queryRefund: async (...ids) =>
      await certain(async () =>
        (await readRecords(store, [refunds(...ids)]))[0].value
      ) ?? { kind: "unknown" },

    async setAccount(accountId, { balanceMinor, currency }) {
      known.delete(accountId);
      await retry(async () => {
        const [account] = await readRecords(store, [accounts(accountId)]);
        const count = Number(account.value?.period ?? 0) + 1;
        const { committed } = await commit(store, {
          guards: [account.unchanged("account")],
          writes: [account.set({
            balance_minor: balanceMinor,
            currency,
            period: `${count}`.padStart(PERIOD_DIGITS, "0"),
          })],
        });
        return committed ? null : LOST;
      }, tries);
    },

    async getAccount(accountId) {
      const [account, { value: spent }] = await readRecords(store, [
        accounts(accountId),
        spending(accountId),
      ]);
      if (account.value === null) return { balanceMinor: 0, currency: null };
      const { balance_minor, currency, period } = account.value;
      const taken = amountIn(spent, period);
      return { balanceMinor: balance_minor - taken, currency };
    },
  };
}
