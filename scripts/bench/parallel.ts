/**
 * `deno task serve` on one thread and on two, over TCP Redis: how much a
 * second core brings. The load generator and Redis need cores as well.
 *
 * @module
 */

import { layGround } from "./http_ground.ts";
import {
  CLIENTS,
  type HttpFigures,
  type HttpSize,
  phonesFor,
} from "./http_race.ts";
import { raceTable, slicesNote } from "./http_table.ts";
import type { Suite } from "../table.ts";

const SIZE: HttpSize = { rounds: 7, warmUpRounds: 8, phonesPerRound: 1000 };

/**
 * Measures one thread, then two.
 *
 * @throws {Error} If an answer was not 200.
 */
export async function benchParallel(
  size: HttpSize,
): Promise<readonly HttpFigures[]> {
  const count = phonesFor(size);
  // On one store a code counts once, so each has phones of its own.
  await using ground = await layGround({ kind: "tcp", phones: 2 * count });
  const { phones } = ground;
  const start = (threads: number) =>
    ground.start({
      flags: ["--unstable-net"],
      entry: "edge/serve.ts",
      env: { DENO_JOBS: `${threads}` },
    });
  const one = await start(1);
  const two = await start(2);
  return await ground.race({
    contenders: [
      { name: "1 thread", ...one, phones: phones.slice(0, count) },
      { name: "2 threads", ...two, phones: phones.slice(count) },
    ],
    size,
  });
}

/** Requests per second on one thread and on two. */
export const parallelSuite: Suite = async () => [
  raceTable({
    figures: await benchParallel(SIZE),
    title: "POST /v1/verifications by deno task serve, over Redis by TCP",
    names: "threads",
    columns: [
      "req/s",
      "÷ 1 thread",
      "p50 ms",
      "p99 ms",
      "CPU µs",
      "Redis µs",
    ],
    notes: [
      `${slicesNote(SIZE, "requests", CLIENTS)}.`,
      `${navigator.hardwareConcurrency} cores, of which the load generator and Redis take their share: a second`,
      "thread of the server can only have what those leave.",
    ],
  }),
];
