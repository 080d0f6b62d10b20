/**
 * The sandbox ledger: accounts with balances in the store, for development
 * and for trying Offcode out. An account that was never set has 0.
 *
 * What was taken since a balance was set is a counter, so that many debits of
 * one account at once need no retry: one transaction checks that the sum stays
 * within the balance and writes the answer under the payment id, which makes a
 * debit idempotent.
 *
 * @module
 */

import type { Random } from "../../base/clock.ts";
import { newRevision } from "../../base/ids.ts";
import {
  sandboxAccountKey,
  sandboxDebitKey,
  sandboxSpentKey,
} from "../../store/keys.ts";
import {
  type Store,
  StoreUnavailableError,
  unchanged,
  type Write,
} from "../../store/store.ts";
import type {
  Debit,
  DebitAnswer,
  DeclineReason,
  Ledger,
  SandboxAccounts,
} from "../ledger.ts";

/** The sandbox ledger with the calls that set it up. */
export type SandboxLedger = Ledger & SandboxAccounts;

interface AccountRecord {
  readonly balance_minor: number;
  readonly currency: string;
  /** Names the counter of what was taken since this balance was set. */
  readonly epoch: string;
}

/** Stored under the payment id: the final word about a debit. */
type DebitRecord =
  | { readonly kind: "declined"; readonly reason: DeclineReason }
  | {
    readonly kind: "approved";
    readonly counter: string;
    readonly sum: number;
  }
  | { readonly kind: "reversed" };

const TRIES = 5;
/** The counter of a balance lives until the balance is set again. */
const FOREVER_MS = Number.MAX_SAFE_INTEGER;

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

/** Makes a {@linkcode SandboxLedger} in the store. */
export function createSandboxLedger(
  deps: { store: Store; random: Random },
): SandboxLedger {
  const { store, random } = deps;

  async function readAccount(
    accountId: string,
  ): Promise<{ raw: string; record: AccountRecord } | null> {
    const [raw] =
      (await store.read({ keys: [sandboxAccountKey(accountId)] })).values;
    return raw == null ? null : { raw, record: JSON.parse(raw) };
  }

  const setDebit = (paymentId: string, record: DebitRecord): Write => ({
    kind: "set",
    key: sandboxDebitKey(paymentId),
    // Kept forever: the same payment id must always get the same answer.
    value: JSON.stringify(record),
  });

  async function tryDebit(debit: Debit): Promise<DebitRecord | "again"> {
    const { paymentId, accountId, amountMinor, currency } = debit;
    const account = await readAccount(accountId);
    const unanswered = {
      kind: "absent",
      key: sandboxDebitKey(paymentId),
    } as const;

    const reason = account === null
      ? "insufficient_funds"
      : account.record.currency !== currency
      ? "currency_mismatch"
      : null;
    if (account !== null && reason === null) {
      const counter = sandboxSpentKey(accountId, account.record.epoch);
      const approved: DebitRecord = {
        kind: "approved",
        counter,
        sum: amountMinor,
      };
      const result = await store.txn({
        checks: [
          unanswered,
          {
            kind: "equals",
            key: sandboxAccountKey(accountId),
            value: account.raw,
          },
          {
            kind: "sum-at-most",
            counter,
            delta: amountMinor,
            max: account.record.balance_minor,
          },
        ],
        writes: [setDebit(paymentId, approved), {
          kind: "add",
          counter,
          delta: amountMinor,
          expiresAtMs: FOREVER_MS,
        }],
      });
      if (result.committed) return approved;
      if (result.check === 0) return JSON.parse(result.value!);
      if (result.check === 1) return "again";
    }
    // A decline is written too: asked again, the ledger must not change its
    // mind, whatever was paid in meanwhile.
    const declined: DebitRecord = {
      kind: "declined",
      reason: reason ?? "insufficient_funds",
    };
    const result = await store.txn({
      checks: [unanswered],
      writes: [setDebit(paymentId, declined)],
    });
    return result.committed ? declined : JSON.parse(result.value!);
  }

  async function tryReverse(paymentId: string): Promise<"reversed" | "again"> {
    const key = sandboxDebitKey(paymentId);
    const [raw] = (await store.read({ keys: [key] })).values;
    const record = raw == null ? null : JSON.parse(raw) as DebitRecord;
    if (record?.kind === "reversed") return "reversed";
    const result = await store.txn({
      checks: [unchanged(key, raw)],
      writes: [
        setDebit(paymentId, { kind: "reversed" }),
        ...(record?.kind === "approved"
          ? [
            {
              kind: "add",
              counter: record.counter,
              delta: -record.sum,
              expiresAtMs: FOREVER_MS,
            } as const,
          ]
          : []),
      ],
    });
    return result.committed ? "reversed" : "again";
  }

  /** Up to five tries; `unknown` when the store gives no certain answer. */
  async function certain<T>(
    attempt: () => Promise<T | "again">,
  ): Promise<T | null> {
    try {
      for (let i = 0; i < TRIES; i++) {
        const answer = await attempt();
        if (answer !== "again") return answer;
      }
    } catch (error) {
      if (!(error instanceof StoreUnavailableError)) throw error;
    }
    return null;
  }

  return {
    async debit(debit) {
      const record = await certain(() => tryDebit(debit));
      return record === null ? { kind: "unknown" } : answerOf(record);
    },

    async reverse(paymentId) {
      const done = await certain(() => tryReverse(paymentId));
      return { kind: done ?? "unknown" };
    },

    async query(paymentId) {
      const raw = await certain(async () => {
        const key = sandboxDebitKey(paymentId);
        return (await store.read({ keys: [key] })).values[0] ?? null;
      });
      return raw === null ? { kind: "unknown" } : answerOf(JSON.parse(raw));
    },

    async setAccount(accountId, { balanceMinor, currency }) {
      const key = sandboxAccountKey(accountId);
      const record: AccountRecord = {
        balance_minor: balanceMinor,
        currency,
        epoch: newRevision(random),
      };
      const value = JSON.stringify(record);
      for (let i = 0; i < TRIES; i++) {
        const old = await readAccount(accountId);
        const result = await store.txn({
          checks: [unchanged(key, old?.raw)],
          writes: [
            { kind: "set", key, value },
            ...(old === null ? [] : [
              {
                kind: "delete",
                key: sandboxSpentKey(accountId, old.record.epoch),
              } as const,
            ]),
          ],
        });
        if (result.committed || result.value === value) return;
      }
      throw new StoreUnavailableError("refused");
    },

    async getAccount(accountId) {
      for (let i = 0; i < TRIES; i++) {
        const account = await readAccount(accountId);
        if (account === null) return { balanceMinor: 0, currency: null };
        const { epoch, balance_minor, currency } = account.record;
        const [raw, spent] = (await store.read({
          keys: [
            sandboxAccountKey(accountId),
            sandboxSpentKey(accountId, epoch),
          ],
        })).values;
        if (raw === account.raw) {
          return { balanceMinor: balance_minor - Number(spent ?? 0), currency };
        }
      }
      throw new StoreUnavailableError("refused");
    },
  };
}
