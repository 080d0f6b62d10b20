/**
 * A sale from the amount to its end. Whatever happens, an order keeps its number
 * until its end is known, and is written down before a call is made about it.
 */
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  isIdle,
  isOpenEnded,
  newSale,
  type Order,
  pressesOf,
  type Sale,
  type SaleEvent,
  step,
  type TillCall,
} from "../../../../edge/pages/till/sale.ts";
import type { Answer, Press } from "../../../../edge/pages/till/verdict.ts";

const CODE = "901004201234567890";

/** A till that is driven by events, and what it would have done. */
class Driven {
  sale: Sale = newSale("EUR");
  readonly saved = new Map<string, Order>();
  readonly calls: TillCall[] = [];
  #orders = 0;

  do(event: SaleEvent): this {
    const { sale, save, call } = step(this.sale, event);
    this.sale = sale;
    if (save !== undefined) this.saved.set(save.orderId, save);
    if (call !== undefined) {
      assertEquals(this.saved.get(call.order.orderId), call.order);
      this.calls.push(call);
    }
    return this;
  }

  fresh() {
    const orderId = `order-${++this.#orders}`;
    return { orderId, terminalId: "till-3", nowMs: 1 };
  }

  charge(): this {
    for (const key of ["1", "2", "5", "0"] as const) {
      this.do({ type: "key", key });
    }
    return this.do({ type: "charge", fresh: this.fresh() });
  }

  scan(code = CODE): this {
    return this.do({ type: "scanned", code });
  }

  press(press: Press): this {
    return this.do({ type: "press", press, fresh: this.fresh() });
  }

  answer(answer: Answer | null): this {
    const number = this.calls.at(-1)!.number;
    return this.do({ type: "answered", number, answer });
  }
}

const payment = (orderId: string, status = "succeeded", more = {}): Answer => ({
  status: 200,
  body: { order_id: orderId, status, ...more },
});

const problem = (status: number, code: string, retry: string, more = {}) => ({
  status,
  body: { code, retry, ...more },
});

Deno.test("a sale is an amount, a scan and its result", () => {
  const till = new Driven().charge().scan();
  assertEquals(
    till.calls.map(({ asked, code, order }) => ({
      asked,
      code,
      amount: order.amountMinor,
      doubt: order.isInDoubt,
    })),
    [{ asked: "pay", code: CODE, amount: 1_250, doubt: true }],
  );
  till.answer(payment("order-1"));
  assertEquals(till.sale.verdict?.headline, "paid");
  assertEquals(till.saved.get("order-1")?.state, "paid");
  assertEquals(till.saved.get("order-1")?.isInDoubt, false);
  till.press("next");
  assertEquals(till.sale.phase, "amount");
});

Deno.test("no code is ever in what is written down", () => {
  const till = new Driven().charge().scan().answer(null).press("again");
  assert(!JSON.stringify([...till.saved]).includes(CODE));
});

Deno.test("a lost answer is asked for with the same order and the same code", () => {
  const till = new Driven().charge().scan().answer(null);
  assert(isOpenEnded(till.saved.get("order-1")!));
  assert(!isIdle(till.sale));
  till.press("again");
  assertEquals(till.calls.map((it) => [it.order.orderId, it.code]), [
    ["order-1", CODE],
    ["order-1", CODE],
  ]);
  till.answer(payment("order-1", "succeeded", { repeat: true }));
  assertEquals(till.saved.get("order-1")?.isInDoubt, false);
});

Deno.test("an order that is in doubt is reversed when it is given up", () => {
  const refused = problem(422, "code-not-accepted", "new-code");
  const till = new Driven().charge().scan().answer(null).press("again")
    .answer(refused);
  // The first request may yet arrive.
  assert(till.saved.get("order-1")!.isInDoubt);
  till.press("cancel");
  assertEquals(till.calls.at(-1)?.asked, "reverse");
  till.answer(payment("order-1", "reversed"));
  assertEquals(till.saved.get("order-1")?.state, "reversed");
  assertEquals(till.saved.get("order-1")?.isInDoubt, false);
});

Deno.test("an order that was refused is given up without a call", () => {
  const refused = problem(422, "code-not-accepted", "new-code");
  const till = new Driven().charge().scan().answer(refused).press("cancel");
  assertEquals(till.calls.length, 1);
  assertEquals(till.saved.get("order-1")?.state, "closed");
  assertEquals(till.sale.phase, "amount");
});

Deno.test("after a refusal the next code pays the same order", () => {
  const refused = problem(409, "code-replayed", "new-code");
  const till = new Driven().charge().scan().answer(refused);
  till.scan("901004201234567891");
  assertEquals(till.calls.map((it) => it.order.orderId), [
    "order-1",
    "order-1",
  ]);
});

Deno.test("a second purchase is said of this order alone, with the next code as well", () => {
  const twice = problem(409, "looks-like-double-scan", "never");
  const till = new Driven().charge().scan().answer(twice).press("second");
  assertEquals(till.calls.at(-1)?.order.isSecondPurchase, true);
  assertEquals(till.calls.at(-1)?.code, CODE);
  till.answer(problem(422, "code-not-accepted", "new-code")).scan("9010042");
  assertEquals(till.calls.at(-1)?.order.isSecondPurchase, true);
  till.answer(payment("order-1")).press("next").charge().scan();
  assertEquals(till.calls.at(-1)?.order.isSecondPurchase, false);
});

Deno.test("after a reload there is no code to send again, so one is scanned", () => {
  const till = new Driven();
  const order = new Driven().charge().scan().sale.order!;
  till.do({ type: "open", order, ask: "ask" });
  assertEquals(till.calls.at(-1)?.asked, "ask");
  till.answer(problem(404, "not-found", "query"));
  assertEquals(pressesOf(till.sale), ["scan", "ask", "reverse"]);
  assert(till.saved.get("order-1")!.isInDoubt);
  till.scan();
  assertEquals(till.calls.at(-1)?.order.orderId, "order-1");
});

Deno.test("an answer to an earlier call is not taken for the present one", () => {
  const till = new Driven().charge().scan().answer(null).press("ask");
  const { sale } = till;
  till.do({ type: "answered", number: 1, answer: payment("order-1") });
  assertEquals(till.sale, sale);
});

Deno.test("a refused key says nothing of the order", () => {
  const till = new Driven().charge().scan()
    .answer(problem(401, "not-authenticated", "never"));
  assertEquals(till.saved.get("order-1")?.isInDoubt, false);
  const doubtful = new Driven().charge().scan().answer(null).press("again")
    .answer(problem(401, "not-authenticated", "never"));
  assert(doubtful.saved.get("order-1")!.isInDoubt);
});

/** Answers of every kind, about the order that was asked for. */
const answers = fc.constantFrom<(orderId: string) => Answer | null>(
  () => null,
  (it) => payment(it),
  (it) => payment(it, "processing"),
  (it) => payment(it, "reversing"),
  (it) => payment(it, "reversed"),
  (it) => payment(it, "declined"),
  () => problem(422, "code-not-accepted", "new-code"),
  () => problem(409, "looks-like-double-scan", "never"),
  () => problem(402, "payment-pending", "query", { next_query_seconds: 2 }),
  () => problem(404, "not-found", "query"),
  () => problem(503, "store-unavailable", "same-order"),
  () => problem(429, "too-many-attempts", "later"),
  () => problem(401, "not-authenticated", "never"),
);

Deno.test("no sequence of events leaves an order whose end is not known", () => {
  const presses: readonly Press[] = ["next", "scan", "again", "ask", "reverse"];
  const acts = fc.oneof(
    fc.constantFrom<(it: Driven) => void>(
      (it) => it.charge(),
      (it) => it.scan(),
      ...[...presses, "second", "renumber", "cancel"].map(
        (press) => (it: Driven) => void it.press(press as Press),
      ),
    ),
    answers.map((answerOf) => (it: Driven) => {
      if (it.sale.phase === "busy") {
        it.answer(answerOf(it.sale.order!.orderId));
      }
    }),
  );
  fc.assert(fc.property(fc.array(acts, { maxLength: 40 }), (sequence) => {
    const till = new Driven();
    for (const act of sequence) {
      act(till);
      const open = [...till.saved.values()].filter(isOpenEnded);
      // Only the order at hand may be one of them: no other one was left behind.
      assertEquals(
        open.map((it) => it.orderId).filter((it) =>
          it !== till.sale.order?.orderId
        ),
        [],
      );
      // A call about an order that was paid or reversed never carries a code.
      const last = till.calls.at(-1);
      if (till.sale.phase === "busy" && last?.asked === "pay") {
        assert(!["paid", "reversed", "closed"].includes(last.order.state));
      }
    }
  }));
});
