/**
 * The contract of the ledger port: idempotent debits, reversals that hold for
 * ever, queries that start nothing. Every ledger runs all of it, unchanged; a
 * wallet core's team runs it over their own.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import type { DebitAnswer, Ledger } from "../../edge/ledger/ledger.ts";
import {
  type LedgerFixture,
  newName,
  type RegisterLedgerTest,
  withLedger,
} from "../support/ledger/fixture.ts";
import { confirmationContract } from "./ledger_confirmations.ts";
import { refundContract } from "./ledger_refunds.ts";

const APPROVED: DebitAnswer = { kind: "approved" };
const REVERSED: DebitAnswer = { kind: "declined", reason: "reversed" };
const NO_FUNDS: DebitAnswer = {
  kind: "declined",
  reason: "insufficient_funds",
};
const UNKNOWN: DebitAnswer = { kind: "unknown" };

const PLAIN = { confirmed: false };
const CONFIRMED = { confirmed: true };

const times = <T>(count: number, make: (i: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => make(i));

/** Asks until the reversal is certain; ten lost answers are too many. */
async function reverseSurely(ledger: Ledger, paymentId: string): Promise<void> {
  for (let i = 0; i < 10; i++) {
    if ((await ledger.reverse(paymentId)).kind === "reversed") return;
  }
  throw new Error("The reversal never became certain");
}

/** The tests by their sentences. */
const TESTS: Readonly<Record<string, Parameters<RegisterLedgerTest>[1]>> = {
  "a debit moves money once": async (t) => {
    assertEquals(await t.ledger.debit(t.debit, PLAIN), APPROVED);
    assertEquals(await t.balance(), 8750);
  },
  "a debit repeated gets the same answer and moves no more": async (t) => {
    for (let i = 0; i < 5; i++) {
      assertEquals(await t.ledger.debit(t.debit, PLAIN), APPROVED);
    }
    assertEquals(await t.balance(), 8750);
  },
  "one debit 50 times at once moves money once": async (t) => {
    const answers = await Promise.all(
      times(50, () => t.ledger.debit(t.debit, PLAIN)),
    );
    assertEquals(answers, times(50, () => APPROVED));
    assertEquals(await t.balance(), 8750);
  },
  "a debit approved unconfirmed is approved confirmed, and moves no more":
    async (t) => {
      assertEquals(await t.ledger.debit(t.debit, PLAIN), APPROVED);
      assertEquals(await t.ledger.debit(t.debit, CONFIRMED), APPROVED);
      assertEquals(await t.balance(), 8750);
    },
  "a confirmed debit needs none before it": async (t) => {
    assertEquals(await t.ledger.debit(t.debit, CONFIRMED), APPROVED);
    assertEquals(await t.ledger.debit(t.debit, CONFIRMED), APPROVED);
    assertEquals(await t.balance(), 8750);
  },
  "both kinds of one debit at once move money once": async (t) => {
    const answers = await Promise.all(
      times(20, (i) => t.ledger.debit(t.debit, { confirmed: i % 2 === 0 })),
    );
    assertEquals(answers, times(20, () => APPROVED));
    assertEquals(await t.balance(), 8750);
  },
  "the whole balance can be spent, and not a unit more": async (t) => {
    assertEquals(
      await t.ledger.debit(t.another({ amountMinor: 10_001 }), PLAIN),
      NO_FUNDS,
    );
    assertEquals(
      await t.ledger.debit(t.another({ amountMinor: 10_000 }), PLAIN),
      APPROVED,
    );
    assertEquals(
      await t.ledger.debit(t.another({ amountMinor: 1 }), PLAIN),
      NO_FUNDS,
    );
    assertEquals(await t.balance(), 0);
  },
  "50 debits at once on a balance for 20: exactly 20 succeed": async (t) => {
    const debits = times(50, () => t.another({ amountMinor: 500 }));
    const answers = await Promise.all(
      debits.map((debit) => t.ledger.debit(debit, PLAIN)),
    );
    const approved = answers.filter((answer) => answer.kind === "approved");
    assertEquals(approved.length, 20);
    assertEquals(
      answers.filter((answer) => answer.kind !== "approved"),
      times(30, () => NO_FUNDS),
    );
    assertEquals(await t.balance(), 0);
    // Asked once more, each gets what it got.
    assertEquals(
      await Promise.all(debits.map((debit) => t.ledger.debit(debit, PLAIN))),
      answers,
    );
    assertEquals(await t.balance(), 0);
  },
  "a decline stays when the account could pay by now": async (t) => {
    const debit = t.another({ amountMinor: 20_000 });
    assertEquals(await t.ledger.debit(debit, PLAIN), NO_FUNDS);
    await t.setBalance(50_000);
    assertEquals(await t.ledger.debit(debit, PLAIN), NO_FUNDS);
    assertEquals(await t.ledger.debit(debit, CONFIRMED), NO_FUNDS);
    assertEquals(await t.ledger.query(debit.paymentId), NO_FUNDS);
    assertEquals(await t.balance(), 50_000);
  },
  "another currency is declined and moves nothing": async (t) => {
    const debit = t.another({ currency: "CHF" });
    const mismatch = { kind: "declined", reason: "currency_mismatch" } as const;
    assertEquals(await t.ledger.debit(debit, PLAIN), mismatch);
    assertEquals(await t.ledger.debit(debit, PLAIN), mismatch);
    assertEquals(await t.balance(), 10_000);
  },
  "an account without money is declined": async (t) => {
    const accountId = newName("acc");
    const debit = t.another({ accountId });
    assertEquals(await t.ledger.debit(debit, PLAIN), NO_FUNDS);
    assertEquals(await t.balance(accountId), 0);
  },
  "a query starts nothing, however often": async (t) => {
    const { paymentId } = t.debit;
    assertEquals(
      await Promise.all(times(10, () => t.ledger.query(paymentId))),
      times(10, () => UNKNOWN),
    );
    assertEquals(await t.balance(), 10_000);
    // And it stands in the way of nothing.
    assertEquals(await t.ledger.debit(t.debit, PLAIN), APPROVED);
    assertEquals(await t.balance(), 8750);
  },
  "a query tells what became of a debit": async (t) => {
    const declined = t.another({ amountMinor: 20_000 });
    await t.ledger.debit(t.debit, PLAIN);
    await t.ledger.debit(declined, PLAIN);
    for (let i = 0; i < 3; i++) {
      assertEquals(await t.ledger.query(t.debit.paymentId), APPROVED);
      assertEquals(await t.ledger.query(declined.paymentId), NO_FUNDS);
    }
    assertEquals(await t.balance(), 8750);
  },
  "a reversal gives the money back once, however often": async (t) => {
    const { paymentId } = t.debit;
    await t.ledger.debit(t.debit, PLAIN);
    for (let i = 0; i < 3; i++) {
      assertEquals(await t.ledger.reverse(paymentId), { kind: "reversed" });
      assertEquals(await t.balance(), 10_000);
    }
    assertEquals(await t.ledger.query(paymentId), REVERSED);
  },
  "20 reversals at once give the money back once": async (t) => {
    await t.ledger.debit(t.debit, PLAIN);
    await Promise.all(
      times(20, () => reverseSurely(t.ledger, t.debit.paymentId)),
    );
    assertEquals(await t.balance(), 10_000);
  },
  "a debit after its reversal is refused, confirmed or not": async (t) => {
    await t.ledger.debit(t.debit, PLAIN);
    await reverseSurely(t.ledger, t.debit.paymentId);
    for (const options of [PLAIN, CONFIRMED, PLAIN]) {
      assertEquals(await t.ledger.debit(t.debit, options), REVERSED);
    }
    assertEquals(await t.balance(), 10_000);
  },
  "a reversal before its debit is remembered": async (t) => {
    const { paymentId } = t.debit;
    assertEquals(await t.ledger.reverse(paymentId), { kind: "reversed" });
    assertEquals(await t.ledger.query(paymentId), REVERSED);
    assertEquals(await t.ledger.debit(t.debit, PLAIN), REVERSED);
    assertEquals(await t.ledger.debit(t.debit, CONFIRMED), REVERSED);
    assertEquals(await t.ledger.reverse(paymentId), { kind: "reversed" });
    assertEquals(await t.balance(), 10_000);
  },
  "a declined debit can be reversed, and moves nothing": async (t) => {
    const debit = t.another({ amountMinor: 20_000 });
    assertEquals(await t.ledger.debit(debit, PLAIN), NO_FUNDS);
    await reverseSurely(t.ledger, debit.paymentId);
    await t.setBalance(50_000);
    assertEquals(await t.ledger.debit(debit, PLAIN), REVERSED);
    assertEquals(await t.balance(), 50_000);
  },
  "a reversal touches no other payment": async (t) => {
    const other = t.another();
    await t.ledger.debit(t.debit, PLAIN);
    await t.ledger.debit(other, PLAIN);
    await reverseSurely(t.ledger, t.debit.paymentId);
    assertEquals(await t.ledger.query(other.paymentId), APPROVED);
    assertEquals(await t.balance(), 8750);
  },
  "money that came back can be spent again": async (t) => {
    const all = t.another({ amountMinor: 10_000 });
    await t.ledger.debit(all, PLAIN);
    await reverseSurely(t.ledger, all.paymentId);
    assertEquals(
      await t.ledger.debit(t.another({ amountMinor: 10_000 }), PLAIN),
      APPROVED,
    );
    assertEquals(await t.balance(), 0);
  },
  "40 debits, each racing its reversal, all end undone": async (t) => {
    const debits = times(40, () => t.another({ amountMinor: 100 }));
    const answers = await Promise.all(
      debits.flatMap((debit, i) => {
        const calls = [
          () => t.ledger.debit(debit, { confirmed: i % 3 === 0 }),
          () => t.ledger.reverse(debit.paymentId),
          () => t.ledger.debit(debit, { confirmed: i % 5 === 0 }),
        ];
        // Which one sets off first differs from payment to payment.
        return [...calls.slice(i % 3), ...calls.slice(0, i % 3)]
          .map((call) => call());
      }),
    );
    for (const answer of answers) {
      const fine = answer.kind !== "declined" || answer.reason === "reversed";
      assert(fine, "A race made the ledger decline for another reason");
    }
    await Promise.all(
      debits.map(({ paymentId }) => reverseSurely(t.ledger, paymentId)),
    );
    assertEquals(await t.balance(), 10_000);
    assertEquals(
      await Promise.all(debits.map((debit) => t.ledger.debit(debit, PLAIN))),
      debits.map(() => REVERSED),
    );
    assertEquals(await t.balance(), 10_000);
  },
};

/**
 * Registers the whole contract for the ledger called `name`; `asksForMinor` is
 * an amount that it lets the customer confirm, if there is one.
 */
export function ledgerContract(
  name: string,
  open: () => Promise<LedgerFixture>,
  { asksForMinor }: { readonly asksForMinor?: number } = {},
): void {
  const contract: RegisterLedgerTest = (sentence, body) =>
    Deno.test(`${name}: ${sentence}`, () => withLedger(open, body));
  for (const [sentence, body] of Object.entries(TESTS)) {
    contract(sentence, body);
  }
  refundContract(contract);
  if (asksForMinor !== undefined) confirmationContract(contract, asksForMinor);
}
