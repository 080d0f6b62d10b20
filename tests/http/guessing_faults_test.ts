import { assertEquals } from "@std/assert";
import { StoreUnavailableError } from "../../edge/store/store.ts";
import { said, storedValues, tally } from "../support/world/desk.ts";
import { leasedOf } from "../support/world/guesses/guess_permits.ts";
import { FaultyStore } from "../support/store/faulty_store.ts";
import { keptOpen } from "../support/store/fixture.ts";
import { startApp } from "../support/world/app.ts";
import { oneBucket } from "../support/world/scene.ts";
import {
  guess,
  guessedDesk,
  guesses,
  guessLimits,
  MINUTE_MS,
  searchesOf,
} from "../support/world/guesses/guesses.ts";

Deno.test("without the store nothing is searched, and it heals by itself", async () => {
  let store!: FaultyStore;
  await using desk = await guessedDesk(5, undefined, {
    wrapStore: (opened) => store = new FaultyStore(opened),
  });
  // The merchant, the clock and the bucket are known to this edge.
  assertEquals(said(await desk.pay("order-1", desk.code())), "201");
  await guesses([desk.api], desk.merchant, 3);
  desk.clock.advance(MINUTE_MS);
  assertEquals(said(await desk.pay("order-0", "smudged")), "code-malformed");
  const before = searchesOf(desk.app);
  store.plan({ at: 0, mode: "before", onwards: true });
  const answers = await guesses([desk.api], desk.merchant, 50);
  assertEquals(tally(answers), { "store-unavailable": 50 });
  for (const { status, headers } of answers) {
    assertEquals([status, headers.get("retry-after")], [503, "2"]);
  }
  const verified = await desk.api.verify(desk.walletKey, guess(1), "ref-1");
  assertEquals(said(verified), "store-unavailable");
  assertEquals(searchesOf(desk.app), before);
  store.plan();
  assertEquals(said(await desk.pay("order-2", desk.code())), "201");
  assertEquals(tally(await guesses([desk.api], desk.merchant, 10)), {
    "code-not-accepted": 5,
    "too-many-attempts": 5,
  });
});

Deno.test("what was leased and not spent goes back to the day", async () => {
  await using desk = await guessedDesk(40, 30);
  const spent = async () =>
    await leasedOf(
      desk.app.store,
      `merchant ${desk.merchant.id}`,
      "day",
      desk.clock.ms,
    );
  // 1 and 2 and 4 leased, of which three are not spent.
  await guesses([desk.api], desk.merchant, 4);
  assertEquals(await spent(), 7);
  desk.clock.advance(MINUTE_MS);
  assertEquals(said(await desk.pay("order-1", desk.code())), "201");
  // The three pay for what is leased next, one by one.
  assertEquals(await spent(), 7);
  // So 26 are left, and not fewer.
  assertEquals(tally(await guesses([desk.api], desk.merchant, 40, 100)), {
    "code-not-accepted": 26,
    "too-many-attempts": 14,
  });
});

Deno.test("what is counted of a till's guesses ends after its minute", async () => {
  await using desk = await guessedDesk(5);
  await guesses([desk.api], desk.merchant, 10);
  await desk.api.verify(desk.walletKey, guess(1), "ref-1");
  const ends = storedValues(desk.app.path, "guesses").map((
    { name, expiresAtMs },
  ) => [
    /till|wallet|merchant/.exec(name.replace("merchant%20mer", ""))?.[0],
    expiresAtMs === null ? null : expiresAtMs - desk.clock.ms,
  ]);
  assertEquals(ends, [
    [undefined, null],
    ["till", 2 * MINUTE_MS],
    ["wallet", null],
  ]);
});

Deno.test("a code that was searched before the limit was used up is not answered after that", async () => {
  let isHeld = false;
  const reached = Promise.withResolvers<void>();
  const goesOn = Promise.withResolvers<void>();
  await using desk = await guessedDesk(5, undefined, {
    wrapStore: (store) => ({
      ...keptOpen(store),
      close: () => store.close(),
      async read(request) {
        if (isHeld && JSON.stringify(request).includes(":bucket")) {
          reached.resolve();
          await goesOn.promise;
        }
        return await store.read(request);
      },
    }),
  });
  await using other = await startApp({
    path: desk.app.path,
    clock: desk.clock,
    random: oneBucket,
    ...guessLimits(5),
  });
  // The bucket is read while the minute turns, and the next minute is used up.
  desk.clock.advance(MINUTE_MS - 1);
  isHeld = true;
  const paying = desk.pay("order-1", desk.code());
  await reached.promise;
  desk.clock.advance(1);
  assertEquals(tally(await guesses([other.api], desk.merchant, 6)), {
    "code-not-accepted": 5,
    "too-many-attempts": 1,
  });
  goesOn.resolve();
  assertEquals(said(await paying), "too-many-attempts");
  assertEquals(said(await desk.query("order-1")), "not-found");
  isHeld = false;
  desk.clock.advance(MINUTE_MS);
  assertEquals(said(await desk.pay("order-2", desk.code())), "201");
});

Deno.test("a search that fails leases no permit for its answer", async () => {
  let isFailing = false;
  const leases: string[] = [];
  await using desk = await guessedDesk(5, undefined, {
    wrapStore: (store) => ({
      ...keptOpen(store),
      close: () => store.close(),
      // The minute turns while the bucket is read, so the permit has ended.
      async read(request) {
        if (isFailing && JSON.stringify(request).includes(":bucket")) {
          desk.clock.advance(MINUTE_MS);
          leases.length = 0;
          throw new StoreUnavailableError("unreachable");
        }
        return await store.read(request);
      },
      async txn(transaction) {
        const text = JSON.stringify(transaction);
        if (text.includes(":guesses")) leases.push(text);
        return await store.txn(transaction);
      },
    }),
  });
  isFailing = true;
  const answer = await desk.pay("order-1", desk.code());
  assertEquals([said(answer), leases], ["store-unavailable", []]);
});
