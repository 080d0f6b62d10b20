/**
 * An engine alone, without an application around it, on a store and a ledger of
 * its own, and payments in every state.
 *
 * @module
 */

import { createCallbackConsequence } from "../../../../edge/callback/message/queued.ts";
import { createClockGuard } from "../../../../edge/health/clock_guard.ts";
import { createSandboxLedger } from "../../../../edge/ledger/sandbox/sandbox.ts";
import type { Consequence } from "../../../../edge/payment/consequence.ts";
import { createEngine, type Engine } from "../../../../edge/payment/engine.ts";
import { orders } from "../../../../edge/payment/order_form.ts";
import { orderName } from "../../../../edge/payment/payment_id.ts";
import { hasEnded, type OrderRecord } from "../../../../edge/payment/record.ts";
import type { Current } from "../../../../edge/payment/transition.ts";
import { DEFAULT_SETTINGS } from "../../../../edge/boot/settings.ts";
import {
  accountField,
  confirmationsKey,
  doubleScanKey,
  DUE_ORDERS_KEY,
  orderKey,
} from "../../../../edge/store/keys.ts";
import type { Store } from "../../../../edge/store/store.ts";
import { paymentRecord } from "./payment_record.ts";
import { NOON_MS } from "../app.ts";
import type { State } from "./payment_life.ts";
import { ScriptedLedger } from "../../ledger/scripted_ledger.ts";
import { ManualClock } from "../../store/fixture.ts";
import { ModelStore } from "../../store/model.ts";

/** The deadlines of every engine here. */
export const times = DEFAULT_SETTINGS.times;

/** The order. */
export const NAME = orderName("mer_1", "order-1");

/** Its payment. */
export const ID = `pay_${NAME}${"a".repeat(16)}`;

/** What it was counted in. */
export const COUNTER = accountField("alice", "spent:EUR");
const DAY = "2026-01-15";

/** The guard against a second one like it. */
export const DOUBLE_SCAN = doubleScanKey("mer_1", "alice", "EUR", 1250);

/** What a test has. */
export interface EngineBench {
  readonly clock: ManualClock;
  readonly store: Store;
  readonly ledger: ScriptedLedger;
  readonly engine: Engine;
  /** What the engine's ends cause: callbacks. */
  readonly consequence: Consequence;
  /** An engine on the same store whose ends cause something else. */
  engineWith(consequence: Consequence): Engine;
  /** Writes a payment of 12.50 in a state, as it would have come there. */
  put(state: State): Promise<Current>;
  /** All that stands. */
  dump(): Promise<unknown>;
}

/** An order whose payment is in a state. */
function orderIn({ status, endsAs }: State) {
  const payment = paymentRecord(NOON_MS, {
    payment_id: ID,
    ...(hasEnded(status) && { merchant_name: "" }),
    status,
    order_version: 7,
    deadline_ms: hasEnded(status) ? 0 : NOON_MS + times.deadlineMs,
    taken: { day: DAY, offline: false },
    guards_double_scan: true,
    ...(endsAs !== undefined && { ends_as: endsAs }),
  });
  const order: OrderRecord = {
    merchant_id: "mer_1",
    order_id: "order-1",
    version: 7,
    first_version: 5,
    payment,
    earlier: [],
  };
  return { payment, order };
}

/** A new one, at noon. */
export function openEngine(): EngineBench {
  const clock = new ManualClock(NOON_MS);
  const store = new ModelStore(clock);
  const ledger = new ScriptedLedger(createSandboxLedger({
    store,
    random: { bytes: (length) => new Uint8Array(length) },
  }));
  const clockGuard = createClockGuard({ store, clock, monotonicMs: () => 0 });
  const consequence = createCallbackConsequence("test", () => {});
  const backOff = () => Promise.resolve();
  const parts = { store, ledger, clock, clockGuard, times, backOff };
  const engineWith = (consequence: Consequence) =>
    createEngine({ ...parts, consequence });
  const engine = engineWith(consequence);
  return {
    ...{ clock, store, ledger, engine, consequence, engineWith },
    async put(state) {
      const { payment, order } = orderIn(state);
      const { held, write } = orders(NAME).put(order);
      await store.txn({
        checks: [],
        writes: [
          write,
          { kind: "set", key: DOUBLE_SCAN, value: ID },
          { kind: "index", index: DUE_ORDERS_KEY, member: NAME, score: 1 },
          {
            kind: "index",
            index: confirmationsKey("alice"),
            member: ID,
            score: 1,
          },
          {
            kind: "add",
            counter: COUNTER,
            period: DAY,
            delta: 2_000,
          },
        ],
      });
      return {
        name: NAME,
        held,
        order,
        payment,
        consequenceValues: [null],
      };
    },
    dump: () =>
      store.read({
        keys: [orderKey(NAME), DOUBLE_SCAN, COUNTER],
        ranges: [DUE_ORDERS_KEY, confirmationsKey("alice")].map((index) => ({
          index,
          min: 0,
          max: Number.MAX_SAFE_INTEGER,
          limit: 10,
        })),
      }),
  };
}
