/**
 * What enrolments write of accounts and credentials, and all that ends a
 * credential: its seed, its mark, its online code and its entry go at once.
 *
 * @module
 */

import type { Clock, Random } from "../clock.ts";
import { newRevision } from "../ids.ts";
import { countCustomer } from "../risk/customers.ts";
import type { Guard } from "../store/commit.ts";
import {
  accountKey,
  bucketEntriesKey,
  bucketRevisionKey,
  credentialKey,
  deviceKey,
  markKey,
  onlineCodeOfKey,
  RECORD_TTL_MS,
} from "../store/keys.ts";
import { type Held, json, plainText, recordKind } from "../store/record.ts";
import type { Write } from "../store/store.ts";
import type { AccountRecord, CredentialRecord } from "./record.ts";

/** Accounts; they outlive every enrolment. */
export const accounts = recordKind({
  key: accountKey,
  form: json<AccountRecord>(),
});

/** The live credential of a device. */
export const devices = recordKind({ key: deviceKey, form: plainText });

/** Credentials, kept as long as their payments are, by the time of `clock`. */
export const credentialKind = (clock: Clock) =>
  recordKind({
    key: credentialKey,
    form: json<CredentialRecord>(),
    ttlMs: (record) => recordTtlMs(record, clock.nowMs()),
  });

/** A credential as it was read, and it was there. */
export type HeldCredential = Held<CredentialRecord> & {
  readonly value: CredentialRecord;
};

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

/** Every write that ends a credential, and the guard they rest on. */
export function planEnd(
  held: HeldCredential,
  random: Random,
): { guards: Guard<string>[]; writes: Write[] } {
  const record = held.value;
  const index = bucketEntriesKey(record.profile, record.bucket);
  return {
    guards: [held.unchanged("credential")],
    writes: [
      held.set({ ...record, status: "revoked", entry: null }),
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
