/**
 * A merchant's client of the API, as small as a till needs it. An answer that
 * is none of the API's, and silence, are `null`: nobody knows what happened.
 *
 * @module
 */

import { z } from "zod";

/** What the till looks at, of a success and of a problem. */
const answerBody = z.object({
  /** Stable code of a problem. */
  code: z.string().optional(),
  retry: z.string().optional(),
  cashier: z.object({ en: z.string() }).optional(),
  next_query_seconds: z.number().optional(),
  /** A word in a success, the HTTP status in a problem. */
  status: z.union([z.string(), z.number()]).optional(),
  endpoint_id: z.string().optional(),
  secret: z.string().optional(),
  detail: z.string().optional(),
  decline_reason: z.string().optional(),
});

/** An answer of the API. */
export interface Answer {
  readonly status: number;
  readonly body: z.infer<typeof answerBody>;
  readonly retryAfterSeconds: number;
}

/** Makes one call. */
export type Call = (
  method: string,
  path: string,
  body?: unknown,
) => Promise<Answer | null>;

/** The edge answers a payment within its ledger's time, about ten seconds. */
const TIMEOUT_MS = 20_000;

/** A client with a merchant's key. */
export function createCall(origin: string, key: string): Call {
  return async (method, path, body) => {
    try {
      const response = await fetch(origin + path, {
        method,
        headers: {
          authorization: `Bearer ${key}`,
          ...(body !== undefined && { "content-type": "application/json" }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      const { status, headers } = response;
      const retryAfterSeconds = Number(headers.get("retry-after") ?? 1) || 1;
      const parsed = answerBody.parse(await response.json());
      return { status, body: parsed, retryAfterSeconds };
    } catch {
      return null;
    }
  };
}
