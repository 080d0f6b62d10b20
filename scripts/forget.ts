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
import {
  type ForgetDeps,
  forgetErased,
  type Forgotten,
} from "../edge/payment/forget.ts";
import { readArguments, runCommand } from "./command.ts";
import { progressOnStderr } from "./progress.ts";
import { readServerConfig, whilePresent, withStore } from "./task_store.ts";

const USAGE = "Usage: deno task forget";

async function main(args: readonly string[]): Promise<number> {
  readArguments(args, USAGE, {});
  const { store, settings: { times: { recordMs } } } = await readServerConfig();
  const { forgotten, underWay } = await withStore(
    store,
    (store) =>
      whilePresent(
        store,
        () => forgetAll({ store, clock: systemClock, recordMs }),
      ),
    { onFault: "start again to go on" },
  );
  console.log(`${forgotten} records name an erased account no more`);
  if (underWay === 0) return 0;
  console.log(`${underWay} payments of erased accounts are under way`);
  return 1;
}

/** Goes through all records, and shows how far it is. */
async function forgetAll(deps: ForgetDeps): Promise<Forgotten> {
  const all = { looked: 0, forgotten: 0, underWay: 0 };
  const progress = progressOnStderr();
  // The number of records is not known before all were looked at.
  progress.begin("Looking through records", 0);
  for await (const some of forgetErased(deps)) {
    all.looked += some.looked;
    all.forgotten += some.forgotten;
    all.underWay += some.underWay;
    progress.at(0, `${all.looked}`);
  }
  progress.end(`${all.looked} records were looked at`);
  return all;
}

if (import.meta.main) await runCommand(main);
