import { assert, assertEquals } from "@std/assert";
import { startApp } from "../support/world/app.ts";
import { type Desk, openDesk, said, tally } from "../support/world/desk.ts";

const GUARD_MS = 60_000;

/** A shop whose cashier is asked about what looks like a double scan. */
const guardedDesk = () => openDesk({ settings: { doubleScanMs: GUARD_MS } });

const MEANT = { second_purchase: true };

/** A desk where order-1 is paid. */
async function openPaid(): Promise<Desk> {
  const desk = await guardedDesk();
  assertEquals(said(await desk.pay("order-1", desk.code())), "201");
  return desk;
}

Deno.test("the same purchase under another order is asked about, and takes nothing", async () => {
  await using desk = await openPaid();
  const code = desk.next();
  for (let i = 0; i < 2; i++) {
    const { status, body } = await desk.pay("order-2", code);
    assertEquals(
      [
        ...[status, body.code, body.retry, body.order_id, body.payment_id],
        ...[body.earlier_order_id, body.earlier_at],
      ],
      [
        ...[409, "looks-like-double-scan", "never", "order-2", undefined],
        ...["order-1", "2026-01-15T12:00:00.000Z"],
      ],
    );
    assert(
      body.cashier.en.startsWith(
        "The same customer's order order-1 of the same amount was paid at 12:00:00 (UTC). ",
      ),
      body.cashier.en,
    );
    assert(body.cashier.zh.startsWith("同一顾客相同金额的订单 order-1 "));
  }
  assertEquals(said(await desk.query("order-2")), "not-found");
  assertEquals(await desk.waiting(), []);
  assertEquals(await desk.balance(), 8_750);
  // The code was not used up by the question.
  assertEquals(said(await desk.pay("order-2", code, MEANT)), "201");
  assertEquals(await desk.balance(), 7_500);
  assertEquals(said(await desk.pay("order-2", code)), "200");
});

Deno.test("the cashier is asked for 60 seconds, and about no other purchase", async () => {
  await using desk = await openPaid();
  desk.clock.advance(GUARD_MS - 1);
  assertEquals(
    said(await desk.pay("order-2", desk.code())),
    "looks-like-double-scan",
  );
  const other = { amount_minor: 1_251 };
  assertEquals(said(await desk.pay("order-3", desk.code(), other)), "201");
  desk.clock.advance(1);
  assertEquals(said(await desk.pay("order-2", desk.next())), "201");
});

Deno.test("each purchase that is meant is asked about once", async () => {
  await using desk = await openPaid();
  assertEquals(said(await desk.pay("order-2", desk.next(), MEANT)), "201");
  desk.clock.advance(GUARD_MS - 1);
  // For a minute from the second one on.
  const third = await desk.pay("order-3", desk.code());
  assertEquals(
    [said(third), third.body.earlier_order_id],
    ["looks-like-double-scan", "order-2"],
  );
  assertEquals(said(await desk.pay("order-3", desk.code(), MEANT)), "201");
});

Deno.test("a word too early does no harm", async () => {
  await using desk = await guardedDesk();
  assertEquals(said(await desk.pay("order-1", desk.code(), MEANT)), "201");
  assertEquals(
    said(await desk.pay("order-2", desk.next())),
    "looks-like-double-scan",
  );
  assertEquals(
    said(
      await desk.pay("order-2", desk.code(), { second_purchase: false }),
    ),
    "looks-like-double-scan",
  );
});

Deno.test("an earlier one that came to nothing is no reason to ask", async () => {
  await using desk = await openPaid();
  // Of a second purchase that is declined the guard stays with its own id.
  await desk.api.setBalance("alice", 0);
  assertEquals(
    said(await desk.pay("order-2", desk.next(), MEANT)),
    "payment-declined",
  );
  await desk.api.setBalance("alice", 10_000);
  assertEquals(said(await desk.pay("order-2", desk.next())), "201");
  desk.clock.advance(GUARD_MS);
  // Nor is one that was refunded whole, though its guard was never lifted.
  assertEquals(said(await desk.pay("order-3", desk.code())), "201");
  await desk.refund("order-3", "r-3", 1_250);
  assertEquals(said(await desk.pay("order-4", desk.next())), "201");
  await desk.reverse("order-4");
  assertEquals(said(await desk.pay("order-5", desk.next())), "201");
});

Deno.test("an earlier one that is not decided yet is asked about as scanned", async () => {
  await using desk = await guardedDesk();
  desk.ledger.debits = "unheard";
  await desk.pay("order-1", desk.code());
  desk.ledger.debits = "up";
  const { body } = await desk.pay("order-2", desk.next());
  assertEquals(body.code, "looks-like-double-scan");
  assert(body.cashier.en.includes("was scanned at 12:00:00 (UTC)"));
});

Deno.test("the parts of a bill are never asked about, and one more is", async () => {
  await using desk = await guardedDesk();
  const split = { of: "table-7", parts: 3 };
  for (const part of [1, 2, 3]) {
    const paid = await desk.pay(`part-${part}`, desk.next(), { split });
    assertEquals(said(paid), "201", `${part}`);
  }
  const fourth = await desk.pay("part-4", desk.next(), { split });
  assertEquals(
    [said(fourth), fourth.body.earlier_order_id],
    ["looks-like-double-scan", "part-3"],
  );
  // Another bill is another purchase, but looks like the one before.
  const other = { split: { of: "table-8", parts: 2 } };
  assertEquals(
    said(await desk.pay("other", desk.code(), other)),
    "looks-like-double-scan",
  );
  assertEquals(
    said(await desk.pay("plain", desk.code())),
    "looks-like-double-scan",
  );
  assertEquals(await desk.balance(), 10_000 - 3 * 1_250);
});

Deno.test("a part of a bill that was declined is tried again", async () => {
  await using desk = await guardedDesk();
  const split = { of: "table-7", parts: 2 };
  assertEquals(said(await desk.pay("part-1", desk.code(), { split })), "201");
  await desk.api.setBalance("alice", 0);
  assertEquals(
    said(await desk.pay("part-2", desk.next(), { split })),
    "payment-declined",
  );
  await desk.api.setBalance("alice", 10_000);
  assertEquals(said(await desk.pay("part-2", desk.next(), { split })), "201");
});

for (
  const [doubleScanAsks, asked] of [
    ["cashier", "looks-like-double-scan"],
    ["customer", "payment-pending"],
  ] as const
) {
  Deno.test(`of one purchase scanned under two orders at once, the ${doubleScanAsks} is asked about one`, async () => {
    const settings = { doubleScanMs: GUARD_MS, doubleScanAsks };
    for (let round = 0; round < 10; round++) {
      await using desk = await openDesk({ settings });
      const { app: { path }, clock } = desk;
      await using second = await startApp({ path, clock, settings });
      const codes = [desk.code(), await desk.onlineCode()];
      const answers = await Promise.all(
        codes.map((code, i) =>
          (i === round % 2 ? desk : second).api.pay(desk.merchant, {
            code,
            order_id: `order-${i}`,
          })
        ),
      );
      assertEquals(tally(answers), { "201": 1, [asked]: 1 });
      assertEquals(await desk.balance(), 8_750);
    }
  });
}

Deno.test("what a till says of a second purchase and of a bill has a form", async () => {
  await using desk = await guardedDesk();
  const wrong = [
    { second_purchase: "yes" },
    { split: "table-7" },
    { split: { of: "table-7" } },
    { split: { of: "table 7", parts: 2 } },
    { split: { of: "table-7", parts: 1 } },
    { split: { of: "table-7", parts: 101 } },
    { split: { of: "table-7", parts: 2, part: 1 } },
  ];
  for (const fields of wrong) {
    const { status, body } = await desk.pay("order-1", desk.code(), fields);
    const what = JSON.stringify(fields);
    assertEquals([status, body.code], [400, "malformed-request"], what);
    assert(/^(second_purchase|split)/.test(body.detail), body.detail);
  }
});
