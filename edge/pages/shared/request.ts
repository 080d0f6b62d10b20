/// <reference lib="dom" />
/**
 * A request of a page to the API of its own origin.
 *
 * @module
 */

/**
 * The longest wait for an answer, ms. The server itself answers after ten seconds at
 * the latest.
 */
const WAIT_MS = 15_000;

/**
 * Sends a request with a key. The browser may add no cookie, use no cached answer and
 * follow no redirect.
 *
 * @throws {Error} If there is no answer in time.
 */
export function send(
  key: string,
  method: string,
  path: string,
  body?: unknown,
): Promise<Response> {
  return fetch(path, {
    method,
    headers: {
      authorization: `Bearer ${key}`,
      ...(body !== undefined && { "content-type": "application/json" }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    cache: "no-store",
    credentials: "omit",
    redirect: "error",
    signal: AbortSignal.timeout(WAIT_MS),
  });
}
