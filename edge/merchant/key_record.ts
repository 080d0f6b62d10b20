/**
 * Records of API keys, and the proof that an edge has written them: an HMAC
 * under a master key over the name of the record and every field. Whoever can
 * write into the store can therefore make no key and change none.
 *
 * A proof under any key of the keyring is good, so that a rotation of master
 * keys ends no API key.
 *
 * @module
 */

import { apiKeyKey, RECORD_TTL_MS } from "../store/keys.ts";
import { json, recordKind, type RecordPlace } from "../store/record.ts";
import type { KeyedHash, Vault } from "../vault/seal.ts";
import { type ApiKeyFields, STORED_SCOPES } from "./record.ts";

const PURPOSE = "api-key";

/** What makes and judges proofs. */
export type KeyProver = Pick<Vault, "keyedHash" | "keyedHashMatches">;

/** What is proven. A list in JSON: no other fields give the same text. */
function proven(hash: string, fields: ApiKeyFields): string {
  const { bad_codes = {} } = fields;
  return JSON.stringify([
    hash,
    fields.scope,
    fields.owner,
    fields.key_id,
    fields.created_at,
    fields.ends_at ?? null,
    fields.wallet_system ?? null,
    bad_codes.per_minute ?? null,
    bad_codes.per_day ?? null,
  ]);
}

/**
 * The record of the key with this SHA-256. One that was not written by an edge
 * with one of the keyring's keys has no value, whatever its text is: it is
 * nobody's key, and no fault of the store.
 */
export function keyRecord(
  vault: KeyProver,
  hash: string,
): RecordPlace<ApiKeyFields> {
  return recordKind({
    key: apiKeyKey,
    form: {
      write: (fields: ApiKeyFields) =>
        JSON.stringify({
          ...fields,
          mac: vault.keyedHash(PURPOSE, proven(hash, fields)),
        }),
      read: (text) => provenFields(vault, hash, text),
    },
  })(hash);
}

const stored = json<ApiKeyFields & { readonly mac: KeyedHash }>();

function provenFields(
  vault: KeyProver,
  hash: string,
  text: string,
): ApiKeyFields | null {
  try {
    const { mac, ...fields } = stored.read(text)!;
    return STORED_SCOPES.includes(fields.scope) &&
        vault.keyedHashMatches(PURPOSE, proven(hash, fields), mac)
      ? fields
      : null;
  } catch {
    // A record that no edge wrote can be text of any form.
    return null;
  }
}

/** The id of the master key that a record was proven under; `null`: none. */
export function kidOfKeyRecord(text: string): string | null {
  try {
    const { kid } = stored.read(text)!.mac;
    return typeof kid === "string" ? kid : null;
  } catch {
    return null;
  }
}

/** How long the record of a key that ends is kept from `nowMs` on, at least 1. */
export function keptMs(endsAt: string, nowMs: number): number {
  return Math.max(1, Date.parse(endsAt) - nowMs + RECORD_TTL_MS);
}

/** Whether a key has ended by `nowMs`; so has one whose end is no time at all. */
export function hasEnded(
  { ends_at }: { readonly ends_at?: string },
  nowMs: number,
): boolean {
  return ends_at !== undefined && !(nowMs < Date.parse(ends_at));
}
