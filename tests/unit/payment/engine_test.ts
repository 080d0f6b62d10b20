import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { createClockGuard } from "../../../edge/health/clock_guard.ts";
import { createSandboxLedger } from "../../../edge/ledger/sandbox.ts";
import { createEngine, type Engine } from "../../../edge/payment/engine.ts";
import type {
  OrderRecord,
  OrderState,
  PaymentRecord,
} from "../../../edge/payment/record.ts";
import { transitionOf } from "../../../edge/payment/states.ts";
import {
  type Current,
  planTransition,
  RECOVER_AFTER_MS,
} from "../../../edge/payment/transition.ts";
import { DEFAULT_SETTINGS } from "../../../edge/settings.ts";
import {
  confirmationsKey,
  DUE_PAYMENTS_KEY,
  offlineUsesKey,
  orderKey,
  paymentKey,
  RECORD_TTL_MS,
  seenOnlineKey,
  twinKey,
} from "../../../edge/store/keys.ts";
import {
  type Store,
  StoreUnavailableError,
} from "../../../edge/store/store.ts";
import { NOON_MS } from "../../support/app.ts";
import {
  EVENTS,
  LIFE,
  ORDER_OF,
  type State,
  stateName,
  STATES,
} from "../../support/payment_life.ts";
import { ScriptedLedger } from "../../support/scripted_ledger.ts";
import { ManualClock } from "../../support/store_fixture.ts";
import { ModelStore } from "../../support/store_model.ts";

const { times } = DEFAULT_SETTINGS;
const ID = `pay_${"a".repeat(32)}`;
const COUNTER = "counter";
const TWIN = twinKey("mer_1", "alice", "EUR", 1250);
const ORDER_STATES: readonly OrderState[] = [
  "open",
  "paid",
  "declined",
  "reversing",
  "reversed",
];

interface World {
  readonly clock: ManualClock;
  readonly store: Store;
  readonly ledger: ScriptedLedger;
  readonly engine: Engine;
  /** Writes a payment of 12.50 in a state, as it would have come there. */
  put(state: State, order?: OrderState): Promise<Current>;
  /** All that stands. */
  dump(): Promise<unknown>;
}

function world(): World {
  const clock = new ManualClock(NOON_MS);
  const store = new ModelStore(clock);
  const ledger = new ScriptedLedger(createSandboxLedger({
    store,
    random: { bytes: (length) => new Uint8Array(length) },
  }));
  const clockGuard = createClockGuard({ store, clock, monotonicMs: () => 0 });
  const engine = createEngine({ store, ledger, clock, clockGuard, times });
  return {
    clock,
    store,
    ledger,
    engine,
    async put({ status, endsAs }, state = ORDER_OF[status]) {
      const order: OrderRecord = {
        state,
        version: 7,
        attempt: {
          payment_id: ID,
          amount_minor: 1250,
          currency: "EUR",
          code_hash: { kid: "t", hash: "h" },
          ...(state === "paid" && { paid_at_ms: NOON_MS }),
        },
      };
      const payment: PaymentRecord = {
        payment_id: ID,
        merchant_id: "mer_1",
        merchant_name: "Corner Shop",
        order_id: "order-1",
        status,
        amount_minor: 1250,
        currency: "EUR",
        account_id: "alice",
        credential_id: "cred_1",
        payer: "payer_1",
        order_version: 7,
        confirmed: false,
        deadline_ms: NOON_MS + times.deadlineMs,
        taken: [{
          counter: COUNTER,
          delta: 1250,
          expires_at_ms: NOON_MS + 1_000_000,
        }],
        twin_key: TWIN,
        ...(endsAs !== undefined && { ends_as: endsAs }),
        created_at: new Date(NOON_MS).toISOString(),
        updated_at: new Date(NOON_MS).toISOString(),
      };
      const orderRaw = JSON.stringify(order);
      const paymentRaw = JSON.stringify(payment);
      await store.txn({
        checks: [],
        writes: [
          { kind: "set", key: orderKey("mer_1", "order-1"), value: orderRaw },
          { kind: "set", key: paymentKey(ID), value: paymentRaw },
          { kind: "set", key: TWIN, value: ID },
          { kind: "index", index: DUE_PAYMENTS_KEY, member: ID, score: 1 },
          {
            kind: "index",
            index: confirmationsKey("alice"),
            member: ID,
            score: 1,
          },
          {
            kind: "add",
            counter: COUNTER,
            delta: 2_000,
            expiresAtMs: NOON_MS + 1_000_000,
          },
        ],
      });
      return { order, orderRaw, payment, paymentRaw, endpointRaw: null };
    },
    dump: () =>
      store.read({
        keys: [orderKey("mer_1", "order-1"), paymentKey(ID), TWIN, COUNTER],
        ranges: [DUE_PAYMENTS_KEY, confirmationsKey("alice")].map((index) => ({
          index,
          min: 0,
          max: Number.MAX_SAFE_INTEGER,
          limit: 10,
        })),
      }),
  };
}

for (const state of STATES) {
  const name = stateName(state.status, state.endsAs);
  for (const event of EVENTS) {
    const to = LIFE[name]?.[event];
    if (to === undefined) {
      Deno.test(`apply() refuses "${event}" to a payment that is ${name} (${state.endsAs})`, async () => {
        const { engine, put, dump } = world();
        const current = await put(state);
        const before = await dump();
        assertEquals(await engine.apply(current, event), null);
        assertEquals(await dump(), before);
      });
      continue;
    }
    Deno.test(`apply() takes a payment that is ${name} by "${event}" to ${to}`, async () => {
      const { engine, put, clock, store, dump } = world();
      const current = await put(state);
      clock.ms += 1_234;
      const next = await engine.apply(current, event, {
        declineReason: "insufficient_funds",
      });
      assert(next !== null);
      const { order, payment } = next;
      assertEquals(stateName(payment.status, payment.ends_as), to);
      assertEquals(order.state, ORDER_OF[payment.status]);
      assertEquals([order.version, payment.order_version], [8, 8]);
      assertEquals(order.attempt?.payment_id, ID);
      assertEquals(payment.updated_at, new Date(clock.ms).toISOString());
      assertEquals(payment.created_at, current.payment.created_at);
      assertEquals(payment.confirmed, event === "confirmed");
      assertEquals(
        order.attempt?.paid_at_ms,
        event === "approved"
          ? clock.ms
          : state.status === "succeeded"
          ? NOON_MS
          : undefined,
      );
      assertEquals(
        order.attempt?.decline_reason,
        payment.status === "declined" ? "insufficient_funds" : undefined,
      );
      assertEquals(
        payment.deadline_ms,
        event === "confirmed"
          ? clock.ms + times.deadlineMs
          : event === "held"
          ? clock.ms + times.confirmationMs
          : NOON_MS + times.deadlineMs,
      );

      // What stands is what was answered, for 400 days.
      assertEquals(await engine.read(ID), next);
      const { values: [, , guard, counter], ranges: [due, waiting] } =
        await dump() as Awaited<ReturnType<Store["read"]>>;
      const waits = payment.status === "awaiting_confirmation";
      const ended = ["succeeded", "declined", "reversed"].includes(
        payment.status,
      );
      assertEquals(
        due,
        ended ? [] : [{
          member: ID,
          score: waits ? payment.deadline_ms : clock.ms + RECOVER_AFTER_MS,
        }],
      );
      if (waits) {
        assertEquals(waiting, [{ member: ID, score: payment.deadline_ms }]);
      } else if (state.status === "awaiting_confirmation") {
        assertEquals(waiting, []);
      }
      // What was declined has given it back.
      const givesBack = state.status !== "declined" &&
        ["declined", "reversed"].includes(payment.status);
      assertEquals(counter, givesBack ? "750" : "2000");
      assertEquals(guard, givesBack ? null : ID);
      clock.ms += RECORD_TTL_MS - 1;
      assertEquals(await engine.read(ID), next);
      clock.ms += 1;
      assertEquals(
        (await store.read({
          keys: [paymentKey(ID), orderKey("mer_1", "order-1")],
        })).values,
        [null, null],
      );
    });
  }
}

Deno.test("apply() refuses what does not fit the order, whatever the payment says", async () => {
  for (const state of STATES) {
    for (const event of EVENTS) {
      for (const order of ORDER_STATES) {
        if (order === ORDER_OF[state.status]) continue;
        const { engine, put, dump } = world();
        const current = await put(state, order);
        const before = await dump();
        assertEquals(await engine.apply(current, event), null);
        assertEquals(await dump(), before);
      }
    }
  }
});

Deno.test("apply() tells what stands where somebody else was first", async () => {
  const { engine, put } = world();
  const current = await put({ status: "processing", endsAs: undefined });
  const won = await engine.apply(current, "approved");
  for (const event of ["approved", "declined", "reverse", "expired"] as const) {
    assertEquals(await engine.apply(current, event), won);
  }
  assertEquals(won?.order.version, 8);
});

Deno.test("apply() changes nothing while only the order is another", async () => {
  const { engine, put, store } = world();
  const current = await put({ status: "processing", endsAs: undefined });
  const orderRaw = JSON.stringify({ ...current.order, version: 9 });
  await store.txn({
    checks: [],
    writes: [{
      kind: "set",
      key: orderKey("mer_1", "order-1"),
      value: orderRaw,
    }],
  });
  const stands = await engine.apply(current, "approved");
  assertEquals([stands?.payment.status, stands?.order.version], [
    "processing",
    9,
  ]);
});

Deno.test("apply() gives an offline use back only to the run it was taken from", async () => {
  for (
    const [seenMs, left] of [
      [null, "0"],
      [NOON_MS - 1, "0"],
      [NOON_MS, "1"],
      [NOON_MS + 1, "1"],
    ] as const
  ) {
    const { engine, put, store } = world();
    const { payment } = await put({ status: "processing", endsAs: undefined });
    const uses = offlineUsesKey("alice");
    const expiresAtMs = NOON_MS + 1_000_000;
    const taken = [{ counter: uses, delta: 1, expires_at_ms: expiresAtMs }];
    const paymentRaw = JSON.stringify({ ...payment, taken });
    await store.txn({
      checks: [],
      writes: [
        { kind: "set", key: paymentKey(ID), value: paymentRaw },
        { kind: "add", counter: uses, delta: 1, expiresAtMs },
        ...(seenMs === null ? [] : [
          {
            kind: "set",
            key: seenOnlineKey("alice"),
            value: `${seenMs}`,
          } as const,
        ]),
      ],
    });
    const current = await engine.read(ID);
    const next = await engine.apply(current!, "declined");
    assertEquals(next?.payment.status, "declined");
    const { values } = await store.read({ keys: [uses] });
    assertEquals(values, [left], `${seenMs}`);
  }
});

Deno.test("apply() changes nothing while a check of its caller does not hold", async () => {
  const { engine, put, dump } = world();
  const current = await put({
    status: "awaiting_confirmation",
    endsAs: undefined,
  });
  const before = await dump();
  const stands = await engine.apply(current, "confirmed", {
    checks: [{ kind: "absent", key: paymentKey(ID) }],
    writes: [{ kind: "delete", key: COUNTER }],
  });
  assertEquals(stands, current);
  assertEquals(await dump(), before);
});

Deno.test("apply() leaves a guard that became another payment's, or has ended", async () => {
  for (const guard of [`pay_${"b".repeat(32)}`, null]) {
    const { engine, put, store, dump } = world();
    const current = await put({ status: "processing", endsAs: undefined });
    await store.txn({
      checks: [],
      writes: [
        guard === null
          ? { kind: "delete", key: TWIN }
          : { kind: "set", key: TWIN, value: guard },
      ],
    });
    const next = await engine.apply(current, "declined");
    assertEquals(next?.payment.status, "declined");
    const { values: [, , left, counter] } = await dump() as Awaited<
      ReturnType<Store["read"]>
    >;
    assertEquals([left, counter], [guard, "750"]);
  }
});

Deno.test("planTransition() refuses a payment that is not its order's latest", async () => {
  const { put } = world();
  const current = await put({ status: "processing", endsAs: undefined });
  const row = transitionOf("processing", "approved", undefined)!;
  const attempt = { ...current.order.attempt!, payment_id: "pay_other" };
  for (
    const order of [{ ...current.order, attempt }, {
      ...current.order,
      attempt: null,
    }]
  ) {
    assertThrows(
      () =>
        planTransition(
          { ...current, order },
          row,
          "approved",
          {},
          NOON_MS,
          times,
          { guardIsOwn: true, seenOnlineRaw: null },
        ),
      TypeError,
    );
  }
});

Deno.test("read() knows no payment that is not there, and none without its order", async () => {
  const { engine, put, store } = world();
  assertEquals(await engine.read(ID), null);
  await put({ status: "processing", endsAs: undefined });
  await store.txn({
    checks: [],
    writes: [{ kind: "delete", key: orderKey("mer_1", "order-1") }],
  });
  await assertRejects(() => engine.read(ID), StoreUnavailableError);
});

Deno.test("drive() begins no debit that could come after the deadline", async () => {
  const { deadlineMs, ledgerTimeoutMs } = times;
  for (
    const [afterMs, calls, status] of [
      [0, ["debit"], "succeeded"],
      [deadlineMs - ledgerTimeoutMs, ["debit"], "succeeded"],
      [deadlineMs - ledgerTimeoutMs + 1, ["query"], "processing"],
      [deadlineMs - 1, ["query"], "processing"],
      [deadlineMs, ["reverse"], "reversed"],
      [deadlineMs + 86_400_000, ["reverse"], "reversed"],
    ] as const
  ) {
    const { engine, put, clock, ledger, store } = world();
    await createSandboxLedger({
      store,
      random: { bytes: (length) => new Uint8Array(length) },
    }).setAccount("alice", { balanceMinor: 10_000, currency: "EUR" });
    const current = await put({ status: "processing", endsAs: undefined });
    clock.ms += afterMs;
    const end = await engine.drive(current);
    assertEquals(end.payment.status, status, `${afterMs}`);
    assertEquals(ledger.calls, [...calls], `${afterMs}`);
  }
});

Deno.test("drive() asks the ledger nothing of a payment that waits or has ended", async () => {
  for (const state of STATES) {
    if (["processing", "reversing"].includes(state.status)) continue;
    const { engine, put, clock, ledger } = world();
    const current = await put(state);
    clock.ms += 86_400_000;
    assertEquals(await engine.drive(current), current);
    assertEquals(ledger.calls, []);
  }
});
