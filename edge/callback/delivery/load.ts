/**
 * Reads the messages that are due. A message that cannot be sent is removed from
 * its lane, in a transaction of its own, so that it does not hold up the others.
 *
 * @module
 */

import type { Clock } from "../../base/clock.ts";
import { isId } from "../../base/ids.ts";
import type { Log } from "../../base/log.ts";
import { commit, type Guard } from "../../store/commit.ts";
import { callbackKey, callbacksKey, latestFirst } from "../../store/keys.ts";
import {
  type Held,
  readRecords,
  type RecordPlace,
} from "../../store/record.ts";
import {
  type Store,
  StoreUnavailableError,
  type Write,
} from "../../store/store.ts";
import type { DueEntry } from "../message/lanes.ts";
import type { CallbackRecord } from "../message/record.ts";
import {
  callbackLists,
  deadLists,
  earlierAttempts,
  lanes,
  messageOf,
  messages,
  messageTtlMs,
} from "../message/stored.ts";
import type { DueMessage } from "./read_ahead.ts";

/** What loading needs. */
export interface LoadDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
}

/** Where a message waits. */
type Entry = Pick<DueEntry, "lane" | "id">;

/**
 * The `dead_reason` of a message that is too large to store; short, so that it
 * fits.
 */
const TOO_LARGE = "too large";

/**
 * Reads the messages of due entries. Entries without a message that can be sent
 * are removed from their lanes; `removed` counts them.
 */
export async function load(
  deps: LoadDeps,
  merchantId: string,
  due: readonly Entry[],
): Promise<{ messages: DueMessage[]; removed: number }> {
  const { cells } = deps.store;
  const named = due.filter(({ id }) =>
    isId("cb", id) &&
    // A message is in the cell of its merchant. No transaction could name another one.
    cells?.cellOf(callbackKey(id)) === cells?.cellOf(callbacksKey(merchantId))
  );
  for (const entry of due) {
    if (!named.includes(entry)) await removeUnreadable(deps, merchantId, entry);
  }
  const sound: DueMessage[] = [];
  const read = await readEach(deps, merchantId, named, messages);
  for (const [i, entry] of named.entries()) {
    const held = read[i]!;
    const message = held && await sift(deps, merchantId, entry, held);
    if (message !== null) sound.push(message);
  }
  const whole = await Promise.all(
    sound.map((message) => withEarlier(deps, merchantId, message)),
  );
  const found = whole.filter((message) => message !== null);
  return { messages: found, removed: due.length - found.length };
}

/**
 * Reads a record for each entry. A record that the store cannot read makes the
 * reading of all of them fail. They are then read one by one, and the entry of the
 * unreadable one is removed and gives `null`.
 */
async function readEach<T>(
  deps: LoadDeps,
  merchantId: string,
  entries: readonly Entry[],
  place: (id: string) => RecordPlace<T>,
): Promise<readonly (Held<T> | null)[]> {
  if (entries.length === 0) return [];
  try {
    return await readRecords(deps.store, entries.map(({ id }) => place(id)));
  } catch (error) {
    if (!isCorrupt(error)) throw error;
  }
  if (entries.length === 1) {
    await removeUnreadable(deps, merchantId, entries[0]!);
    return [null];
  }
  const each: (Held<T> | null)[] = [];
  for (const entry of entries) {
    each.push(...await readEach(deps, merchantId, [entry], place));
  }
  return each;
}

/**
 * The message of an entry, or `null` after the entry was removed from its lane.
 */
async function sift(
  deps: LoadDeps,
  merchantId: string,
  entry: Entry,
  held: Held<CallbackRecord>,
): Promise<DueMessage | null> {
  const { id, lane } = entry;
  const unchanged = held.unchanged("message");
  if (held.isAbsent) {
    // The message has expired, so its entries in the lists go as well.
    try {
      await remove(deps, merchantId, entry, [unchanged], [
        callbackLists(merchantId).remove(id),
        deadLists(merchantId).remove(id),
      ]);
    } catch (error) {
      // A store may read a value of another kind as absent, and report it as
      // corrupt only when it is written.
      if (!isCorrupt(error)) throw error;
      await removeUnreadable(deps, merchantId, entry);
    }
    return null;
  }
  const record = messageOf(held, id, merchantId);
  if (record === null) {
    await removeUnreadable(deps, merchantId, entry, [unchanged]);
    return null;
  }
  if (record.status !== "pending" || record.lane !== lane) {
    await remove(deps, merchantId, entry, [unchanged]);
    return null;
  }
  return { id, record, held, earlier: [] };
}

/**
 * A message with its attempts before the latest, or `null` after its entry was
 * removed. Each message's attempts are read alone, because a store that reads
 * several values at once may take a value of another kind for an absent one.
 */
async function withEarlier(
  deps: LoadDeps,
  merchantId: string,
  message: DueMessage,
): Promise<DueMessage | null> {
  const { id, record: { lane, last_attempt } } = message;
  if (last_attempt === undefined) return message;
  const entries = [{ id, lane }];
  const [held] = await readEach(deps, merchantId, entries, earlierAttempts);
  return held ? { ...message, earlier: held.value ?? [] } : null;
}

/**
 * Makes a message dead whose record would be too large for the store with its
 * lease or its attempt. `held` is the message as it is stored now.
 */
export async function endTooLarge(
  deps: LoadDeps,
  merchantId: string,
  { id, record }: DueMessage,
  held: Held<CallbackRecord>,
): Promise<void> {
  const entry = { id, lane: record.lane };
  const unchanged = held.unchanged("message");
  const { lease: _, last_attempt: __, ...rest } = record;
  const dead = { ...rest, status: "dead", dead_reason: TOO_LARGE } as const;
  const score = latestFirst(Date.parse(record.created_at));
  logDead(deps, merchantId, id, TOO_LARGE);
  try {
    await remove(deps, merchantId, entry, [unchanged], [
      held.set(dead, messageTtlMs(record, deps.clock.nowMs())),
      deadLists(merchantId).put(id, score),
    ]);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    // Even the record of a dead message would be too large, so the message is only
    // removed from its lane.
    await remove(deps, merchantId, entry, [unchanged]);
  }
}

async function removeUnreadable(
  deps: LoadDeps,
  merchantId: string,
  entry: Entry,
  guards: readonly Guard<string>[] = [],
): Promise<void> {
  logDead(deps, merchantId, entry.id, "its record cannot be read");
  await remove(deps, merchantId, entry, guards);
}

/** Removes an entry from its lane, if the guards hold. */
async function remove(
  { store }: LoadDeps,
  merchantId: string,
  { lane, id }: Entry,
  guards: readonly Guard<string>[],
  writes: readonly Write[] = [],
): Promise<void> {
  await commit(store, {
    guards,
    writes: [lanes(merchantId, lane).remove(id), ...writes],
    // It does not matter which call removed the entry, so a repeated transaction
    // does not have to recognize its own write.
    mine: () => false,
  });
}

function logDead(
  { log }: LoadDeps,
  merchantId: string,
  id: string,
  reason: string,
): void {
  const callbackId = isId("cb", id) ? id : "unknown";
  log("error", "callback dead", { callbackId, merchantId, reason });
}

function isCorrupt(error: unknown): boolean {
  return error instanceof StoreUnavailableError && error.fault === "corrupt";
}
