/**
 * Makes sure that a device has one live credential, if accounts and devices are in
 * several cells. No transaction spans two cells, so an enrolment takes three. The
 * device's record counts its enrolments in *epochs* and names the account of the
 * current epoch:
 *
 *     E1 (device)  the next epoch begins; accounts that may still have a credential on the device
 *                  are noted as unsettled
 *     E2 (each unsettled account's cell)  its credential on the device ends, and a fence keeps
 *                  enrolments of earlier epochs away
 *     E3 (the account's cell)  the enrolment, if no fence is above its epoch
 *
 * Without the fence, an E3 that arrives late would enrol an account that has lost the
 * device meanwhile. Without the list of unsettled accounts, a crash after E1 would lose
 * the accounts that had the device before.
 *
 * @module
 */

import { createHash } from "node:crypto";
import type { Clock, Random } from "../base/clock.ts";
import { type Refusal, refused } from "../base/outcome.ts";
import { commit } from "../store/commit.ts";
import { deviceKey, fenceKey } from "../store/keys.ts";
import {
  type Held,
  integer,
  json,
  readRecords,
  recordKind,
} from "../store/record.ts";
import { LOST } from "../store/retry.ts";
import type { Store } from "../store/store.ts";
import { createEnrolmentReads } from "./enrolment.ts";
import { isSeenBy, type WalletSystem } from "./record.ts";
import {
  bucketsOf,
  type HeldCredential,
  liveCredentials,
  loosen,
  marks,
  planEnd,
} from "./writes.ts";

/** The record of a device in a deployment of several cells. */
export interface DeviceEpoch {
  /** The account of the current epoch; empty after that account was erased. */
  readonly account: string;
  /** Rises whenever the device gets another account. */
  readonly epoch: number;
  /** Other accounts that may still have a live credential on the device. */
  readonly unsettled: readonly string[];
}

const DAY_MS = 86_400_000;
/**
 * How long a fence is kept. No edge sends an enrolment of an earlier epoch later than
 * this.
 */
const FENCE_MS = 7 * DAY_MS;

const deviceEpochs = recordKind({ key: deviceKey, form: json<DeviceEpoch>() });

/**
 * The newest epoch in which an account has lost a device. The record is in the
 * account's cell.
 */
const fences = recordKind({
  key: (accountId: string, deviceId: string) => {
    const hash = createHash("sha256");
    for (const id of [accountId, deviceId]) {
      hash.update(`${id.length}:${id}`);
    }
    return fenceKey(hash.digest("base64url"));
  },
  form: integer,
  ttlMs: FENCE_MS,
});

/** What {@linkcode beginEpoch} needs. */
export interface EpochDeps {
  readonly store: Store;
  readonly random: Random;
  readonly clock: Clock;
  readonly onBucketChange: (profile: number, bucket: number) => void;
}

/** An epoch that has begun. E3 must check its fence. */
export interface BegunEpoch {
  readonly fence: Held<number, "local">;
  /** Must be called after E3: notes that no other account is unsettled. */
  settle(): Promise<void>;
}

/**
 * Makes E1, and E2 for every other account. Returns the epoch, or a refusal, or `LOST`
 * if another enrolment on the device came first.
 */
export async function beginEpoch(
  deps: EpochDeps,
  { account_id, device_id }: {
    readonly account_id: string;
    readonly device_id: string;
  },
  by: WalletSystem,
): Promise<BegunEpoch | Refusal | typeof LOST> {
  const { store } = deps;
  const [before] = await readRecords(store, [deviceEpochs(device_id)]);
  const { account = "", epoch: last = 0, unsettled = [] } = before.value ?? {};
  const others = [...new Set([account, ...unsettled])]
    .filter((it) => it !== "" && it !== account_id);
  for (const other of others) {
    const held = await liveOn(deps, other, device_id);
    if (held !== null && !isSeenBy(by, held.value)) {
      return refused("forbidden", {
        detail: "The device is enrolled by another wallet system.",
      });
    }
  }
  // If the account has the device already, the epoch goes on.
  const isOwn = account === account_id && others.length === 0;
  const epoch = isOwn ? last : last + 1;
  const next = before.put({ account: account_id, epoch, unsettled: others });
  if (!isOwn) {
    const { committed } = await commit(store, {
      guards: [before.unchanged("device")],
      writes: [next.write],
    });
    if (!committed) return LOST;
  }
  for (const other of others) {
    if (!await endOn(deps, other, device_id, epoch)) return LOST;
  }
  const [, fence] = await readRecords(store, [
    marks(account_id),
    fences(account_id, device_id),
  ]);
  if ((fence.value ?? 0) > epoch) return LOST;
  return {
    fence,
    async settle() {
      if (others.length === 0) return;
      const settled = { account: account_id, epoch, unsettled: [] };
      await commit(store, {
        guards: [next.held.unchanged("device")],
        writes: [next.held.set(settled)],
      });
    },
  };
}

/** The live credential of an account if it is on this device. */
async function liveOn(
  deps: EpochDeps,
  accountId: string,
  deviceId: string,
): Promise<HeldCredential | null> {
  const [live] = await readRecords(deps.store, [liveCredentials(accountId)]);
  const held = await createEnrolmentReads(deps).readCredential(live.value);
  return held?.value.device_id === deviceId ? held : null;
}

/** E2. Returns whether it is committed. */
async function endOn(
  deps: EpochDeps,
  accountId: string,
  deviceId: string,
  epoch: number,
): Promise<boolean> {
  const { store } = deps;
  const [live, fence] = await readRecords(store, [
    liveCredentials(accountId),
    fences(accountId, deviceId),
  ]);
  if ((fence.value ?? 0) >= epoch) return (fence.value ?? 0) === epoch;
  const held = await liveOn(deps, accountId, deviceId);
  const end = held && planEnd(held, deps);
  const account = held && await loosen(store, held.value);
  const { committed } = await commit(store, {
    guards: [
      fence.unchanged("fence"),
      live.unchanged("account"),
      ...end?.guards ?? [],
    ],
    writes: [
      fence.set(epoch),
      ...end?.writes ?? [],
      ...account ?? [],
    ],
  });
  if (committed && held !== null) {
    for (const { profile, bucket } of bucketsOf(held)) {
      deps.onBucketChange(profile, bucket);
    }
  }
  return committed;
}

/** Removes an erased account from the record of its device. */
export async function forgetHolder(
  store: Store,
  accountId: string,
  deviceId: string,
): Promise<void> {
  const [held] = await readRecords(store, [deviceEpochs(deviceId)]);
  if (held.value === null) return;
  const { account, epoch, unsettled } = held.value;
  const next = {
    account: account === accountId ? "" : account,
    epoch,
    unsettled: unsettled.filter((it) => it !== accountId),
  };
  const isFree = next.account === "" && next.unsettled.length === 0;
  // A device without an account keeps its epoch for as long as a fence may exist.
  await commit(store, {
    guards: [held.unchanged("device")],
    writes: [held.set(next, isFree ? FENCE_MS + DAY_MS : undefined)],
  });
}
