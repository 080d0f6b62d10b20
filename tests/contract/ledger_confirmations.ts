/**
 * The part of the ledger's contract for those that let the customer confirm
 * large amounts: waiting is no decision, and a decision holds.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import type { DebitAnswer } from "../../edge/ledger/ledger.ts";
import type { RegisterLedgerTest } from "../support/ledger/fixture.ts";

const PLAIN = { confirmed: false };
const CONFIRMED = { confirmed: true };
const HELD: DebitAnswer = { kind: "needs-confirmation" };
const APPROVED: DebitAnswer = { kind: "approved" };
const REVERSED: DebitAnswer = { kind: "declined", reason: "reversed" };

/** Registers it; unconfirmed debits of `amountMinor` EUR must wait. */
export function confirmationContract(
  register: RegisterLedgerTest,
  amountMinor: number,
): void {
  register("what needs the customer waits, then is decided once", async (t) => {
    await t.setBalance(2 * amountMinor);
    const debit = t.another({ amountMinor });
    for (let i = 0; i < 3; i++) {
      assertEquals(await t.ledger.debit(debit, PLAIN), HELD);
    }
    assertEquals(await t.ledger.query(debit.paymentId), HELD);
    assertEquals(await t.balance(), 2 * amountMinor);
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => t.ledger.debit(debit, CONFIRMED)),
    );
    assertEquals(answers, Array.from({ length: 20 }, () => APPROVED));
    assertEquals(await t.ledger.query(debit.paymentId), APPROVED);
    assertEquals(await t.balance(), amountMinor);
  });

  register("what waits can be reversed, and is refused then", async (t) => {
    await t.setBalance(2 * amountMinor);
    const debit = t.another({ amountMinor });
    assertEquals(await t.ledger.debit(debit, PLAIN), HELD);
    assertEquals(await t.ledger.reverse(debit.paymentId), { kind: "reversed" });
    assertEquals(await t.ledger.debit(debit, CONFIRMED), REVERSED);
    assertEquals(await t.ledger.debit(debit, PLAIN), REVERSED);
    assertEquals(await t.balance(), 2 * amountMinor);
  });

  register("what waited is declined if the money has gone", async (t) => {
    await t.setBalance(amountMinor);
    const debit = t.another({ amountMinor });
    const declined: DebitAnswer = {
      kind: "declined",
      reason: "insufficient_funds",
    };
    assertEquals(await t.ledger.debit(debit, PLAIN), HELD);
    await t.setBalance(amountMinor - 1);
    assertEquals(await t.ledger.debit(debit, CONFIRMED), declined);
    await t.setBalance(amountMinor);
    assertEquals(await t.ledger.debit(debit, CONFIRMED), declined);
    assertEquals(await t.ledger.query(debit.paymentId), declined);
    assertEquals(await t.balance(), amountMinor);
  });
}
