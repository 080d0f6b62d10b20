import { assert, assertEquals } from "@std/assert";
import type { Answer } from "../support/api.ts";
import {
  type Desk,
  limited,
  openDesk,
  said,
  STANDARD,
  STEP_MS,
  storedValues,
} from "../support/desk.ts";
import { dumpStore } from "../support/store_dump.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

/** Pays 12.50, or so much, by the next code under the next order. */
function till(desk: Desk) {
  let orders = 0;
  return async (amount_minor = 1_250, fields = {}): Promise<Answer> =>
    await desk.pay(`order-${++orders}`, desk.next(), {
      amount_minor,
      ...fields,
    });
}

function assertLimit({ status, body }: Answer, limit: string): void {
  assertEquals(
    [status, body.code, body.retry, body.detail],
    [
      422,
      "limit-exceeded",
      "new-code",
      `The payment would exceed the limit ${limit}.`,
    ],
  );
}

/** What still counts, by name. */
function counters(desk: Desk, ...kinds: string[]): Record<string, string> {
  const all = kinds.length > 0 ? kinds : ["spent", "payments", "offline-uses"];
  const live = storedValues(desk.app.path, ...all)
    .filter(({ expiresAtMs }) => {
      // None may stay for ever, and none may be below 0.
      assert(expiresAtMs !== null);
      return expiresAtMs > desk.clock.ms;
    });
  for (const { value } of live) assert(/^(0|[1-9][0-9]*)$/.test(value), value);
  return Object.fromEntries(live.map(({ name, value }) => [name, value]));
}

/** Everything in the store but the count of guesses. */
function recordsOf({ app }: Desk): string[] {
  return dumpStore(app.path).filter((row) => !row.includes(":guesses:"));
}

Deno.test("a payment may be as large as the limit, and not a cent larger", async () => {
  await using desk = await openDesk({
    settings: limited({ perPaymentMinor: 1_250 }),
  });
  const pay = till(desk);
  assertLimit(await pay(1_251), "per-payment");
  assertEquals(said(await pay(1_250)), "201");
  assertEquals(said(await pay(1_250)), "201");
});

Deno.test("a day's sum may be as large as the limit, and not a cent larger", async () => {
  await using desk = await openDesk({
    settings: limited({ perDayMinor: 3_000 }),
  });
  const pay = till(desk);
  assertEquals(said(await pay()), "201");
  assertEquals(said(await pay()), "201");
  assertLimit(await pay(501), "per-day");
  assertEquals(said(await pay(500)), "201");
  assertLimit(await pay(1), "per-day");
  assertEquals(await desk.balance(), 7_000);
  assertEquals(counters(desk, "spent"), {
    "spent:alice:EUR:2026-01-15": "3000",
  });
});

Deno.test("a day has so many payments, whatever their amounts and currencies", async () => {
  await using desk = await openDesk({
    settings: limited({ countPerDay: 3, perDayMinor: 2_500 }),
  });
  const pay = till(desk);
  assertEquals(said(await pay()), "201");
  assertEquals(said(await pay()), "201");
  // Each currency has a sum of its own.
  assertLimit(await pay(1), "per-day");
  await desk.api.setBalance("alice", 10_000, "JPY");
  assertEquals(said(await pay(1_250, { currency: "JPY" })), "201");
  assertLimit(await pay(1, { currency: "JPY" }), "count-per-day");
  assertEquals(counters(desk, "spent", "payments"), {
    "payments:alice:2026-01-15": "3",
    "spent:alice:EUR:2026-01-15": "2500",
    "spent:alice:JPY:2026-01-15": "1250",
  });
});

Deno.test("the limits are the account's at all merchants together, and its own", async () => {
  await using desk = await openDesk({
    settings: limited({ perDayMinor: 2_000 }),
  });
  const { api, walletKey } = desk;
  const other = await api.merchant("Another Shop");
  const bob = await api.enrol(walletKey, "bob", "phone-b");
  await api.setBalance("bob", 10_000);
  assertEquals(said(await desk.pay("order-1", desk.code())), "201");
  assertLimit(await desk.pay("order-1", desk.next(), {}, other), "per-day");
  const bobs = bob.code(desk.clock.ms);
  assertEquals(said(await desk.pay("order-2", bobs, {}, other)), "201");
});

Deno.test("a payment above a limit leaves no trace and does not spend the code", async () => {
  const one: Record<string, ReturnType<typeof limited>> = {
    "per-payment": limited({ perPaymentMinor: 1_249 }),
    "per-day": limited({ perDayMinor: 1_249 }),
    "count-per-day": limited({ countPerDay: 0 }),
    "offline-uses": limited({ offlineUses: 0 }),
  };
  for (const [limit, settings] of Object.entries(one)) {
    await using desk = await openDesk({ settings });
    const before = recordsOf(desk);
    for (let i = 0; i < 2; i++) {
      assertLimit(await desk.pay("order-1", desk.code()), limit);
    }
    assertEquals(recordsOf(desk), before, limit);
    const found = await desk.query("order-1");
    assertEquals([found.status, said(found)], [404, "not-found"]);
    assertEquals(desk.ledger.calls, []);
    if (limit === "per-payment" || limit === "per-day") {
      const less = await desk.pay("order-1", desk.code(), {
        amount_minor: 1_249,
      });
      assertEquals(said(less), "201");
    } else {
      const { status } = await desk.api.verify(
        desk.walletKey,
        desk.code(),
        "ref-1",
      );
      assertEquals(status, 200);
    }
  }
});

Deno.test("a limit is told only of a code that is good", async () => {
  await using desk = await openDesk({
    settings: limited({ perPaymentMinor: 0, perDayMinor: 0 }),
  });
  const code = desk.code();
  await desk.api.verify(desk.walletKey, code, "ref-1");
  assertEquals(said(await desk.pay("order-1", code)), "code-replayed");
  const unknown = await desk.pay("order-1", "901000000000000000");
  assertEquals(said(unknown), "code-not-accepted");
  await desk.setRisk("blocked");
  assertEquals(said(await desk.pay("order-1", desk.next())), "payer-blocked");
});

Deno.test("an account has so many offline uses until it is seen online", async () => {
  await using desk = await openDesk({
    settings: limited({ offlineUses: 2 }),
  });
  const pay = till(desk);
  for (let run = 0; run < 2; run++) {
    assertEquals(said(await pay()), "201");
    assertEquals(said(await pay()), "201");
    assertLimit(await pay(1), "offline-uses");
    // Days do not help.
    desk.clock.advance(10 * DAY_MS);
    assertLimit(await pay(1), "offline-uses");
    await desk.onlineCode();
    assertEquals(counters(desk, "offline-uses"), {});
  }
  await pay();
  await pay();
  // Nor does another phone.
  const { api, walletKey } = desk;
  const phone = await api.enrol(walletKey, "alice", "phone-2");
  const code = phone.code(desk.clock.ms);
  assertLimit(await desk.pay("order-x", code), "offline-uses");
  await desk.onlineCode(phone.credentialId);
  assertEquals(said(await desk.pay("order-x", code)), "201");
});

Deno.test("online codes are no offline uses", async () => {
  await using desk = await openDesk({ settings: limited({ offlineUses: 1 }) });
  for (let i = 0; i < 3; i++) {
    const paid = await desk.pay(`online-${i}`, await desk.onlineCode());
    assertEquals(said(paid), "201");
  }
  assertEquals(said(await desk.pay("offline-1", desk.code())), "201");
  assertLimit(await desk.pay("offline-2", desk.next()), "offline-uses");
});

Deno.test("a customer who confirms was seen online, one who refuses was not", async () => {
  await using desk = await openDesk({
    settings: limited({ offlineUses: 2, stepUpAboveMinor: 1_000 }),
  });
  const pay = till(desk);
  assertEquals(said(await pay(1)), "201");
  const first = await pay();
  assertEquals(said(first), "payment-pending");
  assertLimit(await pay(1), "offline-uses");
  // The one that waits takes its share until it is refused.
  await desk.confirm(first.body.payment_id, false);
  assertEquals(counters(desk, "offline-uses"), { "offline-uses:alice": "1" });
  const second = await pay();
  assertLimit(await pay(1), "offline-uses");
  const yes = await desk.confirm(second.body.payment_id, true);
  assertEquals(yes.body.status, "succeeded");
  assertEquals(counters(desk, "offline-uses"), {});
  assertEquals(said(await pay(1)), "201");
  assertEquals(said(await pay(1)), "201");
  assertLimit(await pay(1), "offline-uses");
});

Deno.test("a restricted account has the limits of its tier, at once and with what was spent", async () => {
  await using desk = await openDesk({
    settings: limited({ perDayMinor: 5_000 }, {
      restricted: {
        perPaymentMinor: 1_250,
        perDayMinor: 2_000,
        countPerDay: 3,
        offlineUses: 1_000,
        stepUpAboveMinor: 1_000,
      },
    }),
  });
  const pay = till(desk);
  assertEquals(said(await pay()), "201");
  const changed = await desk.setRisk("restricted");
  assertEquals([changed.status, changed.body.risk], [200, "restricted"]);
  assertLimit(await pay(1_251), "per-payment");
  assertLimit(await pay(751), "per-day");
  assertEquals(said(await pay(700)), "201");
  assertEquals(said(await pay(50)), "201");
  assertLimit(await pay(1), "per-day");
  await desk.setRisk("normal");
  assertEquals(said(await pay(3_000)), "201");
  assertLimit(await pay(1), "per-day");
  await desk.setRisk("restricted");
  assertLimit(await pay(1), "per-day");
  desk.clock.advance(DAY_MS);
  const large = await pay(1_001);
  assertEquals([large.status, said(large)], [402, "payment-pending"]);
});

Deno.test("a declined payment gives its share back", async () => {
  await using desk = await openDesk({
    settings: limited({ perDayMinor: 1_250, countPerDay: 1, offlineUses: 1 }),
  });
  const pay = till(desk);
  await desk.api.setBalance("alice", 0);
  for (let i = 0; i < 3; i++) {
    assertEquals(said(await pay()), "payment-declined");
    assertEquals(counters(desk), {
      "offline-uses:alice": "0",
      "payments:alice:2026-01-15": "0",
      "spent:alice:EUR:2026-01-15": "0",
    });
  }
  await desk.api.setBalance("alice", 10_000);
  assertEquals(said(await pay()), "201");
  assertLimit(await pay(1), "per-day");
});

Deno.test("a reversed payment gives its share back, once", async () => {
  await using desk = await openDesk({
    settings: limited({ perDayMinor: 2_500, countPerDay: 2, offlineUses: 2 }),
  });
  const pay = till(desk);
  assertEquals(said(await pay()), "201");
  assertEquals(said(await pay()), "201");
  assertLimit(await pay(1), "per-day");
  desk.ledger.reversals = "lost";
  await desk.reverse("order-1");
  // Nothing is given back before it is certain.
  assertLimit(await pay(1), "per-day");
  desk.ledger.reversals = "up";
  for (let i = 0; i < 3; i++) {
    assertEquals(said(await desk.reverse("order-1")), "200");
  }
  assertEquals(counters(desk), {
    "offline-uses:alice": "1",
    "payments:alice:2026-01-15": "1",
    "spent:alice:EUR:2026-01-15": "1250",
  });
  assertEquals(said(await pay()), "201");
  assertLimit(await pay(1), "per-day");
});

Deno.test("a payment that was refused, lapsed or ran out gives its share back", async () => {
  const ends: Record<string, (desk: Desk, id: string) => Promise<unknown>> = {
    refused: (desk, id) => desk.confirm(id, false),
    lapsed: (desk) => {
      desk.clock.advance(180_000);
      return desk.app.sweeper.sweep();
    },
    reversed: (desk) => desk.reverse("order-1"),
    "ran out": async (desk, id) => {
      desk.ledger.debits = "unheard";
      desk.ledger.queries = "unheard";
      await desk.confirm(id, true);
      desk.clock.advance(45_000);
      await desk.app.sweeper.sweep();
      desk.ledger.debits = "up";
    },
  };
  for (const [what, end] of Object.entries(ends)) {
    await using desk = await openDesk({
      settings: limited({ perDayMinor: 1_250, stepUpAboveMinor: 1_249 }),
    });
    const pay = till(desk);
    const waiting = await pay();
    assertEquals(said(waiting), "payment-pending");
    assertLimit(await pay(1), "per-day");
    await end(desk, waiting.body.payment_id);
    assertEquals(said(await pay(1_249)), "201", what);
    assertLimit(await pay(2), "per-day");
  }
});

/** The first and the last moment of a day in a zone. */
const DAYS: readonly (readonly [
  zone: string,
  day: string,
  first: string,
  last: string,
])[] = [
  ["UTC", "2026-01-15", "2026-01-15T00:00:00.000Z", "2026-01-15T23:59:59.999Z"],
  [
    "Asia/Shanghai",
    "2026-01-16",
    "2026-01-15T16:00:00.000Z",
    "2026-01-16T15:59:59.999Z",
  ],
  // 23 hours, and 25 hours.
  [
    "America/New_York",
    "2026-03-08",
    "2026-03-08T05:00:00.000Z",
    "2026-03-09T03:59:59.999Z",
  ],
  [
    "America/New_York",
    "2026-11-01",
    "2026-11-01T04:00:00.000Z",
    "2026-11-02T04:59:59.999Z",
  ],
  // Where midnight itself is skipped, and where an hour before it comes twice.
  [
    "America/Santiago",
    "2026-09-06",
    "2026-09-06T04:00:00.000Z",
    "2026-09-07T02:59:59.999Z",
  ],
  [
    "America/Santiago",
    "2026-04-04",
    "2026-04-04T03:00:00.000Z",
    "2026-04-05T03:59:59.999Z",
  ],
  [
    "Asia/Kathmandu",
    "2026-01-15",
    "2026-01-14T18:15:00.000Z",
    "2026-01-15T18:14:59.999Z",
  ],
];

for (const [timeZone, day, first, last] of DAYS) {
  Deno.test(`the ${day} of limits in ${timeZone} lasts from ${first} to ${last}`, async () => {
    const nowMs = Date.parse(first) - 10 * STEP_MS;
    await using desk = await openDesk({
      nowMs,
      settings: limited({ perDayMinor: 1_250 }, { timeZone }),
    });
    const payAt = async (order: string, time: number) => {
      desk.clock.ms = time;
      return said(await desk.pay(order, desk.code()));
    };
    const spent = () => counters(desk, "spent")[`spent:alice:EUR:${day}`];
    assertEquals(await payAt("before", nowMs), "201");
    assertEquals(
      await payAt("a-moment-before", Date.parse(first) - 1),
      "limit-exceeded",
    );
    assertEquals(spent(), undefined);
    assertEquals(await payAt("first", Date.parse(first)), "201");
    assertEquals(spent(), "1250");
    assertEquals(await payAt("last", Date.parse(last)), "limit-exceeded");
    assertEquals(await payAt("next", Date.parse(last) + 1), "201");
    assertEquals(spent(), "1250");
  });
}

Deno.test("what is given back after midnight goes to the day it was taken from", async () => {
  const lateMs = Date.parse("2026-01-15T23:50:00.000Z");
  await using desk = await openDesk({
    nowMs: lateMs,
    settings: limited({ perDayMinor: 2_000, countPerDay: 2 }),
  });
  assertEquals(said(await desk.pay("late", desk.code())), "201");
  desk.ledger.debits = "unheard";
  const open = await desk.pay("open", desk.next(), { amount_minor: 750 });
  assertEquals(said(open), "payment-pending");
  desk.ledger.debits = "up";
  const eve = () => ({
    "payments:alice:2026-01-15": counters(desk)["payments:alice:2026-01-15"],
    "spent:alice:EUR:2026-01-15": counters(desk)["spent:alice:EUR:2026-01-15"],
  });
  desk.clock.ms = lateMs + 20 * 60_000;
  assertEquals(
    said(await desk.pay("early", desk.code(), { amount_minor: 1_500 })),
    "201",
  );
  const today = {
    "payments:alice:2026-01-16": "1",
    "spent:alice:EUR:2026-01-16": "1500",
  };
  const offline = (n: number) => ({ "offline-uses:alice": `${n}` });
  assertEquals(said(await desk.reverse("late")), "200");
  assertEquals(eve(), {
    "payments:alice:2026-01-15": "1",
    "spent:alice:EUR:2026-01-15": "750",
  });
  // The one that crashed before midnight, ended by the sweeper.
  assertEquals(await desk.app.sweeper.sweep(), { due: 1, ended: 1 });
  assertEquals(counters(desk), {
    ...offline(1),
    "payments:alice:2026-01-15": "0",
    "spent:alice:EUR:2026-01-15": "0",
    ...today,
  });
  assertEquals(
    said(await desk.pay("more", desk.next(), { amount_minor: 501 })),
    "limit-exceeded",
  );
});

Deno.test("what is given back to a day long gone is given to nobody", async () => {
  await using desk = await openDesk({
    settings: limited({ perDayMinor: 2_000 }),
  });
  desk.ledger.debits = "unheard";
  assertEquals(said(await desk.pay("order-1", desk.code())), "payment-pending");
  assertEquals(counters(desk, "spent", "payments"), {
    "payments:alice:2026-01-15": "1",
    "spent:alice:EUR:2026-01-15": "1250",
  });
  desk.clock.advance(2 * DAY_MS + 12 * HOUR_MS);
  // A late reversal still finds them; then they end.
  assertEquals(Object.keys(counters(desk, "spent", "payments")).length, 2);
  desk.clock.advance(DAY_MS);
  assertEquals(counters(desk, "spent", "payments"), {});
  assertEquals(await desk.app.sweeper.sweep(), { due: 1, ended: 1 });
  assertEquals((await desk.query("order-1")).body.status, "reversed");
  assertEquals(counters(desk, "spent", "payments"), {});
});

Deno.test("what an account seen online gets back does not make a counter", async () => {
  await using desk = await openDesk({ settings: limited({ offlineUses: 1 }) });
  assertEquals(said(await desk.pay("order-1", desk.code())), "201");
  await desk.onlineCode();
  assertEquals(said(await desk.reverse("order-1")), "200");
  assertEquals(counters(desk, "offline-uses"), {});
  assertEquals(said(await desk.pay("order-2", desk.next())), "201");
  assertLimit(await desk.pay("order-3", desk.next()), "offline-uses");
});

Deno.test("an offline use goes back only to the run that it was taken from", async () => {
  await using desk = await openDesk({ settings: limited({ offlineUses: 2 }) });
  const pay = till(desk);
  assertEquals(said(await pay()), "201");
  assertEquals(said(await pay()), "201");
  desk.clock.advance(1);
  await desk.onlineCode();
  assertEquals(said(await pay()), "201");
  // One of before, and one of now.
  assertEquals(said(await desk.reverse("order-1")), "200");
  assertEquals(counters(desk, "offline-uses"), { "offline-uses:alice": "1" });
  assertEquals(said(await desk.reverse("order-3")), "200");
  assertEquals(counters(desk, "offline-uses"), { "offline-uses:alice": "0" });
  assertEquals(said(await pay()), "201");
  assertEquals(said(await pay()), "201");
  assertLimit(await pay(), "offline-uses");
});

Deno.test("what was spent stays spent when the account is enrolled again", async () => {
  await using desk = await openDesk({
    settings: limited({ perDayMinor: 2_000, countPerDay: 3 }, {
      restricted: { perDayMinor: 1_500 },
    }),
  });
  const { api, walletKey } = desk;
  assertEquals(said(await desk.pay("order-1", desk.code())), "201");
  let phone = desk.phone;
  const again: Record<string, () => Promise<unknown>> = {
    "on another phone": async () =>
      phone = await api.enrol(walletKey, "alice", "phone-2"),
    "on the same phone": async () =>
      phone = await api.enrol(walletKey, "alice", "phone-2"),
    "after it was revoked": async () => {
      await api.must(204, "DELETE", `/v1/enrolments/${phone.credentialId}`, {
        key: walletKey,
      });
      phone = await api.enrol(walletKey, "alice", "phone-3");
    },
    "after its phone went to another account": async () => {
      await api.enrol(walletKey, "bob", "phone-3");
      phone = await api.enrol(walletKey, "alice", "phone-4");
    },
  };
  for (const [what, enrol] of Object.entries(again)) {
    await enrol();
    const code = phone.code(desk.clock.ms);
    const more = await desk.pay(`order-2-${what.length}`, code, {
      amount_minor: 751,
    });
    assertLimit(more, "per-day");
  }
  // The tier is the account's, too.
  await desk.setRisk("restricted", phone.credentialId);
  phone = await api.enrol(walletKey, "alice", "phone-5");
  const tight = await desk.pay("order-3", phone.code(desk.clock.ms), {
    amount_minor: 251,
  });
  assertLimit(tight, "per-day");
  const fits = await desk.pay("order-3", phone.code(desk.clock.ms), {
    amount_minor: 250,
  });
  assertEquals(said(fits), "201");
});

Deno.test("a payment repeated takes nothing twice", async () => {
  await using desk = await openDesk({
    settings: limited({ perDayMinor: 2_500, countPerDay: 2 }),
  });
  const code = desk.code();
  for (const answer of ["201", "200", "200"]) {
    assertEquals(said(await desk.pay("order-1", code)), answer);
  }
  assertEquals(said(await desk.pay("order-1", desk.next())), "200");
  assertEquals(counters(desk, "spent", "payments"), {
    "payments:alice:2026-01-15": "1",
    "spent:alice:EUR:2026-01-15": "1250",
  });
});

Deno.test("the limits that hold where nothing is chosen hold", async () => {
  await using desk = await openDesk({ settings: STANDARD });
  await desk.api.setBalance("alice", 10_000_000);
  const pay = till(desk);
  assertLimit(await pay(500_001), "per-payment");
  assertEquals(said(await pay(100_000)), "201");
  assertEquals(said(await pay(100_001)), "payment-pending");
  assertLimit(await pay(300_000), "per-day");
  await desk.setRisk("restricted");
  assertLimit(await pay(50_001), "per-payment");
  desk.clock.advance(DAY_MS);
  assertEquals(said(await pay(5_000)), "201");
  const large = await pay(5_001);
  assertEquals(said(large), "payment-pending");
  await desk.confirm(large.body.payment_id, true);
  for (let i = 0; i < 5; i++) assertEquals(said(await pay(10 + i)), "201");
  assertLimit(await pay(100), "offline-uses");
});
