import { assertEquals } from "@std/assert";
import { DESTROYED_SEEDS_KEY } from "../../../../edge/store/keys.ts";
import { StoreUnavailableError } from "../../../../edge/store/store.ts";
import { followDestroyedSeeds } from "../../../../edge/verification/offline/destroyed_seeds.ts";
import { FaultyStore } from "../../../support/store/faulty_store.ts";
import { ManualClock } from "../../../support/store/fixture.ts";
import { sqliteFactory } from "../../../support/store/sqlite.ts";

/** Seeds that are followed on a real store, and what was wiped. */
async function world() {
  const clock = new ManualClock();
  const { store, dispose } = await sqliteFactory(clock);
  const faulty = new FaultyStore(store);
  const wiped: string[] = [];
  const faults: unknown[] = [];
  const seeds = followDestroyedSeeds({
    ...{ store: faulty, clock },
    wipe: (profile, bucket) => wiped.push(`${profile}/${bucket}`),
    onFault: (error) => faults.push(error),
  });
  return {
    ...{ clock, faulty, faults, wiped, seeds },
    /** Another edge destroys seeds of these buckets. */
    async destroy(members: readonly string[], atMs: number) {
      await store.txn({
        checks: [],
        writes: members.map((member) => ({
          ...{ kind: "index", index: DESTROYED_SEEDS_KEY, member } as const,
          score: atMs,
        })),
      });
    },
    /** What one look wipes. */
    async look(): Promise<string[]> {
      await seeds.look();
      return wiped.splice(0);
    },
    [Symbol.asyncDispose]: dispose,
  };
}

Deno.test("look() wipes what was destroyed since the last look, and ten seconds before it", async () => {
  await using it = await world();
  const startMs = it.clock.ms;
  await it.destroy(["1:7"], startMs - 10_001);
  await it.destroy(["2:42"], startMs - 10_000);
  assertEquals(await it.look(), ["2/42"]);
  it.clock.ms += 20_000;
  // The clock of the edge that destroyed it is ahead.
  await it.destroy(["1:9999"], startMs + 29_000);
  assertEquals(await it.look(), ["2/42", "1/9999"]);
  it.clock.ms += 20_000;
  await it.destroy(["1:7"], startMs + 10_000);
  await it.destroy(["1:8"], startMs + 9_999);
  assertEquals(await it.look(), ["1/7", "1/9999"]);
});

Deno.test("look() wipes the buckets of every page", async () => {
  await using it = await world();
  const members = Array.from({ length: 2_001 }, (_, i) => `1:${i}`);
  for (let at = 0; at < members.length; at += 500) {
    await it.destroy(members.slice(at, at + 500), it.clock.ms);
  }
  const wiped = await it.look();
  assertEquals(wiped.length, members.length);
  assertEquals(new Set(wiped).size, members.length);
});

Deno.test("look() catches up with what was destroyed while the store did not answer", async () => {
  await using it = await world();
  assertEquals(await it.look(), []);
  await it.destroy(["1:7"], it.clock.ms);
  it.faulty.plan({ at: 0, mode: "before", onwards: true });
  for (let i = 0; i < 3; i++) {
    it.clock.ms += 60_000;
    assertEquals(await it.look(), []);
  }
  assertEquals(
    it.faults.map((error) => error instanceof StoreUnavailableError),
    [true, true, true],
  );
  it.faulty.plan();
  assertEquals(await it.look(), ["1/7"]);
  assertEquals(await it.look(), []);
});

Deno.test("look() misses nothing after the clock was set back", async () => {
  await using it = await world();
  it.clock.ms += 3_600_000;
  assertEquals(await it.look(), []);
  it.clock.ms -= 3_600_000;
  await it.destroy(["1:7"], it.clock.ms);
  assertEquals(await it.look(), ["1/7"]);
});

Deno.test("look() that is called while one is under way is that one", async () => {
  await using it = await world();
  it.faulty.plan();
  await Promise.all([it.seeds.look(), it.seeds.look()]);
  assertEquals(it.faulty.trace.length, 1);
});
