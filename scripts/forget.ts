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
import { forgetErased } from "../edge/payment/forget.ts";
import { readArguments, runCommand } from "./command.ts";
import { progressOnStderr } from "./progress.ts";
import { withServerStore } from "./task_store.ts";

async function main(args: readonly string[]): Promise<number> {
  readArguments(args, "Usage: deno task forget", {});
  const all = { looked: 0, forgotten: 0, underWay: 0 };
  const progress = progressOnStderr();
  // The number of records is not known before all were looked at.
  progress.begin("Looking through records", 0);
  await withServerStore(
    async (store, { settings: { times: { recordMs } } }) => {
      const deps = { store, clock: systemClock, recordMs };
      for await (const some of forgetErased(deps)) {
        all.looked += some.looked;
        all.forgotten += some.forgotten;
        all.underWay += some.underWay;
        progress.at(0, `${all.looked}`);
      }
    },
  );
  progress.end(`${all.looked} records were looked at`);
  console.log(
    `Ids of erased accounts were taken out of ${all.forgotten} records`,
  );
  if (all.underWay === 0) return 0;
  console.log(`${all.underWay} payments of erased accounts are under way`);
  return 1;
}

if (import.meta.main) await runCommand(main);
