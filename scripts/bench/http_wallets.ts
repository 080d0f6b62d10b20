/**
 * Phones for the HTTP benches, enrolled straight through the use cases into the
 * store that the server will open, many in few buckets, as a customer base of
 * millions has them.
 *
 * @module
 */

import { encodeBase64 } from "@std/encoding/base64";
import { NO_SENDER } from "../no_sender.ts";
import {
  type Random,
  systemClock,
  systemRandom,
} from "../../edge/base/clock.ts";
import { DEFAULT_SETTINGS } from "../../edge/boot/settings.ts";
import { compose } from "../../edge/boot/compose.ts";
import { type Core, openCore } from "../../edge/core/core.ts";
import type { Enrolments } from "../../edge/enrolment/enrolments.ts";
import { hashApiKey, newApiKey } from "../../edge/base/ids.ts";
import {
  createSandboxLedger,
  type SandboxLedger,
} from "../../edge/ledger/sandbox/sandbox.ts";
import type { Store } from "../../edge/store/store.ts";
import { parseKeyring } from "../../edge/vault/keyring.ts";
import { createVault, type Vault } from "../../edge/vault/seal.ts";
import { newDeviceKey } from "../device.ts";
import { Phone } from "../phone.ts";

const CORE_URL = new URL("../../wasm/release/core.wasm", import.meta.url);

/** Enrolments under way at a time: they share fsyncs. */
const AT_ONCE = 64;

/** The wallet's side of a store, in this process. */
export interface BenchWallet {
  readonly core: Core;
  readonly vault: Vault;
  readonly enrolments: Enrolments;
  readonly walletKey: string;
  /** Keys for the environment of a server on this store. */
  readonly env: Readonly<Record<string, string>>;
}

/** Puts together what enrols into `store`. */
export async function openWallet(
  { store, random = systemRandom }: { store: Store; random?: Random },
): Promise<BenchWallet> {
  const masterKeys = `bench:${encodeBase64(systemRandom.bytes(32))}`;
  const adminKey = newApiKey(systemRandom);
  const core = openCore(await Deno.readFile(CORE_URL));
  const vault = createVault({ keyring: parseKeyring(masterKeys), random });
  const { useCases: { enrolments, apiKeys } } = compose({
    store,
    core,
    vault,
    ledger: createSandboxLedger({ store, random }),
    sender: NO_SENDER,
    clock: systemClock,
    random,
    monotonicMs: () => performance.now(),
    log: () => {},
  }, {
    adminKeyHash: hashApiKey(adminKey),
    ...DEFAULT_SETTINGS,
  });
  const made = await apiKeys.addToWallet({ name: "bench" });
  if ("kind" in made) throw new Error(`No wallet key: ${made.code}`);
  return {
    core,
    vault,
    enrolments,
    walletKey: made.apiKey,
    env: {
      OFFCODE_ADMIN_KEY: adminKey,
      OFFCODE_MASTER_KEYS: masterKeys,
    },
  };
}

/** A store with phones, and the keys to it. */
export interface EnrolledPhones extends Pick<BenchWallet, "walletKey" | "env"> {
  /** The nth is of `account-<n>`. */
  readonly phones: readonly Phone[];
}

/** Enrols `count` phones in `buckets` buckets of `store`. */
export async function enrolPhones(
  { store, count, buckets }: {
    store: Store;
    count: number;
    buckets: number;
  },
): Promise<EnrolledPhones> {
  // A bucket takes four bytes, and nothing else takes four.
  let drawn = 0;
  const random = {
    bytes(length: number) {
      if (length !== 4) return systemRandom.bytes(length);
      const bytes = new Uint8Array(4);
      new DataView(bytes.buffer).setUint32(0, drawn++ % buckets);
      return bytes;
    },
  };
  const { core, enrolments, walletKey, env } = await openWallet({
    store,
    random,
  });
  const key = await newDeviceKey();
  const phones: Phone[] = [];
  await inParallel(count, async (n) => {
    const phone = await Phone.make(core, key);
    const made = await enrolments.enrol({
      by: undefined,
      accountId: `account-${n}`,
      deviceId: `device-${n}`,
      deviceKey: phone.deviceKey,
    });
    if (!("seedJwe" in made)) throw new Error("An enrolment was refused");
    await phone.receive(JSON.stringify({
      credential_id: made.credentialId,
      account_id: made.accountId,
      device_id: made.deviceId,
      seed_jwe: made.seedJwe,
    }));
    phones[n] = phone;
  });
  return { phones, walletKey, env };
}

/** A sandbox ledger in `store`, with money on the accounts of `count` phones. */
export async function fundAccounts(
  store: Store,
  count: number,
): Promise<SandboxLedger> {
  const ledger = createSandboxLedger({ store, random: systemRandom });
  await inParallel(count, async (n) => {
    await ledger.setAccount(`account-${n}`, {
      balanceMinor: 1_000_000,
      currency: "EUR",
    });
  });
  return ledger;
}

/** Does `work` for 0 to `count` - 1, {@linkcode AT_ONCE} at a time or fewer. */
export async function inParallel(
  count: number,
  work: (n: number) => Promise<void>,
  atOnce = AT_ONCE,
): Promise<void> {
  let next = 0;
  await Promise.all(Array.from({ length: atOnce }, async () => {
    while (next < count) await work(next++);
  }));
}
