/**
 * The stored forms of a merchant's callback endpoint, of its messages and of the
 * attempts to deliver them, and the forms that the merchant sees.
 *
 * A merchant has one endpoint. Messages belong to the merchant and not to the
 * endpoint, so messages that wait when the endpoint is replaced go to the new
 * one.
 *
 * @module
 */

import type { Camel } from "../../base/spelling.ts";
import type { TlsFault } from "../../base/network_fault.ts";
import type { SendFault } from "../sender.ts";

/** The event that a callback reports. */
export type CallbackType =
  | "payment.succeeded"
  | "payment.declined"
  | "payment.reversed"
  | "refund.succeeded"
  | "refund.declined";

/** Why an endpoint was disabled. */
export type DisabledReason =
  /** The endpoint answered 410. */
  | "gone"
  /** Every attempt of five days failed. */
  | "failing";

/** An earlier secret, which goes on signing until its promised time. */
export interface PromisedSecret {
  /** The sealed secret. */
  readonly secret: string;
  /** Until when the secret signs, unix ms. */
  readonly until_ms: number;
}

/**
 * An endpoint, stored under the merchant id. Ends of payments check that it is
 * unchanged.
 */
export interface EndpointRecord {
  readonly endpoint_id: string;
  readonly url: string;
  readonly status: "active" | "disabled";
  readonly disabled_reason?: DisabledReason;
  /** Standard Webhooks secret, sealed under the keyring. */
  readonly secret: string;
  /**
   * The secret before the last rotation, sealed; it signs beside the current
   * one.
   */
  readonly previous_secret?: string;
  /** Until when the previous secret signs, unix ms. */
  readonly previous_until_ms?: number;
  /** Secrets older than the previous one that still sign, latest first. */
  readonly earlier_secrets?: readonly PromisedSecret[];
  /** RFC 3339. */
  readonly created_at: string;
  /** RFC 3339. */
  readonly updated_at: string;
}

/** The state of a message. */
export type CallbackStatus = "pending" | "delivered" | "dead";

/** The lane of a merchant's queue in which a message waits. */
export type Lane = "first" | "retry" | "replay";

/** A message, stored under the callback id. */
export interface CallbackRecord {
  /** Also the `webhook-id`, the same on every attempt. */
  readonly callback_id: string;
  readonly merchant_id: string;
  readonly order_id: string;
  readonly payment_id: string;
  readonly type: CallbackType;
  readonly status: CallbackStatus;
  /** The body, the same bytes on every attempt. */
  readonly payload: string;
  readonly lane: Lane;
  /**
   * Tries of the schedule that were spent since the message was queued or
   * replayed.
   */
  readonly tries: number;
  /** All attempts that have ended: tries, probes, and those before a replay. */
  readonly attempts: number;
  /** When the next attempt of a pending message is due, unix ms. */
  readonly due_ms: number;
  /**
   * A new value for each replay, by which a repeated transaction knows its own
   * write.
   */
  readonly replay?: string;
  /**
   * The delivery under way: nobody else may deliver before `until_ms` (unix
   * ms).
   */
  readonly lease?: { readonly owner: string; readonly until_ms: number };
  /**
   * The latest attempt. Earlier attempts have a record of their own: most
   * messages are delivered at once and never need it.
   */
  readonly last_attempt?: Attempt;
  /** Why the message is dead. */
  readonly dead_reason?: string;
  /** RFC 3339. */
  readonly created_at: string;
  /** RFC 3339; when the message was delivered or became dead. */
  readonly ended_at?: string;
}

/** One attempt, as it is stored. */
export interface Attempt {
  /** RFC 3339; when the attempt began. */
  readonly at: string;
  readonly duration_ms: number;
  /** HTTP status, if there was an answer. */
  readonly status?: number;
  /** Why there was no answer. */
  readonly error?: SendFault;
  /** What was wrong with TLS, where `error` is `tls`. */
  readonly tls_error?: TlsFault;
  /** The first 1 kB of the answer, masked and escaped. */
  readonly response?: string;
  /**
   * The attempt was a probe of an endpoint whose breaker is open; it spent no
   * try.
   */
  readonly probe?: true;
}

/** An attempt as the merchant sees it. */
export type AttemptView = Camel<Attempt>;

/** An endpoint as its merchant sees it. */
export interface EndpointView {
  readonly endpointId: string;
  readonly url: string;
  readonly status: "active" | "disabled";
  readonly disabledReason?: DisabledReason;
  /** RFC 3339; when the first of the failures in a row happened. */
  readonly failingSince?: string;
  /** RFC 3339; until when the secret before the last rotation also signs. */
  readonly previousSecretUntil?: string;
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** A callback as its merchant sees it in a list. */
export interface CallbackView {
  readonly callbackId: string;
  readonly type: CallbackType;
  readonly status: CallbackStatus;
  readonly orderId: string;
  readonly paymentId: string;
  /** Tries of the schedule that were spent. */
  readonly tries: number;
  /** RFC 3339; only while the message is pending and its endpoint is active. */
  readonly nextAttemptAt?: string;
  readonly deadReason?: string;
  readonly createdAt: string;
  readonly endedAt?: string;
}

/** A callback with its payload and its attempts. */
export interface CallbackDetail extends CallbackView {
  /** The body that is sent. */
  readonly payload: string;
  /** The latest attempts, oldest first. */
  readonly attempts: readonly AttemptView[];
  /** How many older attempts are no longer kept. */
  readonly attemptsDropped: number;
}
