/**
 * The limits of bad codes of a merchant, of each of its tills and of a wallet key, and
 * what an administrator should know when choosing them: the odds that guessing hits any
 * customer.
 *
 * @module
 */

import type { Profile } from "../code/profile.ts";
import type { Ration } from "../risk/permit_pool.ts";
import type { WalletCaller } from "./authentication.ts";
import type { MerchantRecord } from "./record.ts";

/** The limits of bad codes of a merchant. */
export interface BadCodes {
  /** The limit of each terminal; requests that name no terminal share one. */
  readonly perTerminalMinute: number;
  /**
   * The limit of all terminals together, so that inventing terminals gains
   * nothing.
   */
  readonly perMinute: number;
  readonly perDay: number;
}

/** The limits of bad codes of a wallet key. */
export type WalletBadCodes = Pick<BadCodes, "perMinute" | "perDay">;

/**
 * The limits of a merchant: its own where it has any, otherwise the standard
 * ones.
 */
export function badCodesOf(
  { bad_codes: own = {} }: Pick<MerchantRecord, "bad_codes">,
  standard: BadCodes,
): BadCodes {
  return {
    perTerminalMinute: own.per_terminal_minute ?? standard.perTerminalMinute,
    perMinute: own.per_minute ?? standard.perMinute,
    perDay: own.per_day ?? standard.perDay,
  };
}

/** The rations from which a bad code of a merchant's till is taken. */
export function merchantRations(
  record: MerchantRecord,
  terminalId: string | undefined,
  standard: BadCodes,
): readonly Ration[] {
  const { perTerminalMinute, perMinute, perDay } = badCodesOf(record, standard);
  const name = `merchant ${record.merchant_id}`;
  return [
    // A terminal id is never empty, so the empty name is free for requests without one.
    { name: `${name} till ${terminalId ?? ""}`, perMinute: perTerminalMinute },
    { name, perMinute, perDay },
  ];
}

/** The ration of a wallet key, with the key's own limits where it has any. */
export function walletRations(
  { keyId, badCodes: own = {} }: Pick<WalletCaller, "keyId" | "badCodes">,
  standard: WalletBadCodes,
): readonly Ration[] {
  return [{
    name: `wallet ${keyId}`,
    perMinute: own.per_minute ?? standard.perMinute,
    perDay: own.per_day ?? standard.perDay,
  }];
}

/** The odds that guessing hits a customer. */
export interface GuessOdds {
  /** The number of customers with a live seed. */
  readonly customers: number;
  /** The odds that one random code hits any customer. */
  readonly perGuess: number;
  /** The odds that guessing up to the limits for a day hits any customer. */
  readonly perDay: number;
}

const MINUTES_OF_A_DAY = 1_440;

/**
 * A random code of a profile hits one of N customers with the probability
 * N · W / 10^(b + t), for W accepted steps, b bucket digits and t tag digits.
 */
export function guessOdds(
  customers: number,
  { perMinute, perDay }: WalletBadCodes,
  { bucketDigits, tagDigits, windowSteps }: Profile,
): GuessOdds {
  const window = 2 * windowSteps + 1;
  const perGuess = Math.min(
    1,
    customers * window / 10 ** (bucketDigits + tagDigits),
  );
  const guesses = Math.min(perDay, perMinute * MINUTES_OF_A_DAY);
  return {
    customers,
    perGuess,
    // This is 1 − (1 − p)^n, computed without losing the digits of a small p.
    perDay: -Math.expm1(guesses * Math.log1p(-perGuess)),
  };
}
