import { assertEquals } from "@std/assert";
import { DEFAULT_SETTINGS } from "../../edge/settings.ts";
import { DUE_PAYMENTS_KEY, paymentKey } from "../../edge/store/keys.ts";
import { StoreUnavailableError } from "../../edge/store/store.ts";
import { NOON_MS, TestClock, UNLIMITED } from "../support/app.ts";
import { HoldAt } from "../support/fail_points.ts";
import {
  calls,
  crashed,
  makeWorld,
  named,
  type World,
} from "../support/payment_model_world.ts";
import { everyStore } from "../support/stores.ts";

const STORES = everyStore();

const RECOVER_MS = 10_000;
const { deadlineMs, confirmationMs, ledgerTimeoutMs } = DEFAULT_SETTINGS.times;
/** 12.50 EUR are confirmed by the customer. */
const STEP_UP = {
  limits: {
    ...UNLIMITED.limits,
    normal: { ...UNLIMITED.limits.normal, stepUpAboveMinor: 1_000 },
  },
};

function test(
  name: string,
  body: (world: World) => Promise<void>,
  settings = {},
): void {
  for (const [engine, factory] of STORES) {
    Deno.test(`sweep() ${name}, over ${engine}`, async () => {
      await using world = await makeWorld(factory, settings);
      await body(world);
    });
  }
}

/** Pays order-1 on an edge that stops at `point` for good. */
async function crashPaying(world: World, point: string): Promise<void> {
  const hold = new HoldAt(point);
  const dying = await world.start({ reach: hold.reach });
  await crashed(
    hold,
    calls(world, dying).pay("order-1", world.phone.code(world.clock.ms)),
  );
}

test("pays what was claimed before a crash, before the ledger was asked", async (world) => {
  await crashPaying(world, "after txn order");
  assertEquals(await world.edge.sweeper.sweep(), { due: 0, ended: 0 });
  await world.pass(RECOVER_MS);
  assertEquals(await world.edge.sweeper.sweep(), { due: 1, ended: 1 });
  const { status, payment_id } = await world.paymentOf("order-1");
  assertEquals(status, "succeeded");
  assertEquals(world.ledger.debitsOf(payment_id), 1);
  assertEquals(await world.due(), []);
});

test("asks the ledger once, however many sweep at once", async (world) => {
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

test("writes what the ledger did before a crash, asking once more", async (world) => {
  await crashPaying(world, "before txn payment");
  await world.pass(RECOVER_MS);
  assertEquals(await world.edge.sweeper.sweep(), { due: 1, ended: 1 });
  const { status, payment_id } = await world.paymentOf("order-1");
  assertEquals(status, "succeeded");
  assertEquals(world.ledger.calls, ["debit", "debit"]);
  assertEquals(world.ledger.debitsOf(payment_id), 1);
});

test("undoes what nobody finished by the deadline, and gives back", async (world) => {
  await crashPaying(world, "before txn payment");
  await world.pass(deadlineMs);
  assertEquals(await world.edge.sweeper.sweep(), { due: 1, ended: 1 });
  const { status } = await world.paymentOf("order-1");
  assertEquals(status, "reversed");
  assertEquals((await world.order("order-1"))?.state, "reversed");
  assertEquals(world.ledger.takenFrom("alice"), 0);
  assertEquals(world.ledger.calls, ["debit", "reverse"]);
  assertEquals(await world.due(), []);
});

test("only asks, and begins no debit, when one could pass the deadline", async (world) => {
  await crashPaying(world, "after txn order");
  await world.pass(deadlineMs - ledgerTimeoutMs + 1);
  assertEquals(await world.edge.sweeper.sweep(), { due: 1, ended: 0 });
  assertEquals(world.ledger.calls, []);
  assertEquals((await world.paymentOf("order-1")).status, "processing");
  await world.pass(RECOVER_MS);
  assertEquals(await world.edge.sweeper.sweep(), { due: 1, ended: 1 });
  assertEquals((await world.paymentOf("order-1")).status, "reversed");
  assertEquals(world.ledger.calls, ["reverse"]);
});

test("learns of a debit by asking when the deadline is near", async (world) => {
  await crashPaying(world, "before txn payment");
  await world.pass(deadlineMs - 1);
  assertEquals(await world.edge.sweeper.sweep(), { due: 1, ended: 1 });
  assertEquals((await world.paymentOf("order-1")).status, "succeeded");
  assertEquals(world.ledger.calls, ["debit"]);
});

test("still debits one timeout before the deadline", async (world) => {
  await crashPaying(world, "after txn order");
  await world.pass(deadlineMs - ledgerTimeoutMs);
  assertEquals(await world.edge.sweeper.sweep(), { due: 1, ended: 1 });
  assertEquals((await world.paymentOf("order-1")).status, "succeeded");
});

for (const sweptFirst of [true, false]) {
  test(`${sweptFirst ? "and" : "or"} an edge that wakes after the deadline debit nothing`, async (world) => {
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
    assertEquals(named(await paying), "payment-reversed");
    assertEquals(world.ledger.calls.includes("debit"), false);
    assertEquals((await world.paymentOf("order-1")).status, "reversed");
    assertEquals(await world.due(), []);
  });
}

test("finds nothing of an edge that woke too late to claim", async (world) => {
  const hold = new HoldAt("after read bucket-rev");
  const slow = await world.start({ reach: hold.reach });
  const paying = calls(world, slow).pay("order-1", world.phone.code(NOON_MS));
  await hold.held;
  await world.pass(5_000);
  const till = calls(world, world.edge);
  assertEquals(named(await till.query("order-1")), "not-found");
  hold.release();
  assertEquals(named(await paying), "store-unavailable");
  assertEquals(await world.order("order-1"), null);
  assertEquals(world.ledger.calls, []);
  assertEquals(await world.due(), []);
});

test("finds nothing of an edge that woke after its order was closed", async (world) => {
  const hold = new HoldAt("before txn order");
  const slow = await world.start({ reach: hold.reach });
  const paying = calls(world, slow).pay("order-1", world.phone.code(NOON_MS));
  await hold.held;
  const till = calls(world, world.edge);
  assertEquals(named(await till.reverse("order-1")), "200");
  hold.release();
  assertEquals(named(await paying), "payment-reversed");
  assertEquals(world.ledger.calls, []);
});

test("tells the ledger of a reversal that a crash kept from it", async (world) => {
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
});

for (const point of ["before debit", "before txn payment"]) {
  test(`keeps an approval through a crash ${point}`, async (world) => {
    const till = calls(world, world.edge);
    const pending = await till.pay("order-1", world.phone.code(NOON_MS));
    assertEquals(named(pending), "payment-pending");
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

test("closes a confirmation that nobody gave", async (world) => {
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
  assertEquals(named(late), "payment-declined");
  assertEquals(world.ledger.takenFrom("alice"), 0);
  assertEquals(await world.due(), []);
}, STEP_UP);

test("closes what the ledger held and nobody confirmed", async (world) => {
  const till = calls(world, world.edge);
  world.ledger.verdict = "hold";
  const pending = await till.pay("order-1", world.phone.code(NOON_MS));
  assertEquals(named(pending), "payment-pending");
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

test("ends each payment once, eight at once", async (world) => {
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
    const debits = world.ledger.debitsOf(record.payment_id);
    if (record.status === "succeeded") {
      succeeded++;
      assertEquals([record.order_version, debits], [2, 1]);
    } else {
      // Reversing and reversed, each once.
      assertEquals([record.status, record.order_version], ["reversed", 3]);
      assertEquals(world.ledger.stateOf(record.payment_id), "closed");
    }
  }
  assertEquals(world.ledger.takenFrom("alice"), succeeded * 1250);
  assertEquals(await world.due(), []);
});

async function edges(world: World, count: number) {
  return await Promise.all(
    Array.from({ length: count }, () => world.start()),
  );
}

test("asks a ledger that stays unknown every ten seconds, and no more", async (world) => {
  world.ledger.link = "lost-answer";
  const till = calls(world, world.edge);
  const first = await till.pay("order-1", world.phone.code(NOON_MS));
  assertEquals(named(first), "payment-pending");
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
});

test("drops an entry whose record is gone, or has ended", async (world) => {
  const till = calls(world, world.edge);
  const paid = await till.pay("order-1", world.phone.code(NOON_MS));
  const gone = `pay_${"0".repeat(32)}`;
  await world.store.txn({
    checks: [],
    writes: [gone, paid.body.payment_id].map((member) => ({
      kind: "index",
      index: DUE_PAYMENTS_KEY,
      member,
      score: NOON_MS,
    })),
  });
  assertEquals(await world.edge.sweeper.sweep(), { due: 2, ended: 2 });
  assertEquals(await world.due(), []);
  assertEquals((await till.query("order-1")).body.status, "succeeded");
});

test("finishes the others when records cannot be read, and says so", async (world) => {
  await crashPaying(world, "after txn order");
  // Due first, more of them than are worked on at once.
  const broken = Array.from(
    { length: 12 },
    (_, i) => `pay_${"0".repeat(30)}${10 + i}`,
  );
  await world.store.txn({
    checks: [],
    writes: broken.flatMap((member, i) => [
      {
        kind: "index",
        index: DUE_PAYMENTS_KEY,
        member,
        score: 1,
      } as const,
      {
        kind: "set",
        key: paymentKey(member),
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
});

test("goes on after a store that failed in the middle of it", async (world) => {
  for (
    const point of [
      "range due-payments",
      "read payment",
      "txn due-payments",
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
});

test("in the background is one at a time, however long the ledger takes", async (world) => {
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
  const asked = hold.trace.filter((it) => it === "before range due-payments");
  assertEquals(asked.length, 1);
  hold.release();
  await world.edge.sweeper.sweep();
});

for (const wrongMs of [3_600_000, -3_600_000, 60_000]) {
  test(`ends and begins nothing by a clock that is ${wrongMs / 1000} s off`, async (world) => {
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
    assertEquals((await world.paymentOf("order-1")).order_version, 1);
    await world.edge.sweeper.sweep();
    assertEquals((await world.paymentOf("order-1")).status, "reversed");
  });

  test(
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
        assertEquals(named(answer), "clock-unsure");
      }
      assertEquals((await world.paymentOf("order-1")).order_version, 1);
      assertEquals(named(await right.confirm(body.payment_id, true)), "200");
      assertEquals(world.ledger.takenFrom("alice"), 1250);
    },
    STEP_UP,
  );
}
