/**
 * Two edges, a late ledger and a till, under a schedule: one world for many
 * seeds, an order for each.
 *
 * @module
 */

import { orderState } from "../../../../edge/payment/record.ts";
import { refundedMinor } from "../../../../edge/payment/refund.ts";
import { assert, assertEquals } from "@std/assert";
import type { CallerOf } from "../../../../edge/merchant/authentication.ts";
import { startAge } from "../../../../edge/base/request_age.ts";
import type { Settings } from "../../../../edge/boot/settings.ts";
import type { TestApp } from "../app.ts";
import { billedMinor } from "../bill.ts";
import { openPaymentWorld, type PaymentWorld } from "../world.ts";
import type { JournalLine } from "../../ledger/journal_ledger.ts";
import { lateLedger, Schedule } from "./schedule.ts";
import type { StoreFactory } from "../../store/fixture.ts";

const STEP_MS = 30_000;
const LONG_MS = 400_000;
const EDGES = 3;

/** One order under one schedule. */
export interface Round {
  readonly schedule: Schedule;
  readonly orderId: string;
  readonly code: string;
  /** Any of the edges. */
  edge(): TestApp;
  pay(edge?: TestApp, code?: string): Promise<string>;
  query(): Promise<string>;
  reverse(): Promise<string>;
  refund(refundId: string, amountMinor: number): Promise<string>;
  answer(paymentId: string, approve: boolean): Promise<string>;
}

/** A world for rounds. */
export interface Rounds extends AsyncDisposable {
  readonly world: PaymentWorld;
  /** The outcome of `body`'s tasks and of all that follows, when all is quiet. */
  play<T>(
    seed: number,
    body: (round: Round) => Promise<T>,
    before?: (round: Round) => Promise<void>,
  ): Promise<{ told: T; round: Round; end: End }>;
}

/** What stands when all is quiet. */
export interface End {
  /** State of the order; `null`: never seen. */
  readonly order: string | null;
  readonly status: string | null;
  /** Of the order: how often it has changed. */
  readonly changes: number;
  readonly confirmed: boolean;
  /** What the ledger has taken for the order's payment and not given back. */
  readonly takenMinor: number;
  readonly debits: number;
  /** What the order says was refunded, and what the ledger has refunded. */
  readonly refundedMinor: readonly [order: number, ledger: number];
}

const word = (
  outcome: { kind: string; code?: string } | { status: string },
): string =>
  "status" in outcome
    ? outcome.status
    : outcome.kind === "refused"
    ? outcome.code!
    : outcome.kind;

/**
 * What lines took and did not undo for an order, and what they refunded, minor units; the
 * bills say the same.
 */
async function sumUp(
  lines: readonly JournalLine[],
  { store, merchant }: PaymentWorld,
  orderId: string,
  trace: string,
) {
  const sumOf = (kind: JournalLine["kind"]) =>
    lines.reduce(
      (sum, line) =>
        line.kind === kind && "amountMinor" in line
          ? sum + line.amountMinor
          : sum,
      0,
    );
  const takenMinor = sumOf("debit") - sumOf("undo");
  const refunded = sumOf("refund");
  const billed = await billedMinor(store, merchant.id, orderId);
  assertEquals(billed, takenMinor - refunded, trace);
  return { takenMinor, refunded };
}

type Callers = ReadonlyMap<TestApp, CallerOf<"merchant">>;

/** The edges of a world, whose ledger calls and points follow the present schedule. */
interface Scheduled {
  readonly world: PaymentWorld;
  readonly edges: readonly TestApp[];
  /** `null` while no schedule runs. */
  current: Schedule | null;
}

/** Opens a world for rounds. */
export async function openRounds(
  factory: StoreFactory,
  settings: Partial<Settings> = {},
): Promise<Rounds> {
  const world = await openPaymentWorld(factory, settings);
  const edges: TestApp[] = [];
  const it: Scheduled = { world, edges, current: null };
  for (let i = 0; i < EDGES; i++) {
    edges.push(
      await world.start({
        ledger: lateLedger(world.ledger, () => it.current),
        reach: (point) =>
          it.current === null
            ? Promise.resolve()
            : it.current.reachOf(`edge ${i}`)(point),
      }),
    );
  }
  return {
    world,
    play: (seed, body, before) => playRound(it, seed, body, before),
    [Symbol.asyncDispose]: () => world[Symbol.asyncDispose](),
  };
}

async function playRound<T>(
  it: Scheduled,
  seed: number,
  body: (round: Round) => Promise<T>,
  before?: (round: Round) => Promise<void>,
): Promise<{ told: T; round: Round; end: End }> {
  const { world } = it;
  const code = world.phone.code(world.clock.ms);
  const callers = await authenticate(it);
  await warm(world, callers, seed);
  const schedule = new Schedule(seed);
  const round = roundOf(it, callers, schedule, `order-${seed}`, code);
  const linesBefore = world.ledger.lines.length;
  await before?.(round);
  it.current = schedule;
  const telling = body(round);
  await schedule.run();
  const told = await telling;
  it.current = null;
  return { told, round, end: await endOf(world, round, linesBefore) };
}

/** The merchant as a caller of each edge. */
async function authenticate({ world, edges }: Scheduled): Promise<Callers> {
  const callers = new Map<TestApp, CallerOf<"merchant">>();
  for (const edge of edges) {
    const { authenticator } = edge.useCases;
    const { key } = world.merchant;
    const caller = await authenticator.authenticate(key, "merchant");
    if ("kind" in caller) throw new Error("Not authenticated");
    callers.set(edge, caller);
  }
  return callers;
}

/**
 * Lets every edge lease guess permits, as an edge that serves has done: otherwise leases
 * would take most of a payment's points. A hit leaves its permits with the edge.
 */
async function warm(
  { clock, phone }: PaymentWorld,
  callers: Callers,
  seed: number,
): Promise<void> {
  for (const [edge, caller] of callers) {
    await edge.useCases.payments.pay(caller, {
      ...{ orderId: `warm-${seed}`, amountMinor: 1, currency: "EUR" },
      code: phone.code(clock.ms - STEP_MS),
    }, startAge(() => clock.ms));
  }
}

/** The calls of a till and of a wallet, each to any of the edges. */
function roundOf(
  { world, edges }: Scheduled,
  callers: Callers,
  schedule: Schedule,
  orderId: string,
  code: string,
): Round {
  const edge = () => edges[schedule.pick(edges.length)]!;
  return {
    ...{ schedule, orderId, code, edge },
    async pay(at = edge(), scanned = code) {
      const { payments } = at.useCases;
      const request = { orderId, amountMinor: 1250, currency: "EUR" };
      return word(
        await payments.pay(
          callers.get(at)!,
          { ...request, code: scanned },
          startAge(() => world.clock.ms),
        ),
      );
    },
    async query() {
      const { payments } = edge().useCases;
      const caller = callers.get(edge())!;
      return word(await payments.getByOrder(caller, orderId));
    },
    async reverse() {
      const at = edge();
      const { reversals } = at.useCases;
      const answer = await reversals.reverse(callers.get(at)!, orderId);
      if (answer.kind === "reversed" && answer.paymentId !== undefined) {
        // The answer must be true at once, and not only in the end.
        const state = world.ledger.stateOf(answer.paymentId);
        assert(
          state === "closed" || state === "declined",
          `${state}:\n${schedule.trace.join("\n")}`,
        );
      }
      return word(answer);
    },
    async refund(refundId, amountMinor) {
      const at = edge();
      const { refunds } = at.useCases;
      const request = { orderId, refundId, amountMinor };
      return word(await refunds.refund(callers.get(at)!, request));
    },
    async answer(paymentId, approve) {
      const { confirmations } = edge().useCases;
      return word(await confirmations.answer(paymentId, approve, undefined));
    },
  };
}

/** Lets everything end that was begun, and returns what is committed then. */
async function endOf(
  world: PaymentWorld,
  { orderId, schedule }: Round,
  linesBefore: number,
): Promise<End> {
  for (let i = 0; i < 2; i++) {
    await world.pass(LONG_MS);
    await world.edge.sweeper.sweep();
  }
  const trace = schedule.trace.join("\n");
  assertEquals(await world.due(), [], trace);
  const order = await world.order(orderId);
  const payment = order?.payment ?? null;
  const mine = world.ledger.lines.slice(linesBefore);
  const { takenMinor, refunded } = await sumUp(mine, world, orderId, trace);
  // The next round has a code of its own.
  await world.pass(STEP_MS);
  return {
    order: order === null ? null : orderState(order),
    status: payment?.status ?? null,
    changes: order === null ? 0 : order.version - order.first_version + 1,
    confirmed: payment?.confirmed ?? false,
    takenMinor,
    debits: mine.filter(({ kind }) => kind === "debit").length,
    refundedMinor: [payment ? refundedMinor(payment) : 0, refunded],
  };
}

/** Counts how often each name was seen, to tell that seeds differ enough. */
export class Tally {
  readonly #counts = new Map<string, number>();

  add(name: string): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
  }

  /** Those of `names` that were not seen: the seeds have shown too little. */
  missing(...names: readonly string[]): string[] {
    return names.filter((name) => !this.#counts.has(name));
  }
}

/** Time that passes bit by bit, as a task. */
export async function passTime(
  rounds: Rounds,
  { schedule }: Round,
  steps: number,
  ms: number,
): Promise<void> {
  for (let i = 0; i < steps; i++) {
    await schedule.point(`${ms} ms pass`);
    await schedule.alone(() => rounds.world.pass(ms));
  }
}
