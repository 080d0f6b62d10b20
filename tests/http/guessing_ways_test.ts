import { assert, assertEquals } from "@std/assert";
import type { Api } from "../support/world/api.ts";
import { openDesk, said, storedValues, tally } from "../support/world/desk.ts";
import {
  guess,
  guessedDesk,
  guesses,
  MINUTE_MS,
  searchesOf,
} from "../support/world/guesses/guesses.ts";
import { oneBucket } from "../support/world/scene.ts";

Deno.test("each wallet key has its own ration, and an administrator its size", async () => {
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
  // One key that is stolen or broken leaves the others what is theirs.
  const second = await desk.api.walletKey();
  assertEquals(said(await verify(second, 51)), "code-not-accepted");
  const { api } = desk;
  const sized = async (bad_codes: object) =>
    (await api.must(201, "POST", "/v1/admin/wallet-keys", {
      key: api.adminKey,
      body: { name: "sized", bad_codes },
    })).api_key;
  const searched = async (key: string) => {
    for (let i = 0;; i++) {
      if (said(await verify(key, 60 + i)) !== "code-not-accepted") return i;
    }
  };
  assertEquals(await searched(await sized({ per_minute: 2 })), 2);
  assertEquals(await searched(await sized({ per_minute: 8 })), 8);
  assertEquals(await searched(await sized({ per_day: 3 })), 3);
  const { keys } = await api.must(200, "GET", "/v1/admin/wallet-keys", {
    key: api.adminKey,
  });
  assertEquals(
    keys.flatMap((key: { bad_codes?: object }) => key.bad_codes ?? []).length,
    3,
  );
  for (
    const bad_codes of [{ per_minute: 0 }, { per_hour: 1 }, [], 5, {
      per_day: 1e10,
    }]
  ) {
    const { status } = await api.call("POST", "/v1/admin/wallet-keys", {
      key: api.adminKey,
      body: { name: "sized", bad_codes },
    });
    assertEquals(status, 400);
  }
  // And no merchant is.
  assertEquals(said(await desk.pay("order-1", desk.code())), "201");
});

Deno.test("wrong codes at one till stop that till, and no other one of the chain", async () => {
  await using desk = await openDesk({
    random: oneBucket,
    settings: {
      badCodes: { perTerminalMinute: 3, perMinute: 12, perDay: 100 },
    },
  });
  let orders = 0;
  const scan = async (till: string | undefined, code: string) => {
    const more = till === undefined ? {} : { terminal_id: till };
    return said(await desk.pay(`order-${++orders}`, code, more));
  };
  const searched = async (till: string | undefined) => {
    let count = 0;
    while (await scan(till, guess(orders)) === "code-not-accepted") count++;
    return count;
  };
  assertEquals(await searched("till-1"), 3);
  // Not even a good code is searched there now, and everywhere else it is.
  assertEquals(await scan("till-1", desk.code()), "too-many-attempts");
  assertEquals(await scan("till-2", desk.code()), "201");
  // Those without a name are one till.
  assertEquals(await searched(undefined), 3);
  assertEquals(await searched("till-1 ".trim()), 0);
  // Whoever invents tills has what is left to the merchant.
  let invented = 0;
  for (let i = 0; i < 20; i++) {
    if (await scan(`t-${i}`, guess(i)) === "code-not-accepted") invented++;
  }
  assertEquals(invented, 6);
  assertEquals(searchesOf(desk.app), 13);
  assertEquals(await scan("till-2", desk.next()), "too-many-attempts");
  desk.clock.advance(MINUTE_MS);
  assertEquals(await scan("till-1", desk.code()), "201");
});

/** Texts that are nearly a code. */
const misspellings = (code: string) => [
  ...[` ${code}`, `${code} `, `${code}\n`, `+${code}`, `0${code}`, `${code}0`],
  ...[code.replaceAll("0", "０"), code.replaceAll("0", "٠")],
  ...[code.slice(0, 17), `91${code.slice(2)}`, `902${code.slice(3)}`],
];

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
  for (const spelling of misspellings(guess(1))) {
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

Deno.test("an order that is repeated long after its code died costs no guess, another code does", async () => {
  await using desk = await guessedDesk(3);
  const { clock } = desk;
  const code = desk.code();
  assertEquals(said(await desk.pay("order-1", code)), "201");
  clock.advance(10 * MINUTE_MS);
  for (let i = 0; i < 20; i++) {
    assertEquals(said(await desk.pay("order-1", code)), "200");
  }
  assertEquals(said(await desk.pay("order-2", desk.code())), "201");
  // A paid order is no way to guess for nothing.
  for (let i = 0; i < 3; i++) {
    assertEquals(said(await desk.pay("order-1", guess(i))), "200");
  }
  const searches = searchesOf(desk.app);
  assertEquals(said(await desk.pay("order-1", guess(3))), "200");
  assertEquals(
    said(await desk.pay("order-3", desk.next())),
    "too-many-attempts",
  );
  assertEquals(searchesOf(desk.app), searches);
});
