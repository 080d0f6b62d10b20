/**
 * The load generator, in a process of its own: reads plans from standard
 * input, one JSON a line, runs each with a fixed number of clients that send
 * one request after the other, and prints what it measured, one JSON a line.
 *
 * @module
 */

import { TextLineStream } from "@std/streams/text-line-stream";
import { HttpConnection, postBytes } from "./http_connection.ts";

/** What to send. */
export interface LoadPlan {
  readonly origin: string;
  readonly path: string;
  readonly key: string;
  /** Connections, each with one request under way. */
  readonly clients: number;
  /** JSON bodies, each sent once, started in this order. */
  readonly bodies: readonly string[];
}

/** What came of it. */
export interface LoadResult {
  readonly seconds: number;
  /** How long each request took, milliseconds, ascending. */
  readonly latenciesMs: readonly number[];
  /** How many answers had each status. */
  readonly statuses: Readonly<Record<string, number>>;
}

/** Runs a plan to its end. */
export async function runLoad(plan: LoadPlan): Promise<LoadResult> {
  const requests = plan.bodies.map((body) => postBytes({ ...plan, body }));
  const connections = await Promise.all(
    Array.from(
      { length: plan.clients },
      () => HttpConnection.open(plan.origin),
    ),
  );
  const latenciesMs = new Float64Array(requests.length);
  const statuses: Record<string, number> = {};
  let next = 0;
  const client = async (connection: HttpConnection) => {
    while (next < requests.length) {
      const index = next++;
      const startMs = performance.now();
      const status = await connection.send(requests[index]!);
      latenciesMs[index] = performance.now() - startMs;
      statuses[status] = (statuses[status] ?? 0) + 1;
    }
  };
  const startMs = performance.now();
  await Promise.all(connections.map(client));
  const seconds = (performance.now() - startMs) / 1000;
  for (const connection of connections) connection[Symbol.dispose]();
  return { seconds, latenciesMs: [...latenciesMs.sort()], statuses };
}

if (import.meta.main) {
  const lines = Deno.stdin.readable.pipeThrough(new TextDecoderStream())
    .pipeThrough(new TextLineStream());
  for await (const line of lines) {
    console.log(JSON.stringify(await runLoad(JSON.parse(line) as LoadPlan)));
  }
}
