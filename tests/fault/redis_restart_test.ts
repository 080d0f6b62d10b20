import { assert, assertRejects } from "@std/assert";
import {
  openRegions,
  type Regions,
  type Way,
  WAYS,
} from "../support/world/regions/regions.ts";
import {
  openShop,
  type RunNotes,
  runPayments,
  type Shop,
} from "../support/world/regions/run_payments.ts";
import {
  type Balance,
  checkBooks,
} from "../support/world/regions/run_payments_books.ts";
import type { TestApp } from "../support/world/app.ts";
import { PATIENT_MS } from "../support/redis/time.ts";

const TILLS = 6;
/** What keeps a payment once it was acknowledged. */
const DURABLE = ["--appendonly", "yes", "--appendfsync", "always"];

interface Run {
  readonly home: TestApp;
  readonly shop: Shop;
  readonly notes: RunNotes;
  books(): Promise<Balance>;
}

/** Of every request to a store that goes away. */
const TIMEOUT_MS = 500;

/** Sells; after the 40th job of every round something happens to the Redis. */
async function sell(
  world: Regions,
  rounds: number,
  happen: (round: number) => Promise<void>,
  timeoutMs = TIMEOUT_MS,
): Promise<Run> {
  const home = await world.edge();
  const shop = await openShop(home.api, 60);
  const edges = [];
  for (let i = 0; i < TILLS; i++) {
    edges.push(await world.edge({ timeoutMs }));
  }
  let up = Promise.resolve();
  const notes = await runPayments({
    tills: edges.map(({ api }) => api),
    shop,
    clock: world.clock,
    rounds,
    seed: 4,
    onJob: (done, round) => {
      // Nobody waits for it, so that the others are in the middle of it.
      if (done === 40) up = happen(round);
    },
    untilUp: () => up,
  });
  await up;
  return {
    home,
    shop,
    notes,
    books: () => world.raw((redis) => checkBooks(home, shop, notes, redis)),
  };
}

async function restart({ redis }: Regions): Promise<void> {
  await redis.kill("SIGKILL");
  await redis.restart();
}

function isBusy({ notes }: Run, rounds: number): void {
  assert((notes.answers["503 store-unavailable"] ?? 0) >= rounds);
}

for (const way of WAYS) {
  Deno.test(`over ${way}, a Redis that is killed while they pay loses nothing that was answered`, async () => {
    await using world = await openRegions(way, { settings: DURABLE });
    const run = await sell(world, 6, () => restart(world));
    isBusy(run, 6);
    const counts = await run.books();
    assert(counts.succeeded > 200, JSON.stringify(counts));
  });

  Deno.test(`over ${way}, a Redis that forgets its scripts while they pay is told them again`, async () => {
    await using world = await openRegions(way);
    const run = await sell(world, 6, async () => {
      for (let i = 0; i < 10; i++) {
        await world.raw((redis) => redis.send("SCRIPT", "FLUSH"));
      }
    }, PATIENT_MS);
    // Nobody notices.
    assert(!Object.keys(run.notes.answers).some((it) => it.startsWith("503")));
    const counts = await run.books();
    assert(counts.open === 0 && counts.others === 0, JSON.stringify(counts));
  });
}

Deno.test("the books tell of a Redis that kept nothing", async () => {
  await using world = await openRegions("TCP" satisfies Way);
  const run = await sell(world, 1, () => restart(world));
  await assertRejects(run.books);
});
