/**
 * An edge put together in this process over a given store, with new keys: what
 * the demo serves, and what the benches enrol with and deliver by.
 *
 * @module
 */

import { encodeBase64 } from "@std/encoding/base64";
import {
  type Clock,
  type Random,
  systemClock,
  systemRandom,
} from "../edge/base/clock.ts";
import { hashApiKey, newApiKey } from "../edge/base/ids.ts";
import { createLog, type Log } from "../edge/base/log.ts";
import { compose } from "../edge/boot/compose.ts";
import { DEFAULT_SETTINGS, type Settings } from "../edge/boot/settings.ts";
import type { Sender } from "../edge/callback/sender.ts";
import { openCore } from "../edge/core/core.ts";
import type { Ledger } from "../edge/ledger/ledger.ts";
import type { EdgeMetrics } from "../edge/metrics/metrics.ts";
import { createSandboxLedger } from "../edge/ledger/sandbox/sandbox.ts";
import type { Store } from "../edge/store/store.ts";
import { parseKeyring } from "../edge/vault/keyring.ts";
import { createVault } from "../edge/vault/seal.ts";
import { committedWasm } from "./phone.ts";

/** A sender that never connects. */
export const NO_SENDER: Sender = {
  send: () =>
    Promise.resolve({ kind: "failed", fault: "connect", durationMs: 0 }),
  check: () => Promise.resolve(null),
  close: () => Promise.resolve(),
};

/** What an edge is put together from. */
export interface EdgeParts {
  readonly store: Store;
  readonly clock?: Clock;
  readonly random?: Random;
  /** By default {@linkcode NO_SENDER}. */
  readonly sender?: Sender;
  readonly log?: Log;
  /** Without it nothing is measured. */
  readonly metrics?: EdgeMetrics;
  /** The keys of another edge on the same store; by default new ones. */
  readonly keys?: EdgeKeys;
  readonly settings?: Partial<Settings>;
  /** Puts something in front of the sandbox ledger. */
  readonly wrapLedger?: (ledger: Ledger) => Ledger;
}

/** What a server is started with. */
export interface EdgeKeys {
  readonly OFFCODE_ADMIN_KEY: string;
  readonly OFFCODE_MASTER_KEYS: string;
}

/** Puts an edge together; `env` has its keys, for a server on the same store. */
export function composeEdge(parts: EdgeParts) {
  const { store, clock = systemClock, random = systemRandom } = parts;
  const { sender = NO_SENDER, wrapLedger = (it) => it, metrics } = parts;
  const { log = createLog({ clock, write: () => {} }) } = parts;
  const env = parts.keys ?? {
    OFFCODE_ADMIN_KEY: newApiKey(systemRandom, "test"),
    OFFCODE_MASTER_KEYS: `local:${encodeBase64(systemRandom.bytes(32))}`,
  };
  const { OFFCODE_ADMIN_KEY: adminKey, OFFCODE_MASTER_KEYS: masterKeys } = env;
  const coreWasm = committedWasm();
  const core = openCore(coreWasm);
  const vault = createVault({ keyring: parseKeyring(masterKeys), random });
  const sandbox = createSandboxLedger({ store, random });
  const monotonicMs = () => performance.now();
  const { useCases, dispatcher, coreFollower } = compose({
    ...{ store, core, coreWasm, vault, sandbox, ledger: wrapLedger(sandbox) },
    ...{ sender, clock, random, log, monotonicMs },
    ...(metrics && { metrics }),
  }, {
    ...{ adminKeyHash: hashApiKey(adminKey), ...DEFAULT_SETTINGS },
    ...parts.settings,
  });
  return {
    ...{ core, vault, useCases, dispatcher, coreFollower },
    ...{ adminKey, monotonicMs, log, env },
  };
}
