/**
 * Stores for dispatchers that are killed: a location that a process of its own
 * can open, and time that passes in it when a test says so.
 *
 * @module
 */

import type { Clock } from "../../../edge/base/clock.ts";
import { createRedisStore } from "../../../edge/store/redis/redis.ts";
import { openRedisTcp } from "../../../edge/store/redis/tcp.ts";
import { openSqliteStore } from "../../../edge/store/sqlite/sqlite.ts";
import type { Store } from "../../../edge/store/store.ts";
import { startRedis } from "../../../scripts/redis_server.ts";
import { connectRaw } from "../redis/raw.ts";
import { passCommand, PATIENT_MS, stretchTime } from "../redis/time.ts";

/** Where a store is, for another process. */
export type StoreLocation =
  | { readonly kind: "sqlite"; readonly path: string }
  | {
    readonly kind: "redis";
    readonly host: string;
    readonly port: number;
    /** The server's clock when the test's stood at its beginning, unix ms. */
    readonly serverMs: number;
  };

/** Opens the store at a location. */
export function openStoreAt(location: StoreLocation, clock: Clock): Store {
  if (location.kind === "sqlite") {
    return openSqliteStore({ path: location.path, clock });
  }
  const { host, port, serverMs } = location;
  const transport = openRedisTcp({
    nodes: [{ host, port }],
    timeoutMs: PATIENT_MS,
  });
  return createRedisStore(stretchTime(transport, clock, serverMs));
}

/** Empty stores of one kind, one after the other. */
export interface StorePlaces extends AsyncDisposable {
  /** A new, empty store. */
  next(): Promise<StoreLocation>;
  /** Lets time pass where the store has a clock of its own. */
  advance(ms: number): Promise<void>;
}

/** SQLite files in folders of their own. */
export function sqlitePlaces(): Promise<StorePlaces> {
  const folders: string[] = [];
  return Promise.resolve({
    async next() {
      const folder = await Deno.makeTempDir({ prefix: "offcode-killed-" });
      folders.push(folder);
      return { kind: "sqlite", path: `${folder}/offcode.db` };
    },
    advance: () => Promise.resolve(),
    async [Symbol.asyncDispose]() {
      for (const folder of folders) {
        await Deno.remove(folder, { recursive: true });
      }
    },
  });
}

/** One Redis, emptied each time. */
export async function redisPlaces(): Promise<StorePlaces> {
  await using stack = new AsyncDisposableStack();
  const server = stack.use(await startRedis());
  const raw = stack.use(await connectRaw(server));
  const running = stack.move();
  return {
    async next() {
      await raw.send("FLUSHALL");
      const transport = openRedisTcp({
        nodes: [server],
        timeoutMs: PATIENT_MS,
      });
      const serverMs = await transport.timeMs();
      await transport.close();
      const { host, port } = server;
      return { kind: "redis", host, port, serverMs };
    },
    advance: async (ms) => {
      await raw.send(...passCommand(ms));
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}
