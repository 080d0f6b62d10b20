import { assert, assertEquals } from "@std/assert";
import { DEFAULT_SETTINGS } from "../../edge/boot/settings.ts";
import { UNLIMITED } from "../support/world/app.ts";
import { calls, said } from "../support/world/desk.ts";
import { openPaymentWorld } from "../support/world/world.ts";
import {
  openRounds,
  passTime,
  Tally,
} from "../support/world/model/schedule_till.ts";
import { everyStoreAndCells, seedsOf } from "../support/store/stores.ts";

const STORES = everyStoreAndCells();
const SEEDS = 300;
const { confirmationMs } = DEFAULT_SETTINGS.times;
/** 12.50 EUR are confirmed by the customer. */
const STEP_UP = {
  limits: {
    ...UNLIMITED.limits,
    normal: { ...UNLIMITED.limits.normal, stepUpAboveMinor: 1_000 },
  },
};

for (const [nth, [engine, factory]] of STORES.entries()) {
  const seeds = seedsOf(SEEDS, nth);
  for (const held of ["by its amount", "by the ledger"]) {
    Deno.test(`answer() racing answers, a reversal and the deadline has one end in ${seeds.length} interleavings, held ${held}, over ${engine}`, async () => {
      const byLedger = held === "by the ledger";
      await using rounds = await openRounds(factory, byLedger ? {} : STEP_UP);
      const { ledger } = rounds.world;
      if (byLedger) ledger.verdict = "hold";
      const seen = new Tally();
      for (const seed of seeds) {
        const reverses = seed % 3 === 0;
        let paymentId = "";
        const { told, round, end } = await rounds.play(seed, async (round) => {
          const { schedule } = round;
          const answer = (name: string, approve: boolean) =>
            schedule.task(name, () => round.answer(paymentId, approve));
          const [yes, yesAgain, no, back] = await Promise.all([
            answer("yes", true),
            answer("yes again", true),
            answer("no", false),
            reverses
              ? schedule.task("reverse", () => round.reverse())
              : Promise.resolve(""),
            schedule.task("time", () => passTime(rounds, round, 4, 60_000)),
            schedule.task("sweep", async () => {
              for (let i = 0; i < 4; i++) {
                await schedule.point("a timer");
                await round.edge().sweeper.sweep();
              }
            }),
          ]);
          return { yes, yesAgain, no, back };
        }, async (round) => {
          assertEquals(await round.pay(), "payment-pending");
          paymentId = (await rounds.world.paymentOf(round.orderId)).payment_id;
        });
        const trace = round.schedule.trace.join("\n");
        const text = `${JSON.stringify({ told, end })}\n${trace}`;
        const { status } = end;
        assertEquals(
          end.takenMinor,
          status === "succeeded" ? 1250 : 0,
          text,
        );
        assert(end.debits <= 1, text);
        // No money moves without a yes.
        if (!end.confirmed) assertEquals(end.debits, 0, text);
        const said = [told.yes, told.yesAgain];
        if (!reverses) {
          if (said.includes("succeeded")) {
            assertEquals(status, "succeeded", text);
          }
          if (told.no === "declined") assertEquals(status, "declined", text);
        } else {
          assert(["reversed", "ledger-unavailable"].includes(told.back), text);
          assertEquals([end.order, end.takenMinor], ["reversed", 0], text);
        }
        seen.add(`${status}${reverses ? " with a reversal" : ""}`);
      }
      // Some outcomes are too rare for a part of the seeds.
      if (seeds.length < SEEDS) return;
      assertEquals(
        seen.missing(
          "declined",
          "reversed",
          "reversed with a reversal",
          "succeeded",
        ),
        [],
      );
    });
  }

  Deno.test(`answer() counts to the last millisecond of its time and no longer, over ${engine}`, async () => {
    await using world = await openPaymentWorld(factory, STEP_UP);
    const wallet = calls(world, world.edge);
    for (const [early, expected] of [[1, "200"], [0, "payment-declined"]]) {
      const orderId = `order-${early}`;
      const { body } = await wallet.pay(
        orderId,
        world.phone.code(world.clock.ms),
      );
      await world.pass(confirmationMs - Number(early));
      const waiting = await wallet.waiting("alice");
      assertEquals(waiting.body.confirmations.length, early);
      const answered = await wallet.confirm(body.payment_id, true);
      assertEquals(said(answered), expected);
    }
    assertEquals(world.ledger.takenFrom("alice"), 1250);
  });

  Deno.test(`answer() says the same again, and no more once it was reversed, over ${engine}`, async () => {
    await using world = await openPaymentWorld(factory, STEP_UP);
    const both = calls(world, world.edge);
    const order = async (orderId: string) => {
      await world.pass(30_000);
      const code = world.phone.code(world.clock.ms);
      const { body } = await both.pay(orderId, code);
      return { code, id: body.payment_id as string };
    };

    const first = await order("approved");
    for (let i = 0; i < 2; i++) {
      const { status, body } = await both.confirm(first.id, true);
      assertEquals([status, body.status], [200, "succeeded"]);
    }
    assertEquals(said(await both.confirm(first.id, false)), "order-conflict");
    assertEquals(said(await both.reverse("approved")), "200");
    for (const approve of [true, false]) {
      const late = await both.confirm(first.id, approve);
      assertEquals(said(late), "payment-reversed");
    }

    const second = await order("refused");
    for (let i = 0; i < 2; i++) {
      const { status, body } = await both.confirm(second.id, false);
      assertEquals([status, body.status], [200, "declined"]);
    }
    assertEquals(
      said(await both.confirm(second.id, true)),
      "payment-declined",
    );
    const again = await both.pay("refused", second.code);
    assertEquals(
      [said(again), again.body.decline_reason],
      ["payment-declined", "refused_by_customer"],
    );
    // Another code is another attempt, which waits anew.
    await world.pass(30_000);
    const other = await both.pay("refused", world.phone.code(world.clock.ms));
    assertEquals(said(other), "payment-pending");
    assertEquals(other.body.payment_id === second.id, false);
    assertEquals(said(await both.confirm(other.body.payment_id, true)), "200");
    assertEquals(world.ledger.takenFrom("alice"), 1250);
    assertEquals(await world.due(), []);
  });
}
