/**
 * `deno task forget`: takes the ids of erased accounts out of the orders and
 * verifications that are kept of them, while edges serve. It reads the settings
 * that the server reads; run it after erasures, or nightly. It ends with 0 when
 * no record names an erased account, and with 1 while a payment of one is under
 * way. Ended at any time, it begins again when it is started again.
 *
 * @module
 */

import { systemClock } from "../edge/base/clock.ts";
import { type Config, readConfig } from "../edge/boot/config.ts";
import { openStore, startFault } from "../edge/main.ts";
import { forgetErased } from "../edge/payment/forget.ts";
import { StoreUnavailableError } from "../edge/store/store.ts";
import { InputError, readArguments, runCommand } from "./command.ts";
import { Progress } from "./load/progress.ts";

const USAGE = "Usage: deno task forget";

/** The configuration of a store that is there. */
async function readSettings(): Promise<Config> {
  let config: Config;
  try {
    config = readConfig(Deno.env.toObject());
  } catch (error) {
    throw new InputError(startFault(error));
  }
  const { store } = config;
  // One that is made by looking at it would hold nothing.
  if (store.kind === "sqlite") {
    await Deno.stat(store.path).catch(() => {
      throw new InputError("OFFCODE_STORE names a file that is not there");
    });
  }
  return config;
}

async function main(args: readonly string[]): Promise<number> {
  readArguments(args, USAGE, {});
  const { store: place, settings: { times: { recordMs } } } =
    await readSettings();
  const store = await openStore(place, systemClock);
  const progress = new Progress({
    write: (text) => Deno.stderr.writeSync(new TextEncoder().encode(text)),
    isTerminal: Deno.stderr.isTerminal(),
    nowMs: () => performance.now(),
  });
  const all = { looked: 0, forgotten: 0, underWay: 0 };
  try {
    // How many there are is not known before all were looked at.
    progress.begin("Looking through records", 0);
    const deps = { store, clock: systemClock, recordMs };
    for await (const { looked, forgotten, underWay } of forgetErased(deps)) {
      all.looked += looked;
      all.forgotten += forgotten;
      all.underWay += underWay;
      progress.at(0, `${all.looked}`);
    }
    progress.end(`${all.looked} records were looked at`);
  } catch (error) {
    if (!(error instanceof StoreUnavailableError)) throw error;
    throw new InputError(`${error.message}; start again to go on`);
  } finally {
    await store.close();
  }
  console.log(`${all.forgotten} records name an erased account no more`);
  if (all.underWay === 0) return 0;
  console.log(`${all.underWay} payments of erased accounts are under way`);
  return 1;
}

if (import.meta.main) await runCommand(main);
