/**
 * The port to the merchants' servers: one signed POST, one answer, within one
 * deadline. Every answer is treated as hostile input.
 *
 * @module
 */

import type { TlsFault } from "../base/network_fault.ts";

/** Why there was no answer. */
export type SendFault =
  /** The name does not resolve. */
  | "dns"
  /** The name has no address, or one that callbacks must not be sent to. */
  | "address"
  /** No connection could be made. */
  | "connect"
  /** The TLS handshake failed, or the certificate was not accepted. */
  | "tls"
  /** The deadline passed before the answer was whole. */
  | "timeout"
  /** The connection broke, or the answer is not valid HTTP. */
  | "broken";

/** What is sent. */
export interface SendRequest {
  readonly url: string;
  /** `webhook-id`, `webhook-timestamp`, `webhook-signature`. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What came back. */
export type SendOutcome =
  | {
    readonly kind: "answered";
    readonly status: number;
    /** The answer's `Retry-After` header, if it has one. */
    readonly retryAfter?: string;
    /** The first 16 kB of the body at most; the rest is not read. */
    readonly body: Uint8Array;
    readonly durationMs: number;
  }
  | {
    readonly kind: "failed";
    readonly fault: SendFault;
    /** What was wrong with TLS; only where `fault` is `tls`. */
    readonly tls?: TlsFault;
    readonly durationMs: number;
  };

/** Why a URL cannot be an endpoint. */
export type UrlFault =
  /** Not an absolute https URL (or http, where development allows it). */
  | "form"
  /** The host name does not resolve at present. */
  | "dns"
  /** At least one address of the host is not public unicast. */
  | "address";

/** Sends callbacks. */
export interface Sender {
  /**
   * Makes one attempt. Whatever the other side does is an outcome, never a
   * rejection.
   */
  send(request: SendRequest): Promise<SendOutcome>;
  /** Why callbacks may not go to a URL at present, or `null` if they may. */
  check(url: string): Promise<UrlFault | null>;
  /** Closes idle connections. */
  close(): Promise<void>;
}
