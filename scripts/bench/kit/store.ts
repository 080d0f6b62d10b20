/**
 * The stores of the benches: a SQLite file, or a `redis-server` of their own
 * with the durability that payments need, for REST with a gateway in a process
 * of its own; and what Redis counts of itself.
 *
 * @module
 */

import { encodeBase64 } from "@std/encoding/base64";
import { systemClock, systemRandom } from "../../../edge/base/clock.ts";
import { readConfig } from "../../../edge/boot/config.ts";
import { openStore } from "../../../edge/main.ts";
import { createRedisStore } from "../../../edge/store/redis/redis.ts";
import { openRedisTcp } from "../../../edge/store/redis/tcp.ts";
import { openSqliteStore } from "../../../edge/store/sqlite/sqlite.ts";
import type { Store } from "../../../edge/store/store.ts";
import { startNodes } from "../../redis_cluster.ts";
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
  /** All such processes, if the records are divided. */
  readonly primaries?: readonly RedisServer[];
}

/** Among how many cells and on how many primaries records are divided. */
export interface Division {
  readonly cells: number;
  readonly primaries: number;
}

export async function openBenchStore(
  kind: StoreKind,
  fsync: Fsync = "always",
  division?: Division,
): Promise<BenchStore> {
  await using stack = new AsyncDisposableStack();
  const made = kind === "sqlite"
    ? await openFile(stack)
    : division !== undefined
    ? await openCells(stack, division)
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

const settingsFor = (fsync: Fsync): readonly string[] => [
  ...["--appendonly", "yes", "--appendfsync", fsync],
  // Nothing is evicted, and no log is rewritten beside.
  ...["--maxmemory-policy", "noeviction"],
  ...["--auto-aof-rewrite-percentage", "0"],
];

/**
 * The store is filled without being measured, so its calls may take as long as
 * they need.
 */
const PATIENT_MS = 60_000;

/** A Redis, or a cluster of several, as the edge itself opens it. */
async function openCells(
  stack: AsyncDisposableStack,
  { cells, primaries }: Division,
) {
  const options = { settings: settingsFor("always"), limitMs: Infinity };
  const nodes = primaries === 1
    ? [stack.use(await startRedis(options))]
    : stack.use(await startNodes({ primaries, ...options })).nodes;
  const hosts = nodes.map(({ host, port }) => `${host}:${port}`);
  const env = {
    OFFCODE_STORE: `redis://${hosts}`,
    OFFCODE_CELLS: `${cells}`,
    OFFCODE_CELL_KEY: encodeBase64(systemRandom.bytes(32)),
  };
  const config = { ...readConfig(env).store, timeoutMs: PATIENT_MS };
  const store = await openStore(config, systemClock);
  return { env, store, redis: nodes[0]!, primaries: nodes };
}

async function openRedis(
  stack: AsyncDisposableStack,
  kind: "tcp" | "rest",
  fsync: Fsync,
) {
  const settings = settingsFor(fsync);
  const redis = stack.use(await startRedis({ settings, limitMs: Infinity }));
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
  const transport = openRedisTcp({ nodes: [redis], timeoutMs: PATIENT_MS });
  return { env, redis, store: createRedisStore(transport) };
}

/** What a Redis answers to a command, as lines. */
async function askRedis(
  { host, port }: RedisServer,
  ...command: readonly string[]
): Promise<string> {
  const { success, stdout } = await new Deno.Command("redis-cli", {
    args: ["-e", "-h", host, "-p", `${port}`, ...command],
    stderr: "inherit",
  }).output();
  if (!success) throw new Error(`Redis refused ${command[0]}`);
  return new TextDecoder().decode(stdout);
}

export type RedisCounts = ReturnType<typeof parseInfo>;

/** Reads the reply of `INFO everything`. */
export function parseInfo(info: string) {
  const number = (name: string) =>
    Number(new RegExp(`^${name}:(.*)\r$`, "m").exec(info)?.[1]);
  const calls = info.matchAll(/^cmdstat_(.+?):calls=(\d+)/gm);
  return {
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

export async function redisCounts(redis: RedisServer): Promise<RedisCounts> {
  return parseInfo(await askRedis(redis, "INFO", "everything"));
}

/** Adds up what each record takes, every member of an index included. */
const BYTES_BY_KIND = `
local sums, lines, cursor = {}, {}, '0'
repeat
  local page = redis.call('SCAN', cursor, 'COUNT', 1000)
  cursor = page[1]
  for _, name in ipairs(page[2]) do
    local kind = string.match(name, '^oc:{0}:([^:]*)') or name
    local bytes = redis.call('MEMORY', 'USAGE', name, 'SAMPLES', 0)
    sums[kind] = (sums[kind] or 0) + bytes
  end
until cursor == '0'
for kind, bytes in pairs(sums) do lines[#lines + 1] = kind .. ' ' .. bytes end
return lines`;

/** Bytes, as `MEMORY USAGE` counts, by kind of key: the part of a name after the cell. */
export async function bytesByKind(
  redis: RedisServer,
): Promise<Map<string, number>> {
  const lines = (await askRedis(redis, "EVAL", BYTES_BY_KIND, "0")).trim();
  return new Map(
    lines.split("\n").map((line) => {
      const [kind, bytes] = line.split(" ");
      return [kind!, Number(bytes)];
    }),
  );
}
