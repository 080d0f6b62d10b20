/**
 * Accounts: their policy, which the wallet, the phone and the customer decide, and the use of
 * their limits. The policy is one field of the account that every payment checks, so a change
 * takes effect with the next payment on every edge.
 *
 * @module
 */

import type { BackOff } from "../base/backoff.ts";
import type { Clock } from "../base/clock.ts";
import { dayOf } from "../base/day.ts";
import { type Refusal, refused } from "../base/outcome.ts";
import {
  counts,
  currenciesOf,
  type Limits,
  limitsFor,
  limitsIn,
  markSeen,
  offlineUses,
  seenTimes,
  spent,
  type TierLimits,
} from "../risk/limits.ts";
import {
  judge,
  type Judgement,
  type OwnLimits,
  policies,
  type Policy,
  setPolicy,
  USUAL,
} from "../risk/policy.ts";
import {
  judgePosture,
  type Posture,
  type PostureRule,
} from "../risk/posture.ts";
import { commit } from "../store/commit.ts";
import { amountIn, NO_PERIOD, readRecords } from "../store/record.ts";
import { LOST, retry } from "../store/retry.ts";
import type { Store } from "../store/store.ts";
import { createEnrolmentReads } from "./enrolment.ts";
import { isSeenBy, type WalletSystem } from "./record.ts";
import { isEnrolled, liveCredentials, marks, walletSystems } from "./writes.ts";

/** An account as its wallet sees it. */
export interface Account {
  readonly accountId: string;
  readonly risk: Judgement["risk"];
  readonly reason: string;
  readonly offlineCodes: boolean;
  /**
   * The limits in force: the lower of the tier's limits and the customer's own.
   */
  readonly limits: Required<OwnLimits>;
  readonly usedToday: {
    readonly count: number;
    /** Offline codes since the last online code or confirmation, on any day. */
    readonly offlineUses: number;
    readonly amounts: readonly { currency: string; amountMinor: number }[];
  };
  readonly seenOnlineAtMs: number | null;
  readonly credentialId: string | null;
}

/**
 * The use cases of accounts. An account that the caller may not see is
 * `not-found`.
 */
export interface Accounts {
  /** The limits of an account, and how much of them is used today. */
  get(accountId: string, by: WalletSystem): Promise<Account | Refusal>;
  /** Judges the state of a credential's phone. */
  setPosture(
    credentialId: string,
    posture: Posture,
    by: WalletSystem,
  ): Promise<Judgement | Refusal>;
  /** Replaces a customer's own limits. */
  setLimits(
    accountId: string,
    own: OwnLimits,
    by: WalletSystem,
  ): Promise<Account | Refusal>;
  /** Switches the offline codes of a customer on or off. */
  setOfflineCodes(
    accountId: string,
    on: boolean,
    by: WalletSystem,
  ): Promise<Account | Refusal>;
}

/** What accounts need. */
export interface AccountDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly limits: Limits;
  readonly postureRules: readonly PostureRule[];
  /**
   * Spaces out the tries of callers that change one account at the same moment.
   */
  readonly backOff: BackOff;
}

/** Makes the {@linkcode Accounts} use cases. */
export function createAccounts(deps: AccountDeps): Accounts {
  const { store, clock, limits } = deps;
  const { readSeen } = createEnrolmentReads(deps);

  async function changeSeen(
    accountId: string,
    change: (policy: Policy) => Policy,
    by: WalletSystem,
  ): Promise<Account | Refusal> {
    if (!(await isAccountOf(store, accountId, by))) return refused("not-found");
    const changed = await changePolicy(deps, accountId, change);
    return "kind" in changed ? changed : await readAccount(deps, accountId);
  }

  return {
    async get(accountId, by) {
      return await isAccountOf(store, accountId, by)
        ? await readAccount(deps, accountId)
        : refused("not-found");
    },

    async setPosture(credentialId, posture, by) {
      const credential = await readSeen(credentialId, by);
      // The posture of a phone that was replaced does not count for its account.
      if (credential?.value.status !== "active") return refused("not-found");
      const { account_id } = credential.value;
      const judged = judgePosture(deps.postureRules, posture);
      const next = await changePolicy(
        deps,
        account_id,
        ({ posture: _, ...it }) => ({
          ...it,
          ...(judged !== undefined && { posture: judged }),
        }),
        clock.nowMs(),
      );
      return "kind" in next ? next : judge(next);
    },

    async setLimits(accountId, own, by) {
      if (limitsIn(limits, "normal", own.currency) === null) {
        return refused("malformed-request", {
          detail:
            "currency must be one that limits are configured for on this server.",
        });
      }
      return await changeSeen(accountId, (policy) => ({ ...policy, own }), by);
    },

    async setOfflineCodes(accountId, offlineCodes, by) {
      return await changeSeen(
        accountId,
        (policy) => ({ ...policy, offlineCodes }),
        by,
      );
    },
  };
}

/**
 * Changes the policy of an account, unless the account was erased. Returns the new
 * policy.
 */
export async function changePolicy(
  deps: Pick<AccountDeps, "store" | "backOff">,
  accountId: string,
  change: (policy: Policy) => Policy,
  /** When the phone was seen online, if the change shows that it was. */
  seenMs?: number,
): Promise<Policy | Refusal> {
  return await retry(async () => {
    const [held] = await readRecords(deps.store, [policies(accountId)]);
    const next = change(held.value ?? USUAL);
    const result = await commit(deps.store, {
      guards: [held.unchanged("policy"), isEnrolled(accountId)],
      writes: [
        setPolicy(held, next),
        ...(seenMs === undefined ? [] : [markSeen(accountId, seenMs)]),
      ],
    });
    if (result.committed) return next;
    return result.refusedBy === "account" ? refused("not-found") : LOST;
  }, deps);
}

/** Whether an account was ever enrolled, and the caller may see it. */
async function isAccountOf(
  store: Store,
  accountId: string,
  by: WalletSystem,
): Promise<boolean> {
  const [mark, system] = await readRecords(store, [
    marks(accountId),
    walletSystems(accountId),
  ]);
  return mark.value !== null && isSeenBy(by, { wallet_system: system.value });
}

async function readAccount(
  { store, clock, limits }: AccountDeps,
  accountId: string,
): Promise<Account> {
  const currencies = currenciesOf(limits);
  const [held, credential, seen, count, offline, ...sums] = await readRecords(
    store,
    [
      policies(accountId),
      liveCredentials(accountId),
      seenTimes(accountId),
      counts(accountId),
      offlineUses(accountId),
      ...currencies.map((currency) => spent(accountId, currency)),
    ],
  );
  const policy = held.value ?? USUAL;
  const { own, offlineCodes } = policy;
  const { risk, reason } = judge(policy);
  const day = dayOf(clock.nowMs(), limits.timeZone);
  const currency = own?.currency ?? "EUR";
  const holding = risk === "blocked"
    ? null
    : limitsFor(limits, { policy, tier: risk }, currency);
  return {
    accountId,
    risk,
    reason,
    offlineCodes,
    limits: {
      currency,
      perPaymentMinor: limitOf(holding, "perPaymentMinor"),
      perDayMinor: limitOf(holding, "perDayMinor"),
      countPerDay: limitOf(holding, "countPerDay"),
    },
    usedToday: {
      count: amountIn(count.value, day),
      offlineUses: amountIn(offline.value, NO_PERIOD),
      amounts: currencies.flatMap((currency, i) => {
        const amountMinor = amountIn(sums[i]!.value, day);
        return amountMinor === 0 ? [] : [{ currency, amountMinor }];
      }),
    },
    seenOnlineAtMs: seen.value,
    credentialId: credential.value,
  };
}

/** A limit in force; all limits of a blocked account are 0. */
function limitOf(
  holding: TierLimits | null,
  name: "perPaymentMinor" | "perDayMinor" | "countPerDay",
): number {
  return holding?.[name] ?? 0;
}
