/**
 * The stores of the benches: a SQLite file, or a `redis-server` of their own
 * with the durability that payments need, for REST with a gateway in a process
 * of its own; and a look at what Redis counts.
 *
 * @module
 */

import { createClient } from "@redis/client";
import { systemClock } from "../../../edge/base/clock.ts";
import { createRedisStore } from "../../../edge/store/redis/redis.ts";
import { openRedisRest } from "../../../edge/store/redis/rest.ts";
import { openRedisTcp } from "../../../edge/store/redis/tcp.ts";
import { openSqliteStore } from "../../../edge/store/sqlite/sqlite.ts";
import type { Store } from "../../../edge/store/store.ts";
import { type RedisServer, startRedis } from "../../redis_server.ts";
import { startServer } from "./processes.ts";

/** What a table calls the ways to the records. */
export const STORE_NAMES = {
  sqlite: "SQLite",
  tcp: "Redis by TCP",
  rest: "Redis by REST, through the gateway",
} as const;

/** Where the records are, and how a server reaches them. */
export type StoreKind = keyof typeof STORE_NAMES;

/** When Redis hands what it wrote to the disk. */
export type Fsync = "always" | "everysec" | "no";

/** A store of a bench's own. */
export interface BenchStore extends AsyncDisposable {
  /** For the environment of a server. */
  readonly env: Readonly<Record<string, string>>;
  /** This process's own way to it; over TCP where it is Redis. */
  readonly store: Store;
  /** The process that keeps the records, unless the server does. */
  readonly redis?: RedisServer;
}

/** Opens a new store. */
export async function openBenchStore(
  kind: StoreKind,
  fsync: Fsync = "always",
): Promise<BenchStore> {
  await using stack = new AsyncDisposableStack();
  const made = kind === "sqlite"
    ? await openFile(stack)
    : await openRedis(stack, kind, fsync);
  stack.defer(() => made.store.close());
  const owned = stack.move();
  return { ...made, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** A folder that goes with a stack. */
export async function useFolder(stack: AsyncDisposableStack): Promise<string> {
  const folder = await Deno.makeTempDir({ prefix: "offcode-bench-" });
  stack.defer(() => Deno.remove(folder, { recursive: true }));
  return folder;
}

async function openFile(stack: AsyncDisposableStack) {
  const path = `${await useFolder(stack)}/offcode.db`;
  const store = openSqliteStore({ path, clock: systemClock });
  return { env: { OFFCODE_STORE: `sqlite:${path}` }, store };
}

async function openRedis(
  stack: AsyncDisposableStack,
  kind: "tcp" | "rest",
  fsync: Fsync,
) {
  const settings = [
    ...["--appendonly", "yes", "--appendfsync", fsync],
    // Nothing is evicted, and no log is rewritten beside.
    ...["--maxmemory-policy", "noeviction"],
    ...["--auto-aof-rewrite-percentage", "0"],
  ];
  const redis = stack.use(await startRedis({ settings }));
  let env: Record<string, string> = { OFFCODE_STORE: redis.url };
  if (kind === "rest") {
    const token = crypto.randomUUID();
    const gateway = await startServer({
      entry: "scripts/upstash_gateway.ts",
      folder: redis.folder,
      env: { REDIS_URL: redis.url, TOKEN: token },
    });
    env = {
      OFFCODE_STORE: "upstash",
      UPSTASH_REDIS_REST_URL: stack.use(gateway).origin,
      UPSTASH_REDIS_REST_TOKEN: token,
    };
  }
  // The store is filled without being measured, so its calls may take as long
  // as they need.
  const transport = openRedisTcp({ nodes: [redis], timeoutMs: 60_000 });
  return { env, redis, store: createRedisStore(transport) };
}

/** The transport that an environment asks for, as the edge would open it. */
export function transportOf(env: Readonly<Record<string, string | undefined>>) {
  const { OFFCODE_STORE = "" } = env;
  if (OFFCODE_STORE === "upstash") {
    return openRedisRest({
      url: env["UPSTASH_REDIS_REST_URL"]!,
      token: env["UPSTASH_REDIS_REST_TOKEN"]!,
    });
  }
  const { hostname, port } = new URL(OFFCODE_STORE);
  return openRedisTcp({ nodes: [{ host: hostname, port: Number(port) }] });
}

/** What a Redis counts of itself. */
export type RedisCounts = ReturnType<typeof parseInfo>;

/** A look into a Redis. */
export interface RedisProbe extends Disposable {
  counts(): Promise<RedisCounts>;
  /** Bytes, as `MEMORY USAGE` counts, by kind: the part of a name after the cell. */
  bytesByKind(): Promise<ReadonlyMap<string, number>>;
}

/** Connects to a Redis to look into it. */
export async function openProbe(
  { host, port }: RedisServer,
): Promise<RedisProbe> {
  const client = createClient({
    socket: { host, port, reconnectStrategy: false },
    RESP: 2,
    maintNotifications: "disabled",
    disableClientInfo: true,
    // A signal of each command would be kept for as long as its time is.
    commandOptions: { timeout: 0 },
  });
  client.on("error", () => {});
  await client.connect();
  return {
    async counts() {
      return parseInfo(`${await client.sendCommand(["INFO", "everything"])}`);
    },
    async bytesByKind() {
      const kinds = new Map<string, number>();
      let cursor = "0";
      do {
        const [next, names] = await client.sendCommand<[string, string[]]>(
          ["SCAN", cursor, "COUNT", "1000"],
        );
        const sizes = await Promise.all(names.map((name) =>
          // Every member of an index counts, not a sample of them.
          client.sendCommand<number>(["MEMORY", "USAGE", name, "SAMPLES", "0"])
        ));
        names.forEach((name, i) => {
          const kind = kindOf(name);
          kinds.set(kind, (kinds.get(kind) ?? 0) + sizes[i]!);
        });
        cursor = next;
      } while (cursor !== "0");
      return kinds;
    },
    [Symbol.dispose]: () => client.destroy(),
  };
}

/** `oc:{0}:payment:pay_…` → `payment`. */
export function kindOf(name: string): string {
  return name.split(":")[2] ?? name;
}

/** Reads the reply of `INFO everything`. */
export function parseInfo(info: string) {
  const number = (name: string) =>
    Number(new RegExp(`^${name}:(.*)\r$`, "m").exec(info)?.[1]);
  const calls = info.matchAll(/^cmdstat_(.+?):calls=(\d+)/gm);
  return {
    /** Bytes of all data. */
    memoryBytes: number("used_memory"),
    /** Seconds of its main thread. */
    cpuSeconds: number("used_cpu_user_main_thread") +
      number("used_cpu_sys_main_thread"),
    /** Bytes that came from clients, and that went to them. */
    receivedBytes: number("total_net_input_bytes"),
    sentBytes: number("total_net_output_bytes"),
    /** By name; those inside of scripts count as well. */
    calls: Object.fromEntries(
      Array.from(calls, ([, name, count]) => [name!, Number(count)]),
    ),
  };
}
