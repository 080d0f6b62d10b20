/**
 * Reads the limits of accounts, and the time zone in which their days begin, as an
 * operator writes them.
 *
 * @module
 */

import { z } from "zod";
import { CURRENCIES, exponentOf } from "../base/currencies.ts";
import {
  type AmountLimits,
  BASE_CURRENCIES,
  type CurrencyLimits,
  type Limits,
  type TierLimits,
} from "../risk/limits.ts";
import type { PayingTier } from "../risk/policy.ts";
import { DEFAULT_SETTINGS } from "./settings.ts";
import { readTimeZone, timeZonesMeantBy } from "../base/time_zone.ts";

const MAX_LIMIT = 1e15;
const amount = z.int().min(0).max(MAX_LIMIT);
const tierLimits = z.strictObject({
  per_payment_minor: amount.optional(),
  per_day_minor: amount.optional(),
  count_per_day: amount.optional(),
  offline_uses: amount.optional(),
  step_up_above_minor: amount.optional(),
});
const amounts = tierLimits.pick({
  per_payment_minor: true,
  per_day_minor: true,
  step_up_above_minor: true,
});
const currencyLimits = z.strictObject({
  // The number of the currency's units that are worth one euro.
  rate: z.number().positive().max(1e9).optional(),
  normal: amounts.optional(),
  restricted: amounts.optional(),
});
const limitsText = z.strictObject({
  normal: tierLimits.optional(),
  restricted: tierLimits.optional(),
  currencies: z.partialRecord(z.enum(CURRENCIES), currencyLimits).optional(),
});

/**
 * The amounts of a currency: its own where they are given, otherwise those of the base
 * currencies, converted by its rate and rounded to its own minor unit. `null` if an amount
 * has neither.
 */
function readAmounts(
  currency: string,
  rate: number | undefined,
  own: z.infer<typeof amounts>,
  base: AmountLimits,
): AmountLimits | null {
  const factor = rate !== undefined
    ? rate * 10 ** (exponentOf(currency) - exponentOf("EUR"))
    : BASE_CURRENCIES.includes(currency)
    ? 1
    : NaN;
  const amountOf = (own: number | undefined, base: number) =>
    own ?? Math.min(MAX_LIMIT, Math.round(base * factor));
  const read: AmountLimits = {
    perPaymentMinor: amountOf(own.per_payment_minor, base.perPaymentMinor),
    perDayMinor: amountOf(own.per_day_minor, base.perDayMinor),
    stepUpAboveMinor: amountOf(own.step_up_above_minor, base.stepUpAboveMinor),
  };
  return Object.values(read).some(Number.isNaN) ? null : read;
}

/** Reads `OFFCODE_LIMITS` and `OFFCODE_TIME_ZONE`. */
export function readLimits(
  text: string,
  timeZone: string,
  faults: string[],
): Limits {
  const zone = readZone(timeZone, faults);
  const { currencies: given = {}, ...tiers } = parseLimits(text, faults);
  const normal = readTier("normal", tiers.normal);
  const restricted = readTier("restricted", tiers.restricted);
  const currencies = new Map<string, CurrencyLimits>();
  for (const [currency, own] of Object.entries(given)) {
    const base = { normal, restricted };
    const read = readCurrency(currency, own ?? {}, base, faults);
    if (read !== null) currencies.set(currency, read);
  }
  return {
    normal,
    restricted,
    ...(currencies.size > 0 && { currencies }),
    timeZone: zone ?? DEFAULT_SETTINGS.limits.timeZone,
  };
}

function readZone(timeZone: string, faults: string[]): string | null {
  const zone = readTimeZone(timeZone);
  if (zone === null) {
    const meant = timeZonesMeantBy(timeZone);
    faults.push(
      "OFFCODE_TIME_ZONE must be an IANA time zone name" +
        (meant.length === 0
          ? " such as Asia/Shanghai"
          : `: ${meant.join(" or ")}, for what was probably meant`),
    );
  }
  return zone;
}

function parseLimits(
  text: string,
  faults: string[],
): z.infer<typeof limitsText> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    // `json` stays undefined, which the schema refuses like any other wrong value.
  }
  const parsed = limitsText.safeParse(json);
  if (!parsed.success) {
    faults.push(
      'OFFCODE_LIMITS must be JSON like {"normal":{"per_payment_minor":100000}}' +
        " with the fields per_payment_minor, per_day_minor, count_per_day, " +
        "offline_uses, step_up_above_minor for normal and restricted, and for " +
        'other currencies {"currencies":{"USD":{"rate":1.1}}}, or normal and ' +
        "restricted with the three amounts in place of a rate",
    );
  }
  return parsed.data ?? {};
}

function readTier(
  name: PayingTier,
  own: z.infer<typeof tierLimits> = {},
): TierLimits {
  const base = DEFAULT_SETTINGS.limits[name];
  return {
    perPaymentMinor: own.per_payment_minor ?? base.perPaymentMinor,
    perDayMinor: own.per_day_minor ?? base.perDayMinor,
    countPerDay: own.count_per_day ?? base.countPerDay,
    offlineUses: own.offline_uses ?? base.offlineUses,
    stepUpAboveMinor: own.step_up_above_minor ?? base.stepUpAboveMinor,
  };
}

function readCurrency(
  currency: string,
  { rate, ...own }: z.infer<typeof currencyLimits>,
  base: CurrencyLimits,
  faults: string[],
): CurrencyLimits | null {
  const read = (tier: PayingTier) =>
    readAmounts(currency, rate, own[tier] ?? {}, base[tier]);
  const [normal, restricted] = [read("normal"), read("restricted")];
  if (normal !== null && restricted !== null) return { normal, restricted };
  faults.push(
    `OFFCODE_LIMITS must give ${currency} a rate, or per_payment_minor, ` +
      "per_day_minor and step_up_above_minor for normal and restricted",
  );
  return null;
}
