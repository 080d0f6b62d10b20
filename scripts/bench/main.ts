/**
 * `deno task bench [suite …]`: measures and prints tables; without a name, all
 * suites in turn. Figures mean something on a quiet machine only.
 *
 * @module
 */

import { keepLoopbackDirect } from "../../edge/base/loopback.ts";
import { formatTable, type Suite } from "../table.ts";
import { deliveryTable } from "./callbacks/delivery.ts";
import { neighborsTable } from "./callbacks/neighbors.ts";
import { paymentsTable } from "./callbacks/payments.ts";
import { senderMemorySuite } from "./callbacks/sender_memory.ts";
import { hmacSuite } from "./core/hmac.ts";
import { renewedSuite } from "./core/renewed.ts";
import { timingSuite } from "./core/timing.ts";
import { verifySuite } from "./core/verify.ts";
import { costSuite } from "./redis/cost.ts";
import { memorySuite } from "./redis/memory.ts";
import { loadSuite } from "./scale/load.ts";
import { scaleSuite } from "./scale/suite.ts";
import { billSuite } from "./servers/bill.ts";
import { metricsSuite } from "./servers/metrics.ts";
import { profileSuite } from "./servers/profile.ts";
import { resealSuite } from "./servers/reseal.ts";
import { startSuite } from "./servers/start.ts";
import {
  httpSuite,
  parallelSuite,
  paymentsSuite,
  redisSuite,
} from "./servers/suites.ts";
import { swapSuite } from "./servers/swap.ts";

const SUITES: Readonly<Record<string, Suite>> = {
  hmac: hmacSuite,
  verify: verifySuite,
  renewed: renewedSuite,
  timing: timingSuite,
  http: httpSuite,
  redis: redisSuite,
  payments: paymentsSuite,
  parallel: parallelSuite,
  profile: profileSuite,
  metrics: metricsSuite,
  callbacks: async () => [
    await paymentsTable(),
    await deliveryTable(),
    await neighborsTable(),
  ],
  memory: memorySuite,
  cost: costSuite,
  start: startSuite,
  reseal: resealSuite,
  swap: swapSuite,
  bill: billSuite,
  load: loadSuite,
  scale: scaleSuite,
  "callbacks-memory": senderMemorySuite,
};

const names = Deno.args.length > 0 ? Deno.args : Object.keys(SUITES);
const unknown = names.filter((name) => !Object.hasOwn(SUITES, name));
if (unknown.length > 0) {
  console.error(
    `No suite ${unknown.join(", ")}: ${Object.keys(SUITES).join(", ")}`,
  );
  Deno.exit(2);
}
// A proxy on the way would be measured, too.
keepLoopbackDirect(Deno.env);
console.log(
  `Deno ${Deno.version.deno}, V8 ${Deno.version.v8}, ${Deno.build.target}, ${navigator.hardwareConcurrency} cores\n`,
);
for (const name of names) {
  for (const table of await SUITES[name]!()) {
    console.log(formatTable(table) + "\n");
  }
}
