/**
 * A fail-over, or a backup that is put back, that loses one half of crossing payments: what the
 * merchant's cell knows, or what the customer's does. Each is on a node of its own.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { systemClock } from "../../edge/base/clock.ts";
import { openStore } from "../../edge/main.ts";
import { claims, isTaken } from "../../edge/payment/crossing.ts";
import { inCell } from "../../edge/store/cells.ts";
import { createCelledStore } from "../../edge/store/celled/celled.ts";
import { accountKey, ERASURE_KEY, merchantKey } from "../../edge/store/keys.ts";
import { readRecords } from "../../edge/store/record.ts";
import { createRedisStore } from "../../edge/store/redis/redis.ts";
import { openRedisTcp } from "../../edge/store/redis/tcp.ts";
import type { ListableStore, Store } from "../../edge/store/store.ts";
import {
  audit,
  auditClaims,
  auditStore,
  type LedgerDebit,
} from "../../scripts/audit.ts";
import {
  type RedisServer,
  startRedis,
  until,
} from "../../scripts/redis_server.ts";
import { JournalLedger } from "../support/ledger/journal_ledger.ts";
import { type RedisCluster, startCluster } from "../support/redis/cluster.ts";
import { connectRaw } from "../support/redis/raw.ts";
import { nodeOf, openClusterCells } from "../support/redis/store.ts";
import { PATIENT_MS } from "../support/redis/time.ts";
import { TEST_CELL_KEY, testCells } from "../support/store/cells.ts";
import type { TestMerchant, TestPhone } from "../support/world/api.ts";
import {
  NOON_MS,
  RealClock,
  startApp,
  type TestApp,
  TestClock,
} from "../support/world/app.ts";
import { said } from "../support/world/desk.ts";
import { peekAccount, peekOrder } from "../support/world/peek.ts";
import { HoldAt, pointedStore } from "../support/world/points/fail_points.ts";

const COUNT = 64;
const CELLS = testCells(COUNT);
/** Time enough for the sweeper to look at what was interrupted. */
const SWEPT_MS = 11_000;

/** What audits say, besides `agrees`. */
const CLAIM_LOST =
  "the payment succeeded, its claim in the customer's cell is lost";
const NOT_GIVEN_BACK =
  "the payment is declined or reversed, its limits were not given back";
const ORDER_LOST = "money was taken, the store does not know the payment";
const CLAIM_ALONE =
  "a code was claimed, the merchant's cell does not know the payment";
const NO_MONEY = "no money is taken, the store calls the payment succeeded";

/** A merchant on a node, by where its cell is. */
async function merchantOn(
  { api }: TestApp,
  isThere: (cell: number) => boolean,
): Promise<TestMerchant> {
  for (;;) {
    const merchant = await api.merchant();
    if (isThere(CELLS.cellOf(merchantKey(merchant.id))!)) return merchant;
  }
}

/** So many phones whose accounts are on a node. */
async function phonesOn(
  { api }: TestApp,
  isThere: (cell: number) => boolean,
  count: number,
): Promise<TestPhone[]> {
  const walletKey = await api.walletKey();
  const phones: TestPhone[] = [];
  for (let i = 0; phones.length < count; i++) {
    const account = `customer-${i}`;
    if (!isThere(CELLS.cellOf(accountKey(account))!)) continue;
    phones.push(await api.enrol(walletKey, account, `phone-${i}`));
  }
  return phones;
}

/** What the ledger tells an audit. */
function debitsOf(ledger: JournalLedger): LedgerDebit[] {
  return ledger.lines.flatMap((line) =>
    line.kind === "debit"
      ? [{
        payment_id: line.paymentId,
        state: ledger.stateOf(line.paymentId) === "debited"
          ? "debited" as const
          : "reversed" as const,
        amount_minor: line.amountMinor,
        currency: "EUR",
      }]
      : []
  );
}

/** What an audit says of each payment with which it does not agree. */
async function auditAll(
  store: ListableStore,
  ledger: JournalLedger,
  nowMs: number,
): Promise<Record<string, string>> {
  const wrong: Record<string, string> = {};
  const count = (id: string, verdict: string) => {
    if (verdict !== "agrees") wrong[id] = verdict;
  };
  const debits = debitsOf(ledger);
  const listed = new Set(debits.map(({ payment_id }) => payment_id));
  for await (const { debit, verdict } of audit(store, debits, nowMs)) {
    count(debit.payment_id, verdict);
  }
  const span = { fromMs: 0, toMs: nowMs };
  for await (
    const { payment, verdict } of auditStore(store, listed, span, nowMs)
  ) count(payment.payment_id, verdict);
  for await (const { paymentId, verdict } of auditClaims(store, listed)) {
    count(paymentId, verdict);
  }
  return wrong;
}

/** Whether every cell answers. */
async function answers(store: Store): Promise<boolean> {
  const keys = CELLS.tags.map((_, cell) => inCell(ERASURE_KEY, cell));
  return await store.read({ keys }).then(() => true, () => false);
}

/** A cluster whose replicas can be cut off, and take over. */
class BreakableCluster {
  readonly #cluster: RedisCluster;
  /** The primaries of now. */
  nodes: readonly RedisServer[];

  constructor(cluster: RedisCluster) {
    this.#cluster = cluster;
    this.nodes = cluster.nodes;
  }

  /** From now on what is written on a node is not replicated. */
  async cut(node: 0 | 1): Promise<void> {
    const { nodes, replicas } = this.#cluster;
    using raw = await connectRaw(nodes[node]!);
    using replica = await connectRaw(replicas[node]!);
    const cell = CELLS.tags.findIndex((_, i) => nodeOf(i, COUNT) === node);
    await raw.send("SET", `cut{${CELLS.tags[cell]}}`, "");
    assertEquals(await raw.send("WAIT", "1", "0"), 1);
    // The replica is not let in again, and keeps what it has.
    await replica.send("CONFIG", "SET", "masteruser", "nobody");
    await replica.send("CONFIG", "SET", "masterauth", "nothing");
    await raw.send("CLIENT", "KILL", "TYPE", "replica");
    await until(async () => {
      const info: string = await raw.send("INFO", "replication");
      return info.includes("connected_slaves:0");
    }, "The replica is still there");
  }

  /** Kills a node, whose replica takes over. */
  async failOver(node: 0 | 1): Promise<void> {
    const { nodes, replicas } = this.#cluster;
    await nodes[node]!.kill("SIGKILL");
    using replica = await connectRaw(replicas[node]!);
    await replica.send("CLUSTER", "FAILOVER", "TAKEOVER");
    this.nodes = this.nodes.with(node, replicas[node]!);
  }
}

/** A shop on the first node of a cluster, and customers on its second one. */
class Halves implements AsyncDisposable {
  readonly clock = new TestClock(NOON_MS);
  readonly ledger = new JournalLedger();
  /** The payments of orders that were paid. */
  readonly paid: Record<string, string> = {};
  app!: TestApp;
  merchant!: TestMerchant;
  phones!: readonly TestPhone[];
  readonly #stack: AsyncDisposableStack;
  readonly #cluster: BreakableCluster;
  readonly #serverMs: number;

  constructor(
    stack: AsyncDisposableStack,
    cluster: BreakableCluster,
    serverMs: number,
  ) {
    this.#stack = stack;
    this.#cluster = cluster;
    this.#serverMs = serverMs;
  }

  static async open(): Promise<Halves> {
    await using stack = new AsyncDisposableStack();
    const cluster = stack.use(await startCluster({ hasReplicas: true }));
    using raw = await connectRaw(cluster.nodes[0]!);
    const [seconds] = await raw.send("TIME");
    const all = stack.move();
    const halves = new Halves(
      all,
      new BreakableCluster(cluster),
      Number(seconds) * 1_000,
    );
    const app = all.use(await halves.#start());
    await until(() => answers(app.store), "The cells do not answer");
    halves.app = app;
    halves.merchant = await merchantOn(app, (it) => nodeOf(it, COUNT) === 0);
    halves.phones = await phonesOn(app, (it) => nodeOf(it, COUNT) === 1, 6);
    return halves;
  }

  #start(wrapStore: (store: Store) => Store = (it) => it): Promise<TestApp> {
    const { clock } = this;
    const open = () =>
      openClusterCells(this.#cluster.nodes, COUNT, clock, this.#serverMs);
    const wrapLedger = () => this.ledger;
    return startApp({ clock, openStore: open, wrapStore, wrapLedger });
  }

  #order(order_id: string, phone: TestPhone) {
    return { code: phone.code(this.clock.ms), order_id };
  }

  /** Pays an order with a phone's code of now. */
  async pay(orderId: string, phone: TestPhone): Promise<void> {
    const order = this.#order(orderId, phone);
    const answer = await this.app.api.pay(this.merchant, order);
    assertEquals(said(answer), "201");
    this.paid[orderId] = answer.body.payment_id;
  }

  /** Pays on an edge that stops at a point for good. Gives the payment's id. */
  async payUntil(
    point: string,
    orderId: string,
    phone: TestPhone,
  ): Promise<string> {
    const hold = new HoldAt(point);
    const dying = await this.#start((it) => pointedStore(it, hold.reach));
    void dying.api.pay(this.merchant, this.#order(orderId, phone));
    await hold.held;
    await dying[Symbol.asyncDispose]();
    return (await this.payment(orderId))!.payment_id;
  }

  /** Pays on an edge that goes on from a point after something has happened. */
  async payAfter(
    point: string,
    orderId: string,
    phone: TestPhone,
    happens: () => Promise<void>,
  ): Promise<string> {
    const hold = new HoldAt(point);
    await using slow = await this.#start((it) => pointedStore(it, hold.reach));
    const paying = slow.api.pay(this.merchant, this.#order(orderId, phone));
    await hold.held;
    await happens();
    hold.release();
    return said(await paying);
  }

  async reverse(order_id: string): Promise<void> {
    const { key } = this.merchant;
    const path = "/v1/reversals";
    await this.app.api.must(200, "POST", path, { key, body: { order_id } });
  }

  async payment(orderId: string) {
    const { app, merchant } = this;
    const order = await peekOrder(app.store, merchant.id, orderId);
    return order?.payment ?? null;
  }

  /** How many payments count of an account's limits. */
  async counted({ accountId }: TestPhone): Promise<number> {
    const { count } = await peekAccount(this.app.store, accountId);
    return count?.amount ?? 0;
  }

  cut(node: 0 | 1): Promise<void> {
    return this.#cluster.cut(node);
  }

  async failOver(node: 0 | 1): Promise<void> {
    await this.#cluster.failOver(node);
    const { store } = this.app;
    await until(() => answers(store), "The replica does not take over");
  }

  /** Lets the sweeper end what was interrupted. */
  async sweep(): Promise<void> {
    this.clock.advance(SWEPT_MS);
    await this.app.sweeper.sweep();
  }

  async audit(): Promise<Record<string, string>> {
    const { nodes } = this.#cluster;
    // The notes of the test's time are no records of the store.
    for (const node of nodes) {
      using raw = await connectRaw(node);
      const notes: string[] = await raw.send("KEYS", "*:test-*");
      for (const name of notes) await raw.send("DEL", name);
    }
    const cells = { count: COUNT, key: TEST_CELL_KEY, prefix: "90" };
    const config = { kind: "redis", nodes, tls: false, cells } as const;
    const store = await openStore(config, systemClock);
    try {
      return await auditAll(store, this.ledger, this.clock.ms);
    } finally {
      await store.close();
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync();
  }
}

Deno.test("a fail-over that loses the customer's half leaves no debit without a claim, no counter below zero, and an audit that names each", async () => {
  await using halves = await Halves.open();
  const { ledger, paid, phones } = halves;
  const [kept, lost, back, late, other] = phones as [
    ...[TestPhone, TestPhone, TestPhone, TestPhone, TestPhone],
  ];
  await halves.pay("kept", kept);
  await halves.pay("back", back);
  await halves.cut(1);
  await halves.pay("lost", lost);
  await halves.pay("lost-too", other);
  await halves.reverse("back");
  // The money has moved, and its end is not written.
  const open = await halves.payUntil("before txn payment", "late", late);
  assertEquals(ledger.stateOf(open), "debited");
  assertEquals(
    await Promise.all([kept, lost, back].map((it) => halves.counted(it))),
    [1, 1, 0],
  );

  await halves.failOver(1);
  assertEquals(
    await Promise.all([kept, lost, back].map((it) => halves.counted(it))),
    [1, 0, 1],
  );
  await halves.sweep();
  // Without a claim there is no payment: the debit was undone.
  const ended = (await halves.payment("late"))!;
  assertEquals(
    [ended.status, ended.decline_reason, ledger.stateOf(open)],
    ["declined", "not_claimed", "closed"],
  );
  assertEquals(await halves.audit(), {
    [paid["lost"]!]: CLAIM_LOST,
    [paid["lost-too"]!]: CLAIM_LOST,
    [paid["back"]!]: NOT_GIVEN_BACK,
  });
  // What was never taken, as far as the cell knows, is not given back.
  await halves.reverse("lost");
  assertEquals(await halves.counted(lost), 0);
  assertEquals(ledger.stateOf(paid["lost"]!), "closed");
  assertEquals(await halves.audit(), {
    [paid["lost-too"]!]: CLAIM_LOST,
    [paid["back"]!]: NOT_GIVEN_BACK,
  });
});

Deno.test("a fail-over that loses the merchant's half leaves what is known under way to its end, and an audit that names each other", async () => {
  await using halves = await Halves.open();
  const { app, ledger, paid, phones } = halves;
  const [kept, lost, alone, undone, back, refused] = phones as [
    ...[TestPhone, TestPhone, TestPhone, TestPhone, TestPhone, TestPhone],
  ];
  await halves.pay("kept", kept);
  await halves.pay("back", back);
  await halves.pay("first", refused);
  const open = await halves.payUntil("before txn payment", "open", undone);
  // It is opened, and that it was taken back is lost.
  const told = await halves.payAfter(
    ...["before txn claim", "used", refused, () => halves.cut(0)] as const,
  );
  assertEquals(told, "code-replayed");
  assertEquals(await halves.payment("used"), null);
  await halves.pay("lost", lost);
  await halves.reverse("back");
  const claimed = await halves.payUntil("after txn claim", "alone", alone);
  assertEquals(ledger.stateOf(claimed), "unheard");

  await halves.failOver(0);
  assertEquals(await halves.payment("lost"), null);
  await halves.sweep();
  const ended = (await halves.payment("open"))!;
  assertEquals([ended.payment_id, ended.status], [open, "succeeded"]);
  assertEquals((await halves.payment("used"))!.status, "declined");
  assertEquals(ledger.debitsOf(open), 1);
  const [claim] = await readRecords(app.store, [claims(claimed)]);
  assertEquals(isTaken(claim), true);
  assertEquals(await halves.audit(), {
    [paid["lost"]!]: ORDER_LOST,
    [claimed]: CLAIM_ALONE,
    [paid["back"]!]: NO_MONEY,
  });
});

Deno.test("a cell that is put back from an old backup beside newer ones is found by the audit", async () => {
  await using stack = new AsyncDisposableStack();
  const servers = [
    stack.use(await startRedis()),
    stack.use(await startRedis()),
  ];
  const isOld = (cell: number) => cell >= COUNT / 2;
  const open = (): ListableStore => {
    const stores = servers.map((it) =>
      createRedisStore(openRedisTcp({ nodes: [it], timeoutMs: PATIENT_MS }))
    );
    return createCelledStore({
      cells: CELLS,
      stores: CELLS.tags.map((_, cell) => stores[isOld(cell) ? 1 : 0]!),
      prefix: "90",
    });
  };
  const clock = new RealClock();
  const ledger = new JournalLedger();
  await using app = await startApp({
    clock,
    openStore: open,
    wrapLedger: () => ledger,
  });
  const isNew = (cell: number) => !isOld(cell);
  const shops = [await merchantOn(app, isNew), await merchantOn(app, isOld)];
  const phones = [
    ...await phonesOn(app, isNew, 1),
    ...await phonesOn(app, isOld, 1),
  ];
  /** Pays at both shops with both phones. */
  const payAll = async (step: number) => {
    const ids: string[] = [];
    for (const [i, phone] of phones.entries()) {
      for (const [n, shop] of shops.entries()) {
        const code = phone.code(clock.nowMs() + (step + n) * 30_000);
        const order_id = `order-${step}-${i}-${n}`;
        const answer = await app.api.pay(shop, { code, order_id });
        assertEquals(said(answer), "201");
        ids.push(answer.body.payment_id);
      }
    }
    return ids;
  };
  const judge = async () => {
    const store = open();
    try {
      return await auditAll(store, ledger, clock.nowMs());
    } finally {
      await store.close();
    }
  };
  using raw = await connectRaw(servers[1]!);
  await raw.send("SAVE");
  const [apart, m, c, both] = await payAll(0);
  assertEquals(await judge(), {});
  await servers[1]!.kill("SIGKILL");
  await servers[1]!.restart();
  await until(() => answers(app.store), "The cells do not answer");
  assertEquals(ledger.stateOf(apart!), "debited");
  assertEquals(await judge(), {
    [m!]: ORDER_LOST,
    [c!]: CLAIM_LOST,
    [both!]: ORDER_LOST,
  });
});
