/**
 * The calls by which a merchant lists its callbacks, reads one, and has them sent
 * again. A callback of another merchant is answered as `not-found`.
 *
 * @module
 */

import { camelNames } from "../../base/spelling.ts";
import { isId } from "../../base/ids.ts";
import { type Refusal, refused } from "../../base/outcome.ts";
import type { CallerOf } from "../../merchant/authentication.ts";
import { readForCaller } from "../message/read_for_caller.ts";
import type { CallbackDetail, CallbackView } from "../message/record.ts";
import {
  earlierAttempts,
  endpoints,
  messageOf,
  messages,
  viewCallback,
} from "../message/stored.ts";
import {
  type CallbackPage,
  type CallbackQuery,
  listCallbacks,
} from "./list.ts";
import {
  type ReplayDeps,
  type Replayed,
  replayOne,
  type ReplayRange,
  replayRange,
} from "./replay.ts";

/** The use cases of callbacks. */
export interface Callbacks {
  /** A page of this merchant's callbacks. */
  list(
    caller: CallerOf<"merchant">,
    query: CallbackQuery,
  ): Promise<CallbackPage | Refusal>;
  /** One callback with its attempts, or `not-found`. */
  get(
    caller: CallerOf<"merchant">,
    callbackId: string,
  ): Promise<CallbackDetail | Refusal>;
  /** Queues one callback again under its id; a pending one becomes due now. */
  replay(
    caller: CallerOf<"merchant">,
    callbackId: string,
  ): Promise<CallbackView | Refusal>;
  /** Queues all callbacks of a range again, in the lane of replays. */
  replayRange(
    caller: CallerOf<"merchant">,
    range: ReplayRange,
  ): Promise<Replayed | Refusal>;
}

/** Makes the {@linkcode Callbacks} use cases. */
export function createCallbacks(deps: ReplayDeps): Callbacks {
  /**
   * Calls `ask` with the caller's merchant, or refuses a caller whose key was
   * withdrawn.
   */
  async function forCaller<T>(
    caller: CallerOf<"merchant">,
    ask: (merchantId: string) => Promise<T>,
  ): Promise<T | Refusal> {
    const may = await readForCaller(deps, caller, []);
    if ("kind" in may) return may;
    return await ask(caller.merchant.record.merchant_id);
  }

  return {
    list: (caller, query) =>
      forCaller(caller, (id) => listCallbacks(deps.store, id, query)),
    get: (caller, callbackId) => getCallback(deps, caller, callbackId),
    replay: (caller, callbackId) =>
      forCaller(caller, (id) => replayOne(deps, id, callbackId)),
    replayRange: (caller, range) =>
      forCaller(caller, (id) => replayRange(deps, id, range)),
  };
}

async function getCallback(
  deps: ReplayDeps,
  caller: CallerOf<"merchant">,
  callbackId: string,
): Promise<CallbackDetail | Refusal> {
  if (!isId("cb", callbackId)) return refused("not-found");
  const { merchant_id } = caller.merchant.record;
  const found = await readForCaller(deps, caller, [
    messages(callbackId),
    earlierAttempts(callbackId),
    endpoints(merchant_id),
  ]);
  if ("kind" in found) return found;
  const [held, earlier, endpoint] = found;
  const record = messageOf(held, callbackId, merchant_id);
  if (record === null) return refused("not-found");
  const attempts = [
    ...earlier.value ?? [],
    ...record.last_attempt === undefined ? [] : [record.last_attempt],
  ];
  return {
    ...viewCallback(record, endpoint),
    payload: record.payload,
    attempts: attempts.map(camelNames),
    attemptsDropped: Math.max(0, record.attempts - attempts.length),
  };
}
