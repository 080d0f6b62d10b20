/**
 * What is stored of a merchant and of an API key.
 *
 * @module
 */

/** Who may call what. `admin` is configured, the others are stored. */
export type Scope = "merchant" | "wallet" | "admin";

/** Stored under the hash of an API key. */
export interface ApiKeyRecord {
  readonly scope: "merchant" | "wallet";
  /** Merchant id, or the name of the wallet key. */
  readonly owner: string;
}

/** Stored under the merchant id. */
export interface MerchantRecord {
  readonly merchant_id: string;
  readonly name: string;
  readonly status: "active" | "suspended";
  /** SHA-256 of the live API keys in hex, oldest first, at most two. */
  readonly key_hashes: readonly string[];
  /** Key of the payer pseudonyms that this merchant sees, base64url. */
  readonly payer_key: string;
  readonly created_at: string;
}

/** A merchant record with the very text it was read from. */
export interface StoredMerchant {
  readonly record: MerchantRecord;
  /** For `equals` checks: any change of the merchant changes this text. */
  readonly raw: string;
}
