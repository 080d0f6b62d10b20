/**
 * The HTTP application: routes, scopes, and the handling that all requests have in
 * common. It does no I/O of its own; the use cases are passed in.
 *
 * @module
 */

import { Hono, type MiddlewareHandler } from "hono";
import { routePath } from "hono/route";
import { RegExpRouter } from "hono/router/reg-exp-router";
import { docsRoutes } from "../http/docs/page.ts";
import {
  answer,
  answerJson,
  type Ctx,
  type Env,
  refuse,
} from "../http/kit/answer.ts";
import { isPathOfNames } from "../http/kit/fields.ts";
import { allowOf, optionsResponse, shareWith } from "../http/kit/methods.ts";
import { problem } from "../http/kit/problem.ts";
import { requireScope, serve } from "../http/kit/router.ts";
import type { UseCases } from "../http/kit/use_cases.ts";
import { CALLS } from "../http/native/calls.ts";
import { WALLET_PAGE_CALLS } from "../http/native/wallet_page/calls.ts";
import { pageFiles, servePageFile } from "../pages/serve.ts";
import type { EdgeMetrics } from "../metrics/metrics.ts";
import type { Log } from "../base/log.ts";
import type { Caller } from "../merchant/authentication.ts";
import { refused } from "../base/outcome.ts";
import { startAge } from "../base/request_age.ts";
import { StoreUnavailableError } from "../store/store.ts";

/** What the application is made of. */
export interface AppDeps {
  readonly useCases: UseCases;
  readonly log: Log;
  /** A new identifier for a request. */
  readonly newRequestId: () => string;
  /** Called after every request; must neither throw nor block. */
  readonly afterRequest?: () => void;
  /** Counts the answers. */
  readonly metrics?: Pick<EdgeMetrics, "answered">;
  /**
   * Why nothing may be done in the store now, or `null`. By default everything may be done at
   * any time.
   *
   * @throws {StoreUnavailableError} If that is not known.
   */
  readonly refusal?: () => Promise<string | null>;
  /** Whether the server is being stopped. */
  readonly isStopping?: () => boolean;
  /** Whether a request without a `Host` is refused, as HTTP/1.1 demands. */
  readonly needsHost?: boolean;
  /** Origins whose pages may call from a browser; by default none. */
  readonly corsOrigins?: ReadonlySet<string>;
  /** Whether the pages are served; by default they are not. */
  readonly hasPages?: boolean;
  /** Milliseconds that only ever grow, such as `performance.now()`. */
  readonly monotonicMs: () => number;
}

/** The version of the API contract, not of the software. */
const API_VERSION = "1.0.0";

/**
 * A `Host` that is `uri-host [":" port]` and not empty (RFC 9112 §3.2, RFC 3986
 * §3.2.2). The runtime makes `request.url` by putting the header, unchanged, in
 * front of the path. A header that matches can neither add to the path nor cut
 * it off.
 */
const HOST =
  /^(?:[\w.~!$&'()*+,;=-]|%[\da-f]{2})+(?::\d{0,5})?$|^\[[\da-f:.]+\](?::\d{0,5})?$/i;

/**
 * What the runtime puts in front of the path where an HTTP/1 request names no
 * host. HTTP/2 has no `Host` and names the host in `:authority`, which the
 * runtime has checked.
 */
const WITHOUT_HOST = "http://localhost:";

/** What the paths of calls that use the store begin with. */
const USES_STORE = "/v1/";

/** The methods that the log names; a client may send any word as a method. */
const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

function methodOf(c: Ctx): string {
  return METHODS.includes(c.req.method) ? c.req.method : "other";
}

/** The id of the key that a request was made with; the admin key has no id. */
const keyIdOf = (caller: Caller | undefined): string | null =>
  caller === undefined || caller.scope === "admin" ? null : caller.keyId;

/** Makes the application. */
export function createApp(deps: AppDeps): Hono<Env> {
  const { useCases } = deps;
  // Hono's fastest router: it finds a route in 0.2 us, others take 2 us.
  const app = new Hono<Env>({ router: new RegExpRouter() });
  app.use(everyRequest(app, deps));
  app.onError((error, c) => answerError(error, c, deps.log));
  app.notFound((c) => answerUnknown(app, c));

  app.get("/", (c) => {
    c.header("cache-control", "no-store");
    return c.redirect("/docs");
  });
  let document: unknown;
  app.get("/openapi.json", async (c) => {
    // Loaded on the first request, because loading it takes as long as the rest of
    // the start.
    const { openApiDocument } = await import("../http/docs/document.ts");
    document ??= openApiDocument({
      version: API_VERSION,
      sandbox: useCases.sandbox !== undefined,
      testCodes: useCases.testCodes !== undefined,
    });
    return answerJson(c, 200, document);
  });
  app.route("/", docsRoutes());
  if (deps.hasPages) servePages(app, useCases);

  // Below this path the key is checked before the route is looked up, so that
  // unknown paths are refused without a key as well.
  app.use("/v1/admin/*", requireScope(useCases.authenticator, "admin"));
  serve(app, CALLS, useCases);
  return app;
}

/** Adds the routes of the pages' files, and of the wallet page's backend. */
function servePages(app: Hono<Env>, useCases: UseCases): void {
  const wallet = useCases.sandboxWallet !== undefined;
  for (const file of pageFiles({ wallet })) {
    const respond = servePageFile(file);
    app.get(file.path, (c) => respond(c.req.header("if-none-match")));
  }
  if (wallet) serve(app, WALLET_PAGE_CALLS, useCases);
}

/**
 * Gives every request an id, the common headers of its answer, and a line in
 * the log.
 */
function everyRequest(app: Hono<Env>, deps: AppDeps): MiddlewareHandler<Env> {
  const { corsOrigins, isStopping } = deps;
  return async (c, next) => {
    const startedMs = deps.monotonicMs();
    c.set("requestId", deps.newRequestId());
    c.set("mode", deps.useCases.mode);
    c.set("isTooOld", startAge(deps.monotonicMs, startedMs));
    const early = await answerEarly(app, c, deps);
    if (early === null) await next();
    else c.res = early;
    if (corsOrigins !== undefined) {
      shareWith(c.req.header("origin"), corsOrigins, c.res.headers);
    }
    // A server that is being stopped cuts off bodies that are still arriving. The
    // till must not take this for an error in its own request.
    if (c.get("problemCode") === "malformed-request" && isStopping?.()) {
      c.res = refuse(c, refused("store-unavailable"));
    }
    deps.afterRequest?.();
    if (c.get("isComplete") !== true) {
      c.res.headers.set("x-request-id", c.get("requestId"));
      c.res.headers.set("x-content-type-options", "nosniff");
    }
    // Hono answers HEAD like GET and then drops the body, so Deno would announce a
    // length of 0. It must be the length of GET's body (RFC 9110 §8.6).
    if (c.req.method === "HEAD" && c.res.body !== null) {
      const { byteLength } = await c.res.arrayBuffer();
      c.res.headers.set("content-length", `${byteLength}`);
    }
    const durationMs = deps.monotonicMs() - startedMs;
    deps.metrics?.answered(
      c.get("call") ?? methodOf(c),
      c.get("problemCode"),
      durationMs,
    );
    logRequest(c, deps.log, durationMs);
  };
}

/** The answer to a request that must not reach a route, or `null`. */
async function answerEarly(
  app: Hono<Env>,
  c: Ctx,
  { corsOrigins, needsHost, refusal }: AppDeps,
): Promise<Response | null> {
  const { method, path, url } = c.req;
  const host = c.req.raw.headers.get("host");
  const isBadHost = host === null
    ? needsHost === true && url.startsWith(WITHOUT_HOST)
    : !HOST.test(host);
  if (isBadHost) {
    return refuse(
      c,
      refused("malformed-request", {
        detail: "The request needs one Host header: a host, or host:port.",
      }),
    );
  }
  // OPTIONS is answered before the key is checked: browsers send it without a key.
  const allow = method === "OPTIONS" ? allowOf(app, path) : null;
  if (allow !== null) return optionsResponse(allow, corsOrigins !== undefined);
  if (!isPathOfNames(path)) return await c.notFound();
  const detail = path.startsWith(USES_STORE)
    ? await refusal?.() ?? null
    // The answer about readiness itself says that the store does not answer.
    : path === "/readyz"
    ? await refusal?.().catch(() => null) ?? null
    : null;
  return detail === null
    ? null
    : refuse(c, refused("store-unavailable", { detail }));
}

/**
 * Logs the route's pattern and not the path, so that ids and queries stay out
 * of the log.
 */
function logRequest(c: Ctx, log: Log, durationMs: number): void {
  log("info", "request", {
    requestId: c.get("requestId"),
    method: methodOf(c),
    route: routePath(c, -1),
    status: c.res.status,
    problem: c.get("problemCode") ?? null,
    // The key's id is not secret. The operator needs it to end the right key.
    keyId: keyIdOf(c.get("caller")),
    durationMs: Math.round(durationMs * 100) / 100,
  });
}

/** Answers a request whose use case has thrown, and logs why. */
function answerError(error: Error, c: Ctx, log: Log): Response {
  const requestId = c.get("requestId");
  if (error instanceof StoreUnavailableError) {
    log("error", "store unavailable", { requestId, ...error.details });
    return refuse(c, refused("store-unavailable"));
  }
  // This is a bug. Its text could hold a secret, so only its class is logged.
  log("error", "unexpected error", {
    requestId,
    error: error.name,
    // The stack begins with the error's text, which is removed: its lines could
    // look like lines of the stack.
    at: (error.stack ?? "").replace(error.message, "").split("\n")
      .filter((line) => /^\s+at /.test(line))
      .slice(0, 5).map((line) => line.trim()),
  });
  const detail = "An unexpected error; nothing is known to be accepted.";
  return answer(c, problem("store-unavailable", { detail }));
}

/** Answers a request for whose path, or for whose method, there is no route. */
function answerUnknown(app: Hono<Env>, c: Ctx): Response {
  const { method, path } = c.req;
  const allow = allowOf(app, path, method === "HEAD" ? "GET" : method);
  if (allow === null) {
    const detail = "There is no call of this path; /docs shows all.";
    return refuse(c, refused("not-found", { detail }));
  }
  const detail = `The path takes ${allow}.`;
  return answer(
    c,
    problem("method-not-allowed", { detail, headers: { allow } }),
  );
}
