/**
 * What a merchant may see of its callbacks and have sent again. What belongs
 * to another merchant does not exist.
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
  /** Sends all of a range again, behind what else is due. */
  replayRange(
    caller: CallerOf<"merchant">,
    range: ReplayRange,
  ): Promise<Replayed | Refusal>;
}

/** Makes the {@linkcode Callbacks} use cases. */
export function createCallbacks(deps: ReplayDeps): Callbacks {
  /** What `ask` gives for the caller's merchant, if the caller may still ask. */
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
