/**
 * The part of the ledger's contract about refunds: each is given once, all of
 * them together never exceed the payment, and a reversal comes after none.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import type {
  LedgerRefund,
  RefundAnswer,
  RefundDeclineReason,
} from "../../edge/ledger/ledger.ts";
import {
  APPROVED,
  type LedgerTest,
  newName,
  PLAIN,
  type RegisterLedgerTest,
  UNKNOWN,
} from "../support/ledger/fixture.ts";

const REFUNDED: RefundAnswer = { kind: "refunded" };
const declined = (reason: RefundDeclineReason): RefundAnswer => ({
  kind: "declined",
  reason,
});

const times = <T>(count: number, make: (i: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => make(i));

/** A refund of the test's debit of 12.50 EUR, 5.00 unless said otherwise. */
function refundOf(
  { debit }: LedgerTest,
  fields: Partial<LedgerRefund> = {},
): LedgerRefund {
  return {
    paymentId: debit.paymentId,
    refundId: newName("ref"),
    amountMinor: 500,
    currency: "EUR",
    ...fields,
  };
}

/** Registers it. */
export function refundContract(register: RegisterLedgerTest): void {
  amounts(register);
  declines(register);
  reversals(register);
}

/** Each is given once, and all of them never exceed the payment. */
function amounts(register: RegisterLedgerTest): void {
  register("a refund gives money back once, however often", async (t) => {
    await t.ledger.debit(t.debit, PLAIN);
    const refund = refundOf(t);
    for (let i = 0; i < 3; i++) {
      assertEquals(await t.ledger.refund(refund), REFUNDED);
      assertEquals(await t.balance(), 9_250);
    }
    // The debit is what it was.
    assertEquals(await t.ledger.query(t.debit.paymentId), APPROVED);
    assertEquals(await t.ledger.debit(t.debit, PLAIN), APPROVED);
    assertEquals(await t.balance(), 9_250);
  });

  register("one refund 50 times at once gives money back once", async (t) => {
    await t.ledger.debit(t.debit, PLAIN);
    const refund = refundOf(t);
    assertEquals(
      await Promise.all(times(50, () => t.ledger.refund(refund))),
      times(50, () => REFUNDED),
    );
    assertEquals(await t.balance(), 9_250);
  });

  register("all of it can be refunded, and not a unit more", async (t) => {
    await t.ledger.debit(t.debit, PLAIN);
    const tooMuch = refundOf(t, { amountMinor: 1_251 });
    assertEquals(await t.ledger.refund(tooMuch), declined("exceeds_payment"));
    assertEquals(await t.ledger.refund(refundOf(t)), REFUNDED);
    const rest = refundOf(t, { amountMinor: 751 });
    assertEquals(await t.ledger.refund(rest), declined("exceeds_payment"));
    assertEquals(
      await t.ledger.refund(refundOf(t, { amountMinor: 750 })),
      REFUNDED,
    );
    assertEquals(
      await t.ledger.refund(refundOf(t, { amountMinor: 1 })),
      declined("exceeds_payment"),
    );
    assertEquals(await t.balance(), 10_000);
    // What was declined stays declined.
    assertEquals(await t.ledger.refund(rest), declined("exceeds_payment"));
  });

  register("50 refunds at once of what 25 use up: 25 succeed", async (t) => {
    await t.ledger.debit(t.debit, PLAIN);
    const refunds = times(50, () => refundOf(t, { amountMinor: 50 }));
    const answers = await Promise.all(
      refunds.map((refund) => t.ledger.refund(refund)),
    );
    assertEquals(
      answers.filter(({ kind }) => kind === "refunded").length,
      25,
    );
    assertEquals(
      answers.filter(({ kind }) => kind !== "refunded"),
      times(25, () => declined("exceeds_payment")),
    );
    assertEquals(await t.balance(), 10_000);
    assertEquals(
      await Promise.all(
        refunds.map(({ paymentId, refundId }) =>
          t.ledger.queryRefund(paymentId, refundId)
        ),
      ),
      answers,
    );
  });
}

/** What is no refund stays none. */
function declines(register: RegisterLedgerTest): void {
  register("what was never debited is not refunded", async (t) => {
    const unheard = refundOf(t);
    assertEquals(await t.ledger.refund(unheard), declined("not_debited"));
    // Also not once it is debited: a decline holds for ever.
    await t.ledger.debit(t.debit, PLAIN);
    assertEquals(await t.ledger.refund(unheard), declined("not_debited"));
    const poor = t.another({ amountMinor: 20_000 });
    await t.ledger.debit(poor, PLAIN);
    const { paymentId } = poor;
    assertEquals(
      await t.ledger.refund(refundOf(t, { paymentId })),
      declined("not_debited"),
    );
    assertEquals(await t.balance(), 8_750);
  });

  register(
    "a query of a refund starts nothing, and tells the end",
    async (t) => {
      await t.ledger.debit(t.debit, PLAIN);
      const { paymentId, refundId } = refundOf(t);
      const ask = () => t.ledger.queryRefund(paymentId, refundId);
      assertEquals(await Promise.all(times(5, ask)), times(5, () => UNKNOWN));
      assertEquals(await t.balance(), 8_750);
      await t.ledger.refund(refundOf(t, { refundId }));
      assertEquals(await ask(), REFUNDED);
      // Of another payment the same refund id is another refund.
      assertEquals(await t.ledger.queryRefund("pay_0", refundId), UNKNOWN);
    },
  );

  register("refunded money can be spent again", async (t) => {
    const all = t.another({ amountMinor: 10_000 });
    const { paymentId } = all;
    await t.ledger.debit(all, PLAIN);
    await t.ledger.refund(refundOf(t, { paymentId, amountMinor: 4_000 }));
    assertEquals(
      await t.ledger.debit(t.another({ amountMinor: 4_000 }), PLAIN),
      APPROVED,
    );
    assertEquals(await t.balance(), 0);
  });
}

/** A payment is refunded or reversed, never both. */
function reversals(register: RegisterLedgerTest): void {
  register("a refund after a reversal is declined", async (t) => {
    await t.ledger.debit(t.debit, PLAIN);
    await t.ledger.reverse(t.debit.paymentId);
    assertEquals(await t.ledger.refund(refundOf(t)), declined("reversed"));
    assertEquals(await t.balance(), 10_000);
  });

  register("a reversal after a refund is refused and says so", async (t) => {
    const { paymentId } = t.debit;
    await t.ledger.debit(t.debit, PLAIN);
    // One that was declined stands in the way of nothing.
    const declinedFirst = refundOf(t, { amountMinor: 2_000 });
    await t.ledger.refund(declinedFirst);
    await t.ledger.refund(refundOf(t));
    for (let i = 0; i < 3; i++) {
      assertEquals(await t.ledger.reverse(paymentId), { kind: "refunded" });
    }
    assertEquals(await t.ledger.query(paymentId), APPROVED);
    assertEquals(await t.balance(), 9_250);
    assertEquals(
      await t.ledger.refund(refundOf(t, { amountMinor: 750 })),
      REFUNDED,
    );
    assertEquals(await t.balance(), 10_000);
  });

  register("a refund that was declined leaves a reversal", async (t) => {
    await t.ledger.debit(t.debit, PLAIN);
    await t.ledger.refund(refundOf(t, { amountMinor: 2_000 }));
    assertEquals(
      await t.ledger.reverse(t.debit.paymentId),
      { kind: "reversed" },
    );
    assertEquals(await t.balance(), 10_000);
  });

  register(
    "20 refunds, each racing a reversal: one of them wins",
    async (t) => {
      const debits = times(20, () => t.another({ amountMinor: 100 }));
      await Promise.all(debits.map((debit) => t.ledger.debit(debit, PLAIN)));
      for (const [i, { paymentId }] of debits.entries()) {
        const refund = refundOf(t, { paymentId, amountMinor: 100 });
        const calls = [
          () => t.ledger.refund(refund),
          () => t.ledger.reverse(paymentId),
        ];
        if (i % 2 === 1) calls.reverse();
        await Promise.all(calls.map((call) => call()));
        // A lost answer is no answer; asked again both tell one story.
        const refunded = await t.ledger.refund(refund);
        const reversed = await t.ledger.reverse(paymentId);
        assertEquals(
          [refunded, reversed],
          refunded.kind === "refunded"
            ? [REFUNDED, { kind: "refunded" }]
            : [declined("reversed"), { kind: "reversed" }],
        );
      }
      assertEquals(await t.balance(), 10_000);
    },
  );
}
