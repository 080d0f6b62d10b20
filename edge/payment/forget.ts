/**
 * Removes the ids of erased accounts from the records of their payments. An order then
 * names its payer only by the merchant's pseudonym, and a verification is deleted. The
 * task reads all records, so no request may run it. An index by account would make it
 * quick, but would cost every payment one more write.
 *
 * An account that does not exist has been erased. If the id was enrolled again after an
 * erasure, it belongs to a new account: only records from before the last erasure are
 * changed. A payment under way still needs its account, so its order is not changed
 * before the payment has ended.
 *
 * @module
 */

import type { Clock } from "../base/clock.ts";
import { erasureKeys, erasureTimes } from "../enrolment/erased.ts";
import { marks } from "../enrolment/writes.ts";
import { commit } from "../store/commit.ts";
import { ORDERS_PREFIX, VERIFICATIONS_PREFIX } from "../store/keys.ts";
import { type Held, readRecords } from "../store/record.ts";
import type { ListableStore } from "../store/store.ts";
import { verifiedAccounts } from "../verification/verifications.ts";
import { orders } from "./order_form.ts";
import { isSettled, type OrderRecord } from "./record.ts";

/** The number of records that are read at once. */
const BATCH = 200;
/** Replaces the id of an erased account. No account has this id. */
const NOBODY = "";

/** What {@linkcode forgetErased} needs. */
export interface ForgetDeps {
  readonly store: ListableStore;
  readonly clock: Clock;
  /** How long records are kept after their last change. */
  readonly recordMs: number;
}

/** What was done with some of the records. */
export interface Forgotten {
  readonly looked: number;
  /** Records from which the id of an erased account was removed. */
  readonly forgotten: number;
  /** Orders of erased accounts that are still under way. */
  readonly underWay: number;
}

/**
 * Reads all orders and verifications in batches, and yields the result of each batch.
 *
 * @throws {StoreUnavailableError} If the store does not answer. The task may then be
 * started again.
 */
export async function* forgetErased(
  deps: ForgetDeps,
): AsyncGenerator<Forgotten> {
  for await (const names of namesOf(deps.store, ORDERS_PREFIX)) {
    yield await forgetOrders(deps, names);
  }
  for await (const names of namesOf(deps.store, VERIFICATIONS_PREFIX)) {
    yield await forgetVerifications(deps, names);
  }
}

/** The names behind a prefix, a batch at a time. */
async function* namesOf(
  store: ListableStore,
  prefix: string,
): AsyncGenerator<readonly string[]> {
  let from: string | undefined;
  do {
    const page = await store.names(prefix, from);
    from = page.next ?? undefined;
    for (let at = 0; at < page.names.length; at += BATCH) {
      yield page.names.slice(at, at + BATCH)
        .map((name) => name.slice(prefix.length));
    }
  } while (from !== undefined);
}

/** A record that names an account, and the time when it was made. */
interface Named {
  readonly account_id: string;
  /** Unix ms. */
  readonly created_ms: number;
}

/** Whether a record names an erased account. */
type IsErased = (it: Named) => boolean;

/** Looks up which of the accounts that are named were erased, and when. */
async function erasuresOf(
  { store }: ForgetDeps,
  all: readonly Named[],
): Promise<IsErased> {
  const ids = new Set(all.map(({ account_id }) => account_id));
  ids.delete(NOBODY);
  const untilMs = new Map<string, number>();
  await Promise.all([...ids].map(async (id) => {
    untilMs.set(id, await erasedUntilMs(store, id));
  }));
  return ({ account_id, created_ms }) =>
    created_ms <= (untilMs.get(account_id) ?? -Infinity);
}

/**
 * Records that name this account and were made until this time, unix ms, belong to an
 * erased account. If the account does not exist, that is every record (`Infinity`). If
 * it was enrolled again, those are the records made until its last erasure. If it was
 * never erased, there is none (`-Infinity`).
 */
async function erasedUntilMs(
  store: Pick<ListableStore, "read">,
  accountId: string,
): Promise<number> {
  // The records about an erasure are local: reading the account's mark beside them
  // selects the account's cell.
  const mark = marks(accountId);
  const [held, key] = await readRecords(store, [mark, erasureKeys()]);
  if (held.isAbsent) return Infinity;
  if (key.value === null) return -Infinity;
  const erasure = erasureTimes(key.value, accountId);
  return (await readRecords(store, [mark, erasure]))[1].value ?? -Infinity;
}

const attemptsOf = ({ payment, earlier }: OrderRecord) => [
  ...(payment === null ? [] : [payment]),
  ...earlier,
];

async function forgetOrders(
  deps: ForgetDeps,
  names: readonly string[],
): Promise<Forgotten> {
  const held = (await readRecords(deps.store, names.map((it) => orders(it))))
    .filter(({ value }) => value !== null);
  const isErased = await erasuresOf(
    deps,
    held.flatMap(({ value }) => attemptsOf(value!)),
  );
  const mine = held.filter(({ value }) => attemptsOf(value!).some(isErased));
  const ended = mine.filter(({ value }) =>
    value!.payment === null || isSettled(value!.payment)
  );
  const done = await Promise.all(
    ended.map((it) => forgetOrder(deps, it, isErased)),
  );
  return {
    looked: names.length,
    forgotten: done.filter((it) => it).length,
    underWay: mine.length - ended.length,
  };
}

/**
 * Removes the ids from an order. Returns whether the order was changed; it was not if
 * another process changed it first.
 */
async function forgetOrder(
  { store, clock, recordMs }: ForgetDeps,
  held: Held<OrderRecord, "merchant">,
  isErased: IsErased,
): Promise<boolean> {
  const { payment, earlier, ...order } = held.value!;
  const forget = <T extends Named>(it: T): T =>
    isErased(it) ? { ...it, account_id: NOBODY } : it;
  const changedMs = Math.max(
    payment?.updated_ms ?? 0,
    ...(payment?.refunds ?? []).map(({ updated_ms }) => updated_ms),
  );
  const next = {
    ...order,
    payment: payment === null ? null : forget(payment),
    earlier: earlier.map(forget),
  };
  // The record expires when it would have expired without this change.
  const ttlMs = Math.max(1, changedMs + recordMs - clock.nowMs());
  const { committed } = await commit(store, {
    guards: [held.unchanged("order")],
    writes: [held.set(next, ttlMs)],
  });
  return committed;
}

async function forgetVerifications(
  deps: ForgetDeps,
  names: readonly string[],
): Promise<Forgotten> {
  const held = await readRecords(
    deps.store,
    names.map((it) => verifiedAccounts(it)),
  );
  const isErased = await erasuresOf(
    deps,
    held.flatMap(({ value }) => value ?? []),
  );
  const mine = held.filter(({ value }) => value !== null && isErased(value));
  // Each verification may be in another cell.
  const parts = deps.store.cells === undefined
    ? (mine.length > 0 ? [mine] : [])
    : mine.map((it) => [it]);
  for (const part of parts) {
    const writes = part.map((it) => it.delete());
    await commit(deps.store, { guards: [], writes });
  }
  return { looked: names.length, forgotten: mine.length, underWay: 0 };
}
