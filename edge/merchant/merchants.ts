/**
 * Merchants and API keys: what an administrator may do with them.
 *
 * A key is shown once and stored as a hash. A merchant has at most two live
 * keys, so that one can be replaced without a gap; a third call ends the
 * oldest. A wallet key belongs to its name: keys of the same name share the
 * references of their verifications.
 *
 * @module
 */

import { encodeBase64Url } from "@std/encoding/base64url";
import { newEndpoint, refuseUrl } from "../callback/endpoint_record.ts";
import { asciiUrl } from "../callback/endpoint_url.ts";
import type { Sender } from "../callback/sender.ts";
import type { Clock, Random } from "../clock.ts";
import { hashApiKey, isId, newApiKey, newId } from "../ids.ts";
import { type Refusal, refused } from "../outcome.ts";
import { apiKeyKey, callbackEndpointKey, merchantKey } from "../store/keys.ts";
import {
  type Check,
  type Store,
  StoreUnavailableError,
  type Write,
} from "../store/store.ts";
import type { Vault } from "../vault/seal.ts";
import type { ApiKeyRecord, MerchantRecord } from "./record.ts";

const LIVE_KEYS = 2;
const TRIES = 5;

/** A merchant as just created; the secrets are shown this once. */
export interface CreatedMerchant {
  readonly record: MerchantRecord;
  readonly apiKey: string;
  /** Standard Webhooks secret, `whsec_` and base64, if a URL was given. */
  readonly callbackSecret?: string;
}

/** The use cases of an administrator. */
export interface Merchants {
  /** Creates a merchant with its first API key and, where asked, its endpoint. */
  create(
    input: { name: string; callbackUrl?: string },
  ): Promise<CreatedMerchant | Refusal>;
  /** Suspends or reactivates a merchant, effective at once everywhere. */
  setStatus(
    merchantId: string,
    status: MerchantRecord["status"],
  ): Promise<MerchantRecord | Refusal>;
  /** Issues a further key; of three the oldest ends. */
  addKey(merchantId: string): Promise<{ apiKey: string } | Refusal>;
  /** Issues a key of the wallet scope. */
  addWalletKey(name: string): Promise<{ apiKey: string }>;
}

/** Makes the {@linkcode Merchants} use cases. */
export function createMerchants(deps: {
  store: Store;
  clock: Clock;
  random: Random;
  vault: Vault;
  sender: Pick<Sender, "check">;
}): Merchants {
  const { store, clock, random, vault, sender } = deps;

  function newKey(
    record: ApiKeyRecord,
  ): { apiKey: string; hash: string; check: Check; write: Write } {
    const apiKey = newApiKey(random);
    const hash = hashApiKey(apiKey);
    const key = apiKeyKey(hash);
    return {
      apiKey,
      hash,
      check: { kind: "absent", key },
      write: { kind: "set", key, value: JSON.stringify(record) },
    };
  }

  /** Read, change, compare-and-set; `null` when there is no such merchant. */
  async function update(
    merchantId: string,
    change: (record: MerchantRecord) => {
      record: MerchantRecord;
      checks?: Check[];
      writes?: Write[];
    },
  ): Promise<MerchantRecord | null> {
    if (!isId("mer", merchantId)) return null;
    const key = merchantKey(merchantId);
    for (let i = 0; i < TRIES; i++) {
      const [raw] = (await store.read({ keys: [key] })).values;
      if (raw == null) return null;
      const { record, checks = [], writes = [] } = change(JSON.parse(raw));
      const value = JSON.stringify(record);
      const result = await store.txn({
        checks: [{ kind: "equals", key, value: raw }, ...checks],
        writes: [{ kind: "set", key, value }, ...writes],
      });
      // A transport that repeats the write finds its own result there.
      if (result.committed || result.value === value) return record;
    }
    throw new StoreUnavailableError("refused");
  }

  return {
    async create({ name, callbackUrl: given }) {
      const callbackUrl = given === undefined ? undefined : asciiUrl(given);
      const fault = callbackUrl === undefined
        ? null
        : await sender.check(callbackUrl);
      if (fault !== null) return refuseUrl(fault, "callback_url");
      const merchantId = newId("mer", random);
      const { apiKey, hash, check, write } = newKey({
        scope: "merchant",
        owner: merchantId,
      });
      const nowMs = clock.nowMs();
      const endpoint = callbackUrl === undefined
        ? undefined
        : newEndpoint({ vault, random }, callbackUrl, nowMs);
      const record: MerchantRecord = {
        merchant_id: merchantId,
        name,
        status: "active",
        key_hashes: [hash],
        payer_key: encodeBase64Url(random.bytes(32)),
        created_at: new Date(nowMs).toISOString(),
      };
      const key = merchantKey(merchantId);
      const value = JSON.stringify(record);
      const result = await store.txn({
        checks: [{ kind: "absent", key }, check],
        writes: [
          { kind: "set", key, value },
          write,
          // Nothing waits for it yet, so nobody need be woken.
          ...(endpoint === undefined ? [] : [{
            kind: "set" as const,
            key: callbackEndpointKey(merchantId),
            value: JSON.stringify(endpoint.record),
          }]),
        ],
      });
      if (!result.committed && result.value !== value) {
        throw new StoreUnavailableError("refused");
      }
      return {
        record,
        apiKey,
        ...(endpoint !== undefined && { callbackSecret: endpoint.secret }),
      };
    },

    async setStatus(merchantId, status) {
      const record = await update(merchantId, (r) => ({
        record: { ...r, status },
      }));
      return record ?? refused("not-found");
    },

    async addKey(merchantId) {
      const { apiKey, hash, write } = newKey({
        scope: "merchant",
        owner: merchantId,
      });
      const record = await update(merchantId, (r) => {
        const hashes = [...r.key_hashes, hash];
        const ended = hashes.slice(0, -LIVE_KEYS);
        return {
          record: { ...r, key_hashes: hashes.slice(-LIVE_KEYS) },
          writes: [
            write,
            ...ended.map((h): Write => ({
              kind: "delete",
              key: apiKeyKey(h),
            })),
          ],
        };
      });
      return record === null ? refused("not-found") : { apiKey };
    },

    async addWalletKey(name) {
      const { apiKey, check, write } = newKey({
        scope: "wallet",
        owner: name,
      });
      const result = await store.txn({ checks: [check], writes: [write] });
      // The key is new and random: what stands there can only be this write.
      if (!result.committed && result.value === null) {
        throw new StoreUnavailableError("refused");
      }
      return { apiKey };
    },
  };
}
