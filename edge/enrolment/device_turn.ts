/**
 * One live credential for each device, where accounts and devices are in several cells. No
 * transaction spans two cells, so the device's record only says whose turn it is:
 *
 *     E1 (device)  the next epoch begins; accounts that may still have a credential on the device
 *                  are noted as unsettled
 *     E2 (each unsettled account's cell)  its credential on the device ends, and a fence keeps
 *                  enrolments of earlier epochs away
 *     E3 (the account's cell)  the enrolment, if no fence is above its epoch
 *
 * Without the fence, an E3 that arrives late would enrol an account that has lost the device
 * meanwhile. Without the list, a crash behind E1 would forget who had the device before.
 *
 * @module
 */

import { createHash } from "node:crypto";
import type { Clock, Random } from "../base/clock.ts";
import { type Refusal, refused } from "../base/outcome.ts";
import { commit } from "../store/commit.ts";
import { parseInteger } from "../store/decide.ts";
import { deviceKey, fenceKey } from "../store/keys.ts";
import { type Held, json, readRecords, recordKind } from "../store/record.ts";
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

/** A device in a deployment of several cells. */
export interface DeviceTurn {
  /** The account whose turn it is; empty after that one was erased. */
  readonly account: string;
  /** Rises with every enrolment on the device. */
  readonly epoch: number;
  /** Accounts that may have a live credential on the device besides. */
  readonly unsettled: readonly string[];
}

const DAY_MS = 86_400_000;
/** An enrolment of an earlier epoch that arrives later than this was not sent by an edge. */
const FENCE_MS = 7 * DAY_MS;

const turns = recordKind({ key: deviceKey, form: json<DeviceTurn>() });

/** The newest epoch in which an account has lost a device. Local to the account's cell. */
const fences = recordKind({
  key: (accountId: string, deviceId: string) => {
    const hash = createHash("sha256");
    for (const id of [accountId, deviceId]) {
      hash.update(`${id.length}:${id}`);
    }
    return fenceKey(hash.digest("base64url"));
  },
  form: { write: (epoch: number) => `${epoch}`, read: parseInteger },
  ttlMs: FENCE_MS,
});

/** What taking a turn needs. */
export interface TurnDeps {
  readonly store: Store;
  readonly random: Random;
  readonly clock: Clock;
  readonly onBucketChange: (profile: number, bucket: number) => void;
}

/** An account's turn on a device, which E3 rests on. */
export interface Turn {
  readonly fence: Held<number>;
  /** To be called after E3: notes that no other account is unsettled. */
  settle(): Promise<void>;
}

/**
 * Makes E1, and E2 for every other account. Gives the turn, why the caller may not have it, or
 * `LOST` if another enrolment on the device came first.
 */
export async function takeTurn(
  deps: TurnDeps,
  { account_id, device_id }: {
    readonly account_id: string;
    readonly device_id: string;
  },
  by: WalletSystem,
): Promise<Turn | Refusal | typeof LOST> {
  const { store } = deps;
  const [before] = await readRecords(store, [turns(device_id)]);
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
  // An account whose turn it is keeps it.
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
  deps: TurnDeps,
  accountId: string,
  deviceId: string,
): Promise<HeldCredential | null> {
  const [live] = await readRecords(deps.store, [liveCredentials(accountId)]);
  const held = await createEnrolmentReads(deps).readCredential(live.value);
  return held?.value.device_id === deviceId ? held : null;
}

/** E2. Returns whether it is committed. */
async function endOn(
  deps: TurnDeps,
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
      ...account?.guards ?? [],
    ],
    writes: [
      fence.set(epoch),
      ...end?.writes ?? [],
      ...account?.writes ?? [],
    ],
  });
  if (committed && held !== null) {
    for (const { profile, bucket } of bucketsOf(held)) {
      deps.onBucketChange(profile, bucket);
    }
  }
  return committed;
}

/** Takes an erased account out of the record of its device. */
export async function forgetHolder(
  store: Store,
  accountId: string,
  deviceId: string,
): Promise<void> {
  const [held] = await readRecords(store, [turns(deviceId)]);
  if (held.value === null) return;
  const { account, epoch, unsettled } = held.value;
  const next = {
    account: account === accountId ? "" : account,
    epoch,
    unsettled: unsettled.filter((it) => it !== accountId),
  };
  const isFree = next.account === "" && next.unsettled.length === 0;
  // Without a holder the epoch is kept as long as a fence may be there.
  await commit(store, {
    guards: [held.unchanged("device")],
    writes: [held.set(next, isFree ? FENCE_MS + DAY_MS : undefined)],
  });
}
