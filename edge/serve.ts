/**
 * The same server on several threads, each of which has an isolate and a store
 * connection of its own: `deno task serve`. It listens to the network unless told
 * otherwise, so it runs on no development keys.
 *
 * This thread serves nothing: it starts the others, tells them where to listen,
 * and stops them together. An error that a thread does not catch ends the process.
 *
 * @module
 */

import {
  announce,
  CLOSE_MS,
  listenFault,
  STOP_SIGNALS,
} from "./boot/listen.ts";
import type { FromThread, ToThread } from "./serve_thread.ts";

/** What a thread takes to say that it has ended, at most. */
const SAY_MS = 500;

/** What a thread says, by its kind. */
type Said<K extends FromThread["kind"]> = Extract<FromThread, { kind: K }>;

/** A thread that serves, as this one sees it. */
interface Thread {
  readonly ready: Promise<Said<"ready">>;
  readonly listening: Promise<Said<"listening">>;
  readonly ended: Promise<Said<"ended">>;
  send(message: ToThread): void;
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
    }
  };
  return {
    ready: ready.promise,
    listening: listening.promise,
    ended: ended.promise,
    send: (message) => worker.postMessage(message),
  };
}

/** Those that listen, or have been told to. */
const told: Thread[] = [];
let isStopping = false;
let stopMs = 0;

async function stop(): Promise<void> {
  if (isStopping) return;
  isStopping = true;
  setTimeout(() => Deno.exit(0), stopMs + CLOSE_MS + SAY_MS);
  // Those that were told nothing have nothing under way.
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
  // The first one alone: what keeps it from starting is said once.
  const first = startThread();
  const { hostname, insecure, ...wanted } = await first.ready;
  ({ stopMs } = wanted);
  const threads = [first];
  while (threads.length < count) threads.push(startThread());
  await Promise.all(threads.map(({ ready }) => ready));
  let { port } = wanted;
  try {
    // Threads share their port with whoever asks to: nobody else may have it.
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
  announce({ address, isBounded, insecure });
}

await main();
