/**
 * The names of all records in the store, and their lifetimes. No other file makes a name.
 *
 * A name begins with the hash tag of its cell, so a Redis Cluster keeps a cell on one node. The
 * parts that come from outside (account, device, order, reference) are percent-encoded, so no
 * id can be made that names another record.
 *
 * @module
 */

import type { Field, Home, Name } from "./store.ts";

/** What every name begins with. */
export const ALL_PREFIX = "oc:";
/** The beginning of every name. A Redis Cluster chooses the node by the part in braces. */
export const CELL = `${ALL_PREFIX}{0}`;
const DAY_MS = 86_400_000;

/** How long an order, a payment and a verification are kept: 400 days. */
export const RECORD_TTL_MS = 400 * DAY_MS;

/** How long a callback and its attempts are kept: 90 days. */
export const CALLBACK_TTL_MS = 90 * DAY_MS;

/** How long a paid order may be repeated before its number is free: 24 h. */
export const ORDER_REPEAT_MS = DAY_MS;

/** Leaves letters, digits, `-`, `_` and `.`; everything else becomes `%XX`. */
function part(text: string): string {
  // Most parts need no encoding, and this test is cheaper: a delivery names fifteen records.
  if (/^[\w.-]*$/.test(text)) return text;
  return encodeURIComponent(text).replace(
    /[!'()*~]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function name<H extends Home>(kind: string, ...parts: string[]): Name<H> {
  let name = `${CELL}:${kind}`;
  for (const text of parts) name += `:${part(text)}`;
  return name as Name<H>;
}

/** The hash tag of a name, with its braces. */
const TAG = /\{[^}]*\}/;

/** The hash tag of a name. Two names with the same hash tag are in one cell. */
export const cellOfName = (name: string): string => TAG.exec(name)?.[0] ?? "";

/** The same name in the cell of another one. */
export const sameCell = (key: string, other: string): string =>
  key.replace(TAG, () => cellOfName(other));

/** What a record is by its name, such as `order`. */
export const kindOfName = (name: string): string =>
  /^oc:\{[^}]*\}:([^:]*)/.exec(name)?.[1] ?? "other";

/** Whether the store holds test money or real money. */
export const MODE_KEY: Name<"whole"> = name("mode");

/** Whether the records of this store are being moved, and to or from where. */
export const MIGRATION_KEY: Name<"whole"> = name("migration");

/**
 * The same in the second cell, as long as edges must not use the store: for those that cannot
 * reach cell 0.
 */
export const SECOND_MIGRATION_KEY: Name<"local"> = name("second-migration");

/**
 * In each cell: the number of the process that may copy records into it, which rises with each
 * process that takes a migration over.
 */
export const MIGRATION_LOCK_KEY: Name<"local"> = name("migration-lock");

/** Exists while a process uses the store. */
export const presenceKey = (processId: string): Name<"whole"> =>
  name("presence", processId);

/** What the names of all presences begin with. */
export const PRESENCE_PREFIX = presenceKey("");

/**
 * Exists in the second cell while a process that cannot reach cell 0 uses the store.
 */
export const secondPresenceKey = (processId: string): Name<"local"> =>
  name("second-presence", processId);

/** What the names of all presences in the second cell begin with. */
export const SECOND_PRESENCE_PREFIX = secondPresenceKey("");

/** In each cell of several: the process that does the cell's due work, while its lease lasts. */
export const CELL_LEASE_KEY: Name<"local"> = name("cell-lease");

/**
 * Index of the processes that share the due work of several cells. It is in two of the
 * cells. Score: until when a process counts as alive, unix ms.
 */
export const PROCESSES_KEY: Name<"local"> = name("processes");

/** What a cell was first used with, in each cell of several. */
export const CELL_KEY: Name<"local"> = name("cell");

/** Exists, in two of several cells, once every cell was used. */
export const CELLS_USED_KEY: Name<"local"> = name("cells-used");

/** API key by the SHA-256 of the key, in hex → scope, owner and a proof. */
export const apiKeyKey = (hash: string): string => name("apikey", hash);

/** Index of a merchant's API keys, by id and hash; score: when made, unix ms. */
export const merchantKeysKey = (merchantId: string): Name<"merchant"> =>
  name("merchant-keys", merchantId);

/**
 * Index of the API keys that belong to no merchant, in the form of a merchant's index.
 */
export const OPERATOR_KEYS_KEY: Name<"whole"> = name("operator-keys");

/** Index of all merchants; score: when made, unix ms. */
export const MERCHANTS_KEY: Name<"local"> = name("merchants");

/** Merchant record. */
export const merchantKey = (merchantId: string): Name<"merchant"> =>
  name("merchant", merchantId);

let lastAccount = { accountId: "", key: name<"account">("account", "") };

/**
 * The map of an account: everything about it that never expires. The latest name is cached.
 * A payment uses fifteen fields of one account, and the store compares names faster if they
 * are the same string.
 */
export function accountKey(accountId: string): Name<"account"> {
  if (accountId !== lastAccount.accountId) {
    lastAccount = { accountId, key: name("account", accountId) };
  }
  return lastAccount.key;
}

/** A field of an account. */
export type AccountField =
  /** The account's one live credential; absent: it has none. */
  | "credential"
  /** The account's latest credential, if that was revoked. */
  | "ended"
  /** The wallet system whose customer it is; absent if a key without one enrolled it. */
  | "system"
  /**
   * The generation of the oldest seed whose codes are accepted. Each new seed of an account
   * has a higher generation. If the field is absent, every code is refused.
   */
  | "seed"
  /**
   * The high-water mark: the unix second at which the last accepted step of the credential
   * ended. If the field is absent, every code is refused.
   */
  | "mark"
  /** The account's policy (tier, own limits, switch); absent if it was never set. */
  | "policy"
  /** Counter by day of what was paid in a currency. */
  | `spent:${string}`
  /** Counter by day of payments. */
  | "count"
  /** Counter of offline uses in a row. */
  | "offline"
  /** When that count was last set to 0, unix ms; absent if it never was. */
  | "run"
  /** When the account's phone was last seen online, unix ms. */
  | "seen"
  /** The code of its latest payment, and the merchant; at most 64 bytes. */
  | "use"
  /** Hash of its live online code; `used:` and the hash once that is spent. */
  | "online";

/** The key of the hash of erased accounts' ids, in base64url. */
export const ERASURE_KEY: Name<"local"> = name("erasure-key");

/** What is remembered of an erased account, by the keyed hash of its id. */
export const erasedKey = (hash: string): Name<"local"> => name("erased", hash);

/** When an account was last erased, by the same hash, unix ms. */
export const erasedTimeKey = (hash: string): Name<"local"> =>
  name("erased-time", hash);

/** Where a field of an account is. */
export const accountField = (
  accountId: string,
  field: AccountField,
): Field<"account"> => (
  { map: accountKey(accountId), field }
);

/**
 * Makes the function from an account's id to this field, as a kind of record needs it.
 */
export const ofAccount =
  (field: AccountField): (accountId: string) => Field<"account"> =>
  (accountId) => accountField(accountId, field);

/** The latest payment of one amount by one payer at one merchant, for a while. */
export const doubleScanKey = (
  merchantId: string,
  accountId: string,
  currency: string,
  amountMinor: number,
): Name<"account"> =>
  name("double-scan", merchantId, accountId, currency, `${amountMinor}`);

/** Index of payments that wait for an account's customer; score: deadline. */
export const confirmationsKey = (accountId: string): Name<"account"> =>
  name("confirmations", accountId);

/** A live online code by its keyed hash. */
export const onlineCodeKey = (hash: string): Name<"local"> =>
  name("online", hash);

/** The counters of a ration of guess permits, which are fields of one map. */
export const guessesField = (
  ration: string,
  field: "minute" | "day" | "leased",
): Field => ({ map: name("guesses", ration), field });

/**
 * A field of the same map: one of the few places in which edges note the guess permits
 * that they hold.
 */
export const heldPermitField = (ration: string, place: number): Field => ({
  map: name("guesses", ration),
  field: `held ${place}`,
});

/** A number of days that is greater than the longest life of a credential. */
const CUSTOMER_DAYS = 128;

/**
 * Counter of a profile's live credentials that expire on one day; the day is counted
 * from 1970. The names repeat after 128 days, so that their number stays bounded. Two
 * days with the same name are never in use at the same time, because no credential
 * lives that long.
 */
export const customersKey = (profile: number, day: number): Name<"local"> =>
  name("customers", `${profile}`, `${day % CUSTOMER_DAYS}`);

/** Device → its live credential. */
export const deviceKey = (deviceId: string): Name<"device"> =>
  name("device", deviceId);

/** Credential record, without the seed. */
export const credentialKey = (credentialId: string): Name<"account"> =>
  name("credential", credentialId);

/** Changes whenever the entries of a bucket change. */
export const bucketRevisionKey = (
  profile: number,
  bucket: number,
): Name<"account"> => name("bucket-rev", `${profile}`, `${bucket}`);

/** Index of a bucket's sealed entries; score: unix second of expiry. */
export const bucketEntriesKey = (
  profile: number,
  bucket: number,
): Name<"account"> => name("bucket", `${profile}`, `${bucket}`);

/**
 * Index of the buckets with seeds, by profile and bucket; score: when the first of the seeds
 * ends, unix ms, or earlier.
 */
export const DUE_SEEDS_KEY: Name<"local"> = name("due-seeds");

/**
 * Index of the buckets out of which a seed was ever destroyed, by profile and bucket; score:
 * when that last happened, unix ms.
 */
export const DESTROYED_SEEDS_KEY: Name<"local"> = name("destroyed-seeds");

/** Result of a verification by the wallet key's owner and its reference. */
export const verificationKey = (
  owner: string,
  reference: string,
): Name<"reference"> => name("verification", owner, reference);

/** What the names of all verifications begin with. */
export const VERIFICATIONS_PREFIX = name("verification", "");

/** Order record with its payment, by the order's name. */
export const orderKey = (orderName: string): Name<"merchant"> =>
  name("order", orderName);

/** What the customer's cell decided about a payment of an order in another cell. */
export const claimKey = (paymentId: string): Name<"account"> =>
  name("claim", paymentId);
/** The beginning of every name of a claim. */
export const CLAIMS_PREFIX = claimKey("");

/** Exists for a day after this payment's claim of an order was taken back. */
export const deadKey = (paymentId: string): Name<"merchant"> =>
  name("dead", paymentId);

/** The newest epoch in which an account has lost a device, by a hash of both ids. */
export const fenceKey = (hash: string): Name<"local"> => name("fence", hash);

/** Name of the order that a refund is of, by the refund's name. */
export const refundKey = (refundName: string): Name<"merchant"> =>
  name("refund", refundName);

/**
 * Index of the names of orders with a payment or a refund under way; score: when to look
 * again, unix ms.
 */
export const DUE_ORDERS_KEY: Name<"local"> = name("due-orders");

/** What the names of all order records begin with. */
export const ORDERS_PREFIX = orderKey("");

/** Index of what has happened to a merchant's payments; score: `latestFirst`. */
export const eventsKey = (merchantId: string): Name<"merchant"> =>
  name("events", merchantId);

/** Until when the bills of a merchant are closed, unix ms. */
export const billsClosedKey = (merchantId: string): Name<"merchant"> =>
  name("bills-closed", merchantId);

/** The figures of one day's bill, which were fixed when the bill was closed. */
export const billKey = (merchantId: string, day: string): Name<"merchant"> =>
  name("bill", merchantId, day);

/** Exists for most of a day after the events of all merchants were trimmed. */
export const EVENTS_TRIMMED_KEY: Name<"whole"> = name("events-trimmed");

/** Exists while a sweeper works on an order, so that other sweepers skip the order. */
export const sweepKey = (orderName: string): Name<"merchant"> =>
  name("sweep", orderName);

/** Callback endpoint of a merchant. */
export const callbackEndpointKey = (merchantId: string): Name<"merchant"> =>
  name("callback-endpoint", merchantId);

/** The failures of an endpoint; absent while it does not fail. */
export const callbackFailuresKey = (merchantId: string): Name<"merchant"> =>
  name("callback-failures", merchantId);

/** Exists while the breaker of an endpoint is open, so that only probes are sent to it. */
export const callbackBreakerKey = (merchantId: string): Name<"merchant"> =>
  name("callback-breaker", merchantId);

/** Exists while an endpoint is being tested. */
export const callbackTestKey = (merchantId: string): Name<"merchant"> =>
  name("callback-test", merchantId);

/** Callback record. */
export const callbackKey = (callbackId: string): Name<"merchant"> =>
  name("callback", callbackId);

/** The latest attempts to deliver a callback. */
export const callbackAttemptsKey = (callbackId: string): Name<"merchant"> =>
  name("callback-attempts", callbackId);

/**
 * Index of the callbacks that wait in one of a merchant's lanes; score: when the
 * callback is due, or, while a dispatcher delivers it, when the dispatcher's lease
 * ends; unix ms.
 */
export const callbackLaneKey = (
  merchantId: string,
  lane: string,
): Name<"merchant"> => name("callback-lane", merchantId, lane);

/**
 * Changes whenever a callback in a merchant's lanes may have become due earlier than
 * before.
 */
export const callbackRevisionKey = (merchantId: string): Name<"merchant"> =>
  name("callback-turn", merchantId);

/** The owner of one of a merchant's delivery lane slots. */
export const callbackSlotKey = (
  merchantId: string,
  slot: number,
): Name<"merchant"> => name("callback-slot", merchantId, `${slot}`);

/** Index of a merchant's callbacks, latest first; score: `latestFirst`. */
export const callbacksKey = (merchantId: string): Name<"merchant"> =>
  name("callbacks", merchantId);

/**
 * Index of a merchant's callbacks that are dead; score: `latestFirst` of the time when
 * each was made.
 */
export const deadCallbacksKey = (merchantId: string): Name<"merchant"> =>
  name("callbacks-dead", merchantId);

/** Indexes are read in rising order of the score. With this score the latest member is the first. */
export const latestFirst = (createdMs: number): number =>
  Number.MAX_SAFE_INTEGER - createdMs;

/** The inverse of `latestFirst`: when a member with this score was made, unix ms. */
export const createdMs = (score: number): number =>
  Number.MAX_SAFE_INTEGER - score;

/** Index of merchants with callbacks; score: when to look again, unix ms. */
export const DUE_CALLBACKS_KEY: Name<"local"> = name("due-callbacks");

/** Sandbox ledger: balance and currency of an account. */
export const sandboxAccountKey = (accountId: string): Name<"account"> =>
  name("sandbox-account", accountId);

/**
 * Sandbox ledger: counter of the amounts taken from an account. Its period identifies
 * the balance.
 */
export const sandboxSpentKey = (accountId: string): Name<"account"> =>
  name("sandbox-spent", accountId);

/** Sandbox ledger: the answer given for a payment. */
export const sandboxDebitKey = (paymentId: string): Name<"account"> =>
  name("sandbox-debit", paymentId);

/** A core release by its id: its manifest and its history. */
export const coreReleaseKey = (releaseId: string): Name<"whole"> =>
  name("core-release", releaseId);

/** Index of all core releases; score: when uploaded, unix ms. */
export const CORE_RELEASES_KEY: Name<"whole"> = name("core-releases");

/** Base64 of a core's binary, by its SHA-256 in hex. */
export const coreBinaryKey = (sha256: string): Name<"whole"> =>
  name("core-binary", sha256);

/** Which core is active and which is in shadow, for all edges. */
export const CORE_SWITCH_KEY: Name<"whole"> = name("core-switch");

/** What the edges counted while a release was in shadow. */
export const coreShadowField = (
  releaseId: string,
  field: "searches" | "differences" | "slowest",
): Field<"whole"> => ({ map: name("core-shadow", releaseId), field });

/** Sandbox ledger: the answer given for a refund. */
export const sandboxRefundKey = (
  paymentId: string,
  refundId: string,
): Name<"account"> => name("sandbox-refund", paymentId, refundId);

/** Sandbox ledger: counter of what was refunded of a payment. */
export const sandboxRefundedKey = (paymentId: string): Name<"account"> =>
  name("sandbox-refunded", paymentId);

/** Sandbox ledger: what it remembers of a payment of a test case. */
export const sandboxTestKey = (paymentId: string): Name<"account"> =>
  name("sandbox-test", paymentId);
