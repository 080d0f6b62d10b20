/**
 * What a number of wallets can feed, and whether a run asks for more: found out
 * before the first wallet is enrolled, so that a run never measures its own
 * lack of codes.
 *
 * @module
 */

import { PROFILE_1 } from "../../edge/code/profile.ts";
import type { LoadOptions } from "./options.ts";
import { GUARD_MS } from "./wallet_pool.ts";

const STEP_SECONDS = PROFILE_1.timeStepSeconds;
const GUARD_SECONDS = GUARD_MS / 1000;
/** A Poisson count lies above its mean by so many roots of it once in 30 000. */
const SIGMAS = 4;
/** A day's bad codes, in minutes of the limit of a minute. */
const MINUTES_OF_BAD_CODES = 50;

/**
 * Codes that a wallet has had to show by `seconds` after the start, at
 * whatever moment of a step that was: two or three at once, then one per step.
 */
export function codesBy(seconds: number): number {
  return 3 + Math.floor((seconds - 2 * GUARD_SECONDS) / STEP_SECONDS);
}

/** Why a run is not possible, in sentences; none where it is. */
export function faultsOf(options: LoadOptions): string[] {
  return [...walletFault(options), ...badCodeFault(options)];
}

function walletFault(options: LoadOptions): string[] {
  const { wallets, tills, rate, seconds, spacing } = options;
  const share = paymentShare(options);
  const most = maxRate(options);
  if (wallets > tills && rate <= most) return [];
  const needed = walletsFor(options);
  const whole = needed <= 100_000
    ? `Take ${needed} wallets`
    : "Take more wallets";
  if (wallets <= tills) {
    return [
      `${tills} tills keep ${tills} wallets waiting for answers, so ${wallets} wallets leave none to pay. ${whole}, or fewer tills.`,
    ];
  }
  const kinds = share === 1 ? "" : `, ${percent(share)} of them payments`;
  const bursts = spacing === "poisson"
    ? ", with room for Poisson's bursts"
    : "";
  return [
    `${wallets} wallets cannot feed ${rate} requests a second for ${seconds} s${kinds}: a wallet pays once in ${STEP_SECONDS} s, and ${options.paymentsPerWallet} times at most. They feed ${
      floor(most)
    } a second${bursts}. ${whole}, or a lower --rate.`,
  ];
}

function badCodeFault(options: LoadOptions): string[] {
  const { rate, seconds, shares, merchants, badCodeLimit } = options;
  const perSecond = rate * shares.bad / merchants;
  const perMinute = withBursts(perSecond * Math.min(seconds, 60));
  const perDay = withBursts(perSecond * seconds);
  if (
    perMinute <= badCodeLimit && perDay <= badCodeLimit * MINUTES_OF_BAD_CODES
  ) return [];
  return [
    `${percent(shares.bad)} of bad codes are ${
      Math.ceil(perMinute)
    } a minute for each of ${merchants} merchants, bursts included, and the server takes ${badCodeLimit} and ${
      badCodeLimit * MINUTES_OF_BAD_CODES
    } a day: it would refuse good codes, too. Take more --merchants or a lower --bad; or start the server with a higher OFFCODE_BAD_CODE_LIMIT and say so with --bad-code-limit.`,
  ];
}

/** The highest rate that the wallets of a run can feed, requests a second. */
export function maxRate(options: LoadOptions): number {
  const { wallets, tills, spacing } = options;
  const rates = tightMoments(options).map(([seconds, codesEach]) => {
    const codes = Math.max(0, wallets - tills) * codesEach;
    return (spacing === "poisson" ? withoutBursts(codes) : codes) / seconds;
  });
  return Math.min(...rates) / paymentShare(options);
}

/** How many wallets the rate of a run needs. */
export function walletsFor(options: LoadOptions): number {
  const { tills, rate, spacing } = options;
  const needs = tightMoments(options).map(([seconds, codesEach]) => {
    const payments = rate * paymentShare(options) * seconds;
    const codes = spacing === "poisson" ? withBursts(payments) : payments;
    return Math.ceil(codes / codesEach);
  });
  return tills + Math.max(1, ...needs);
}

/**
 * The end, and moments right before every wallet gets one more code, with the
 * codes that each has had by then.
 */
function tightMoments(
  { seconds, paymentsPerWallet }: LoadOptions,
): (readonly [seconds: number, codesEach: number])[] {
  const moments = [seconds];
  // A hair before: at the moment itself the code is there.
  for (let at = 2 * GUARD_SECONDS - 1e-6; at < seconds; at += STEP_SECONDS) {
    moments.push(at);
  }
  return moments.map((it) => [it, Math.min(codesBy(it), paymentsPerWallet)]);
}

/** Part of the requests that need a fresh code of their own. */
function paymentShare({ shares }: LoadOptions): number {
  const { bad, repeat, query, reverse } = shares;
  return 1 - bad - repeat - query - reverse;
}

/** What a mean count may come to. */
function withBursts(mean: number): number {
  return mean + SIGMAS * Math.sqrt(mean);
}

/** The mean count that comes to no more than `most`. */
function withoutBursts(most: number): number {
  return ((Math.sqrt(SIGMAS ** 2 + 4 * most) - SIGMAS) / 2) ** 2;
}

const percent = (part: number) => `${Number((part * 100).toFixed(2))} %`;
const floor = (value: number) =>
  value >= 100 ? Math.floor(value) : Math.floor(value * 10) / 10;
