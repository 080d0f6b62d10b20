import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertMatch,
  assertRejects,
} from "@std/assert";
import {
  type Migration,
  migrationRefusal,
  migrations,
  secondMigrations,
} from "../../../../edge/health/migration.ts";
import { inCell } from "../../../../edge/store/cells.ts";
import {
  accountKey,
  DUE_ORDERS_KEY,
  orderKey,
  PRESENCE_PREFIX,
} from "../../../../edge/store/keys.ts";
import { createPresence } from "../../../../edge/health/presence.ts";
import { systemRandom } from "../../../../edge/base/clock.ts";
import { readRecords } from "../../../../edge/store/record.ts";
import { InputError } from "../../../../scripts/command.ts";
import { giveUp, type Side } from "../../../../scripts/migrate/stores.ts";
import { tallyOf } from "../../../../scripts/migrate/tally.ts";
import { patientStore } from "../../../../scripts/migrate/patient.ts";
import { StoreUnavailableError } from "../../../../edge/store/store.ts";
import { ManualClock } from "../../../support/store/fixture.ts";
import { del, field, index, page, set } from "../../../support/store/ops.ts";
import {
  fill,
  Killed,
  openPair,
  type Pair,
  Process,
  run,
  tallyNow,
  withMethods,
} from "./stores.ts";

const stateOf = async ({ store }: Side): Promise<Migration | null> =>
  (await readRecords(store, [migrations()]))[0].value;

/** The states of both sides, and which of them an edge may use. */
async function statesOf(...sides: Side[]) {
  const states = await Promise.all(sides.map(stateOf));
  return states.map((it) => it?.state ?? null);
}

/** What a person is told. */
async function refusalOf(work: Promise<unknown>): Promise<string> {
  const { message } = await assertRejects(() => work, InputError);
  return message;
}

/** A process that uses a store. */
const presenceIn = ({ store }: Side, place: string) =>
  createPresence({
    ...{ store, place, random: systemRandom, monotonicMs: () => 0 },
    log: () => {},
  });

Deno.test("runMigration() moves records of every kind, and edges may use the new store alone", async () => {
  await using pair = await openPair();
  const { from, to, clock } = pair;
  await fill(from);
  const before = await tallyNow(from, clock);
  const result = await run(pair);
  assertEquals(result.kind, "moved");
  assertEquals(await tallyNow(to, clock), before);
  assertEquals(before.get("account")?.records, 40);
  assertEquals(before.get("bucket")?.members, 40);
  // What ends soon is copied and not counted.
  assertEquals(before.get("double-scan"), undefined);
  const { values } = await to.store.read({
    keys: [
      "oc:{0}:double-scan:7",
      field("oc:{0}:account:7", "count"),
      "oc:{0}:verification:7",
    ],
  });
  assertEquals(values, ["7", "2026-06-01:8", "7"]);
  clock.ms += 60_000;
  const ended = await to.store.read({ keys: ["oc:{0}:double-scan:7"] });
  assertEquals(ended.values, [null]);
  assertEquals(await statesOf(from, to), ["left", "arrived"]);
  const [old, fresh] = await Promise.all([stateOf(from), stateOf(to)]);
  assertMatch(
    migrationRefusal(old)!,
    /^The records were moved to new\.db at 2025-\S+Z: use that store\.$/,
  );
  assertEquals(migrationRefusal(fresh), null);
  // Once more does nothing, and what has arrived can go on to another store.
  assertEquals(await run(pair), { kind: "done" });
  await using other = await openPair(clock);
  assertEquals((await run({ clock, from: to, to: other.to })).kind, "moved");
  assertEquals(await tallyNow(other.to, clock), before);
});

Deno.test("runMigration() goes on after a death before and after every write", async () => {
  let last = 0;
  for (let at = 0; at <= last; at++) {
    for (const after of [false, true]) {
      await using pair = await openPair();
      const { from, to, clock } = pair;
      await fill(from, 4);
      const before = await tallyNow(from, clock);
      const process = new Process({ at, after });
      const mortal = { clock, from: process.side(from), to: process.side(to) };
      const died = await run(mortal).catch((error) => error);
      if (died instanceof Killed) last = at + 1;
      else assertEquals(died.kind, "moved");
      // At no moment may edges use both stores.
      const [old, fresh] = await Promise.all([stateOf(from), stateOf(to)]);
      const isUsed = fresh?.state === "arrived";
      assert(!isUsed || migrationRefusal(old) !== null);
      const isOld = migrationRefusal(old) === null;
      assertEquals(isOld, old === null, `${at} ${after}`);
      const { kind } = await run(pair);
      assert(kind === "moved" || kind === "done", kind);
      assertEquals(await statesOf(from, to), ["left", "arrived"]);
      assertEquals(await tallyNow(to, clock), before, `${at} ${after}`);
    }
  }
  assert(last > 7, `Only ${last} writes`);
});

Deno.test("runMigration() goes on where it was, and once more from the beginning if the stores differ", async () => {
  await using pair = await openPair();
  const { from, to, clock } = pair;
  await fill(from, 3_000);
  const count = { restored: 0 };
  const counting = withMethods(to, {
    restore(records, lock) {
      count.restored += records.length;
      return to.store.restore(records, lock);
    },
  });
  const all = 3_000 * 5;
  const process = new Process({ at: 26, after: true });
  const mortal = {
    clock,
    from: process.side(from),
    to: process.side(counting),
  };
  assertInstanceOf(await run(mortal).catch((it) => it), Killed);
  const until = count.restored;
  assert(until > 10_000 && until < all, `${until}`);
  // A record of those that were copied is lost meanwhile.
  await to.store.txn({ checks: [], writes: [del("oc:{0}:order:0")] });
  const result = await run({ clock, from, to: counting });
  assert(result.kind === "differs");
  assertEquals(result.kinds, ["order"]);
  assert(count.restored < all + 3_000, `${count.restored} were restored`);
  assertEquals(await statesOf(from, to), ["leaving", "arriving"]);
  assertEquals((await run(pair)).kind, "moved");
  assertEquals(await tallyNow(to, clock), await tallyNow(from, clock));
});

Deno.test("runMigration() finds what was changed on either side before it ends", async () => {
  const changes = [
    set("oc:{0}:order:1", "another order"),
    del("oc:{0}:order:1"),
    set("oc:{0}:order:new", "one more"),
    set("oc:{0}:verification:1", "1", 90 * 3_600_000 + 2),
    set(field("oc:{0}:account:1", "mark"), "2"),
    set(field("oc:{0}:account:1", "more"), ""),
    index("oc:{0}:bucket:1", "entry 1", 2),
    index("oc:{0}:bucket:1", "another", 1),
  ];
  for (const [i, change] of changes.entries()) {
    await using pair = await openPair();
    const { from, to, clock } = pair;
    await fill(from, 4);
    // The change is made when everything was copied, before anything is counted.
    const changed = i % 2 === 0 ? from : to;
    let isMade = false;
    const changing = withMethods(to, {
      async timeMs() {
        if (!isMade && (await stateOf(to))?.from !== undefined) {
          isMade = true;
          await changed.store.txn({ checks: [], writes: [change] });
        }
        return await to.store.timeMs();
      },
    });
    const result = await run({ clock, from, to: changing });
    assert(isMade);
    assertEquals(result.kind, "differs", JSON.stringify(change));
    assertEquals(await statesOf(from, to), ["leaving", "arriving"]);
  }
});

Deno.test("tallyOf() lets other work go on between the pages of a file", async () => {
  await using pair = await openPair();
  await fill(pair.from, 400);
  let isCounting = true;
  let turns = 0;
  const others = (async () => {
    while (isCounting) {
      await new Promise((resolve) => setTimeout(resolve, 0));
      turns++;
    }
  })();
  const seen: number[] = [];
  await tallyOf(pair.from.store, 0, () => seen.push(turns));
  isCounting = false;
  await others;
  assert(new Set(seen).size > 2, `${seen}`);
});

Deno.test("a migration waits while a store does not answer, and ends when it never does", async () => {
  await using pair = await openPair();
  const { from, to, clock } = pair;
  await fill(from, 4);
  const before = await tallyNow(from, clock);
  let calls = 0;
  let pauses = 0;
  let isAway = false;
  /** Of three calls one is not made, and the reply to one is lost. */
  async function lossy<T>(work: () => Promise<T>): Promise<T> {
    const part = calls++ % 3;
    if (isAway || part === 0) throw new StoreUnavailableError("unreachable");
    const result = await work();
    if (part === 1) throw new StoreUnavailableError("timeout");
    return result;
  }
  const patient = (side: Side) => ({
    ...side,
    store: patientStore(
      withMethods(side, {
        txn: (it) => lossy(() => side.store.txn(it)),
        records: (...it) => lossy(() => side.store.records(...it)),
        restore: (...it) => lossy(() => side.store.restore(...it)),
      }).store,
      side.told,
      (ms) => Promise.resolve(void (pauses += ms)),
    ),
  });
  const sides = { clock, from: patient(from), to: patient(to) };
  assertEquals((await run(sides)).kind, "moved");
  assertEquals(await tallyNow(to, clock), before);
  assertEquals(pauses % 1_000, 0);
  isAway = true;
  pauses = 0;
  const { store } = patient(to);
  await assertRejects(
    () => store.records("oc:"),
    InputError,
    "new.db: The store is unavailable: unreachable; start again",
  );
  assertEquals(pauses, 59_000);
  await assertRejects(() => store.range(page("", { limit: 0 })), RangeError);
});

Deno.test("runMigration() refuses stores that must not be used, and leaves them as they were", async () => {
  const refusals: [
    RegExp,
    (pair: Pair) => Promise<void>,
  ][] = [
    [/^old\.db holds no records$/, async () => {}],
    [/^new\.db holds records: /, async ({ from, to }) => {
      await fill(from, 1);
      await to.store.txn({
        checks: [],
        writes: [index("oc:{0}:merchants", "m", 1)],
      });
    }],
    [
      /^old\.db is in use\. Stop a shop; b shop\. A process that was killed/,
      async ({ from }) => {
        await fill(from, 1);
        assertEquals(await presenceIn(from, "b shop").refusal(), null);
        assertEquals(await presenceIn(from, "a shop").refusal(), null);
      },
    ],
    [/^new\.db is in use\. Stop an edge\. /, async ({ from, to }) => {
      await fill(from, 1);
      assertEquals(await presenceIn(to, "an edge").refusal(), null);
    }],
  ];
  for (const [text, prepare] of refusals) {
    await using pair = await openPair();
    await prepare(pair);
    assertMatch(await refusalOf(run(pair)), text);
    assertEquals(await statesOf(pair.from, pair.to), [null, null]);
  }
});

Deno.test("runMigration() refuses one store as both, and clocks that differ", async () => {
  await using pair = await openPair(new ManualClock(1_750_000_002_001));
  const { from, clock } = pair;
  await fill(from, 1);
  assertMatch(await refusalOf(run(pair)), /^The clocks .* differ by 2001 ms/);
  assertMatch(await refusalOf(run({ clock, from, to: from })), /holds records/);
  assertEquals(await statesOf(pair.from, pair.to), [null, null]);
});

Deno.test("a process that was killed uses a store for 30 seconds", async () => {
  await using pair = await openPair();
  const { from, clock } = pair;
  await fill(from, 1);
  const stopped = presenceIn(from, "stopped");
  assertEquals(await stopped.refusal(), null);
  await stopped.end();
  assertEquals(await presenceIn(from, "killed").refusal(), null);
  clock.ms += 29_999;
  assertMatch(
    await refusalOf(run(pair)),
    /^old\.db is in use\. Stop killed\. /,
  );
  clock.ms += 1;
  assertEquals((await run(pair)).kind, "moved");
});

Deno.test("an edge that starts while the stores are looked at is found", async () => {
  await using pair = await openPair();
  const { from, to, clock } = pair;
  await fill(from, 1);
  const edge = presenceIn(from, "late");
  const late = withMethods(from, {
    async txn(transaction) {
      await edge.refusal();
      return await from.store.txn(transaction);
    },
  });
  assertMatch(
    await refusalOf(run({ clock, from: late, to })),
    /Stop late\. /,
  );
  assertEquals(await statesOf(from, to), [null, null]);
  await edge.end();
  assertEquals((await run(pair)).kind, "moved");
});

Deno.test("of two processes that copy the later one goes on", async () => {
  await using pair = await openPair();
  const { from, to, clock } = pair;
  await fill(from, 400);
  let second: Promise<unknown> | undefined;
  const slow = withMethods(to, {
    async restore(...args) {
      second ??= run(pair);
      await second;
      return await to.store.restore(...args);
    },
  });
  const first = refusalOf(run({ clock, from, to: slow }));
  assertEquals(await first, "Another process copies to new.db now");
  assertEquals(((await second) as { kind: string }).kind, "moved");
  assertEquals(await statesOf(from, to), ["left", "arrived"]);
});

Deno.test("a process that wakes up after the end writes into no cell", async () => {
  // It sleeps before it has locked the cells that it comes to later.
  for (let at = 0; at < 5; at++) {
    await using other = await openPair();
    const { from: source, clock } = other;
    let locks = 0;
    const sleepy = withMethods(other.to, {
      async read(request) {
        const isLock = `${request.keys?.[0]}`.endsWith("migration-lock");
        if (isLock && locks++ === at) {
          assertEquals((await run(other)).kind, "moved");
          await other.to.store.txn({
            checks: [],
            writes: [set("oc:{a}:order:1", "paid on the new store")],
          });
        }
        return await other.to.store.read(request);
      },
    });
    await fill(source, 4);
    await source.store.txn({
      checks: [],
      writes: [..."abc"].map((it) => set(`oc:{${it}}:order:1`, it)),
    });
    const first = await refusalOf(run({ clock, from: source, to: sleepy }));
    assertMatch(first, /Another (process copies|run has begun)/, `${at}`);
    const { values } = await other.to.store.read({ keys: ["oc:{a}:order:1"] });
    assertEquals(values, ["paid on the new store"], `${at}`);
  }
});

/** Writes records of all cells, and those that each cell has. */
async function fillCells({ store }: Side): Promise<void> {
  for (let i = 0; i < 40; i++) {
    const account = accountKey(`customer ${i}`);
    const { cells } = store;
    await store.txn({
      checks: [],
      writes: [
        set(field(account, "mark"), `${i}`),
        index(inCell(DUE_ORDERS_KEY, cells!.cellOf(account)!), `${i}`, i),
      ],
    });
    await store.txn({
      checks: [],
      writes: [set(orderKey(`${i + 100}f`), `${i}`, 90 * 3_600_000)],
    });
  }
}

Deno.test("runMigration() moves a store of many cells, with what each cell has for itself", async () => {
  await using pair = await openPair(undefined, [8, 8]);
  const { from, to, clock } = pair;
  await fillCells(from);
  const before = await tallyNow(from, clock);
  assertEquals(before.get("due-orders"), {
    ...before.get("due-orders")!,
    ...{ records: 8, members: 40 },
  });
  const process = new Process({ at: 6, after: true });
  const mortal = { clock, from: process.side(from), to: process.side(to) };
  await assertRejects(() => run(mortal), Killed);
  const result = await run(pair);
  assertEquals(result.kind, "moved");
  assertEquals(await tallyNow(to, clock), before);
  assertEquals(await statesOf(from, to), ["left", "arrived"]);
  for (let cell = 0; cell < 8; cell++) {
    const due = page(inCell(DUE_ORDERS_KEY, cell));
    assertEquals(await to.store.range(due), await from.store.range(due));
  }
});

/** What edges that cannot reach cell 0 find: whether they must not use the store. */
async function isClosed({ store }: Side): Promise<boolean> {
  const [{ value }] = await readRecords(store, [
    secondMigrations(store.cells!),
  ]);
  return migrationRefusal(value) !== null;
}

Deno.test("runMigration() closes both stores for edges that cannot reach cell 0, before it copies and after every death", async () => {
  let last = 0;
  for (let at = 0; at <= last; at++) {
    for (const after of [false, true]) {
      await using pair = await openPair(undefined, [8, 8]);
      const { from, to, clock } = pair;
      await fill(from, 1);
      const process = new Process({ at, after });
      const mortal = { clock, from: process.side(from), to: process.side(to) };
      const died = await run(mortal).catch((error) => error);
      if (died instanceof Killed) last = at + 1;
      const fresh = await stateOf(to);
      const begins = fresh?.from !== undefined || fresh?.state === "arrived";
      assert(!begins || await isClosed(from), `${at} ${after}`);
      const isArriving = begins && fresh.state !== "arrived";
      assert(!isArriving || await isClosed(to), `${at} ${after}`);
      const watched = withMethods(to, {
        async restore(records, lock) {
          const closed = await Promise.all([from, to].map(isClosed));
          assertEquals(closed, [true, true], `${at} ${after}`);
          return await to.store.restore(records, lock);
        },
      });
      await run({ clock, from, to: watched });
      assertEquals(await Promise.all([from, to].map(isClosed)), [true, false]);
    }
  }
  assert(last > 10, `Only ${last} writes`);
});

Deno.test("runMigration() finds a process that cannot reach cell 0", async () => {
  await using pair = await openPair(undefined, [8, 8]);
  const { from, to, clock } = pair;
  await fill(from, 1);
  let isCut = false;
  let ms = 0;
  const { store } = withMethods(from, {
    txn(transaction) {
      const isFirst = transaction.writes.some((it) =>
        it.kind === "set" && `${it.key}`.startsWith(PRESENCE_PREFIX)
      );
      if (isCut && isFirst) throw new StoreUnavailableError("unreachable");
      return from.store.txn(transaction);
    },
  });
  const edge = createPresence({
    ...{ store, place: "cut off", random: systemRandom, log: () => {} },
    monotonicMs: () => ms,
  });
  assertEquals(await edge.refusal(), null);
  isCut = true;
  // Its presence in cell 0 ends.
  ms += 20_001;
  clock.ms += 30_000;
  assertEquals(await edge.refusal(), null);
  assertMatch(await refusalOf(run(pair)), /Stop cut off\. /);
  assertEquals(await statesOf(from, to), [null, null]);
  // The migration that was refused leaves nothing behind.
  ms += 20_001;
  assertEquals(await edge.refusal(), null);
  await edge.end();
  assertEquals((await run(pair)).kind, "moved");
  const late = createPresence({
    ...{ store, place: "late", random: systemRandom, log: () => {} },
    monotonicMs: () => ms,
  });
  isCut = false;
  assertMatch((await late.refusal())!, /^The records were moved/);
  // The same of a store to which records were moved before.
  await using next = await openPair(clock, [8, 8]);
  const other = presenceIn(to, "other");
  const during = withMethods(to, {
    async txn(transaction) {
      await other.refusal();
      return await to.store.txn(transaction);
    },
  });
  const onwards = { clock, to: next.to };
  assertMatch(
    await refusalOf(run({ ...onwards, from: during })),
    /Stop other\. /,
  );
  assertEquals(await isClosed(to), false);
});

Deno.test("giveUp() lets edges that cannot reach cell 0 use the old store again", async () => {
  await using pair = await openPair(undefined, [8, 8]);
  const { from, to, clock } = pair;
  await fill(from, 1);
  const process = new Process({ at: 8, after: true });
  const mortal = { clock, from: process.side(from), to: process.side(to) };
  await assertRejects(() => run(mortal), Killed);
  assertEquals(await Promise.all([from, to].map(isClosed)), [true, true]);
  await giveUp(from);
  assertEquals(await Promise.all([from, to].map(isClosed)), [false, true]);
});

Deno.test("runMigration() refuses a store whose cells are not those of the settings", async () => {
  await using pair = await openPair(undefined, [8, 8]);
  const { from, clock } = pair;
  await fillCells(from);
  await using other = await openPair(clock, [1, 4]);
  const raw = { told: "raw", store: pair.raw[0] };
  assertMatch(
    await refusalOf(run({ clock, from: raw, to: other.from })),
    /^raw: The store has 8 cells: set OFFCODE_CELLS and OFFCODE_CELL_KEY/,
  );
  assertMatch(
    await refusalOf(run({ clock, from, to: other.to })),
    /^old\.db has 8 cells and new\.db 4: /,
  );
});

Deno.test("giveUp() lets edges use the old store again, and nothing the new one", async () => {
  await using pair = await openPair();
  const { from, to, clock } = pair;
  await fill(from, 4);
  assertEquals(
    await refusalOf(giveUp(from)),
    "old.db: No migration is under way.",
  );
  const process = new Process({ at: 3, after: true });
  const mortal = { clock, from: process.side(from), to: process.side(to) };
  await assertRejects(() => run(mortal), Killed);
  assertEquals(await statesOf(from, to), ["leaving", "arriving"]);
  await using other = await openPair();
  assertMatch(
    await refusalOf(run({ clock, from, to: { ...other.to, told: "other" } })),
    /^old\.db: The records are being moved to new\.db since /,
  );
  assertEquals((await giveUp(from)).other, "new.db");
  assertEquals(await statesOf(from, to), [null, "arriving"]);
  assertEquals(await presenceIn(from, "edge").refusal(), null);
  assertMatch((await presenceIn(to, "edge").refusal())!, /^The records of old/);
  // A part of them is in the new store.
  clock.ms += 30_000;
  assertMatch(await refusalOf(run(pair)), /^new\.db holds records/);
  assertEquals((await from.store.range(page("oc:{0}:due-orders"))).length, 4);
});
