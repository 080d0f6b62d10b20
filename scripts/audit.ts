/**
 * `deno task audit < debits.jsonl`: compares what the wallet's ledger has moved
 * with what the store knows of it, after a fail-over or once a day. The ledger
 * is the witness: a store that lost an acknowledged transaction cannot say so.
 *
 * A line for each payment id that the ledger was asked for, as JSON:
 *
 *     {"payment_id":"pay_…","state":"debited","amount_minor":1250,"currency":"EUR"}
 *
 * `state` is `debited` while the money is taken and `reversed` where nothing
 * is, or is any more; other fields are passed over. It reads and writes nothing.
 *
 * @module
 */

import { TextLineStream } from "@std/streams/text-line-stream";
import { z } from "zod";
import { systemClock } from "../edge/clock.ts";
import { isId } from "../edge/ids.ts";
import { openStore } from "../edge/main.ts";
import type { PaymentRecord } from "../edge/payment/record.ts";
import { paymentKey } from "../edge/store/keys.ts";
import { type Store, StoreUnavailableError } from "../edge/store/store.ts";
import { misspelledSettings, settingsOf } from "../edge/setting_table.ts";
import { readStore } from "../edge/store_config.ts";

const debitLine = z.object({
  payment_id: z.string().refine((it) => isId("pay", it)),
  state: z.enum(["debited", "reversed"]),
  amount_minor: z.int().min(1),
  currency: z.string().regex(/^[A-Z]{3}$/),
});

/** What a ledger says of one payment. */
export type LedgerDebit = z.infer<typeof debitLine>;

/** What the store makes of it. */
export type Verdict =
  /** Both tell one story. */
  | "agrees"
  /** It has not ended yet, and need not have. */
  | "under way"
  /** The store was told of it and has lost it, or never was. */
  | "money was taken, the store does not know the payment"
  | "money was taken, the store calls the payment declined or reversed"
  | "money was taken, the payment should have ended by now"
  | "no money is taken, the store calls the payment succeeded"
  | "amount or currency differ";

/** Payments that are read in one go. */
const BATCH = 200;
/** After its deadline a payment is ended by the next sweep or two. */
const GRACE_MS = 60_000;

/** Judges one payment; `record` is `null` where the store has none. */
export function judge(
  debit: LedgerDebit,
  record: PaymentRecord | null,
  nowMs: number,
): Verdict {
  const taken = debit.state === "debited";
  if (record === null) {
    return taken
      ? "money was taken, the store does not know the payment"
      : "agrees";
  }
  if (
    record.amount_minor !== debit.amount_minor ||
    record.currency !== debit.currency
  ) return "amount or currency differ";
  switch (record.status) {
    case "succeeded":
      return taken
        ? "agrees"
        : "no money is taken, the store calls the payment succeeded";
    case "declined":
    case "reversed":
      return taken
        ? "money was taken, the store calls the payment declined or reversed"
        : "agrees";
    case "processing":
    case "awaiting_confirmation":
    case "reversing": {
      // A reversal begins long after the deadline, too: its own time counts.
      const sinceMs = Math.max(
        record.deadline_ms,
        Date.parse(record.updated_at),
      );
      return taken && nowMs > sinceMs + GRACE_MS
        ? "money was taken, the payment should have ended by now"
        : "under way";
    }
  }
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
    const keys = batch.map(({ payment_id }) => paymentKey(payment_id));
    const { values } = await store.read({ keys });
    for (const [i, debit] of batch.entries()) {
      const raw = values[i] ?? null;
      const record = raw === null ? null : JSON.parse(raw);
      yield { debit, verdict: judge(debit, record, nowMs) };
    }
    batch = [];
  }
  for await (const debit of debits) {
    batch.push(debit);
    if (batch.length === BATCH) yield* judged();
  }
  if (batch.length > 0) yield* judged();
}

/** What is wrong with the input or the settings, for the person who typed. */
class InputError extends Error {
  override readonly name = "InputError";
}

/** The debits on standard input, checked line by line. */
async function* readDebits(): AsyncGenerator<LedgerDebit> {
  const lines = Deno.stdin.readable.pipeThrough(new TextDecoderStream())
    .pipeThrough(new TextLineStream());
  let number = 0;
  for await (const line of lines) {
    number++;
    if (line.trim() === "") continue;
    yield parseLine(line, number);
  }
}

function parseLine(line: string, number: number): LedgerDebit {
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch {
    throw new InputError(`Line ${number} is not JSON`);
  }
  const debit = debitLine.safeParse(json);
  if (debit.success) return debit.data;
  const [issue] = debit.error.issues;
  const field = issue?.path.join(".") || "the line";
  throw new InputError(`Line ${number}: ${field} is not as it must be`);
}

async function main(): Promise<number> {
  const env = Deno.env.toObject();
  const faults = misspelledSettings(env);
  const config = readStore(settingsOf(env), faults);
  if (faults.length > 0) throw new InputError(faults.join("\n"));
  // A store that is made by looking at it would agree with nothing.
  if (config.kind === "sqlite") {
    await Deno.stat(config.path).catch(() => {
      throw new InputError("OFFCODE_STORE names a file that is not there");
    });
  }
  const store = await openStore(config, systemClock);
  const counts = { agrees: 0, "under way": 0, wrong: 0 };
  try {
    const nowMs = systemClock.nowMs();
    for await (const { debit, verdict } of audit(store, readDebits(), nowMs)) {
      if (verdict === "agrees" || verdict === "under way") {
        counts[verdict]++;
        continue;
      }
      counts.wrong++;
      const { payment_id, amount_minor, currency } = debit;
      console.log(`${payment_id} ${amount_minor} ${currency}: ${verdict}`);
    }
  } finally {
    await store.close();
  }
  console.log(
    `${counts.agrees} agree, ${counts["under way"]} under way, ` +
      `${counts.wrong} do not agree`,
  );
  return counts.wrong === 0 ? 0 : 1;
}

if (import.meta.main) {
  try {
    Deno.exit(await main());
  } catch (error) {
    const known = error instanceof InputError ||
      error instanceof StoreUnavailableError;
    if (!known) throw error;
    console.error(error.message);
    Deno.exit(2);
  }
}
