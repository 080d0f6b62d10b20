/**
 * The two stores of a migration: how they are named, and what is written into each so that no
 * edge uses records that are being moved, or that are elsewhere.
 *
 * The states of both sides, in their order; each step is one transaction from exactly the state
 * before, so that a run that was killed is taken up where it ended:
 *
 *     --from  (nothing)  leaving   leaving    leaving     left      left
 *     --to    (nothing)  (nothing) arriving   …copying…   arriving  arrived
 *
 * @module
 */

import {
  type Migration,
  migrationLocks,
  migrationRefusal,
  migrations,
  secondMigrations,
} from "../../edge/health/migration.ts";
import { presences, secondPresences } from "../../edge/health/presence.ts";
import { cellsFault } from "../../edge/store/celled/fingerprint.ts";
import { inCell, secondCell } from "../../edge/store/cells.ts";
import { commit } from "../../edge/store/commit.ts";
import {
  MIGRATION_LOCK_KEY,
  PRESENCE_PREFIX,
  SECOND_PRESENCE_PREFIX,
} from "../../edge/store/keys.ts";
import {
  type Held,
  readRecords,
  type RecordPlace,
} from "../../edge/store/record.ts";
import { LOST, retry } from "../../edge/store/retry.ts";
import type { ListableStore, RestoreLock } from "../../edge/store/store.ts";
import { InputError } from "../command.ts";
import { listRecords } from "./listing.ts";

/** One of the two stores. */
export interface Side {
  readonly store: ListableStore;
  /** Its name for people, without a password. */
  readonly told: string;
}

/** The greatest difference between the clocks of two stores. An edge demands the same of its store. */
const CLOCKS_MS = 2_000;

async function read({ store }: Side): Promise<Held<Migration>> {
  return (await readRecords(store, [migrations()]))[0];
}

/**
 * Changes the migration of a store from exactly what it was.
 *
 * @throws {InputError} If it is not that any more.
 */
async function change(
  { store, told }: Side,
  before: Held<Migration>,
  after: Migration | null,
): Promise<Held<Migration>> {
  const { write, held } = before.put(after);
  const { committed } = await commit(store, {
    guards: [before.unchanged("migration")],
    writes: [write],
  });
  if (committed) {
    await tellSecond(store, held.value, before.value);
    return held;
  }
  throw new InputError(
    `Another run has begun, ended or given up a migration at ${told}`,
  );
}

/**
 * Copies the migration of cell 0 into the second cell, because edges that cannot reach cell 0
 * read it there. What another run has written there is kept, unless edges must not use the store.
 */
async function tellSecond(
  store: ListableStore,
  now: Migration | null,
  before: Migration | null,
): Promise<void> {
  const { cells } = store;
  if (cells === undefined) return;
  const place = secondMigrations(cells);
  if (now !== null && migrationRefusal(now) !== null) {
    const { run, state, other, at_ms } = now;
    if (before?.run === run && before.state === state) return;
    const writes = [place.set({ run, state, other, at_ms })];
    await commit(store, { guards: [], writes });
    return;
  }
  const run = (before ?? now)?.run;
  await retry(async () => {
    const [held] = await readRecords(store, [place]);
    if (held.value?.run !== run) return;
    const { committed } = await commit(store, {
      guards: [held.unchanged("migration")],
      writes: [held.delete()],
    });
    if (!committed) return LOST;
  }, {});
}

/**
 * Refuses while a process uses the store.
 *
 * @throws {InputError} It names every process.
 */
async function refuseUsed({ store, told }: Side): Promise<void> {
  const places = new Set<string>();
  const { cells } = store;
  const kinds: [string, (id: string) => RecordPlace<string>][] = [
    [PRESENCE_PREFIX, presences],
  ];
  if (cells !== undefined) {
    const prefix = inCell(SECOND_PRESENCE_PREFIX, secondCell(cells));
    kinds.push([prefix, (id) => secondPresences(id, cells)]);
  }
  for (const [prefix, kind] of kinds) {
    let from: string | undefined;
    do {
      const { names, next } = await store.names(prefix, from);
      const held = await readRecords(
        store,
        names.map((it) => kind(it.slice(prefix.length))),
      );
      for (const { value } of held) if (value !== null) places.add(value);
      from = next ?? undefined;
    } while (from !== undefined);
  }
  if (places.size === 0) return;
  throw new InputError(
    `${told} is in use. Stop ${[...places].sort().join("; ")}. ` +
      "A process that was killed is named for 30 seconds more.",
  );
}

/**
 * Refuses stores that are not divided as the settings say.
 *
 * @throws {InputError} It says what differs.
 */
async function refuseOtherCells(...sides: readonly Side[]): Promise<void> {
  for (const { store, told } of sides) {
    const fault = await cellsFault(store);
    if (fault !== null) throw new InputError(`${told}: ${fault}`);
  }
}

async function holdsRecords({ store }: Side): Promise<boolean> {
  for await (const { records } of listRecords(store, undefined)) {
    if (records.length > 0) return true;
  }
  return false;
}

/** A migration that has begun, and that only this process may continue. */
export interface Begun {
  /** The state of the store that is copied. It does not change during the copy. */
  readonly leaving: Held<Migration>;
  /** The state of the store that is copied to. */
  arriving: Held<Migration>;
}

/**
 * Begins a migration, or goes on with one that has begun; `null` if everything was moved by an
 * earlier run.
 *
 * @param newId Makes an id that no other run or process has.
 * @param isDivided Whether the records of one cell are divided among those of `to`.
 * @throws {InputError} If the stores must not be used for it; nothing is left in them then.
 */
export async function begin(
  from: Side,
  to: Side,
  nowMs: () => number,
  newId: () => string,
  isDivided = false,
): Promise<Begun | null> {
  await refuseOtherCells(from, to);
  const [one, other] = [from, to].map(({ store }) => store.cells?.count ?? 1);
  if (isDivided ? one !== 1 : one !== other) {
    throw new InputError(
      `${from.told} has ${one} cells and ${to.told} ${other}: only one cell ` +
        "can be divided, by --cells",
    );
  }
  let source = await read(from);
  let target = await read(to);
  if (source.value?.state === "left") {
    await endBegun(source.value, to, target, nowMs);
    return null;
  }
  const isLeaving = source.value?.state === "leaving" &&
    source.value.other === to.told;
  const fresh = source;
  if (!isLeaving) {
    const refusal = migrationRefusal(source.value);
    if (refusal !== null) throw new InputError(`${from.told}: ${refusal}`);
    if (!await holdsRecords(from)) {
      throw new InputError(`${from.told} holds no records`);
    }
    if (!target.isAbsent || await holdsRecords(to)) throw notEmpty(to);
    await refuseUnlikeClocks(from, to);
    await refuseUsed(from);
    source = await change(from, source, {
      ...{ run: newId(), state: "leaving", other: to.told, at_ms: nowMs() },
    });
  }
  const { run, at_ms } = source.value!;
  try {
    // A run that was killed may have written into cell 0 only.
    if (isLeaving) await tellSecond(from.store, source.value, null);
    // An edge may have started before the store was being left.
    await refuseUsed(from);
    target = await read(to);
    const isOurs = target.value?.run === run &&
      target.value.state === "arriving";
    if (!isOurs && !target.isAbsent) throw notEmpty(to);
    target = await change(to, target, {
      ...{ run, state: "arriving", other: from.told, at_ms },
      ...(isOurs && target.value!.from !== undefined &&
        { from: target.value!.from }),
      copier: (isOurs ? target.value!.copier ?? 0 : 0) + 1,
    });
    if (isOurs) await tellSecond(to.store, target.value, null);
    if (target.value!.from === undefined) {
      await refuseUsed(to);
      if (await holdsRecords(to)) throw notEmpty(to);
      target = await change(to, target, { ...target.value!, from: "" });
    }
  } catch (error) {
    // A fault of a store leaves all as it is, and the next run goes on.
    if (!(error instanceof InputError)) throw error;
    const isBare = target.value?.run === run &&
      target.value.state === "arriving" && target.value.from === undefined;
    if (isBare) await change(to, target, null);
    if (!isLeaving) await change(from, source, fresh.value);
    throw error;
  }
  return { leaving: source, arriving: target };
}

const notEmpty = ({ told }: Side) =>
  new InputError(`${told} holds records: name a store that is empty`);

/** Ends a migration whose run was killed at the very end. */
async function endBegun(
  { run, other }: Migration,
  to: Side,
  target: Held<Migration>,
  nowMs: () => number,
): Promise<void> {
  if (target.value?.run !== run) {
    throw new InputError(
      `The records of --from were moved to ${other}, and not to ${to.told}`,
    );
  }
  if (target.value.state === "arriving") {
    const { other } = target.value;
    await change(to, target, {
      ...{ run, state: "arrived", other, at_ms: nowMs() },
    });
  } else await tellSecond(to.store, target.value, null);
}

/**
 * Refuses stores whose clocks differ, because the ends of records would move.
 *
 * @throws {InputError} If they differ by more than an edge may from its store.
 */
async function refuseUnlikeClocks(from: Side, to: Side): Promise<void> {
  const [here, there] = await Promise.all([
    from.store.timeMs(),
    to.store.timeMs(),
  ]);
  if (Math.abs(here - there) <= CLOCKS_MS) return;
  throw new InputError(
    `The clocks of ${from.told} and of ${to.told} differ by ` +
      `${Math.abs(here - there)} ms: set them first`,
  );
}

/** The lock under which this process may write records. */
export const lockOf = ({ arriving }: Begun): RestoreLock => ({
  key: MIGRATION_LOCK_KEY,
  value: `${arriving.value!.copier}`,
});

/**
 * Locks a cell for this process. A process that began later keeps its lock.
 *
 * @throws {InputError} If a later process copies into it.
 */
export async function lockCell(
  { store, told }: Side,
  begun: Begun,
  lock: string,
): Promise<void> {
  const place = migrationLocks(lock);
  const { value } = lockOf(begun);
  await retry(async () => {
    const [held] = await readRecords(store, [place]);
    if (held.value === value) return;
    if (Number(held.value) > Number(value)) throw takenOver(told);
    const { committed } = await commit(store, {
      guards: [held.unchanged("lock")],
      writes: [held.set(value)],
    });
    if (!committed) return LOST;
  }, {});
}

/** The error if another process has taken the migration over. */
export const takenOver = (told: string): InputError =>
  new InputError(`Another process copies to ${told} now`);

/**
 * Notes how far the copy is, for a run that goes on with it.
 *
 * @throws {InputError} If another process copies now.
 */
export async function noteFrom(
  to: Side,
  begun: Begun,
  from: string,
): Promise<void> {
  begun.arriving = await change(to, begun.arriving, {
    ...begun.arriving.value!,
    from,
  });
}

/**
 * Ends the migration: nobody uses the old store any more, and edges may use the new one.
 *
 * @param locks The names of the locks of all cells that hold records.
 * @throws {InputError} If it was given up meanwhile, or if another process copies now.
 */
export async function end(
  from: Side,
  to: Side,
  begun: Begun,
  locks: readonly string[],
  nowMs: () => number,
): Promise<void> {
  const { leaving, arriving } = begun;
  const { run, other } = leaving.value!;
  // A process that began earlier may copy where this one did not, until the cell is locked. The
  // locks stay for good, so that it cannot take one later.
  for (const lock of locks) await lockCell(to, begun, lock);
  // This fails if another process has taken over, so that only one of them ends it.
  const { copier = 0, ...rest } = arriving.value!;
  const held = await change(to, arriving, { ...rest, copier: copier + 1 });
  await change(from, leaving, {
    ...{ run, state: "left", other, at_ms: nowMs() },
  });
  await change(to, held, {
    ...{ run, state: "arrived", other: rest.other, at_ms: nowMs() },
  });
}

/**
 * Gives a migration up that has not ended, so that edges use the old store again.
 *
 * @throws {InputError} If there is none.
 */
export async function giveUp(from: Side): Promise<Migration> {
  const source = await read(from);
  if (source.value?.state !== "leaving") {
    const why = migrationRefusal(source.value) ?? "No migration is under way.";
    throw new InputError(`${from.told}: ${why}`);
  }
  await change(from, source, null);
  return source.value;
}
