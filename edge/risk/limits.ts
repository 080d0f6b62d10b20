/**
 * The limits of an account: by its risk tier, for one payment, for a day, for the number
 * of payments, and for offline uses since the last online code or confirmation. The counters
 * belong to the account, so that a new enrolment does not reset them.
 *
 * The transaction that claims a code also checks and adds to the counters. A payment keeps
 * its day, and its share is given back to the counter of that day. If the counter belongs
 * to a later day already, there is nothing to give back.
 *
 * @module
 */

import { type Refusal, refused } from "../base/outcome.ts";
import { type Commit, type Guard, never } from "../store/commit.ts";
import { accountField, ofAccount } from "../store/keys.ts";
import {
  type Counted,
  counter,
  integer,
  NO_PERIOD,
  recordKind,
  type RecordPlace,
} from "../store/record.ts";
import type { Write } from "../store/store.ts";
import type { Payer, PayingTier } from "./policy.ts";

/** Amounts of one risk tier, in minor units of one currency. */
export interface AmountLimits {
  readonly perPaymentMinor: number;
  /** The sum of a day; each currency is counted separately. */
  readonly perDayMinor: number;
  /** Above this amount the customer must confirm. */
  readonly stepUpAboveMinor: number;
}

/** The limits of one risk tier in one currency. */
export interface TierLimits extends AmountLimits {
  readonly countPerDay: number;
  /** The most offline codes until the account is seen online again. */
  readonly offlineUses: number;
}

/** The amounts of one currency. */
export type CurrencyLimits = Readonly<Record<PayingTier, AmountLimits>>;

/** Limits of every tier that may pay. */
export interface Limits {
  /**
   * The counts for all currencies, and the amounts for {@linkcode
   * BASE_CURRENCIES}.
   */
  readonly normal: TierLimits;
  readonly restricted: TierLimits;
  /**
   * The amounts for other currencies, and for those with figures of their own.
   */
  readonly currencies?: ReadonlyMap<string, CurrencyLimits>;
  /** IANA name of the time zone in which a day begins. */
  readonly timeZone: string;
  /**
   * An account that was not seen online for this number of days may not pay with offline
   * codes. 0, the default, turns this off.
   */
  readonly offlineDays?: number;
}

/** What a payment took from its account's limits besides its amount. */
export interface Taken {
  /** The day to whose counters the payment was added. */
  readonly day: string;
  /** Whether it was an offline use. */
  readonly offline: boolean;
}

/** A payment's share of its account's limits. */
export interface Share extends Taken {
  readonly accountId: string;
  readonly currency: string;
  readonly amountMinor: number;
}

/** The name of a limit. */
export type LimitName =
  | "per-payment"
  | "per-day"
  | "count-per-day"
  | "offline-uses";

/**
 * The currencies for which the amounts of a tier are meant: the sources of the default
 * figures are in yuan and in euro. Both have two decimal digits.
 */
export const BASE_CURRENCIES: readonly string[] = ["CNY", "EUR"];

/**
 * The limits of a tier in a currency, or `null` if none are configured: the amounts of one
 * currency cannot be used for another.
 */
export function limitsIn(
  limits: Limits,
  tier: PayingTier,
  currency: string,
): TierLimits | null {
  const own = limits.currencies?.get(currency);
  if (own !== undefined) return { ...limits[tier], ...own[tier] };
  return BASE_CURRENCIES.includes(currency) ? limits[tier] : null;
}

/** The currencies for which limits are configured. */
export function currenciesOf({ currencies }: Limits): string[] {
  return [...new Set([...BASE_CURRENCIES, ...currencies?.keys() ?? []])].sort();
}

/**
 * The limits of an account: those of its tier, or the customer's own where these are lower.
 * Own amounts count only for payments in their own currency.
 */
export function limitsFor(
  limits: Limits,
  { tier, policy: { own } }: Payer,
  currency: string,
): TierLimits | null {
  const ofTier = limitsIn(limits, tier, currency);
  if (ofTier === null || own === undefined) return ofTier;
  const lower = (limit: number, own: number | undefined) =>
    Math.min(limit, own ?? limit);
  const amounts = own.currency === currency ? own : null;
  return {
    ...ofTier,
    perPaymentMinor: lower(ofTier.perPaymentMinor, amounts?.perPaymentMinor),
    perDayMinor: lower(ofTier.perDayMinor, amounts?.perDayMinor),
    countPerDay: lower(ofTier.countPerDay, own.countPerDay),
  };
}

/** Counters by day of what an account has paid in a currency. */
export const spent = recordKind({
  key: (accountId: string, currency: string) =>
    accountField(accountId, `spent:${currency}`),
  form: counter,
});

/** Counters by day of an account's payments. */
export const counts = recordKind({ key: ofAccount("count"), form: counter });

/** Counters of an account's offline uses in a row. */
export const offlineUses = recordKind({
  key: ofAccount("offline"),
  form: counter,
});

/** When an account's phone was last seen online, unix ms. */
export const seenTimes = recordKind({ key: ofAccount("seen"), form: integer });

/** When an account's run of offline uses began, unix ms. */
export const offlineRuns = recordKind({ key: ofAccount("run"), form: integer });

const DAY_MS = 86_400_000;

/** The guard that an account was seen online lately, for its offline codes. */
export function seenLately(
  accountId: string,
  { offlineDays = 0 }: Limits,
  nowMs: number,
): Guard<"offline-days", "account">[] {
  if (offlineDays === 0) return [];
  const bound = Math.max(0, nowMs - offlineDays * DAY_MS);
  return [seenTimes(accountId).above("offline-days", bound)];
}

/** The refusal of an offline code whose account was not seen online lately. */
export function notSeenLately({ offlineDays }: Limits): Refusal {
  return refused("offline-codes-off", {
    detail: `The phone was not seen online for ${offlineDays} days.`,
  });
}

/** The counters of a share, each with the amount that the payment adds to it. */
function countersOf({ accountId, currency, amountMinor, day, offline }: Share) {
  const counter = (
    limit: Exclude<LimitName, "per-payment">,
    place: RecordPlace<Counted, "account">,
    period: string,
    delta: number,
  ) => ({ limit, place, period, delta });
  const uses = offlineUses(accountId);
  return [
    counter("per-day", spent(accountId, currency), day, amountMinor),
    counter("count-per-day", counts(accountId), day, 1),
    // Offline uses are not counted by day, so they always have the same period.
    ...(offline ? [counter("offline-uses", uses, NO_PERIOD, 1)] : []),
  ];
}

/** The guards and writes that take a payment's share of its tier's limits. */
export function takeShare(
  share: Share,
  tier: TierLimits,
): Commit<LimitName, "account"> {
  const max = {
    "per-day": tier.perDayMinor,
    "count-per-day": tier.countPerDay,
    "offline-uses": tier.offlineUses,
  };
  const counters = countersOf(share);
  return {
    guards: [
      ...(share.amountMinor > tier.perPaymentMinor
        ? [never("per-payment")]
        : []),
      ...counters.map((it) => it.place.within(it.limit, it, max[it.limit])),
    ],
    writes: counters.map((it) => it.place.add(it)),
  };
}

/**
 * Notes that an account's phone is online now. The delivery of a seed writes only this: a
 * new enrolment must not reset any counter.
 */
export function markSeen(accountId: string, nowMs: number): Write<"account"> {
  return seenTimes(accountId).set(nowMs);
}

/** Notes that an account is seen online, and lets its offline uses begin anew. */
export function seenOnline(
  accountId: string,
  nowMs: number,
): Write<"account">[] {
  return [
    offlineUses(accountId).delete(),
    offlineRuns(accountId).set(nowMs),
    markSeen(accountId, nowMs),
  ];
}

/**
 * Gives a share back. The offline use is given back only if the account was not seen online
 * since: otherwise it is not counted any more.
 */
export function giveBack(
  share: Share,
  takenAtMs: number,
  seenOnlineAtMs: number | null,
): Write<"account">[] {
  const ended = seenOnlineAtMs !== null && seenOnlineAtMs >= takenAtMs;
  return countersOf({ ...share, offline: share.offline && !ended })
    .map((it) => it.place.add({ ...it, delta: -it.delta }));
}
