/**
 * The records of what is due. What cannot be sent is taken out of the lanes
 * here, each message for itself, so that none of them holds up the others.
 *
 * @module
 */

import type { Clock } from "../../base/clock.ts";
import { isId } from "../../base/ids.ts";
import type { Log } from "../../base/log.ts";
import {
  callbackAttemptsKey,
  callbackKey,
  callbackLaneKey,
  callbacksKey,
  deadCallbacksKey,
  latestFirst,
} from "../../store/keys.ts";
import {
  type Check,
  type Store,
  StoreUnavailableError,
  type Write,
} from "../../store/store.ts";
import type { Candidate, DueEntry } from "../message/lanes.ts";
import { messageTtlMs } from "../message/stored.ts";
import type { CallbackRecord } from "../message/record.ts";
import { parseCallback } from "./raw.ts";

/** Where a message waits. */
type Entry = Pick<DueEntry, "lane" | "id">;

/** Loads messages. */
export interface Loader {
  /** The records of what is due; what cannot be sent is taken out. */
  load(
    merchantId: string,
    due: readonly Entry[],
  ): Promise<{ candidates: Candidate[]; removed: number }>;
  /** Ends a message that has no room for a lease or an end: it is dead. */
  remove(merchantId: string, candidate: Candidate): Promise<void>;
}

/** Why a message died that the store has no room for; short, to have room. */
const TOO_LARGE = "too large";

function isCorrupt(error: unknown): boolean {
  return error instanceof StoreUnavailableError && error.fault === "corrupt";
}

/** Makes a {@linkcode Loader}. */
export function createLoader(
  { store, clock, log }: { store: Store; clock: Clock; log: Log },
): Loader {
  /** Takes an entry out of its lane, while `checks` hold. */
  async function unqueue(
    merchantId: string,
    { lane, id }: Entry,
    checks: readonly Check[],
    writes: readonly Write[] = [],
  ): Promise<void> {
    const index = callbackLaneKey(merchantId, lane);
    await store.txn({
      checks,
      writes: [{ kind: "unindex", index, member: id }, ...writes],
    });
  }

  function tellDead(merchantId: string, id: string, reason: string): void {
    const callbackId = isId("cb", id) ? id : "unknown";
    log("error", "callback dead", { callbackId, merchantId, reason });
  }

  async function unqueueUnreadable(
    merchantId: string,
    entry: Entry,
    checks: readonly Check[],
  ): Promise<void> {
    tellDead(merchantId, entry.id, "its record cannot be read");
    await unqueue(merchantId, entry, checks);
  }

  /** The record of an entry, or `null` after it was taken out. */
  async function sift(
    merchantId: string,
    entry: Entry,
    raw: string | null,
  ): Promise<Candidate | null> {
    const { id, lane } = entry;
    const key = callbackKey(id);
    if (raw === null) {
      // It was kept for as long as it had to be.
      try {
        await unqueue(merchantId, entry, [{ kind: "absent", key }], [
          { kind: "unindex", index: callbacksKey(merchantId), member: id },
          { kind: "unindex", index: deadCallbacksKey(merchantId), member: id },
        ]);
      } catch (error) {
        // A store may take a record of another kind for none, and tell here.
        if (!isCorrupt(error)) throw error;
        await unqueueUnreadable(merchantId, entry, []);
      }
      return null;
    }
    const check: Check = { kind: "equals", key, value: raw };
    const record = parseCallback(id, raw);
    if (record === null || record.merchant_id !== merchantId) {
      await unqueueUnreadable(merchantId, entry, [check]);
      return null;
    }
    if (record.status !== "pending" || record.lane !== lane) {
      await unqueue(merchantId, entry, [check]);
      return null;
    }
    return { id, record, raw, attemptsRaw: null };
  }

  /** Reads what entries have; of those that cannot be read nothing is given. */
  async function readValues(
    merchantId: string,
    due: readonly Entry[],
    keys: readonly string[],
  ): Promise<readonly (string | null)[] | null> {
    try {
      return (await store.read({ keys })).values;
    } catch (error) {
      if (!isCorrupt(error)) throw error;
      if (due.length > 1) return null;
      await unqueueUnreadable(merchantId, due[0]!, []);
      return null;
    }
  }

  /** Those of which one spoiled the reading of all, each for itself. */
  async function loadEach(
    merchantId: string,
    due: readonly Entry[],
  ): Promise<Candidate[]> {
    const candidates: Candidate[] = [];
    // A single one that cannot be read was taken out.
    if (due.length === 1) return candidates;
    for (const entry of due) {
      candidates.push(...(await load(merchantId, [entry])).candidates);
    }
    return candidates;
  }

  /**
   * The same message with its attempts before the latest, or `null` after it
   * was taken out. They are read for themselves: of several values that are read
   * at once, a store may take one of another kind for none.
   */
  async function withAttempts(
    merchantId: string,
    candidate: Candidate,
  ): Promise<Candidate | null> {
    const { id, record: { lane, last_attempt } } = candidate;
    if (last_attempt === undefined) return candidate;
    const keys = [callbackAttemptsKey(id)];
    const values = await readValues(merchantId, [{ id, lane }], keys);
    return values && { ...candidate, attemptsRaw: values[0] ?? null };
  }

  async function load(
    merchantId: string,
    due: readonly Entry[],
  ): Promise<{ candidates: Candidate[]; removed: number }> {
    const named = due.filter(({ id }) => isId("cb", id));
    for (const entry of due.filter(({ id }) => !isId("cb", id))) {
      await unqueueUnreadable(merchantId, entry, []);
    }
    const candidates: Candidate[] = [];
    if (named.length === 0) return { candidates, removed: due.length };
    const keys = named.map(({ id }) => callbackKey(id));
    const values = await readValues(merchantId, named, keys);
    if (values === null) {
      candidates.push(...await loadEach(merchantId, named));
    } else {
      const sifted: Candidate[] = [];
      for (const [i, entry] of named.entries()) {
        const found = await sift(merchantId, entry, values[i] ?? null);
        if (found !== null) sifted.push(found);
      }
      const whole = await Promise.all(
        sifted.map((it) => withAttempts(merchantId, it)),
      );
      candidates.push(...whole.filter((it) => it !== null));
    }
    return { candidates, removed: due.length - candidates.length };
  }

  /** What makes a message dead, with nothing in it that can be left out. */
  function planDeath(merchantId: string, record: CallbackRecord): Write[] {
    const { lease: _, last_attempt: __, ...rest } = record;
    const dead: CallbackRecord = {
      ...rest,
      status: "dead",
      dead_reason: TOO_LARGE,
    };
    return [
      {
        kind: "set",
        key: callbackKey(record.callback_id),
        value: JSON.stringify(dead),
        ttlMs: messageTtlMs(record, clock.nowMs()),
      },
      {
        kind: "index",
        index: deadCallbacksKey(merchantId),
        member: record.callback_id,
        score: latestFirst(Date.parse(record.created_at)),
      },
    ];
  }

  return {
    load,

    async remove(merchantId, { id, record, raw }) {
      const checks: Check[] = [
        { kind: "equals", key: callbackKey(id), value: raw },
      ];
      const entry = { id, lane: record.lane };
      tellDead(merchantId, id, TOO_LARGE);
      try {
        await unqueue(merchantId, entry, checks, planDeath(merchantId, record));
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
        // There is no room even for its end. It must not wait all the same.
        await unqueue(merchantId, entry, checks);
      }
    },
  };
}
