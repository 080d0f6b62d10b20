/**
 * Real servers under the load generator, each beside what it is measured against
 * in the same run, round by round. Every request carries a fresh valid code, so
 * every one is searched, spent and recorded; an answer but the expected one fails
 * the bench.
 *
 * @module
 */

import { Api } from "../../client.ts";
import type { Suite, Table } from "../../table.ts";
import { RECEIVER } from "../callbacks/world.ts";
import { layGround, SEEDS_PER_BUCKET } from "../kit/ground.ts";
import { startServer } from "../kit/processes.ts";
import {
  CLIENTS,
  type HttpContender,
  type HttpFigures,
  type HttpSize,
  PAYMENT,
  phonesFor,
  type RacedCall,
  raceHttp,
  raceTable,
  slicesNote,
  VERIFICATION,
} from "../kit/race.ts";
import { STORE_NAMES, type StoreKind } from "../kit/store.ts";

/** Servers that are raced, the one that is measured first. */
export interface ServerRace {
  readonly call: RacedCall;
  readonly store: StoreKind;
  readonly size: HttpSize;
  /** What `BARE` tells the bare handler, by the name of its row. */
  readonly bare: Readonly<Record<string, string>>;
}

const BARE_SCRIPT = { "bare Hono, JSON, EVALSHA: 4 GET, 2 SET": "script" };

export const RACES = {
  sqlite: {
    ...{ call: VERIFICATION, store: "sqlite" },
    size: { rounds: 7, phonesPerRound: 1000 },
    bare: {
      "bare Hono, JSON, one txn of the store": "store",
      "bare Hono, JSON, node:sqlite": "sqlite",
    },
  },
  tcp: {
    ...{ call: VERIFICATION, store: "tcp", bare: BARE_SCRIPT },
    // A fifth of the edge's time goes to V8's compilers until they are done.
    size: { rounds: 9, warmUpRounds: 12, phonesPerRound: 1000 },
  },
  rest: {
    ...{ call: VERIFICATION, store: "rest", bare: BARE_SCRIPT },
    size: { rounds: 7, warmUpRounds: 8, phonesPerRound: 500 },
  },
  payments: {
    ...{ call: PAYMENT, store: "tcp" },
    bare: { "bare Hono, JSON, three EVALSHA": "payment" },
    size: { rounds: 7, warmUpRounds: 8, phonesPerRound: 1000 },
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
  await using ground = await layGround(store, phonesFor(size));
  const edge = await ground.start();
  const key = call === PAYMENT
    ? (await ground.openShop(edge)).key
    : ground.walletKey;
  const name = `POST ${call.path}`;
  const contenders = [ground.contender(edge, { name, key })];
  for (const [name, BARE] of Object.entries(bare)) {
    const entry = "scripts/bench/servers/bare.ts";
    const server = await ground.start({ entry, env: { BARE } });
    contenders.push(ground.contender(server, { name, key }));
  }
  return await raceHttp(call, size, contenders);
}

/**
 * Payments at edges whose Redis differ in `appendfsync` alone.
 *
 * @throws {Error} If an answer was not 201.
 */
export async function raceFsync(size: HttpSize): Promise<HttpFigures[]> {
  await using stack = new AsyncDisposableStack();
  const contenders: HttpContender[] = [];
  for (const fsync of ["always", "everysec", "no"] as const) {
    const laid = await layGround("tcp", phonesFor(size), { fsync });
    const ground = stack.use(laid);
    const edge = await ground.start();
    const { key } = await ground.openShop(edge);
    const name = `appendfsync ${fsync}`;
    contenders.push(ground.contender(edge, { name, key }));
  }
  return await raceHttp(PAYMENT, size, contenders);
}

/**
 * Payments of a merchant without a callback endpoint, and of one whose callbacks
 * the same process delivers.
 *
 * @throws {Error} If an answer was not 201.
 */
export async function raceEndpoint(
  store: StoreKind,
  size: HttpSize,
): Promise<HttpFigures[]> {
  const each = phonesFor(size);
  await using ground = await layGround(store, 2 * each);
  await using receiver = await startServer({ entry: RECEIVER });
  const edge = await ground.start({ env: { OFFCODE_CALLBACKS_INSECURE: "1" } });
  const contenders: HttpContender[] = [];
  for (const [n, name] of ["no endpoint", "an endpoint"].entries()) {
    const { key } = await ground.openShop(edge);
    const phones = ground.phones.slice(n * each, (n + 1) * each);
    contenders.push(ground.contender(edge, { name, key, phones }));
    if (n === 0) continue;
    const url = `${receiver.origin}/ok/1`;
    const put = ["PUT", "/v1/callback-endpoint", key, { url }] as const;
    await new Api(edge.origin).call("201 active", ...put);
  }
  return await raceHttp({ ...PAYMENT, clients: CLIENTS }, size, contenders);
}

/** The figures of a race beside bare handlers. */
export async function serversTable(race: ServerRace): Promise<Table> {
  const { call, store, size } = race;
  const title = `POST ${call.path} over ${STORE_NAMES[store]}`;
  return raceTable(title, await raceServers(race), [
    `${slicesNote(size, call)}, each with a fresh code;`,
    `${SEEDS_PER_BUCKET} seeds in a bucket; every answer is durable (fsync). Servers, store and load`,
    "share the machine's cores. CPU µs and Redis µs: processor time per request, all threads.",
  ]);
}

/** Verifications over Redis by both transports, and what fsync costs. */
export const redisSuite: Suite = async () => {
  const size = { rounds: 7, warmUpRounds: 4, phonesPerRound: 300 };
  return [
    await serversTable(RACES.tcp),
    await serversTable(RACES.rest),
    raceTable("POST /v1/payments by appendfsync", await raceFsync(size), [
      slicesNote(size, PAYMENT),
    ]),
  ];
};

/** What a callback endpoint costs a payment, over a store. */
export async function endpointTable(kind: StoreKind): Promise<Table> {
  const title = `POST /v1/payments over ${STORE_NAMES[kind]}`;
  const size = { rounds: 5, phonesPerRound: 300 };
  return raceTable(title, await raceEndpoint(kind, size), [
    slicesNote(size, PAYMENT),
  ]);
}
