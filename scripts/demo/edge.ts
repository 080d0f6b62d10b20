/**
 * The whole edge in this process, for the demo: the application that the
 * server runs, over a new SQLite file, on a free port of this machine. Only
 * its clock can be moved, its log is kept instead of printed, and callbacks go
 * to servers on this machine, too.
 *
 * @module
 */

import { createApp } from "../../edge/boot/app.ts";
import type { Sender } from "../../edge/callback/sender.ts";
import { createHttpSender } from "../../edge/callback_http/sender.ts";
import {
  type Clock,
  systemClock,
  systemRandom,
} from "../../edge/base/clock.ts";
import { DEFAULT_SETTINGS } from "../../edge/boot/settings.ts";
import { compose } from "../../edge/boot/compose.ts";
import { type Core, openCore } from "../../edge/core/core.ts";
import { developmentKeys } from "../../edge/boot/development_keys.ts";
import { hashApiKey, newId } from "../../edge/base/ids.ts";
import type { Ledger } from "../../edge/ledger/ledger.ts";
import { createSandboxLedger } from "../../edge/ledger/sandbox/sandbox.ts";
import { createLog } from "../../edge/base/log.ts";
import { openSqliteStore } from "../../edge/store/sqlite/sqlite.ts";
import { createVault } from "../../edge/vault/seal.ts";

const CORE_URL = new URL("../../wasm/release/core.wasm", import.meta.url);

/** The machine's clock, which can be put forward. */
export class MovableClock implements Clock {
  #aheadMs = 0;

  nowMs(): number {
    return systemClock.nowMs() + this.#aheadMs;
  }

  /** Puts the clock forward by `ms` >= 0. */
  advance(ms: number): void {
    this.#aheadMs += ms;
  }
}

/** A running edge. */
export interface DemoEdge extends AsyncDisposable {
  readonly origin: string;
  readonly adminKey: string;
  readonly clock: MovableClock;
  /** The binary that the phones compute their codes with, too. */
  readonly core: Core;
  /** Every line that was logged so far. */
  readonly logged: readonly string[];
}

/** What a test may exchange. */
export interface DemoEdgeOptions {
  /** Puts something in front of the sandbox ledger. */
  readonly wrapLedger?: (ledger: Ledger) => Ledger;
  /** Puts something in front of the way to the shops' servers. */
  readonly wrapSender?: (sender: Sender) => Sender;
}

/** Starts an edge; disposing of it stops the server and removes its file. */
export async function startEdge(
  options: DemoEdgeOptions = {},
): Promise<DemoEdge> {
  const clock = new MovableClock();
  const random = systemRandom;
  const monotonicMs = () => performance.now();
  const logged: string[] = [];
  const log = createLog({ clock, write: (line) => logged.push(line) });
  const wasm = await Deno.readFile(CORE_URL);
  const folder = await Deno.makeTempDir({ prefix: "offcode-demo-" });
  const { keys } = await developmentKeys(`${folder}/keys.json`, random);
  const store = openSqliteStore({ path: `${folder}/offcode.db`, clock });
  const sandbox = createSandboxLedger({ store, random });
  const sender = createHttpSender({ clock, insecure: true });
  const { useCases, dispatcher } = compose({
    store,
    core: openCore(wasm),
    vault: createVault({ keyring: keys.keyring, random }),
    ledger: options.wrapLedger?.(sandbox) ?? sandbox,
    sandbox,
    sender: options.wrapSender?.(sender) ?? sender,
    clock,
    random,
    monotonicMs,
    log,
  }, {
    adminKeyHash: hashApiKey(keys.adminKey),
    ...DEFAULT_SETTINGS,
  });
  const app = createApp({
    useCases,
    log,
    newRequestId: () => newId("req", random),
    monotonicMs,
  });
  dispatcher.start();
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    app.fetch,
  );
  return {
    origin: `http://127.0.0.1:${server.addr.port}`,
    adminKey: keys.adminKey,
    clock,
    core: openCore(wasm),
    logged,
    async [Symbol.asyncDispose]() {
      await server.shutdown();
      await dispatcher.stop();
      await sender.close();
      await store.close();
      await Deno.remove(folder, { recursive: true });
    },
  };
}
