import { assertEquals } from "@std/assert";
import { startApp } from "../support/world/app.ts";
import { said, tally } from "../support/world/desk.ts";
import { oneBucket } from "../support/world/scene.ts";
import {
  DAY_MS,
  guess,
  guessedDesk,
  guesses,
  guessLimits,
  MINUTE_MS,
  searchesOf,
} from "../support/world/guesses/guesses.ts";

Deno.test("so many bad codes are searched in a minute, and then none", async () => {
  await using desk = await guessedDesk(20);
  for (let i = 0; i < 20; i++) {
    const answer = await desk.pay(`order-${i}`, guess(i));
    assertEquals([answer.status, said(answer)], [422, "code-not-accepted"]);
  }
  assertEquals(searchesOf(desk.app), 20);
  for (const code of [guess(20), guess(0), desk.code()]) {
    const { status, body, headers } = await desk.pay("order-20", code);
    assertEquals(
      [status, body.code, body.retry],
      [429, "too-many-attempts", "later"],
    );
    assertEquals(headers.get("retry-after"), "60");
  }
  assertEquals(searchesOf(desk.app), 20);
  // The order is as unknown as before.
  assertEquals(said(await desk.query("order-20")), "not-found");
});

Deno.test("Retry-After says when the minute ends, and then all is well", async () => {
  await using desk = await guessedDesk(3);
  await guesses([desk.api], desk.merchant, 10);
  const retryAfter = async () =>
    (await desk.pay("order-1", guess(99))).headers.get("retry-after");
  for (
    const [afterMs, seconds] of [
      [0, "60"],
      [1, "60"],
      [998, "60"],
      [1, "59"],
      [58_000, "1"],
      [999, "1"],
    ] as const
  ) {
    desk.clock.advance(afterMs);
    assertEquals(await retryAfter(), seconds);
  }
  desk.clock.advance(1);
  assertEquals(said(await desk.pay("order-1", desk.code())), "201");
  assertEquals(tally(await guesses([desk.api], desk.merchant, 10)), {
    "code-not-accepted": 3,
    "too-many-attempts": 7,
  });
});

Deno.test("a day has so many bad codes, too", async () => {
  await using desk = await guessedDesk(20, 50);
  const evaluated: number[] = [];
  for (let minute = 0; minute < 4; minute++) {
    const counts = tally(
      await guesses([desk.api], desk.merchant, 40, 100 * minute),
    );
    evaluated.push(counts["code-not-accepted"] ?? 0);
    desk.clock.advance(MINUTE_MS);
  }
  assertEquals(evaluated, [20, 20, 10, 0]);
  // The first miss of the second and of the third minute is looked for once
  // more, in a bucket that was read again.
  assertEquals(searchesOf(desk.app), 50 + 2);
  const { status, headers } = await desk.pay("order-1", desk.code());
  // At noon and four minutes.
  assertEquals([status, headers.get("retry-after")], [429, `${43_200 - 240}`]);
  desk.clock.advance(DAY_MS / 2 - 4 * MINUTE_MS);
  assertEquals(said(await desk.pay("order-1", desk.code())), "201");
});

Deno.test("10 000 bad codes of one merchant are as many searches as the limit", async () => {
  await using desk = await guessedDesk(5);
  let refused = 0;
  for (let i = 0; i < 100; i++) {
    const answers = await guesses([desk.api], desk.merchant, 100, i * 100);
    refused += tally(answers)["code-not-accepted"] ?? 0;
  }
  assertEquals(refused, 5);
  assertEquals(searchesOf(desk.app), 5);
});

Deno.test("bad codes of many merchants are each one's own", async () => {
  await using desk = await guessedDesk(5);
  const merchants = await Promise.all(
    Array.from({ length: 20 }, (_, i) => desk.api.merchant(`Shop ${i}`)),
  );
  const answers = await Promise.all(
    merchants.map((merchant) => guesses([desk.api], merchant, 20)),
  );
  for (const each of answers) {
    assertEquals(tally(each), {
      "code-not-accepted": 5,
      "too-many-attempts": 15,
    });
  }
  assertEquals(searchesOf(desk.app), 100);
  assertEquals(said(await desk.pay("order-1", desk.code())), "201");
});

for (const edges of [1, 2, 3]) {
  Deno.test(`100 bad codes at once on ${edges} edges are exactly the limit`, async () => {
    for (const perMinute of [5, 20]) {
      await using desk = await guessedDesk(perMinute);
      const apps = [desk.app];
      while (apps.length < edges) {
        apps.push(
          await startApp({
            path: desk.app.path,
            clock: desk.clock,
            random: oneBucket,
            ...guessLimits(perMinute),
          }),
        );
      }
      const answers = await guesses(
        apps.map(({ api }) => api),
        desk.merchant,
        100,
      );
      assertEquals(tally(answers), {
        "code-not-accepted": perMinute,
        "too-many-attempts": 100 - perMinute,
      });
      const searches = apps.map(searchesOf).reduce((a, b) => a + b);
      assertEquals(searches, perMinute);
      for (const app of apps.slice(1)) await app[Symbol.asyncDispose]();
    }
  });
}

Deno.test("1 000 good codes are never throttled by a limit of 5, and leave it whole", async () => {
  await using desk = await guessedDesk(5, 5);
  const code = desk.code();
  assertEquals(said(await desk.pay("order-1", code)), "201");
  for (let i = 0; i < 8; i++) {
    // One after the other and 100 at once; paid orders and replays are found.
    const answers = await Promise.all(
      Array.from(
        { length: 100 },
        (_, k) => desk.pay(k % 2 === 0 ? "order-1" : `other-${k}`, code),
      ),
    );
    assertEquals(tally(answers), { "200": 50, "code-replayed": 50 });
    assertEquals(said(await desk.pay("order-1", code)), "200");
  }
  for (let i = 0; i < 100; i++) {
    const paid = await desk.pay(`online-${i}`, await desk.onlineCode(), {
      amount_minor: 1,
    });
    assertEquals(said(paid), "201");
  }
  assertEquals(tally(await guesses([desk.api], desk.merchant, 20)), {
    "code-not-accepted": 5,
    "too-many-attempts": 15,
  });
});

Deno.test("good codes of many customers at once are not throttled by each other", async () => {
  await using desk = await guessedDesk(5);
  const phones = [desk.phone];
  for (let i = 0; i < 3; i++) {
    phones.push(await desk.api.enrol(desk.walletKey, `c-${i}`, `p-${i}`));
    await desk.api.setBalance(`c-${i}`, 10_000);
  }
  const edges = [desk.app];
  for (let i = 0; i < 3; i++) {
    edges.push(
      await startApp({
        path: desk.app.path,
        clock: desk.clock,
        random: oneBucket,
        ...guessLimits(5),
      }),
    );
  }
  const answers = await Promise.all(
    Array.from({ length: 200 }, (_, i) => {
      const phone = phones[i % 4]!;
      return edges[(i >> 2) % 4]!.api.pay(desk.merchant, {
        code: phone.code(desk.clock.ms),
        order_id: `order-${phone.accountId}`,
        amount_minor: 1,
      });
    }),
  );
  const { "201": paid, "200": again = 0, "payment-pending": open = 0 } = tally(
    answers,
  );
  assertEquals([paid, again + open], [4, 196]);
  for (const app of edges.slice(1)) await app[Symbol.asyncDispose]();
});

Deno.test("no customer is locked by anybody's bad codes", async () => {
  await using desk = await guessedDesk(5);
  const other = await desk.api.merchant("Another Shop");
  await guesses([desk.api], desk.merchant, 50);
  assertEquals(
    said(await desk.pay("order-1", desk.code())),
    "too-many-attempts",
  );
  assertEquals(said(await desk.pay("order-1", desk.code(), {}, other)), "201");
  const { status } = await desk.api.verify(
    desk.walletKey,
    await desk.onlineCode(),
    "ref-1",
  );
  assertEquals(status, 200);
});
