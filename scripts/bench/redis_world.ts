/**
 * What the Redis benches run on: a `redis-server` of their own with the
 * durability that payments need, for REST a gateway in a process of its own,
 * and a look at what the server counts.
 *
 * @module
 */

import { createClient } from "@redis/client";
import { createRedisStore } from "../../edge/store/redis/redis.ts";
import { openRedisRest } from "../../edge/store/redis/rest.ts";
import { openRedisTcp } from "../../edge/store/redis/tcp.ts";
import type { Store } from "../../edge/store/store.ts";
import { type RedisServer, startRedis } from "../redis_server.ts";
import { startServer } from "./http_processes.ts";

/** How a server reaches Redis. */
export type Transport = "tcp" | "rest";

/** A Redis, and how a server reaches it. */
export interface RedisWorld extends AsyncDisposable {
  readonly redis: RedisServer;
  /** For the environment of a server. */
  readonly env: Readonly<Record<string, string>>;
  /** A store of the bench's own, over TCP. */
  openStore(): Store;
}

/** When Redis hands what it wrote to the disk. */
export type Fsync = "always" | "everysec" | "no";

/** What is common to all: nothing is evicted, and no log is rewritten beside. */
const SETTINGS = [
  ...["--maxmemory-policy", "noeviction"],
  ...["--auto-aof-rewrite-percentage", "0"],
];

/** Starts Redis with an append-only file, and for REST the gateway. */
export async function startWorld(
  transport: Transport,
  fsync: Fsync = "always",
): Promise<RedisWorld> {
  await using stack = new AsyncDisposableStack();
  const redis = stack.use(
    await startRedis({
      settings: ["--appendonly", "yes", "--appendfsync", fsync, ...SETTINGS],
    }),
  );
  const env = transport === "tcp"
    ? { OFFCODE_STORE: redis.url }
    : await (async () => {
      const token = crypto.randomUUID();
      const { origin } = stack.use(
        await startServer({
          entry: "scripts/upstash_gateway.ts",
          folder: redis.folder,
          env: { REDIS_URL: redis.url, TOKEN: token, ADMIN_PORT: "0" },
        }),
      );
      return {
        OFFCODE_STORE: "upstash",
        UPSTASH_REDIS_REST_URL: origin,
        UPSTASH_REDIS_REST_TOKEN: token,
      };
    })();
  const owned = stack.move();
  return {
    redis,
    env,
    openStore: () => createRedisStore(openRedisTcp({ nodes: [redis] })),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
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
export interface RedisCounts {
  /** Bytes of all data. */
  readonly memoryBytes: number;
  /** Seconds of its main thread. */
  readonly cpuSeconds: number;
  /** Bytes that came from clients, and that went to them. */
  readonly receivedBytes: number;
  readonly sentBytes: number;
  /** By name; those inside of scripts count as well. */
  readonly calls: Readonly<Record<string, number>>;
}

/** A look into a Redis. */
export interface RedisProbe extends Disposable {
  counts(): Promise<RedisCounts>;
  /** Keys and `MEMORY USAGE` by kind, the part of a name after the cell. */
  keysByKind(): Promise<ReadonlyMap<string, { keys: number; bytes: number }>>;
}

/** Connects to a Redis to look into it. */
export async function openProbe({ host, port }: RedisServer): Promise<
  RedisProbe
> {
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
    async keysByKind() {
      const kinds = new Map<string, { keys: number; bytes: number }>();
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
          const { keys, bytes } = kinds.get(kind) ?? { keys: 0, bytes: 0 };
          kinds.set(kind, { keys: keys + 1, bytes: bytes + sizes[i]! });
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
export function parseInfo(info: string): RedisCounts {
  const fields = new Map(
    info.split("\r\n").map((line) => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon), line.slice(colon + 1)];
    }),
  );
  const number = (name: string) => Number(fields.get(name));
  const calls: Record<string, number> = {};
  for (const [name, value] of fields) {
    const command = /^cmdstat_(.+)$/.exec(name)?.[1];
    const count = /^calls=(\d+)/.exec(value)?.[1];
    if (command !== undefined) calls[command] = Number(count);
  }
  return {
    memoryBytes: number("used_memory"),
    cpuSeconds: number("used_cpu_user_main_thread") +
      number("used_cpu_sys_main_thread"),
    receivedBytes: number("total_net_input_bytes"),
    sentBytes: number("total_net_output_bytes"),
    calls,
  };
}
