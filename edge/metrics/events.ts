/**
 * Counts the warnings and errors that go to the log, so that whatever the log names has
 * a metric as well. The labels of an event come from the table below and never from a
 * log line, because a line may name a payment or a merchant, and a label must not.
 *
 * @module
 */

import type { Field, Log } from "../base/log.ts";

/** How an event of the log is counted. */
interface CountedEvent {
  readonly event: string;
  /** The field of the line that says why. */
  readonly why?: string;
  /** What that field may say; every other word is counted as `other`. */
  readonly reasons?: readonly string[];
}

/** The kinds of faults of a store. */
export const STORE_FAULTS: readonly string[] = [
  ...["unreachable", "timeout", "locked", "full", "read-only", "corrupt"],
  ...["closed", "refused"],
];
const SEAL_FAULTS = ["unknown-key", "tampered", "malformed"];
const ofStore = (event: string): CountedEvent => ({
  event,
  why: "fault",
  reasons: STORE_FAULTS,
});

/** The events by the message of their line in the log. */
export const EVENTS: Readonly<Record<string, CountedEvent>> = {
  "store unavailable": ofStore("store_unavailable"),
  "store is not set as payments need it": {
    event: "store_settings",
    why: "code",
    reasons: [
      ...["store-evicts", "store-not-durable", "store-too-old"],
      "store-settings-unknown",
    ],
  },
  "store must not be used": { event: "store_refused" },
  "sealed seed does not open": {
    event: "seed_sealed",
    why: "reason",
    reasons: SEAL_FAULTS,
  },
  "record of an API key was not made with these master keys": {
    event: "key_record_foreign",
  },
  "bucket too large for the core's memory": { event: "bucket_too_large" },
  "code matched several credentials": { event: "code_ambiguous" },
  "code shown at two merchants": { event: "code_at_two_merchants" },
  "callback endpoint disabled": {
    event: "callback_endpoint_disabled",
    why: "reason",
    reasons: ["gone", "failing"],
  },
  "callback breaker open": { event: "callback_breaker_open" },
  "callback dead": {
    event: "callback_dead",
    why: "reason",
    reasons: ["too large", "its record cannot be read"],
  },
  "callback lease was lost": { event: "callback_lease_lost" },
  "callback secret does not open": {
    event: "callback_secret_sealed",
    why: "reason",
    reasons: SEAL_FAULTS,
  },
  "callback could not be sent": { event: "bug" },
  "dispatch ended early": ofStore("dispatch_ended_early"),
  "sweep of events ended early": ofStore("event_sweep_ended_early"),
  "closed bill is not what it was": { event: "closed_bill_changed" },
  "sweep of seeds ended early": ofStore("seed_sweep_ended_early"),
  "destroyed seeds cannot be followed": ofStore("destroyed_seeds_unread"),
  "sweep ended early": ofStore("sweep_ended_early"),
  "the ledger gave no answer": {
    event: "ledger_silent",
    why: "fault",
    reasons: [
      ...["timeout", "unreachable", "status", "content-type", "too-long"],
      ...["garbage", "other-payment", "other-word"],
    ],
  },
  "core switch cannot be read": ofStore("core_switch_unread"),
  "core switch cannot be followed": { event: "bug" },
  "active core release cannot serve here": { event: "core_release_unfit" },
  "core release in shadow cannot run here": { event: "core_shadow_unfit" },
  "core in shadow differs, and is retired": {
    event: "core_shadow_differs",
    why: "difference",
    reasons: ["open", "load", "search", "sample", "tag", "silent", "worker"],
  },
  "move of buckets ended early": { event: "bug" },
  "unexpected error": { event: "bug" },
  "unexpected error behind a claim": { event: "bug" },
};

/** An event that has no entry in the table. */
const UNKNOWN: CountedEvent = { event: "other" };

/** The labels of an event. */
export interface EventLabels {
  readonly event: string;
  /** Empty if an event has no reasons. */
  readonly reason: string;
}

/**
 * The labels of every event that can be counted. Each of these series begins
 * with 0, because Prometheus sees no increase where a series first appears with
 * the value 1.
 */
export function allEventLabels(): EventLabels[] {
  return [...Object.values(EVENTS), UNKNOWN].flatMap(({ event, reasons }) =>
    reasons === undefined
      ? [{ event, reason: "" }]
      : [...reasons, "other"].map((reason) => ({ event, reason }))
  );
}

function labelsOf(
  message: string,
  fields: Readonly<Record<string, Field>>,
): EventLabels {
  const { event, why, reasons } = Object.hasOwn(EVENTS, message)
    ? EVENTS[message]!
    : UNKNOWN;
  if (why === undefined || reasons === undefined) return { event, reason: "" };
  const reason = String(fields[why]);
  return { event, reason: reasons.includes(reason) ? reason : "other" };
}

/** A log that counts warnings and errors before it writes them. */
export function countedLog(
  log: Log,
  count: (labels: EventLabels) => void,
): Log {
  return (level, message, fields = {}) => {
    if (level !== "info") count(labelsOf(message, fields));
    log(level, message, fields);
  };
}
