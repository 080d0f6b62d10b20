/**
 * How many bad codes a merchant, each of its tills and a wallet key have, and
 * what an administrator should know about such figures: the odds that someone
 * who only guesses hits any customer.
 *
 * @module
 */

import type { Profile } from "../code/profile.ts";
import type { Ration } from "../risk/permit_pool.ts";
import type { WalletCaller } from "./authentication.ts";
import type { MerchantRecord } from "./record.ts";

/** Bad codes of a merchant. */
export interface BadCodes {
  /** Of each terminal; those that name none share one ration. */
  readonly perTerminalMinute: number;
  /** Of all terminals together, so that inventing terminals gains nothing. */
  readonly perMinute: number;
  readonly perDay: number;
}

/** Bad codes of a wallet key. */
export type WalletBadCodes = Pick<BadCodes, "perMinute" | "perDay">;

/** What holds for a merchant: its own figures, and the standard for the rest. */
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

/** The rations that count a bad code which a merchant's till presents. */
export function merchantRations(
  record: MerchantRecord,
  terminalId: string | undefined,
  standard: BadCodes,
): readonly Ration[] {
  const { perTerminalMinute, perMinute, perDay } = badCodesOf(record, standard);
  const name = `merchant ${record.merchant_id}`;
  return [
    // No terminal id is empty, so the empty name is that of requests without one.
    { name: `${name} till ${terminalId ?? ""}`, perMinute: perTerminalMinute },
    { name, perMinute, perDay },
  ];
}

/** The ration of a wallet key, with the key's own figures where it has some. */
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

/** The odds of a guesser. */
export interface GuessOdds {
  /** Customers with a live seed. */
  readonly customers: number;
  /** That one random code hits any of them. */
  readonly perGuess: number;
  /** That a day of guessing at the limits hits any of them. */
  readonly perDay: number;
}

const MINUTES_OF_A_DAY = 1_440;

/**
 * One random code of a profile hits one of N customers with the chance
 * N · W / 10^(b + t): W accepted steps, b digits of the bucket, t of the tag.
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
    // 1 − (1 − p)^n, without losing the digits of a small p.
    perDay: -Math.expm1(guesses * Math.log1p(-perGuess)),
  };
}
