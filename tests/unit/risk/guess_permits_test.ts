import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import type { Permit } from "../../../edge/risk/guess_permits.ts";
import { guessesField } from "../../../edge/store/keys.ts";
import {
  StoreUnavailableError,
  type Transaction,
} from "../../../edge/store/store.ts";
import { FaultyStore } from "../../support/store/faulty_store.ts";
import {
  DAY_MS,
  edgeOn,
  MIDNIGHT_MS,
  MINUTE_MS,
  missAll,
  OWNER,
  search,
  world,
} from "../../support/world/guesses/guess_permits.ts";
import {
  keptOpen,
  ManualClock,
  withStore,
} from "../../support/store/fixture.ts";
import { sqliteFactory } from "../../support/store/sqlite.ts";
import { ModelStore } from "../../support/store/model.ts";

Deno.test("take() lets exactly the limit of misses through in a minute", async () => {
  for (const perMinute of [1, 2, 3, 5, 7, 20, 64, 1_000]) {
    const { edge, counted } = world({ perMinute, perDay: 100_000 });
    const [misses] = await missAll(edge());
    assertEquals(misses, perMinute);
    assertEquals(await counted("minute"), perMinute);
  }
});

Deno.test("take() lets nothing through with a limit of 0", async () => {
  const { edge } = world({ perMinute: 0, perDay: 100 });
  assertEquals((await missAll(edge()))[0], 0);
});

Deno.test("take() says when the minute is over, to the second", async () => {
  const { edge, clock } = world({ perMinute: 3, perDay: 100 });
  const one = edge();
  await missAll(one);
  const waits: [number, number][] = [
    [0, 60],
    [1, 60],
    [1_000, 59],
    [58_999, 2],
    [59_000, 1],
    [59_999, 1],
  ];
  for (const [afterMs, seconds] of waits) {
    clock.ms = MIDNIGHT_MS + afterMs;
    const permit = await one.take(OWNER);
    assertEquals(permit, { kind: "throttled", retryAfterSeconds: seconds });
  }
  clock.ms = MIDNIGHT_MS + MINUTE_MS;
  assertEquals((await missAll(one))[0], 3);
});

Deno.test("take() lets exactly the limit of misses through in a day", async () => {
  const { edge, clock, counted } = world({ perMinute: 20, perDay: 50 });
  const one = edge();
  const misses: number[] = [];
  let last: Permit | undefined;
  for (let i = 0; i < 5; i++) {
    const [count, permit] = await missAll(one);
    misses.push(count);
    last = permit;
    clock.ms += MINUTE_MS;
  }
  assertEquals(misses, [20, 20, 10, 0, 0]);
  assertEquals(await counted("day"), 50);
  // The day is what is over now.
  assertEquals(last, { kind: "throttled", retryAfterSeconds: 86_400 - 4 * 60 });
  clock.ms = MIDNIGHT_MS + DAY_MS - 1;
  assertEquals((await missAll(one))[0], 0);
  clock.ms = MIDNIGHT_MS + DAY_MS;
  assertEquals((await missAll(one))[0], 20);
});

Deno.test("take() keeps every owner's misses apart", async () => {
  const { edge } = world({ perMinute: 4, perDay: 100 });
  const one = edge();
  assertEquals((await missAll(one, "merchant a"))[0], 4);
  assertEquals((await missAll(one, "merchant b"))[0], 4);
  assertEquals((await missAll(one, "wallet a"))[0], 4);
});

Deno.test("take() never throttles hits, one after the other or at once", async () => {
  const { edge, counted } = world({ perMinute: 5, perDay: 5 });
  const one = edge();
  for (let i = 0; i < 1_000; i++) await search(one, "hit");
  await Promise.all(
    Array.from({ length: 1_000 }, () => search(one, "hit")),
  );
  // They have all shared one permit.
  assertEquals(await counted("minute"), 1);
  assertEquals(await counted("day"), 1);
});

Deno.test("take() lets hits through that wait for something, also at once", async () => {
  const { edge, clock, counted } = world({ perMinute: 20, perDay: 100 });
  const one = edge();
  let searching = 0;
  let most = 0;
  await Promise.all(Array.from({ length: 200 }, async () => {
    const permit = await one.take(OWNER);
    assert(permit.kind === "permit");
    searching++;
    most = Math.max(most, searching);
    for (let i = 0; i < 20; i++) await Promise.resolve();
    clock.ms += 3;
    searching--;
    assertEquals(await permit.release("hit"), null);
  }));
  // A quarter of the limit at once, and one permit for all of them.
  assertEquals(most, 5);
  assertEquals(await counted("minute"), 1);
});

Deno.test("take() forgets its throttling with the minute, whatever it held", async () => {
  const { edge, clock } = world({ perMinute: 8, perDay: 1_000 });
  const [one, two] = [edge(), edge()];
  await search(one, "hit");
  assertEquals((await missAll(two))[0], 7);
  // What the first edge holds is still its own.
  await search(one, "miss");
  assertEquals((await one.take(OWNER)).kind, "throttled");
  clock.ms += MINUTE_MS;
  assertEquals((await missAll(two))[0], 8);
});

Deno.test("take() searches nothing without the store, and goes on with it", async () => {
  const clock = new ManualClock(MIDNIGHT_MS);
  const store = new FaultyStore(new ModelStore(clock));
  const limits = { perMinute: 5, perDay: 100 };
  const one = edgeOn({ store, clock }, limits);
  for (const mode of ["before", "after"] as const) {
    store.plan({ at: 0, mode, onwards: true });
    const tries = await Promise.all(
      Array.from(
        { length: 50 },
        () => one.take(OWNER).catch((error) => error),
      ),
    );
    assert(tries.every((it) => it instanceof StoreUnavailableError));
  }
  store.plan();
  // Leases whose answer was lost are lost, at most one for each call.
  const [misses] = await missAll(one);
  assert(misses <= 4, `${misses}`);
  clock.ms += MINUTE_MS;
  assertEquals((await missAll(one))[0], 5);
  await assertRejects(() => {
    store.plan({ at: 0, mode: "before" });
    return one.take("merchant b");
  }, StoreUnavailableError);
});

Deno.test("take() goes on after a clock was set back and forth", async () => {
  const { edge, clock } = world({ perMinute: 3, perDay: 100 });
  const one = edge();
  clock.ms += MINUTE_MS;
  const [a, b] = [await one.take(OWNER), await one.take("merchant b")];
  clock.ms -= 1;
  // This permit counts for the later minute, which the store has seen.
  await search(one, "hit");
  clock.ms += 1;
  await search(one, "hit");
  assert(a.kind === "permit" && b.kind === "permit");
  assertEquals(await a.release("miss"), null);
  assertEquals(await b.release("miss"), null);
  // A lease of each change of the clock is idle in the minute that was left.
  assertEquals((await missAll(one))[0], 0);
  assertEquals((await missAll(one, "merchant b"))[0], 2);
  clock.ms += MINUTE_MS;
  assertEquals((await missAll(one))[0], 3);
});

Deno.test("take() counts two edges together whose clocks are on both sides of midnight", async () => {
  const { store, clock, counted } = world({ perMinute: 5, perDay: 7 });
  const limits = { perMinute: 5, perDay: 7 };
  const ahead = edgeOn({ store, clock }, limits);
  const slow = { nowMs: () => clock.ms - 1_000 };
  const behind = edgeOn({ store, clock: slow }, limits);
  assertEquals((await missAll(ahead))[0], 5);
  assertEquals((await missAll(behind))[0], 0);
  clock.ms += MINUTE_MS;
  assertEquals((await missAll(ahead))[0], 2);
  assertEquals((await missAll(behind))[0], 0);
  assertEquals(await counted("day", MIDNIGHT_MS), 7);
});

Deno.test("take() keeps what it counts of a till for two minutes, and of an owner", async () => {
  for (const perDay of [undefined, 9]) {
    const limits = { perMinute: 5, ...(perDay !== undefined && { perDay }) };
    const { edge, clock, store } = world(limits);
    await missAll(edge());
    const isThere = async () =>
      (await store.read({ keys: [guessesField(OWNER, "minute")] }))
        .values[0] !== null;
    clock.ms += 2 * MINUTE_MS - 1;
    assertEquals(await isThere(), true);
    clock.ms += 1;
    assertEquals(await isThere(), perDay !== undefined);
  }
});

Deno.test("take() holds the limit for more owners than it remembers", () =>
  withStore(sqliteFactory, async ({ store, clock }) => {
    const limits = { perMinute: 3, perDay: 100 };
    let leases = 0;
    const counted = {
      ...keptOpen(store),
      txn: (transaction: Transaction) => {
        leases++;
        return store.txn(transaction);
      },
    };
    const one = edgeOn({ store: counted, clock }, limits);
    // Its search goes on all the time.
    const held = await one.take(OWNER);
    for (let i = 0; i < 10_050; i += 50) {
      await Promise.all(
        Array.from(
          { length: 50 },
          (_, k) => search(one, "miss", `merchant ${i + k}`),
        ),
      );
    }
    // Long forgotten here, but not in the store.
    assertEquals((await missAll(one, "merchant 0"))[0], 1);
    // The oldest of all is not, and has its permit without a lease.
    assert(held.kind === "permit");
    assertEquals(await held.release("hit"), null);
    const before = leases;
    await search(one, "hit");
    assertEquals(leases, before);
  }));

Deno.test("release() is called once, whatever the outcome", async () => {
  const { edge } = world({ perMinute: 2, perDay: 100 });
  const one = edge();
  for (const outcome of ["miss", "hit", "failed"] as const) {
    const permit = await one.take(OWNER);
    assert(permit.kind === "permit");
    await permit.release(outcome);
    await assertRejects(() => permit.release(outcome), TypeError);
  }
});

Deno.test("forgive() gives nothing back for a miss that was not told, nor for a hit", async () => {
  const { edge } = world({ perMinute: 1, perDay: 100 });
  const one = edge();
  const first = await one.take(OWNER);
  assert(first.kind === "permit");
  assertEquals(await first.release("hit"), null);
  assertThrows(() => first.forgive(), TypeError);
  const [told, late] = await Promise.all([one.take(OWNER), edge().take(OWNER)]);
  assert(told.kind === "permit" && late.kind === "throttled");
  assertEquals(await told.release("miss"), null);
  assertEquals((await one.take(OWNER)).kind, "throttled");
});

Deno.test("a failed search spends nothing, and needs no permit", async () => {
  const { edge, trace } = world({ perMinute: 2, perDay: 100 });
  const one = edge();
  const permit = await one.take(OWNER);
  assert(permit.kind === "permit");
  const before = trace.length;
  assertEquals(await permit.release("failed"), null);
  assertEquals(trace.length, before);
  assertEquals((await missAll(one))[0], 2);
});

Deno.test("forgive() gives a spent permit back, once, also in a later minute", async () => {
  const { clock, edge: open, counted } = world({ perMinute: 2, perDay: 3 });
  const edge = open();
  const miss = async () => {
    const permit = await edge.take(OWNER);
    assert(permit.kind === "permit");
    assertEquals(await permit.release("miss"), null);
    return permit;
  };
  for (let i = 0; i < 10; i++) (await miss()).forgive();
  const [misses] = await missAll(edge);
  assertEquals([misses, await counted("minute")], [2, 2]);

  clock.ms += MINUTE_MS;
  const late = await miss();
  await assertRejects(() => late.release("miss"), TypeError);
  // The day is used up but for what is given back to it.
  assertEquals((await missAll(edge))[0], 0);
  clock.ms += MINUTE_MS;
  assertEquals((await edge.take(OWNER)).kind, "throttled");
  late.forgive();
  assertThrows(() => late.forgive(), TypeError);
  assertEquals((await missAll(edge))[0], 1);
});
