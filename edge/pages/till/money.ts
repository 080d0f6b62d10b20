/**
 * Amounts as a cashier types and reads them: the currency comes after the amount, and
 * the digits are the same in each language, as on a receipt.
 *
 * @module
 */

import { minorDigits } from "../shared/money.ts";

/** The currencies offered, ISO 4217, those of most tills first. */
export const CURRENCIES: readonly string[] = ("EUR CNY USD GBP JPY HKD " +
  "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BRL " +
  "BSD BTN BWP BYN BZD CAD CDF CHF CLP COP CRC CUP CVE CZK DJF DKK DOP DZD " +
  "EGP ERN ETB FJD FKP GEL GHS GIP GMD GNF GTQ GYD HNL HTG HUF IDR ILS INR " +
  "IQD IRR ISK JMD JOD KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD " +
  "LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN " +
  "NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR " +
  "SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND " +
  "TOP TRY TTD TWD TZS UAH UGX UYU UZS VED VES VND VUV WST XAF XCD XCG XOF " +
  "XPF YER ZAR ZMW ZWG").split(" ");

/** The most digits of an amount, so that it is always an exact number. */
const MOST_DIGITS = 11;

/** A key of the keypad. */
export type AmountKey =
  | ("0" | "1" | "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9")
  | "00"
  | "back"
  | "clear";

/**
 * The digits after a key: as on tills, the digits move in from the right, so 1, 2, 5, 0
 * is 12.50 EUR. There is no leading zero. If there are more digits than an amount may
 * have, they stay until somebody deletes some. A scanned code whose digits come slowly
 * can therefore never become an amount.
 */
export function typeDigits(digits: string, key: AmountKey): string {
  if (key === "clear") return "";
  if (key === "back") return digits.slice(0, -1);
  return (digits + key).replace(/^0+/, "").slice(0, MOST_DIGITS + 1);
}

/** The amount that was typed, in minor units; `null` for none, and for too many digits. */
export function amountOf(digits: string): number | null {
  return digits === "" || digits.length > MOST_DIGITS ? null : Number(digits);
}

/** An amount without its currency: `1,234.50`. */
export function formatNumber(amountMinor: number, currency: string): string {
  const decimals = minorDigits(currency);
  const digits = `${amountMinor}`.padStart(decimals + 1, "0");
  const whole = digits.slice(0, digits.length - decimals)
    .replace(/\B(?=(\d{3})+$)/g, ",");
  return decimals === 0 ? whole : `${whole}.${digits.slice(-decimals)}`;
}

/** An amount of minor units as people read it: `1,234.50 EUR`, `1,250 JPY`. */
export function formatMoney(amountMinor: number, currency: string): string {
  return `${formatNumber(amountMinor, currency)} ${currency}`;
}
