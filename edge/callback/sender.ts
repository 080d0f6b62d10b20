/**
 * The port to the merchants' servers: one signed POST, one answer, within one
 * deadline. What comes back is hostile until shown otherwise.
 *
 * @module
 */

import type { TlsFault } from "../base/network_fault.ts";

/** Why there was no answer. */
export type SendFault =
  /** The name does not resolve. */
  | "dns"
  /** It resolves to an address that callbacks do not go to, or to none. */
  | "address"
  /** No connection could be made. */
  | "connect"
  /** The certificate or the handshake was no good. */
  | "tls"
  /** The deadline passed before the answer was whole. */
  | "timeout"
  /** The connection broke, or what came is no HTTP. */
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
    /** The header of that name, if there is one. */
    readonly retryAfter?: string;
    /** At most the first 16 kB of the body; what is beyond is not read. */
    readonly body: Uint8Array;
    readonly durationMs: number;
  }
  | {
    readonly kind: "failed";
    readonly fault: SendFault;
    /** What was wrong, where the fault is `tls`. */
    readonly tls?: TlsFault;
    readonly durationMs: number;
  };

/** Why a URL cannot be an endpoint. */
export type UrlFault =
  /** Not an absolute https URL (or http, where development allows it). */
  | "form"
  /** The name does not resolve now. */
  | "dns"
  /** Not every address of it is public unicast. */
  | "address";

/** Sends callbacks. */
export interface Sender {
  /** One attempt; never rejects for what the other side does. */
  send(request: SendRequest): Promise<SendOutcome>;
  /** Whether callbacks may go to a URL now: `null`, or why not. */
  check(url: string): Promise<UrlFault | null>;
  /** Lets go of idle connections. */
  close(): Promise<void>;
}
