/**
 * `deno task bench [suite …]`: measures and prints tables; without a name, all
 * suites in turn. Figures mean something on a quiet machine only.
 *
 * @module
 */

import { keepLoopbackDirect } from "../../edge/base/loopback.ts";
import { formatTable, type Suite, type Table } from "../table.ts";
import { deliveryTable } from "./callbacks/delivery.ts";
import { neighborsTable } from "./callbacks/neighbors.ts";
import { hmacSuite } from "./core/hmac.ts";
import { scaleSuite } from "./core/scale.ts";
import { timingSuite } from "./core/timing.ts";
import { verifySuite } from "./core/verify.ts";
import { cellsSuite } from "./redis/cells.ts";
import { costSuite } from "./redis/cost.ts";
import { memorySuite } from "./redis/memory.ts";
import { billSuite } from "./servers/bill.ts";
import { profileSuite } from "./servers/profile.ts";
import { resealSuite } from "./servers/reseal.ts";
import { startSuite } from "./servers/start.ts";
import {
  endpointTable,
  RACES,
  redisSuite,
  serversTable,
} from "./servers/suites.ts";
import { swapSuite } from "./servers/swap.ts";

const SUITES: Readonly<Record<string, Suite>> = {
  hmac: hmacSuite,
  verify: verifySuite,
  timing: timingSuite,
  http: async () => [await serversTable(RACES.sqlite)],
  redis: redisSuite,
  payments: async () => [await serversTable(RACES.payments)],
  cells: cellsSuite,
  profile: profileSuite,
  callbacks: async () => {
    const tables: Table[] = [];
    for (const table of [endpointTable, deliveryTable, neighborsTable]) {
      tables.push(await table("sqlite"), await table("tcp"));
    }
    return tables;
  },
  memory: memorySuite,
  cost: costSuite,
  start: startSuite,
  reseal: resealSuite,
  swap: swapSuite,
  bill: billSuite,
  scale: scaleSuite,
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
