/**
 * `deno task reseal` beside payments: a store of sealed credentials, an edge
 * that takes payments by offline codes at a steady rate, and the task, which is
 * killed three times on the way and then runs to its end.
 *
 * @module
 */

import { encodeBase64 } from "@std/encoding/base64";
import { systemRandom } from "../../../edge/base/clock.ts";
import {
  killOnceItSays,
  programOf,
  saidBy,
} from "../../../tests/support/http/command.ts";
import { Latencies } from "../../load/latencies.ts";
import { type Suite, tableOf } from "../../table.ts";
import { layGround } from "../kit/ground.ts";
import { STEADY_PHONES, steadyPayments } from "../kit/steady_payments.ts";
import { STORE_NAMES, type StoreKind } from "../kit/store.ts";

const CREDENTIALS = 100_000;
/** How long payments go on alone before the task starts. */
const ALONE_SECONDS = 10;
/** How often the task is killed, each time when it has begun to seal. */
const KILLS = 3;

async function measure(kind: StoreKind) {
  const phones = STEADY_PHONES;
  await using ground = await layGround(kind, CREDENTIALS, { phones });
  const newKey = `k2:${encodeBase64(systemRandom.bytes(32))}`;
  const OFFCODE_MASTER_KEYS = `${newKey},${ground.env.OFFCODE_MASTER_KEYS}`;
  const env = { ...ground.env, OFFCODE_MASTER_KEYS };
  const edge = await ground.start({ env });
  const { key } = await ground.openShop(edge);
  const pay = steadyPayments(ground.contender(edge, { name: kind, key }));
  const alone = new Latencies(await pay(ALONE_SECONDS));
  let isRunning = true;
  const running = runTask(env).finally(() => isRunning = false);
  const beside = new Latencies();
  while (isRunning) for (const ms of await pay(1)) beside.add(ms);
  return {
    "store": STORE_NAMES[kind],
    ...await running,
    "p99 alone, ms": alone.percentileMs(99),
    "p99 beside, ms": beside.percentileMs(99),
  };
}

/** Runs the task, after it was killed a few times; what its last run did. */
async function runTask(env: Record<string, string>) {
  const task = programOf("scripts/reseal.ts", [], { env });
  for (let n = 0; n < KILLS; n++) await killOnceItSays(task.spawn(), "%");
  const startedMs = performance.now();
  const { out, err } = await saidBy(task);
  const seconds = (performance.now() - startedMs) / 1000;
  const isDone = out.includes(`${CREDENTIALS} seeds are sealed under k2\n`);
  const found = /(\d+) were sealed anew in ([\d.]+) s/.exec(err);
  if (!isDone || !found) throw new Error(`It has not ended: ${err}${out}`);
  return {
    "credentials/s": Number(found[1]) / Number(found[2]),
    "in the last run": Number(found[1]),
    "its time, s": seconds,
  };
}

export const resealSuite: Suite = async () => {
  const title = `Sealing ${CREDENTIALS} credentials anew beside payments`;
  return [
    tableOf(title, [await measure("sqlite"), await measure("tcp")], [
      `The task was killed ${KILLS} times. Its last run counted all credentials under the new key;`,
      "the time of this run has its start and both counts in it, the rate has not.",
    ]),
  ];
};
