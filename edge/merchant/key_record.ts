/**
 * Records of API keys. Each contains a proof that an edge has written it: an HMAC under
 * a master key over the name of the record and all its fields. Somebody who can only
 * write to the store can therefore neither make a key nor change one.
 *
 * A proof under any key of the keyring is accepted, so that a rotation of master keys
 * does not end API keys.
 *
 * @module
 */

import { apiKeyKey, RECORD_TTL_MS } from "../store/keys.ts";
import { json, recordKind, type RecordPlace } from "../store/record.ts";
import type { KeyedHash, Vault } from "../vault/seal.ts";
import { type ApiKeyFields, STORED_SCOPES } from "./record.ts";

const PURPOSE = "api-key";

/** The part of the vault that makes and checks proofs. */
export type KeyProver = Pick<Vault, "keyedHash" | "keyedHashMatches">;

/**
 * The text that is authenticated: a JSON list, so that different fields never
 * give the same text.
 */
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
 * The record of the key with this SHA-256. A record that was not written by an edge with
 * a key of the keyring has no value, whatever its text is. It is then not a key, but not
 * a fault of the store either.
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
    // A record that was not written by an edge can be any text.
    return null;
  }
}

/** The id of the master key under which a record was authenticated, or `null`. */
export function kidOfKeyRecord(text: string): string | null {
  try {
    const { kid } = stored.read(text)!.mac;
    return typeof kid === "string" ? kid : null;
  } catch {
    return null;
  }
}

/**
 * How long the record of a key that ends is kept after `nowMs`, in ms; at least
 * 1.
 */
export function keptMs(endsAt: string, nowMs: number): number {
  return Math.max(1, Date.parse(endsAt) - nowMs + RECORD_TTL_MS);
}

/**
 * Whether a key has ended by `nowMs`. A key whose end is not a valid time has
 * ended.
 */
export function hasEnded(
  { ends_at }: { readonly ends_at?: string },
  nowMs: number,
): boolean {
  return ends_at !== undefined && !(nowMs < Date.parse(ends_at));
}
