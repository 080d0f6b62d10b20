/**
 * A merchant's callback endpoint: where messages go, and the secrets that sign
 * them.
 *
 * @module
 */

import type { CallerOf } from "../merchant/authentication.ts";
import type { Refusal } from "../outcome.ts";
import type { Attempt, EndpointView } from "./record.ts";

/** An endpoint and, where one was made just now, its secret: shown this once. */
export interface PutEndpoint {
  readonly endpoint: EndpointView;
  /** Whether it is a new one, with a new secret. */
  readonly created: boolean;
  /** `whsec_` and base64. */
  readonly secret?: string;
}

/** What came of a test message. */
export interface EndpointTest {
  /** Whether the answer was a 2xx. */
  readonly delivered: boolean;
  readonly attempt: Attempt;
}

/** The use cases of an endpoint. */
export interface CallbackEndpoints {
  /**
   * Sets the endpoint's URL. The same URL again changes nothing, but that a
   * disabled endpoint is active again; another URL is a new endpoint with a new
   * secret, and messages that wait go to it.
   */
  put(
    caller: CallerOf<"merchant">,
    url: string,
  ): Promise<PutEndpoint | Refusal>;
  /** The endpoint, or `not-found`. */
  get(caller: CallerOf<"merchant">): Promise<EndpointView | Refusal>;
  /** Removes it; again and again with one result. What waits, waits on. */
  remove(caller: CallerOf<"merchant">): Promise<null | Refusal>;
  /** A new secret; the one before it signs too for 24 h. */
  rotate(
    caller: CallerOf<"merchant">,
  ): Promise<{ endpoint: EndpointView; secret: string } | Refusal>;
  /** Sends `endpoint.test` now, past every queue; disabled or not. */
  test(caller: CallerOf<"merchant">): Promise<EndpointTest | Refusal>;
}
