/**
 * Amounts of money as people read and write them. Everywhere else an amount is an
 * integer of minor units.
 *
 * The number of decimals is that of ISO 4217. `Intl` has other numbers for IQD and
 * about a dozen other currencies, because it knows how prices are commonly shown. With
 * those numbers an amount would look a thousand times too large.
 *
 * @module
 */

/** The currencies whose minor unit does not have two decimals. */
const DIGITS: ReadonlyMap<string, number> = new Map([
  ...("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"
    .split(" ").map((code) => [code, 0] as const)),
  ...("BHD IQD JOD KWD LYD OMR TND".split(" ").map((code) =>
    [code, 3] as const
  )),
]);

/** How many digits the minor unit of a currency has, such as 2 for EUR. */
export function minorDigits(currency: string): number {
  return DIGITS.get(currency) ?? 2;
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
    maximumFractionDigits: digits,
  }).format(minor / 10 ** digits);
}
