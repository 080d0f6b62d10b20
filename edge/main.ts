/**
 * The server: the only file that reads the environment, opens a port and picks
 * adapters. `deno task start` runs it; `serve.ts` hands the same application
 * to `deno serve`.
 *
 * @module
 */

import { createApp } from "./app.ts";
import { type Clock, type Random, systemClock, systemRandom } from "./clock.ts";
import { compose } from "./compose.ts";
import { DEFAULT_SETTINGS } from "./settings.ts";
import { type Config, ConfigError, readConfig } from "./config.ts";
import { CoreFaultError, openCore } from "./core/core.ts";
import {
  type DevelopmentKeys,
  developmentKeys,
  DevelopmentKeysError,
} from "./development_keys.ts";
import { hashApiKey, newId } from "./ids.ts";
import { createHttpLedger } from "./ledger/http.ts";
import type { Ledger } from "./ledger/ledger.ts";
import { createSandboxLedger, type SandboxLedger } from "./ledger/sandbox.ts";
import { createLog, gatherLines, type Log } from "./log.ts";
import type { StoreConfig } from "./store_config.ts";
import { createRedisStore } from "./store/redis.ts";
import { openSqliteStore } from "./store/sqlite.ts";
import { type Store, StoreUnavailableError } from "./store/store.ts";
import { createVault } from "./vault/seal.ts";

const CORE_URL = new URL("../wasm/release/core.wasm", import.meta.url);

const SWEEP_EVERY_MS = 5_000;
/** A client that sends nothing more does not keep a stopping server. */
export const DRAIN_MS = 4_000;
/** Nor does a log that is not read. */
const LOG_MS = 500;
/** Nor does what the store has under way, which has deadlines of its own. */
const CLOSE_MS = 500;

/** A server that is put together but does not listen yet. */
export interface Server {
  readonly fetch: (request: Request) => Response | Promise<Response>;
  readonly config: Config;
  /** Present when this start runs on development keys. */
  readonly development: DevelopmentKeys | null;
  /** Tells requests whose bodies are cut off from now on why that is. */
  stopping(): void;
  /** Lets go of the store. */
  close(): Promise<void>;
}

/**
 * Puts the server together from the environment; with `development`, keys that
 * are not set are made.
 *
 * @throws {ConfigError} naming every setting that cannot be used.
 * @throws {CoreFaultError} when the core does not pass its self-test.
 * @throws {StoreUnavailableError} when the store cannot be opened.
 */
export async function boot(
  options: { readonly development: boolean },
): Promise<Server> {
  const config = readConfig(Deno.env.toObject());
  if (config.keys === undefined && !options.development) {
    throw new ConfigError([
      "OFFCODE_ADMIN_KEY and OFFCODE_MASTER_KEYS must be set",
    ]);
  }
  const clock = systemClock;
  const random = systemRandom;
  const lines = gatherLines(writeText);
  const log = createLog({ clock, write: lines.write });
  const development = config.keys === undefined
    ? await developmentKeys("./data/development-keys.json", random)
    : null;
  const keys = config.keys ?? development!.keys;
  const core = openCore(await Deno.readFile(CORE_URL));
  const store = await openStore(config.store, clock);
  const { ledger, sandbox } = pickLedger(config, { store, random, clock, log });
  const monotonicMs = () => performance.now();
  const { useCases, sweeper } = compose({
    store,
    core,
    vault: createVault({
      keyring: keys.keyring,
      random,
      hmacSha256: (key, message) => core.hmacSha256(key, message),
    }),
    ledger,
    ...(sandbox !== null && { sandbox }),
    clock,
    random,
    monotonicMs,
    log,
  }, {
    adminKeyHash: hashApiKey(keys.adminKey),
    ...DEFAULT_SETTINGS,
    ...config.settings,
    prefix: config.prefix,
  });
  let isStopping = false;
  const app = createApp({
    useCases,
    log,
    afterRequest: () => sweeper.sweepSometimes(),
    isStopping: () => isStopping,
    newRequestId: () => newId("req", random),
    monotonicMs,
  });
  // Beside the requests: an edge that nobody calls finishes its work, too.
  sweeper.sweepSometimes();
  const timer = setInterval(() => sweeper.sweepSometimes(), SWEEP_EVERY_MS);
  // `deno serve` ends when nothing is left to do; this must not count.
  Deno.unrefTimer(timer);
  return {
    fetch: (request) => app.fetch(request),
    config,
    development,
    stopping: () => void (isStopping = true),
    async close() {
      clearInterval(timer);
      await store.close();
      // Not for ever: a log that nobody reads may be full.
      await Promise.race([
        lines.flush(),
        new Promise((resolve) => setTimeout(resolve, LOG_MS)),
      ]);
    },
  };
}

/** The ledger of the configuration; the sandbox's accounts if it is that. */
function pickLedger(
  { ledger }: Config,
  deps: { store: Store; random: Random; clock: Clock; log: Log },
): { ledger: Ledger; sandbox: SandboxLedger | null } {
  if (ledger.kind === "sandbox") {
    const sandbox = createSandboxLedger(deps);
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
 * Opens the store that was chosen. A Redis that is away is no reason not to
 * start: it may come back, and readiness tells.
 */
async function openStore(config: StoreConfig, clock: Clock): Promise<Store> {
  // Loaded when chosen: a client is as large as the rest of the start.
  switch (config.kind) {
    case "sqlite":
      return openSqliteStore({ path: config.path, clock });
    case "redis": {
      const { openRedisTcp } = await import("./store/redis_tcp.ts");
      return createRedisStore({ transport: openRedisTcp(config), clock });
    }
    case "upstash": {
      const { openRedisRest } = await import("./store/redis_rest.ts");
      return createRedisStore({ transport: openRedisRest(config), clock });
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

/** What a developer can paste after a first start. */
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

/** As `Deno.serve`, with a sentence where the address cannot be had. */
function listen(
  options: Deno.ServeTcpOptions & { hostname: string },
  fetch: Server["fetch"],
): Deno.HttpServer {
  try {
    return Deno.serve(options, fetch);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    console.error(
      `PORT ${options.port} of HOST ${options.hostname} cannot be had: ` +
        error.message,
    );
    Deno.exit(2);
  }
}

/** Why a start failed, in a sentence for who started it. */
function startFault(error: unknown): string {
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
  // Keys that stand in a log are not offered to the network.
  const hostname = config.host ??
    (development === null ? "0.0.0.0" : "127.0.0.1");
  const http = listen({
    port: config.port,
    hostname,
    onListen({ hostname, port }) {
      const host = hostname.includes(":") ? `[${hostname}]` : hostname;
      const origin = `http://${host}:${port}`;
      console.log(`Offcode listens on ${origin}`);
      if (development !== null) console.log(greeting(origin, development));
    },
  }, server.fetch);
  const overdue = Promise.withResolvers<void>();
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    Deno.addSignalListener(signal, () => {
      server.stopping();
      void http.shutdown();
      setTimeout(overdue.resolve, DRAIN_MS);
    });
  }
  await Promise.race([http.finished, overdue.promise]);
  await Promise.race([
    server.close(),
    new Promise((resolve) => setTimeout(resolve, CLOSE_MS)),
  ]);
  // Signal listeners would keep the process alive.
  Deno.exit(0);
}

if (import.meta.main) await main();
