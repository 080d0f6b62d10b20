/**
 * The currencies that a payment may be in: ISO 4217 alphabetic codes of money
 * that people pay with today.
 *
 * The list of the library `currency-codes` has every active entry of the
 * standard, also those that nobody pays with, and it is updated later than the
 * standard. Both are corrected here.
 *
 * @module
 */

import currencyCodes from "currency-codes";

/** Precious metals, funds, accounting units, test and "no currency" codes. */
const NO_MEANS_OF_PAYMENT = new Set(
  ("BOV CHE CHW CLF COU MXV USN UYI UYW XAG XAU XBA XBB XBC XBD XDR XPD XPT " +
    "XSU XTS XUA XXX").split(" "),
);

/** Withdrawn: CUC 2021, ANG 2025 (now XCG), BGN 2026 (now EUR). */
const WITHDRAWN = new Set(["ANG", "BGN", "CUC"]);

/** Added by amendment 176 (2025): the Caribbean guilder. */
const ADDED = ["XCG"];

/** ISO 4217 codes in alphabetical order. */
export const CURRENCIES: readonly string[] = [
  ...new Set([...currencyCodes.codes(), ...ADDED]),
].filter((code) => !NO_MEANS_OF_PAYMENT.has(code) && !WITHDRAWN.has(code))
  .sort();

const EXPONENTS: ReadonlyMap<string, number> = new Map(
  currencyCodes.data.map(({ code, digits }) => [code, digits]),
);

/**
 * How many decimal digits the minor unit of a currency has, by ISO 4217: 2 for
 * EUR, 0 for JPY, 3 for KWD.
 */
export function exponentOf(currency: string): number {
  return EXPONENTS.get(currency) ?? 2;
}

/** An amount for people: `12.50 EUR`, `1250 JPY`, `1.250 KWD`. */
export function formatAmount(amountMinor: number, currency: string): string {
  const exponent = exponentOf(currency);
  const digits = `${amountMinor}`.padStart(exponent + 1, "0");
  const whole = digits.slice(0, digits.length - exponent);
  const fraction = exponent === 0 ? "" : `.${digits.slice(-exponent)}`;
  return `${whole}${fraction} ${currency}`;
}
