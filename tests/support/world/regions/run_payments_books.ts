/**
 * The books after a run: what the tills were told, what the payments are and
 * what the ledger has taken must be one and the same story.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import type { TestApp } from "../app.ts";
import type { RawRedis } from "../../redis/raw.ts";
import { parseOrder } from "../../../../edge/payment/order_form.ts";
import type { PaymentRecord } from "../../../../edge/payment/record.ts";
import {
  type Claim,
  type RunNotes,
  type Shop,
  START_MINOR,
} from "./run_payments.ts";

/** How payments ended. */
export interface Balance {
  readonly succeeded: number;
  /** Left open by a fault; none where something finishes them. */
  readonly open: number;
  /** Any other end. */
  readonly others: number;
}

/** Longer than any payment may stay open. */
const PAST_DEADLINES_MS = 600_000;

/** Finishes what is open, where the application can. */
async function sweep(app: TestApp): Promise<boolean> {
  const { sweeper } = app as {
    sweeper?: { sweep(): Promise<{ readonly due: number }> };
  };
  if (sweeper === undefined) return false;
  app.clock.advance(PAST_DEADLINES_MS);
  for (let i = 0; i < 20 && (await sweeper.sweep()).due > 0; i++) {
    app.clock.advance(PAST_DEADLINES_MS);
  }
  return true;
}

/** Reads all records whose names begin so. */
async function records(redis: RawRedis, kind: string) {
  const found = new Map<string, string>();
  const start = `oc:{0}:${kind}:`;
  const names: string[] = await redis.send("KEYS", `${start}*`);
  if (names.length === 0) return found;
  const values: string[] = await redis.send("MGET", ...names);
  for (const [i, name] of names.entries()) {
    found.set(name.slice(start.length), values[i]!);
  }
  return found;
}

/**
 * Holds the books against what was told. Nothing may fail any more.
 *
 * @throws {AssertionError} At the first contradiction.
 */
export async function checkBooks(
  app: TestApp,
  shop: Shop,
  notes: RunNotes,
  redis: RawRedis,
): Promise<Balance> {
  assertEquals(notes.lies, []);
  const finishes = await sweep(app);
  const orders = await records(redis, "order");
  const debits = await records(redis, "sandbox-debit");

  // No order has two payments, no code was accepted twice.
  const byOrder = new Map<string, PaymentRecord>();
  const claims = new Set<string>();
  const claim = ({ accountId, atMs }: Claim) => {
    const name = `${accountId} ${atMs}`;
    assert(!claims.has(name), `A code was accepted twice: ${name}`);
    claims.add(name);
  };
  for (const [name, text] of orders) {
    const { payment } = parseOrder(name, text);
    if (payment === null) continue;
    assert(!byOrder.has(payment.order_id), "An order has two payments");
    byOrder.set(payment.order_id, payment);
    // The clock stands in a round, so the time names the code.
    const atMs = payment.created_ms;
    claim({ accountId: payment.account_id, atMs });
  }
  notes.verified.forEach(claim);
  for (const { accountId, atMs } of notes.replayed) {
    assert(claims.has(`${accountId} ${atMs}`), "A fresh code was refused");
  }

  // What the tills were told is so, and every order has ended.
  const counts = { succeeded: 0, open: 0, others: 0 };
  const due = new Map<string, number>();
  for (const order of notes.orders.values()) {
    const payment = byOrder.get(order.id);
    const told = new Set([...order.paid, ...order.pending]);
    assert(told.size <= 1, "An order has two payments");
    for (const id of told) assertEquals(payment?.payment_id, id);
    const answer = await app.api.call(
      "GET",
      `/v1/payments?order_id=${order.id}`,
      { key: shop.merchant.key },
    );
    if (payment === undefined) {
      assertEquals(answer.status, 404);
      continue;
    }
    assertEquals(answer.body.status, payment.status);
    assertEquals(answer.body.payment_id, payment.payment_id);
    assertEquals(payment.amount_minor, order.amountMinor);
    if (order.paid.size > 0) assertEquals(payment.status, "succeeded");
    const { account_id, status, payment_id } = payment;
    const debit = debits.get(payment_id);
    const isDebited = debit !== undefined &&
      JSON.parse(debit).kind === "approved";
    const isOpen = status === "processing";
    if (status === "succeeded") counts.succeeded++;
    else if (isOpen) counts.open++;
    else counts.others++;
    if (isOpen) assert(!finishes, "A payment hangs");
    if (status === "succeeded" || (isOpen && isDebited)) {
      due.set(account_id, (due.get(account_id) ?? 0) + order.amountMinor);
    }
  }
  assertEquals(byOrder.size, counts.succeeded + counts.open + counts.others);

  // The ledger took what succeeded and not a cent more.
  for (const { accountId } of shop.phones) {
    const taken = START_MINOR - await app.api.balance(accountId);
    assertEquals(taken, due.get(accountId) ?? 0, accountId);
  }
  return counts;
}
