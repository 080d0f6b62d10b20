/**
 * `deno task bench [suite …]`: measures and prints tables; without a name, all
 * suites in turn. Figures mean something on a quiet machine only.
 *
 * @module
 */

import { keepLoopbackDirect } from "../../edge/base/loopback.ts";
import { callbacksSuite } from "./callbacks.ts";
import { costSuite } from "./cost.ts";
import { hmacSuite } from "./hmac.ts";
import { httpSuite } from "./http.ts";
import { loadSuite } from "./load.ts";
import { memorySuite } from "./memory.ts";
import { parallelSuite } from "./parallel.ts";
import { paymentsSuite } from "./payments.ts";
import { profileSuite } from "./profile.ts";
import { redisSuite } from "./redis.ts";
import { scaleSuite } from "./scale.ts";
import { senderCallsSuite } from "./sender_calls.ts";
import { senderMemorySuite } from "./sender_memory.ts";
import { startSuite } from "./start.ts";
import { formatTable, type Suite } from "../table.ts";
import { timingSuite } from "./timing.ts";
import { verifySuite } from "./verify.ts";

const SUITES: Readonly<Record<string, Suite>> = {
  hmac: hmacSuite,
  verify: verifySuite,
  timing: timingSuite,
  http: httpSuite,
  redis: redisSuite,
  payments: paymentsSuite,
  parallel: parallelSuite,
  profile: profileSuite,
  callbacks: callbacksSuite,
  memory: memorySuite,
  cost: costSuite,
  start: startSuite,
  load: loadSuite,
  scale: scaleSuite,
  "callbacks-sender": senderCallsSuite,
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
