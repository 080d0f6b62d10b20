/**
 * Payments whose order and customer are in two cells. No transaction spans two cells, so the
 * claim of such a payment takes two (try – confirm – cancel):
 *
 *     T1 (merchant's cell)  the order is opened, with its due entry
 *     T2 (customer's cell)  the claim: the code is used and the limits are charged
 *
 * T1 comes first, because repeats of an order are frequent and must cost nothing. T2
 * decides, because only the customer's cell knows the code. The payment is decided when
 * its claim is committed. A process that continues a payment under way must therefore
 * read the claim, and must never act on the order alone.
 *
 * - *Fence*: a process that finds no claim writes a void one, so that a T2 that arrives
 *   later is refused.
 * - *Undo*: if T2 was refused, the process that received the refusal takes T1 back,
 *   before it answers the till. No other process may do this, because the till may
 *   already have an answer that names the payment.
 * - *Give back*: what a payment has taken from the limits is returned exactly once, in
 *   the customer's cell, before the end of the payment is written in the merchant's
 *   cell. If the customer's cell does not answer, the end is written all the same, with
 *   a note that the amount is still to be given back. The due entry stays until that is
 *   done.
 *
 * @module
 */

import { offlineRuns } from "../risk/limits.ts";
import { commit } from "../store/commit.ts";
import { accountKey, claimKey, deadKey, orderKey } from "../store/keys.ts";
import { type Held, json, plainText, recordKind } from "../store/record.ts";
import { LOST, retry } from "../store/retry.ts";
import type { Store } from "../store/store.ts";
import { orderNameOf } from "./payment_id.ts";
import type { ClaimRecord, PaymentRecord } from "./record.ts";
import { confirmations, type Current, planGiveBack } from "./transition.ts";

const DAY_MS = 86_400_000;

/**
 * How long a claim is kept: longer than its payment can be reversed, which ends two hours into
 * the next day at the latest.
 */
export const CLAIM_MS = 4 * DAY_MS;

/** Claims by the payment's id. */
export const claims = recordKind({
  key: claimKey,
  form: json<ClaimRecord>(),
  ttlMs: ({ state }) => state === "void" ? DAY_MS : CLAIM_MS,
});

/**
 * Marks payments whose T1 was taken back, so that a T1 that arrives later is refused.
 */
export const deadPayments = recordKind({
  key: deadKey,
  form: plainText,
  ttlMs: DAY_MS,
});

/** Whether a payment's order and its customer are in two cells. */
export function isCrossing(
  { cells }: Pick<Store, "cells">,
  paymentId: string,
): boolean {
  return cells !== undefined &&
    cells.cellOf(orderKey(orderNameOf(paymentId))) !==
      cells.cellOf(claimKey(paymentId));
}

/**
 * Whether a payment's account is not in the cell that the payment's id says: the payment was made
 * before the store was divided, or its account was erased and forgotten. Nothing can be given
 * back to such an account.
 */
export const isAccountGone = (
  { cells }: Pick<Store, "cells">,
  { payment_id, account_id }: Pick<PaymentRecord, "payment_id" | "account_id">,
): boolean =>
  cells !== undefined &&
  cells.cellOf(accountKey(account_id)) !== cells.cellOf(claimKey(payment_id));

/**
 * The claim of a payment. If there is none, a void one is written, so that none can follow.
 *
 * @throws {StoreUnavailableError} If the customer's cell does not answer.
 */
export async function fence(
  store: Store,
  paymentId: string,
): Promise<Held<ClaimRecord, "account">> {
  const place = claims(paymentId);
  const { held, write } = place.put({ state: "void" });
  const end = await commit(store, {
    guards: [place.absent("claim")],
    writes: [write],
  });
  return end.committed ? held : place.held(end.value);
}

/**
 * The most tries to give back. Each try may find that one more of the values it was
 * computed from has changed.
 */
const TRIES = 5;

/**
 * Gives back once what a payment has taken from its account's limits, and what else its claim
 * has written.
 *
 * @throws {StoreUnavailableError} If the customer's cell does not answer.
 */
export async function giveBackAcross(
  store: Store,
  current: Pick<Current, "payment" | "claim" | "seenOnlineRaw">,
): Promise<void> {
  const { payment } = current;
  const { payment_id, account_id } = payment;
  if (isAccountGone(store, payment)) return;
  let held = current.claim ?? await fence(store, payment_id);
  let { seenOnlineRaw } = current;
  if (seenOnlineRaw === undefined && isTaken(held)) {
    const run = offlineRuns(account_id).ref;
    seenOnlineRaw = (await store.read({ keys: [run] })).values[0] ?? null;
  }
  let guardIsOwn = true;
  await retry(async () => {
    if (!isTaken(held)) return;
    const back = planGiveBack({ payment, seenOnlineRaw }, guardIsOwn);
    const end = await commit(store, {
      guards: [held.unchanged("claim"), ...back.guards],
      writes: [
        held.set({ state: "given_back" }),
        confirmations(account_id).remove(payment_id),
        ...back.writes,
      ],
    });
    if (end.committed) return;
    if (end.refusedBy === "claim") held = held.again(end.value);
    else if (end.refusedBy === "seen") seenOnlineRaw = end.value;
    else guardIsOwn = false;
    return LOST;
  }, { tries: TRIES });
}

/**
 * Whether the claim has taken something from the limits that was not given back yet.
 */
export function isTaken(
  { value }: Pick<Held<ClaimRecord, "account">, "value">,
): boolean {
  return value?.state === "taken" || value?.state === "confirmed";
}

/**
 * Whether the customer still has to confirm, although the order does not say so. This
 * happens if the process that committed the claim ended before it changed the order.
 */
export function mustAwait(
  { value }: Held<ClaimRecord, "account">,
  { status, confirmed }: PaymentRecord,
): boolean {
  return status === "processing" && !confirmed && value?.state === "taken" &&
    value.awaits === true;
}
