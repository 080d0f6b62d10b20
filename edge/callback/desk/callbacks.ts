/**
 * What a merchant may see of its callbacks and have sent again. What belongs
 * to another merchant does not exist.
 *
 * @module
 */

import type { Clock, Random } from "../../base/clock.ts";
import { isId } from "../../base/ids.ts";
import { type CallerOf, refuseCaller } from "../../merchant/authentication.ts";
import { type Refusal, refused } from "../../base/outcome.ts";
import {
  callbackAttemptsKey,
  callbackEndpointKey,
  callbackKey,
  merchantKey,
} from "../../store/keys.ts";
import type { Store } from "../../store/store.ts";
import {
  type CallbackPage,
  type CallbackQuery,
  createLister,
} from "./lister.ts";
import type { CallbackDetail, CallbackView } from "../message/record.ts";
import { createReplayer, type Replayed, type ReplayRange } from "./replayer.ts";
import {
  parseAttempts,
  parseCallback,
  viewCallback,
} from "../message/stored.ts";

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
export function createCallbacks(deps: {
  store: Store;
  clock: Clock;
  random: Random;
  /** Called with a merchant whose messages may be due now. */
  onDue?: (merchantId: string) => void;
}): Callbacks {
  const { store, clock } = deps;
  const lister = createLister(deps);
  const replayer = createReplayer(deps);

  /** Whether the caller may still ask, by the record as it is now. */
  async function refuse(
    caller: CallerOf<"merchant">,
  ): Promise<Refusal | null> {
    const key = merchantKey(caller.merchant.record.merchant_id);
    const [raw] = (await store.read({ keys: [key] })).values;
    return refuseCaller(caller, raw, clock.nowMs());
  }

  return {
    async list(caller, query) {
      return await refuse(caller) ??
        await lister.list(caller.merchant.record.merchant_id, query);
    },

    async get(caller, callbackId) {
      if (!isId("cb", callbackId)) return refused("not-found");
      const { merchant_id } = caller.merchant.record;
      const [rawMerchant, raw = null, attemptsRaw = null, endpointRaw = null] =
        (await store.read({
          keys: [
            merchantKey(merchant_id),
            callbackKey(callbackId),
            callbackAttemptsKey(callbackId),
            callbackEndpointKey(merchant_id),
          ],
        })).values;
      const no = refuseCaller(caller, rawMerchant, clock.nowMs());
      if (no !== null) return no;
      const record = parseCallback(callbackId, raw);
      if (record?.merchant_id !== merchant_id) return refused("not-found");
      const { last_attempt } = record;
      const attempts = [
        ...parseAttempts(attemptsRaw),
        ...(last_attempt === undefined ? [] : [last_attempt]),
      ];
      return {
        ...viewCallback(record, endpointRaw),
        payload: record.payload,
        attempts,
        attempts_dropped: Math.max(0, record.attempts - attempts.length),
      };
    },

    async replay(caller, callbackId) {
      const { merchant_id } = caller.merchant.record;
      return await refuse(caller) ??
        await replayer.replay(merchant_id, callbackId);
    },

    async replayRange(caller, range) {
      const { merchant_id } = caller.merchant.record;
      return await refuse(caller) ??
        await replayer.replayRange(merchant_id, range);
    },
  };
}
