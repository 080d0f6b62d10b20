/**
 * `deno task dispatch`: delivers the callbacks that are due, then ends. For
 * platforms that stop instances which nobody calls: started by their scheduler
 * it delivers what no request is left to deliver. With `--watch` it goes on
 * until a signal ends it.
 *
 * It ends with 0 when all that could be delivered was, with 1 when the store
 * could not be asked, with 2 when the configuration is not usable.
 *
 * @module
 */

import { boot, type Server, startFault } from "./main.ts";
import { StoreUnavailableError } from "./store/store.ts";

const SIGNALS = ["SIGTERM", "SIGINT"] as const;
const LOOK_EVERY_MS = 1_000;
/** What is under way at the end may still finish for so long. */
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

/** Delivers once; whether the store could be asked. */
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

/** Delivers whenever something is due, until a signal comes. */
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
  // Signal listeners would keep the process alive.
  Deno.exit(isDone ? 0 : 1);
}

if (import.meta.main) await main(Deno.args);
