/**
 * What enrolments write of accounts and credentials, and all that ends a
 * credential: its seed and its entry go at once, and its account has none. That
 * alone refuses all of its codes, so its mark and its online code may stay.
 *
 * @module
 */

import type { Clock, Random } from "../base/clock.ts";
import { newRevision } from "../base/ids.ts";
import { countCustomer } from "../risk/customers.ts";
import type { Guard } from "../store/commit.ts";
import {
  type AccountField,
  accountField,
  bucketEntriesKey,
  bucketRevisionKey,
  credentialKey,
  deviceKey,
  RECORD_TTL_MS,
} from "../store/keys.ts";
import { type Held, json, plainText, recordKind } from "../store/record.ts";
import type { Write } from "../store/store.ts";
import type { CredentialRecord } from "./record.ts";

const accountText = (field: AccountField) =>
  recordKind({
    key: (accountId: string) => accountField(accountId, field),
    form: plainText,
  });

/** The live credential of an account. */
export const liveCredentials = accountText("credential");

/** The wallet system whose customer an account is. */
export const walletSystems = accountText("system");

/** The high-water mark of an account's credential. */
export const marks = accountText("mark");

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
const recordTtlMs = (
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
      newBucketRevision(record, random),
      ...(record.entry === null ? [] : [
        { kind: "unindex", index, member: record.entry } as const,
        countCustomer(record.expires, -1),
      ]),
    ],
  };
}
