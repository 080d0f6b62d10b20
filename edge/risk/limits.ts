/**
 * What an account may pay offline: limits by risk tier, per payment, per day,
 * by count, and by uses since it was last seen online. They belong to the
 * account, so that enrolling again resets nothing.
 *
 * Everything that is counted is checked and added in the transaction that
 * claims the code; what is taken is remembered in the payment and goes back to
 * the counter it came from.
 *
 * @module
 */

import {
  offlineUsesKey,
  paymentsKey,
  RECORD_TTL_MS,
  seenOnlineKey,
  singlePaymentKey,
  spentKey,
} from "../store/keys.ts";
import type { Check, Write } from "../store/store.ts";
import type { PayingTier } from "./tier.ts";

/** Amounts of one risk tier, in minor units of one currency. */
export interface AmountLimits {
  readonly perPaymentMinor: number;
  /** Sum of a day, each currency for itself. */
  readonly perDayMinor: number;
  /** Above this amount the customer must confirm. */
  readonly stepUpAboveMinor: number;
}

/** The limits of one risk tier in one currency. */
export interface TierLimits extends AmountLimits {
  readonly countPerDay: number;
  /** Offline codes in a row without the account being seen online. */
  readonly offlineUses: number;
}

/** The amounts of one currency. */
export type CurrencyLimits = Readonly<Record<PayingTier, AmountLimits>>;

/** Limits of every tier that may pay. */
export interface Limits {
  /** Counts of all currencies; amounts of {@linkcode BASE_CURRENCIES}. */
  readonly normal: TierLimits;
  readonly restricted: TierLimits;
  /** Amounts of other currencies, and of those with figures of their own. */
  readonly currencies?: ReadonlyMap<string, CurrencyLimits>;
  /** IANA name of the zone in which a day begins. */
  readonly timeZone: string;
}

/** What a payment took from a counter, to give it back where it was taken. */
export interface Taken {
  readonly counter: string;
  readonly delta: number;
  readonly expires_at_ms: number;
}

/** Which limit a payment would exceed. */
export type LimitName =
  | "per-payment"
  | "per-day"
  | "count-per-day"
  | "offline-uses";

/** The checks and writes of one payment's share of the limits. */
export interface LimitPlan {
  readonly checks: readonly {
    readonly limit: LimitName;
    readonly check: Check;
  }[];
  readonly writes: readonly Write[];
  readonly taken: readonly Taken[];
}

/**
 * The currencies that the amounts of a tier are meant for: the sources of the
 * standard figures speak of yuan and of euro. Both have two decimal digits.
 */
export const BASE_CURRENCIES: readonly string[] = ["CNY", "EUR"];

/**
 * The limits of a tier in a currency, or `null` where nobody said what they
 * are: a figure of one currency says nothing about another.
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

const DAY_MS = 86_400_000;
/** Counters of a day live past its end, so that late reversals find them. */
const DAY_COUNTER_MS = 3 * DAY_MS;
const OFFLINE_COUNTER_MS = 400 * DAY_MS;

const formatters = new Map<string, Intl.DateTimeFormat>();

/** The calendar day of a moment in a zone, `YYYY-MM-DD`. */
export function dayOf(unixMs: number, timeZone: string): string {
  let formatter = formatters.get(timeZone);
  if (formatter === undefined) {
    // Sweden writes dates as ISO 8601 does.
    formatter = new Intl.DateTimeFormat("sv-SE", {
      timeZone,
      dateStyle: "short",
    });
    formatters.set(timeZone, formatter);
  }
  return formatter.format(unixMs);
}

/** The share that a payment takes of its account's limits. */
export function planLimits(input: {
  accountId: string;
  currency: string;
  amountMinor: number;
  /** Whether an offline code was scanned. */
  offline: boolean;
  nowMs: number;
  tier: TierLimits;
  timeZone: string;
}): LimitPlan {
  const { accountId, amountMinor, nowMs, tier } = input;
  const day = dayOf(nowMs, input.timeZone);
  const shares: (Taken & { limit: LimitName; max: number })[] = [
    {
      limit: "per-day",
      counter: spentKey(accountId, input.currency, day),
      delta: amountMinor,
      max: tier.perDayMinor,
      expires_at_ms: nowMs + DAY_COUNTER_MS,
    },
    {
      limit: "count-per-day",
      counter: paymentsKey(accountId, day),
      delta: 1,
      max: tier.countPerDay,
      expires_at_ms: nowMs + DAY_COUNTER_MS,
    },
  ];
  if (input.offline) {
    shares.push({
      limit: "offline-uses",
      counter: offlineUsesKey(accountId),
      delta: 1,
      max: tier.offlineUses,
      expires_at_ms: nowMs + OFFLINE_COUNTER_MS,
    });
  }
  return {
    checks: [
      {
        limit: "per-payment",
        // A counter that nobody adds to: the amount alone, judged in its
        // place among the checks.
        check: {
          kind: "sum-at-most",
          counter: singlePaymentKey(accountId),
          delta: amountMinor,
          max: tier.perPaymentMinor,
        },
      },
      ...shares.map(({ limit, counter, delta, max }) => ({
        limit,
        check: { kind: "sum-at-most", counter, delta, max } as const,
      })),
    ],
    writes: shares.map(({ counter, delta, expires_at_ms }) => ({
      kind: "add",
      counter,
      delta,
      expiresAtMs: expires_at_ms,
    })),
    taken: shares.map(({ counter, delta, expires_at_ms }) => ({
      counter,
      delta,
      expires_at_ms,
    })),
  };
}

/** What happens when an account is seen online: its offline uses start anew. */
export function seenOnline(accountId: string, nowMs: number): Write[] {
  return [
    { kind: "delete", key: offlineUsesKey(accountId) },
    {
      kind: "set",
      key: seenOnlineKey(accountId),
      value: `${nowMs}`,
      // Asked for only while a payment of before can still give back.
      ttlMs: RECORD_TTL_MS,
    },
  ];
}

/**
 * What of a payment's share goes back. Its offline use does so only in the run
 * it was taken from: a use of before the account was last seen online is not
 * counted any more.
 */
export function givenBack(
  taken: readonly Taken[],
  accountId: string,
  takenAtMs: number,
  seenOnlineAtMs: number | null,
): Write[] {
  const ended = seenOnlineAtMs !== null && seenOnlineAtMs >= takenAtMs;
  return taken
    .filter(({ counter }) => !(ended && counter === offlineUsesKey(accountId)))
    .map(({ counter, delta, expires_at_ms }) => ({
      kind: "add",
      counter,
      delta: -delta,
      expiresAtMs: expires_at_ms,
    }));
}
