import { assertEquals } from "@std/assert";
import type { StoreFault } from "../../edge/store/store.ts";
import type { Answer, TestMerchant, TestPhone } from "../support/world/api.ts";
import { NOON_MS, startApp, type TestApp } from "../support/world/app.ts";
import { type FaultMode, FaultyStore } from "../support/store/faulty_store.ts";
import { setScene } from "../support/world/scene.ts";

const STEP_MS = 30_000;
/** How long an edge remembers a key: the wallet's was just used to enrol. */
const FORGET_MS = 5_000;

interface FaultyScene extends AsyncDisposable {
  readonly app: TestApp;
  readonly store: FaultyStore;
  readonly walletKey: string;
  readonly merchant: TestMerchant;
  readonly phone: TestPhone;
}

/** The usual scene on a store that can fail; nothing is cached yet. */
async function faultyScene(): Promise<FaultyScene> {
  let store!: FaultyStore;
  const app = await startApp({
    wrapStore: (opened) => store = new FaultyStore(opened),
  });
  return {
    app,
    store,
    ...await setScene(app.api),
    [Symbol.asyncDispose]: () => app[Symbol.asyncDispose](),
  };
}

const nameOf = ({ status, body }: Answer): string =>
  status < 300 ? `${status}` : body.code;

/** What a payment asks of the store, from the first byte to the last. */
const PAY = [
  "read apikey",
  "read merchant",
  "timeMs",
  // Of the till, and beside it of the merchant.
  "txn guesses",
  "txn guesses",
  "read bucket-rev",
  "txn order",
  "read sandbox-account",
  "txn sandbox-debit",
  "txn payment",
];

const VERIFY = [
  "read apikey",
  "timeMs",
  "txn guesses",
  "read bucket-rev",
  "txn verification",
];

/**
 * How a payment with one fault begins: the first answer, and the answer to the
 * same order right after. It ends the same way for all: the sweeper finds what
 * is open and the money has moved once.
 */
interface Begin {
  readonly first: string;
  readonly again: string;
}

const NEVER_BEGUN: Begin = { first: "store-unavailable", again: "201" };

const PAID: Begin = { first: "201", again: "200" };

/** The first transaction stands, its answer was lost, no ledger was asked. */
const CLAIMED: Begin = {
  first: "store-unavailable",
  again: "payment-pending",
};

/** The ledger was asked; its answer was not heard, or not written. */
const ASKED: Begin = { first: "payment-pending", again: "payment-pending" };

/** The end is written, the answer about it was lost. */
const WRITTEN: Begin = { first: "payment-pending", again: "200" };

const BEGINS: Record<FaultMode, readonly Begin[]> = {
  before: [
    ...Array<Begin>(7).fill(NEVER_BEGUN),
    ...[ASKED, ASKED, ASKED],
  ],
  after: [
    ...Array<Begin>(6).fill(NEVER_BEGUN),
    ...[CLAIMED, ASKED, ASKED, WRITTEN],
  ],
  twice: PAY.map(() => PAID),
};

Deno.test("pay() asks of the store what these tests let fail", async () => {
  await using scene = await faultyScene();
  const { app, store, merchant, phone } = scene;
  store.plan();
  const code = phone.code(NOON_MS);
  await app.api.pay(merchant, { code, order_id: "order-1" });
  assertEquals(store.trace.slice(0, PAY.length), PAY);
  await using other = await faultyScene();
  other.app.clock.advance(FORGET_MS);
  other.store.plan();
  await other.app.api.verify(other.walletKey, other.phone.code(NOON_MS), "r");
  assertEquals(other.store.trace.slice(0, VERIFY.length), VERIFY);
});

for (const mode of ["before", "after", "twice"] as const) {
  PAY.forEach((operation, at) => {
    const what = {
      before: `"${operation}" fails`,
      after: `the answer to "${operation}" is lost`,
      twice: `"${operation}" is sent twice`,
    }[mode];
    Deno.test(`pay() tells no lie when ${what}`, async () => {
      const begin = BEGINS[mode][at]!;
      await using scene = await faultyScene();
      const { app: { api, sweeper }, store, merchant, phone } = scene;
      const order = { code: phone.code(NOON_MS), order_id: "order-1" };
      store.plan({ at, mode });
      const first = await api.pay(merchant, order);
      assertEquals(nameOf(first), begin.first);
      if (first.status === 503) {
        assertEquals(first.body.retry, "same-order");
        assertEquals(first.headers.get("retry-after"), "2");
      }

      // The till repeats the order until it knows.
      store.plan();
      assertEquals(nameOf(await api.pay(merchant, order)), begin.again);
      scene.app.clock.advance(20_000);
      await sweeper.sweep();
      assertEquals(nameOf(await api.pay(merchant, order)), "200");
      const payment = await api.must(
        200,
        "GET",
        "/v1/payments?order_id=order-1",
        { key: merchant.key },
      );
      assertEquals(payment.status, "succeeded");
      assertEquals(await api.balance("alice"), 8_750);
      // The code is spent.
      const other = await api.pay(merchant, { ...order, order_id: "order-2" });
      assertEquals(nameOf(other), "code-replayed");
      assertEquals(await api.balance("alice"), 8_750);
    });
  });

  VERIFY.forEach((operation, at) => {
    Deno.test(`verify() tells no lie: ${mode} on "${operation}"`, async () => {
      await using scene = await faultyScene();
      const { app: { api }, store, walletKey, phone } = scene;
      const code = phone.code(NOON_MS);
      scene.app.clock.advance(FORGET_MS);
      store.plan({ at, mode });
      const first = await api.verify(walletKey, code, "ref");
      assertEquals(
        nameOf(first),
        mode === "twice" ? "200" : "store-unavailable",
      );
      store.plan();
      // The very same result as often as it is asked for, never "replayed".
      const results = new Set<string>();
      for (let i = 0; i < 3; i++) {
        const again = await api.verify(walletKey, code, "ref");
        assertEquals(nameOf(again), "200");
        results.add(JSON.stringify(again.body));
      }
      if (first.status === 200) results.add(JSON.stringify(first.body));
      assertEquals(results.size, 1);
      const other = await api.verify(walletKey, code, "other");
      assertEquals(nameOf(other), "code-replayed");
    });
  });
}

Deno.test("pay() says that the payment is open once its claim stands", async () => {
  await using scene = await faultyScene();
  const { app: { api }, store, merchant, phone } = scene;
  const order = { code: phone.code(NOON_MS), order_id: "order-1" };
  const at = PAY.indexOf("txn order");
  // The repeated claim is found standing, and then the store is gone.
  store.plan({ at, mode: "twice" }, {
    at: at + 1,
    mode: "before",
    onwards: true,
  });
  const first = await api.pay(merchant, order);
  assertEquals([first.status, first.body.code], [402, "payment-pending"]);
  assertEquals(first.body.order_id, "order-1");
  store.plan();
  const payment = await api.must(200, "GET", "/v1/payments?order_id=order-1", {
    key: merchant.key,
  });
  assertEquals(payment.payment_id, first.body.payment_id);
});

for (const mode of ["before", "after"] as const) {
  Deno.test(`pay() and verify() say "unavailable" while the store stays away (${mode})`, async () => {
    // From any operation onwards, with every fault that a store may have.
    const faults: StoreFault[] = [
      "unreachable",
      "timeout",
      "locked",
      "full",
      "read-only",
      "corrupt",
      "closed",
      "refused",
    ];
    for (const [i, fault] of faults.entries()) {
      await using scene = await faultyScene();
      const { app: { api }, store, merchant, walletKey, phone } = scene;
      const code = phone.code(NOON_MS);
      const order = { code, order_id: "order-1" };
      store.plan({ at: i % 5, mode, fault, onwards: true });
      const first = await api.pay(merchant, order);
      assertEquals(nameOf(first), "store-unavailable");
      const answers = [
        await api.pay(merchant, order),
        await api.pay(merchant, { ...order, code: "smudged" }),
        await api.verify(walletKey, code, "ref"),
        await api.call("GET", "/v1/payments?order_id=order-1", {
          key: merchant.key,
        }),
        await api.call("GET", "/readyz"),
        await api.call("POST", "/v1/admin/merchants", {
          key: api.adminKey,
          body: { name: "Shop" },
        }),
        await api.call("DELETE", `/v1/enrolments/${phone.credentialId}`, {
          key: walletKey,
        }),
      ];
      for (const answer of answers) {
        assertEquals([answer.status, answer.body.code], [
          503,
          "store-unavailable",
        ]);
        // What is told is which kind of fault, at the most.
        assertEquals(
          /sql|redis|oc:|[0-9]{11}/i.test(answer.body.detail),
          false,
        );
      }
      const alive = await api.call("GET", "/healthz");
      assertEquals(alive.status, 200);
    }
  });
}

Deno.test("pay() loses and gains no money over 100 payments with faults", async () => {
  await using scene = await faultyScene();
  const { app: { api, clock }, store, merchant, phone } = scene;
  await api.setBalance("alice", 100 * 1250);
  // Numbers of a linear congruential generator: another fault every time, the
  // same ones in every run.
  let state = 12_345;
  const draw = (n: number) => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return Math.floor(state / 2 ** 16) % n;
  };
  const modes = ["before", "after", "twice"] as const;
  const ends: Record<string, number> = {};
  for (let i = 0; i < 100; i++) {
    clock.advance(STEP_MS);
    const order = { code: phone.code(clock.ms), order_id: `order-${i}` };
    let name = "store-unavailable";
    for (let tries = 0; tries < 10 && name === "store-unavailable"; tries++) {
      store.plan({ at: draw(PAY.length), mode: modes[draw(3)]! });
      name = nameOf(await api.pay(merchant, order));
    }
    assertEquals(["201", "200", "payment-pending"].includes(name), true, name);
  }
  store.plan();
  clock.advance(20_000);
  await scene.app.sweeper.sweep();
  // The last ones were in time for their debit; those before had an end each.
  for (let i = 0; i < 100; i++) {
    const { status } = await api.must(
      200,
      "GET",
      `/v1/payments?order_id=order-${i}`,
      { key: merchant.key },
    );
    ends[status] = (ends[status] ?? 0) + 1;
  }
  const { succeeded = 0, reversed = 0 } = ends;
  assertEquals(succeeded + reversed, 100);
  assertEquals(succeeded >= 50, true);
  assertEquals(await api.balance("alice"), reversed * 1250);
});
