import { assert, assertEquals } from "@std/assert";
import { openCore } from "../../edge/core/core.ts";
import type { Answer, Api, TestMerchant } from "../support/api.ts";
import { startApp, type TestApp, type TestAppOptions } from "../support/app.ts";
import {
  type Desk,
  openDesk,
  said,
  storedValues,
  tally,
} from "../support/desk.ts";
import { FaultyStore } from "../support/faulty_store.ts";
import { oneBucket } from "../support/scene.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

const guessLimits = (perMinute: number, perDay = 1_000_000) => ({
  settings: { guessLimits: { perMinute, perDay } },
});

/** A shop with so many bad codes; everybody is in bucket 0. */
function guessedDesk(
  perMinute: number,
  perDay?: number,
  more: TestAppOptions = {},
): Promise<Desk> {
  return openDesk({
    random: oneBucket,
    ...guessLimits(perMinute, perDay),
    ...more,
  });
}

/** A code of bucket 0 that is nobody's. */
const guess = (i: number) => `9010000${`${i}`.padStart(11, "0")}`;

/** What a core has compared before its first search: its self-test. */
const COMPARED = openCore(
  await Deno.readFile(
    new URL("../../wasm/release/core.wasm", import.meta.url),
  ),
).work().compares;

/**
 * How many searches the core has made: the bucket has one group of seeds, which
 * is compared once for each of three steps.
 */
const searchesOf = ({ core }: TestApp) =>
  Number(core.work().compares - COMPARED) / 3;

/** Wrong codes at once, each for an order of its own. */
function guesses(
  apis: readonly Api[],
  merchant: TestMerchant,
  count: number,
  first = 0,
): Promise<Answer[]> {
  return Promise.all(
    Array.from(
      { length: count },
      (_, i) =>
        apis[i % apis.length]!.pay(merchant, {
          code: guess(first + i),
          order_id: `guess-${first + i}`,
        }),
    ),
  );
}

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

Deno.test("verifications are limited by the wallet key's owner", async () => {
  await using desk = await guessedDesk(5);
  const verify = (key: string, i: number) =>
    desk.api.verify(key, guess(i), `ref-${i}`);
  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, i) => verify(desk.walletKey, i)),
  );
  assertEquals(tally(answers), {
    "code-not-accepted": 5,
    "too-many-attempts": 45,
  });
  const late = await verify(desk.walletKey, 50);
  assertEquals([late.status, late.headers.get("retry-after")], [429, "60"]);
  // A second key of the same owner is the same owner.
  const second = await desk.api.walletKey();
  assertEquals(said(await verify(second, 51)), "too-many-attempts");
  const another = await desk.api.walletKey("another backend");
  assertEquals(said(await verify(another, 52)), "code-not-accepted");
  // And no merchant is.
  assertEquals(said(await desk.pay("order-1", desk.code())), "201");
});

Deno.test("nothing that a caller sends gets around the limit", async () => {
  await using desk = await guessedDesk(5);
  const { api, merchant } = desk;
  await guesses([api], merchant, 10);
  const { api_key } = await api.must(
    201,
    "POST",
    `/v1/admin/merchants/${merchant.id}/keys`,
    { key: api.adminKey },
  );
  const before = searchesOf(desk.app);
  const tries: Parameters<Api["call"]>[2][] = [
    ...[
      { "x-forwarded-for": "203.0.113.7" },
      { "x-forwarded-for": "127.0.0.1, 10.0.0.1" },
      { "x-real-ip": "203.0.113.7", "forwarded": "for=203.0.113.7" },
      { "cf-connecting-ip": "203.0.113.7", "true-client-ip": "203.0.113.8" },
      { "x-request-id": "req_1", "idempotency-key": "1" },
      { "user-agent": "another till", "host": "other.example" },
      { "x-merchant-id": "mer_other", "x-api-key": "other" },
      { "x-http-method-override": "PUT" },
    ].map((headers) => ({ headers })),
    { key: api_key },
  ];
  for (const [i, options] of tries.entries()) {
    const answer = await api.call("POST", "/v1/payments", {
      key: merchant.key,
      body: {
        code: guess(100 + i),
        order_id: `order-${i}`,
        amount_minor: 1 + i,
        currency: "EUR",
        terminal_id: `till-${i}`,
      },
      ...options,
    });
    assertEquals([answer.status, said(answer)], [429, "too-many-attempts"]);
  }
  for (const path of ["/v1/payments?x=1", "/v1/payments/", "//v1/payments"]) {
    const answer = await api.call("POST", path, {
      key: merchant.key,
      body: {
        code: guess(200),
        order_id: "order-1",
        amount_minor: 1,
        currency: "EUR",
      },
    });
    assert(["too-many-attempts", "not-found"].includes(said(answer)), path);
  }
  for (
    const spelling of [
      ` ${guess(1)}`,
      `${guess(1)} `,
      `${guess(1)}\n`,
      guess(1).replaceAll("0", "０"),
      guess(1).replaceAll("0", "٠"),
      `+${guess(1)}`,
      `0${guess(1)}`,
      `${guess(1)}0`,
      guess(1).slice(0, 17),
      `91${guess(1).slice(2)}`,
      `902${guess(1).slice(3)}`,
    ]
  ) {
    const answer = await desk.pay("order-1", spelling);
    assert(
      ["too-many-attempts", "code-malformed"].includes(said(answer)),
      `${JSON.stringify(spelling)} ${said(answer)}`,
    );
  }
  // An online code is a code, too.
  assertEquals(
    said(await desk.pay("order-1", "900000000000000000")),
    "too-many-attempts",
  );
  assertEquals(searchesOf(desk.app), before);
});

Deno.test("guesses at online codes count as any other", async () => {
  await using desk = await guessedDesk(5);
  const live = await desk.onlineCode();
  const near = (i: number) =>
    `900${
      `${(BigInt(live.slice(3)) + BigInt(i)) % 10n ** 15n}`.padStart(15, "0")
    }`;
  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, i) => desk.pay(`order-${i}`, near(i + 1))),
  );
  assertEquals(tally(answers), {
    "code-not-accepted": 5,
    "too-many-attempts": 45,
  });
  assertEquals(said(await desk.pay("order-1", live)), "too-many-attempts");
  desk.clock.advance(MINUTE_MS - 1);
  const { api } = desk;
  const other = await api.merchant("Another Shop");
  assertEquals(said(await desk.pay("order-1", live, {}, other)), "201");
});

Deno.test("a code that cannot be one costs no guess", async () => {
  await using desk = await guessedDesk(2);
  for (let i = 0; i < 20; i++) {
    assertEquals(said(await desk.pay("order-1", "smudged")), "code-malformed");
    assertEquals(
      said(await desk.pay("order-1", "904000000000000000")),
      "code-malformed",
    );
  }
  assertEquals(storedValues(desk.app.path, "guesses"), []);
  assertEquals(said(await desk.pay("order-1", guess(1))), "code-not-accepted");
});

Deno.test("an order that is known is answered while its merchant is throttled", async () => {
  await using desk = await guessedDesk(2);
  const paid = await desk.pay("paid", desk.code());
  await desk.api.setBalance("alice", 0);
  const declinedCode = desk.next();
  await desk.pay("declined", declinedCode);
  desk.ledger.debits = "unheard";
  await desk.pay("open", desk.next());
  await desk.reverse("closed");
  await guesses([desk.api], desk.merchant, 5);
  for (const code of [desk.code(), guess(77), "smudged"]) {
    const again = await desk.pay("paid", code);
    assertEquals(
      [again.status, again.body.repeat, again.body.payment_id],
      [200, true, paid.body.payment_id],
    );
    assertEquals(said(await desk.pay("open", code)), "payment-pending");
    assertEquals(said(await desk.pay("closed", code)), "payment-reversed");
    assertEquals(
      said(await desk.pay("paid", code, { amount_minor: 1 })),
      "order-conflict",
    );
  }
  assertEquals(
    said(await desk.pay("declined", declinedCode)),
    "payment-declined",
  );
  // What would be a new attempt is one more search.
  assertEquals(
    said(await desk.pay("declined", desk.code())),
    "too-many-attempts",
  );
  // Nor does the limit keep a till from undoing.
  assertEquals(said(await desk.reverse("paid")), "200");
});

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
  const spent = () =>
    Number(
      storedValues(desk.app.path, "guesses")
        .find(({ name }) => /:d[0-9]+$/.test(name))?.value,
    );
  // 1 and 2 and 4 leased, of which three are not spent.
  await guesses([desk.api], desk.merchant, 4);
  assertEquals(spent(), 7);
  desk.clock.advance(MINUTE_MS);
  assertEquals(said(await desk.pay("order-1", desk.code())), "201");
  // The three pay for what is leased next, one by one.
  assertEquals(spent(), 7);
  // So 26 are left, and not fewer.
  assertEquals(tally(await guesses([desk.api], desk.merchant, 40, 100)), {
    "code-not-accepted": 26,
    "too-many-attempts": 14,
  });
});

Deno.test("what is counted of guesses ends with its minute and its day", async () => {
  await using desk = await guessedDesk(5);
  await guesses([desk.api], desk.merchant, 10);
  await desk.api.verify(desk.walletKey, guess(1), "ref-1");
  const ends = storedValues(desk.app.path, "guesses").map((
    { name, expiresAtMs },
  ) => [/:([md])[0-9]+$/.exec(name)?.[1], expiresAtMs! - desk.clock.ms]);
  assertEquals(ends.toSorted().map(String), [
    `d,${DAY_MS / 2}`,
    `d,${DAY_MS / 2}`,
    `m,${MINUTE_MS}`,
    `m,${MINUTE_MS}`,
  ]);
});
