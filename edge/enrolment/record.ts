/**
 * The record of a credential.
 *
 * A credential is one enrolment of one account on one device. Its seed is stored sealed, as a
 * member of its bucket's index. The credential's record also keeps everything that this member
 * consists of, because removing it from the index needs the exact member. A renewal gives the
 * credential a new seed, and keeps the one before it for a while.
 *
 * @module
 */

import { timeText } from "../base/clock.ts";
import { type Form, json } from "../store/record.ts";
import type { SealContext } from "../vault/seal.ts";

/** A seed in its bucket. */
export interface StoredSeed {
  readonly profile: number;
  readonly bucket: number;
  /**
   * The number of the seed among those of its account; later seeds have higher
   * ones.
   */
  readonly generation: number;
  /** Unix second at which the seed expires. */
  readonly expires: number;
  /** The index member with the sealed seed. */
  readonly entry: string;
}

/**
 * A credential, stored under its id. The fields of {@linkcode StoredSeed} are
 * its newest seed's.
 */
export interface CredentialRecord extends Omit<StoredSeed, "entry"> {
  readonly credential_id: string;
  readonly account_id: string;
  readonly device_id: string;
  /**
   * The device key to which the newest seed was sealed, as `compressKey` writes
   * it.
   */
  readonly device_point: string;
  readonly status: "active" | "revoked";
  readonly created_at: string;
  /**
   * `null` once the newest seed was destroyed, because it was revoked or had
   * expired.
   */
  readonly entry: string | null;
  /** The seed before the newest one, as long as its codes may be accepted. */
  readonly old?: StoredSeed;
  /**
   * Hashes of the idempotency keys of the latest renewals, the newest seed's
   * first; an empty text for a renewal without a key.
   */
  readonly renewals?: readonly string[];
  /** The customer's wallet system; absent if the enrolling key had none. */
  readonly wallet_system?: string;
  /** The credential that the account had before; absent: none. */
  readonly previous?: string;
}

/**
 * The wallet system of the caller's key. A key without one sees the customers of all systems.
 */
export type WalletSystem = string | undefined;

/** Whether a caller may see an account or a credential. */
export function isSeenBy(
  caller: WalletSystem,
  { wallet_system }: { readonly wallet_system?: string | null | undefined },
): boolean {
  return caller === undefined || caller === wallet_system;
}

/** A member of a bucket's index. */
export interface BucketEntry {
  /** Credential id. */
  readonly c: string;
  /** Account id. */
  readonly a: string;
  /** Device id. */
  readonly d: string;
  /** Generation. */
  readonly g: number;
  /** Unix second of expiry. */
  readonly x: number;
  /** The sealed seed. */
  readonly s: string;
}

/** The text of a member. */
export const entryText = ({ c, a, d, g, x, s }: BucketEntry): string =>
  JSON.stringify([c, a, d, g, x, s]);

type EntryParts = readonly [string, string, string, number, number, string];
const entryParts = json<EntryParts>();

/** Reads a member's text. */
export function parseEntry(text: string): BucketEntry {
  const [c, a, d, g, x, s] = entryParts.read(text);
  return { c, a, d, g, x, s };
}

/**
 * Profile, bucket, generation, expiry, and the sealed seed. The seed is `null` if it was
 * destroyed because it had expired, and absent if the credential was revoked.
 */
type SeedParts = readonly [number, number, number, number, (string | null)?];

/**
 * A credential as it is stored. Its id is in the record's name. A field that the
 * credential does not have is `null`, or left out if no other field follows.
 */
type StoredCredential = readonly [
  accountId: string,
  deviceId: string,
  devicePoint: string,
  newest: SeedParts,
  createdMs: number,
  old?: SeedParts | null,
  renewals?: readonly string[] | null,
  walletSystem?: string | null,
  previous?: string | null,
];

/** How many parts of a revoked credential's newest seed are kept. */
const REVOKED_PARTS = 4;

const stored = json<StoredCredential>();

const partsOf = (
  it: Omit<StoredSeed, "entry"> & {
    entry: string | null;
    status?: CredentialRecord["status"];
  },
): SeedParts => {
  const place = [it.profile, it.bucket, it.generation, it.expires] as const;
  if (it.status === "revoked") return place;
  return [...place, it.entry === null ? null : parseEntry(it.entry).s];
};

/** The stored form of the credential with this id. */
export const credentialForm = (id: string): Form<CredentialRecord> => ({
  write(record) {
    const parts = [
      ...[record.account_id, record.device_id, record.device_point],
      ...[partsOf(record), Date.parse(record.created_at)],
      ...[record.old && partsOf(record.old), record.renewals],
      ...[record.wallet_system, record.previous],
    ];
    const length = parts.findLastIndex((it) => it !== undefined) + 1;
    return JSON.stringify(parts.slice(0, length));
  },
  read(text) {
    const [a, d, k, n, t, o, r, w, p] = stored.read(text);
    const seedOf = ([profile, bucket, g, x, s]: SeedParts) => ({
      ...{ profile, bucket, generation: g, expires: x },
      entry: s == null ? null : entryText({ c: id, a, d, g, x, s }),
    });
    const newest = seedOf(n);
    return {
      credential_id: id,
      account_id: a,
      device_id: d,
      device_point: k,
      ...newest,
      status: n.length === REVOKED_PARTS ? "revoked" : "active",
      created_at: timeText(t),
      ...(o != null && { old: seedOf(o) as StoredSeed }),
      ...(r != null && { renewals: r }),
      ...(w != null && { wallet_system: w }),
      ...(p != null && { previous: p }),
    };
  },
});

/**
 * The context to which a seed is sealed. An entry whose account, device, credential, bucket,
 * generation or expiry was changed does not open.
 */
export function sealContext(
  prefix: string,
  profile: number,
  bucket: number,
  entry: Omit<BucketEntry, "s">,
): SealContext {
  return {
    issuer: prefix,
    accountId: entry.a,
    deviceId: entry.d,
    credentialId: entry.c,
    profile,
    bucket,
    expiresAtSeconds: entry.x,
    generation: entry.g,
  };
}
