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

/** Asks any of the edges for refunds of an order. */
function refundsBy(
  edge: () => TestApp,
  callers: ReadonlyMap<TestApp, CallerOf<"merchant">>,
  orderId: string,
): Round["refund"] {
  return async (refundId, amountMinor) => {
    const at = edge();
    const { refunds } = at.useCases;
    const request = { orderId, refundId, amountMinor };
    return word(await refunds.refund(callers.get(at)!, request));
  };
}

/** Opens a world for rounds. */
export async function openRounds(
  factory: StoreFactory,
  settings: Partial<Settings> = {},
): Promise<Rounds> {
  const world = await openPaymentWorld(factory, settings);
  let current: Schedule | null = null;
  const edges: TestApp[] = [];
  for (let i = 0; i < EDGES; i++) {
    edges.push(
      await world.start({
        ledger: lateLedger(world.ledger, () => current),
        reach: (point) =>
          current === null
            ? Promise.resolve()
            : current.reachOf(`edge ${i}`)(point),
      }),
    );
  }
  const { merchant, phone, ledger } = world;

  return {
    world,
    async play(seed, body, before) {
      const orderId = `order-${seed}`;
      const code = phone.code(world.clock.ms);
      const schedule = new Schedule(seed);
      const edge = () => edges[schedule.pick(edges.length)]!;
      const callers = new Map<TestApp, CallerOf<"merchant">>();
      for (const it of edges) {
        const caller = await it.useCases.authenticator.authenticate(
          merchant.key,
          "merchant",
        );
        if ("kind" in caller) throw new Error("Not authenticated");
        callers.set(it, caller);
      }
      const request = { orderId, amountMinor: 1250, currency: "EUR" };
      // Edges that serve hold guess permits: leasing them would take up most
      // of a payment's points. A hit leaves its permits with the edge.
      for (const [it, caller] of callers) {
        await it.useCases.payments.pay(caller, {
          ...request,
          orderId: `warm-${seed}`,
          amountMinor: 1,
          code: phone.code(world.clock.ms - STEP_MS),
        }, startAge(() => world.clock.ms));
      }
      const round: Round = {
        schedule,
        orderId,
        code,
        edge,
        async pay(at = edge(), scanned = code) {
          return word(
            await at.useCases.payments.pay(callers.get(at)!, {
              ...request,
              code: scanned,
            }, startAge(() => world.clock.ms)),
          );
        },
        async query() {
          return word(
            await edge().useCases.payments.getByOrder(
              callers.get(edge())!,
              orderId,
            ),
          );
        },
        async reverse() {
          const at = edge();
          const answer = await at.useCases.reversals.reverse(
            callers.get(at)!,
            orderId,
          );
          if (answer.kind === "reversed" && answer.paymentId !== undefined) {
            // It is so when it is said, not only in the end.
            const state = ledger.stateOf(answer.paymentId);
            assert(
              state === "closed" || state === "declined",
              `${state}:\n${schedule.trace.join("\n")}`,
            );
          }
          return word(answer);
        },
        refund: refundsBy(edge, callers, orderId),
        async answer(paymentId, approve) {
          return word(
            await edge().useCases.confirmations.answer(
              paymentId,
              approve,
              undefined,
            ),
          );
        },
      };
      const linesBefore = ledger.lines.length;
      await before?.(round);
      current = schedule;
      const telling = body(round);
      await schedule.run();
      const told = await telling;
      current = null;

      // Whatever is left is finished by whoever comes along.
      for (let i = 0; i < 2; i++) {
        await world.pass(LONG_MS);
        await world.edge.sweeper.sweep();
      }
      const trace = schedule.trace.join("\n");
      assertEquals(await world.due(), [], trace);
      const order = await world.order(orderId);
      const payment = order?.payment ?? null;
      const mine = ledger.lines.slice(linesBefore);
      const { takenMinor, refunded } = await sumUp(mine, world, orderId, trace);
      // The next round has a code of its own.
      await world.pass(STEP_MS);
      return {
        told,
        round,
        end: {
          order: order === null ? null : orderState(order),
          status: payment?.status ?? null,
          changes: order === null ? 0 : order.version - order.first_version + 1,
          confirmed: payment?.confirmed ?? false,
          takenMinor,
          debits: mine.filter(({ kind }) => kind === "debit").length,
          refundedMinor: [payment ? refundedMinor(payment) : 0, refunded],
        },
      };
    },
    [Symbol.asyncDispose]: () => world[Symbol.asyncDispose](),
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
