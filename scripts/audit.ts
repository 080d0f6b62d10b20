/**
 * `deno task audit [--from time --to time] < debits.jsonl`: compares what the
 * wallet's ledger has moved with what the store knows of it, after a fail-over
 * or once a day. Each side can have lost what the other still has, and cannot
 * say so: so every payment of the ledger's list is looked up in the store, and
 * every payment that the store made in the span is looked up in the list.
 *
 * A line for each payment id that the ledger was asked for, as JSON:
 *
 *     {"payment_id":"pay_…","state":"debited","amount_minor":1250,"currency":"EUR"}
 *
 * `state` is `debited` while the money is taken and `reversed` where nothing
 * is, or is any more; `refunded_minor` is what refunds gave back, none if absent;
 * other fields are passed over. It reads and writes nothing.
 *
 * @module
 */

import { z } from "zod";
import { systemClock } from "../edge/base/clock.ts";
import { parseOrder } from "../edge/payment/order_form.ts";
import { isPaymentId, orderNameOf } from "../edge/payment/payment_id.ts";
import {
  type Attempt,
  attemptOf,
  type PaymentRecord,
} from "../edge/payment/record.ts";
import {
  isRefunding,
  refundableMinor,
  refundedMinor,
} from "../edge/payment/refund.ts";
import { orderKey, ORDERS_PREFIX } from "../edge/store/keys.ts";
import type { ListableStore, Store } from "../edge/store/store.ts";
import {
  InputError,
  linesOf,
  momentOf,
  readArguments,
  runCommand,
} from "./command.ts";
import { readStoreConfig, withStore } from "./task_store.ts";

const debitLine = z.object({
  payment_id: z.string().refine(isPaymentId),
  state: z.enum(["debited", "reversed"]),
  amount_minor: z.int().min(1),
  currency: z.string().regex(/^[A-Z]{3}$/),
  refunded_minor: z.int().min(0).optional(),
});

/** What a ledger says of one payment. */
export type LedgerDebit = z.infer<typeof debitLine>;

/** What an audit finds about a payment. */
export type Verdict =
  /** The ledger and the store say the same. */
  | "agrees"
  /** The payment has not ended yet, and its deadline has not passed. */
  | "under way"
  /** The store has lost the payment, or never had it. */
  | "money was taken, the store does not know the payment"
  | "money was taken, the store calls the payment declined or reversed"
  | "money was taken, the payment should have ended by now"
  | "no money is taken, the store calls the payment succeeded"
  | "amount or currency differ"
  | "what was refunded differs"
  | "the store calls the payment succeeded, the ledger does not list it"
  | "the payment should have ended by now, the ledger does not list it";

const BATCH = 200;
/**
 * How long after its deadline a payment may still be under way: the next sweep
 * or two end it.
 */
const GRACE_MS = 60_000;

/**
 * Judges one payment.
 *
 * @param debit `null` where the ledger does not list it.
 * @param attempt `null` where the store has none.
 */
export function judge(
  debit: LedgerDebit | null,
  attempt: Attempt | null,
  nowMs: number,
): Verdict {
  const taken = debit?.state === "debited";
  if (attempt === null) {
    return taken
      ? "money was taken, the store does not know the payment"
      : "agrees";
  }
  const differ = debit !== null &&
    (attempt.amount_minor !== debit.amount_minor ||
      attempt.currency !== debit.currency);
  if (differ) return "amount or currency differ";
  switch (attempt.status) {
    case "succeeded":
    case "refunded":
      if (taken) return judgeRefunds(debit, attempt);
      return debit === null
        ? "the store calls the payment succeeded, the ledger does not list it"
        : "no money is taken, the store calls the payment succeeded";
    case "declined":
    case "reversed":
      return taken
        ? "money was taken, the store calls the payment declined or reversed"
        : "agrees";
    default: {
      // A reversal also begins long after the deadline, so the time of the last
      // change counts, too.
      const { deadline_ms = 0, updated_ms } = attempt;
      const isLate = nowMs > Math.max(deadline_ms, updated_ms) + GRACE_MS;
      if (!isLate || debit?.state === "reversed") return "under way";
      return taken
        ? "money was taken, the payment should have ended by now"
        : "the payment should have ended by now, the ledger does not list it";
    }
  }
}

/**
 * Compares what was refunded. A refund under way may or may not have reached
 * the ledger.
 */
function judgeRefunds(
  { refunded_minor = 0 }: LedgerDebit,
  attempt: Attempt,
): Verdict {
  const least = refundedMinor(attempt);
  const most = attempt.amount_minor - refundableMinor(attempt);
  if (refunded_minor < least || refunded_minor > most) {
    return "what was refunded differs";
  }
  return isRefunding(attempt) ? "under way" : "agrees";
}

/** A span of time, unix ms; `toMs` is exclusive. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * Judges every payment that the store made in a span and the ledger does not
 * list, each once.
 *
 * @throws {StoreUnavailableError} When the store cannot be asked.
 */
export async function* auditStore(
  store: ListableStore,
  listed: ReadonlySet<string>,
  span: Span,
  nowMs: number,
): AsyncGenerator<{ payment: PaymentRecord; verdict: Verdict }> {
  /** The store may give a record more than once. */
  const judged = new Set(listed);
  let from: string | undefined;
  do {
    const { records, next } = await store.records(ORDERS_PREFIX, from);
    from = next ?? undefined;
    for (const record of records) {
      if (record.kind !== "value") continue;
      const name = record.name.slice(ORDERS_PREFIX.length);
      // The attempts before the latest were all declined.
      const { payment } = parseOrder(name, record.value);
      if (payment === null) continue;
      const { payment_id, created_ms } = payment;
      if (created_ms < span.fromMs || created_ms >= span.toMs) continue;
      if (judged.has(payment_id)) continue;
      judged.add(payment_id);
      yield { payment, verdict: judge(null, payment, nowMs) };
    }
  } while (from !== undefined);
}

/**
 * Judges every payment of a ledger, in its order.
 *
 * @throws {StoreUnavailableError} When the store cannot be asked.
 */
export async function* audit(
  store: Store,
  debits: AsyncIterable<LedgerDebit> | Iterable<LedgerDebit>,
  nowMs: number,
): AsyncGenerator<{ debit: LedgerDebit; verdict: Verdict }> {
  let batch: LedgerDebit[] = [];
  async function* judged() {
    const names = batch.map(({ payment_id }) => orderNameOf(payment_id));
    const { values } = await store.read({ keys: names.map(orderKey) });
    for (const [i, debit] of batch.entries()) {
      const raw = values[i] ?? null;
      const attempt = raw === null
        ? null
        : attemptOf(parseOrder(names[i]!, raw), debit.payment_id);
      yield { debit, verdict: judge(debit, attempt, nowMs) };
    }
    batch = [];
  }
  for await (const debit of debits) {
    batch.push(debit);
    if (batch.length === BATCH) yield* judged();
  }
  if (batch.length > 0) yield* judged();
}

/** The debits on standard input, checked line by line. */
async function* readDebits(): AsyncGenerator<LedgerDebit> {
  let number = 0;
  for await (const line of linesOf(Deno.stdin.readable)) {
    number++;
    if (line.trim() === "") continue;
    let json: unknown;
    try {
      json = JSON.parse(line);
    } catch {
      throw new InputError(`Line ${number} is not JSON`);
    }
    const { data, error } = debitLine.safeParse(json);
    if (data !== undefined) {
      yield data;
      continue;
    }
    const field = error!.issues[0]?.path.join(".") || "the line";
    throw new InputError(`Line ${number}: ${field} is not as it must be`);
  }
}

const USAGE = `Usage: deno task audit [--from <time> --to <time>] < debits.jsonl

  --from, --to  look through the payments that the store made from then until
                then, such as 2026-02-02T00:00:00Z, for those that the list
                lacks; the list must hold all debits from --from until five
                minutes after --to at least`;

/** How long after it was made a payment may still be on its way to the ledger. */
const SETTLED_MS = 300_000;

function parseSpan(args: readonly string[], nowMs: number): Span | null {
  const { from, to } = readArguments(args, USAGE, {
    from: { type: "string" },
    to: { type: "string" },
  });
  if (from === undefined && to === undefined) return null;
  if (from === undefined || to === undefined) {
    throw new InputError(`--from and --to go together.\n\n${USAGE}`);
  }
  const [fromMs, toMs] = [momentOf(from), momentOf(to)];
  if (Number.isNaN(fromMs + toMs)) {
    const name = Number.isNaN(fromMs) ? "--from" : "--to";
    throw new InputError(`${name} takes a time.\n\n${USAGE}`);
  }
  if (fromMs >= toMs) throw new InputError("--from must be earlier than --to");
  if (toMs <= nowMs - SETTLED_MS) return { fromMs, toMs };
  throw new InputError(
    "--to must be five minutes ago or earlier: later payments may still be " +
      "on their way to the ledger",
  );
}

async function main(args: readonly string[]): Promise<number> {
  const nowMs = systemClock.nowMs();
  const span = parseSpan(args, nowMs);
  const config = readStoreConfig(Deno.env.toObject());
  return await withStore(config, (store) => auditAll(store, span, nowMs));
}

async function auditAll(
  store: ListableStore,
  span: Span | null,
  nowMs: number,
): Promise<number> {
  const counts = { agrees: 0, "under way": 0, wrong: 0 };
  const count = (payment: LedgerDebit | PaymentRecord, verdict: Verdict) => {
    if (verdict === "agrees" || verdict === "under way") {
      counts[verdict]++;
      return;
    }
    counts.wrong++;
    const { payment_id, amount_minor, currency } = payment;
    console.log(`${payment_id} ${amount_minor} ${currency}: ${verdict}`);
  };
  const listed = new Set<string>();
  for await (const { debit, verdict } of audit(store, readDebits(), nowMs)) {
    count(debit, verdict);
    if (span !== null) listed.add(debit.payment_id);
  }
  if (span === null) {
    console.error(
      "The store's payments were not looked through: --from and --to do it",
    );
  } else {
    const others = auditStore(store, listed, span, nowMs);
    for await (const { payment, verdict } of others) count(payment, verdict);
  }
  console.log(
    `${counts.agrees} agree, ${counts["under way"]} under way, ` +
      `${counts.wrong} do not agree`,
  );
  return counts.wrong === 0 ? 0 : 1;
}

if (import.meta.main) await runCommand(main);
