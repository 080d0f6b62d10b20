/**
 * The merchants' servers of the callbacks benches, in a process of their own.
 * `RECEIVER` says which: `hostile` does what the path says, `deaf` reads
 * nothing. Without it, the first part of a path says how a server does: `ok`
 * answers 204, `half` fails half of the time, `gone` answers 410, `never`
 * answers never.
 *
 * `GET /latencies` gives how long after the end of its payment each callback
 * came, by path, in milliseconds, and forgets them.
 *
 * @module
 */

import { neverReads } from "../../../tests/support/callback/hostile/hostile_behaviors.ts";
import { startHostileReceiver } from "../../../tests/support/callback/hostile/hostile_receiver.ts";

/** Milliseconds by path. */
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
    const known = latencies.get(pathname);
    const ms = Date.now() - Date.parse(endedAt);
    if (known === undefined) latencies.set(pathname, [ms]);
    else known.push(ms);
  }
  const [, kind] = pathname.split("/");
  if (kind === "never") return await new Promise<Response>(() => {});
  const fails = kind === "half" && Math.random() < 0.5;
  const status = kind === "gone" ? 410 : fails ? 500 : 204;
  return new Response(null, { status });
}

if (import.meta.main) {
  const report = (origin: string) =>
    console.log(`The receiver listens on ${origin} `);
  // Requests that are never answered would hold up the end.
  Deno.addSignalListener("SIGTERM", () => Deno.exit(0));
  const kind = Deno.env.get("RECEIVER");
  if (kind === undefined) {
    const onListen = ({ port }: { port: number }) =>
      report(`http://127.0.0.1:${port}`);
    Deno.serve({ hostname: "127.0.0.1", port: 0, onListen }, answer);
  } else {
    const receiver = startHostileReceiver();
    if (kind === "deaf") receiver.welcome = neverReads;
    report(receiver.url);
  }
}
