import { assertEquals } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import type { StoreFault } from "../../edge/store/store.ts";
import type { Answer, TestMerchant, TestPhone } from "../support/api.ts";
import { NOON_MS, startApp, type TestApp } from "../support/app.ts";
import { type FaultMode, FaultyStore } from "../support/faulty_store.ts";
import { setScene } from "../support/scene.ts";

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
  "read bucket-rev",
  "txn order",
  "read sandbox-account",
  "txn sandbox-debit",
  "txn payment",
];

const VERIFY = [
  "read apikey",
  "timeMs",
  "read bucket-rev",
  "txn verification",
];

/**
 * How a payment with one fault ends: the first answer, the answers to the same
 * order again, whether the money has moved.
 *
 * A payment whose end is not written stays open: nothing ends it yet, so that
 * its order is answered `payment-pending` for as long as it is asked. Where
 * open payments are ended, their lines become as those that are paid.
 */
interface End {
  readonly first: string;
  readonly again: string;
  readonly status: "succeeded" | "processing";
  readonly debited: boolean;
}

const NEVER_BEGUN: End = {
  first: "store-unavailable",
  again: "201",
  status: "succeeded",
  debited: true,
};

const PAID: End = {
  first: "201",
  again: "200",
  status: "succeeded",
  debited: true,
};

/** The first transaction stands, its answer was lost, no ledger was asked. */
const CLAIMED: End = {
  first: "store-unavailable",
  again: "payment-pending",
  status: "processing",
  debited: false,
};

/** The ledger did not debit and could not say so. */
const ASKED: End = {
  first: "payment-pending",
  again: "payment-pending",
  status: "processing",
  debited: false,
};

/** The ledger has debited; that it did was not heard, or not written. */
const DEBITED: End = { ...ASKED, debited: true };

/** The end is written, the answer about it was lost. */
const WRITTEN: End = { ...PAID, first: "payment-pending" };

const ENDS: Record<FaultMode, readonly End[]> = {
  before: [
    ...[NEVER_BEGUN, NEVER_BEGUN, NEVER_BEGUN, NEVER_BEGUN, NEVER_BEGUN],
    ...[ASKED, ASKED, DEBITED],
  ],
  after: [
    ...[NEVER_BEGUN, NEVER_BEGUN, NEVER_BEGUN, NEVER_BEGUN, CLAIMED],
    ...[ASKED, DEBITED, WRITTEN],
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
      const end = ENDS[mode][at]!;
      await using scene = await faultyScene();
      const { app: { api }, store, merchant, phone } = scene;
      const order = { code: phone.code(NOON_MS), order_id: "order-1" };
      store.plan({ at, mode });
      const first = await api.pay(merchant, order);
      assertEquals(nameOf(first), end.first);
      if (first.status === 503) {
        assertEquals(first.body.retry, "same-order");
        assertEquals(first.headers.get("retry-after"), "2");
      }

      // The till repeats the order until it knows.
      store.plan();
      assertEquals(nameOf(await api.pay(merchant, order)), end.again);
      const decided = end.status === "succeeded";
      for (let i = 0; i < 3; i++) {
        scene.app.clock.advance(20_000);
        const again = await api.pay(merchant, order);
        assertEquals(nameOf(again), decided ? "200" : "payment-pending");
      }
      const payment = await api.must(
        200,
        "GET",
        "/v1/payments?order_id=order-1",
        { key: merchant.key },
      );
      assertEquals(payment.status, end.status);
      assertEquals(await api.balance("alice"), end.debited ? 8_750 : 10_000);
      // Whatever became of it, the code is spent.
      const other = await api.pay(merchant, { ...order, order_id: "order-2" });
      assertEquals(other.status >= 409, true);
      assertEquals(await api.balance("alice"), end.debited ? 8_750 : 10_000);
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
      store.plan({ at: draw(8), mode: modes[draw(3)]! });
      name = nameOf(await api.pay(merchant, order));
    }
    assertEquals(["201", "200", "payment-pending"].includes(name), true, name);
    store.plan();
    const { status } = await api.must(
      200,
      "GET",
      `/v1/payments?order_id=order-${i}`,
      { key: merchant.key },
    );
    ends[status] = (ends[status] ?? 0) + 1;
    if (name !== "payment-pending") assertEquals(status, "succeeded");
  }
  const { succeeded = 0, processing = 0 } = ends;
  assertEquals(succeeded + processing, 100);
  // An open payment may have been debited; one that ended well has been, once.
  const debits = debitsIn(scene.app.path);
  assertEquals(await api.balance("alice"), (100 - debits) * 1250);
  assertEquals(debits - succeeded, openDebitsIn(scene.app.path));
});

/** Answers of the sandbox ledger that moved money. */
function debitsIn(path: string): number {
  return count(
    path,
    `SELECT count(*) AS n FROM value_record
      WHERE name LIKE 'oc:{0}:sandbox-debit:%' AND value LIKE '%approved%'`,
  );
}

/** Those of payments that are still open. */
function openDebitsIn(path: string): number {
  return count(
    path,
    `SELECT count(*) AS n FROM value_record AS debit
      JOIN value_record AS payment
      ON payment.name = replace(debit.name, 'sandbox-debit', 'payment')
      WHERE debit.name LIKE 'oc:{0}:sandbox-debit:%'
      AND debit.value LIKE '%approved%'
      AND payment.value ->> 'status' = 'processing'`,
  );
}

function count(path: string, sql: string): number {
  const db = new DatabaseSync(path, { readOnly: true });
  try {
    return Number(db.prepare(sql).get()!.n);
  } finally {
    db.close();
  }
}
