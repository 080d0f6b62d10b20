import { assertEquals, assertRejects } from "@std/assert";
import { createSandboxLedger } from "../../../edge/ledger/sandbox/sandbox.ts";
import { joinConsequences } from "../../../edge/payment/consequence.ts";
import { orderName } from "../../../edge/payment/payment_id.ts";
import { orders } from "../../../edge/payment/order_form.ts";
import type { OrderRecord } from "../../../edge/payment/record.ts";
import { seenOnline } from "../../../edge/risk/limits.ts";
import { accountField, orderKey } from "../../../edge/store/keys.ts";
import { plainText, recordKind } from "../../../edge/store/record.ts";
import {
  type Store,
  StoreUnavailableError,
} from "../../../edge/store/store.ts";
import { NOON_MS } from "../../support/world/app.ts";
import {
  COUNTER,
  DOUBLE_SCAN,
  NAME,
  openEngine,
  times,
} from "../../support/world/model/engine_bench.ts";
import { STATES } from "../../support/world/model/payment_life.ts";

/** The text that an order is stored as. */
function orderText(order: OrderRecord): string {
  const write = orders(NAME).set(order);
  return write.kind === "set" ? write.value : "";
}

Deno.test("apply() tells what stands where somebody else was first", async () => {
  const { engine, put } = openEngine();
  const current = await put({ status: "processing", endsAs: undefined });
  const won = await engine.apply(current, "approved");
  for (const event of ["approved", "declined", "reverse", "expired"] as const) {
    assertEquals(await engine.apply(current, event), won);
  }
  assertEquals(won?.order.version, 8);
});

Deno.test("apply() changes nothing while only the order is another", async () => {
  const { engine, put, store } = openEngine();
  const current = await put({ status: "processing", endsAs: undefined });
  const orderRaw = orderText({ ...current.order, version: 9 });
  await store.txn({
    checks: [],
    writes: [{
      kind: "set",
      key: orderKey(NAME),
      value: orderRaw,
    }],
  });
  const stands = await engine.apply(current, "approved");
  assertEquals([stands?.payment.status, stands?.order.version], [
    "processing",
    9,
  ]);
});

Deno.test("apply() reverses no payment of which a part was or may be refunded", async () => {
  for (
    const [status, to] of [
      ["processing", undefined],
      ["succeeded", undefined],
      ["declined", "reversing"],
    ] as const
  ) {
    const { engine, put, store } = openEngine();
    const { order, payment } = await put({
      status: "succeeded",
      endsAs: undefined,
    });
    const refund = {
      ...{ refund_id: "r-1", amount_minor: 1, status, order_version: 7 },
      ...{ created_ms: NOON_MS, updated_ms: NOON_MS },
    };
    const value = orderText({
      ...order,
      payment: { ...payment, refunds: [refund] },
    });
    const key = orderKey(NAME);
    await store.txn({ checks: [], writes: [{ kind: "set", key, value }] });
    const current = await engine.read(NAME);
    const next = await engine.apply(current!, "reverse");
    assertEquals([status, next?.payment.status], [status, to]);
  }
});

Deno.test("apply() gives an offline use back only to the run it was taken from", async () => {
  for (
    const [seenMs, left] of [
      [null, "0:0"],
      [NOON_MS - 1, "0:0"],
      [NOON_MS, "0:1"],
      [NOON_MS + 1, "0:1"],
    ] as const
  ) {
    const { engine, put, store, clock } = openEngine();
    const { order, payment } = await put({
      status: "processing",
      endsAs: undefined,
    });
    const uses = accountField("alice", "offline");
    const taken = { day: "2026-01-15", offline: true };
    const raw = orderText({
      ...order,
      payment: { ...payment, taken },
    });
    await store.txn({
      checks: [],
      writes: [
        { kind: "set", key: orderKey(NAME), value: raw },
        { kind: "add", counter: uses, period: "0", delta: 1 },
        ...(seenMs === null ? [] : [
          {
            kind: "set",
            key: accountField("alice", "run"),
            value: `${seenMs}`,
          } as const,
        ]),
      ],
    });
    const current = await engine.read(NAME);
    // When it ends is of no account.
    clock.ms += 10_000;
    const next = await engine.apply(current!, "declined");
    assertEquals(next?.payment.status, "declined");
    const { values } = await store.read({ keys: [uses] });
    assertEquals(values, [left], `${seenMs}`);
  }
});

Deno.test("apply() gives no offline use back to an account that is seen online at that moment", async () => {
  const { engine, put, store } = openEngine();
  const { order, payment } = await put({
    status: "processing",
    endsAs: undefined,
  });
  const uses = accountField("alice", "offline");
  const taken = { day: "2026-01-15", offline: true };
  await store.txn({
    checks: [],
    writes: [
      {
        kind: "set",
        key: orderKey(NAME),
        value: orderText({
          ...order,
          payment: { ...payment, taken },
        }),
      },
      { kind: "add", counter: uses, period: "0", delta: 1 },
    ],
  });
  const current = await engine.read(NAME);
  const txn = store.txn.bind(store);
  store.txn = async (transaction) => {
    store.txn = txn;
    await txn({ checks: [], writes: seenOnline("alice", NOON_MS) });
    await txn({
      checks: [],
      writes: [{ kind: "add", counter: uses, period: "0", delta: 3 }],
    });
    return await txn(transaction);
  };
  const next = await engine.apply(current!, "declined");
  assertEquals(next?.payment.status, "declined");
  assertEquals((await store.read({ keys: [uses] })).values, ["0:3"]);
});

Deno.test("apply() changes nothing while a check of its caller does not hold", async () => {
  const { engine, put, dump } = openEngine();
  const current = await put({
    status: "awaiting_confirmation",
    endsAs: undefined,
  });
  const before = await dump();
  const stands = await engine.apply(current, "confirmed", {
    guards: [{ kind: "absent", key: orderKey(NAME), label: "caller" }],
    writes: [{ kind: "delete", key: COUNTER }],
  });
  assertEquals(stands, current);
  assertEquals(await dump(), before);
});

Deno.test("apply() leaves a guard that became another payment's, or has ended", async () => {
  for (const guard of [`pay_${"b".repeat(32)}`, null]) {
    const { engine, put, store, dump } = openEngine();
    const current = await put({ status: "processing", endsAs: undefined });
    await store.txn({
      checks: [],
      writes: [
        guard === null
          ? { kind: "delete", key: DOUBLE_SCAN }
          : { kind: "set", key: DOUBLE_SCAN, value: guard },
      ],
    });
    const next = await engine.apply(current, "declined");
    assertEquals(next?.payment.status, "declined");
    const { values: [, left, counter] } = await dump() as Awaited<
      ReturnType<Store["read"]>
    >;
    assertEquals([left, counter], [guard, "2026-01-15:750"]);
  }
});

Deno.test("read() knows no order that is not there, none without a payment, and none under another's name", async () => {
  const { engine, put, store } = openEngine();
  assertEquals(await engine.read(NAME), null);
  const { order } = await put({
    status: "processing",
    endsAs: undefined,
  });
  const set = (name: string, value: string) =>
    store.txn({
      checks: [],
      writes: [{ kind: "set", key: orderKey(name), value }],
    });
  await set(NAME, orderText({ ...order, payment: null }));
  assertEquals(await engine.read(NAME), null);
  const other = orderName("mer_1", "order-2");
  await set(other, orderText(order));
  await assertRejects(() => engine.read(other), StoreUnavailableError);
  await assertRejects(() => engine.read(other, "mer_1"), StoreUnavailableError);
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
    const { engine, put, clock, ledger, store } = openEngine();
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
    const { engine, put, clock, ledger } = openEngine();
    const current = await put(state);
    clock.ms += 86_400_000;
    assertEquals(await engine.drive(current), current);
    assertEquals(ledger.calls, []);
  }
});

Deno.test("drive() begins nothing and ends nothing while the edge's clock is in doubt", async () => {
  for (const afterMs of [0, 86_400_000]) {
    const { engine, put, clock, store, ledger } = openEngine();
    const current = await put({ status: "processing", endsAs: undefined });
    clock.ms += afterMs;
    store.timeMs = () => Promise.resolve(clock.ms - 60_000);
    assertEquals(await engine.drive(current), current);
    assertEquals(ledger.calls, []);
  }
});

Deno.test("apply() takes the value that refused a consequence, plans again, and tells of what is committed once", async () => {
  const { store, put, consequence, engineWith } = openEngine();
  const told: string[] = [];
  const other = recordKind({ key: () => "other", form: plainText })();
  const engine = engineWith(joinConsequences([
    consequence,
    {
      reads: () => ["other"],
      plan: (_, [value = null]) => ({
        checks: [other.held(value).unchanged("other")],
        writes: [{ kind: "set", key: "seen", value: `${value}` }],
        onCommitted: () => told.push(`${value}`),
      }),
    },
  ]));
  const current = await put({ status: "processing", endsAs: undefined });
  await store.txn({
    checks: [],
    writes: [{ kind: "set", key: "other", value: "newer" }],
  });
  const next = await engine.apply(
    { ...current, consequenceValues: [null, null] },
    "approved",
  );
  assertEquals(next?.payment.status, "succeeded");
  assertEquals((await store.read({ keys: ["seen"] })).values, ["newer"]);
  assertEquals(told, ["newer"]);
});
