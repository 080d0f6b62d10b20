/**
 * Where callbacks, their endpoints and their queues are stored, and how they are
 * read.
 *
 * A stored callback that is damaged is read as `null` instead of throwing, so
 * that one damaged record cannot stop the delivery of the others. The reader
 * decides what to do with it.
 *
 * @module
 */

import { isId } from "../../base/ids.ts";
import { indexKind, IndexPlace } from "../../store/indexes.ts";
import {
  CALLBACK_TTL_MS,
  callbackAttemptsKey,
  callbackEndpointKey,
  callbackKey,
  callbackLaneKey,
  callbackRevisionKey,
  callbacksKey,
  deadCallbacksKey,
  DUE_CALLBACKS_KEY,
} from "../../store/keys.ts";
import {
  type Form,
  type Held,
  json,
  plainText,
  readRecords,
  recordKind,
} from "../../store/record.ts";
import type { Store } from "../../store/store.ts";
import { LANES } from "./lanes.ts";
import type {
  Attempt,
  CallbackRecord,
  CallbackView,
  EndpointRecord,
} from "./record.ts";

/** Attempts kept besides the latest one, which is in the message's own record. */
const KEPT_ATTEMPTS = 29;
/**
 * The largest stored callback; well below the largest value that the store
 * takes.
 */
const MOST_BYTES = 60_000;
/** The shortest time that a callback is kept after its last change. */
const LEAST_TTL_MS = 4 * 86_400_000;

const STATUSES: readonly string[] = ["pending", "delivered", "dead"];
const LANE_NAMES: readonly string[] = LANES;

const messageForm: Form<CallbackRecord> = {
  write: messageText,
  read: (text) => {
    const value = parseObject(text) as Partial<CallbackRecord> | null;
    return value !== null && isWhole(value) ? value : null;
  },
};

const attemptsForm: Form<readonly Attempt[]> = {
  write: (attempts) => {
    let kept = attempts.slice(-KEPT_ATTEMPTS);
    while (!fits(JSON.stringify(kept))) kept = kept.slice(1);
    return JSON.stringify(kept);
  },
  read: (text) => {
    const list = parseObject(text);
    return Array.isArray(list) ? list : null;
  },
};

/** Callbacks by their id. Each is kept for {@linkcode messageTtlMs}. */
export const messages = recordKind({
  key: callbackKey,
  form: messageForm,
  ttlMs: CALLBACK_TTL_MS,
});

/** The attempts of a callback before its latest one, oldest first. */
export const earlierAttempts = recordKind({
  key: callbackAttemptsKey,
  form: attemptsForm,
  ttlMs: CALLBACK_TTL_MS,
});

/** Endpoints by their merchant. */
export const endpoints = recordKind({
  key: callbackEndpointKey,
  form: json<EndpointRecord>(),
});

/**
 * A revision of each merchant's lanes. It changes whenever a message may have
 * become due earlier than before.
 */
export const laneRevisions = recordKind({
  key: callbackRevisionKey,
  form: plainText,
  ttlMs: CALLBACK_TTL_MS,
});

/** The messages that wait in a lane of a merchant, by when they are due. */
export const lanes = indexKind(callbackLaneKey);
/** All callbacks of a merchant, latest first. */
export const callbackLists = indexKind(callbacksKey);
/** The dead callbacks of a merchant, latest first. */
export const deadLists = indexKind(deadCallbacksKey);
/** The merchants with callbacks, by when their queues are to be looked at. */
export const DUE_MERCHANTS = new IndexPlace(DUE_CALLBACKS_KEY);

/** How much longer a callback is kept, in ms; at least four days. */
export function messageTtlMs(record: CallbackRecord, nowMs: number): number {
  const untilMs = Date.parse(record.created_at) + CALLBACK_TTL_MS;
  return Math.max(untilMs - nowMs, LEAST_TTL_MS);
}

/**
 * The callback that was read, or `null` if it has another id or another
 * merchant.
 */
export function messageOf(
  { value }: Held<CallbackRecord>,
  id: string,
  merchantId: string,
): CallbackRecord | null {
  const isOwn = value?.callback_id === id && value.merchant_id === merchantId;
  return isOwn ? value : null;
}

/** A callback as it was read. */
export interface StoredMessage {
  readonly record: CallbackRecord;
  readonly held: Held<CallbackRecord>;
}

/**
 * The callbacks with the given ids that belong to the merchant, and its endpoint,
 * as one snapshot.
 */
export async function readMessages(
  store: Store,
  merchantId: string,
  ids: readonly string[],
): Promise<{
  readonly endpoint: Held<EndpointRecord, "merchant">;
  readonly found: ReadonlyMap<string, StoredMessage>;
}> {
  const named = ids.filter((id) => isId("cb", id));
  const [endpoint, ...held] = await readRecords(store, [
    endpoints(merchantId),
    ...named.map((id) => messages(id)),
  ]);
  const found = new Map<string, StoredMessage>();
  for (const [i, id] of named.entries()) {
    const record = messageOf(held[i]!, id, merchantId);
    if (record !== null) found.set(id, { record, held: held[i]! });
  }
  return { endpoint, found };
}

/** Whether an endpoint takes messages. */
export function takesMessages(
  { value }: Held<EndpointRecord, "merchant">,
): boolean {
  return value?.status === "active";
}

/** A callback as its merchant sees it in a list. */
export function viewCallback(
  record: CallbackRecord,
  endpoint: Held<EndpointRecord, "merchant">,
): CallbackView {
  const { dead_reason, ended_at } = record;
  return {
    callbackId: record.callback_id,
    type: record.type,
    status: record.status,
    orderId: record.order_id,
    paymentId: record.payment_id,
    tries: record.tries,
    ...(record.status === "pending" && takesMessages(endpoint) &&
      { nextAttemptAt: new Date(record.due_ms).toISOString() }),
    ...(dead_reason !== undefined && { deadReason: dead_reason }),
    createdAt: record.created_at,
    ...(ended_at !== undefined && { endedAt: ended_at }),
  };
}

/**
 * The stored text of a callback. The last attempt is left out if it would be
 * too large.
 */
function messageText(record: CallbackRecord): string {
  const text = JSON.stringify(record);
  if (fits(text)) return text;
  const { last_attempt: _, ...rest } = record;
  return JSON.stringify(rest);
}

function fits(text: string): boolean {
  // A UTF-16 unit has at most three bytes in UTF-8, so most texts need no encoding.
  return text.length * 3 <= MOST_BYTES ||
    new TextEncoder().encode(text).length <= MOST_BYTES;
}

function isWhole(it: Partial<CallbackRecord>): it is CallbackRecord {
  return typeof it.callback_id === "string" &&
    typeof it.merchant_id === "string" && typeof it.order_id === "string" &&
    typeof it.payment_id === "string" && typeof it.type === "string" &&
    typeof it.payload === "string" && it.payload !== "" &&
    STATUSES.includes(it.status ?? "") && LANE_NAMES.includes(it.lane ?? "") &&
    isCount(it.tries) && isCount(it.attempts) && isCount(it.due_ms) &&
    isCount(Date.parse(it.created_at ?? "")) &&
    (it.last_attempt === undefined ||
      typeof it.last_attempt === "object" && it.last_attempt !== null);
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function parseObject(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" ? value : null;
  } catch {
    return null;
  }
}
