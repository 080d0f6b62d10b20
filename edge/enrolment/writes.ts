/**
 * What enrolments write of accounts and credentials, and all that ends a
 * credential: its seed, its mark, its online code and its entry go at once.
 *
 * @module
 */

import type { Clock, Random } from "../clock.ts";
import { newRevision } from "../ids.ts";
import { countCustomer } from "../risk/customers.ts";
import {
  accountKey,
  bucketEntriesKey,
  bucketRevisionKey,
  credentialKey,
  markKey,
  onlineCodeOfKey,
  RECORD_TTL_MS,
} from "../store/keys.ts";
import { type Check, unchanged, type Write } from "../store/store.ts";
import type { AccountRecord, CredentialRecord } from "./record.ts";

/** A record as read: the parsed value and the text to compare with. */
export interface Stored<T> {
  readonly raw: string;
  readonly record: T;
}

/** What was read, or `null` where there was nothing. */
export function parse<T>(raw: string | null | undefined): Stored<T> | null {
  return raw == null ? null : { raw, record: JSON.parse(raw) as T };
}

/** Stores an account. */
export const setAccount = (
  accountId: string,
  record: AccountRecord,
): Write => ({
  kind: "set",
  key: accountKey(accountId),
  value: JSON.stringify(record),
});

/** Tells every edge that a credential's bucket has other entries now. */
export const newBucketRevision = (
  { profile, bucket }: CredentialRecord,
  random: Random,
): Write => ({
  kind: "set",
  key: bucketRevisionKey(profile, bucket),
  value: newRevision(random),
});

/** A credential is remembered as long as its payments are. */
export const recordTtlMs = (
  { expires }: CredentialRecord,
  nowMs: number,
): number => Math.max(0, expires * 1000 - nowMs) + RECORD_TTL_MS;

/** Every write that ends a credential, and the checks they rest on. */
export function planEnd(
  stored: Stored<CredentialRecord>,
  { clock, random }: { clock: Clock; random: Random },
): { checks: Check[]; writes: Write[] } {
  const { record } = stored;
  const key = credentialKey(record.credential_id);
  const ended: CredentialRecord = {
    ...record,
    status: "revoked",
    entry: null,
  };
  const index = bucketEntriesKey(record.profile, record.bucket);
  return {
    checks: [unchanged(key, stored.raw)],
    writes: [
      {
        kind: "set",
        key,
        value: JSON.stringify(ended),
        ttlMs: recordTtlMs(record, clock.nowMs()),
      },
      // An absent mark refuses every code of the credential.
      { kind: "delete", key: markKey(record.credential_id) },
      // So does an online code that is not the credential's live one.
      { kind: "delete", key: onlineCodeOfKey(record.credential_id) },
      newBucketRevision(record, random),
      ...(record.entry === null ? [] : [
        { kind: "unindex", index, member: record.entry } as const,
        countCustomer(record.expires, -1),
      ]),
    ],
  };
}
