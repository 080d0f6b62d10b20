/**
 * What is stored of a merchant's callback endpoint, of a message to it and of
 * the attempts to deliver it, and what the merchant sees.
 *
 * A merchant has one endpoint. Messages are kept under the merchant, so that
 * what waits for an endpoint that is replaced goes to the one after it.
 *
 * @module
 */

import type { Camel } from "../../base/spelling.ts";
import type { TlsFault } from "../../base/network_fault.ts";
import type { SendFault } from "../sender.ts";

/** What a callback tells. */
export type CallbackType =
  | "payment.succeeded"
  | "payment.declined"
  | "payment.reversed";

/** Why an endpoint gets nothing any more. */
export type DisabledReason =
  /** It answered 410. */
  | "gone"
  /** Nothing but failures for five days. */
  | "failing";

/** A secret that goes on signing after a rotation. */
export interface PromisedSecret {
  /** Sealed. */
  readonly secret: string;
  /** Until when it signs, unix ms. */
  readonly until_ms: number;
}

/** Stored under the merchant id. Changes rarely: payments check it. */
export interface EndpointRecord {
  readonly endpoint_id: string;
  readonly url: string;
  readonly status: "active" | "disabled";
  readonly disabled_reason?: DisabledReason;
  /** Standard Webhooks secret, sealed under the keyring. */
  readonly secret: string;
  /** The secret before the last rotation, sealed; signs beside the other. */
  readonly previous_secret?: string;
  /** Until when it does, unix ms. */
  readonly previous_until_ms?: number;
  /** The secrets before that one which still sign, latest first. */
  readonly earlier_secrets?: readonly PromisedSecret[];
  /** RFC 3339. */
  readonly created_at: string;
  /** RFC 3339. */
  readonly updated_at: string;
}

/** The state of a message. */
export type CallbackStatus = "pending" | "delivered" | "dead";

/** Which of a merchant's queues a message waits in; the first goes first. */
export type Lane = "first" | "retry" | "replay";

/** Stored under the callback id. */
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
  /** Attempts of the schedule that were spent since it was queued. */
  readonly tries: number;
  /** Attempts that ended, of whatever kind; rises with every one. */
  readonly attempts: number;
  /** When the next attempt is due, unix ms; while pending. */
  readonly due_ms: number;
  /** Differs for each replay, so that a replay knows its own writing. */
  readonly replay?: string;
  /** Who is delivering it, and until when nobody else may, unix ms. */
  readonly lease?: { readonly owner: string; readonly until_ms: number };
  /**
   * The latest attempt. Those before it have a record of their own, which most
   * messages never need.
   */
  readonly last_attempt?: Attempt;
  /** Why it is dead. */
  readonly dead_reason?: string;
  /** RFC 3339. */
  readonly created_at: string;
  /** RFC 3339; when it was delivered or died. */
  readonly ended_at?: string;
}

/** One attempt, as it is stored. */
export interface Attempt {
  /** RFC 3339; when it began. */
  readonly at: string;
  readonly duration_ms: number;
  /** HTTP status, if there was an answer. */
  readonly status?: number;
  /** Why there was none. */
  readonly error?: SendFault;
  /** What was wrong with TLS, where `error` is `tls`. */
  readonly tls_error?: TlsFault;
  /** The first 1 kB of the answer, masked and escaped. */
  readonly response?: string;
  /** A test whether a failing endpoint is back; it spends no try. */
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
  /** RFC 3339; since when nothing but failures came back. */
  readonly failingSince?: string;
  /** RFC 3339; until when the secret before the last rotation signs too. */
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
  /** Attempts of the schedule that were spent. */
  readonly tries: number;
  /** RFC 3339; while it is pending and its endpoint takes messages. */
  readonly nextAttemptAt?: string;
  readonly deadReason?: string;
  readonly createdAt: string;
  readonly endedAt?: string;
}

/** A callback with all that is known of it. */
export interface CallbackDetail extends CallbackView {
  /** What is sent, as text. */
  readonly payload: string;
  /** The latest attempts, oldest first. */
  readonly attempts: readonly AttemptView[];
  /** How many older ones are no longer kept. */
  readonly attemptsDropped: number;
}
