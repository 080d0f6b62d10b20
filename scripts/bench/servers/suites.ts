/**
 * Real servers under the load generator, each beside what it is measured against
 * in the same run, round by round: verifications over SQLite and over Redis by
 * TCP and by REST, payments, and one thread beside two. Every request carries a
 * fresh valid code, so every one is searched, spent and recorded; an answer but
 * the expected one fails the bench.
 *
 * @module
 */

import type { Suite } from "../../table.ts";
import { fundAccounts, layGround, SEEDS_PER_BUCKET } from "../kit/ground.ts";
import {
  type HttpFigures,
  type HttpSize,
  PAYMENT,
  phonesFor,
  type RaceColumn,
  type RacedCall,
  raceTable,
  slicesNote,
  VERIFICATION,
} from "../kit/race.ts";
import { STORE_NAMES, type StoreKind } from "../kit/store.ts";
import { fsyncTable } from "../redis/fsync.ts";

/** Servers that are raced, the one that is measured first. */
export interface ServerRace {
  readonly call: RacedCall;
  readonly store: StoreKind;
  readonly size: HttpSize;
  /** What `BARE` tells the bare handler, by the name of its row. */
  readonly bare: Readonly<Record<string, string>>;
  readonly notes: readonly string[];
}

const BARE_STORE = { "bare Hono, JSON, one txn of the store": "store" };
const BARE_SCRIPT = {
  "bare Hono, JSON, EVALSHA: 4 GET, 2 SET": "script",
  ...BARE_STORE,
};
const BUCKETS = `${SEEDS_PER_BUCKET} seeds in a bucket`;
const DURABLE = `${BUCKETS}; appendonly yes, appendfsync always.`;

/** The races beside bare handlers. */
export const RACES = {
  sqlite: {
    ...{ call: VERIFICATION, store: "sqlite" },
    size: { rounds: 7, phonesPerRound: 1000 },
    bare: { ...BARE_STORE, "bare Hono, JSON, node:sqlite": "sqlite" },
    notes: [
      `${BUCKETS}; every answer is durable (fsync).`,
      "The edge and the store write what arrives together with one fsync, node:sqlite",
      "each by itself.",
    ],
  },
  tcp: {
    ...{ call: VERIFICATION, store: "tcp" },
    // A fifth of the edge's time goes to V8's compilers until they are done.
    size: { rounds: 9, warmUpRounds: 12, phonesPerRound: 1000 },
    ...{ bare: BARE_SCRIPT, notes: [DURABLE] },
  },
  rest: {
    ...{ call: VERIFICATION, store: "rest" },
    size: { rounds: 7, warmUpRounds: 8, phonesPerRound: 500 },
    ...{ bare: BARE_SCRIPT, notes: [DURABLE] },
  },
  payments: {
    ...{ call: PAYMENT, store: "tcp" },
    size: { rounds: 7, warmUpRounds: 8, phonesPerRound: 1000 },
    bare: { "bare Hono, JSON, three EVALSHA": "payment" },
    notes: [
      `${DURABLE} The edge runs four scripts: claim, the ledger's account and debit,`,
      "end. The bare handler's three have as many keys as claim, debit and end.",
    ],
  },
} as const satisfies Record<string, ServerRace>;

/**
 * Measures the edge and the bare handlers, the edge first.
 *
 * @throws {Error} If an answer was not as expected.
 */
export async function raceServers(
  { call, store, size, bare }: ServerRace,
): Promise<HttpFigures[]> {
  const count = phonesFor(size);
  await using ground = await layGround(store, count);
  if (call === PAYMENT) await fundAccounts(ground.store, count);
  const edge = await ground.start({ entry: "edge/main.ts" });
  const contenders = [{ name: `POST ${call.path}`, ...edge }];
  for (const [name, kind] of Object.entries(bare)) {
    const entry = "scripts/bench/servers/bare.ts";
    const server = await ground.start({ entry, env: { BARE: kind } });
    contenders.push({ name, ...server });
  }
  return await ground.race({
    ...{ call, contenders, size },
    ...(call === PAYMENT && { key: await ground.openShop(edge) }),
  });
}

/**
 * `deno task serve` on one thread, then on two.
 *
 * @throws {Error} If an answer was not 200.
 */
export async function raceThreads(size: HttpSize): Promise<HttpFigures[]> {
  const count = phonesFor(size);
  // On one store a code counts once, so each has phones of its own.
  await using ground = await layGround("tcp", 2 * count);
  const contenders = [];
  for (const [n, name] of ["1 thread", "2 threads"].entries()) {
    const server = await ground.start({
      flags: ["--unstable-net"],
      entry: "edge/serve.ts",
      env: { DENO_JOBS: `${n + 1}` },
    });
    const phones = ground.phones.slice(n * count, (n + 1) * count);
    contenders.push({ name, ...server, phones });
  }
  return await ground.race({ call: VERIFICATION, contenders, size });
}

const COLUMNS: readonly RaceColumn[] = [
  ...["req/s", "p50 ms", "p99 ms", "first ÷ this"] as const,
  ...["p99 first ÷ this", "CPU µs"] as const,
];

async function table(race: ServerRace) {
  const { call, store, size, notes } = race;
  const columns: readonly RaceColumn[] = store === "sqlite"
    ? COLUMNS
    : [...COLUMNS, "Redis µs"];
  return raceTable(await raceServers(race), columns, {
    title: `POST ${call.path} over ${STORE_NAMES[store]}`,
    notes: [
      `${slicesNote(size, call)}, each with a fresh code;`,
      ...notes,
      "Servers, store and load generator share the machine's cores. CPU µs and Redis µs:",
      "processor time per request of the server and of Redis, all threads.",
    ],
  });
}

/** Verifications over SQLite. */
export const httpSuite: Suite = async () => [await table(RACES.sqlite)];

/** Verifications over Redis by both transports, and what fsync costs. */
export const redisSuite: Suite = async () => [
  await table(RACES.tcp),
  await table(RACES.rest),
  await fsyncTable(),
];

/** Payments over Redis. */
export const paymentsSuite: Suite = async () => [await table(RACES.payments)];

/** Verifications on one thread and on two. */
export const parallelSuite: Suite = async () => {
  const size = { rounds: 7, warmUpRounds: 8, phonesPerRound: 1000 };
  return [
    raceTable(
      await raceThreads(size),
      ["req/s", "÷ first", "p50 ms", "p99 ms", "CPU µs", "Redis µs"],
      {
        title: "POST /v1/verifications by deno task serve, over Redis by TCP",
        notes: [
          `${slicesNote(size, VERIFICATION)}.`,
          `${navigator.hardwareConcurrency} cores, of which the load generator and Redis take their share: a second`,
          "thread of the server can only have what those leave.",
        ],
      },
    ),
  ];
};
