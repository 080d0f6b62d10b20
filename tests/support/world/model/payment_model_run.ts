/**
 * Runs commands against the real application and the reference model, compares
 * answers and records after each, and checks what must hold whatever happened.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import {
  accountField,
  CALLBACK_TTL_MS,
  confirmationsKey,
  doubleScanKey,
} from "../../../../edge/store/keys.ts";
import { orderNameOf } from "../../../../edge/payment/payment_id.ts";
import {
  attemptOf,
  type OrderRecord,
  orderState,
  type PaymentRecord,
} from "../../../../edge/payment/record.ts";
import { refundedMinor, refundName } from "../../../../edge/payment/refund.ts";
import type { Answer, TestPhone } from "../api.ts";
import { type TestApp, UNLIMITED } from "../app.ts";
import { storedCallbacks } from "../../callback/queue.ts";
import { HoldAt } from "../points/fail_points.ts";
import type { Link, Verdict } from "../../ledger/journal_ledger.ts";
import {
  type ModelOrder,
  type ModelPayment,
  PaymentModel,
  type Scan,
} from "./payment_model.ts";
import {
  ACCOUNTS,
  type EraseCommand,
  type WalletCommand,
  WalletRun,
} from "./account_model_run.ts";
import { calls, said } from "../desk.ts";
import { openPaymentWorld, type PaymentWorld } from "../world.ts";
import { billedMinor, peekEvents } from "../bill.ts";
import { peekAccount, type PeekedCounter } from "../peek.ts";
import type { StoreFactory } from "../../store/fixture.ts";

/** What the ledger does, and where the edge crashes: the n-th point, if any. */
export interface Weather {
  readonly verdict: Verdict;
  readonly link: Link;
  readonly crashAt: number | null;
}

/** One command; numbers choose among orders, accounts and amounts. */
export type Command =
  | {
    readonly kind: "pay";
    readonly order: number;
    readonly account: number;
    readonly amount: number;
    /** Which of the seeds that the account's phones have, 0 for the newest. */
    readonly seed: number;
    readonly code: "fresh" | "used" | "wrong";
    readonly weather: Weather;
  }
  | {
    readonly kind: "query" | "reverse";
    readonly order: number;
    readonly weather: Weather;
  }
  | {
    readonly kind: "answer";
    readonly order: number;
    readonly approve: boolean;
    readonly weather: Weather;
  }
  | {
    readonly kind: "refund";
    readonly order: number;
    readonly refund: number;
    readonly amount: number;
    readonly weather: Weather;
  }
  | { readonly kind: "sweep"; readonly weather: Weather }
  | { readonly kind: "list"; readonly account: number }
  | { readonly kind: "deliver" | "sweep-seeds" }
  | WalletCommand
  | EraseCommand
  | { readonly kind: "pass"; readonly ms: number };

export const ORDERS = ["order-0", "order-1", "order-2"];
export const AMOUNTS = [1_000, 1_000, 2_500, 6_000];
export const REFUNDS = ["refund-0", "refund-1", "refund-2"];
export const REFUND_AMOUNTS = [400, 400, 1_000, 2_500];
const NORMAL = {
  perPaymentMinor: 5_000,
  perDayMinor: 7_000,
  countPerDay: 5,
  stepUpAboveMinor: 2_000,
};
const RULES = {
  tiers: {
    normal: NORMAL,
    restricted: { ...NORMAL, perDayMinor: 4_000, stepUpAboveMinor: 900 },
  },
  offlineDays: 3,
  credentialTtlSeconds: 30 * 86_400,
  doubleScanMs: 60_000,
};
const STEP_MS = 30_000;
const LONG_MS = 400_000;
const DAY_MS = 86_400_000;

/** The records of every order that is known. */
type Records = ReadonlyMap<
  string,
  { readonly order: OrderRecord; readonly payment: PaymentRecord | null }
>;

/** A run: the world, the model, and what the till was told. */
class Run {
  readonly model: PaymentModel;
  readonly #world: PaymentWorld;
  readonly #wallet: WalletRun;
  #edge: TestApp;
  /** Orders that the till was told are paid. */
  readonly #told = new Set<string>();
  /** Orders that the till asked to reverse. */
  readonly #reversed = new Set<string>();

  constructor(world: PaymentWorld, phones: readonly TestPhone[]) {
    this.#world = world;
    this.#edge = world.edge;
    this.model = new PaymentModel(
      world.clock.ms,
      world.ledger.copy(),
      RULES,
      (id) => refundName(world.merchant.id, id),
    );
    const { accounts } = this.model;
    this.#wallet = new WalletRun(accounts, world.walletKey, world.store);
    for (const phone of phones) this.#wallet.adopt(phone, world.clock.ms);
  }

  async step(command: Command): Promise<void> {
    const before = await this.#look();
    switch (command.kind) {
      case "pass":
        await this.#world.pass(command.ms);
        this.model.nowMs += command.ms;
        return;
      case "deliver":
        this.#world.ledger.deliver();
        this.model.books.deliver();
        break;
      case "list": {
        const account = ACCOUNTS[command.account]!;
        const { body } = await calls(this.#world, this.#edge).waiting(account);
        const ids: string[] = body.confirmations.map((
          { payment_id }: { payment_id: string },
        ) => payment_id);
        assertEquals(ids.sort(), this.model.waiting(account));
        return;
      }
      case "sweep-seeds":
        await this.#edge.seedSweeper.sweep();
        this.model.accounts.sweep(this.model.nowMs);
        break;
      case "pay":
      case "query":
      case "reverse":
      case "answer":
      case "refund":
      case "sweep":
        await this.#call(command);
        break;
      case "erase":
        await this.#erase(ACCOUNTS[command.account]!);
        break;
      default:
        await this.#wallet.call(this.#edge.api, command, this.model.nowMs);
    }
    await this.#check(before, command);
  }

  /** Brings everything to its end, and compares the sums. */
  async finish(): Promise<void> {
    const weather = { verdict: "approve", link: "up", crashAt: null } as const;
    await this.step({ kind: "deliver" });
    for (let i = 0; i < 2; i++) {
      await this.step({ kind: "pass", ms: LONG_MS });
      await this.step({ kind: "sweep", weather });
    }
    assertEquals(await this.#world.due(), []);
    for (const account of ACCOUNTS) {
      const paid = this.model.payments().filter((it) =>
        it.account === account &&
        (it.status === "succeeded" || it.status === "refunded")
      );
      assertEquals(
        this.#world.ledger.takenFrom(account),
        paid.reduce(
          (sum, it) => sum + it.amountMinor - refundedBy(it),
          0,
        ),
      );
    }
    await this.#checkList();
    assertEquals(
      await billedMinor(this.#world.store, this.#world.merchant.id),
      ACCOUNTS.reduce(
        (sum, account) => sum + this.#world.ledger.takenFrom(account),
        0,
      ),
      "the bills say what the ledger took",
    );
  }

  async #call(
    command: Extract<Command, { weather: Weather }>,
  ): Promise<void> {
    const { model } = this;
    const world = this.#world;
    const { verdict, link, crashAt } = command.weather;
    for (const ledger of [world.ledger, model.books]) {
      ledger.verdict = verdict;
      ledger.link = link;
    }
    model.begin();
    const doubleScansBefore = new Map(
      [...model.doubleScans.values()].map((
        doubleScan,
      ) => [doubleScan.id, doubleScan]),
    );
    const due = new Set(
      (await world.due()).filter(({ score }) => score <= world.clock.ms)
        .map(({ member }) => member),
    );
    const orderId = command.kind === "sweep" ? "" : ORDERS[command.order]!;
    const scan = command.kind === "pay" ? this.#scan(command) : null;
    const amount = command.kind === "pay" ? AMOUNTS[command.amount]! : 0;
    const paymentId = model.orders.get(orderId)?.payment?.id;
    if (command.kind === "answer" && paymentId === undefined) return;
    if (command.kind === "reverse") this.#reversed.add(orderId);

    const hold = new HoldAt(crashAt ?? Infinity);
    const edge = crashAt === null
      ? this.#edge
      : await world.start({ reach: hold.reach });
    const till = calls(world, edge);
    const real = async (): Promise<string> => {
      switch (command.kind) {
        case "sweep":
          await edge.sweeper.sweep();
          return "";
        case "pay": {
          const answer = await till.pay(orderId, scan!.code, amount);
          if (answer.status < 300) this.#told.add(orderId);
          return said(answer);
        }
        case "query":
          return withStatus(await till.query(orderId));
        case "reverse":
          return said(await till.reverse(orderId));
        case "refund":
          return said(await till.refund(orderId, ...refundIn(command)));
        case "answer":
          return withStatus(await till.confirm(paymentId!, command.approve));
      }
    };
    const crashed = Symbol("crashed");
    const answer = await Promise.race([
      real(),
      hold.held.then((): typeof crashed => crashed),
    ]);

    const after = await this.#look();
    const newId = after.get(orderId)?.payment?.payment_id ?? "none";
    const expected = await this.#predict(command, scan, amount, newId, due);
    if (answer === crashed) {
      await this.#adopt(after, doubleScansBefore);
      this.#edge = await world.start();
    } else {
      assertEquals(answer, expected, JSON.stringify(command));
    }
  }

  async #erase(account: string): Promise<void> {
    const { api } = this.#edge;
    const key = this.#world.walletKey;
    const path = `/v1/accounts/${account}`;
    const answer = said(await api.call("DELETE", path, { key }));
    assertEquals(answer, await this.model.erase(account), path);
    if (answer === "204") this.#wallet.erased(account);
    await this.#wallet.check(api, this.model.nowMs, path);
  }

  async #predict(
    command: Extract<Command, { weather: Weather }>,
    scan: Scan | null,
    amount: number,
    newId: string,
    due: ReadonlySet<string>,
  ): Promise<string> {
    const { model } = this;
    switch (command.kind) {
      case "sweep":
        await model.sweep(due);
        return "";
      case "pay":
        return await model.pay(ORDERS[command.order]!, scan!, amount, newId);
      case "query":
        return await model.query(ORDERS[command.order]!);
      case "reverse":
        return await model.reverse(ORDERS[command.order]!);
      case "refund":
        return await model.refund(
          ORDERS[command.order]!,
          ...refundIn(command),
        );
      case "answer":
        return await model.answer(ORDERS[command.order]!, command.approve);
    }
  }

  #scan(
    { account, seed: n, code }: Extract<Command, { kind: "pay" }>,
  ): Scan {
    const name = ACCOUNTS[account]!;
    const { phone, seed } = this.#wallet.phone(name, n);
    const now = Math.floor(this.#world.clock.ms / STEP_MS);
    const { mark } = this.model.accounts.of(name);
    // The phone's next code, as far ahead as is accepted.
    const step = code === "used" && mark > 0
      ? mark
      : Math.min(Math.max(now, mark + 1), now + 1);
    const text = phone.code(step * STEP_MS);
    if (code !== "wrong") return { account: name, seed, code: text, step };
    const last = (Number(text.at(-1)) + 1) % 10;
    const wrong = `${text.slice(0, -1)}${last}`;
    return { account: name, seed, code: wrong, step: null };
  }

  /** The records of every order that is known. */
  async #look(): Promise<Records> {
    const found = new Map<
      string,
      { order: OrderRecord; payment: PaymentRecord | null }
    >();
    for (const orderId of ORDERS) {
      const order = await this.#world.order(orderId);
      if (order === null) continue;
      found.set(orderId, { order, payment: order.payment });
    }
    return found;
  }

  /** After a crash: the state must be one that the call goes through. */
  async #adopt(
    after: Records,
    doubleScansBefore: ReadonlyMap<string, { untilMs: number }>,
  ): Promise<void> {
    const { model } = this;
    const world = this.#world;
    for (const orderId of ORDERS) {
      const record = after.get(orderId);
      const trail = model.trail.get(orderId) ?? [null];
      const real = record === undefined ? null : project(record);
      const state = trail.find((it) =>
        JSON.stringify(it === null ? null : outline(it)) ===
          JSON.stringify(real)
      );
      if (state === undefined) {
        assertEquals(
          real,
          trail.map((it) => it && outline(it)) as unknown,
        );
      }
      model.adopt(orderId, state!);
    }
    model.books = world.ledger.copy();
    for (const account of ACCOUNTS) {
      const doubleScans = [...new Set(AMOUNTS)].map((amount) =>
        doubleScanKey(world.merchant.id, account, "EUR", amount)
      );
      const { mark, seenOnlineMs } = await peekAccount(world.store, account);
      const { values: [used, ...guards] } = await world.store.read({
        keys: [accountField(account, "seed"), ...doubleScans],
      });
      Object.assign(model.accounts.of(account), {
        // The end of the step, in seconds; 0 before the first.
        mark: Number(mark) / 30 - 1,
        used: Number(used),
        seenMs: seenOnlineMs,
      });
      [...new Set(AMOUNTS)].forEach((amount, i) => {
        const doubleScan = `${account} ${amount}`;
        const id = guards[i];
        if (id == null) model.doubleScans.delete(doubleScan);
        else {
          const { untilMs = model.nowMs + RULES.doubleScanMs } =
            doubleScansBefore.get(id) ?? {};
          model.doubleScans.set(doubleScan, { untilMs, id });
        }
      });
    }
  }

  /** What must hold after every step. */
  async #check(
    before: Records,
    command: Command,
  ): Promise<void> {
    const { model } = this;
    const world = this.#world;
    const after = await this.#look();
    for (const orderId of ORDERS) {
      const record = after.get(orderId);
      const expected = model.orders.get(orderId);
      assertEquals(
        record === undefined ? null : project(record),
        expected === undefined ? null : outline(expected),
        JSON.stringify(command),
      );
      const old = before.get(orderId);
      if (JSON.stringify(old) !== JSON.stringify(record)) {
        assert(
          (record?.order.version ?? 0) > (old?.order.version ?? 0),
          "order_version rises with every change",
        );
      }
      if (this.#told.has(orderId) && !this.#reversed.has(orderId)) {
        const state = record && orderState(record.order);
        assert(state === "paid" || state === "refunded", "stays paid");
      }
    }

    await this.#checkEnds();

    const open = this.#checkMoney();
    assertEquals(
      (await world.due()).map(({ member }) => member).sort(),
      open.map(({ id }) => orderNameOf(id)).sort(),
      "due is what is under way",
    );
    for (const account of ACCOUNTS) {
      await this.#checkAccount(account, open);
    }
    for (const { member, score } of await world.due()) {
      const { status, deadlineMs } = open.find(({ id }) =>
        orderNameOf(id) === member
      )!;
      // One whose time is over may have been taken by a sweep that was cut off.
      const waits = status === "awaiting_confirmation";
      // Across cells the claim of one that waits is looked at before that, once.
      const isEarly = world.store.cells !== undefined && score < deadlineMs;
      if (waits && deadlineMs > model.nowMs && !isEarly) {
        assertEquals(score, deadlineMs);
      } else {assert(
          score <= model.nowMs + 10_000,
          "it is soon looked at again",
        );}
      if (
        command.kind === "sweep" && command.weather.link === "up" &&
        command.weather.crashAt === null
      ) {
        // Only what another edge took up a moment ago is still open.
        assert(score > model.nowMs, "a sweep leaves nothing due");
      }
    }
  }

  /** The counters of an account, and the payments that wait for its customer. */
  async #checkAccount(
    account: string,
    open: readonly ModelPayment[],
  ): Promise<void> {
    const { model } = this;
    const { store } = this.#world;
    const day = new Date(model.nowMs).toISOString().slice(0, 10);
    const { spent, count: counted } = await peekAccount(
      store,
      account,
    );
    const amountOf = (counter?: PeekedCounter | null) =>
      counter?.period === day ? counter.amount : 0;
    const { sum, count } = model.counted(account, day);
    assertEquals(
      [amountOf(spent.EUR), amountOf(counted)],
      [sum, count],
      "counters",
    );
    const waiting = await store.range({
      index: confirmationsKey(account),
      min: 0,
      max: Number.MAX_SAFE_INTEGER,
      limit: 100,
    });
    const listed = waiting.map(({ member }) => member).sort();
    const wanted = open.filter((it) =>
      it.account === account && it.status === "awaiting_confirmation"
    ).map(({ id }) => id).sort();
    // Across cells an entry of what waits no more stays until its deadline.
    const isLoose = store.cells !== undefined;
    assertEquals(
      isLoose ? listed.filter((it) => wanted.includes(it)) : listed,
      wanted,
    );
  }

  /** What the ledger moved for each payment; gives those that are under way. */
  #checkMoney(): ModelPayment[] {
    const { ledger } = this.#world;
    return this.model.payments().filter((payment) => {
      const { id, status, refunds } = payment;
      assert(ledger.debitsOf(id) <= 1, "one debit at most");
      const money = ledger.stateOf(id);
      const refunded = ledger.refundedOf(id);
      assert(refunded >= refundedBy(payment), "what is told is given");
      if (isPaid(payment)) {
        assertEquals(money, "debited");
        const waits = refunds.some((it) => it.status === "processing");
        if (!waits) assertEquals(refunded, refundedBy(payment));
        return waits;
      }
      const isOver = status === "reversed" || status === "declined";
      if (isOver) assert(money === "closed" || money === "declined");
      return !isOver;
    });
  }

  async #checkEnds(): Promise<void> {
    await this.#checkCallbacks();
    await this.#checkEvents();
  }

  /** One event for each end that is one to the merchant, and none else. */
  async #checkEvents(): Promise<void> {
    const { store, merchant } = this.#world;
    const told = (await peekEvents(store, merchant.id))
      .map(({ orderId, kind }) => `${orderId} ${kind}`);
    const ends = [...this.model.orders].flatMap(([orderId, { ends }]) =>
      eventsOf(ends).map((kind) => `${orderId} ${kind}`)
    );
    assertEquals(told.sort(), ends.sort(), "an event for each end");
  }

  /** The list has each payment that has ended, as its record is. */
  async #checkList(): Promise<void> {
    const { merchant } = this.#world;
    const { payments } = await this.#edge.api.must(
      200,
      "GET",
      "/v1/payments?limit=100",
      { key: merchant.key },
    );
    const listed = payments.map((
      { payment_id, status, refunded_minor = 0 }: Record<string, unknown>,
    ) => `${payment_id} ${status} ${refunded_minor}`);
    const records = [...(await this.#look()).values()]
      .flatMap(({ order, payment }) =>
        payment === null ? [] : [...order.earlier, payment].map((it) => {
          const { status } = attemptOf(order, it.payment_id)!;
          const refunded = it === payment ? refundedMinor(payment) : 0;
          return `${it.payment_id} ${status} ${refunded}`;
        })
      );
    assertEquals(listed.sort(), records.sort(), "all are listed");
  }

  /** One message for each end of a payment, and none else. */
  async #checkCallbacks(): Promise<void> {
    const { store, merchant } = this.#world;
    const { all, first } = await storedCallbacks(store, merchant.id);
    const told = all.map(({ order_id, payload }) => {
      const { type, data } = JSON.parse(payload);
      return `${order_id} ${type} ${data.order_version}`;
    });
    const ends = [...this.model.orders].flatMap(([orderId, order]) =>
      order.ends.map((end) => `${orderId} ${end}`)
    );
    assertEquals(told.sort(), ends.sort(), "a message for each end");
    assertEquals(first.length, all.length, "nobody delivers here");
  }
}

/** What the ends of an order, in their order, are to its merchant. */
function eventsOf(ends: readonly string[]): string[] {
  let paid = false;
  let declinedAt = NaN;
  return ends.flatMap((end) => {
    const [type, version] = end.split(" ");
    switch (type) {
      case "payment.succeeded":
        paid = true;
        return ["paid"];
      case "payment.declined":
        declinedAt = Number(version);
        return ["declined"];
      case "payment.reversed":
        // One that was declined is closed by the very next change of its order.
        if (declinedAt + 1 === Number(version)) return [];
        return [paid ? "reversed" : "voided"];
      case "refund.succeeded":
        return ["refunded"];
      default:
        return [];
    }
  });
}

const isPaid = ({ status }: ModelPayment) =>
  status === "succeeded" || status === "refunded";

/** What refunds gave back of a payment. */
const refundedBy = ({ refunds }: ModelPayment) =>
  refunds.filter(({ status }) => status === "succeeded")
    .reduce((sum, { amountMinor }) => sum + amountMinor, 0);

/** The name and the amount of a refund. */
const refundIn = (
  { refund, amount }: Extract<Command, { kind: "refund" }>,
): [string, number] => [REFUNDS[refund]!, REFUND_AMOUNTS[amount]!];

function withStatus(answer: Answer): string {
  return answer.status < 300 ? `200 ${answer.body.status}` : said(answer);
}

/** What is compared of a model's order. */
function outline({ state, version, payment, ...order }: ModelOrder) {
  // The record says when it was paid only while it is.
  const paidMs = state === "paid" ? order.paidMs : 0;
  if (payment === null) return { state, version, paidMs, payment };
  const { code: _, day: __, guards: ___, ...rest } = payment;
  // Only of what may yet be paid does the deadline count.
  const deadlineMs = state === "open" ? rest.deadlineMs : 0;
  return { state, version, paidMs, payment: { ...rest, deadlineMs } };
}

/** The same of the records. */
function project(
  { order, payment }: { order: OrderRecord; payment: PaymentRecord | null },
): ReturnType<typeof outline> {
  return {
    state: orderState(order),
    version: order.version,
    paidMs: payment?.status === "succeeded" ? payment.updated_ms : 0,
    payment: payment === null ? null : {
      id: payment.payment_id,
      account: payment.account_id,
      amountMinor: payment.amount_minor,
      status: payment.status,
      version: payment.order_version,
      confirmed: payment.confirmed,
      deadlineMs: orderState(order) === "open" ? payment.deadline_ms : 0,
      updatedMs: payment.updated_ms,
      endsAs: payment.ends_as ?? null,
      reason: payment.decline_reason ?? null,
      refunds: (payment.refunds ?? []).map((it) => ({
        id: it.refund_id,
        amountMinor: it.amount_minor,
        status: it.status,
        version: it.order_version,
        updatedMs: it.updated_ms,
      })),
    },
  };
}

/** Runs `commands` in a world of their own. */
export async function runCommands(
  factory: StoreFactory,
  commands: readonly Command[],
): Promise<void> {
  const { doubleScanMs, offlineDays, tiers } = RULES;
  const { limits: { normal, restricted, ...limits } } = UNLIMITED;
  await using world = await openPaymentWorld(factory, {
    limits: {
      ...limits,
      normal: { ...normal, ...tiers.normal },
      restricted: { ...restricted, ...tiers.restricted },
      offlineDays,
    },
    doubleScanMs,
    doubleScanAsks: "customer",
  });
  const bob = await world.edge.api.enrol(
    world.walletKey,
    "bob",
    "phone-of-bob",
  );
  const run = new Run(world, [world.phone, bob]);
  // The model forgets no message, so a run ends before the first one expires.
  let leftMs = CALLBACK_TTL_MS - DAY_MS;
  for (const command of commands) {
    if (command.kind !== "pass") await run.step(command);
    else if (command.ms < leftMs) {
      leftMs -= command.ms;
      await run.step(command);
    }
  }
  await run.finish();
}
