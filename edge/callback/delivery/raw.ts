/**
 * Reads and writes raw texts for deliveries, until these use typed records.
 *
 * @module
 */

import { callbackEndpointKey } from "../../store/keys.ts";
import { type Check, unchanged } from "../../store/store.ts";
import type { Attempt, CallbackRecord } from "../message/record.ts";
import {
  earlierAttempts,
  endpoints,
  messages,
  takesMessages as takes,
} from "../message/stored.ts";

/** That the endpoint is still as it was read. */
export function endpointCheck(merchantId: string, raw: string | null): Check {
  return unchanged(callbackEndpointKey(merchantId), raw);
}

/** The record of an id, or `null` where it is none. */
export function parseCallback(
  id: string,
  raw: string | null,
): CallbackRecord | null {
  const { value } = messages(id).held(raw);
  return value?.callback_id === id ? value : null;
}

/** The attempts before the latest; none where they cannot be read. */
export function parseAttempts(raw: string | null): readonly Attempt[] {
  return earlierAttempts("").held(raw).value ?? [];
}

/** Whether an endpoint takes messages. */
export function takesMessages(endpointRaw: string | null): boolean {
  return takes(endpoints("").held(endpointRaw));
}

/** The text of a message. */
export function recordText(record: CallbackRecord): string {
  const write = messages("").set(record);
  return write.kind === "set" ? write.value : "";
}

/** The text of the attempts to keep. */
export function withAttempt(kept: readonly Attempt[], latest: Attempt): string {
  const write = earlierAttempts("").set([...kept, latest]);
  return write.kind === "set" ? write.value : "";
}
