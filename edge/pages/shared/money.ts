/**
 * Amounts of money as people read and write them. An amount is an integer of minor
 * units everywhere else.
 *
 * The number of decimals is ISO 4217's. What browsers know (`Intl`) is how prices are
 * commonly shown, which differs for IQD and a dozen others: an amount would be read as
 * a thousand times too much.
 *
 * @module
 */

/** The currencies whose minor unit has not two decimals. */
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
