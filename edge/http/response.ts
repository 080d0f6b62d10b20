/**
 * The response of a success: JSON that nobody may cache.
 *
 * @module
 */

/** `body` as JSON with `status` and `cache-control: no-store`. */
export function jsonResponse(status: 200 | 201 | 202, body: unknown): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: {
      "content-type": "application/json",
      "cache-control": "no-store",
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
