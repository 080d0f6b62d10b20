/**
 * The record that is kept of an erased account. Without it a customer could escape a
 * block or the limits of the day by being erased and enrolled again. The record is
 * named by a keyed hash of the account's id, so it reveals nothing to anybody who does
 * not know the id.
 *
 * @module
 */

import { createHmac } from "node:crypto";
import {
  type AccountField,
  erasedKey,
  erasedTimeKey,
  ERASURE_KEY,
} from "../store/keys.ts";
import {
  json,
  plainText,
  recordKind,
  type RecordPlace,
} from "../store/record.ts";
import type { Write } from "../store/store.ts";
import { accountText } from "./writes.ts";

/** Fields of the account by their names. */
export type Remembered = Readonly<Partial<Record<AccountField, string>>>;

/** The key of the hashes; absent while no account was ever erased. */
export const erasureKeys = recordKind({
  key: () => ERASURE_KEY,
  form: plainText,
});

const byHash = recordKind({ key: erasedKey, form: json<Remembered>() });

const timesByHash = recordKind({ key: erasedTimeKey, form: json<number>() });

const hashOf = (key: string, accountId: string): string =>
  createHmac("sha256", key).update(accountId).digest("base64url");

/** The record of an erased account. */
export const erasedAccounts = (
  key: string,
  accountId: string,
): RecordPlace<Remembered, "local"> => byHash(hashOf(key, accountId));

/**
 * When an account was last erased, unix ms. It is kept for as long as payments are, because the
 * account may be enrolled again before its id is taken out of them.
 */
export const erasureTimes = (
  key: string,
  accountId: string,
): RecordPlace<number, "local"> => timesByHash(hashOf(key, accountId));

/**
 * Gives back to an account that is enrolled again what it had used of its
 * limits.
 */
export function restoreUse(
  accountId: string,
  { policy: _, system: __, ...used }: Remembered,
): Write<"account">[] {
  return Object.entries(used as Record<string, string>)
    .map(([field, value]) =>
      accountText(field as AccountField)(accountId).set(value)
    );
}
