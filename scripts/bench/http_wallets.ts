/**
 * Phones for the HTTP bench, enrolled straight through the use cases into the
 * SQLite file that the server will open, many in few buckets, as a customer
 * base of millions has them.
 *
 * @module
 */

import { encodeBase64 } from "@std/encoding/base64";
import { systemClock, systemRandom } from "../../edge/clock.ts";
import { DEFAULT_SETTINGS } from "../../edge/settings.ts";
import { compose } from "../../edge/compose.ts";
import { openCore } from "../../edge/core/core.ts";
import { hashApiKey, newApiKey } from "../../edge/ids.ts";
import { createSandboxLedger } from "../../edge/ledger/sandbox.ts";
import { openSqliteStore } from "../../edge/store/sqlite.ts";
import { parseKeyring } from "../../edge/vault/keyring.ts";
import { createVault } from "../../edge/vault/seal.ts";
import { newDeviceKey } from "../device.ts";
import { Phone } from "../phone.ts";

const CORE_URL = new URL("../../wasm/release/core.wasm", import.meta.url);

/** Enrolments under way at a time: they share fsyncs. */
const AT_ONCE = 64;

/** A store with phones, and how a server opens it. */
export interface EnrolledStore {
  readonly phones: readonly Phone[];
  readonly walletKey: string;
  /** Environment of a server on this store. */
  readonly env: Readonly<Record<string, string>>;
}

/** Enrols `count` phones in `buckets` buckets, in a new store below `folder`. */
export async function enrolPhones(
  { folder, count, buckets }: {
    folder: string;
    count: number;
    buckets: number;
  },
): Promise<EnrolledStore> {
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
  const masterKeys = `bench:${encodeBase64(systemRandom.bytes(32))}`;
  const adminKey = newApiKey(systemRandom);
  const path = `${folder}/offcode.db`;
  const core = openCore(await Deno.readFile(CORE_URL));
  const store = openSqliteStore({ path, clock: systemClock });
  const { useCases: { enrolments, merchants } } = compose({
    store,
    core,
    vault: createVault({ keyring: parseKeyring(masterKeys), random }),
    ledger: createSandboxLedger({ store, random }),
    clock: systemClock,
    random,
    monotonicMs: () => performance.now(),
    log: () => {},
  }, {
    adminKeyHash: hashApiKey(adminKey),
    ...DEFAULT_SETTINGS,
  });
  const { apiKey: walletKey } = await merchants.addWalletKey("bench");
  const key = await newDeviceKey();
  const phones: Phone[] = [];
  let next = 0;
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    while (next < count) {
      const n = next++;
      const phone = await Phone.make(core, key);
      const made = await enrolments.enrol({
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
      phones.push(phone);
    }
  }));
  await store.close();
  return {
    phones,
    walletKey,
    env: {
      OFFCODE_STORE: `sqlite:${path}`,
      OFFCODE_ADMIN_KEY: adminKey,
      OFFCODE_MASTER_KEYS: masterKeys,
    },
  };
}
