import { assertEquals, assertNotEquals } from "@std/assert";
import { NOON_VERSION } from "../support/world/app.ts";
import { createHttpSender } from "../../edge/callback_http/sender.ts";
import { HOUSEKEEPING_MS } from "../../edge/callback/message/queued.ts";
import type { EndpointRecord } from "../../edge/callback/message/record.ts";
import { callbackId } from "../../edge/callback/message/queued.ts";
import { systemClock } from "../../edge/base/clock.ts";
import type { CallerOf } from "../../edge/merchant/authentication.ts";
import { callbackEndpointKey } from "../../edge/store/keys.ts";
import {
  STORED_ENDPOINT,
  storedCallbacks,
  storeEndpoint,
} from "../support/callback/queue.ts";
import { type Desk, openDesk, said } from "../support/world/desk.ts";
import { FaultyStore } from "../support/store/faulty_store.ts";
import { startShopServer, status } from "../support/callback/shop_server.ts";

/** Type of every message and number of its change, oldest first. */
async function told(desk: Desk): Promise<unknown[]> {
  const { all } = await storedCallbacks(desk.app.store, desk.merchant.id);
  return all.map(({ payload }) => JSON.parse(payload))
    .map(({ type, data }) => [type, data.order_version - NOON_VERSION])
    .sort((a, b) => a[1] - b[1]);
}

/** Whatever a payment's life may be, with what its merchant is told. */
const LIVES: Record<
  string,
  { live: (desk: Desk) => Promise<unknown>; told: unknown[] }
> = {
  "is paid": {
    live: (desk) => desk.pay("order-1", desk.code()),
    told: [["payment.succeeded", 2]],
  },
  "is paid and repeated": {
    live: async (desk) => {
      const code = desk.code();
      for (let i = 0; i < 3; i++) await desk.pay("order-1", code);
    },
    told: [["payment.succeeded", 2]],
  },
  "is declined": {
    live: (desk) => desk.pay("order-1", desk.code(), { amount_minor: 10_001 }),
    told: [["payment.declined", 2]],
  },
  "is declined and paid with another code": {
    live: async (desk) => {
      const dear = { amount_minor: 10_001 };
      await desk.pay("order-1", desk.code(), dear);
      await desk.api.setBalance("alice", 20_000);
      await desk.pay("order-1", desk.next(), dear);
    },
    told: [["payment.declined", 2], ["payment.succeeded", 4]],
  },
  "is paid and reversed": {
    live: async (desk) => {
      await desk.pay("order-1", desk.code());
      for (let i = 0; i < 2; i++) await desk.reverse("order-1");
    },
    told: [["payment.succeeded", 2], ["payment.reversed", 4]],
  },
  "is declined and reversed": {
    live: async (desk) => {
      await desk.pay("order-1", desk.code(), { amount_minor: 10_001 });
      await desk.reverse("order-1");
    },
    told: [["payment.declined", 2], ["payment.reversed", 3]],
  },
  "waits for its customer and is refused": {
    live: async (desk) => {
      desk.ledger.asks = "first";
      const { body } = await desk.pay("order-1", desk.code());
      await desk.confirm(body.payment_id, false);
    },
    told: [["payment.declined", 4]],
  },
  "waits for its customer and is approved": {
    live: async (desk) => {
      desk.ledger.asks = "first";
      const { body } = await desk.pay("order-1", desk.code());
      await desk.confirm(body.payment_id, true);
    },
    told: [["payment.succeeded", 4]],
  },
  "waits for its customer in vain": {
    live: async (desk) => {
      desk.ledger.asks = "first";
      await desk.pay("order-1", desk.code());
      desk.clock.advance(180_000);
      await desk.app.sweeper.sweep();
    },
    told: [["payment.declined", 4]],
  },
  "is not decided": {
    live: (desk) => {
      desk.ledger.debits = "lost";
      return desk.pay("order-1", desk.code());
    },
    told: [],
  },
  "is not decided before its deadline": {
    live: async (desk) => {
      desk.ledger.debits = "unheard";
      await desk.pay("order-1", desk.code());
      desk.clock.advance(45_000);
      await desk.app.sweeper.sweep();
    },
    told: [["payment.reversed", 3]],
  },
  "is reversed before it was seen": {
    live: (desk) => desk.reverse("order-1"),
    told: [],
  },
};

for (const [name, life] of Object.entries(LIVES)) {
  Deno.test(`a payment that ${name} leaves a message for each of its ends`, async () => {
    await using desk = await openDesk();
    const { store } = desk.app;
    await storeEndpoint(store, desk.merchant.id);
    await life.live(desk);
    assertEquals(await told(desk), life.told);
    const queued = await storedCallbacks(store, desk.merchant.id);
    // Each is due now, none anywhere else, and its merchant is looked at.
    assertEquals(
      queued.first.map(({ member }) => member).toSorted(),
      queued.all.map((it) => it.callback_id).toSorted(),
    );
    for (const { score } of queued.first) {
      assertEquals(score <= desk.clock.ms, true);
    }
    assertEquals([queued.retry, queued.replay, queued.dead], [[], [], []]);
    assertEquals(queued.dueMs, queued.first[0]?.score ?? null);
  });

  Deno.test(`a payment that ${name} leaves no message where its merchant has no endpoint`, async () => {
    await using desk = await openDesk();
    await life.live(desk);
    const queued = await storedCallbacks(desk.app.store, desk.merchant.id);
    assertEquals([queued.all, queued.first, queued.dueMs], [[], [], null]);
  });
}

Deno.test("a callback holds the payment as it is answered, under its order's name", async () => {
  await using desk = await openDesk();
  await storeEndpoint(desk.app.store, desk.merchant.id);
  const { body } = await desk.pay("order-1", desk.code(), {
    description: "Zwei Kaffee ☕",
    store_id: "store-7",
    terminal_id: "till-3",
  });
  const { all } = await storedCallbacks(desk.app.store, desk.merchant.id);
  const id = callbackId(desk.merchant.id, "order-1", body.order_version);
  const { payload, ...record } = all[0]!;
  assertEquals(record, {
    callback_id: id,
    merchant_id: desk.merchant.id,
    order_id: "order-1",
    payment_id: body.payment_id,
    type: "payment.succeeded",
    status: "pending",
    lane: "first",
    tries: 0,
    attempts: 0,
    due_ms: desk.clock.ms,
    created_at: "2026-01-15T12:00:00.000Z",
  });
  assertEquals(JSON.parse(payload), {
    mode: "test",
    type: "payment.succeeded",
    timestamp: "2026-01-15T12:00:00.000Z",
    data: body,
  });
});

Deno.test("the largest payment there can be makes a callback below 20 kB", async () => {
  await using desk = await openDesk();
  await storeEndpoint(desk.app.store, desk.merchant.id);
  const longest = `order-${"x".repeat(58)}`;
  const paid = await desk.pay(longest, desk.code(), {
    description: "\u{1F9C0}".repeat(200),
    store_id: "s".repeat(64),
    terminal_id: "t".repeat(64),
  });
  assertEquals(said(paid), "201");
  const { all } = await storedCallbacks(desk.app.store, desk.merchant.id);
  const bytes = new TextEncoder().encode(all[0]!.payload).length;
  assertEquals(bytes < 20_000, true, `${bytes}`);
});

Deno.test("callbackId() differs by merchant, order and version, and by nothing else", () => {
  const id = callbackId("mer_1", "order-1", 2);
  assertEquals(/^cb_[0-9a-f]{32}$/.test(id), true);
  assertEquals(callbackId("mer_1", "order-1", 2), id);
  for (
    const other of [
      callbackId("mer_2", "order-1", 2),
      callbackId("mer_1", "order-2", 2),
      callbackId("mer_1", "order-1", 3),
      callbackId("mer_1", "order-1:2", 2),
      callbackId("mer_1:order-1", "", 2),
    ]
  ) {
    assertNotEquals(other, id);
  }
});

Deno.test("a transaction that is sent twice, or whose reply is lost, queues one message", async () => {
  for (const mode of ["twice", "after"] as const) {
    let faulty!: FaultyStore;
    await using desk = await openDesk({
      wrapStore: (store) => faulty = new FaultyStore(store),
    });
    await storeEndpoint(faulty, desk.merchant.id);
    // What follows the debit is the transaction that ends the payment.
    desk.ledger.afterDebit = () => {
      faulty.plan({ at: 0, mode });
      return Promise.resolve();
    };
    const code = desk.code();
    const paid = await desk.pay("order-1", code);
    assertEquals(faulty.trace[0], "txn payment");
    assertEquals(said(paid), mode === "twice" ? "201" : "payment-pending");
    faulty.plan();
    desk.clock.advance(10_000);
    await desk.app.sweeper.sweep();
    assertEquals(said(await desk.pay("order-1", code)), "200");
    assertEquals(await told(desk), [["payment.succeeded", 2]]);
    const queued = await storedCallbacks(faulty, desk.merchant.id);
    assertEquals(queued.first.length, 1);
  }
});

Deno.test("an endpoint that comes, changes or goes while a payment is under way is the one that counts", async () => {
  const other: EndpointRecord = {
    ...STORED_ENDPOINT,
    url: "https://b.example",
  };
  const disabled: EndpointRecord = {
    ...STORED_ENDPOINT,
    status: "disabled",
    disabled_reason: "gone",
  };
  for (
    const [before, after, messages, waitMs] of [
      [null, STORED_ENDPOINT, 1, 0],
      [STORED_ENDPOINT, other, 1, 0],
      // Only for what is too old.
      [STORED_ENDPOINT, disabled, 1, HOUSEKEEPING_MS],
      [disabled, STORED_ENDPOINT, 1, 0],
      [STORED_ENDPOINT, null, 0, null],
    ] as const
  ) {
    await using desk = await openDesk();
    const { store } = desk.app;
    await storeEndpoint(store, desk.merchant.id, before);
    desk.ledger.beforeDebit = () =>
      storeEndpoint(store, desk.merchant.id, after);
    assertEquals(said(await desk.pay("order-1", desk.code())), "201");
    const queued = await storedCallbacks(store, desk.merchant.id);
    assertEquals(queued.first.length, messages);
    const dueMs = waitMs === null ? null : desk.app.clock.ms + waitMs;
    assertEquals(queued.dueMs, dueMs);
  }
});

Deno.test("another merchant's endpoint gets nothing", async () => {
  await using desk = await openDesk();
  const other = await desk.api.merchant("Other Shop");
  await storeEndpoint(desk.app.store, other.id);
  await desk.pay("order-1", desk.code());
  const { values } = await desk.app.store.read({
    keys: [callbackEndpointKey(desk.merchant.id)],
  });
  assertEquals(values, [null]);
  for (const { id } of [other, desk.merchant]) {
    const queued = await storedCallbacks(desk.app.store, id);
    assertEquals([queued.all, queued.first], [[], []]);
  }
});

Deno.test("a dispatcher that was started delivers as soon as a payment ends, by no clock", async () => {
  await using shop = startShopServer();
  const sender = createHttpSender({ clock: systemClock, insecure: true });
  try {
    await using desk = await openDesk({ sender });
    const { useCases, dispatcher } = desk.app;
    const caller = await useCases.authenticator.authenticate(
      desk.merchant.key,
      "merchant",
    );
    assertEquals("kind" in caller, false);
    const put = await useCases.callbackEndpoints.put(
      caller as CallerOf<"merchant">,
      shop.url,
    );
    assertEquals("kind" in put, false);
    const arrived = Promise.withResolvers<string>();
    shop.answer = ({ event }) => {
      arrived.resolve(event.data.order_id);
      return status(200);
    };
    // Until it is started it does nothing by itself.
    assertEquals(said(await desk.pay("order-0", desk.code())), "201");
    dispatcher.dispatchSoon(desk.merchant.id);
    dispatcher.dispatchSoon();
    await dispatcher.dispatch();
    assertEquals(await arrived.promise, "order-0");
    const again = Promise.withResolvers<string>();
    shop.answer = ({ event }) => {
      again.resolve(event.data.order_id);
      return status(200);
    };
    dispatcher.start();
    assertEquals(said(await desk.pay("order-1", desk.next())), "201");
    assertEquals(await again.promise, "order-1");
  } finally {
    await sender.close();
  }
});

Deno.test("what waits for a disabled endpoint is looked at a day after the first of it, whatever comes later", async () => {
  await using desk = await openDesk();
  const { store } = desk.app;
  await storeEndpoint(store, desk.merchant.id, {
    ...STORED_ENDPOINT,
    status: "disabled",
    disabled_reason: "gone",
  });
  const start = desk.clock.ms;
  for (const i of [1, 2, 3]) {
    assertEquals(said(await desk.pay(`order-${i}`, desk.code())), "201");
    desk.clock.advance(3_600_000);
  }
  const queued = await storedCallbacks(store, desk.merchant.id);
  assertEquals(queued.first.length, 3);
  assertEquals(queued.dueMs, start + HOUSEKEEPING_MS);
});
