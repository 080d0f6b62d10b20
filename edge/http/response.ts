/**
 * The response of a success: JSON that nobody may cache.
 *
 * @module
 */

import type { Ctx } from "./context.ts";

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
  c.set("isComplete", true);
  return new Response(JSON.stringify(body), {
    status,
    headers: {
      "content-type": "application/json",
      "cache-control": "no-store",
      "x-request-id": c.get("requestId"),
      "x-content-type-options": "nosniff",
    },
  });
}

/** 204: done, nothing to say. */
export function noContent(): Response {
  return new Response(null, {
    status: 204,
    headers: { "cache-control": "no-store" },
  });
}
