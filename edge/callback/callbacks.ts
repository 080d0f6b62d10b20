/**
 * What a merchant may see of its callbacks and have sent again.
 *
 * @module
 */

import type { CallerOf } from "../merchant/authentication.ts";
import type { Refusal } from "../outcome.ts";
import type { CallbackDetail, CallbackStatus, CallbackView } from "./record.ts";

/** Which callbacks are asked for. */
export interface CallbackQuery {
  readonly status?: CallbackStatus;
  readonly orderId?: string;
  /** As the page before gave it. */
  readonly cursor?: string;
}

/** A page of callbacks, latest first. */
export interface CallbackPage {
  readonly callbacks: readonly CallbackView[];
  /** Asks for the page after it; absent on the last one. */
  readonly cursor?: string;
}

/** Which callbacks are to be sent again. */
export interface ReplayRange {
  /** Unix ms of their making, inclusive. */
  readonly sinceMs: number;
  /** Unix ms, inclusive. */
  readonly untilMs: number;
  /** Those that ended like this. */
  readonly status: "delivered" | "dead";
}

/** The use cases of callbacks. */
export interface Callbacks {
  /** A page of this merchant's callbacks. */
  list(
    caller: CallerOf<"merchant">,
    query: CallbackQuery,
  ): Promise<CallbackPage | Refusal>;
  /** One of them with its attempts, or `not-found`. */
  get(
    caller: CallerOf<"merchant">,
    callbackId: string,
  ): Promise<CallbackDetail | Refusal>;
  /** Sends one again under its id, soon; one that is pending becomes due now. */
  replay(
    caller: CallerOf<"merchant">,
    callbackId: string,
  ): Promise<CallbackView | Refusal>;
  /** Sends all of a range again, behind what else is due; how many. */
  replayRange(
    caller: CallerOf<"merchant">,
    range: ReplayRange,
  ): Promise<{ replayed: number } | Refusal>;
}
