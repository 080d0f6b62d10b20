import { orderState } from "../../edge/payment/record.ts";
import { assertEquals } from "@std/assert";
import { DEFAULT_SETTINGS } from "../../edge/boot/settings.ts";
import { NOON_MS } from "../support/world/app.ts";
import { HoldAt } from "../support/world/points/fail_points.ts";
import { calls, crashed, said } from "../support/world/desk.ts";
import { type PaymentWorld } from "../support/world/world.ts";
import {
  crashPaying,
  RECOVER_MS,
  STEP_UP,
  testSweep,
} from "../support/world/model/sweeper.ts";

const { deadlineMs, confirmationMs, ledgerTimeoutMs } = DEFAULT_SETTINGS.times;

/** More edges on the same store. */
async function edges(world: PaymentWorld, count: number) {
  return await Promise.all(
    Array.from({ length: count }, () => world.start()),
  );
}

testSweep(
  "pays what was claimed before a crash, before the ledger was asked",
  async (world) => {
    await crashPaying(world, "after txn order");
    assertEquals(await world.edge.sweeper.sweep(), { due: 0, ended: 0 });
    await world.pass(RECOVER_MS);
    assertEquals(await world.edge.sweeper.sweep(), { due: 1, ended: 1 });
    const { status, payment_id } = await world.paymentOf("order-1");
    assertEquals(status, "succeeded");
    assertEquals(world.ledger.debitsOf(payment_id), 1);
    assertEquals(await world.due(), []);
  },
);

testSweep("asks the ledger once, however many sweep at once", async (world) => {
  const edges = await Promise.all(
    Array.from({ length: 8 }, () => world.start()),
  );
  const sweepAll = () => Promise.all(edges.map((it) => it.sweeper.sweep()));
  await crashPaying(world, "after txn order");
  world.ledger.link = "lost-answer";
  await world.pass(RECOVER_MS);
  await sweepAll();
  assertEquals(world.ledger.calls, ["debit"]);
  // Who had it came to no end: it is another's when it is due again.
  await world.pass(RECOVER_MS);
  world.ledger.link = "up";
  await sweepAll();
  assertEquals(world.ledger.calls, ["debit", "debit"]);
  const { status, payment_id } = await world.paymentOf("order-1");
  assertEquals(status, "succeeded");
  assertEquals(world.ledger.debitsOf(payment_id), 1);
  assertEquals(await world.due(), []);
});

testSweep(
  "writes what the ledger did before a crash, asking once more",
  async (world) => {
    await crashPaying(world, "before txn payment");
    await world.pass(RECOVER_MS);
    assertEquals(await world.edge.sweeper.sweep(), { due: 1, ended: 1 });
    const { status, payment_id } = await world.paymentOf("order-1");
    assertEquals(status, "succeeded");
    assertEquals(world.ledger.calls, ["debit", "debit"]);
    assertEquals(world.ledger.debitsOf(payment_id), 1);
  },
);

testSweep(
  "undoes what nobody finished by the deadline, and gives back",
  async (world) => {
    await crashPaying(world, "before txn payment");
    await world.pass(deadlineMs);
    assertEquals(await world.edge.sweeper.sweep(), { due: 1, ended: 1 });
    const { status } = await world.paymentOf("order-1");
    assertEquals(status, "reversed");
    assertEquals(orderState((await world.order("order-1"))!), "reversed");
    assertEquals(world.ledger.takenFrom("alice"), 0);
    assertEquals(world.ledger.calls, ["debit", "reverse"]);
    assertEquals(await world.due(), []);
  },
);

testSweep(
  "only asks, and begins no debit, when one could pass the deadline",
  async (world) => {
    await crashPaying(world, "after txn order");
    await world.pass(deadlineMs - ledgerTimeoutMs + 1);
    assertEquals(await world.edge.sweeper.sweep(), { due: 1, ended: 0 });
    assertEquals(world.ledger.calls, []);
    assertEquals((await world.paymentOf("order-1")).status, "processing");
    await world.pass(RECOVER_MS);
    assertEquals(await world.edge.sweeper.sweep(), { due: 1, ended: 1 });
    assertEquals((await world.paymentOf("order-1")).status, "reversed");
    assertEquals(world.ledger.calls, ["reverse"]);
  },
);

testSweep(
  "learns of a debit by asking when the deadline is near",
  async (world) => {
    await crashPaying(world, "before txn payment");
    await world.pass(deadlineMs - 1);
    assertEquals(await world.edge.sweeper.sweep(), { due: 1, ended: 1 });
    assertEquals((await world.paymentOf("order-1")).status, "succeeded");
    assertEquals(world.ledger.calls, ["debit"]);
  },
);

testSweep("still debits one timeout before the deadline", async (world) => {
  await crashPaying(world, "after txn order");
  await world.pass(deadlineMs - ledgerTimeoutMs);
  assertEquals(await world.edge.sweeper.sweep(), { due: 1, ended: 1 });
  assertEquals((await world.paymentOf("order-1")).status, "succeeded");
});

for (const sweptFirst of [true, false]) {
  testSweep(
    `${
      sweptFirst ? "and" : "or"
    } an edge that wakes after the deadline debit nothing`,
    async (world) => {
      const hold = new HoldAt("after txn order");
      const slow = await world.start({ reach: hold.reach });
      const paying = calls(world, slow).pay(
        "order-1",
        world.phone.code(NOON_MS),
      );
      await hold.held;
      await world.pass(deadlineMs);
      if (sweptFirst) await world.edge.sweeper.sweep();
      hold.release();
      assertEquals(said(await paying), "payment-reversed");
      assertEquals(world.ledger.calls.includes("debit"), false);
      assertEquals((await world.paymentOf("order-1")).status, "reversed");
      assertEquals(await world.due(), []);
    },
  );
}

testSweep(
  "finds nothing of an edge that woke too late to claim",
  async (world) => {
    const hold = new HoldAt("after read bucket-rev");
    const slow = await world.start({ reach: hold.reach });
    const paying = calls(world, slow).pay("order-1", world.phone.code(NOON_MS));
    await hold.held;
    await world.pass(5_000);
    const till = calls(world, world.edge);
    assertEquals(said(await till.query("order-1")), "not-found");
    hold.release();
    assertEquals(said(await paying), "store-unavailable");
    assertEquals(await world.order("order-1"), null);
    assertEquals(world.ledger.calls, []);
    assertEquals(await world.due(), []);
  },
);

testSweep(
  "finds nothing of an edge that woke after its order was closed",
  async (world) => {
    const hold = new HoldAt("before txn order");
    const slow = await world.start({ reach: hold.reach });
    const paying = calls(world, slow).pay("order-1", world.phone.code(NOON_MS));
    await hold.held;
    const till = calls(world, world.edge);
    assertEquals(said(await till.reverse("order-1")), "200");
    hold.release();
    assertEquals(said(await paying), "payment-reversed");
    assertEquals(world.ledger.calls, []);
  },
);

testSweep(
  "tells the ledger of a reversal that a crash kept from it",
  async (world) => {
    const till = calls(world, world.edge);
    const paid = await till.pay("order-1", world.phone.code(NOON_MS));
    const hold = new HoldAt("before reverse");
    const dying = await world.start({ reach: hold.reach });
    await crashed(hold, calls(world, dying).reverse("order-1"));
    assertEquals(world.ledger.takenFrom("alice"), 1250);
    assertEquals((await till.query("order-1")).body.status, "reversing");
    await world.pass(RECOVER_MS);
    assertEquals(await world.edge.sweeper.sweep(), { due: 1, ended: 1 });
    assertEquals(world.ledger.takenFrom("alice"), 0);
    assertEquals((await till.query("order-1")).body.status, "reversed");
    assertEquals(world.ledger.debitsOf(paid.body.payment_id), 1);
  },
);

for (const point of ["before debit", "before txn payment"]) {
  testSweep(`keeps an approval through a crash ${point}`, async (world) => {
    const till = calls(world, world.edge);
    const pending = await till.pay("order-1", world.phone.code(NOON_MS));
    assertEquals(said(pending), "payment-pending");
    const { payment_id } = pending.body;
    // The first `txn payment` is the approval itself.
    const hold = new HoldAt("before debit");
    const later = new HoldAt("after debit");
    const dying = await world.start({
      reach: (point === "before debit" ? hold : later).reach,
    });
    void calls(world, dying).confirm(payment_id, true);
    await (point === "before debit" ? hold : later).held;
    await world.pass(RECOVER_MS);
    assertEquals(await world.edge.sweeper.sweep(), { due: 1, ended: 1 });
    const record = await world.paymentOf("order-1");
    assertEquals([record.status, record.confirmed], ["succeeded", true]);
    assertEquals(new Set(world.ledger.calls), new Set(["debit confirmed"]));
    assertEquals(world.ledger.debitsOf(payment_id), 1);
    const again = await till.confirm(payment_id, true);
    assertEquals([again.status, again.body.status], [200, "succeeded"]);
  }, STEP_UP);
}

testSweep("closes a confirmation that nobody gave", async (world) => {
  const till = calls(world, world.edge);
  await till.pay("order-1", world.phone.code(NOON_MS));
  await world.pass(confirmationMs - 1);
  assertEquals(await world.edge.sweeper.sweep(), { due: 0, ended: 0 });
  await world.pass(1);
  assertEquals(await world.edge.sweeper.sweep(), { due: 1, ended: 1 });
  const end = await till.query("order-1");
  assertEquals(
    [end.body.status, end.body.decline_reason],
    ["declined", "confirmation_timeout"],
  );
  const waiting = await till.waiting("alice");
  assertEquals(waiting.body.confirmations, []);
  const late = await till.confirm(end.body.payment_id, true);
  assertEquals(said(late), "payment-declined");
  assertEquals(world.ledger.takenFrom("alice"), 0);
  assertEquals(await world.due(), []);
}, STEP_UP);

testSweep("closes what the ledger held and nobody confirmed", async (world) => {
  const till = calls(world, world.edge);
  world.ledger.verdict = "hold";
  const pending = await till.pay("order-1", world.phone.code(NOON_MS));
  assertEquals(said(pending), "payment-pending");
  assertEquals(
    (await world.paymentOf("order-1")).status,
    "awaiting_confirmation",
  );
  await world.pass(confirmationMs);
  assertEquals(await world.edge.sweeper.sweep(), { due: 1, ended: 1 });
  const { payment_id, status } = await world.paymentOf("order-1");
  assertEquals(status, "declined");
  assertEquals(world.ledger.stateOf(payment_id), "closed");
});

testSweep("ends each payment once, eight at once", async (world) => {
  for (let i = 0; i < 16; i++) {
    const hold = new HoldAt("after txn order");
    const edge = await world.start({ reach: hold.reach });
    const at = world.clock.ms;
    await crashed(
      hold,
      calls(world, edge).pay(`order-${i}`, world.phone.code(at)),
    );
    // One code a step.
    await world.pass(30_000);
    if (i % 2 === 0) {
      // Half of them are still in time when they are swept.
      await Promise.all(
        (await edges(world, 8)).map((one) => one.sweeper.sweep()),
      );
    }
  }
  await world.pass(deadlineMs);
  await Promise.all((await edges(world, 8)).map((one) => one.sweeper.sweep()));
  let succeeded = 0;
  for (let i = 0; i < 16; i++) {
    const record = await world.paymentOf(`order-${i}`);
    const { version, first_version } = (await world.order(`order-${i}`))!;
    const changes = version - first_version + 1;
    const debits = world.ledger.debitsOf(record.payment_id);
    if (record.status === "succeeded") {
      succeeded++;
      assertEquals([changes, debits], [2, 1]);
    } else {
      // Reversing and reversed, each once.
      assertEquals(
        [record.status, changes],
        ["reversed", 3],
      );
      assertEquals(world.ledger.stateOf(record.payment_id), "closed");
    }
  }
  assertEquals(world.ledger.takenFrom("alice"), succeeded * 1250);
  assertEquals(await world.due(), []);
});
