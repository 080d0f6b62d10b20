import { assert, assertEquals } from "@std/assert";
import {
  DAY_MS,
  MIDNIGHT_MS,
  MINUTE_MS,
  missAll,
  OWNER,
  search,
  world,
} from "../../support/guess_slots.ts";

Deno.test("take() leaves slots for other edges while there is no miss", async () => {
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
  assertEquals(await leases(1), 1);
  assertEquals(await leases(2), 1);
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
        const slot = await all[i % edges]!.take(OWNER);
        if (slot.kind === "throttled") return;
        await Promise.resolve();
        misses++;
        slot.release("miss");
      }));
      // All of it is spent: every edge was asked for more than its share.
      assertEquals(misses, perMinute);
      assertEquals(await counted(`m${MIDNIGHT_MS / MINUTE_MS}`), perMinute);
    }
  });
}

Deno.test("take() lets what a minute leased and never spent pay for the next lease", async () => {
  const { edge, clock, counted } = world({ perMinute: 40, perDay: 200 });
  const one = edge();
  const day = `d${MIDNIGHT_MS / DAY_MS}`;
  // 1 and 2 and 4, of which 3 lie idle.
  for (let i = 0; i < 4; i++) await search(one, "miss");
  assertEquals(await counted(day), 7);
  clock.ms += MINUTE_MS;
  await search(one, "miss");
  assertEquals(await counted(day), 7);
  // The new minute has only what was leased in it.
  assertEquals(await counted(`m${clock.ms / MINUTE_MS}`), 1);
  // Two more are paid for, the other two are not.
  for (let i = 0; i < 6; i++) await search(one, "miss");
  assertEquals(await counted(day), 11);
});

Deno.test("take() gives a day exactly its misses, whatever lay idle in its minutes", async () => {
  const { edge, clock, counted } = world({ perMinute: 40, perDay: 50 });
  const edges = [edge(), edge(), edge()];
  let misses = 0;
  for (let minute = 0; minute < 30; minute++) {
    for (const [i, one] of edges.entries()) {
      for (let k = 0; k < (minute + i) % 4; k++) {
        const slot = await one.take(OWNER);
        if (slot.kind === "throttled") continue;
        misses++;
        slot.release("miss");
      }
    }
    clock.ms += MINUTE_MS;
  }
  // An edge may keep for itself what it leased and did not spend.
  const kept = await counted(`d${MIDNIGHT_MS / DAY_MS}`) ?? 0;
  assert(misses <= 50 && kept <= 50);
  for (const one of edges) {
    misses += (await missAll(one))[0];
    clock.ms += MINUTE_MS;
  }
  assertEquals(misses, 50);
});

Deno.test("take() gives back what a search of an earlier minute did not spend", async () => {
  const { edge, clock, counted } = world({ perMinute: 4, perDay: 200 });
  const one = edge();
  const day = `d${MIDNIGHT_MS / DAY_MS}`;
  const hit = await one.take(OWNER);
  clock.ms += MINUTE_MS;
  await search(one, "hit");
  assertEquals(await counted(day), 2);
  assert(hit.kind === "slot");
  hit.release("hit");
  // It is no slot of this minute: the next miss and the one after need new ones.
  clock.ms += MINUTE_MS;
  const [misses] = await missAll(one);
  assertEquals(misses, 4);
  assertEquals(await counted(day), 4);
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
  assert(late.kind === "slot");
  late.release("hit");
  clock.ms += MINUTE_MS;
  assertEquals((await one.take(OWNER)).kind, "throttled");
  assertEquals(await counted(`d${MIDNIGHT_MS / DAY_MS + 1}`), 100);
});
