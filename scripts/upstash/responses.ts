/**
 * What the gateway says over HTTP, also where it is to go wrong, and the
 * commands of a request.
 *
 * @module
 */

import { pathCommand, RequestError, toCommand } from "./commands.ts";

/** The commands of a request, at least one. */
export function readCommands(url: URL, body: string): string[][] {
  const path = url.pathname.replace(/^\/+|\/+$/g, "");
  if (path !== "" && path !== "pipeline" && path !== "multi-exec") {
    return [pathCommand(url, body)];
  }
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    throw new RequestError("ERR failed to parse command");
  }
  if (path === "") return [toCommand(parsed)];
  if (!Array.isArray(parsed)) {
    throw new RequestError("ERR failed to parse pipeline request");
  }
  if (parsed.length === 0) {
    throw new RequestError("ERR empty pipeline request");
  }
  return parsed.map(toCommand);
}

/** A response of JSON that says so. */
export function json(
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: { ...headers, "content-type": "application/json" },
  });
}

/** A response that ends before its end: the server cuts the connection. */
export function cut(): Response {
  const nothing = new ReadableStream({ start: (it) => it.close() });
  return new Response(nothing, { headers: { "content-length": "1" } });
}

/** Comes back when the signal is given, or after `ms`. */
export function ended(signal: AbortSignal, ms?: number): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = ms === undefined ? undefined : setTimeout(done, ms);
    signal.addEventListener("abort", done);
    if (signal.aborted) done();
  });
}
