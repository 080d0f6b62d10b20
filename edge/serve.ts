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

import { DRAIN_MS } from "./boot/drain.ts";
import type { Server } from "./main.ts";

const SIGNALS = ["SIGTERM", "SIGINT"] as const;

/**
 * Set in the environment, which all threads of a process share, to the process
 * id once a thread was told to stop.
 */
const STOPPED_PROCESS = "SERVE_STOPPED_PROCESS";

let server: Server | null = null;
let underWay = 0;
let isStopping = false;
let isQuiet = false;

function stop(): void {
  for (const signal of SIGNALS) Deno.removeSignalListener(signal, stop);
  isStopping = true;
  Deno.env.set(STOPPED_PROCESS, `${Deno.pid}`);
  // Whoever sends nothing more is cut off, as by a server of its own.
  Deno.unrefTimer(setTimeout(() => Deno.exit(0), DRAIN_MS));
  if (server !== null) quiet(server);
}

function quiet(server: Server): void {
  void server.stopping().then(() => {
    isQuiet = true;
    closeWhenIdle(server);
  });
}

function closeWhenIdle(server: Server): void {
  if (isStopping && isQuiet && underWay === 0) void server.close();
}

// Before anything is loaded: threads start one after the other, and the listener
// of one keeps the signal from ending those that have none yet.
for (const signal of SIGNALS) Deno.addSignalListener(signal, stop);

// A thread that begins after the signal has not heard it, and would serve for
// ever. It opens nothing; the others have as long as ever to drain.
if (Deno.env.get(STOPPED_PROCESS) === `${Deno.pid}`) {
  setTimeout(() => Deno.exit(0), DRAIN_MS);
  await new Promise(() => {});
}

const { boot } = await import("./main.ts");
const booted = await boot({ development: false });
server = booted;
if (isStopping) quiet(booted);

export default {
  async fetch(request) {
    underWay++;
    try {
      return await booted.fetch(request);
    } finally {
      underWay--;
      closeWhenIdle(booted);
    }
  },
} satisfies Deno.ServeDefaultExport;
