/**
 * The server: the only file that reads the environment, opens a port and picks
 * adapters. `deno task start` runs it; `serve.ts` runs the same server on several
 * threads.
 *
 * @module
 */

import process from "node:process";
import { createApp } from "./boot/app.ts";
import { startTimers, workSometimes } from "./boot/background.ts";
import type { Dispatcher } from "./callback/delivery/dispatcher.ts";
import type { Sender } from "./callback/sender.ts";
import { createHttpSender } from "./callback_http/sender.ts";
import {
  atMostEvery,
  type Clock,
  type Random,
  systemClock,
  systemRandom,
} from "./base/clock.ts";
import { compose, type Composed } from "./boot/compose.ts";
import { DEFAULT_SETTINGS } from "./boot/settings.ts";
import { type Config, ConfigError, readConfig } from "./boot/config.ts";
import { checkStart, codeSettings, refuseAbsent } from "./boot/start_checks.ts";
import { CoreFaultError, openCore } from "./core/core.ts";
import {
  type DevelopmentKeys,
  developmentKeys,
  DevelopmentKeysError,
} from "./boot/development_keys.ts";
import {
  announce,
  listen,
  type Listenable,
  listenFault,
  type Running,
  STOP_SIGNALS,
} from "./boot/listen.ts";
import { hashApiKey, newId } from "./base/ids.ts";
import {
  createPresence,
  type Presence,
  type PresenceDeps,
} from "./health/presence.ts";
import { PROBLEM_CODES } from "./http/kit/problem.ts";
import { createHttpLedger } from "./ledger/http/http.ts";
import type { Ledger } from "./ledger/ledger.ts";
import {
  createSandboxLedger,
  type SandboxLedger,
} from "./ledger/sandbox/sandbox.ts";
import { withTestAccounts } from "./ledger/sandbox/test_accounts.ts";
import {
  createLog,
  gatherLines,
  type LineWriter,
  type Log,
} from "./base/log.ts";
import { keepLoopbackDirect } from "./base/loopback.ts";
import { Alarms } from "./metrics/alarms/alarms.ts";
import { readRules } from "./metrics/alarms/rules.ts";
import {
  EdgeMetrics,
  type MetricsDeps,
  type MetricsSnapshot,
} from "./metrics/metrics.ts";
import type { ProcessFigures } from "./metrics/state.ts";
import { pagePaths } from "./pages/serve.ts";
import { findingsOf } from "./health/health.ts";
import type { StoreConfig } from "./boot/store_config.ts";
import { createCelledStore } from "./store/celled/celled.ts";
import { cellsFault } from "./store/celled/fingerprint.ts";
import { createCells } from "./store/cells.ts";
import { createRedisStore } from "./store/redis/redis.ts";
import { shareTransport } from "./store/redis/shared.ts";
import { type NodeWatch, watchedTransport } from "./store/redis/watched.ts";
import { openSqliteStore } from "./store/sqlite/sqlite.ts";
import {
  type Cells,
  type ListableStore,
  type Store,
  StoreUnavailableError,
} from "./store/store.ts";
import { withMasterKeysFile } from "./boot/master_keys_file.ts";
import type { SealedRecords } from "./vault/sealed_records.ts";
import { createVault } from "./vault/seal.ts";

const CORE_URL = new URL("../wasm/release/core.wasm", import.meta.url);

const ALERTS_URL = new URL("./alerts.yml", import.meta.url);

/**
 * The shortest time between two looks for due work after requests, because a look takes
 * time, too.
 */
const WORK_EVERY_MS = 100;
/** The longest wait for the log at the end, in case nobody reads it. */
const LOG_MS = 500;
/**
 * The longest wait for the end of the presence and of the leases, in case the store
 * does not answer.
 */
const PRESENCE_END_MS = 200;

/** A server that is put together but does not listen yet. */
export interface Server extends Listenable {
  readonly config: Config;
  /** The development keys, if the server runs on them. */
  readonly development: DevelopmentKeys | null;
  readonly dispatcher: Dispatcher;
  /** The paths of its pages. */
  readonly pages: readonly string[];
  /** The metrics of this server alone. */
  metrics(): Promise<MetricsSnapshot>;
  /**
   * The kinds of records under master keys, and the keys' ids; the first key
   * seals.
   */
  readonly sealed: readonly SealedRecords[];
  readonly kids: readonly string[];
}

/** How a server is put together. */
export interface BootOptions extends Pick<MetricsDeps, "others"> {
  /** Whether development keys are made if no keys are set. */
  readonly development: boolean;
  /**
   * Whether due work is also done without requests, and whether the store is made if its
   * file is not there; `true` by default.
   */
  readonly background?: boolean;
}

/**
 * Puts the server together from the environment.
 *
 * @throws {ConfigError} If a setting cannot be used, if the store evicts records, or if
 * a profile that is not served has customers; the text names every such setting.
 * @throws {CoreFaultError} If the core does not pass its self-test.
 * @throws {StoreUnavailableError} If the store cannot be opened.
 */
export async function boot(options: BootOptions): Promise<Server> {
  const config = await readEnvironment(options);
  const serves = options.background !== false;
  if (!serves) await refuseAbsent(config);
  const [clock, random] = [systemClock, systemRandom];
  const lines = gatherLines(writeText);
  const monotonicMs = () => performance.now();
  const { metrics, alarms } = await openMetrics(options, monotonicMs);
  const log = metrics.countedLog(createLog({ clock, write: lines.write }));
  const { development, keys } = await readKeys(config, random);
  const coreWasm = await Deno.readFile(CORE_URL);
  const core = openCore(coreWasm);
  const store = await openStore(config.store, clock, metrics.nodes);
  const codes = await codeSettings(config, core, store);
  const { ledger, sandbox } = pickLedger(config, { store, random, clock, log });
  const sender = createHttpSender({ clock, ...config.callbacks });
  const composed = compose({
    ...{ store, core, coreWasm, ledger, sender, clock, random, log },
    ...{ metrics, alarms, monotonicMs },
    vault: createVault({
      keyring: keys.keyring,
      random,
      hmacSha256: (key, message) => core.hmacSha256(key, message),
    }),
    ...(sandbox !== null && { sandbox }),
  }, {
    adminKeyHash: hashApiKey(keys.adminKey),
    ...DEFAULT_SETTINGS,
    ...{ ...config.settings, ...codes, hasTestCodes: development !== null },
  });
  const { useCases, dispatcher, coreFollower, cellLeases, sealed } = composed;
  const deps = { store, random, monotonicMs, log };
  const presence = presenceOf(composed, deps, serves);
  const close = () => closeStore(store, composed, presence);
  const opened = { ...composed, store, presence, close };
  await checkStart({ ...opened, serves, cellsFault });
  let isStopping = false;
  const workOn = () => workSometimes(composed, presence);
  const app = createApp({
    ...{ useCases, log, metrics, hasPages: config.hasPages },
    afterRequest: atMostEvery(WORK_EVERY_MS, monotonicMs, workOn),
    refusal: () => presence.refusal(),
    isStopping: () => isStopping,
    needsHost: true,
    ...(config.corsOrigins && { corsOrigins: config.corsOrigins }),
    newRequestId: () => newId("req", random),
    monotonicMs,
  });
  const timers = startTimers(composed, { presence, log, ...options });
  return {
    fetch: (request, connection) => app.fetch(request, { connection }),
    ...{ mode: useCases.mode, config, development, dispatcher, sealed },
    pages: pagesOf(config, useCases),
    metrics: () => metrics.snapshot(),
    kids: keys.keyring.map(({ kid }) => kid),
    stopping() {
      isStopping = true;
      void cellLeases.end();
      return dispatcher.stop();
    },
    async close() {
      for (const timer of timers) clearInterval(timer);
      void coreFollower.stop();
      // The store is closed before the sender. A delivery that the sender cuts off
      // then cannot be recorded as a failure of the merchant's server; it is made
      // again when its lease has expired.
      await close();
      await closeAll(sender, lines);
    },
  };
}

/** Makes the presence of this process, by which others know that it is at work. */
function presenceOf(
  { storeMode, storeCheck }: Composed,
  deps: Omit<PresenceDeps, "place" | "unfit">,
  serves: boolean,
): Presence {
  return createPresence({
    ...deps,
    place: `${Deno.hostname()}, process ${Deno.pid}`,
    // A process that does not serve asks no ledger, so the mode does not matter to it. How
    // the store is set was checked at its start.
    ...(serves && {
      unfit: async () =>
        await storeMode.refusal() ??
          (await findingsOf({ store: deps.store, storeCheck })).refusal,
    }),
  });
}

/** The paths of the pages that are served. */
function pagesOf(
  { hasPages }: Config,
  { sandboxWallet }: Composed["useCases"],
): string[] {
  return hasPages ? pagePaths({ wallet: sandboxWallet !== undefined }) : [];
}

/** Removes the presence and the leases of this process, and closes the store. */
async function closeStore(
  store: Store,
  { cellLeases }: Composed,
  presence: Presence,
): Promise<void> {
  const ends = Promise.all([cellLeases.end(), presence.end()]);
  await within(PRESENCE_END_MS, ends);
  await store.close();
}

/** Closes what reaches the merchants, and writes what is left of the log. */
async function closeAll(sender: Sender, lines: LineWriter): Promise<void> {
  await sender.close();
  // The wait is bounded, because a log that nobody reads may be full.
  await within(LOG_MS, lines.flush());
}

/** Waits until work has ended, with or without an error, but no longer than `ms`. */
async function within(ms: number, work: Promise<unknown>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise((resolve) => timer = setTimeout(resolve, ms));
  await Promise.race([work.catch(() => {}), late]);
  clearTimeout(timer);
}

/** Makes the metrics of this server, and its alarms. */
async function openMetrics(
  { others }: BootOptions,
  monotonicMs: () => number,
): Promise<{ metrics: EdgeMetrics; alarms: Alarms }> {
  const rules = readRules(await Deno.readTextFile(ALERTS_URL));
  const metrics = new EdgeMetrics({
    ...{ monotonicMs, codes: PROBLEM_CODES, process: readProcess },
    ...(others !== undefined && { others }),
  });
  return { metrics, alarms: new Alarms({ rules, metrics, monotonicMs }) };
}

/** What the runtime says of this process. */
function readProcess(): ProcessFigures {
  const { user, system } = process.cpuUsage();
  return {
    cpuSeconds: (user + system) / 1e6,
    residentBytes: Deno.memoryUsage().rss,
    startedMs: performance.timeOrigin,
  };
}

/** The keys that are set, or development keys. */
async function readKeys(config: Config, random: Random) {
  if (config.keys !== undefined) {
    return { keys: config.keys, development: null };
  }
  const path = "./data/development-keys.json";
  const development = await developmentKeys(path, random);
  return { keys: development.keys, development };
}

/** Reads the configuration from the environment. */
async function readEnvironment({ development }: BootOptions): Promise<Config> {
  const config = readConfig(await withMasterKeysFile(Deno.env.toObject()));
  if (config.keys === undefined && !development) {
    throw new ConfigError([
      "OFFCODE_ADMIN_KEY and OFFCODE_MASTER_KEYS must be set",
    ]);
  }
  keepLoopbackDirect(Deno.env);
  return config;
}

/** The configured ledger; `sandbox` is the same ledger if it is the sandbox. */
function pickLedger(
  { ledger }: Config,
  deps: { store: Store; random: Random; clock: Clock; log: Log },
): { ledger: Ledger; sandbox: SandboxLedger | null } {
  if (ledger.kind === "sandbox") {
    const sandbox = withTestAccounts(createSandboxLedger(deps), deps.store);
    return { ledger: sandbox, sandbox };
  }
  try {
    const { url, secret } = ledger;
    const timeoutMs = DEFAULT_SETTINGS.times.ledgerTimeoutMs;
    const { clock, log } = deps;
    return {
      ledger: createHttpLedger({ url, secret, clock, timeoutMs, log }),
      sandbox: null,
    };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new ConfigError([`OFFCODE_LEDGER: ${error.message}`]);
  }
}

/**
 * Opens the configured store. A Redis that cannot be reached does not prevent the
 * start: it may come back, and readiness reports it until then. `watch` takes what is seen of
 * each Redis.
 */
export async function openStore(
  config: StoreConfig,
  clock: Clock,
  watch: NodeWatch = { ended() {}, compared() {} },
): Promise<ListableStore> {
  if (config.cells === undefined) {
    return await openDatabase(config, clock, watch);
  }
  const { count, key, prefix } = config.cells;
  const cells = createCells(count, key);
  const isCluster = config.kind === "redis" && config.nodes.length > 1;
  const stores = isCluster
    ? await openCluster(config, cells, clock, watch)
    : config.kind === "upstash-fleet"
    ? await openFleet(config, clock, watch)
    : new Array<ListableStore>(count)
      .fill(await openDatabase(config, clock, watch));
  return createCelledStore({
    ...{
      cells,
      stores,
      clock,
      prefix,
      ...(isCluster && { lists: stores[0]! }),
    },
  });
}

/** The most connections of a process to a cluster, each for some neighboring cells. */
const CLUSTER_LINKS = 16;

/**
 * Opens the cells of a cluster. Neighboring cells share a link and are mostly on one
 * node, so that a node that is slow or gone breaks the links to its own cells only.
 */
async function openCluster(
  config: Extract<StoreConfig, { kind: "redis" }>,
  { tags }: Cells,
  clock: Clock,
  watch: NodeWatch,
): Promise<ListableStore[]> {
  const { openRedisTcp } = await import("./store/redis/tcp.ts");
  const width = Math.ceil(tags.length / CLUSTER_LINKS);
  return tags.flatMap((_, first) => {
    if (first % width !== 0) return [];
    const keys = tags.slice(first, first + width).map((tag) => `oc:{${tag}}`);
    const link = openRedisTcp({ ...config, key: keys[0]! });
    return shareTransport(watchedTransport(link, watch, clock), keys)
      .map((transport) => createRedisStore(transport));
  });
}

/** Opens a list of Upstash databases, each with its cells. */
async function openFleet(
  { databases }: Extract<StoreConfig, { kind: "upstash-fleet" }>,
  clock: Clock,
  watch: NodeWatch,
): Promise<ListableStore[]> {
  const stores: ListableStore[] = [];
  for (const { url, token, from, to } of databases) {
    const database = { kind: "upstash", url, token } as const;
    const store = await openDatabase(database, clock, watch);
    stores.push(...new Array<ListableStore>(to - from + 1).fill(store));
  }
  return stores;
}

/** Opens one database. */
async function openDatabase(
  config: StoreConfig,
  clock: Clock,
  watch: NodeWatch,
): Promise<ListableStore> {
  // Clients are loaded only when chosen, because loading one takes as long as the
  // rest of the start.
  switch (config.kind) {
    case "sqlite":
      return openSqliteStore({ path: config.path, clock });
    case "redis": {
      const { openRedisTcp } = await import("./store/redis/tcp.ts");
      return createRedisStore(
        watchedTransport(openRedisTcp(config), watch, clock),
      );
    }
    case "upstash": {
      const { openRedisRest } = await import("./store/redis/rest.ts");
      return createRedisStore(
        watchedTransport(openRedisRest(config), watch, clock),
      );
    }
    case "upstash-fleet": {
      // With one cell there is one database.
      const [database] = config.databases;
      const one = { kind: "upstash", ...database! } as const;
      return await openDatabase(one, clock, watch);
    }
  }
}

/** Writes all of a text to standard output. */
async function writeText(text: string): Promise<void> {
  let bytes = new TextEncoder().encode(text);
  while (bytes.length > 0) {
    bytes = bytes.subarray(await Deno.stdout.write(bytes));
  }
}

/** The text that a developer sees after a first start, with commands to paste. */
function greeting(origin: string, development: DevelopmentKeys): string {
  const { made, path, keys } = development;
  return `
${made ? "Made" : "Using"} development keys, kept in ${path}. They are for
development only: set OFFCODE_ADMIN_KEY and OFFCODE_MASTER_KEYS to run for real.

  admin key   ${keys.adminKey}

Paste this to see it work (the README's walk-through goes on from here):

  export OFFCODE=${origin} ADMIN=${keys.adminKey}
  curl -s $OFFCODE/readyz
  curl -s $OFFCODE/v1/admin/merchants -H "Authorization: Bearer $ADMIN" \\
    -H 'Content-Type: application/json' -d '{"name":"Corner Shop"}'

Or read and try the API in a browser: ${origin}/docs
Or watch two phones pay:              npx -y deno@2.9.6 task demo
`;
}

/** Why a start failed, as a sentence for the person who started it. */
export function startFault(error: unknown): string {
  if (error instanceof ConfigError || error instanceof DevelopmentKeysError) {
    return error.message;
  }
  if (error instanceof StoreUnavailableError) {
    const cause = error.cause instanceof Error
      ? `: ${error.cause.message}`
      : "";
    return `The store cannot be opened (${error.fault})${cause}`;
  }
  if (error instanceof CoreFaultError) return error.message;
  throw error;
}

async function main(): Promise<void> {
  let server: Server;
  try {
    server = await boot({ development: true });
  } catch (error) {
    console.error(startFault(error));
    Deno.exit(2);
  }
  const { config, development } = server;
  // Development keys are printed, so a server that uses them must not be reachable
  // from the network by default.
  const hostname = config.host ??
    (development === null ? "0.0.0.0" : "127.0.0.1");
  const { port, stopMs } = config;
  const place = { hostname, port, stopMs };
  let running: Running;
  try {
    running = listen(server, place);
  } catch (error) {
    console.error(listenFault(error, place));
    Deno.exit(2);
  }
  const { insecure } = config.callbacks;
  const origin = announce({ ...running, insecure, pages: server.pages });
  if (development !== null) console.log(greeting(origin, development));
  // Signal listeners keep the process alive, so it is ended explicitly.
  const stop = () => void running.stop().then(() => Deno.exit(0));
  for (const signal of STOP_SIGNALS) Deno.addSignalListener(signal, stop);
}

if (import.meta.main) await main();
