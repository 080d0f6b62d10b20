/**
 * `POST /v1/verifications` over Redis, by TCP and by REST: real servers under a
 * load generator in a process of its own, beside bare handlers over the same
 * transport in the same run, round by round.
 *
 * @module
 */

import { layGround, SEEDS_PER_BUCKET } from "./http_ground.ts";
import {
  CLIENTS,
  type HttpFigures,
  type HttpSize,
  phonesFor,
} from "./http_race.ts";
import { raceTable, REDIS_COLUMNS, slicesNote } from "./http_table.ts";
import { fsyncTable } from "./redis_fsync.ts";
import type { Transport } from "./redis_world.ts";
import type { Suite, Table } from "../table.ts";

const SIZES: Readonly<Record<Transport, HttpSize>> = {
  // A fifth of the edge's time goes to V8's compilers until they are done.
  tcp: { rounds: 9, warmUpRounds: 12, phonesPerRound: 1000 },
  rest: { rounds: 7, warmUpRounds: 8, phonesPerRound: 500 },
};

/**
 * Measures the edge and the bare handlers, the edge first.
 *
 * @throws {Error} If an answer was not 200.
 */
export async function benchRedis(
  transport: Transport,
  size: HttpSize,
): Promise<readonly HttpFigures[]> {
  await using ground = await layGround({
    kind: transport,
    phones: phonesFor(size),
  });
  const bare = (kind: string) =>
    ground.start({
      entry: "scripts/bench/redis_bare.ts",
      env: { BARE: kind },
    });
  const edge = await ground.start({ entry: "edge/main.ts" });
  const script = await bare("script");
  const overStore = await bare("store");
  return await ground.race({
    contenders: [
      { name: "POST /v1/verifications", ...edge },
      { name: "bare Hono, JSON, EVALSHA: 4 GET, 2 SET", ...script },
      { name: "bare Hono, JSON, one txn of the store", ...overStore },
    ],
    size,
  });
}

async function table(transport: Transport): Promise<Table> {
  const size = SIZES[transport];
  return raceTable({
    figures: await benchRedis(transport, size),
    title: `POST /v1/verifications over Redis by ${
      transport === "tcp" ? "TCP" : "REST, through the gateway"
    }`,
    columns: REDIS_COLUMNS,
    notes: [
      `${slicesNote(size, "requests", CLIENTS)}, each`,
      `with a fresh code; ${SEEDS_PER_BUCKET} seeds in a bucket; appendonly yes, appendfsync always.`,
      "Servers, Redis and load generator share the machine's cores. CPU µs and Redis µs:",
      "processor time per request of the server and of Redis, all threads.",
    ],
  });
}

/** Requests per second and latencies over both transports. */
export const redisSuite: Suite = async () => [
  await table("tcp"),
  await table("rest"),
  await fsyncTable(),
];
