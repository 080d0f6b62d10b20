/**
 * The same server for `deno serve` and its `--parallel`, which run one isolate
 * a thread: `deno serve -A --parallel --port 8000 edge/serve.ts`. It listens to
 * the network unless told otherwise, so it runs on no development keys.
 *
 * `deno serve` drains at a signal and ends when nothing else is open; so the
 * store is let go of as soon as no request is under way any more.
 *
 * @module
 */

import { boot, DRAIN_MS } from "./main.ts";

const SIGNALS = ["SIGTERM", "SIGINT"] as const;

const server = await boot({ development: false });
let underWay = 0;
let isStopping = false;

function stop(): void {
  for (const signal of SIGNALS) Deno.removeSignalListener(signal, stop);
  isStopping = true;
  server.stopping();
  // Whoever sends nothing more is cut off, as by a server of its own.
  Deno.unrefTimer(setTimeout(() => Deno.exit(0), DRAIN_MS));
  closeWhenIdle();
}

function closeWhenIdle(): void {
  if (isStopping && underWay === 0) void server.close();
}

for (const signal of SIGNALS) Deno.addSignalListener(signal, stop);

export default {
  async fetch(request) {
    underWay++;
    try {
      return await server.fetch(request);
    } finally {
      underWay--;
      closeWhenIdle();
    }
  },
} satisfies Deno.ServeDefaultExport;
