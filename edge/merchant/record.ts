/**
 * The stored records of merchants and of API keys.
 *
 * @module
 */

import { merchantKey } from "../store/keys.ts";
import { type Held, json, recordKind } from "../store/record.ts";

/** Scopes whose keys are stored; a further scope is one more word here. */
export const STORED_SCOPES = [
  "merchant",
  "wallet",
  "release",
  "metrics",
] as const;

/** A scope whose keys are stored. */
export type StoredScope = typeof STORED_SCOPES[number];

/**
 * A scope: which calls a key allows. The admin key is configured and not
 * stored.
 */
export type Scope = StoredScope | "admin";

/** The limits of bad codes of a wallet key; absent ones are the standard ones. */
export interface KeyBadCodes {
  readonly per_minute?: number;
  readonly per_day?: number;
}

/**
 * The fields of an API key's record, without the proof that an edge has written
 * it.
 */
export interface ApiKeyFields {
  /**
   * The public name of the key; random, so that it reveals nothing of the key.
   */
  readonly key_id: string;
  readonly scope: StoredScope;
  /** The merchant id, or the name of a key that belongs to no merchant. */
  readonly owner: string;
  readonly created_at: string;
  /** When the key stops working; RFC 3339. */
  readonly ends_at?: string;
  /**
   * Wallet keys: the wallet system whose customers the key sees; all if absent.
   */
  readonly wallet_system?: string;
  /** Wallet keys: limits that an administrator has chosen. */
  readonly bad_codes?: KeyBadCodes;
}

/** A key of a merchant as the merchant's own record names it. */
export interface MerchantKey {
  readonly key_id: string;
  /** The same as in the key's own record. */
  readonly ends_at?: string;
}

/** A merchant, stored under its id. */
export interface MerchantRecord {
  readonly merchant_id: string;
  readonly name: string;
  readonly status: "active" | "suspended";
  /**
   * The keys that work, oldest first. They are also listed here so that ending a key
   * changes the record that every payment checks in its transaction.
   */
  readonly keys: readonly MerchantKey[];
  /**
   * The secret from which the pseudonyms of payers for this merchant are made,
   * base64url.
   */
  readonly payer_key: string;
  readonly created_at: string;
  /**
   * IANA name of the time zone of the merchant's bills; absent: the deployment's. It does
   * not change, so that each moment is in one bill.
   */
  readonly time_zone?: string;
  /** Limits of bad codes that an administrator has chosen. */
  readonly bad_codes?: {
    readonly per_terminal_minute?: number;
    readonly per_minute?: number;
    readonly per_day?: number;
  };
}

/** Merchants, by their id. */
export const merchants = recordKind({
  key: merchantKey,
  form: json<MerchantRecord>(),
});

/** A merchant as it was read. */
export interface StoredMerchant {
  readonly record: MerchantRecord;
  /** Gives the guard that the record is unchanged since it was read. */
  readonly held: Held<MerchantRecord, "merchant">;
}
