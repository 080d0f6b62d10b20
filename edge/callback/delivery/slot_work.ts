/**
 * The work of one slot: leases a message, sends it, says what that means for
 * the endpoint, finishes it and goes on with the next one, until there is none
 * or it may not go on.
 *
 * @module
 */

import type { Log } from "../../base/log.ts";
import { StoreUnavailableError } from "../../store/store.ts";
import type { Attempted, Delivery, Target } from "./delivery.ts";
import type { HealthKeeper } from "./breaker_keeper.ts";
import type { Candidate } from "../message/lanes.ts";
import type { Leased } from "./lease.ts";
import type { Queue } from "./queue.ts";

/** What the slots of a merchant share. */
export interface SlotContext {
  readonly merchantId: string;
  readonly delivery: Delivery;
  readonly keeper: HealthKeeper;
  readonly queue: Queue;
  readonly log: Log;
  /** The endpoint as it was last seen. */
  target(): Target | null;
  /** What a slot serves next. */
  next(slot: number): Promise<Candidate | null>;
  /** A message that was not leased after all. */
  putBack(candidate: Candidate): void;
  /** Whether a slot may go on after a message; never rejects. */
  mayGoOn(leased: Leased): Promise<boolean>;
  /** What was seen is out of date. */
  lookAgain(): void;
  /** Something failed; what is under way is brought to its end. */
  fail(error: unknown): void;
  /** Messages that are in a slot of this process. */
  readonly held: Set<string>;
  /** Told of every attempt. */
  readonly onAttempt: (delivered: boolean) => void;
}

/** The work of slots. */
export interface SlotWork {
  /**
   * Works in a slot, beginning with a message; as a probe where a breaker is
   * given. Rejects with a fault of the store, or with a bug.
   */
  run(
    slot: number,
    candidate: Candidate,
    breakerRaw: string | null,
  ): Promise<void>;
}

/** A message that is leased, and where it goes. */
interface Bound {
  readonly leased: Leased;
  readonly to: Target;
}

/** What became of a message after its attempt. */
type Ended =
  | "written"
  /** Somebody else's by then. */
  | "lost"
  /** Too large for its end, and told as that. */
  | "removed";

/** Messages that somebody else took before one is finished alone. */
const TAKEN = 3;

/** Makes {@linkcode SlotWork}. */
export function createSlotWork(context: SlotContext): SlotWork {
  const { merchantId, delivery, keeper, queue, log, next, held } = context;

  /**
   * Ends a message that is too large for the store. Whatever else is wrong is
   * not the message's fault, and must not kill it.
   */
  async function removeBad(candidate: Candidate, error: unknown) {
    if (!(error instanceof RangeError)) throw error;
    await queue.remove(merchantId, candidate);
  }

  /** Leases a message into a free slot, or another one that waits for it. */
  async function lease(
    slot: number,
    first: Candidate,
    breakerRaw: string | null,
  ): Promise<Bound | null> {
    let candidate: Candidate | null = first;
    while (candidate !== null) {
      const to = context.target();
      if (to === null) return null;
      try {
        const end = await delivery.lease(candidate, slot, to, breakerRaw);
        if (end.kind === "leased") return { leased: end.leased, to };
        if (end.kind !== "message-taken") {
          if (breakerRaw === null) context.putBack(candidate);
          if (end.kind === "changed") context.lookAgain();
          return null;
        }
      } catch (error) {
        await removeBad(candidate, error);
      }
      candidate = breakerRaw === null ? await next(slot) : null;
    }
    return null;
  }

  /** What an attempt says about the endpoint. */
  async function conclude(
    { leased: { token }, verdict }: Attempted,
    { record: { endpoint_id } }: Target,
  ): Promise<void> {
    try {
      if (verdict.kind === "gone") return await keeper.gone(endpoint_id);
      const ok = verdict.kind === "delivered";
      await keeper.note(endpoint_id, { ok, owner: token });
    } catch (error) {
      // The message is finished all the same, if that can be had.
      context.fail(error);
    }
  }

  /** Finishes a message alone. */
  async function finishAlone(attempted: Attempted): Promise<Ended> {
    try {
      const { kind } = await delivery.finish(attempted, null);
      return kind === "finished" ? "written" : "lost";
    } catch (error) {
      const { candidate, raw } = attempted.leased;
      await removeBad({ ...candidate, raw }, error);
      return "removed";
    }
  }

  /** Finishes a message; the next one, leased, if there is one to go on with. */
  async function finish(
    attempted: Attempted,
    slot: number,
  ): Promise<{ ended: Ended; bound: Bound | null }> {
    const mayGoOn = await context.mayGoOn(attempted.leased);
    let following = mayGoOn ? await next(slot) : null;
    for (let taken = 1; following !== null; taken++) {
      const to = context.target();
      if (to === null) break;
      const candidate: Candidate = following;
      let end;
      try {
        end = await delivery.finish(attempted, { candidate, target: to });
      } catch (error) {
        context.putBack(candidate);
        if (error instanceof StoreUnavailableError) throw error;
        // One of the two is too large for the store, or there is a bug: each
        // for itself, so that what was delivered is not sent again.
        if (!(error instanceof RangeError)) context.fail(error);
        break;
      }
      if (end.kind === "finished") {
        const { leased } = end;
        return { ended: "written", bound: leased && { leased, to } };
      }
      if (end.kind !== "message-taken") context.putBack(candidate);
      if (end.kind === "lost") return { ended: "lost", bound: null };
      if (end.kind === "changed") {
        context.lookAgain();
        break;
      }
      following = taken < TAKEN ? await next(slot) : null;
    }
    return { ended: await finishAlone(attempted), bound: null };
  }

  function tell({ next }: Attempted, ended: Ended): void {
    const { callback_id: callbackId, status, dead_reason: reason = "" } = next;
    if (ended === "lost") {
      log("warn", "callback lease was lost", { callbackId, merchantId });
    } else if (ended === "written" && status === "dead") {
      log("warn", "callback dead", { callbackId, merchantId, reason });
    }
  }

  return {
    async run(slot, candidate, breakerRaw) {
      let now = await lease(slot, candidate, breakerRaw);
      while (now !== null) {
        const { leased, to }: Bound = now;
        const { id } = leased.candidate;
        held.add(id);
        try {
          const attempted = await delivery.attempt(leased, to);
          if (attempted === null) return;
          context.onAttempt(attempted.verdict.kind === "delivered");
          await conclude(attempted, to);
          const { ended, bound } = await finish(attempted, slot);
          tell(attempted, ended);
          now = bound;
        } finally {
          held.delete(id);
        }
      }
    },
  };
}
