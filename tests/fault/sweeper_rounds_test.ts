import { assertEquals } from "@std/assert";
import { DEFAULT_SETTINGS } from "../../edge/boot/settings.ts";
import { orderNameOf } from "../../edge/payment/payment_id.ts";
import { DUE_ORDERS_KEY, orderKey } from "../../edge/store/keys.ts";
import { StoreUnavailableError } from "../../edge/store/store.ts";
import {
  NOON_MS,
  NOON_VERSION,
  startApp,
  TestClock,
} from "../support/world/app.ts";
import { openDesk } from "../support/world/desk.ts";
import { HoldAt, pointedStore } from "../support/world/points/fail_points.ts";
import { calls, crashed, said } from "../support/world/desk.ts";
import {
  crashPaying,
  RECOVER_MS,
  STEP_UP,
  testSweep,
} from "../support/world/model/sweeper.ts";

const { deadlineMs } = DEFAULT_SETTINGS.times;

testSweep(
  "asks a ledger that stays unknown every ten seconds, and no more",
  async (world) => {
    world.ledger.link = "lost-answer";
    const till = calls(world, world.edge);
    const first = await till.pay("order-1", world.phone.code(NOON_MS));
    assertEquals(said(first), "payment-pending");
    const askedAt: number[] = [];
    let before = world.ledger.calls.length;
    for (let second = 1; second <= 120; second++) {
      await world.pass(1_000);
      for (const edge of [world.edge, world.edge, world.edge]) {
        await edge.sweeper.sweep();
      }
      if (world.ledger.calls.length > before) askedAt.push(second);
      before = world.ledger.calls.length;
    }
    // After 40 s it only asks what became of it, which this ledger does not
    // count; from the deadline on it takes back.
    assertEquals(askedAt, [10, 20, 30, 50, 60, 70, 80, 90, 100, 110, 120]);
    assertEquals(world.ledger.calls.slice(0, 4), Array(4).fill("debit"));
    assertEquals((await till.query("order-1")).body.status, "reversing");
    world.ledger.link = "up";
    await world.pass(RECOVER_MS);
    assertEquals(await world.edge.sweeper.sweep(), { due: 1, ended: 1 });
    assertEquals((await till.query("order-1")).body.status, "reversed");
    assertEquals(world.ledger.takenFrom("alice"), 0);
  },
);

testSweep(
  "drops an entry whose record is gone, or has ended",
  async (world) => {
    const till = calls(world, world.edge);
    const paid = await till.pay("order-1", world.phone.code(NOON_MS));
    const gone = "0".repeat(32);
    await world.store.txn({
      checks: [],
      writes: [gone, orderNameOf(paid.body.payment_id)].map((member) => ({
        kind: "index",
        index: DUE_ORDERS_KEY,
        member,
        score: NOON_MS,
      })),
    });
    assertEquals(await world.edge.sweeper.sweep(), { due: 2, ended: 2 });
    assertEquals(await world.due(), []);
    assertEquals((await till.query("order-1")).body.status, "succeeded");
  },
);

testSweep(
  "finishes the others when records cannot be read, and says so",
  async (world) => {
    await crashPaying(world, "after txn order");
    // Due first, more of them than are worked on at once.
    const broken = Array.from(
      { length: 12 },
      (_, i) => `${"0".repeat(30)}${10 + i}`,
    );
    await world.store.txn({
      checks: [],
      writes: broken.flatMap((member, i) => [
        {
          kind: "index",
          index: DUE_ORDERS_KEY,
          member,
          score: 1,
        } as const,
        {
          kind: "set",
          key: orderKey(member),
          value: i % 2 === 0
            ? "{"
            : JSON.stringify({ merchant_id: "mer_x", order_id: `gone-${i}` }),
        } as const,
      ]),
    });
    await world.pass(RECOVER_MS);
    for (let i = 0; i < 2; i++) {
      const error = await world.edge.sweeper.sweep().then(() => null, (e) => e);
      assertEquals(error instanceof Error, true);
    }
    assertEquals((await world.paymentOf("order-1")).status, "succeeded");
    assertEquals((await world.due()).length, broken.length);
  },
);

testSweep(
  "goes on after a store that failed in the middle of it",
  async (world) => {
    for (
      const point of [
        "range due-orders",
        "read order",
        "txn due-orders",
        "txn payment",
      ]
    ) {
      await world.pass(60_000);
      const orderId = point.replaceAll(" ", "-");
      const hold = new HoldAt("after txn order");
      const dying = await world.start({ reach: hold.reach });
      await crashed(
        hold,
        calls(world, dying).pay(orderId, world.phone.code(world.clock.ms)),
      );
      await world.pass(RECOVER_MS);
      let failing = true;
      const edge = await world.start({
        reach: (reached) =>
          failing && reached === `before ${point}`
            ? Promise.reject(new StoreUnavailableError("unreachable"))
            : Promise.resolve(),
      });
      const error = await edge.sweeper.sweep().then(() => null, (e) => e);
      assertEquals(error instanceof StoreUnavailableError, true, point);
      failing = false;
      await world.pass(RECOVER_MS);
      assertEquals(await edge.sweeper.sweep(), { due: 1, ended: 1 });
      const { status, payment_id } = await world.paymentOf(orderId);
      assertEquals(status, "succeeded");
      assertEquals(world.ledger.debitsOf(payment_id), 1);
    }
  },
);

testSweep(
  "in the background is one at a time, however long the ledger takes",
  async (world) => {
    await crashPaying(world, "after txn order");
    const hold = new HoldAt("before debit");
    const edge = await world.start({ reach: hold.reach });
    await world.pass(RECOVER_MS);
    edge.sweeper.sweepSometimes();
    await hold.held;
    for (let i = 0; i < 5; i++) {
      await world.pass(5_000);
      edge.sweeper.sweepSometimes();
    }
    await new Promise((resolve) => setTimeout(resolve, 0));
    const asked = hold.trace.filter((it) => it === "before range due-orders");
    assertEquals(asked.length, 1);
    hold.release();
    await world.edge.sweeper.sweep();
  },
);

for (const wrongMs of [3_600_000, -3_600_000, 60_000]) {
  testSweep(
    `ends and begins nothing by a clock that is ${wrongMs / 1000} s off`,
    async (world) => {
      await crashPaying(world, "after txn order");
      const clock = new TestClock(0);
      const wrong = await world.start({ clock });
      const till = calls(world, wrong);
      // In time, and too late; what is due by the true clock and by the wrong.
      for (const ms of [RECOVER_MS, deadlineMs]) {
        await world.pass(ms);
        clock.ms = world.clock.ms + wrongMs;
        await wrong.sweeper.sweep();
        const seen = await till.query("order-1");
        assertEquals([seen.status, seen.body.status], [200, "processing"]);
      }
      assertEquals(world.ledger.calls, []);
      assertEquals(
        (await world.paymentOf("order-1")).order_version,
        NOON_VERSION + 1,
      );
      await world.edge.sweeper.sweep();
      assertEquals((await world.paymentOf("order-1")).status, "reversed");
    },
  );

  testSweep(
    `leaves a confirmation to an edge whose clock is right, not ${
      wrongMs / 1000
    } s off`,
    async (world) => {
      const right = calls(world, world.edge);
      const { body } = await right.pay("order-1", world.phone.code(NOON_MS));
      await world.pass(1_000);
      const clock = new TestClock(world.clock.ms + wrongMs);
      const wrong = await world.start({ clock });
      const asked = calls(world, wrong);
      await wrong.sweeper.sweep();
      for (const approve of [true, false]) {
        const answer = await asked.confirm(body.payment_id, approve);
        assertEquals(said(answer), "clock-unsure");
      }
      assertEquals(
        (await world.paymentOf("order-1")).order_version,
        NOON_VERSION + 1,
      );
      assertEquals(said(await right.confirm(body.payment_id, true)), "200");
      assertEquals(world.ledger.takenFrom("alice"), 1250);
    },
    STEP_UP,
  );
}

Deno.test("sweepSometimes() sweeps though the clock was set back since the last one", async () => {
  let ranges = 0;
  await using app = await startApp({
    wrapStore: (store) =>
      pointedStore(store, (point) => {
        if (point === "before range due-orders") ranges++;
        return Promise.resolve();
      }),
  });
  const swept = async () => {
    ranges = 0;
    app.sweeper.sweepSometimes();
    await new Promise((resolve) => setTimeout(resolve, 0));
    return ranges;
  };
  await app.sweeper.sweep();
  app.clock.advance(4_999);
  assertEquals(await swept(), 0);
  app.clock.advance(-3_600_000);
  assertEquals(await swept(), 1);
  assertEquals(await swept(), 0);
  app.clock.advance(5_000);
  assertEquals(await swept(), 1);
});

Deno.test("sweep() leaves an entry whose payment is reversed while it is looked at", async () => {
  let meanwhile: (() => Promise<unknown>) | undefined;
  await using desk = await openDesk({
    wrapStore: (store) =>
      pointedStore(store, async (point) => {
        if (point !== "before txn due-orders") return;
        const first = meanwhile;
        meanwhile = undefined;
        await first?.();
      }),
  });
  const paid = await desk.pay("order-1", desk.code());
  assertEquals(paid.status, 201);
  // As of a payment that had ended and whose entry came back.
  await desk.app.store.txn({
    checks: [],
    writes: [{
      kind: "index",
      index: DUE_ORDERS_KEY,
      member: orderNameOf(paid.body.payment_id),
      score: 1,
    }],
  });
  desk.ledger.reversals = "lost";
  meanwhile = () => desk.reverse("order-1");
  await desk.app.sweeper.sweep();
  assertEquals(meanwhile, undefined);
  desk.ledger.reversals = "up";
  desk.clock.advance(RECOVER_MS);
  assertEquals(await desk.app.sweeper.sweep(), { due: 1, ended: 1 });
  assertEquals(await desk.balance(), 10_000);
});
