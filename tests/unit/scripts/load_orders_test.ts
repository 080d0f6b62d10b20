import { assertEquals } from "@std/assert";
import { compareBooks, settle } from "../../../scripts/load/books.ts";
import { Api } from "../../../scripts/client.ts";
import {
  type Order,
  Orders,
  type Reply,
} from "../../../scripts/load/orders.ts";
import { seeded } from "../../support/world/points/seeded.ts";

const paid = (payment_id = "pay_1", status = 201): Reply => ({
  status,
  body: { payment_id, amount_minor: 100, status: "succeeded" },
});
const refused = (status: number, code: string, retry: string): Reply => ({
  status,
  body: { code, retry },
});

function scene(reply: Reply = paid()) {
  const orders = new Orders("run", seeded(1));
  const order = orders.open({
    ...{ merchant: 0, wallet: 0, amountMinor: 100, code: "9" },
    foundUntilMs: 1000,
  });
  orders.answered(order, reply);
  return { orders, order };
}

/** What the orders say was broken. */
const broken = (orders: Orders) =>
  orders.breaches.map((it) => `${it.promise}: ${it.what}`);

Deno.test("Orders finds an order that was paid twice, however that came to light", () => {
  for (const status of [200, 201]) {
    const { orders, order } = scene();
    orders.repeated(order, paid("pay_1", status), false);
    assertEquals(broken(orders), []);
    orders.repeated(order, paid("pay_2", status), false);
    assertEquals(broken(orders), [
      `paid-once: Order run-0 was paid as pay_1 and answered again with ${status} as paid pay_2`,
    ]);
  }
  const { orders, order } = scene();
  orders.queried(order, paid("pay_3", 200), false);
  orders.reversed(order, { status: 200, body: { payment_id: "pay_4" } });
  assertEquals(broken(orders), [
    "paid-once: Order run-0 was paid as pay_1 and found as paid pay_3",
    "paid-once: Order run-0 was paid as pay_1 and reversed as pay_4",
  ]);
});

Deno.test("Orders finds a wrong code that paid, and no refusal of one", () => {
  const { orders } = scene();
  orders.wrongCode("bad-1", refused(422, "code-not-accepted", "new-code"));
  orders.wrongCode("bad-1", { fault: "timeout" });
  assertEquals(broken(orders), []);
  orders.wrongCode("bad-2", paid());
  assertEquals(broken(orders), ["no-wrong-code: Order bad-2 got 201"]);
});

Deno.test("Orders holds the server to what it has said", () => {
  const { orders, order } = scene();
  orders.queried(order, { status: 404, body: { code: "not-found" } }, false);
  orders.queried(order, {
    status: 200,
    body: { payment_id: "pay_1", status: "declined" },
  }, false);
  orders.repeated(order, refused(409, "payment-reversed", "never"), false);
  orders.repeated(order, {
    status: 200,
    body: { payment_id: "pay_1", amount_minor: 99 },
  }, false);
  assertEquals(broken(orders), [
    "same-answer: Order run-0 was paid, then unknown",
    "same-answer: Order run-0 was found declined, not succeeded",
    "same-answer: Order run-0 was paid, and then reversed by nobody",
    "same-answer: Order run-0 is of 100 and was answered again with 200 as paid 99",
  ]);
});

Deno.test("Orders lets a reversal be seen while it is on its way, and never forgets it", () => {
  const { orders, order } = scene();
  assertEquals(orders.drawToReverse(0), order);
  assertEquals(orders.drawToReverse(0), null);
  for (const status of ["succeeded", "reversing", "reversed"]) {
    orders.queried(order, {
      status: 200,
      body: { payment_id: "pay_1", status },
    }, false);
  }
  orders.repeated(order, refused(409, "payment-reversed", "never"), false);
  orders.reversed(order, { status: 200, body: { payment_id: "pay_1" } });
  assertEquals([order.state, broken(orders)], ["reversed", []]);
  orders.repeated(order, paid("pay_1", 200), true);
  orders.queried(order, paid("pay_1", 200), true);
  assertEquals(broken(orders), [
    "reversed-stays: Order run-0 got 200",
    "same-answer: Order run-0 was found succeeded, not reversed",
  ]);
});

Deno.test("Orders knows a final refusal from one after which nobody knows", () => {
  for (
    const [reply, state] of [
      [paid(), "paid"],
      [paid("pay_1", 200), "paid"],
      [refused(422, "code-not-accepted", "new-code"), "refused"],
      [refused(429, "too-many-attempts", "later"), "refused"],
      [refused(409, "order-conflict", "never"), "refused"],
      [refused(409, "order-paid-earlier", "query"), "refused"],
      [refused(402, "payment-pending", "query"), "unsure"],
      [refused(503, "store-unavailable", "same-order"), "unsure"],
      [{ status: 502, body: {} }, "unsure"],
      [{ fault: "timeout" }, "unsure"],
    ] as const
  ) {
    assertEquals(scene(reply).order.state, state, JSON.stringify(reply));
  }
});

Deno.test("Orders draws orders to repeat while their codes are found, and only of the merchant", () => {
  const { orders, order } = scene();
  assertEquals(orders.drawToRepeat(0, 999), order);
  assertEquals(orders.drawToRepeat(0, 1000), null);
  assertEquals([orders.drawPaid(0), orders.drawPaid(1)], [order, null]);
});

function order(
  wallet: number,
  amountMinor: number,
  state: Order["state"],
): Order {
  return {
    ...{ id: "o", merchant: 0, wallet, amountMinor, code: "", state },
    ...{ paymentId: null, isReversing: false, foundUntilMs: 0 },
  };
}

Deno.test("compareBooks() finds the account that holds something else than its orders say", () => {
  const wallets = ["a", "b", "c", "d"].map((accountId) => ({
    accountId,
    balanceMinor: 1000,
  }));
  const orders = [
    order(0, 100, "paid"),
    order(0, 101, "paid"),
    order(0, 50, "refused"),
    order(1, 100, "reversed"),
    order(2, 100, "unsure"),
  ];
  const agreeing = compareBooks({
    orders,
    wallets,
    balancesMinor: [799, 1000, 900, 1000],
  });
  assertEquals(agreeing, {
    ...{ accounts: 4, beforeMinor: 4000, afterMinor: 3699, paidMinor: 201 },
    ...{ paidOrders: 2, reversedOrders: 1, refusedOrders: 1, unsureOrders: 1 },
    ...{ differing: [], differingCount: 0 },
  });
  const { differing, differingCount } = compareBooks({
    orders,
    wallets,
    balancesMinor: [800, 900, 5, null],
  });
  assertEquals(differing, [
    "a holds 800, not 799",
    "b holds 900, not 1000",
    "d holds nobody knows what, not 1000",
  ]);
  assertEquals(differingCount, 3);
});

Deno.test("settle() asks until each order has an end, and closes what nobody knows", async () => {
  const asked: string[] = [];
  let pending = 2;
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      const { pathname, search } = new URL(request.url);
      asked.push(
        `${request.method} ${pathname}${search} ${await request.text()}`,
      );
      const found = (status: string) =>
        Response.json({ payment_id: "pay_9", amount_minor: 100, status });
      if (request.method === "POST") {
        return Response.json({ status: "reversed" });
      }
      if (search.endsWith("run-0")) {
        return found(pending-- > 0 ? "processing" : "succeeded");
      }
      if (search.endsWith("run-1")) return found("declined");
      if (search.endsWith("run-2")) return found("awaiting_confirmation");
      if (search.endsWith("run-3")) return found("reversed");
      return Response.json({ code: "not-found" }, { status: 404 });
    },
  );
  const orders = new Orders("run", seeded(1));
  for (let wallet = 0; wallet < 5; wallet++) {
    const parts = {
      merchant: 0,
      wallet,
      amountMinor: 100,
      code: "9",
      foundUntilMs: 0,
    };
    orders.answered(orders.open(parts), { fault: "timeout" });
  }
  const open: number[] = [];
  const pauses: number[] = [];
  await settle({
    api: new Api(`http://127.0.0.1:${server.addr.port}`),
    orders,
    merchants: [{ id: "mer_1", key: "k" }],
    sleep: (ms) => Promise.resolve(void pauses.push(ms)),
    onProgress: (count) => open.push(count),
    signal: new AbortController().signal,
  });
  assertEquals(orders.all.map((it) => it.state), [
    "paid",
    "refused",
    "reversed",
    "reversed",
    "reversed",
  ]);
  assertEquals(orders.all[0]!.paymentId, "pay_9");
  assertEquals([open, pauses], [[1, 1, 0], [500, 500]]);
  assertEquals(asked.filter((it) => it.startsWith("POST")), [
    'POST /v1/reversals {"order_id":"run-2"}',
    'POST /v1/reversals {"order_id":"run-4"}',
  ]);
});
