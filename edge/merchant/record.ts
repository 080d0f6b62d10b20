/**
 * What is stored of a merchant and of an API key.
 *
 * @module
 */

import { merchantKey } from "../store/keys.ts";
import { type Held, json, recordKind } from "../store/record.ts";

/** Scopes whose keys are stored; a further scope is one more word here. */
export const STORED_SCOPES = ["merchant", "wallet", "release"] as const;

/** A scope whose keys are stored. */
export type StoredScope = typeof STORED_SCOPES[number];

/** Who may call what. The key of `admin` is configured. */
export type Scope = StoredScope | "admin";

/** How many bad codes a wallet key has; the standard for what is absent. */
export interface KeyBadCodes {
  readonly per_minute?: number;
  readonly per_day?: number;
}

/** What an API key is, without the proof that it was made here. */
export interface ApiKeyFields {
  /** Public name of the key, random: it tells nothing of the key. */
  readonly key_id: string;
  readonly scope: StoredScope;
  /** Merchant id, or the name of a key that belongs to no merchant. */
  readonly owner: string;
  readonly created_at: string;
  /** From then on the key is refused; RFC 3339. */
  readonly ends_at?: string;
  /** The wallet system whose customers alone a wallet key sees. */
  readonly wallet_system?: string;
  /** Of a wallet key, where an administrator chose other figures. */
  readonly bad_codes?: KeyBadCodes;
}

/** A key of a merchant as the merchant's own record names it. */
export interface MerchantKey {
  readonly key_id: string;
  /** As in the key's record. */
  readonly ends_at?: string;
}

/** Stored under the merchant id. */
export interface MerchantRecord {
  readonly merchant_id: string;
  readonly name: string;
  readonly status: "active" | "suspended";
  /**
   * The keys that work, oldest first. They are listed here too, so that the end of
   * one changes the record that every payment checks in its transaction.
   */
  readonly keys: readonly MerchantKey[];
  /** Key of the payer pseudonyms that this merchant sees, base64url. */
  readonly payer_key: string;
  readonly created_at: string;
  /** Bad codes, where an administrator chose other figures than the standard. */
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

/** A merchant that was there when it was read. */
export interface StoredMerchant {
  readonly record: MerchantRecord;
  /** For the guard that nothing of it has changed since. */
  readonly held: Held<MerchantRecord>;
}
