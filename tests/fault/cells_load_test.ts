/**
 * Payments on a real cluster while everything goes wrong at once: a tenth of the requests to the
 * store is lost, slots move from node to node, and a primary is killed. 240 payments; another
 * number by `TEST_PAYMENTS`.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { systemClock } from "../../edge/base/clock.ts";
import type { StoreConfig } from "../../edge/boot/store_config.ts";
import { openStore } from "../../edge/main.ts";
import type { Ledger } from "../../edge/ledger/ledger.ts";
import type { OrderRecord } from "../../edge/payment/record.ts";
import { inCell, slotOf, tagsOf } from "../../edge/store/cells.ts";
import { DUE_ORDERS_KEY, ERASURE_KEY } from "../../edge/store/keys.ts";
import type { Store } from "../../edge/store/store.ts";
import {
  audit,
  auditClaims,
  auditStore,
  type LedgerDebit,
} from "../../scripts/audit.ts";
import { until } from "../../scripts/redis_server.ts";
import { JournalLedger } from "../support/ledger/journal_ledger.ts";
import { type RedisCluster, startCluster } from "../support/redis/cluster.ts";
import { connectRaw } from "../support/redis/raw.ts";
import { TEST_CELL_KEY } from "../support/store/cells.ts";
import { LossyStore } from "../support/store/lossy_store.ts";
import type { TestMerchant, TestPhone } from "../support/world/api.ts";
import { RealClock, startApp, type TestApp } from "../support/world/app.ts";
import { numbersFrom } from "../support/world/model/schedule.ts";
import { peekAccount, peekOrder } from "../support/world/peek.ts";

const PAYMENTS = Number(Deno.env.get("TEST_PAYMENTS") ?? 240);
const IS_MEASURED = Deno.env.has("TEST_PAYMENTS");
/** Codes of a phone: one of each step that is accepted. */
const STEPS = [-1, 0, 1];
const PHONES = Math.ceil(PAYMENTS / STEPS.length);
const SHOPS = 12;
const AT_ONCE = 12;
/** Of all requests to the store, those that are lost or whose answer is. */
const FAULTS = 0.1;
const COUNT = 64;
const STEP_MS = 30_000;
const AMOUNT = 1_250;

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** An order, with the code that it was to be paid with. */
interface Sale {
  readonly shop: TestMerchant;
  readonly orderId: string;
  readonly account: string;
  readonly code: string;
}

/** Tills that repeat an order until they know how it ended. */
class Crowd {
  readonly told = new Map<string, number>();
  readonly sales: Sale[] = [];
  readonly #app: TestApp;
  readonly #shops: readonly TestMerchant[];

  constructor(app: TestApp, shops: readonly TestMerchant[]) {
    this.#app = app;
    this.#shops = shops;
  }

  /** Pays with all phones, some at a time. */
  async pay(phones: readonly TestPhone[]): Promise<void> {
    const queue = [...phones.entries()];
    const till = async () => {
      for (let it = queue.shift(); it !== undefined; it = queue.shift()) {
        await this.#use(it[1], it[0]);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, till));
  }

  /** Pays with a code of each accepted step, the first one at two tills at once. */
  async #use(phone: TestPhone, n: number): Promise<void> {
    for (const step of STEPS) {
      const code = phone.code(systemClock.nowMs() + step * STEP_MS);
      const sale = (till: string, at: number): Sale => ({
        shop: this.#shops[(n + step + at) % this.#shops.length]!,
        orderId: `order-${n}-${step}-${till}`,
        ...{ account: phone.accountId, code },
      });
      const sales = step === STEPS[0]
        ? [sale("a", 1), sale("b", 2)]
        : [sale("a", 1)];
      await Promise.all(sales.map((it) => this.#sell(it)));
      // Some customers bring it back.
      if (n % 10 === step + 1) await this.#reverse(sales[0]!);
    }
  }

  async #sell(sale: Sale): Promise<void> {
    this.sales.push(sale);
    const { shop, orderId: order_id, code } = sale;
    await this.#repeat(() => this.#app.api.pay(shop, { code, order_id }));
  }

  async #reverse({ shop: { key }, orderId: order_id }: Sale): Promise<void> {
    await this.#repeat(() =>
      this.#app.api.call("POST", "/v1/reversals", { key, body: { order_id } })
    );
  }

  async #repeat(
    ask: () => Promise<{ status: number; body: { code?: string } }>,
  ): Promise<void> {
    for (let [tries, pending] = [0, 0]; tries < 100; tries++) {
      const { status, body } = await ask();
      const said = status < 300 ? `${status}` : body.code!;
      this.told.set(said, (this.told.get(said) ?? 0) + 1);
      // What is under way is left to the sweeper after a while.
      if (said === "payment-pending" && ++pending === 3) return;
      const isOpen = ["store-unavailable", "payment-pending"]
        .concat(["ledger-unavailable", "clock-unsure"]).includes(said);
      if (!isOpen) return;
      await pause(100);
    }
  }
}

/** Whether every cell answers. */
async function answers(store: Store): Promise<boolean> {
  const keys = tagsOf(COUNT).map((_, cell) => inCell(ERASURE_KEY, cell));
  return await store.read({ keys }).then(() => true, () => false);
}

/** Moves slots between the first two nodes, again and again. */
class SlotMover {
  /** How many moves were made. */
  moved = 0;
  readonly #cluster: RedisCluster;
  readonly #slots = tagsOf(COUNT).map(slotOf)
    .filter((it) => it < 16_384 / 3).slice(0, 6);

  constructor(cluster: RedisCluster) {
    this.#cluster = cluster;
  }

  /** Goes on until it is told to stop. */
  async move(isOver: () => boolean): Promise<void> {
    const { nodes, moveSlot } = this.#cluster;
    while (!isOver()) {
      const { length } = this.#slots;
      // Each one is at the second node after every other of its moves.
      const isThere = Math.floor(this.moved / length) % 2;
      const slot = this.#slots[this.moved % length]!;
      await moveSlot(slot, nodes[isThere]!, nodes[1 - isThere]!);
      this.moved++;
      await pause(50);
    }
  }
}

/** Everything that is under way or owed. */
async function due(store: Store): Promise<number> {
  const query = { index: DUE_ORDERS_KEY, min: 0, limit: 1_000 };
  return (await store.range({ ...query, max: Number.MAX_SAFE_INTEGER })).length;
}

/** Sweeps now and then until it is told to stop; a sweep meets the faults as well. */
async function sweepOn({ sweeper }: TestApp, isOver: () => boolean) {
  while (!isOver()) {
    await sweeper.sweep().catch(() => {});
    await pause(1_000);
  }
}

/** What the ledger tells an audit. */
function debitsOf({ lines }: JournalLedger): LedgerDebit[] {
  const debits = new Map<string, LedgerDebit>();
  for (const line of lines) {
    if (line.kind === "debit") {
      // Money is taken once for a payment, whatever is lost.
      assert(!debits.has(line.paymentId));
      debits.set(line.paymentId, {
        ...{ payment_id: line.paymentId, state: "debited", currency: "EUR" },
        amount_minor: line.amountMinor,
      });
    } else if (line.kind === "undo") {
      const debit = debits.get(line.paymentId)!;
      debits.set(line.paymentId, { ...debit, state: "reversed" });
    }
  }
  return [...debits.values()];
}

/** How many payments of ledger, orders and claims got each verdict. */
async function auditAll(config: StoreConfig, ledger: JournalLedger) {
  const verdicts: Record<string, number> = {};
  const count = (it: string) => verdicts[it] = (verdicts[it] ?? 0) + 1;
  const debits = debitsOf(ledger);
  const listed = new Set(debits.map(({ payment_id }) => payment_id));
  const nowMs = systemClock.nowMs();
  const store = await openStore(config, systemClock);
  try {
    for await (const it of audit(store, debits, nowMs)) count(it.verdict);
    const span = { fromMs: 0, toMs: nowMs };
    for await (const it of auditStore(store, listed, span, nowMs)) {
      count(it.verdict);
    }
    for await (const it of auditClaims(store, listed)) count(it.verdict);
  } finally {
    await store.close();
  }
  return verdicts;
}

/** Holds the records of all sales against each other, against the ledger and the limits. */
async function settle(
  store: Store,
  crowd: Crowd,
  ledger: JournalLedger,
): Promise<Record<string, number>> {
  const ends: Record<string, number> = {};
  const paidBy = new Map<string, number>();
  const codes = new Map<string, number>();
  let paidMinor = 0;
  for (const { shop, orderId, account, code } of crowd.sales) {
    const order: OrderRecord | null = await peekOrder(store, shop.id, orderId);
    const status = order?.payment?.status ?? "unknown";
    ends[status] = (ends[status] ?? 0) + 1;
    // One that was reversed before it was claimed has used no code.
    if (status === "succeeded" || order?.payment?.paid_ms !== undefined) {
      codes.set(code, (codes.get(code) ?? 0) + 1);
    }
    if (status !== "succeeded") continue;
    paidMinor += AMOUNT;
    paidBy.set(account, (paidBy.get(account) ?? 0) + 1);
  }
  let takenMinor = 0;
  for (const { state, amount_minor } of debitsOf(ledger)) {
    if (state === "debited") takenMinor += amount_minor;
  }
  assertEquals(takenMinor, paidMinor, "ledger and records");
  assert(codes.values().every((times) => times === 1), "a code twice");
  for (const account of new Set(crowd.sales.map((it) => it.account))) {
    const { count, spent } = await peekAccount(store, account);
    const paid = paidBy.get(account) ?? 0;
    assertEquals(
      [count?.amount ?? 0, spent.EUR?.amount ?? 0],
      [paid, paid * AMOUNT],
      `the limits of ${account}`,
    );
  }
  return ends;
}

/** A ledger of its own, at which some customers have no money. */
function poorSometimes(ledger: JournalLedger): Ledger {
  return {
    debit(debit, options) {
      const isPoor = debit.accountId.endsWith("7");
      ledger.verdict = isPoor ? "decline" : "approve";
      return ledger.debit(debit, options);
    },
    reverse: (paymentId) => ledger.reverse(paymentId),
    query: (paymentId) => ledger.query(paymentId),
    refund: (refund) => ledger.refund(refund),
    queryRefund: (...ids) => ledger.queryRefund(...ids),
  };
}

/** Comes back once the replica of the third node has its place, and slots can move again. */
async function takenOver({ nodes, replicas }: RedisCluster): Promise<void> {
  using replica = await connectRaw(replicas[2]!);
  using other = await connectRaw(nodes[0]!);
  await until(async () => {
    const [role] = await replica.send("ROLE");
    const info: string = await other.send("CLUSTER", "INFO");
    return role === "master" && info.includes("cluster_state:ok");
  }, "The replica does not take over");
}

/** Pays with all phones in the worst of weathers. Gives how many slots were moved. */
async function payThrough(
  app: TestApp,
  cluster: RedisCluster,
  crowd: Crowd,
  phones: readonly TestPhone[],
): Promise<number> {
  let isOver = false;
  const isHalf = () => isOver || crowd.sales.length > PAYMENTS / 2;
  const mover = new SlotMover(cluster);
  const trouble = async () => {
    await mover.move(isHalf);
    await cluster.nodes[2]!.kill("SIGKILL");
    await takenOver(cluster);
    await mover.move(() => isOver);
  };
  await Promise.all([
    trouble(),
    sweepOn(app, () => isOver),
    crowd.pay(phones).finally(() => isOver = true),
  ]);
  return mover.moved;
}

Deno.test(`${PAYMENTS} payments under faults on a cluster come to one end each while slots move and a primary dies`, async () => {
  await using cluster = await startCluster({ hasReplicas: true });
  const { nodes } = cluster;
  const cells = { count: COUNT, key: TEST_CELL_KEY, prefix: "90" };
  const config = { kind: "redis", nodes, tls: false, cells } as const;
  const ledger = new JournalLedger();
  let lossy!: LossyStore;
  await using app = await startApp({
    clock: new RealClock(),
    openStore: () => openStore(config, systemClock),
    wrapStore: (store) => lossy = new LossyStore(store, numbersFrom(18), 0),
    wrapLedger: () => poorSometimes(ledger),
  });
  const { api, store } = app;
  await until(() => answers(store), "The cells do not answer");
  const walletKey = await api.walletKey();
  const shops: TestMerchant[] = [];
  for (let i = 0; i < SHOPS; i++) shops.push(await api.merchant());
  const phones: TestPhone[] = [];
  for (let i = 0; i < PHONES; i++) {
    phones.push(await api.enrol(walletKey, `customer-${i}`, `phone-${i}`));
  }
  // Every primary has cells: the load is spread.
  for (const node of nodes) {
    using raw = await connectRaw(node);
    assert(Number(await raw.send("DBSIZE")) > 0);
  }
  lossy.share = FAULTS;
  const crowd = new Crowd(app, shops);
  const startedMs = performance.now();
  const moved = await payThrough(app, cluster, crowd, phones);
  const ms = Math.round(performance.now() - startedMs);
  await until(() => answers(store), "The replica does not take over");
  lossy.share = 0;
  // What is under way ends by the sweeper of any edge, once it is due.
  for (let i = 0; i < 120 && await due(store) > 0; i++) {
    await app.sweeper.sweep();
    await pause(500);
  }
  const told = Object.fromEntries(crowd.told);
  assertEquals(await due(store), 0, "under way or owed");
  const ends = await settle(store, crowd, ledger);
  const { agrees = 0, ...wrong } = await auditAll(
    { ...config, nodes: nodes.slice(0, 2) },
    ledger,
  );
  const { lost } = lossy;
  const figures = JSON.stringify({ ends, told, agrees, moved, lost, ms });
  assertEquals(wrong, {}, figures);
  assert(ends.succeeded! > PAYMENTS / 2 && moved > 0 && lost > 0, figures);
  if (IS_MEASURED) console.log(figures);
});
