/**
 * Stores for tests of several processes, raced or killed: each has a location
 * that a process of its own can open, and one that was prepared can be copied.
 *
 * @module
 */

import type { Clock } from "../../../../edge/base/clock.ts";
import { withCells } from "../../../../edge/store/celled/celled.ts";
import { createRedisStore } from "../../../../edge/store/redis/redis.ts";
import { shareTransport } from "../../../../edge/store/redis/shared.ts";
import { openRedisTcp } from "../../../../edge/store/redis/tcp.ts";
import type { RedisTransport } from "../../../../edge/store/redis/transport.ts";
import { openSqliteStore } from "../../../../edge/store/sqlite/sqlite.ts";
import type { Store } from "../../../../edge/store/store.ts";
import {
  type RedisServer,
  startRedis,
} from "../../../../scripts/redis_server.ts";
import { startCluster } from "../../redis/cluster.ts";
import { connectRaw, type RawRedis } from "../../redis/raw.ts";
import { passInCells, prefixesOf } from "../../redis/store.ts";
import { passCommand, PATIENT_MS, stretchTime } from "../../redis/time.ts";
import { inCells, testCells } from "../cells.ts";

/** One kind of store. */
export interface ProcessStores extends AsyncDisposable {
  /** A new, empty store in `folder`; its location. */
  create(folder: string): Promise<string>;
  /** A copy of a store that nobody has open, in `folder`; its location. */
  copy(location: string, folder: string): Promise<string>;
  /** Lets time pass where a store has a clock of its own. */
  pass(location: string, ms: number): Promise<void>;
  remove(location: string): Promise<void>;
}

const SQLITE = "sqlite:";

/** SQLite files, each in a folder of its own. */
const sqlite: ProcessStores = {
  create: (folder) => Promise.resolve(`${SQLITE}${folder}/offcode.db`),
  async copy(location, folder) {
    // With the write-ahead log, if there is one.
    for (const suffix of ["", "-wal"]) {
      await Deno.copyFile(
        location.slice(SQLITE.length) + suffix,
        `${folder}/offcode.db${suffix}`,
      ).catch((error) => {
        if (suffix === "") throw error;
      });
    }
    return `${SQLITE}${folder}/offcode.db`;
  },
  // Its clock is the edge's.
  pass: () => Promise.resolve(),
  // It goes with its folder.
  remove: () => Promise.resolve(),
  [Symbol.asyncDispose]: () => Promise.resolve(),
};

const COPY = `
for _, from in ipairs(redis.call('KEYS', ARGV[1] .. '*')) do
  redis.call('COPY', from, ARGV[2] .. string.sub(from, #ARGV[1] + 1))
end
return 1
`;

const REMOVE = `
for _, key in ipairs(redis.call('KEYS', ARGV[1] .. '*')) do
  redis.call('DEL', key)
end
return 1
`;

/** What all names of a store begin with. */
const prefixOf = (location: string) => `${new URL(location).pathname}:`;

/** One server, on which each store has names of its own. */
async function startRedisStores(): Promise<ProcessStores> {
  await using starting = new AsyncDisposableStack();
  const server = starting.use(await startRedis());
  const raw = starting.use(await connectRaw(server));
  const stack = starting.move();
  return await storesOn([server], [raw], (location, ms) => [
    raw.send(...passCommand(ms, prefixOf(location))),
  ], stack);
}

/** A cluster of three, on which each store has names of its own in all cells. */
async function startClusterStores(): Promise<ProcessStores> {
  await using starting = new AsyncDisposableStack();
  const { nodes } = starting.use(await startCluster());
  const raws: RawRedis[] = [];
  for (const node of nodes) raws.push(starting.use(await connectRaw(node)));
  const stack = starting.move();
  return await storesOn(nodes, raws, (location, ms) => [
    passInCells(raws, CLUSTER_CELLS, ms, prefixOf(location)),
  ], stack);
}

/** Stores with names of their own on some nodes. */
async function storesOn(
  nodes: readonly RedisServer[],
  raws: readonly RawRedis[],
  pass: (location: string, ms: number) => Promise<unknown>[],
  stack: AsyncDisposableStack,
): Promise<ProcessStores> {
  const [seconds] = await raws[0]!.send("TIME");
  let stores = 0;
  const ports = nodes.map(({ port }) => port);
  // The time at which the tests' clock and the server's began.
  const next = () =>
    `redis://${nodes[0]!.host}:${ports[0]}/${++stores}` +
    `?began=${Number(seconds)}000&ports=${ports}`;
  const onAll = async (...command: string[]) => {
    await Promise.all(raws.map((raw) => raw.send(...command)));
  };
  return {
    create: () => Promise.resolve(next()),
    async copy(location) {
      const copy = next();
      await onAll("EVAL", COPY, "0", prefixOf(location), prefixOf(copy));
      return copy;
    },
    async pass(location, ms) {
      await Promise.all(pass(location, ms));
    },
    async remove(location) {
      await onAll("EVAL", REMOVE, "0", prefixOf(location));
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

function openRedis(location: string, clock: Clock): Store {
  const { hostname: host, searchParams } = new URL(location);
  const ports = searchParams.get("ports")!.split(",").map(Number);
  const transport = prefixed(
    openRedisTcp({
      nodes: ports.map((port) => ({ host, port })),
      timeoutMs: PATIENT_MS,
    }),
    prefixOf(location),
  );
  const stretched = (own: RedisTransport, prefix?: string) =>
    createRedisStore(
      stretchTime(own, clock, Number(searchParams.get("began")), prefix),
    );
  if (ports.length === 1) return stretched(transport);
  // Each cell has a store of its own, because a run names records of one cell only.
  const cells = testCells(CLUSTER_CELLS);
  const prefixes = prefixesOf(cells);
  const stores = shareTransport(transport, prefixes)
    .map((own, i) => stretched(own, prefixes[i]!));
  return withCells({ cells, stores });
}

/** How many cells a store on a cluster has. */
const CLUSTER_CELLS = 64;

function prefixed(transport: RedisTransport, prefix: string): RedisTransport {
  return {
    maxRequests: transport.maxRequests,
    run: (script, keys, args) =>
      transport.run(script, keys.map((key) => prefix + key), args),
    timeMs: (key) => transport.timeMs(key),
    async scan(start, from, what) {
      const page = await transport.scan(prefix + start, from, what);
      const names = page.names.map((it) => it.slice(prefix.length));
      return { ...page, names };
    },
    info: (key) => transport.info(key),
    close: () => transport.close(),
  };
}

/** The same stores, in so many cells. */
function celled(
  start: () => Promise<ProcessStores>,
  count: number,
): () => Promise<ProcessStores> {
  const mark = `#${count}`;
  const bare = (location: string) => location.slice(0, -mark.length);
  return async () => {
    const stores = await start();
    return {
      create: async (folder) => await stores.create(folder) + mark,
      copy: async (location, folder) =>
        await stores.copy(bare(location), folder) + mark,
      pass: (location, ms) => stores.pass(bare(location), ms),
      remove: (location) => stores.remove(bare(location)),
      [Symbol.asyncDispose]: () => stores[Symbol.asyncDispose](),
    };
  };
}

/** Every kind of many cells, and how to start it. */
export const CELLED_PROCESS_STORES: Readonly<
  Record<string, () => Promise<ProcessStores>>
> = {
  "SQLite in 8 cells": celled(() => Promise.resolve(sqlite), 8),
  "Redis in 64 cells": celled(startRedisStores, 64),
  "a cluster in 64 cells": celled(startClusterStores, CLUSTER_CELLS),
};

/** Every kind of one cell, and how to start it. */
export const PROCESS_STORES: Readonly<
  Record<string, () => Promise<ProcessStores>>
> = { SQLite: () => Promise.resolve(sqlite), Redis: startRedisStores };

/**
 * Opens what is at a location, in any process. A file that others hold is
 * waited for as long as `busyTimeoutMs`, if given.
 */
export function openStoreAt(
  location: string,
  clock: Clock,
  options: { readonly busyTimeoutMs?: number } = {},
): Store {
  const [at, count] = location.split("#");
  const store = at!.startsWith(SQLITE)
    ? openSqliteStore({ path: at!.slice(SQLITE.length), clock, ...options })
    : openRedis(at!, clock);
  return count === undefined ? store : inCells(store, Number(count));
}

/** Runs `body` with the location of a new store. */
export async function withProcessStore(
  start: () => Promise<ProcessStores>,
  body: (location: string) => Promise<void>,
): Promise<void> {
  await using stores = await start();
  const folder = await Deno.makeTempDir({ prefix: "offcode-store-" });
  try {
    await body(await stores.create(folder));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
