/**
 * Every name and every lifetime in the store, in one place.
 *
 * Names begin with the cell's hash tag, so that a Redis Cluster keeps one cell
 * on one node. What comes from outside (account, device, order, reference) is
 * percent-encoded into its part, so that no id can reach into another name.
 *
 * @module
 */

const CELL = "oc:{0}";
const DAY_MS = 86_400_000;

/** How long an order, a payment and a verification are kept: 400 days. */
export const RECORD_TTL_MS = 400 * DAY_MS;

/** How long a paid order may be repeated before its number is free: 24 h. */
export const ORDER_REPEAT_MS = DAY_MS;

/** Leaves letters, digits, `-`, `_` and `.`; everything else becomes `%XX`. */
function part(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*~]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function name(kind: string, ...parts: string[]): string {
  return [CELL, kind, ...parts.map(part)].join(":");
}

/** API key by the SHA-256 of the key, in hex → scope and owner. */
export const apiKeyKey = (hash: string): string => name("apikey", hash);

/** Merchant record. */
export const merchantKey = (merchantId: string): string =>
  name("merchant", merchantId);

/** Account record: risk tier and the live credential. */
export const accountKey = (accountId: string): string =>
  name("account", accountId);

/** Present exactly while the account is blocked. */
export const blockedKey = (accountId: string): string =>
  name("blocked", accountId);

/** Device → its live credential. */
export const deviceKey = (deviceId: string): string => name("device", deviceId);

/** Credential record, without the seed. */
export const credentialKey = (credentialId: string): string =>
  name("credential", credentialId);

/** High-water mark: the unix second at which the last accepted step ended. */
export const markKey = (credentialId: string): string =>
  name("mark", credentialId);

/** Changes whenever the entries of a bucket change. */
export const bucketRevisionKey = (profile: number, bucket: number): string =>
  name("bucket-rev", `${profile}`, `${bucket}`);

/** Index of a bucket's sealed entries; score: unix second of expiry. */
export const bucketEntriesKey = (profile: number, bucket: number): string =>
  name("bucket", `${profile}`, `${bucket}`);

/** Result of a verification by the wallet key's owner and its reference. */
export const verificationKey = (owner: string, reference: string): string =>
  name("verification", owner, reference);

/** Order record by merchant and the merchant's own order id. */
export const orderKey = (merchantId: string, orderId: string): string =>
  name("order", merchantId, orderId);

/** Payment record. */
export const paymentKey = (paymentId: string): string =>
  name("payment", paymentId);

/** Index of payments that are not ended; score: deadline, unix ms. */
export const DUE_PAYMENTS_KEY = name("due-payments");

/** Sandbox ledger: balance and currency of an account. */
export const sandboxAccountKey = (accountId: string): string =>
  name("sandbox-account", accountId);

/** Sandbox ledger: counter of what was taken since the balance was set. */
export const sandboxSpentKey = (accountId: string, epoch: string): string =>
  name("sandbox-spent", accountId, epoch);

/** Sandbox ledger: the answer given for a payment. */
export const sandboxDebitKey = (paymentId: string): string =>
  name("sandbox-debit", paymentId);
