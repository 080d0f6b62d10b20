/**
 * `deno task audit [--from time --to time] < debits.jsonl`: compares what the
 * wallet's ledger has moved with what the store knows of it, after a fail-over
 * or once a day. Each side can have lost what the other still has, and cannot
 * say so: so every payment of the ledger's list is looked up in the store, and
 * every payment that the store made in the span is looked up in the list.
 *
 * In a store of several cells a payment has two halves, its order in the
 * merchant's cell and its claim in the customer's, and one of them can be lost
 * alone. So both are read, and the claims are looked through as well.
 *
 * A line for each payment id that the ledger was asked for, as JSON:
 *
 *     {"payment_id":"pay_…","state":"debited","amount_minor":1250,"currency":"EUR"}
 *
 * `state` is `debited` while the money is taken, and `reversed` if no money was taken
 * or it was given back. `refunded_minor` is the sum of the refunds; without it nothing
 * was refunded. Other fields are ignored. The task writes nothing into the store.
 *
 * @module
 */

import { z } from "zod";
import { systemClock } from "../edge/base/clock.ts";
import {
  CLAIM_MS,
  claims,
  isAccountGone,
  isCrossing,
  isTaken,
} from "../edge/payment/crossing.ts";
import { orders, parseOrder } from "../edge/payment/order_form.ts";
import { isPaymentId, orderNameOf } from "../edge/payment/payment_id.ts";
import {
  type Attempt,
  attemptOf,
  type ClaimRecord,
  type PaymentRecord,
} from "../edge/payment/record.ts";
import {
  isRefunding,
  refundableMinor,
  refundedMinor,
} from "../edge/payment/refund.ts";
import { CLAIMS_PREFIX, ORDERS_PREFIX } from "../edge/store/keys.ts";
import { readRecords } from "../edge/store/record.ts";
import type { ListableStore, Store } from "../edge/store/store.ts";
import {
  InputError,
  linesOf,
  momentOf,
  readArguments,
  runCommand,
} from "./command.ts";
import { readStoreConfig, withFitStore } from "./task_store.ts";

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
  | "the payment should have ended by now, the ledger does not list it"
  /** The customer's cell has lost what the merchant's cell still knows, or the reverse. */
  | "the payment succeeded, its claim in the customer's cell is lost"
  | "the payment is declined or reversed, its limits were not given back"
  | "a code was claimed, the merchant's cell does not know the payment";

const BATCH = 200;
/**
 * How long after its deadline a payment may still be under way: the next sweep
 * or two end it.
 */
const GRACE_MS = 60_000;

/**
 * Judges one payment.
 *
 * @param debit `null` if the ledger does not list the payment.
 * @param attempt `null` if the store does not know it.
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

/**
 * Judges the half of a crossing payment that is in the customer's cell.
 *
 * @param claim `null` if the cell has none.
 */
export function judgeClaim(
  claim: ClaimRecord | null,
  attempt: Attempt & Pick<PaymentRecord, "owes">,
  nowMs: number,
): Verdict {
  const taken = isTaken({ value: claim });
  switch (attempt.status) {
    case "succeeded":
    case "refunded":
      return taken || nowMs > attempt.created_ms + CLAIM_MS - GRACE_MS
        ? "agrees"
        : "the payment succeeded, its claim in the customer's cell is lost";
    case "declined":
    case "reversed":
      return taken && attempt.owes === undefined
        ? "the payment is declined or reversed, its limits were not given back"
        : "agrees";
    default:
      return "agrees";
  }
}

/** Judges the claims of those payments on which everything else agrees. */
async function withClaims<
  It extends { readonly attempt: Attempt | null; readonly verdict: Verdict },
>(store: Store, judged: readonly It[], nowMs: number): Promise<It[]> {
  const crossing = judged.flatMap(({ attempt, verdict }, at) =>
    attempt !== null && verdict === "agrees" &&
      isCrossing(store, attempt.payment_id) && !isAccountGone(store, attempt)
      ? [{ attempt, at }]
      : []
  );
  if (crossing.length === 0) return [...judged];
  const held = await readRecords(
    store,
    crossing.map(({ attempt }) => claims(attempt.payment_id)),
  );
  const verdicts = new Map(
    crossing.map(({ attempt, at }, i) => [
      at,
      judgeClaim(held[i]!.value, attempt, nowMs),
    ]),
  );
  return judged.map((it, at) => ({
    ...it,
    verdict: verdicts.get(at) ?? it.verdict,
  }));
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
    const found = records.flatMap((record) => {
      if (record.kind !== "value") return [];
      const name = record.name.slice(ORDERS_PREFIX.length);
      // The attempts before the latest were all declined.
      const { payment } = parseOrder(name, record.value);
      if (payment === null) return [];
      const { payment_id, created_ms } = payment;
      if (created_ms < span.fromMs || created_ms >= span.toMs) return [];
      if (judged.has(payment_id)) return [];
      judged.add(payment_id);
      const verdict = judge(null, payment, nowMs);
      return [{ payment, attempt: payment, verdict }];
    });
    yield* await withClaims(store, found, nowMs);
  } while (from !== undefined);
}

/**
 * Finds the claims of payments that the merchant's cell does not know and the ledger does not
 * list, each once.
 *
 * @throws {StoreUnavailableError} When the store cannot be asked.
 */
export async function* auditClaims(
  store: ListableStore,
  listed: ReadonlySet<string>,
): AsyncGenerator<{ paymentId: string; verdict: Verdict }> {
  // In one cell order and claim are one record.
  if (store.cells === undefined) return;
  const judged = new Set(listed);
  let from: string | undefined;
  do {
    const { records, next } = await store.records(CLAIMS_PREFIX, from);
    from = next ?? undefined;
    const ids = records.flatMap((record) => {
      const id = record.name.slice(CLAIMS_PREFIX.length);
      if (record.kind !== "value" || judged.has(id)) return [];
      judged.add(id);
      return isTaken(claims(id).held(record.value)) ? [id] : [];
    });
    if (ids.length === 0) continue;
    // The orders are read after the claims, because each is written before its claim.
    const held = await readRecords(
      store,
      ids.map((it) => orders(orderNameOf(it))),
    );
    for (const [i, paymentId] of ids.entries()) {
      const order = held[i]!.value;
      if (order !== null && attemptOf(order, paymentId) !== null) continue;
      const verdict =
        "a code was claimed, the merchant's cell does not know the payment";
      yield { paymentId, verdict };
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
    const held = await readRecords(
      store,
      batch.map(({ payment_id }) => orders(orderNameOf(payment_id))),
    );
    const found = batch.map((debit, i) => {
      const order = held[i]!.value;
      const attempt = order && attemptOf(order, debit.payment_id);
      return { debit, attempt, verdict: judge(debit, attempt, nowMs) };
    });
    yield* await withClaims(store, found, nowMs);
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
  return await withFitStore(config, (store) => auditAll(store, span, nowMs));
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
    if (counts.agrees + counts["under way"] + counts.wrong === 0) {
      throw new InputError(
        "No debit was listed, and without --from and --to the store was not " +
          "looked through: nothing was compared",
      );
    }
    console.error(
      "The store's payments were not looked through: --from and --to do it",
    );
  } else {
    const others = auditStore(store, listed, span, nowMs);
    for await (const { payment, verdict } of others) count(payment, verdict);
    for await (
      const { paymentId, verdict } of auditClaims(store, listed)
    ) {
      counts.wrong++;
      console.log(`${paymentId}: ${verdict}`);
    }
  }
  console.log(
    `${counts.agrees} agree, ${counts["under way"]} under way, ` +
      `${counts.wrong} do not agree`,
  );
  return counts.wrong === 0 ? 0 : 1;
}

if (import.meta.main) await runCommand(main);
