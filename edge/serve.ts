/**
 * `deno task serve`: the same server on several threads, each of which has its own
 * isolate and its own store connection. By default it listens on all network
 * addresses, so it never runs on development keys.
 *
 * The main thread serves no requests: it starts the other threads, tells them where
 * to listen, and stops them together. An error that a thread does not catch ends the
 * process.
 *
 * @module
 */

import {
  announce,
  CLOSE_MS,
  listenFault,
  STOP_SIGNALS,
} from "./boot/listen.ts";
import type { MetricsSnapshot } from "./metrics/metrics.ts";
import type { FromThread, ToThread } from "./serve_thread.ts";

/** The longest wait for a thread's report of its end. */
const SAY_MS = 500;

/** The message of a thread with this kind. */
type Said<K extends FromThread["kind"]> = Extract<FromThread, { kind: K }>;

/** A serving thread, as the main thread sees it. */
interface Thread {
  readonly ready: Promise<Said<"ready">>;
  readonly listening: Promise<Said<"listening">>;
  readonly ended: Promise<Said<"ended">>;
  send(message: ToThread): void;
  /** The metrics of this thread. */
  count(): Promise<MetricsSnapshot>;
}

function refuse(text: string): never {
  console.error(text);
  Deno.exit(2);
}

function startThread(): Thread {
  const worker = new Worker(new URL("./serve_thread.ts", import.meta.url), {
    type: "module",
  });
  const ready = Promise.withResolvers<Said<"ready">>();
  const listening = Promise.withResolvers<Said<"listening">>();
  const ended = Promise.withResolvers<Said<"ended">>();
  const counting = new Map<number, (metrics: MetricsSnapshot) => void>();
  worker.onmessage = ({ data }: MessageEvent<FromThread>) => {
    switch (data.kind) {
      case "refused":
        return refuse(data.text);
      case "ready":
        return ready.resolve(data);
      case "listening":
        return listening.resolve(data);
      case "ended":
        return ended.resolve(data);
      case "counted":
        counting.get(data.id)?.(data.metrics);
        return void counting.delete(data.id);
      case "gather":
        return void gather(thread, data.id);
    }
  };
  const thread: Thread = {
    ready: ready.promise,
    listening: listening.promise,
    ended: ended.promise,
    send: (message) => worker.postMessage(message),
    count() {
      const id = ++lastCount;
      return new Promise((resolve) => {
        counting.set(id, resolve);
        worker.postMessage({ kind: "count", id });
      });
    },
  };
  return thread;
}

/** Hands a thread the metrics of the others. */
async function gather(thread: Thread, id: number): Promise<void> {
  const others = threads.filter((it) => it !== thread);
  const metrics = await Promise.all(others.map((it) => it.count()));
  thread.send({ kind: "gathered", id, metrics });
}

const threads: Thread[] = [];
let lastCount = 0;
/** The threads that listen, or were asked to listen. */
const told: Thread[] = [];
let isStopping = false;
let stopMs = 0;

async function stop(): Promise<void> {
  if (isStopping) return;
  isStopping = true;
  setTimeout(() => Deno.exit(0), stopMs + CLOSE_MS + SAY_MS);
  // Threads that were not asked to listen serve no requests.
  for (const thread of told) thread.send({ kind: "stop" });
  await Promise.all(told.map(({ ended }) => ended));
  Deno.exit(0);
}

async function main(): Promise<void> {
  for (const signal of STOP_SIGNALS) Deno.addSignalListener(signal, stop);
  const count = Math.max(
    1,
    Number(Deno.env.get("DENO_JOBS")) || navigator.hardwareConcurrency,
  );
  // One thread is started first, so that a fault that prevents the start is reported
  // once and not by every thread.
  const first = startThread();
  const { hostname, insecure, pages, ...wanted } = await first.ready;
  ({ stopMs } = wanted);
  threads.push(first);
  while (threads.length < count) threads.push(startThread());
  await Promise.all(threads.map(({ ready }) => ready));
  let { port } = wanted;
  try {
    // The threads share their port, and the kernel would share it with another
    // process as well. Listening without sharing fails if the port is taken.
    Deno.listen({ hostname, port }).close();
  } catch (error) {
    refuse(listenFault(error, { hostname, port }));
  }
  for (const thread of threads) {
    if (isStopping) return;
    told.push(thread);
    thread.send({
      kind: "listen",
      place: { hostname, port, stopMs, threads: count },
    });
    ({ address: { port } } = await thread.listening);
  }
  const { address, isBounded } = await first.listening;
  announce({ address, isBounded, insecure, pages });
}

await main();
