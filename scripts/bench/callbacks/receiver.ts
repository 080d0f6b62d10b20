/**
 * The merchants' servers of the callbacks benches, in a process of their own.
 * The first part of a path says how a server does: `ok` answers 204, `half`
 * fails half of the time, `never` answers never.
 *
 * `GET /latencies` gives how long after the end of its payment each callback
 * came, by path, in milliseconds, and forgets them.
 *
 * @module
 */

import { serveBench } from "../kit/processes.ts";

export type LatenciesByPath = Readonly<Record<string, readonly number[]>>;

const latencies = new Map<string, number[]>();

async function answer(request: Request): Promise<Response> {
  const { pathname } = new URL(request.url);
  if (pathname === "/latencies") {
    const all = Object.fromEntries(latencies);
    latencies.clear();
    return Response.json(all);
  }
  const body = await request.text();
  const endedAt = /^\{"type":"[a-z.]+","timestamp":"([^"]+)"/.exec(body)?.[1];
  if (endedAt !== undefined) {
    const known = latencies.getOrInsert(pathname, []);
    known.push(Date.now() - Date.parse(endedAt));
  }
  const [, kind] = pathname.split("/");
  if (kind === "never") return await new Promise<Response>(() => {});
  const fails = kind === "half" && Math.random() < 0.5;
  return new Response(null, { status: fails ? 500 : 204 });
}

if (import.meta.main) {
  // Requests that are never answered would hold up the end.
  Deno.addSignalListener("SIGTERM", () => Deno.exit(0));
  serveBench(answer);
}
