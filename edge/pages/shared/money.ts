/**
 * Amounts of money as people read and write them. An amount is an integer of minor
 * units everywhere else.
 *
 * @module
 */

/** How many digits the minor unit of a currency has, such as 2 for EUR. */
export function minorDigits(currency: string): number {
  return new Intl.NumberFormat("en", { style: "currency", currency })
    .resolvedOptions().maximumFractionDigits ?? 2;
}

/** An amount with its currency, as the language writes it. */
export function moneyText(
  minor: number,
  currency: string,
  languageTag: string,
): string {
  const digits = minorDigits(currency);
  return new Intl.NumberFormat(languageTag, {
    style: "currency",
    currency,
    minimumFractionDigits: digits,
  }).format(minor / 10 ** digits);
}
