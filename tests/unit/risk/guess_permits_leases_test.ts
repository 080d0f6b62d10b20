import { assert, assertEquals, assertRejects } from "@std/assert";
import { createGuessPermits } from "../../../edge/risk/guess_permits.ts";
import {
  type Store,
  StoreUnavailableError,
} from "../../../edge/store/store.ts";
import {
  DAY_MS,
  MIDNIGHT_MS,
  MINUTE_MS,
  missAll,
  OWNER,
  places,
  search,
  world,
} from "../../support/world/guesses/guess_permits.ts";

Deno.test("take() leaves permits for other edges while there is no miss", async () => {
  const { edge, clock } = world({ perMinute: 20, perDay: 1_000 });
  const edges = Array.from({ length: 20 }, edge);
  for (let minute = 0; minute < 3; minute++) {
    for (const one of edges) {
      for (let i = 0; i < 5; i++) await search(one, "hit");
      await Promise.all(
        Array.from({ length: 50 }, () => search(one, "hit")),
      );
    }
    clock.ms += MINUTE_MS;
  }
});

Deno.test("take() costs a round trip for ever fewer misses", async () => {
  const { edge, trace } = world({ perMinute: 100, perDay: 1_000 });
  const one = edge();
  const leases = async (misses: number) => {
    const before = trace.length;
    for (let i = 0; i < misses; i++) await search(one, "miss");
    return trace.length - before;
  };
  // The first one leases one permit, and two more when it takes the first off the record.
  assertEquals(await leases(1), 2);
  assertEquals(await leases(2), 0);
  assertEquals(await leases(4), 1);
  assertEquals(await leases(8), 1);
  assertEquals(await leases(16), 1);
  assertEquals(await leases(25), 1);
  const before = trace.length;
  for (let i = 0; i < 500; i++) await search(one, "hit");
  assertEquals(trace.length - before, 1);
});

for (const edges of [1, 2, 7]) {
  Deno.test(`take() lets at most the limit through on ${edges} edges, 100 at once`, async () => {
    for (const perMinute of [5, 20, 60]) {
      const { edge, counted } = world({ perMinute, perDay: 10_000 });
      const all = Array.from({ length: edges }, edge);
      let misses = 0;
      await Promise.all(Array.from({ length: 100 }, async (_, i) => {
        const permit = await all[i % edges]!.take(OWNER);
        if (permit.kind === "throttled") return;
        await Promise.resolve();
        if (await permit.release("miss") === null) misses++;
      }));
      // All of it is spent: every edge was asked for more than its share.
      assertEquals(misses, perMinute);
      assertEquals(await counted("minute"), perMinute);
    }
  });
}

Deno.test("take() lets what a minute leased and never spent pay for the next lease", async () => {
  const { edge, clock, counted } = world({ perMinute: 40, perDay: 200 });
  const one = edge();
  // 1 and 2 and 4, of which 3 lie idle.
  for (let i = 0; i < 4; i++) await search(one, "miss");
  assertEquals(await counted("day"), 7);
  clock.ms += MINUTE_MS;
  await search(one, "miss");
  assertEquals(await counted("day"), 7);
  // The new minute has only what was leased in it: one, and two more after the miss.
  assertEquals(await counted("minute", clock.ms), 3);
  // Two more are there, the other four are leased and not paid for.
  for (let i = 0; i < 6; i++) await search(one, "miss");
  assertEquals(await counted("day"), 11);
});

Deno.test("take() gives a day exactly its misses, whatever lay idle in its minutes", async () => {
  const { edge, clock, counted } = world({ perMinute: 40, perDay: 50 });
  const edges = [edge(), edge(), edge()];
  let misses = 0;
  for (let minute = 0; minute < 30; minute++) {
    for (const [i, one] of edges.entries()) {
      for (let k = 0; k < (minute + i) % 4; k++) {
        const permit = await one.take(OWNER);
        if (permit.kind === "throttled") continue;
        if (await permit.release("miss") === null) misses++;
      }
    }
    clock.ms += MINUTE_MS;
  }
  // An edge may keep for itself what it leased and did not spend.
  const kept = await counted("day") ?? 0;
  assert(misses <= 50 && kept <= 50);
  for (const one of edges) {
    misses += (await missAll(one))[0];
    clock.ms += MINUTE_MS;
  }
  assertEquals(misses, 50);
});

Deno.test("release() needs a permit of the minute in which it tells the result, and the day pays for one", async () => {
  const { edge, clock, counted } = world({ perMinute: 4, perDay: 200 });
  const one = edge();
  const [hit, late] = [await one.take(OWNER), await edge().take(OWNER)];
  assert(hit.kind === "permit" && late.kind === "permit");
  assertEquals(await counted("day"), 2);
  clock.ms += MINUTE_MS;
  assertEquals(await hit.release("hit"), null);
  assertEquals(await counted("minute", clock.ms), 1);
  assertEquals(await late.release("miss"), null);
  assertEquals(await counted("minute", clock.ms), 3);
  assertEquals(await counted("day"), 3);
  clock.ms += MINUTE_MS;
  const [misses] = await missAll(one);
  assertEquals(misses, 4);
  assertEquals(await counted("day"), 6);
});

Deno.test("take() gives no day what another day leased", async () => {
  const { edge, clock, counted } = world(
    { perMinute: 100, perDay: 100 },
    MIDNIGHT_MS + DAY_MS - 1,
  );
  const one = edge();
  const other = edge();
  // 31 leased, 15 spent.
  for (let i = 0; i < 16; i++) await search(one, "miss");
  const late = await one.take(OWNER);
  clock.ms += 1;
  const [misses] = await missAll(other);
  assertEquals(misses, 100);
  assertEquals((await one.take(OWNER)).kind, "throttled");
  assert(late.kind === "permit");
  late.release("hit");
  clock.ms += MINUTE_MS;
  assertEquals((await one.take(OWNER)).kind, "throttled");
  assertEquals(await counted("day", MIDNIGHT_MS + DAY_MS), 100);
});

/** Permits of a till and of its merchant. */
function shop(perTill: number, perMinute: number, perDay = 1_000) {
  const { store, clock, trace } = world({ perMinute });
  const permits = createGuessPermits({ store, clock, random: places() });
  const take = (till: string) =>
    permits.take([
      { name: `${OWNER} till ${till}`, perMinute: perTill },
      { name: OWNER, perMinute, perDay },
    ]);
  const miss = async (till: string) => {
    const permit = await take(till);
    if (permit.kind !== "permit") return permit.kind;
    return (await permit.release("miss"))?.kind ?? "permit";
  };
  const misses = async (till: string) => {
    let count = 0;
    while (await miss(till) === "permit") count++;
    return count;
  };
  return { store, clock, trace, take, miss, misses };
}

Deno.test("take() lets a till use up its own permits, and others go on", async () => {
  const { misses, clock, take } = shop(3, 100);
  assertEquals(await misses("1"), 3);
  assertEquals(await take("1"), { kind: "throttled", retryAfterSeconds: 60 });
  assertEquals(await misses("2"), 3);
  assertEquals(await misses(""), 3);
  clock.ms += MINUTE_MS;
  assertEquals(await misses("1"), 3);
});

Deno.test("take() lets invented tills have what their merchant has, and asks for no more", async () => {
  const { miss, trace } = shop(3, 10);
  let given = 0;
  for (let till = 0; till < 100; till++) {
    if (await miss(`t${till}`) === "permit") given++;
  }
  assertEquals(given, 10);
  const before = trace.length;
  for (let till = 100; till < 200; till++) {
    assertEquals(await miss(`t${till}`), "throttled");
  }
  // A throttled merchant costs no round trip, whatever its tills are called.
  assertEquals(trace.length, before);
});

Deno.test("take() holds no till's permit where the merchant has none, and the reverse", async () => {
  const { misses, miss, take, clock } = shop(5, 8);
  const one = await take("1");
  // So long that it is not waited for.
  clock.ms += 3;
  const two = await take("2");
  assert(one.kind === "permit" && two.kind === "permit");
  // An edge holds no more than that, so these wait for a search of the others to end.
  const waiting = [miss("1"), miss("3")];
  one.release("hit");
  two.release("hit");
  assertEquals(await Promise.all(waiting), ["permit", "permit"]);
  assertEquals(await misses("2"), 5);
  assertEquals(await misses("1"), 1);
  assertEquals(await misses("3"), 0);
  clock.ms += MINUTE_MS;
  assertEquals([await misses("3"), await misses("1")], [5, 3]);
});

Deno.test("take() leases for till and merchant in one turn, and nothing while hits go on", async () => {
  const { take, trace } = shop(20, 100);
  const first = take("1");
  // Both leases were begun before any answer came.
  assertEquals(trace.length, 2);
  const permit = await first;
  assert(permit.kind === "permit");
  permit.release("hit");
  for (let i = 0; i < 100; i++) {
    const next = await take("1");
    assert(next.kind === "permit");
    next.release("hit");
  }
  assertEquals(trace.length, 2);
});

/** A store whose transactions wait, and lets those that do go on. */
function waitingStore(store: Store) {
  const waiting: (() => void)[] = [];
  const slow: Store = {
    read: (request) => store.read(request),
    range: (query) => store.range(query),
    async txn(transaction) {
      await new Promise<void>((resume) => waiting.push(resume));
      return await store.txn(transaction);
    },
    timeMs: () => store.timeMs(),
    close: () => store.close(),
  };
  /** How many went on. */
  async function trip(): Promise<number> {
    const going = waiting.splice(0);
    for (const resume of going) resume();
    for (let i = 0; i < 100; i++) await Promise.resolve();
    return going.length;
  }
  return { slow, trip };
}

Deno.test("take() leases for till and merchant in one turn when the minute turns meanwhile", async () => {
  const { store, clock } = world({ perMinute: 100 });
  const { slow, trip } = waitingStore(store);
  const taking = createGuessPermits({ store: slow, clock, random: places() })
    .take([
      { name: `${OWNER} till 1`, perMinute: 20 },
      { name: OWNER, perMinute: 100, perDay: 1_000 },
    ]);
  // What is leased is of a minute that is over when the answers come.
  clock.ms += MINUTE_MS;
  assertEquals([await trip(), await trip(), await trip()], [2, 2, 0]);
  assertEquals((await taking).kind, "permit");
});

Deno.test("take() gives no permit of a minute that is over when its lease arrives", async () => {
  const { store, clock, counted } = world({ perMinute: 5 });
  const { slow, trip } = waitingStore(store);
  const permits = createGuessPermits({ store: slow, clock, random: places() });
  const rations = [{ name: OWNER, perMinute: 5, perDay: 100 }];
  const first = permits.take(rations);
  clock.ms += MINUTE_MS;
  // Now the pool is one of the new minute, while the lease is under way.
  const second = permits.take(rations);
  assertEquals([await trip(), await trip()], [1, 1]);
  const permit = await first;
  assert(permit.kind === "permit");
  assertEquals(await counted("minute", clock.ms), 1);
  // The day has paid once: the idle one pays for the next.
  assertEquals(await counted("day"), 1);
  permit.release("hit");
  assertEquals((await second).kind, "permit");
});

Deno.test("take() gives the permit that it has leased, however many owners come meanwhile", async () => {
  const { store, clock } = world({ perMinute: 1 });
  let leases = 0;
  const permits = createGuessPermits({
    store: {
      ...waitingStore(store).slow,
      // Only the first lease is answered. A second one would find the limit used up.
      txn: (transaction) =>
        leases++ === 0 ? store.txn(transaction) : new Promise(() => {}),
    },
    clock,
    random: places(),
  });
  const take = (name: string) =>
    permits.take([{ name, perMinute: 1, perDay: 100 }]);
  const taking = take(OWNER);
  // These are more owners than an edge remembers.
  for (let i = 0; i < 10_000; i++) void take(`merchant ${i}`);
  assertEquals((await taking).kind, "permit");
});

Deno.test("forgive() gives the till's permit and the merchant's back", async () => {
  const { take, misses } = shop(2, 2);
  for (let i = 0; i < 10; i++) {
    const permit = await take("1");
    assert(permit.kind === "permit");
    assertEquals(await permit.release("miss"), null);
    await assertRejects(() => permit.release("miss"), TypeError);
    permit.forgive();
  }
  assertEquals(await misses("1"), 2);
});

Deno.test("take() gives back what it held when the other lease fails", async () => {
  const { take, misses, store } = shop(3, 3);
  // The second of two leases, the merchant's.
  store.plan({ at: 1, mode: "before" });
  await assertRejects(() => take("1"), StoreUnavailableError);
  store.plan();
  assertEquals(await misses("1"), 3);
});

Deno.test("take() follows a limit that is changed within the minute", async () => {
  const { store, clock } = world({ perMinute: 2 });
  const permits = createGuessPermits({ store, clock, random: places() });
  const misses = async (perMinute: number) => {
    const rations = [{ name: OWNER, perMinute, perDay: 100 }];
    for (let count = 0;; count++) {
      const permit = await permits.take(rations);
      if (permit.kind === "throttled") return count;
      if (await permit.release("miss") !== null) return count;
    }
  };
  assertEquals(await misses(2), 2);
  assertEquals(await misses(5), 3);
  assertEquals(await misses(1), 0);
});

Deno.test("take() credits what a refused lease would have been paid with", async () => {
  const { edge, clock, counted } = world({ perMinute: 8, perDay: 100 });
  const [one, two] = [edge(), edge()];
  // 1 and 2, of which one lies idle when the minute ends.
  for (let i = 0; i < 2; i++) await search(one, "miss");
  assertEquals(await counted("day"), 3);
  clock.ms += MINUTE_MS;
  assertEquals((await missAll(two))[0], 8);
  assertEquals(await counted("day"), 11);
  // The minute is used up, so the idle one pays for nothing yet …
  assertEquals((await missAll(one))[0], 0);
  clock.ms += MINUTE_MS;
  // … and for the first one of the next.
  await search(one, "hit");
  assertEquals(await counted("day"), 11);
});

Deno.test("take() lets idle permits pay for no more than a lease of their number", async () => {
  const { edge, clock, counted } = world({ perMinute: 40, perDay: 200 });
  const one = edge();
  // 1, 2, 4 and 8, of which seven lie idle.
  for (let i = 0; i < 8; i++) await search(one, "miss");
  assertEquals(await counted("day"), 15);
  clock.ms += MINUTE_MS;
  // Leases of 1, 2 and 4 are paid for by the seven, one after the other.
  for (const misses of [1, 2, 4]) {
    for (let i = 0; i < misses; i++) await search(one, "miss");
    assertEquals(await counted("day"), 15);
  }
  await search(one, "miss");
  assertEquals(await counted("day"), 23);
});

Deno.test("take() lets one search after the other begin, whatever searches of an earlier minute do", async () => {
  const { edge, clock } = world({ perMinute: 4, perDay: 100 });
  const one = edge();
  const old = await one.take(OWNER);
  clock.ms += MINUTE_MS;
  assert(old.kind === "permit");
  assertEquals(await old.release("hit"), null);
  const first = await one.take(OWNER);
  let hasBegun = false;
  const second = one.take(OWNER).then((permit) => {
    hasBegun = true;
    return permit;
  });
  for (let i = 0; i < 50; i++) await Promise.resolve();
  assertEquals(hasBegun, false);
  assert(first.kind === "permit");
  assertEquals(await first.release("hit"), null);
  assertEquals((await second).kind, "permit");
});
