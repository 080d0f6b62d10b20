/**
 * `POST /v1/verifications` over SQLite: a real server process under a load
 * generator in a process of its own, beside bare handlers in the same run,
 * round by round. Every request carries a fresh valid code, so every one is
 * searched, spent and recorded; an answer but 200 fails the bench.
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
import { raceTable, slicesNote } from "./http_table.ts";
import type { Suite } from "../table.ts";

const SIZE: HttpSize = { rounds: 7, phonesPerRound: 1000 };

/**
 * Measures the edge and the bare handlers, the edge first.
 *
 * @throws {Error} If an answer was not 200.
 */
export async function benchHttp(
  size: HttpSize,
): Promise<readonly HttpFigures[]> {
  await using ground = await layGround({
    kind: "sqlite",
    phones: phonesFor(size),
  });
  const bare = (kind: string) =>
    ground.start({ entry: "scripts/bench/http_bare.ts", env: { BARE: kind } });
  const edge = await ground.start({ entry: "edge/main.ts" });
  const overStore = await bare("store");
  const sqlite = await bare("sqlite");
  return await ground.race({
    contenders: [
      { name: "POST /v1/verifications", ...edge },
      { name: "bare Hono, JSON, one txn of the store", ...overStore },
      { name: "bare Hono, JSON, node:sqlite", ...sqlite },
    ],
    size,
  });
}

/** Requests per second and latencies, beside the bare handlers. */
export const httpSuite: Suite = async () => [
  raceTable({
    figures: await benchHttp(SIZE),
    title: "POST /v1/verifications over SQLite",
    columns: ["req/s", "p50 ms", "p99 ms", "errors", "edge ÷ this", "CPU µs"],
    notes: [
      `${slicesNote(SIZE, "requests", CLIENTS)}, each`,
      `with a fresh code; ${SEEDS_PER_BUCKET} seeds in a bucket; every answer is durable (fsync).`,
      "The edge and the store write what arrives together with one fsync, node:sqlite",
      "each by itself. Servers and load generator share the machine's cores.",
    ],
  }),
];
