/**
 * Delivers what is due to one merchant, as long as anything is: looks at the
 * queue, fills the merchant's free slots, and lets each slot go on by itself
 * with what was read ahead. Where nothing can be done now, it writes when to
 * look again.
 *
 * What decides is always the store: a pump that is wrong about the endpoint,
 * the breaker or a message is refused there and looks again.
 *
 * @module
 */

import type { ClockGuard } from "../../health/clock_guard.ts";
import type { Vault } from "../../vault/seal.ts";
import { createDelivery, type DeliveryDeps, type Target } from "./delivery.ts";
import { openSigner } from "../endpoint/endpoint_record.ts";
import { type BreakerRecord, nextProbeMs } from "../endpoint/breaker.ts";
import { createHealthKeeper } from "./breaker_keeper.ts";
import {
  type Candidate,
  Candidates,
  chooseDue,
  SLOTS,
} from "../message/lanes.ts";
import type { Leased } from "./lease.ts";
import type { Permits } from "./permits.ts";
import type { DueView, Queue, QueueView } from "./queue.ts";
import type { EndpointRecord } from "../message/record.ts";
import { createSlotWork } from "./slot_work.ts";
import { takesMessages } from "./raw.ts";

/** What pumps need. */
export interface PumpDeps extends DeliveryDeps {
  readonly queue: Queue;
  readonly vault: Vault;
  readonly clockGuard: ClockGuard;
  readonly permits: Permits;
  readonly isStopped: () => boolean;
  /** Told of every attempt. */
  readonly onAttempt: (delivered: boolean) => void;
  /** Told until when an open breaker keeps everything from a merchant. */
  readonly onOpen: (merchantId: string, untilMs: number) => void;
}

/** Deliveries to one merchant, under way. */
export interface Pump {
  /**
   * Something may be due now; with `settles`, it is also to be written when to
   * look at the merchant again.
   */
  kick(settles: boolean): void;
  /**
   * Resolves when nothing can be done any more: whether all was done that can
   * be. Rejects with the first fault, after all that was under way.
   */
  readonly done: Promise<boolean>;
}

/** Records read ahead, and how few of them have more read. */
const AHEAD = 48;
const LOW = 8;

/** Starts delivering to a merchant. */
export function startPump(
  deps: PumpDeps,
  merchantId: string,
  settlesAtFirst: boolean,
): Pump {
  const { queue, permits } = deps;
  const keeper = createHealthKeeper({ ...deps, merchantId });
  const delivery = createDelivery(deps, merchantId, keeper);
  const candidates = new Candidates();
  /** Messages that are in this process's slots. */
  const held = new Set<string>();
  let workers = 0;
  let target: Target | null = null;
  /** Whether more may be due than was read ahead. */
  let mayHaveMore = false;
  let refilling: Promise<void> | null = null;
  let settles = settlesAtFirst;
  let isKicked = false;
  let fault: { readonly error: unknown } | null = null;
  let turn = 0;
  let wake = () => {};

  function fail(error: unknown): void {
    fault ??= { error };
  }

  function lookAgain(): void {
    isKicked = true;
    mayHaveMore = true;
    wake();
  }

  /** Notes what a snapshot says of the endpoint. */
  function see<T extends DueView>(view: T): T {
    const { endpointRaw: raw, healthRaw, breakerRaw } = view;
    keeper.see({ endpointRaw: raw, healthRaw, breakerRaw });
    if (raw !== null && takesMessages(raw) && raw !== target?.raw) {
      const record = JSON.parse(raw) as EndpointRecord;
      target = {
        raw,
        record,
        signer: openSigner(deps.vault, record, view.atMs),
      };
    }
    return view;
  }

  /** Reads ahead what is due; how many messages were taken out of the lanes. */
  async function readAhead(view: DueView): Promise<number> {
    const due = view.due.filter(({ id }) =>
      !held.has(id) && !candidates.has(id)
    );
    const chosen = chooseDue(due, AHEAD);
    mayHaveMore = view.isFull || chosen.length < due.length;
    const { candidates: found, removed } = await queue.load(merchantId, chosen);
    for (const candidate of found) {
      const { id } = candidate;
      if (!held.has(id) && !candidates.has(id)) candidates.add(candidate);
    }
    return removed;
  }

  async function refill(): Promise<void> {
    try {
      const view = see(await queue.readDue(merchantId));
      if (takesMessages(view.endpointRaw) && view.breakerRaw === null) {
        await readAhead(view);
      } else {
        mayHaveMore = false;
        isKicked = true;
      }
    } catch (error) {
      mayHaveMore = false;
      fail(error);
    } finally {
      refilling = null;
    }
  }

  /** What a slot serves next. */
  async function next(slot: number): Promise<Candidate | null> {
    if (candidates.size < LOW && mayHaveMore) refilling ??= refill();
    if (candidates.size === 0 && refilling !== null) await refilling;
    return candidates.take(slot);
  }

  async function mayGoOn({ probe }: Leased): Promise<boolean> {
    if (deps.isStopped() || fault !== null) return false;
    const { endpointRaw, breakerRaw } = keeper.seen;
    if (breakerRaw !== null || endpointRaw !== target?.raw) {
      lookAgain();
      return false;
    }
    if (probe || permits.isWanted()) return false;
    try {
      return (await deps.clockGuard.check()).sure;
    } catch (error) {
      fail(error);
      return false;
    }
  }

  const slotWork = createSlotWork({
    ...deps,
    merchantId,
    delivery,
    keeper,
    target: () => target,
    next,
    putBack: (candidate) => candidates.add(candidate),
    mayGoOn,
    lookAgain,
    fail,
    held,
  });

  /** Starts a slot's work; a permit for it was taken. */
  function start(
    slot: number,
    candidate: Candidate,
    breakerRaw: string | null,
  ): void {
    workers++;
    slotWork.run(slot, candidate, breakerRaw).catch(fail).finally(() => {
      workers--;
      permits.give();
      wake();
    });
  }

  /** Does what a view allows. */
  async function act(
    view: QueueView,
    permit: { isHeld: boolean },
  ): Promise<"done" | "again" | "blocked"> {
    if (!takesMessages(view.endpointRaw)) {
      candidates.clear();
      // Of what is parked, only what is no longer kept goes.
      const { removed } = await queue.load(merchantId, view.due);
      return removed > 0 ? "again" : "done";
    }
    if (view.due.length === 0) return "done";
    const [firstFree] = view.freeSlots;
    if (view.breakerRaw !== null) {
      candidates.clear();
      const breaker = JSON.parse(view.breakerRaw) as BreakerRecord;
      const openMs = nextProbeMs(breaker);
      if (openMs > view.atMs) deps.onOpen(merchantId, openMs);
      if (openMs > view.atMs || workers > 0) return "done";
      if (firstFree === undefined) return "blocked";
      const oldest = view.due.toSorted((a, b) => a.sinceMs - b.sinceMs)[0]!;
      const { candidates: [probe] } = await queue.load(merchantId, [oldest]);
      if (probe === undefined) return "again";
      permit.isHeld = false;
      start(firstFree, probe, view.breakerRaw);
      return "done";
    }
    if (firstFree === undefined) return "blocked";
    const removed = await readAhead(view);
    if (candidates.size === 0) return removed > 0 ? "again" : "blocked";
    // Not from the same one each time: who may have only one slot for now must
    // not serve one lane only.
    const from = turn++ % view.freeSlots.length;
    const slots = [
      ...view.freeSlots.slice(from),
      ...view.freeSlots.slice(0, from),
    ];
    for (const slot of slots) {
      if (candidates.size === 0) break;
      if (!permit.isHeld && !permits.takeMore(workers)) break;
      permit.isHeld = false;
      start(slot, candidates.take(slot)!, null);
    }
    return "done";
  }

  async function run(): Promise<boolean> {
    const permit = { isHeld: false };
    try {
      for (;;) {
        if (workers === 0 && !permit.isHeld) {
          permit.isHeld = await permits.take();
        }
        const isSure = (await deps.clockGuard.check()).sure;
        if (deps.isStopped() || !isSure || fault !== null) return false;
        // What came while the permit was waited for is seen now.
        isKicked = false;
        const view = see(await queue.read(merchantId));
        const end = await act(view, permit);
        if (end === "again") continue;
        const isWorking = workers > 0;
        while (workers > 0 && !(isKicked && workers < SLOTS)) {
          await new Promise<void>((resolve) => wake = resolve);
        }
        if (isWorking || isKicked) continue;
        if (end === "blocked") return false;
        if (!settles) return true;
        if (await queue.settle(merchantId, view) && !isKicked) return true;
      }
    } finally {
      while (workers > 0) {
        await new Promise<void>((resolve) => wake = resolve);
      }
      if (permit.isHeld) permits.give();
    }
  }

  const done = run().then((isDone) => {
    if (fault !== null) throw fault.error;
    return isDone;
  });
  return {
    done,
    kick(settlesToo) {
      settles ||= settlesToo;
      lookAgain();
    },
  };
}
