/**
 * Decides which names of time zones are accepted: the identifiers of the IANA Time
 * Zone Database, including the links of its file `backward`. The runtime's own
 * library (ICU) accepts more names: abbreviations such as `CST`, for which it
 * chooses one of several zones. With `CST` for Shanghai, a day would begin at
 * midnight in Chicago.
 *
 * `EST`, `MST` and `HST` are identifiers of the database and are accepted. They mean
 * the fixed offsets −05:00, −07:00 and −10:00, without daylight-saving time.
 *
 * @module
 */

import { nearest } from "./nearest.ts";

/**
 * The identifiers of the database that have no slash. `Factory` is left out,
 * because it means that the zone was not set yet.
 */
const ONE_WORD: readonly string[] =
  ("CET CST6CDT Cuba EET EST EST5EDT Egypt Eire GB GB-Eire GMT GMT+0 GMT-0 " +
    "GMT0 Greenwich HST Hongkong Iceland Iran Israel Jamaica Japan Kwajalein " +
    "Libya MET MST MST7MDT NZ NZ-CHAT Navajo PRC PST8PDT Poland Portugal ROC " +
    "ROK Singapore Turkey UCT UTC Universal W-SU WET Zulu").split(" ");

/** Names with a slash that ICU accepts and the database does not have. */
const NOT_IANA = /^(?:SystemV\/|US\/Pacific-New$|Etc\/Unknown$)/i;

/** The zones that are meant by the abbreviations in use. */
const MEANT: Readonly<Record<string, readonly string[]>> = {
  ACDT: ["Australia/Adelaide"],
  ACST: ["Australia/Adelaide", "Australia/Darwin"],
  ACT: ["Australia/Darwin", "America/Rio_Branco"],
  ADT: ["America/Halifax"],
  AEDT: ["Australia/Sydney"],
  AEST: ["Australia/Sydney", "Australia/Brisbane"],
  AET: ["Australia/Sydney"],
  AGT: ["America/Argentina/Buenos_Aires"],
  AKST: ["America/Anchorage"],
  ART: ["America/Argentina/Buenos_Aires", "Africa/Cairo"],
  AST: ["America/Halifax", "Asia/Riyadh", "America/Puerto_Rico"],
  AWST: ["Australia/Perth"],
  BET: ["America/Sao_Paulo"],
  BRT: ["America/Sao_Paulo"],
  BST: ["Europe/London", "Asia/Dhaka"],
  CAT: ["Africa/Maputo"],
  CDT: ["America/Chicago", "America/Havana"],
  CEST: ["Europe/Paris", "Europe/Berlin"],
  CNT: ["America/St_Johns"],
  CST: ["America/Chicago", "Asia/Shanghai", "Asia/Taipei", "America/Havana"],
  CTT: ["Asia/Shanghai"],
  EAT: ["Africa/Nairobi"],
  ECT: ["Europe/Paris", "America/Guayaquil"],
  EDT: ["America/New_York"],
  EEST: ["Europe/Athens"],
  HKT: ["Asia/Hong_Kong"],
  ICT: ["Asia/Bangkok"],
  IET: ["America/Indiana/Indianapolis"],
  IST: ["Asia/Kolkata", "Europe/Dublin", "Asia/Jerusalem"],
  JST: ["Asia/Tokyo"],
  KST: ["Asia/Seoul"],
  MDT: ["America/Denver"],
  MIT: ["Pacific/Apia"],
  MSK: ["Europe/Moscow"],
  NET: ["Asia/Yerevan"],
  NST: ["America/St_Johns", "Pacific/Auckland"],
  NZDT: ["Pacific/Auckland"],
  NZST: ["Pacific/Auckland"],
  PDT: ["America/Los_Angeles"],
  PHT: ["Asia/Manila"],
  PKT: ["Asia/Karachi"],
  PLT: ["Asia/Karachi"],
  PNT: ["America/Phoenix"],
  PRT: ["America/Puerto_Rico"],
  PST: ["America/Los_Angeles", "Asia/Manila"],
  SAST: ["Africa/Johannesburg"],
  SGT: ["Asia/Singapore"],
  SST: ["Pacific/Pago_Pago", "Asia/Singapore", "Pacific/Guadalcanal"],
  VST: ["Asia/Ho_Chi_Minh"],
  WAT: ["Africa/Lagos"],
  WEST: ["Europe/Lisbon"],
  WIB: ["Asia/Jakarta"],
};

const MAX_MISTAKES = 2;

/**
 * The zone of a name, as the runtime writes it; `null` if the name is not
 * accepted.
 */
export function readTimeZone(name: string): string | null {
  const isName = name.includes("/")
    ? !NOT_IANA.test(name)
    : ONE_WORD.some((it) => it.toLowerCase() === name.toLowerCase());
  if (!isName) return null;
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name })
      .resolvedOptions().timeZone;
  } catch {
    return null;
  }
}

/** The names that may have been meant by a name that is not accepted. */
export function timeZonesMeantBy(name: string): readonly string[] {
  const meant = MEANT[name.toUpperCase()];
  if (meant !== undefined) return meant;
  // The sign is turned around: `UTC+8` usually means hours east of Greenwich, but the
  // names `Etc/GMT+8` follow POSIX, which counts hours west of it.
  const [, sign, hours] =
    /^(?:UTC|GMT)?([+-])0?(\d{1,2})(?::?00)?$/i.exec(name) ?? [];
  if (sign !== undefined && Number(hours) > 0) {
    const zone = `Etc/GMT${sign === "+" ? "-" : "+"}${hours}`;
    return readTimeZone(zone) === null ? [] : [zone];
  }
  const lower = name.toLowerCase();
  const zones = Intl.supportedValuesOf("timeZone");
  const best = nearest(
    lower,
    zones.map((it) => it.toLowerCase()),
    MAX_MISTAKES,
  );
  return zones.filter((it) => it.toLowerCase() === best);
}
