/**
 * The whole application in this process, on a real SQLite file, with a clock
 * that the test moves.
 *
 * @module
 */

import { encodeBase64 } from "@std/encoding/base64";
import { createApp } from "../../edge/app.ts";
import { type Clock, type Random, systemRandom } from "../../edge/clock.ts";
import { DEFAULT_PROFILES, PROFILE_1 } from "../../edge/code/profile.ts";
import { compose, type Settings } from "../../edge/compose.ts";
import { openCore } from "../../edge/core/core.ts";
import type { UseCases } from "../../edge/http/context.ts";
import { hashApiKey, newId } from "../../edge/ids.ts";
import { createSandboxLedger } from "../../edge/ledger/sandbox.ts";
import type { Ledger } from "../../edge/ledger/ledger.ts";
import { createLog } from "../../edge/log.ts";
import { openSqliteStore } from "../../edge/store/sqlite.ts";
import type { Store } from "../../edge/store/store.ts";
import { parseKeyring } from "../../edge/vault/keyring.ts";
import { createVault } from "../../edge/vault/seal.ts";
import { Api } from "./api.ts";

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

/** 2026-01-15T12:00:00Z, the start of a time step. */
export const NOON_MS = 1_768_478_400_000;

const CORE = await Deno.readFile(
  new URL("../../wasm/release/core.wasm", import.meta.url),
);

/** An application under test. */
export interface TestApp extends AsyncDisposable {
  readonly api: Api;
  readonly clock: TestClock;
  readonly store: Store;
  readonly useCases: UseCases;
  readonly path: string;
  /** Every line that was logged. */
  readonly logged: string[];
}

/** What a test may exchange. */
export interface TestAppOptions {
  readonly nowMs?: number;
  /** An existing store's file, to start a second edge on it. */
  readonly path?: string;
  readonly clock?: TestClock;
  readonly random?: Random;
  readonly masterKeys?: string;
  readonly settings?: Partial<Settings>;
  /** Puts something in front of the real store, such as faults. */
  readonly wrapStore?: (store: Store) => Store;
  /** Puts something in front of the sandbox ledger. */
  readonly wrapLedger?: (ledger: Ledger) => Ledger;
}

const MASTER_KEYS = `test:${encodeBase64(new Uint8Array(32).fill(7))}`;
const ADMIN_KEY = "an admin key of a test, long enough".replaceAll(" ", "-");

/** Starts an application on a new SQLite file, or on a given one. */
export async function startApp(options: TestAppOptions = {}): Promise<TestApp> {
  const clock = options.clock ?? new TestClock(options.nowMs ?? NOON_MS);
  const random = options.random ?? systemRandom;
  const folder = options.path === undefined
    ? await Deno.makeTempDir({ prefix: "offcode-test-" })
    : null;
  const path = options.path ?? `${folder}/offcode.db`;
  const opened = await openSqliteStore({ path, clock });
  const store = options.wrapStore?.(opened) ?? opened;
  const logged: string[] = [];
  const log = createLog({ clock, write: (line) => logged.push(line) });
  const sandbox = createSandboxLedger({ store, random });
  const monotonicMs = () => performance.now();
  const useCases = compose({
    store,
    core: openCore(CORE),
    vault: createVault({
      keyring: parseKeyring(options.masterKeys ?? MASTER_KEYS),
      random,
    }),
    ledger: options.wrapLedger?.(sandbox) ?? sandbox,
    sandbox,
    clock,
    random,
    monotonicMs,
    log,
  }, {
    adminKeyHash: hashApiKey(ADMIN_KEY),
    prefix: "90",
    profiles: DEFAULT_PROFILES,
    enrolmentProfile: PROFILE_1,
    ...options.settings,
  });
  const app = createApp({
    useCases,
    log,
    newRequestId: () => newId("req", random),
    monotonicMs,
  });
  return {
    api: new Api((request) => app.fetch(request), "http://edge", ADMIN_KEY),
    clock,
    store,
    useCases,
    path,
    logged,
    async [Symbol.asyncDispose]() {
      await opened.close();
      if (folder !== null) await Deno.remove(folder, { recursive: true });
    },
  };
}
