/**
 * Erasure deletes the credentials, device links and seeds of an account, and
 * the account itself. A block and the used limits of the day are kept for a
 * while under a keyed hash, so that a customer cannot escape them by enrolling
 * again.
 *
 * A payment under way goes on to its end, because its money may be moving
 * already. A payment that waits for the customer is refused in the customer's
 * name.
 *
 * @module
 */

import { encodeBase64Url } from "@std/encoding/base64url";
import type { BackOff } from "../base/backoff.ts";
import type { Clock, Random } from "../base/clock.ts";
import { type Refusal, refused } from "../base/outcome.ts";
import { currenciesOf, type Limits } from "../risk/limits.ts";
import { isBlocked, policyOf } from "../risk/policy.ts";
import { commit, commitJoined } from "../store/commit.ts";
import { type AccountField, accountKey, onlineCodeKey } from "../store/keys.ts";
import {
  type Held,
  plainText,
  readRecords,
  recordKind,
} from "../store/record.ts";
import { LOST, retry } from "../store/retry.ts";
import type { Store } from "../store/store.ts";
import { createEnrolmentReads } from "./enrolment.ts";
import { forgetHolder } from "./device_epoch.ts";
import { erasedAccounts, erasureKeys, erasureTimes } from "./erased.ts";
import { isSeenBy, type WalletSystem } from "./record.ts";
import {
  accountText,
  bucketsOf,
  credentialKind,
  devices,
  type HeldCredential,
  marks,
  planEnd,
} from "./writes.ts";

/**
 * How long the used limits and the policy are kept; those of a blocked account
 * are kept for ever.
 */
const REMEMBERED_MS = 48 * 3_600_000;
const KEY_BYTES = 32;
/** Earlier credentials that are deleted together. */
const PART = 50;

// These are only deleted here, so their form does not matter.
const wholeAccounts = recordKind({ key: accountKey, form: plainText });
const onlineCodes = recordKind({ key: onlineCodeKey, form: plainText });

/** Erases an account. Accounts of others are `not-found` to a caller. */
export type Erase = (
  accountId: string,
  by: WalletSystem,
) => Promise<"erased" | Refusal>;

/** What erasure is made of. */
export interface EraseDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly limits: Limits;
  /** How long records of payments are kept after their last change. */
  readonly recordMs: number;
  readonly backOff: BackOff;
  /** Called with every bucket whose entries this process has changed. */
  readonly onBucketChange: (profile: number, bucket: number) => void;
  /** Refuses, for the customer, what waits for a confirmation. */
  readonly refuseWaiting: (accountId: string) => Promise<void>;
}

/** Makes {@linkcode Erase}. */
export function createErase(deps: EraseDeps): Erase {
  return async (accountId, by) => {
    const erased = await retry(() => eraseOnce(deps, accountId, by), deps);
    // Waiting payments are refused after the erasure, because from then on no other
    // payment can begin to wait. A repeated call refuses the payments that an
    // interrupted call has left.
    if (erased === "erased") await deps.refuseWaiting(accountId);
    return erased;
  };
}

async function eraseOnce(
  deps: EraseDeps,
  accountId: string,
  by: WalletSystem,
): Promise<"erased" | Refusal | typeof LOST> {
  const { store, random } = deps;
  const { key, account } = await readAccount(deps, accountId);
  const textOf = (field: AccountField) => account.get(field)!.value;
  const hashKey = key.value ?? encodeBase64Url(random.bytes(KEY_BYTES));
  const place = erasedAccounts(hashKey, accountId);
  const mark = account.get("mark")!;
  if (mark.isAbsent) {
    const [, before] = await readRecords(store, [marks(accountId), place]);
    const system = before.value?.system ?? null;
    return before.value !== null && isSeenBy(by, { wallet_system: system })
      ? "erased"
      : refused("not-found");
  }
  if (!isSeenBy(by, { wallet_system: textOf("system") })) {
    return refused("not-found");
  }
  const { live, earlier, deviceIds } = await readCredentials(
    deps,
    textOf("credential") ?? textOf("ended"),
  );
  if (store.cells !== undefined) {
    // The devices are found through the credentials, so the credentials are deleted
    // last.
    for (const id of deviceIds) await forgetHolder(store, accountId, id);
  }
  await deleteEarlier(deps, earlier);
  const policy = policyOf(accountId, textOf("policy"));
  const remembered = Object.fromEntries(
    remembersOf(deps.limits).flatMap((field) => {
      const text = textOf(field);
      return text === null ? [] : [[field, text]];
    }),
  );
  // The field also names a code that was used, because its record may still exist.
  const online = textOf("online")?.replace(/^used:/, "") ?? null;
  const end = live === null ? null : planEnd(live, deps, true);
  const { committed } = await commitJoined(store, {
    guards: [
      // The mark is the first guard, by which a repeated transaction recognizes itself:
      // only an erasure makes the mark absent.
      ...[...account.values()].map((it) => it.unchanged("account")),
      key.unchanged("key"),
      ...end?.guards ?? [],
    ],
    writes: [
      ...(key.isAbsent ? [erasureKeys().set(hashKey)] : []),
      place.set(remembered, isBlocked(policy) ? undefined : REMEMBERED_MS),
      erasureTimes(hashKey, accountId)
        .set(deps.clock.nowMs(), deps.recordMs),
      ...end?.writes ?? [],
      ...(live === null || live.value.status === "revoked" ||
          store.cells !== undefined
        ? []
        : [devices(live.value.device_id).delete()]),
      ...(online === null ? [] : [onlineCodes(online).delete()]),
      wholeAccounts(accountId).delete(),
    ],
    mine: (value) => value === null,
  });
  if (!committed) return LOST;
  for (const { profile, bucket } of live === null ? [] : bucketsOf(live)) {
    deps.onBucketChange(profile, bucket);
  }
  return "erased";
}

/** The fields that are kept. */
const remembersOf = (limits: Limits): AccountField[] => [
  "system",
  "policy",
  "count",
  "offline",
  "run",
  ...currenciesOf(limits).map((it): AccountField => `spent:${it}`),
];

async function readAccount(
  { store, limits }: EraseDeps,
  accountId: string,
) {
  const fields: AccountField[] = [
    ...["mark", "credential", "ended", "online"] as const,
    ...remembersOf(limits),
  ];
  const [key, ...held] = await readRecords(store, [
    erasureKeys(),
    ...fields.map((field) => accountText(field)(accountId)),
  ]);
  const account = new Map<AccountField, Held<string>>(
    fields.map((field, i) => [field, held[i]!]),
  );
  return { key, account };
}

/** The latest credential of an account, the ids of those before it, and their devices. */
async function readCredentials(deps: EraseDeps, latest: string | null) {
  const { readCredential } = createEnrolmentReads(deps);
  const live: HeldCredential | null = await readCredential(latest);
  const earlier: string[] = [];
  const deviceIds = new Set(live === null ? [] : [live.value.device_id]);
  let next = live?.value.previous;
  while (next !== undefined) {
    const held = await readCredential(next);
    if (held === null) break;
    earlier.push(next);
    deviceIds.add(held.value.device_id);
    next = held.value.previous;
  }
  return { live, earlier, deviceIds };
}

/**
 * Deletes the records of credentials that were revoked before. The oldest is
 * deleted first: each record names the one before it, so those that an
 * interrupted erasure leaves can still be found.
 */
async function deleteEarlier(
  { store, clock }: EraseDeps,
  earlier: readonly string[],
): Promise<void> {
  const credentials = credentialKind(clock);
  const oldestFirst = earlier.toReversed();
  for (let at = 0; at < oldestFirst.length; at += PART) {
    const writes = oldestFirst.slice(at, at + PART)
      .map((id) => credentials(id).delete());
    await commit(store, { guards: [], writes });
  }
}
