/**
 * Records in the store that this process uses it, so that nobody moves the records to
 * another store while an edge uses them. It also stops this process from using a store
 * whose records were moved.
 *
 * The presence is a record that expires, so that a process that was killed does not
 * prevent a migration for long. The transaction that writes the presence also checks
 * that no migration is under way. A process that could not renew its presence stops
 * using the store before the record expires. A process that was paused can therefore
 * not pay from a store whose records were moved meanwhile. The age of the presence is
 * measured by a monotonic timer.
 *
 * With several cells there are two places: cell 0, and a second cell for a process that
 * has used the store and cannot reach cell 0 any more. A migration is written into both
 * places before it looks for processes in both. A process therefore needs only one of
 * the places, and the migration misses no process.
 *
 * @module
 */

import { newRevision } from "../base/ids.ts";
import type { Random } from "../base/clock.ts";
import type { Log } from "../base/log.ts";
import { commit } from "../store/commit.ts";
import { inCell, secondCell } from "../store/cells.ts";
import { presenceKey, secondPresenceKey } from "../store/keys.ts";
import {
  type Held,
  plainText,
  readRecords,
  recordKind,
  type RecordPlace,
} from "../store/record.ts";
import { LOST, retry } from "../store/retry.ts";
import {
  type Cells,
  type Store,
  StoreUnavailableError,
} from "../store/store.ts";
import {
  type Migration,
  migrationRefusal,
  migrations,
  secondMigrations,
} from "./migration.ts";

/** How long a presence lasts after it was renewed. */
const PRESENCE_MS = 30_000;
/** After this time the presence is renewed in the background. */
const RENEW_MS = 10_000;
/**
 * After this time the store is not used until it is renewed. A request that began just before
 * may write for five seconds more.
 */
const STALE_MS = 20_000;

/** The presence of this process in the store. */
export interface Presence {
  /**
   * Why the store must not be used, or `null` if it may be used. The presence is renewed if it
   * is old, and before the answer if it is too old.
   *
   * @throws {StoreUnavailableError} If it is too old and the store does not answer.
   */
  refusal(): Promise<string | null>;
  /** Whether the store may be used at this moment. */
  isHeld(): boolean;
  /** Takes the presence back, if it was written; the store must not be used any more. */
  end(): Promise<void>;
}

/** The presence of a process; its text says where the process is. */
export const presences = recordKind({ key: presenceKey, form: plainText });

/** The presence of a process in the second cell. */
export const secondPresences = recordKind({
  key: (processId: string, cells: Cells) =>
    inCell(secondPresenceKey(processId), secondCell(cells)),
  form: plainText,
});

/** A place where a presence may be. */
interface Spot {
  readonly mine: RecordPlace<string>;
  readonly migrations: RecordPlace<Migration>;
  /** The migration as it was last read there. */
  migration: Held<Migration>;
}

const spotOf = (
  mine: RecordPlace<string>,
  migrations: RecordPlace<Migration>,
): Spot => ({ mine, migrations, migration: migrations.held(null) });

/** What a presence needs. */
export interface PresenceDeps {
  readonly store: Store;
  readonly random: Random;
  readonly monotonicMs: () => number;
  readonly log: Log;
  /** Where this process is, for the person who wants to stop it. */
  readonly place: string;
  /**
   * Why this process must not use the store with its settings, or `null` if it may. It is asked
   * before the presence is written, and throws while the store cannot answer.
   */
  readonly unfit?: () => Promise<string | null>;
}

/** Writes a presence, unless a migration prevents it. */
async function writeAt(
  store: Store,
  spot: Spot,
  place: string,
): Promise<string | null> {
  if (migrationRefusal(spot.migration.value) !== null) {
    [spot.migration] = await readRecords(store, [spot.migrations]);
  }
  return await retry(async () => {
    const refusal = migrationRefusal(spot.migration.value);
    if (refusal !== null) return refusal;
    const result = await commit(store, {
      guards: [spot.migration.unchanged("migration")],
      writes: [spot.mine.set(place, PRESENCE_MS)],
      // No other process writes this presence.
      mine: () => false,
    });
    if (result.committed) return null;
    spot.migration = spot.migration.again(result.value);
    return LOST;
  }, {});
}

/** Makes the presence of this process, which is written when it is first asked for. */
export function createPresence(
  { store, random, monotonicMs, log, place, unfit }: PresenceDeps,
): Presence {
  const { cells } = store;
  const id = newRevision(random);
  const first = spotOf(presences(id), migrations());
  const second = cells === undefined
    ? null
    : spotOf(secondPresences(id, cells), secondMigrations(cells));
  /** The places in which the presence may have been written. */
  const spots = new Set([first]);
  let last: { refusal: string | null; atMs: number } | null = null;
  let renewing: Promise<string | null> | null = null;
  let isEnded = false;

  async function write(): Promise<string | null> {
    try {
      return await writeAt(store, first, place);
    } catch (error) {
      // A process that has not used the store yet must know what only cell 0 says, such as the
      // mode of the store.
      const hasUsed = last?.refusal === null;
      const isAway = error instanceof StoreUnavailableError;
      if (second === null || !hasUsed || !isAway) throw error;
      spots.add(second);
      return await writeAt(store, second, place);
    }
  }

  async function renew(): Promise<string | null> {
    const atMs = monotonicMs();
    const refusal = await unfit?.() ?? await write();
    if (refusal !== null && last?.refusal !== refusal) {
      log("error", "store must not be used", { detail: refusal });
    }
    last = { refusal, atMs };
    return refusal;
  }

  const ageMs = () => last === null ? Infinity : monotonicMs() - last.atMs;

  return {
    async refusal() {
      if (isEnded) throw new StoreUnavailableError("closed");
      if (ageMs() > RENEW_MS) {
        renewing ??= renew().finally(() => renewing = null);
        // The failure of a renewal in the background is ignored: the next one may succeed.
        renewing.catch(() => {});
      }
      return ageMs() > STALE_MS ? await renewing : last!.refusal;
    },
    isHeld: () => !isEnded && last?.refusal === null && ageMs() <= STALE_MS,
    async end() {
      isEnded = true;
      // A renewal under way must not write the presence again.
      await renewing?.catch(() => {});
      if (last?.refusal !== null) return;
      await Promise.allSettled(
        [...spots].map(({ mine }) =>
          commit(store, { guards: [], writes: [mine.delete()] })
        ),
      );
    },
  };
}
