/**
 * What HTTP demands of a server besides its calls: `Allow` if a path exists under
 * another method (RFC 9110 §15.5.6), answers to OPTIONS, and the headers by which a
 * browser lets a page of another origin make calls (CORS, Fetch §3.3).
 *
 * Only origins that the operator has named get the CORS headers. None of them allows
 * cookies, because callers send a bearer key instead.
 *
 * @module
 */

import type { Hono } from "hono";
import type { Env } from "./answer.ts";
import { isPathOfNames } from "./fields.ts";
import type { PartHandler } from "./router.ts";

/** The methods that a route may have. HEAD and OPTIONS follow from them. */
const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"];

/** Headers that a page may send, besides those that every page may send. */
const SENT_HEADERS = "authorization, content-type, idempotency-key";
/** Headers of an answer that a page may read. */
const SHOWN_HEADERS =
  "x-request-id, retry-after, allow, repr-digest, offcode-bill, offcode-mode";
/** How long a browser may cache the answer to a preflight request. */
const PREFLIGHT_SECONDS = 600;

/**
 * The value of `Allow` for a path: the methods of its routes, without `except`, the
 * method that was tried; `null` if there are none.
 */
export function allowOf(
  app: Hono<Env>,
  path: string,
  except?: string,
): string | null {
  if (!isPathOfNames(path)) return null;
  const found = METHODS.filter((method) =>
    method !== except &&
    app.router.match(method, path)[0].some(([[handler, route]]) =>
      route.method === method &&
      ((handler as Partial<PartHandler>).paths?.test(path) ?? true)
    )
  );
  if (found.length === 0) return null;
  if (found[0] === "GET") found.splice(1, 0, "HEAD");
  return [...found, "OPTIONS"].join(", ");
}

/**
 * The answer to OPTIONS, which a browser also sends before a call (preflight).
 */
export function optionsResponse(allow: string, preflight: boolean): Response {
  return new Response(null, {
    status: 204,
    headers: {
      "allow": allow,
      "cache-control": "no-store",
      ...(preflight && {
        "access-control-allow-methods": allow,
        "access-control-allow-headers": SENT_HEADERS,
        "access-control-max-age": `${PREFLIGHT_SECONDS}`,
      }),
    },
  });
}

/** Lets a page of `origin` read an answer, if it is one of `origins`. */
export function shareWith(
  origin: string | undefined,
  origins: ReadonlySet<string>,
  headers: Headers,
): void {
  // Caches must keep the answers for different origins apart, so every answer says
  // that it depends on the origin.
  headers.append("vary", "origin");
  if (origin === undefined || !origins.has(origin)) return;
  headers.set("access-control-allow-origin", origin);
  headers.set("access-control-expose-headers", SHOWN_HEADERS);
}
