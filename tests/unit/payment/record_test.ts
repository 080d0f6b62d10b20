import { assertEquals, assertThrows } from "@std/assert";
import {
  isPaymentId,
  newPaymentId,
  orderName,
  orderNameOf,
} from "../../../edge/payment/payment_id.ts";
import {
  attemptOf,
  earlierWith,
  orderText,
  parseOrder,
} from "../../../edge/payment/record.ts";
import { StoreUnavailableError } from "../../../edge/store/store.ts";
import { NAME, world } from "../../support/world/engine_world.ts";

const declined = async () => {
  const { order, payment } = await world().put({
    status: "declined",
    endsAs: undefined,
  });
  return {
    ...order,
    payment: {
      ...payment,
      description: "Tea",
      terminal_id: "till-3",
      decline_reason: "insufficient_funds",
    },
  };
};

Deno.test("orderName() keeps ids apart wherever one ends and the other begins", () => {
  const names = [
    ["mer_1", "order-1"],
    ["mer_1o", "rder-1"],
    ["mer_", "1order-1"],
    ["", "mer_1order-1"],
    ["mer_1", "order-2"],
    ["mer_2", "order-1"],
    ["mer_1", "é"],
    ["mer_1", "e\u0301"],
  ].map(([merchant, order]) => orderName(merchant!, order!));
  assertEquals(new Set(names).size, names.length);
  // SHA-256 of 00000005 "mer_1" 00000007 "order-1", by openssl.
  assertEquals(names[0], "7c84ac1da2d786b949935c94c13dbf60");
});

Deno.test("newPaymentId() leads to its order, leaves both cells 0 and draws 44 bits", () => {
  const random = {
    bytes: (length: number) => new Uint8Array(length).fill(255),
  };
  const id = newPaymentId(NAME, random);
  assertEquals(id, `pay_${NAME}00000${"f".repeat(11)}`);
  assertEquals([isPaymentId(id), orderNameOf(id)], [true, NAME]);
  for (const other of [`${id}0`, id.slice(0, -1), id.toUpperCase(), ` ${id}`]) {
    assertEquals(isPaymentId(other), false);
  }
});

Deno.test("parseOrder() reads what orderText() wrote, with all that is written once", async () => {
  const order = await declined();
  const again = { ...order, earlier: earlierWith(order) };
  for (const one of [order, again, { ...order, payment: null }]) {
    assertEquals(parseOrder(NAME, orderText(one)), one);
  }
  assertEquals(orderText(order).split("mer_1").length, 1 + 1);
  assertEquals(orderText(order).split('"order-1"').length, 1 + 1);
});

Deno.test("parseOrder() takes the record of another order for a fault", async () => {
  const order = await declined();
  for (const other of [{ merchant_id: "mer_2" }, { order_id: "order-2" }]) {
    assertThrows(
      () => parseOrder(NAME, orderText({ ...order, ...other })),
      StoreUnavailableError,
    );
  }
});

Deno.test("earlierWith() keeps the last sixteen attempts, and attemptOf() tells all that was told of them", async () => {
  let order = await declined();
  for (let n = 0; n < 17; n++) {
    const payment = { ...order.payment, payment_id: `pay_${n}` };
    const earlier = earlierWith({ ...order, payment });
    order = {
      ...order,
      payment: { ...payment, payment_id: "pay_last" },
      earlier,
    };
  }
  const ids = order.earlier.map((it) => it.payment_id);
  assertEquals(ids, Array.from({ length: 16 }, (_, n) => `pay_${n + 1}`));
  assertEquals(attemptOf(order, "pay_0"), null);
  assertEquals(attemptOf(order, "pay_last"), order.payment);
  const { merchant_id: _, ...told } = order.payment;
  const short = attemptOf(order, "pay_1")!;
  assertEquals({ ...told, ...short }, { ...told, payment_id: "pay_1" });
  assertEquals(short.status, "declined");
  assertEquals(earlierWith({ ...order, payment: null }), order.earlier);
});
