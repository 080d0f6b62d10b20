import { assert, assertEquals } from "@std/assert";
import { orderState, viewPayment } from "../../../edge/payment/record.ts";
import { RECOVER_AFTER_MS } from "../../../edge/payment/transition.ts";
import type { Store } from "../../../edge/store/store.ts";
import {
  ID,
  NAME,
  openEngine,
  times,
} from "../../support/world/model/engine_bench.ts";
import {
  EVENTS,
  LIFE,
  ORDER_OF,
  stateName,
  STATES,
} from "../../support/world/model/payment_life.ts";

for (const state of STATES) {
  const name = stateName(state.status, state.endsAs);
  for (const event of EVENTS) {
    const to = LIFE[name]?.[event];
    if (to === undefined) {
      Deno.test(`apply() refuses "${event}" to a payment that is ${name} (${state.endsAs})`, async () => {
        const { engine, put, dump } = openEngine();
        const current = await put(state);
        const before = await dump();
        assertEquals(await engine.apply(current, event), null);
        assertEquals(await dump(), before);
      });
      continue;
    }
    Deno.test(`apply() takes a payment that is ${name} by "${event}" to ${to}`, async () => {
      const { engine, put, clock, dump } = openEngine();
      const current = await put(state);
      clock.ms += 1_234;
      const next = await engine.apply(current, event, {
        declineReason: "insufficient_funds",
      });
      assert(next !== null);
      const { order, payment } = next;
      assertEquals(stateName(payment.status, payment.ends_as), to);
      assertEquals(orderState(order), ORDER_OF[payment.status]);
      assertEquals([order.version, payment.order_version], [8, 8]);
      assertEquals(order.payment, payment);
      assertEquals([order.first_version, payment.payment_id], [5, ID]);
      assertEquals(payment.updated_ms, clock.ms);
      assertEquals(payment.created_ms, current.payment.created_ms);
      assertEquals(payment.confirmed, event === "confirmed");
      assertEquals(
        viewPayment(payment).declineReason,
        payment.status === "declined" ? "insufficient_funds" : undefined,
      );
      const ended = ["succeeded", "declined", "reversed", "refunded"].includes(
        payment.status,
      );
      assertEquals(
        payment.deadline_ms,
        ended
          ? 0
          : event === "confirmed"
          ? clock.ms + times.deadlineMs
          : event === "held"
          ? clock.ms + times.confirmationMs
          : current.payment.deadline_ms,
      );
      assertEquals(
        payment.merchant_name,
        ended ? "" : current.payment.merchant_name,
      );

      // What is committed is what was answered.
      assertEquals(await engine.read(NAME), next);
      const { values: [, guard, counter], ranges: [due, waiting] } =
        await dump() as Awaited<ReturnType<Store["read"]>>;
      const waits = payment.status === "awaiting_confirmation";
      assertEquals(
        due,
        ended ? [] : [{
          member: NAME,
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
      assertEquals(counter, `2026-01-15:${givesBack ? 750 : 2000}`);
      assertEquals(guard, givesBack ? null : ID);
      // An end is kept for a time, and what is under way until it has ended.
      clock.ms += times.recordMs - 1;
      assertEquals(await engine.read(NAME), next);
      clock.ms += 1;
      assertEquals(await engine.read(NAME), ended ? null : next);
    });
  }
}
