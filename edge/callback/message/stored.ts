/**
 * Reads stored callbacks. A record that cannot be read is nobody's reason to
 * stop: it is `null`, and what is to become of it is decided by who asked.
 *
 * @module
 */

import { LANES } from "./lanes.ts";
import type {
  Attempt,
  CallbackRecord,
  CallbackView,
  EndpointRecord,
} from "./record.ts";

const STATUSES: readonly string[] = ["pending", "delivered", "dead"];
const LANE_NAMES: readonly string[] = LANES;

/** The record of an id, or `null` where it is none. */
export function parseCallback(
  id: string,
  raw: string | null | undefined,
): CallbackRecord | null {
  const it = parse(raw) as Partial<CallbackRecord> | null;
  const isWhole = it !== null && it.callback_id === id &&
    typeof it.merchant_id === "string" && typeof it.order_id === "string" &&
    typeof it.payment_id === "string" && typeof it.type === "string" &&
    typeof it.payload === "string" && it.payload !== "" &&
    STATUSES.includes(it.status ?? "") && LANE_NAMES.includes(it.lane ?? "") &&
    isCount(it.tries) && isCount(it.attempts) && isCount(it.due_ms) &&
    isCount(Date.parse(it.created_at ?? "")) &&
    (it.last_attempt === undefined ||
      typeof it.last_attempt === "object" && it.last_attempt !== null);
  return isWhole ? it as CallbackRecord : null;
}

/** The attempts before the latest; none where they cannot be read. */
export function parseAttempts(raw: string | null): readonly Attempt[] {
  const list = parse(raw);
  return Array.isArray(list) ? list : [];
}

function parse(raw: string | null | undefined): unknown {
  if (raw == null) return null;
  try {
    const value: unknown = JSON.parse(raw);
    return typeof value === "object" ? value : null;
  } catch {
    return null;
  }
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** Whether an endpoint takes messages. */
export function takesMessages(endpointRaw: string | null): boolean {
  if (endpointRaw === null) return false;
  return (JSON.parse(endpointRaw) as EndpointRecord).status === "active";
}

/** A callback as its merchant sees it in a list. */
export function viewCallback(
  record: CallbackRecord,
  endpointRaw: string | null,
): CallbackView {
  const { dead_reason, ended_at } = record;
  return {
    callback_id: record.callback_id,
    type: record.type,
    status: record.status,
    order_id: record.order_id,
    payment_id: record.payment_id,
    tries: record.tries,
    ...(record.status === "pending" && takesMessages(endpointRaw) &&
      { next_attempt_at: new Date(record.due_ms).toISOString() }),
    ...(dead_reason !== undefined && { dead_reason }),
    created_at: record.created_at,
    ...(ended_at !== undefined && { ended_at }),
  };
}
