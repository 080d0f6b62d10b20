import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  createGuessPermits,
  type GuessPermits,
} from "../../../edge/risk/guess_permits.ts";
import { heldPermitField } from "../../../edge/store/keys.ts";
import {
  StoreUnavailableError,
  type Transaction,
} from "../../../edge/store/store.ts";
import { keptOpen } from "../../support/store/fixture.ts";
import {
  DAY_MS,
  edgeOn,
  MINUTE_MS,
  missAll,
  OWNER,
  places,
  search,
  world,
} from "../../support/world/guesses/guess_permits.ts";

/** When a permit that was leased in the first minute can be taken back. */
const TAKE_BACK_MS = MINUTE_MS + 10_000;
const LIMITS = { perMinute: 20, perDay: 5 };

Deno.test("take() takes back what killed edges held of a day, once it is certain that they do not spend it", async () => {
  const { edge, clock, counted } = world(LIMITS);
  // Each of them is killed after this.
  for (let i = 0; i < 5; i++) await search(edge(), "hit");
  assertEquals(await counted("day"), 5);
  const one = edge();
  const throttled = async () => {
    const permit = await one.take(OWNER);
    return permit.kind === "throttled" ? permit.retryAfterSeconds : null;
  };
  assertEquals(await throttled(), 70);
  clock.ms += TAKE_BACK_MS - 1;
  assertEquals(await throttled(), 1);
  clock.ms += 1;
  assertEquals((await missAll(one))[0], 5);
  assertEquals(await counted("day"), 5);
  // All are spent now: nothing can be taken back before the day ends.
  assertEquals(await throttled(), (DAY_MS - TAKE_BACK_MS) / 1000);
});

Deno.test("take() takes back nothing of an edge that has told a bad code", async () => {
  const { edge, clock, counted } = world(LIMITS);
  await search(edge(), "miss");
  // One is spent, two more were leased.
  assertEquals(await counted("day"), 3);
  clock.ms += 10 * MINUTE_MS;
  assertEquals((await missAll(edge()))[0], 2);
  assertEquals(await counted("day"), 5);
});

Deno.test("release() tells no result by a permit that was taken back from a stopped edge", async () => {
  for (const outcome of ["hit", "miss"] as const) {
    const { edge, clock } = world(LIMITS);
    const stopped = await edge().take(OWNER);
    assert(stopped.kind === "permit");
    clock.ms += 10 * MINUTE_MS;
    assertEquals((await missAll(edge()))[0], 5);
    assertEquals((await stopped.release(outcome))?.kind, "throttled");
    assertThrows(() => stopped.forgive(), TypeError);
  }
});

Deno.test("release() asks the store before the first bad code, whatever the edge's own clock says", async () => {
  const { edge, store, clock } = world(LIMITS);
  const slow = await edge().take(OWNER);
  assert(slow.kind === "permit");
  // The clock of this edge is so far ahead that it takes back too early.
  const ahead = { nowMs: () => clock.ms + 10 * MINUTE_MS };
  assertEquals((await missAll(edgeOn({ store, clock: ahead }, LIMITS)))[0], 5);
  assertEquals((await slow.release("miss"))?.kind, "throttled");
});

Deno.test("take() goes on with another permit where its own was taken back", async () => {
  const { edge, clock, counted } = world(LIMITS);
  const idle = edge();
  await search(idle, "hit");
  for (let i = 0; i < 4; i++) await search(edge(), "hit");
  clock.ms += 10 * MINUTE_MS;
  const other = edge();
  await search(other, "miss");
  // All five were taken back; the other edge has leased three of them.
  assertEquals(await counted("day"), 3);
  await search(idle, "hit");
  assertEquals(await counted("day"), 4);
  const [misses] = await missAll(idle);
  const [more] = await missAll(other);
  assertEquals(1 + misses + more, 5);
});

Deno.test("take() keeps one permit on record through the minutes, and its edge pays for it once", async () => {
  const { edge, clock, counted, trace } = world(LIMITS);
  const one = edge();
  for (let minute = 0; minute < 5; minute++) {
    const before = trace.length;
    await search(one, "hit");
    await search(one, "hit");
    assertEquals(trace.length - before, 1);
    assertEquals(await counted("day"), 1);
    clock.ms += MINUTE_MS;
  }
});

Deno.test("take() finds a free place for its record, and leases without one if there is none", async () => {
  const { store, clock, counted } = world({ perMinute: 100, perDay: 100 });
  const random = {
    bytes: (length: number) =>
      length === 1
        ? new Uint8Array(1)
        : crypto.getRandomValues(new Uint8Array(length)),
  };
  const rations = [{ name: OWNER, perMinute: 100, perDay: 100 }];
  const permits = Array.from(
    { length: 40 },
    () => createGuessPermits({ store, clock, random }),
  );
  const hit = async (permits: GuessPermits) => {
    const permit = await permits.take(rations);
    assert(permit.kind === "permit");
    assertEquals(await permit.release("hit"), null);
  };
  const onRecord = async () => {
    const keys = Array.from(
      { length: 32 },
      (_, i) => heldPermitField(OWNER, i),
    );
    const { values } = await store.read({ keys });
    return values.filter((it) => it !== null).length;
  };
  for (const it of permits) await hit(it);
  assertEquals([await onRecord(), await counted("day")], [32, 40]);
  // The next edge takes the 32 on record back, and uses one of their places. The other
  // eight are lost.
  clock.ms += 10 * MINUTE_MS;
  await hit(createGuessPermits({ store, clock, random }));
  assertEquals([await onRecord(), await counted("day")], [1, 9]);
  // An edge that had no place finds one in a later minute.
  await hit(permits.at(-1)!);
  assertEquals([await onRecord(), await counted("day")], [2, 9]);
  const limits = { perMinute: 1_000, perDay: 100 };
  assertEquals((await missAll(edgeOn({ store, clock }, limits)))[0], 91);
});

Deno.test("a lease or an opening whose reply is lost gives no permit twice, and none is lost for good", async () => {
  for (const mode of ["before", "after", "twice"] as const) {
    for (const at of [0, 1]) {
      const { edge, clock, store } = world(LIMITS);
      let told = 0;
      const one = edge();
      store.plan({ at, mode });
      const tell = async () => {
        const permit = await one.take(OWNER);
        if (permit.kind !== "permit") return;
        if (await permit.release("miss") === null) told++;
      };
      if (mode === "twice") await tell();
      else await assertRejects(tell, StoreUnavailableError);
      store.plan();
      clock.ms += 10 * MINUTE_MS;
      told += (await missAll(one))[0] + (await missAll(edge()))[0];
      // An opening that was made, but is not known to be, spends what it leased.
      const lost = mode === "after" && at === 1 ? 3 : 0;
      assertEquals(told, 5 - lost, `${mode} ${at}`);
    }
  }
});

Deno.test("an opening whose reply is lost counts for no more than it leased, even if the limit is raised then", async () => {
  const { store, clock } = world(LIMITS);
  const permits = createGuessPermits({ store, clock, random: places() });
  let told = 0;
  const missAllOf = async (perMinute: number) => {
    const rations = [{ name: OWNER, perMinute, perDay: 1_000 }];
    for (;;) {
      const permit = await permits.take(rations);
      if (permit.kind === "throttled") return;
      if (await permit.release("miss") !== null) return;
      told++;
    }
  };
  store.plan({ at: 1, mode: "after" });
  await assertRejects(() => missAllOf(4), StoreUnavailableError);
  store.plan();
  await missAllOf(40);
  // What was leased then, two permits, is lost.
  assertEquals(told, 38);
});

Deno.test("two edges that take back at the same time credit each permit once, and both go on", async () => {
  const { edge, clock, counted } = world(LIMITS);
  const one = edge();
  for (let i = 0; i < 2; i++) await search(one, "miss");
  for (let i = 0; i < 2; i++) await search(edge(), "hit");
  // Two are spent, one is idle on an edge that told bad codes, two are on record.
  assertEquals(await counted("day"), 5);
  clock.ms += 10 * MINUTE_MS;
  const taken = await Promise.all([edge().take(OWNER), edge().take(OWNER)]);
  assertEquals(taken.map(({ kind }) => kind), ["permit", "permit"]);
  for (const permit of taken) {
    assert(permit.kind === "permit");
    assertEquals(await permit.release("miss"), null);
  }
  assertEquals((await missAll(edge()))[0], 0);
  assertEquals((await missAll(one))[0], 1);
});

Deno.test("an edge that finds one of the records changed takes back the others", async () => {
  const { edge, clock, store } = world(LIMITS);
  for (let i = 0; i < 5; i++) await search(edge(), "hit");
  clock.ms += 10 * MINUTE_MS;
  const keys = Array.from({ length: 32 }, (_, i) => heldPermitField(OWNER, i));
  const { values } = await store.read({ keys });
  const first = keys[values.findIndex((it) => it !== null)]!;
  let isChanged = false;
  const changed = {
    ...keptOpen(store),
    txn: async (transaction: Transaction) => {
      if (!isChanged && transaction.writes[0]?.kind === "delete") {
        isChanged = true;
        await store.txn({
          checks: [],
          writes: [{ kind: "delete", key: first }],
        });
      }
      return await store.txn(transaction);
    },
  };
  const [misses] = await missAll(edgeOn({ store: changed, clock }, LIMITS));
  assertEquals([isChanged, misses], [true, 4]);
});

Deno.test("take() puts nothing on record for a ration without a limit of the day", async () => {
  const { edge, trace } = world({ perMinute: 9 });
  const one = edge();
  await search(one, "hit");
  await search(one, "miss");
  assertEquals(trace.length, 1);
});

Deno.test("an edge that does not know what is on record puts its next permit on record, too", async () => {
  const { edge, store, counted } = world(LIMITS);
  const one = edge();
  store.plan({ at: 1, mode: "before" });
  await assertRejects(() => search(one, "miss"), StoreUnavailableError);
  store.plan();
  await search(one, "hit");
  assertEquals(await counted("day"), 2);
  const keys = Array.from({ length: 32 }, (_, i) => heldPermitField(OWNER, i));
  const { values } = await store.read({ keys });
  assertEquals(values.filter((it) => it !== null).length, 2);
});
