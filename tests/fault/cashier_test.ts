import { assert, assertEquals } from "@std/assert";
import {
  openRounds,
  passTime,
  Tally,
} from "../support/world/model/schedule_till.ts";
import { everyStoreAndCells, seedsOf } from "../support/store/stores.ts";

const STORES = everyStoreAndCells();
const SEEDS = 600;
const SEEDS_PER_WORLD = 50;
/** An answer that is certain, and the end that must be found under it. */
const ENDS: Record<string, { order: string; takenMinor: number }> = {
  succeeded: { order: "paid", takenMinor: 1250 },
  paid: { order: "paid", takenMinor: 1250 },
  reversed: { order: "reversed", takenMinor: 0 },
};

for (const [nth, [engine, factory]] of STORES.entries()) {
  const seeds = seedsOf(SEEDS, nth);
  Deno.test(`pay, time out, query, reverse: till, record and ledger agree in ${seeds.length} interleavings, over ${engine}`, async () => {
    const seen = new Tally();
    for (let at = 0; at < seeds.length; at += SEEDS_PER_WORLD) {
      await using rounds = await openRounds(factory);
      for (const seed of seeds.slice(at, at + SEEDS_PER_WORLD)) {
        const { told, round, end } = await rounds.play(seed, async (round) => {
          const { schedule } = round;
          let atTill = "nothing";
          let gaveUp = false;
          // Every other cashier believes a query that says it is paid.
          const believes = seed % 2 === 0;
          await Promise.all([
            schedule.task("pay", async () => {
              const answer = await round.pay().catch(() => "store-unavailable");
              if (!gaveUp) atTill = answer;
            }),
            schedule.task("cashier", async () => {
              await schedule.point("the cashier loses patience");
              if (atTill === "paid") return;
              gaveUp = true;
              const queried = await round.query();
              await schedule.point("the cashier reads the screen");
              if (believes && queried === "succeeded") {
                atTill = queried;
                return;
              }
              do {
                atTill = await round.reverse();
                await schedule.point("the cashier waits a moment");
              } while (atTill === "ledger-unavailable");
            }),
            schedule.task("time", () => passTime(rounds, round, 15, 4_000)),
            ...[0, 1].map((i) =>
              schedule.task(`sweep ${i}`, async () => {
                for (let n = 0; n < 3; n++) {
                  await schedule.point("a timer");
                  await round.edge().sweeper.sweep();
                }
              })
            ),
          ]);
          return atTill;
        });
        const trace = round.schedule.trace.join("\n");
        const expected = ENDS[told];
        assert(expected !== undefined, `Told ${told}:\n${trace}`);
        const { order, takenMinor, debits } = end;
        assertEquals({ order, takenMinor }, expected, `${told}:\n${trace}`);
        assert(debits <= 1, trace);
        seen.add(`${told}, ${end.status}, ${debits} debits`);
      }
    }
    if (seeds.length < SEEDS) return;
    // Each of these was among all of them, or the seeds have shown little.
    assertEquals(
      seen.missing(
        "paid, succeeded, 1 debits",
        "reversed, null, 0 debits",
        "reversed, reversed, 0 debits",
        "reversed, reversed, 1 debits",
        "succeeded, succeeded, 1 debits",
      ),
      [],
    );
  });
}
