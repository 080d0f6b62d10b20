/**
 * The same server for `deno serve` and its `--parallel`, which run one isolate
 * a thread: `deno serve -A --parallel --port 8000 edge/serve.ts`. It listens to
 * the network unless told otherwise, so it runs on no development keys.
 *
 * `deno serve` drains at a signal and ends when nothing else is open; so the
 * store is let go of as soon as no request and no delivery is under way.
 *
 * @module
 */

import { boot, DRAIN_MS } from "./main.ts";

const SIGNALS = ["SIGTERM", "SIGINT"] as const;

const server = await boot({ development: false });
let underWay = 0;
let isStopping = false;
let isQuiet = false;

function stop(): void {
  for (const signal of SIGNALS) Deno.removeSignalListener(signal, stop);
  isStopping = true;
  void server.stopping().then(() => {
    isQuiet = true;
    closeWhenIdle();
  });
  // Whoever sends nothing more is cut off, as by a server of its own.
  Deno.unrefTimer(setTimeout(() => Deno.exit(0), DRAIN_MS));
}

function closeWhenIdle(): void {
  if (isStopping && isQuiet && underWay === 0) void server.close();
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
