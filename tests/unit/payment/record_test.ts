import { assert, assertEquals, assertThrows } from "@std/assert";
import { createCells } from "../../../edge/store/cells.ts";
import { accountKey, claimKey } from "../../../edge/store/keys.ts";
import {
  isPaymentId,
  newPaymentId,
  orderName,
  orderNameOf,
} from "../../../edge/payment/payment_id.ts";
import { orders } from "../../../edge/payment/order_form.ts";
import {
  attemptOf,
  earlierWith,
  type OrderRecord,
  type PaymentRecord,
} from "../../../edge/payment/record.ts";
import { systemRandom } from "../../../edge/base/clock.ts";
import { StoreUnavailableError } from "../../../edge/store/store.ts";
import { NAME, openEngine } from "../../support/world/model/engine_bench.ts";
import { STATES } from "../../support/world/model/payment_life.ts";

const declined = async () => {
  const { order, payment } = await openEngine().put({
    status: "declined",
    endsAs: undefined,
  });
  return {
    ...order,
    payment: {
      ...payment,
      description: "Tea",
      store_id: "store-7",
      terminal_id: "till-3",
      decline_reason: "insufficient_funds",
    },
  };
};

/** What an order is stored as. */
function textOf(name: string, order: OrderRecord): string {
  const write = orders(name).set(order);
  return write.kind === "set" ? write.value : "";
}

Deno.test("orderName() keeps ids apart wherever one ends and the other begins", () => {
  const names = [
    ["mer_1", "order-1"],
    ["mer_1o", "rder-1"],
    ["mer_", "1order-1"],
    ["", "mer_1order-1"],
    ["mer_1", "order-2"],
    ["mer_2", "order-2"],
    ["mer_2", "order-1"],
    ["mer_1", "é"],
    ["mer_1", "e\u0301"],
  ].map(([merchant, order]) => orderName(merchant!, order!));
  assertEquals(new Set(names).size, names.length);
  // SHA-256 of 00000005 "mer_1" 00000007 "order-1", by openssl: 7c84ac…, with the place
  // of the merchant, 0, in the last ten bits of the first three digits.
  assertEquals(names[0], "4004ac1da2d786b949935c94c13dbf60");
});

Deno.test("newPaymentId() leads to its order, has its customer's cell and draws the rest", () => {
  const random = {
    bytes: (length: number) => new Uint8Array(length).fill(255),
  };
  const id = newPaymentId(NAME, "alice", random);
  assertEquals(id, `pay_${NAME}${"f".repeat(16)}`);
  const cells = createCells(8, new Uint8Array(32));
  const celled = newPaymentId(NAME, "alice", random, cells);
  const cell = cells.cellOf(accountKey("alice"))!;
  assertEquals(cells.cellOf(claimKey(celled)), cell);
  const digits = (0xff8 + cell).toString(16);
  assertEquals(celled, `pay_${NAME}${digits}${"f".repeat(13)}`);
  assertEquals([isPaymentId(id), orderNameOf(id)], [true, NAME]);
  for (const other of [`${id}0`, id.slice(0, -1), id.toUpperCase(), ` ${id}`]) {
    assertEquals(isPaymentId(other), false);
  }
});

Deno.test("orders() reads all of what was written, whatever its state", async () => {
  for (const state of STATES) {
    const { order, payment } = await openEngine().put(state);
    const full: OrderRecord = {
      ...order,
      payment: {
        ...payment,
        description: "Tea",
        store_id: "store-7",
        terminal_id: "till-3",
        decline_reason: "insufficient_funds",
        confirmed: true,
        taken: { day: "2026-01-15", offline: true },
        updated_ms: payment.created_ms + 1,
        ...(state.status.startsWith("revers") &&
          { paid_ms: payment.created_ms + 1 }),
      },
    };
    const { guards_double_scan: _, ...bare } = payment;
    const asked = {
      refund_id: `rfd_${"1".repeat(32)}`,
      amount_minor: 250,
      status: "processing" as const,
      order_version: order.version,
      created_ms: payment.created_ms + 2,
      updated_ms: payment.created_ms + 2,
    };
    const refused = {
      ...asked,
      refund_id: `rfd_${"2".repeat(32)}`,
      status: "declined" as const,
      reason: "Cold tea",
      decline_reason: "account_closed",
      order_version: order.version + 1,
      updated_ms: payment.created_ms + 9,
    };
    const later = { ...payment, order_version: 8 };
    const others = { account_id: "bob", payer: "payer_2" };
    for (
      const one of [
        order,
        full,
        { ...order, payment: bare },
        { ...order, payment: { ...payment, refunds: [asked, refused] } },
        { ...order, payment: { ...payment, split: { of: "o-7", part: 2 } } },
        { ...order, first_version: order.version },
        { ...order, payment: null },
        { ...order, payment: later, version: 8, earlier: earlierWith(full) },
        {
          ...order,
          payment: { ...later, ...others },
          version: 8,
          earlier: earlierWith(order),
        },
      ]
    ) {
      assertEquals(orders(NAME).held(textOf(NAME, one)).value, one);
    }
  }
});

Deno.test("a paid order is stored in 310 bytes", () => {
  const id = (prefix: string) => `${prefix}_${"0".repeat(32)}`;
  const merchant_id = id("mer");
  const name = orderName(merchant_id, "order-1234");
  const payment: PaymentRecord = {
    payment_id: newPaymentId(name, "alice", systemRandom),
    merchant_id,
    merchant_name: "",
    order_id: "order-1234",
    status: "succeeded",
    amount_minor: 1250,
    currency: "EUR",
    account_id: "account-1234",
    code_hash: { kid: "2026-01", hash: "h".repeat(43) },
    payer: `payer_${"p".repeat(22)}`,
    order_version: 1_768_478_401,
    confirmed: false,
    deadline_ms: 0,
    taken: { day: "2026-01-15", offline: true },
    guards_double_scan: true,
    created_ms: 1_768_478_400_000,
    updated_ms: 1_768_478_400_012,
  };
  const text = textOf(name, {
    merchant_id,
    order_id: "order-1234",
    version: 1_768_478_401,
    first_version: 1_768_478_400,
    payment,
    earlier: [],
  });
  assert(text.length <= 310, text);
});

Deno.test("orders() takes the record of another order for a fault", async () => {
  const order = await declined();
  for (const other of [{ merchant_id: "mer_2" }, { order_id: "order-2" }]) {
    assertThrows(
      () => orders(NAME).held(textOf(NAME, { ...order, ...other })),
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
