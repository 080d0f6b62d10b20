/**
 * Stores for tests of several processes, raced or killed: each has a location
 * that a process of its own can open, and one that was prepared can be copied.
 *
 * @module
 */

import type { Clock } from "../../../../edge/base/clock.ts";
import { createRedisStore } from "../../../../edge/store/redis/redis.ts";
import { openRedisTcp } from "../../../../edge/store/redis/tcp.ts";
import type { RedisTransport } from "../../../../edge/store/redis/transport.ts";
import { openSqliteStore } from "../../../../edge/store/sqlite/sqlite.ts";
import type { Store } from "../../../../edge/store/store.ts";
import { startRedis } from "../../../../scripts/redis_server.ts";
import { connectRaw } from "../../redis/raw.ts";
import { passCommand, PATIENT_MS, stretchTime } from "../../redis/time.ts";

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
  const [seconds] = await raw.send("TIME");
  const stack = starting.move();
  let stores = 0;
  // The time at which the tests' clock and the server's began.
  const next = () => `${server.url}/${++stores}?began=${Number(seconds)}000`;
  return {
    create: () => Promise.resolve(next()),
    async copy(location) {
      const copy = next();
      await raw.send("EVAL", COPY, "0", prefixOf(location), prefixOf(copy));
      return copy;
    },
    async pass(location, ms) {
      await raw.send(...passCommand(ms, prefixOf(location)));
    },
    async remove(location) {
      await raw.send("EVAL", REMOVE, "0", prefixOf(location));
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

function openRedis(location: string, clock: Clock): Store {
  const { hostname: host, port, searchParams } = new URL(location);
  const transport = openRedisTcp({
    nodes: [{ host, port: Number(port) }],
    timeoutMs: PATIENT_MS,
  });
  return createRedisStore(stretchTime(
    prefixed(transport, prefixOf(location)),
    clock,
    Number(searchParams.get("began")),
  ));
}

function prefixed(transport: RedisTransport, prefix: string): RedisTransport {
  return {
    maxRequests: transport.maxRequests,
    run: (script, keys, args) =>
      transport.run(script, keys.map((key) => prefix + key), args),
    timeMs: () => transport.timeMs(),
    async scan(start, from, what) {
      const page = await transport.scan(prefix + start, from, what);
      const names = page.names.map((it) => it.slice(prefix.length));
      return { ...page, names };
    },
    info: () => transport.info(),
    close: () => transport.close(),
  };
}

/** Every kind, and how to start it. */
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
  return location.startsWith(SQLITE)
    ? openSqliteStore({
      path: location.slice(SQLITE.length),
      clock,
      ...options,
    })
    : openRedis(location, clock);
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
