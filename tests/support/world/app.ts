/**
 * The whole application in this process, on a real SQLite file or another real
 * store, with a clock that the test moves.
 *
 * @module
 */

import { encodeBase64 } from "@std/encoding/base64";
import { createApp } from "../../../edge/boot/app.ts";
import { NO_SENDER } from "../../../scripts/edge.ts";
import type { Sender } from "../../../edge/callback/sender.ts";
import {
  type Clock,
  type Pause,
  type Random,
  systemClock,
} from "../../../edge/base/clock.ts";
import { compose } from "../../../edge/boot/compose.ts";
import {
  DEFAULT_SETTINGS,
  type Settings,
} from "../../../edge/boot/settings.ts";
import { instantiate } from "../../../edge/core/abi.ts";
import { openInstance } from "../../../edge/core/core.ts";
import { PROBLEM_CODES } from "../../../edge/http/kit/problem.ts";
import { Alarms } from "../../../edge/metrics/alarms/alarms.ts";
import { readRules } from "../../../edge/metrics/alarms/rules.ts";
import { EdgeMetrics } from "../../../edge/metrics/metrics.ts";
import { hashApiKey, type Mode, newId } from "../../../edge/base/ids.ts";
import { createSandboxLedger } from "../../../edge/ledger/sandbox/sandbox.ts";
import { withTestAccounts } from "../../../edge/ledger/sandbox/test_accounts.ts";
import type { Ledger } from "../../../edge/ledger/ledger.ts";
import { createLog } from "../../../edge/base/log.ts";
import { openSqliteStore } from "../../../edge/store/sqlite/sqlite.ts";
import type { Store } from "../../../edge/store/store.ts";
import { parseKeyring } from "../../../edge/vault/keyring.ts";
import { createVault } from "../../../edge/vault/seal.ts";
import { inCells } from "../store/cells.ts";
import { Api } from "./api.ts";
import { places } from "./guesses/guess_permits.ts";

/** A clock that stands until it is moved. */
export class TestClock implements Clock {
  constructor(public ms: number) {}
  nowMs(): number {
    return this.ms;
  }
  advance(ms: number): void {
    this.ms += ms;
  }
}

/** The clock of the machine, with which a Redis agrees. */
export class RealClock extends TestClock {
  constructor() {
    super(0);
  }
  override nowMs(): number {
    return systemClock.nowMs();
  }
}

/** 2026-01-15T12:00:00Z, the start of a time step. */
export const NOON_MS = 1_768_478_400_000;

/**
 * The version of an order that was created at noon, before its changes are
 * counted: its first version is one more.
 */
export const NOON_VERSION = NOON_MS / 1000 - 1;

const CORE = await Deno.readFile(
  new URL("../../../wasm/release/core.wasm", import.meta.url),
);

const ALARM_RULES = readRules(
  await Deno.readTextFile(new URL("../../../edge/alerts.yml", import.meta.url)),
);

/** An application under test. */
export type TestApp = Awaited<ReturnType<typeof startApp>>;

/** What a test may exchange. */
export interface TestAppOptions {
  readonly nowMs?: number;
  /** An existing store's file, to start a second edge on it. */
  readonly path?: string;
  readonly clock?: TestClock;
  readonly random?: Random;
  /** Where it begins to look for a place of its guess permits. */
  readonly place?: number;
  readonly pause?: Pause;
  readonly masterKeys?: string;
  readonly settings?: Partial<Settings>;
  /** Opens the store instead of a SQLite file; closed with the application. */
  readonly openStore?: (clock: Clock) => Store | Promise<Store>;
  /** How many cells the store has. */
  readonly cells?: number;
  /** Puts something in front of the real store, such as faults. */
  readonly wrapStore?: (store: Store) => Store;
  /** Reaches the merchants' servers; nobody is reached unless given. */
  readonly sender?: Sender;
  /** Origins whose pages may call from a browser. */
  readonly corsOrigins?: ReadonlySet<string>;
  /** Whether the pages are served. */
  readonly hasPages?: boolean;
  /** Puts something in front of the sandbox ledger. */
  readonly wrapLedger?: (ledger: Ledger) => Ledger;
  /** Why nothing may be done in the store. */
  readonly refusal?: () => Promise<string | null>;
  /** `live` takes the sandbox for a ledger of real money; `test` by default. */
  readonly mode?: Mode;
}

/** Counts how often handlers asked for their connection to stay open. */
class TestConnection {
  stays = 0;
  readonly stayOpen = () => this.stays++;
}

/** The keyring of an application that is given none. */
export const MASTER_KEYS = `test:${encodeBase64(new Uint8Array(32).fill(7))}`;
/** Tests are about one rule at a time; those about a limit set it. */
export const UNLIMITED: Pick<
  Settings,
  "badCodes" | "walletBadCodes" | "limits" | "doubleScanMs"
> = {
  badCodes: {
    perTerminalMinute: 1_000_000,
    perMinute: 1_000_000,
    perDay: 1_000_000,
  },
  walletBadCodes: { perMinute: 1_000_000, perDay: 1_000_000 },
  limits: {
    normal: unlimitedTier(),
    restricted: unlimitedTier(),
    timeZone: "UTC",
  },
  doubleScanMs: 0,
};

function unlimitedTier() {
  return {
    perPaymentMinor: 1e12,
    perDayMinor: 1e15,
    countPerDay: 1e9,
    offlineUses: 1e9,
    stepUpAboveMinor: 1e12,
  };
}

const ADMIN_KEY = "an admin key of a test, long enough".replaceAll(" ", "-");

/** The sandbox ledger; test accounts cost each reversal one read more. */
function sandboxOf(store: Store, random: Random, options: TestAppOptions) {
  const sandbox = createSandboxLedger({ store, random });
  return options.settings?.hasTestCodes
    ? withTestAccounts(sandbox, store)
    : sandbox;
}

function openCoreFor({ settings }: TestAppOptions) {
  const instance = instantiate(CORE);
  const core = openInstance(instance);
  // As if it implemented them: it is told their sizes with each call.
  const profiles = settings?.profiles;
  if (profiles !== undefined) Object.assign(core, { profiles });
  return { instance, core };
}

/** Starts an application on a new SQLite file, or on a given one. */
export async function startApp(options: TestAppOptions = {}) {
  const clock = options.clock ?? new TestClock(options.nowMs ?? NOON_MS);
  const { mode = "test" } = options;
  const random = places(options.random, options.place);
  const folder = options.path === undefined && options.openStore === undefined
    ? await Deno.makeTempDir({ prefix: "offcode-test-" })
    : null;
  const path = options.path ?? `${folder}/offcode.db`;
  const opened = await (options.openStore?.(clock) ??
    openSqliteStore({ path, clock }));
  const store = inCells(options.wrapStore?.(opened) ?? opened, options.cells);
  const logged: string[] = [];
  const monotonicMs = () => clock.ms;
  const metrics = new EdgeMetrics({ monotonicMs, codes: PROBLEM_CODES });
  const log = metrics.countedLog(
    createLog({ clock, write: (line) => logged.push(line) }),
  );
  const sandbox = sandboxOf(store, random, options);
  const { instance, core } = openCoreFor(options);
  const composed = compose({
    store,
    core,
    coreWasm: CORE,
    vault: createVault({
      keyring: parseKeyring(options.masterKeys ?? MASTER_KEYS),
      random,
    }),
    ledger: options.wrapLedger?.(sandbox) ?? sandbox,
    ...(mode === "test" && { sandbox }),
    sender: options.sender ?? NO_SENDER,
    ...{ clock, random, monotonicMs, log, metrics },
    alarms: new Alarms({ rules: ALARM_RULES, metrics, monotonicMs }),
    ...(options.pause !== undefined && { pause: options.pause }),
  }, {
    adminKeyHash: hashApiKey(ADMIN_KEY),
    ...DEFAULT_SETTINGS,
    ...UNLIMITED,
    ...options.settings,
  });
  const { useCases, sweeper, seedSweeper, eventSweeper } = composed;
  const { dispatcher, sealed, coreFollower, destroyedSeeds } = composed;
  const app = createApp({
    ...{ useCases, log, metrics, monotonicMs },
    newRequestId: () => newId("req", random),
    ...(options.corsOrigins && { corsOrigins: options.corsOrigins }),
    hasPages: options.hasPages ?? false,
    ...(options.refusal && { refusal: options.refusal }),
  });
  const connection = new TestConnection();
  const fetch = async (request: Request) =>
    await app.fetch(request, { connection });
  return {
    connection,
    /** Answers a request, to serve the application over HTTP. */
    fetch,
    api: new Api(fetch, "http://edge", ADMIN_KEY, mode),
    ...{ clock, store, path, useCases, sweeper, seedSweeper, sealed },
    eventSweeper,
    /** Delivers only when told to, unless a test starts it. */
    dispatcher,
    /** Look at the switch of core releases and at destroyed seeds only when told to. */
    ...{ coreFollower, destroyedSeeds },
    /** Counts the searches that were made. */
    core,
    /** The whole memory of that core, as it is now. */
    coreBytes: () => new Uint8Array(instance.memory.buffer as ArrayBuffer),
    /** Every line that was logged. */
    logged,
    async [Symbol.asyncDispose]() {
      await dispatcher.stop();
      await coreFollower.stop();
      await opened.close();
      if (folder !== null) await Deno.remove(folder, { recursive: true });
    },
  };
}
