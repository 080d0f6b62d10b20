/**
 * `deno task bench [suite …]`: measures and prints tables; without a name, all
 * suites in turn. Figures mean something on a quiet machine only.
 *
 * @module
 */

import { callbacksSuite } from "./callbacks.ts";
import { costSuite } from "./cost.ts";
import { hmacSuite } from "./hmac.ts";
import { httpSuite } from "./http.ts";
import { memorySuite } from "./memory.ts";
import { redisSuite } from "./redis.ts";
import { startSuite } from "./start.ts";
import { formatTable, type Suite } from "./suite.ts";
import { verifySuite } from "./verify.ts";

const SUITES: Readonly<Record<string, Suite>> = {
  hmac: hmacSuite,
  verify: verifySuite,
  http: httpSuite,
  redis: redisSuite,
  callbacks: callbacksSuite,
  memory: memorySuite,
  cost: costSuite,
  start: startSuite,
};

const names = Deno.args.length > 0 ? Deno.args : Object.keys(SUITES);
const unknown = names.filter((name) => !Object.hasOwn(SUITES, name));
if (unknown.length > 0) {
  console.error(
    `No suite ${unknown.join(", ")}: ${Object.keys(SUITES).join(", ")}`,
  );
  Deno.exit(2);
}
console.log(
  `Deno ${Deno.version.deno}, V8 ${Deno.version.v8}, ${Deno.build.target}, ${navigator.hardwareConcurrency} cores\n`,
);
for (const name of names) {
  for (const table of await SUITES[name]!()) {
    console.log(formatTable(table) + "\n");
  }
}
