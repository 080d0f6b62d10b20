/**
 * Where servers in processes of their own keep their records: one folder for
 * all, or one Redis, reached over TCP or over REST; and the same in many cells.
 *
 * @module
 */

import { encodeBase64 } from "@std/encoding/base64";
import {
  type RedisServer,
  startRedis,
} from "../../../../scripts/redis_server.ts";
import { startGateway } from "../../../../scripts/upstash/gateway.ts";
import { startCluster } from "../../redis/cluster.ts";
import { TEST_CELL_KEY } from "../cells.ts";
import {
  type ServerOptions,
  startServer,
  type TestServer,
} from "../../world/server.ts";

/** One store that any number of servers use. */
export interface ServerStore extends AsyncDisposable {
  /** Starts a server on it; ended by the caller. */
  server(options?: Omit<ServerOptions, "folder">): Promise<TestServer>;
}

const TOKEN = "a-token-of-a-test";

/** Starts a store that `env` names, in a folder for all. */
async function startStore(
  name: (
    started: AsyncDisposableStack,
  ) => Promise<Record<string, string>>,
): Promise<ServerStore> {
  await using starting = new AsyncDisposableStack();
  const folder = await Deno.makeTempDir({ prefix: "offcode-server-" });
  starting.defer(() => Deno.remove(folder, { recursive: true }));
  const env = await name(starting);
  const stack = starting.move();
  return {
    server: (options = {}) =>
      startServer({ ...options, folder, env: { ...env, ...options.env } }),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

/** Cells of a server, by its environment. */
const inCells = (count: number) => ({
  OFFCODE_CELLS: `${count}`,
  OFFCODE_CELL_KEY: encodeBase64(TEST_CELL_KEY),
});

/** Every kind, and how to start it. */
export const SERVER_STORES: Readonly<
  Record<string, () => Promise<ServerStore>>
> = {
  // A file in the folder is what they use if told nothing.
  SQLite: () => startStore(() => Promise.resolve({})),
  "Redis by TCP": () =>
    startStore(async (started) => {
      const redis: RedisServer = started.use(await startRedis());
      return { OFFCODE_STORE: redis.url };
    }),
  "Redis by REST": () =>
    startStore(async (started) => {
      const redis = started.use(await startRedis());
      const gateway = started.use(await startGateway({ redis, token: TOKEN }));
      return {
        OFFCODE_STORE: "upstash",
        UPSTASH_REDIS_REST_URL: gateway.url,
        UPSTASH_REDIS_REST_TOKEN: TOKEN,
      };
    }),
  "SQLite in 8 cells": () => startStore(() => Promise.resolve(inCells(8))),
  "Redis in 64 cells": () =>
    startStore(async (started) => {
      const redis = started.use(await startRedis());
      return { OFFCODE_STORE: redis.url, ...inCells(64) };
    }),
  "a cluster in 64 cells": () =>
    startStore(async (started) => {
      const { nodes } = started.use(await startCluster());
      const hosts = nodes.map(({ host, port }) => `${host}:${port}`);
      return { OFFCODE_STORE: `redis://${hosts}`, ...inCells(64) };
    }),
};
