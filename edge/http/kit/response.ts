/**
 * The response of a success: JSON that nobody may cache; and of an outcome that
 * may be none.
 *
 * @module
 */

import type { Refusal } from "../../base/outcome.ts";
import { type Ctx, isRefusal, refuse } from "./context.ts";

/**
 * `body` as JSON with `status` and every header of a response, so that the
 * application need not add its own: a change of headers that are made costs
 * as much as making them.
 */
export function jsonResponse(
  c: Ctx,
  status: 200 | 201 | 202,
  body: unknown,
): Response {
  return jsonTextResponse(c, status, JSON.stringify(body));
}

/** The same for a body that is JSON already. */
export function jsonTextResponse(
  c: Ctx,
  status: 200 | 201 | 202,
  text: string,
): Response {
  c.set("isComplete", true);
  return new Response(text, {
    status,
    headers: {
      "content-type": "application/json",
      "cache-control": "no-store",
      "x-request-id": c.get("requestId"),
      "x-content-type-options": "nosniff",
    },
  });
}

/** What a use case answered, as it is, or the problem document of its refusal. */
export function outcomeResponse<T extends object>(
  c: Ctx,
  status: 200 | 201 | 202,
  outcome: T | Refusal,
): Response {
  return isRefusal(outcome)
    ? refuse(c, outcome)
    : jsonResponse(c, status, outcome);
}

/** 204: done, nothing to say. */
export function noContent(): Response {
  return new Response(null, {
    status: 204,
    headers: { "cache-control": "no-store" },
  });
}
