import { assert, assertEquals } from "@std/assert";
import { callbackId } from "../../edge/callback/message/queued.ts";
import { messages } from "../../edge/callback/message/stored.ts";
import { readRecords } from "../../edge/store/record.ts";
import { billedMinor } from "../support/world/bill.ts";
import {
  type End,
  openRounds,
  passTime,
  type Round,
  type Rounds,
  Tally,
} from "../support/world/model/schedule_till.ts";
import { everyStoreAndCells, seedsOf } from "../support/store/stores.ts";

const STORES = everyStoreAndCells();
const SEEDS = 500;

/** Ledger, record, bill and callbacks of a round tell one story. */
async function agree(
  { world }: Rounds,
  { orderId, schedule }: Round,
  end: End,
): Promise<void> {
  const trace = schedule.trace.join("\n");
  const payment = await world.paymentOf(orderId);
  const [ofOrder, ofLedger] = end.refundedMinor;
  assertEquals(ofOrder, ofLedger, trace);
  assertEquals(world.ledger.refundedOf(payment.payment_id), ofLedger, trace);
  // A reversal undoes all of it, and comes after no refund.
  assertEquals(end.takenMinor, end.order === "reversed" ? 0 : 1250, trace);
  if (end.order === "reversed") assertEquals(ofLedger, 0, trace);
  assertEquals(end.order === "refunded", ofLedger === 1250, trace);
  assert(ofLedger <= 1250, trace);
  const { store, merchant } = world;
  const billed = await billedMinor(store, merchant.id, orderId, 50);
  assertEquals(billed, end.takenMinor - ofLedger, trace);
  const { version, first_version } = (await world.order(orderId))!;
  // A message for each version that ended something, and none else.
  const held = await readRecords(
    world.store,
    Array.from(
      { length: version - first_version + 1 },
      (_, i) =>
        messages(callbackId(world.merchant.id, orderId, first_version + i)),
    ),
  );
  const told = held.flatMap(({ value }) => {
    if (value === null) return [];
    const { data } = JSON.parse(value.payload);
    return `${value.type} ${data.refund_id ?? ""} ${data.order_version}`;
  });
  const ends = (payment.refunds ?? []).map((refund) => {
    const { status, refund_id, order_version } = refund;
    return `refund.${status} ${refund_id} ${order_version}`;
  });
  const more = told.filter((it) => it.startsWith("refund."));
  assertEquals(more.sort(), ends.sort(), trace);
}

for (const [nth, [engine, factory]] of STORES.entries()) {
  const seeds = seedsOf(SEEDS, nth);
  Deno.test(`refunds racing a reversal, each other and a sweep agree in ${seeds.length} interleavings, over ${engine}`, async () => {
    await using rounds = await openRounds(factory);
    const seen = new Tally();
    for (const seed of seeds) {
      const { told, round, end } = await rounds.play(seed, async (round) => {
        const { schedule, orderId } = round;
        const refund = (id: string, amountMinor: number) =>
          schedule.task(
            `refund ${id}`,
            () => round.refund(`${orderId}-${id}`, amountMinor),
          );
        const [reversed, a, again, b] = await Promise.all([
          schedule.task("reverse", () => round.reverse()),
          refund("a", 750),
          refund("a", 750),
          refund("b", seed % 2 === 0 ? 500 : 501),
          schedule.task("time", () => passTime(rounds, round, 2, 6_000)),
          schedule.task("sweep", () => round.edge().sweeper.sweep()),
        ]);
        return { reversed, refunded: [a, again, b] };
      }, async (round) => {
        assertEquals(await round.pay(), "paid");
      });
      const trace = round.schedule.trace.join("\n");
      await agree(rounds, round, end);
      // What was said is so.
      if (told.reversed === "reversed") assertEquals(end.order, "reversed");
      const { refunds = [] } = await rounds.world.paymentOf(round.orderId);
      for (const [i, answer] of told.refunded.entries()) {
        const id = `${round.orderId}-${i < 2 ? "a" : "b"}`;
        const status = refunds.find((it) => it.refund_id === id)?.status;
        const fine = {
          succeeded: status === "succeeded",
          "ledger-unavailable": status !== undefined,
          "refund-refused": status === undefined,
          "payment-reversed": status === undefined,
          "refund-declined": status === "declined",
        }[answer];
        assert(fine, `${answer}, ${status}:\n${trace}`);
        seen.add(`refund: ${answer}`);
      }
      seen.add(`reverse: ${told.reversed}, ${end.order}`);
    }
    // Some outcomes are too rare for a part of the seeds.
    if (seeds.length < SEEDS) return;
    assertEquals(
      seen.missing(
        "refund: succeeded",
        "refund: ledger-unavailable",
        "refund: refund-refused",
        "refund: payment-reversed",
        "reverse: reversed, reversed",
        "reverse: ledger-unavailable, reversed",
        "reverse: ledger-unavailable, paid",
        "reverse: ledger-unavailable, refunded",
        "reverse: order-refunded, paid",
        "reverse: order-refunded, refunded",
      ),
      [],
    );
  });
}
