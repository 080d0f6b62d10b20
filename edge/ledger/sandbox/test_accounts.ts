/**
 * The sandbox ledger's accounts of test cases. Accounts with names `sandbox.<case>.…`
 * behave as the table of `test_answers.ts` says; all others behave as usual.
 *
 * A reversal or a refund does not name the account. The first debit of a payment
 * therefore stores a note of what the ledger must know later, for as long as it counts.
 *
 * @module
 */

import { sandboxTestKey } from "../../store/keys.ts";
import { commit } from "../../store/commit.ts";
import { plainText, readRecords, recordKind } from "../../store/record.ts";
import { type Store, StoreUnavailableError } from "../../store/store.ts";
import type { RefundAnswer, RefundDeclineReason } from "../ledger.ts";
import { type LedgerRule, ledgerRuleOf } from "../test_answers.ts";
import type { SandboxLedger } from "./sandbox.ts";

/**
 * The note of a payment. `silent`: no call about it is answered. `asked`: its first
 * debit was not answered, and the next one is. `away`: the next reversal or refund is
 * not answered. Any other note is the reason with which refunds are declined.
 */
type Note = "silent" | "asked" | "away" | RefundDeclineReason;

const HOUR_MS = 3_600_000;
const notes = recordKind({ key: sandboxTestKey, form: plainText });

/** The note that a rule writes at a payment's first debit, and how long it is kept. */
function noteOf(
  { isSilent, losesNext, declinesRefunds }: LedgerRule,
): { note: Note; ttlMs?: number } | null {
  if (isSilent === "hour") return { note: "silent", ttlMs: HOUR_MS };
  if (isSilent === "once") return { note: "asked", ttlMs: HOUR_MS };
  if (losesNext) return { note: "away" };
  return declinesRefunds === undefined ? null : { note: declinesRefunds };
}

/** Writes the note of a payment; answers whether there was none. */
async function writeNote(
  store: Store,
  paymentId: string,
  rule: LedgerRule,
): Promise<boolean> {
  const it = noteOf(rule);
  if (it === null) return false;
  const place = notes(paymentId);
  const { committed } = await commit(store, {
    guards: [place.absent("note")],
    writes: [place.set(it.note, it.ttlMs)],
    mine: () => false,
  });
  return committed;
}

/**
 * Reads the note of a payment for a reversal or a refund. The note `away` is deleted
 * when it is read, because only one call is not answered.
 */
async function takeNote(
  store: Store,
  paymentId: string,
): Promise<Note | null> {
  const [held] = await readRecords(store, [notes(paymentId)]);
  const note = held.value as Note | null;
  if (note !== "away") return note;
  const { committed } = await commit(store, {
    guards: [held.unchanged("note")],
    writes: [held.delete()],
    mine: () => false,
  });
  return committed ? note : null;
}

const UNKNOWN = { kind: "unknown" } as const;

/** The result of `work`; unknown if the store gave no certain answer. */
async function certain<T>(
  work: () => Promise<T>,
): Promise<T | typeof UNKNOWN> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof StoreUnavailableError)) throw error;
    return UNKNOWN;
  }
}

/** The sandbox ledger with the accounts of test cases. */
export function withTestAccounts(
  sandbox: SandboxLedger,
  store: Store,
): SandboxLedger {
  const isAway = (note: Note | null) => note === "silent" || note === "away";

  async function refundOf(
    paymentId: string,
    ask: () => Promise<RefundAnswer>,
  ): Promise<RefundAnswer> {
    const note = await takeNote(store, paymentId);
    if (isAway(note)) return UNKNOWN;
    return note === null || note === "asked"
      ? await ask()
      : { kind: "declined", reason: note as RefundDeclineReason };
  }

  return {
    ...sandbox,
    debit: (debit, options) =>
      certain(async () => {
        const rule = ledgerRuleOf(debit.accountId);
        if (rule === null) return await sandbox.debit(debit, options);
        const isFirst = await writeNote(store, debit.paymentId, rule);
        if (rule.isSilent === "hour" || (rule.isSilent && isFirst)) {
          return UNKNOWN;
        }
        if (rule.declines !== undefined) {
          return { kind: "declined", reason: rule.declines };
        }
        return rule.asksCustomer && !options.confirmed
          ? { kind: "needs-confirmation" }
          : await sandbox.debit(debit, options);
      }),
    reverse: (paymentId) =>
      certain(async () =>
        isAway(await takeNote(store, paymentId))
          ? UNKNOWN
          : await sandbox.reverse(paymentId)
      ),
    refund: (refund) =>
      certain(() => refundOf(refund.paymentId, () => sandbox.refund(refund))),
    queryRefund: (paymentId, refundId) =>
      certain(() =>
        refundOf(paymentId, () => sandbox.queryRefund(paymentId, refundId))
      ),
  };
}
