/**
 * Delivers to one merchant while messages are due: looks at the queue, starts the
 * merchant's free slots, and lets each slot continue by itself with messages that
 * were read ahead. When nothing can be done at present, it writes when the
 * merchant is to be looked at again.
 *
 * The store always decides. If a run works with an outdated endpoint, breaker or
 * message, its transaction is refused, and it looks again.
 *
 * @module
 */

import type { ClockGuard } from "../../health/clock_guard.ts";
import type { Held } from "../../store/record.ts";
import { type BreakerRecord, nextProbeMs } from "../endpoint/breaker.ts";
import { chooseDue, SLOTS } from "../message/lanes.ts";
import { takesMessages } from "../message/stored.ts";
import { EndpointWatch, type WatchDeps } from "./endpoint_watch.ts";
import { load } from "./load.ts";
import type { Permits } from "./permits.ts";
import {
  type DueSnapshot,
  type QueueSnapshot,
  readDue,
  readQueue,
  settle,
} from "./queue.ts";
import { type DueMessage, ReadAhead } from "./read_ahead.ts";
import { runSlot, type SlotDeps, type SlotRun } from "./slot.ts";

/** What runs need. */
export interface RunDeps extends SlotDeps, WatchDeps {
  readonly clockGuard: ClockGuard;
  readonly permits: Permits;
  readonly isStopped: () => boolean;
  /**
   * Called with the moment, unix ms, before which an open breaker allows no
   * probe.
   */
  readonly onOpen: (merchantId: string, untilMs: number) => void;
}

/** What a look at a queue finds; the first that is true, in this order. */
export type Situation =
  /** The endpoint takes no messages, or there is none. */
  | "parked"
  /** Nothing is due. */
  | "idle"
  /** The breaker is open, and no probe may begin yet. */
  | "open"
  /** All slots are at work. */
  | "no-slot"
  /** The breaker is open, and a probe may begin. */
  | "probe"
  /** Messages are due and may be sent. */
  | "due";

/** What follows from a look. */
type Outcome =
  /** Everything that can be done now is under way. */
  | "done"
  /** Entries were removed from the lanes; due messages may be behind them. */
  | "again"
  /** Other processes deliver the due messages. */
  | "blocked";

/** What is done in each situation. */
const STEPS: Readonly<
  Record<
    Situation,
    (run: MerchantRun, queue: QueueSnapshot) => Outcome | Promise<Outcome>
  >
> = {
  "parked": removeExpired,
  "idle": () => "done",
  "open": waitForProbe,
  "no-slot": () => "blocked",
  "probe": startProbe,
  "due": startSlots,
};

/**
 * At most `AHEAD` messages are read ahead; more are read when fewer than `LOW`
 * are left.
 */
const AHEAD = 48;
const LOW = 8;

/** Classifies a look. `atWork` is the number of this process's slots at work. */
export function situationOf(
  { endpoint, breaker, due, freeSlots, atMs }: QueueSnapshot,
  atWork: number,
): Situation {
  if (!takesMessages(endpoint)) return "parked";
  if (due.length === 0) return "idle";
  if (breaker.value === null) return freeSlots.length > 0 ? "due" : "no-slot";
  if (nextProbeMs(breaker.value) > atMs || atWork > 0) return "open";
  return freeSlots.length > 0 ? "probe" : "no-slot";
}

/**
 * The delivery to one merchant, from its first look until nothing more can be
 * done.
 */
export class MerchantRun implements SlotRun {
  readonly deps: RunDeps;
  readonly merchantId: string;
  readonly watch: EndpointWatch;
  readonly ahead = new ReadAhead();
  /** Slots of this process that are at work. */
  atWork = 0;
  /**
   * How many looks have started slots. Each one starts with the slot after the
   * last.
   */
  looks = 0;
  /** Whether messages may be due that were not read ahead. */
  #mayHaveMore = false;
  #refilling: Promise<void> | null = null;
  #hasPermit = false;
  /** Whether the run also writes when the merchant is to be looked at again. */
  #settles: boolean;
  #isKicked = false;
  #fault: { readonly error: unknown } | null = null;
  #wake = () => {};

  constructor(deps: RunDeps, merchantId: string, settles: boolean) {
    this.deps = deps;
    this.merchantId = merchantId;
    this.watch = new EndpointWatch(deps, merchantId);
    this.#settles = settles;
  }

  /**
   * Delivers until nothing more can be done. Returns `false` if the run was
   * stopped, or if messages are left to other processes. Rejects with the first
   * fault, after its slots have ended.
   */
  async run(): Promise<boolean> {
    let isDone = false;
    try {
      isDone = await this.#lookUntilDone();
    } catch (error) {
      this.fail(error);
    }
    await this.#waitForSlots(() => false);
    if (this.#hasPermit) this.deps.permits.give();
    if (this.#fault !== null) throw this.#fault.error;
    return isDone;
  }

  /**
   * Has the run look again, because messages may have become due. With `settles`,
   * the run also writes when the merchant is to be looked at again.
   */
  kick(settles: boolean): void {
    this.#settles ||= settles;
    this.lookAgain();
  }

  async #lookUntilDone(): Promise<boolean> {
    const { deps, merchantId } = this;
    for (;;) {
      if (this.atWork === 0 && !this.#hasPermit) {
        this.#hasPermit = await deps.permits.take();
      }
      const isSure = (await deps.clockGuard.check()).sure;
      if (deps.isStopped() || !isSure || this.#fault !== null) return false;
      // The look that follows also sees what became due while this run waited for
      // its permit.
      this.#isKicked = false;
      const queue = await readQueue(deps, merchantId);
      this.watch.saw(queue);
      const outcome = await STEPS[situationOf(queue, this.atWork)](this, queue);
      if (outcome === "again") continue;
      const isWorking = this.atWork > 0;
      await this.#waitForSlots(() => this.#isKicked && this.atWork < SLOTS);
      if (isWorking || this.#isKicked) continue;
      if (outcome === "blocked") return false;
      if (!this.#settles) return true;
      if (await settle(deps, merchantId, queue) && !this.#isKicked) return true;
    }
  }

  /** Waits until no slot is at work, or until `isEnough` is true. */
  async #waitForSlots(isEnough: () => boolean): Promise<void> {
    while (this.atWork > 0 && !isEnough()) {
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }

  /** Starts a slot, if there is a permit for it. */
  start(
    slot: number,
    take: () => DueMessage,
    breaker: Held<BreakerRecord>,
  ): boolean {
    const { permits } = this.deps;
    if (!this.#hasPermit && !permits.takeMore(this.atWork)) return false;
    this.#hasPermit = false;
    this.atWork++;
    runSlot(this, slot, take(), breaker).catch(this.fail).finally(() => {
      this.atWork--;
      permits.give();
      this.#wake();
    });
    return true;
  }

  /**
   * Reads due messages ahead. Returns how many entries were removed from the
   * lanes.
   */
  async readAhead(snapshot: DueSnapshot): Promise<number> {
    const due = this.ahead.unknown(snapshot.due);
    const chosen = chooseDue(due, AHEAD);
    this.#mayHaveMore = snapshot.isFull || chosen.length < due.length;
    const { messages, removed } = await load(
      this.deps,
      this.merchantId,
      chosen,
    );
    for (const message of messages) this.ahead.add(message);
    return removed;
  }

  async #refill(): Promise<void> {
    try {
      const snapshot = await readDue(this.deps, this.merchantId);
      this.watch.saw(snapshot);
      if (takesMessages(snapshot.endpoint) && snapshot.breaker.isAbsent) {
        await this.readAhead(snapshot);
      } else {
        this.#mayHaveMore = false;
        this.#isKicked = true;
      }
    } catch (error) {
      this.#mayHaveMore = false;
      this.fail(error);
    } finally {
      this.#refilling = null;
    }
  }

  async next(slot: number): Promise<DueMessage | null> {
    if (this.ahead.size < LOW && this.#mayHaveMore) {
      this.#refilling ??= this.#refill();
    }
    if (this.ahead.size === 0 && this.#refilling !== null) {
      await this.#refilling;
    }
    return this.ahead.take(slot);
  }

  putBack(message: DueMessage): void {
    this.ahead.putBack(message);
  }

  release(message: DueMessage): void {
    this.ahead.release(message);
  }

  async mayGoOn(): Promise<boolean> {
    const { isStopped, permits, clockGuard } = this.deps;
    if (isStopped() || this.#fault !== null) return false;
    const { endpoint, breaker } = this.watch.state;
    if (!breaker.isAbsent || !takesMessages(endpoint)) {
      this.lookAgain();
      return false;
    }
    if (permits.isWanted()) return false;
    try {
      return (await clockGuard.check()).sure;
    } catch (error) {
      this.fail(error);
      return false;
    }
  }

  lookAgain(): void {
    this.#isKicked = true;
    this.#mayHaveMore = true;
    this.#wake();
  }

  fail = (error: unknown): void => void (this.#fault ??= { error });
}

/**
 * While no endpoint takes messages, only expired messages are removed from the
 * lanes.
 */
async function removeExpired(
  { ahead, deps, merchantId }: MerchantRun,
  { due }: QueueSnapshot,
): Promise<Outcome> {
  ahead.clear();
  const { removed } = await load(deps, merchantId, due);
  return removed > 0 ? "again" : "done";
}

function waitForProbe(
  { ahead, deps, merchantId }: MerchantRun,
  { breaker, atMs }: QueueSnapshot,
): Outcome {
  ahead.clear();
  const openMs = nextProbeMs(breaker.value!);
  if (openMs > atMs) deps.onOpen(merchantId, openMs);
  return "done";
}

/** Sends the message that has waited longest. */
async function startProbe(
  run: MerchantRun,
  { due, freeSlots, breaker }: QueueSnapshot,
): Promise<Outcome> {
  run.ahead.clear();
  const [oldest] = due.toSorted((a, b) => a.sinceMs - b.sinceMs);
  const { messages } = await load(run.deps, run.merchantId, [oldest!]);
  const [probe] = messages;
  if (probe === undefined) return "again";
  run.start(freeSlots[0]!, () => probe, breaker);
  return "done";
}

/** Starts the free slots, as long as there are messages and permits. */
async function startSlots(
  run: MerchantRun,
  queue: QueueSnapshot,
): Promise<Outcome> {
  const { ahead } = run;
  const removed = await run.readAhead(queue);
  if (ahead.size === 0) return removed > 0 ? "again" : "blocked";
  const { freeSlots, breaker } = queue;
  // Rotate the first slot: slots differ in the lane that they serve first, so a
  // merchant that gets only one permit at a time would otherwise serve one lane.
  const from = run.looks++ % freeSlots.length;
  for (const slot of [...freeSlots.slice(from), ...freeSlots.slice(0, from)]) {
    if (ahead.size === 0) break;
    if (!run.start(slot, () => ahead.take(slot)!, breaker)) break;
  }
  return "done";
}
