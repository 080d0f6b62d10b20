/**
 * `deno task dispatch`: delivers the callbacks that are due, then ends. It is for
 * platforms that stop servers which get no requests: their scheduler starts this
 * task, so that callbacks are delivered all the same. With `--watch` it continues
 * until a signal ends it.
 *
 * Exit code 0: everything that could be delivered was. 1: the store did not answer.
 * 2: the configuration is not usable, or the file of the store is not there.
 *
 * @module
 */

import { boot, type Server, startFault } from "./main.ts";
import { StoreUnavailableError } from "./store/store.ts";

const SIGNALS = ["SIGTERM", "SIGINT"] as const;
const LOOK_EVERY_MS = 1_000;
/** The longest wait at the end for deliveries under way. */
const END_MS = 12_000;

function usage(): never {
  console.error("Usage: deno task dispatch [--watch]");
  Deno.exit(2);
}

async function bootOrExit(): Promise<Server> {
  try {
    return await boot({ development: true, background: false });
  } catch (error) {
    console.error(startFault(error));
    Deno.exit(2);
  }
}

/** Delivers once. Returns whether the store answered. */
async function dispatchOnce({ dispatcher }: Server): Promise<boolean> {
  try {
    const { attempts, delivered } = await dispatcher.dispatch();
    console.log(`${delivered} of ${attempts} attempts delivered a callback`);
    return true;
  } catch (error) {
    if (!(error instanceof StoreUnavailableError)) throw error;
    console.error(`The store does not answer: ${error.fault}`);
    return false;
  }
}

/** Delivers whenever a callback is due, until a signal ends it. */
async function watch({ dispatcher }: Server): Promise<void> {
  const ended = Promise.withResolvers<void>();
  for (const signal of SIGNALS) {
    Deno.addSignalListener(signal, () => ended.resolve());
  }
  dispatcher.start();
  dispatcher.dispatchSoon();
  const timer = setInterval(() => dispatcher.dispatchSoon(), LOOK_EVERY_MS);
  console.log("Delivering callbacks as they are due");
  await ended.promise;
  clearInterval(timer);
  await Promise.race([
    dispatcher.stop(),
    new Promise((resolve) => setTimeout(resolve, END_MS)),
  ]);
}

async function main(args: readonly string[]): Promise<void> {
  if (args.length > 1 || args.some((arg) => arg !== "--watch")) usage();
  const server = await bootOrExit();
  let isDone = true;
  if (args.includes("--watch")) await watch(server);
  else isDone = await dispatchOnce(server);
  await server.close();
  // Signal listeners would keep the process alive, so it is ended explicitly.
  Deno.exit(isDone ? 0 : 1);
}

if (import.meta.main) await main(Deno.args);
