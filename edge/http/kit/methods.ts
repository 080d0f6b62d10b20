/**
 * What HTTP wants of a server besides its calls: `Allow` where a path exists
 * under another method (RFC 9110 §15.5.6), OPTIONS, and the headers by which a
 * browser lets a page of another origin call (CORS, Fetch §3.3).
 *
 * Only origins that the operator named get these headers. None of the headers
 * allows cookies, because callers show a bearer key instead.
 *
 * @module
 */

import type { Hono } from "hono";
import type { Env } from "./answer.ts";
import { isPathOfNames } from "./fields.ts";
import type { PartHandler } from "./router.ts";

/** Methods that a route may have; HEAD and OPTIONS follow from them. */
const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"];

/** Headers that a page may send beside those that every page may send. */
const SENT_HEADERS = "authorization, content-type, idempotency-key";
/** Headers of an answer that a page may read. */
const SHOWN_HEADERS = "x-request-id, retry-after, allow";
/** How long a browser may use the answer to its preflight request again. */
const PREFLIGHT_SECONDS = 600;

/**
 * The value of `Allow` for a path: the methods of its routes but for `except`,
 * the one that was tried; `null` where there are none.
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

/** The answer to OPTIONS, which a browser also sends before a call (preflight). */
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
  // Caches must keep answers apart by origin, also where the origin is not named.
  headers.append("vary", "origin");
  if (origin === undefined || !origins.has(origin)) return;
  headers.set("access-control-allow-origin", origin);
  headers.set("access-control-expose-headers", SHOWN_HEADERS);
}
