/**
 * Where servers in processes of their own keep their records: one folder for
 * all, or one Redis, reached over TCP or over REST.
 *
 * @module
 */

import {
  type RedisServer,
  startRedis,
} from "../../../../scripts/redis_server.ts";
import { startGateway } from "../../../../scripts/upstash/gateway.ts";
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
};
