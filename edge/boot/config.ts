/**
 * Environment → settings. Every fault is named at once, no secret is echoed.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { z } from "zod";
import { CURRENCIES, exponentOf } from "../base/currencies.ts";
import { isLoopback } from "../base/loopback.ts";
import {
  type Environment,
  misspelledSettings,
  type SettingName,
  settingsOf,
} from "./setting_table.ts";
import {
  type AmountLimits,
  BASE_CURRENCIES,
  type CurrencyLimits,
} from "../risk/limits.ts";
import { readPosture } from "./posture_config.ts";
import { DEFAULT_SETTINGS, type OperatorSettings } from "./settings.ts";
import { readPrefix, readProfiles } from "./profile_config.ts";
import { readRelease } from "./release_config.ts";
import { readStore, type StoreConfig } from "./store_config.ts";
import { readTimeZone, timeZonesMeantBy } from "./time_zone.ts";
import { type Keyring, parseKeyring } from "../vault/keyring.ts";

/** The keys that a server cannot do without. */
export interface ServerKeys {
  /** The admin bearer key itself. */
  readonly adminKey: string;
  readonly keyring: Keyring;
}

/** Everything that can be set from outside. */
export interface Config {
  /** TCP port, 0 for a free one. */
  readonly port: number;
  /** Address to listen on, if one was chosen. */
  readonly host?: string;
  readonly store: StoreConfig;
  /** Absent where neither key was set: development keys are then made. */
  readonly keys?: ServerKeys;
  /** Two digits that route codes to this wallet. */
  readonly prefix: string;
  /** Digits of the profiles that are served; the first is that of new seeds. */
  readonly profiles: readonly [number, ...number[]];
  readonly ledger: LedgerConfig;
  readonly callbacks: {
    /** For development: they may go to `http:` and to private addresses. */
    readonly insecure: boolean;
  };
  /** How long a stopping server waits for what is under way. */
  readonly stopMs: number;
  /** Origins whose pages may call from a browser; absent: none. */
  readonly corsOrigins?: ReadonlySet<string>;
  readonly settings: OperatorSettings;
}

/** Where the money is. */
export type LedgerConfig =
  | { readonly kind: "sandbox" }
  | {
    readonly kind: "http";
    readonly url: string;
    /** `whsec_` and base64: signs every request. */
    readonly secret: string;
  };

/** The environment does not describe a server that could run. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  /** One sentence per fault. */
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(`The configuration is not usable:\n  ${faults.join("\n  ")}`);
    this.faults = faults;
  }
}

const DAY_MS = 86_400_000;
const MIN_ADMIN_KEY_LENGTH = 32;
/** A day's bad codes, in minutes of the limit of a minute. */
const MINUTES_OF_GUESSES = 50;
/** Terminals of a merchant that may all use up their minute. */
const TERMINALS_OF_GUESSES = 5;

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
  // How many of its units are one euro.
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
 * The amounts of a currency: its own figures where they are given, otherwise
 * those of the base currencies, converted by its rate and rounded to its own
 * minor unit. `null` where an amount has neither.
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

function readLimits(
  text: string,
  timeZone: string,
  faults: string[],
): OperatorSettings["limits"] {
  const standard = DEFAULT_SETTINGS.limits;
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
  let json: unknown = {};
  try {
    json = JSON.parse(text);
  } catch {
    // Not an object either, so the schema says what is wrong.
    json = null;
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
  const tier = (name: "normal" | "restricted") => {
    const own = parsed.data?.[name] ?? {};
    const base = standard[name];
    return {
      perPaymentMinor: own.per_payment_minor ?? base.perPaymentMinor,
      perDayMinor: own.per_day_minor ?? base.perDayMinor,
      countPerDay: own.count_per_day ?? base.countPerDay,
      offlineUses: own.offline_uses ?? base.offlineUses,
      stepUpAboveMinor: own.step_up_above_minor ?? base.stepUpAboveMinor,
    };
  };
  const [normal, restricted] = [tier("normal"), tier("restricted")];
  const currencies = new Map<string, CurrencyLimits>();
  for (
    const [currency, own = {}] of Object.entries(parsed.data?.currencies ?? {})
  ) {
    const { rate } = own;
    const read = {
      normal: readAmounts(currency, rate, own.normal ?? {}, normal),
      restricted: readAmounts(currency, rate, own.restricted ?? {}, restricted),
    };
    if (read.normal === null || read.restricted === null) {
      faults.push(
        `OFFCODE_LIMITS must give ${currency} a rate, or per_payment_minor, ` +
          "per_day_minor and step_up_above_minor for normal and restricted",
      );
    } else {
      currencies.set(currency, {
        normal: read.normal,
        restricted: read.restricted,
      });
    }
  }
  return {
    normal,
    restricted,
    ...(currencies.size > 0 && { currencies }),
    timeZone: zone ?? standard.timeZone,
  };
}

/** Whether a text is a secret of Standard Webhooks, in its one spelling. */
function isWebhookSecret(text: string): boolean {
  const base64 = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(text)?.[1];
  if (base64 === undefined) return false;
  const bytes = Buffer.from(base64, "base64");
  return bytes.toString("base64") === base64 && bytes.length >= 24 &&
    bytes.length <= 64;
}

function readLedger(
  text: string,
  secret: string | null,
  faults: string[],
): LedgerConfig {
  if (text === "sandbox") return { kind: "sandbox" };
  const url = URL.parse(text);
  if (
    url === null || url.username !== "" || url.password !== "" ||
    !(url.protocol === "https:" ||
      (url.protocol === "http:" && isLoopback(url.hostname)))
  ) {
    faults.push(
      "OFFCODE_LEDGER must be sandbox or an https URL without user name " +
        "(http on this machine only)",
    );
  }
  if (!isWebhookSecret(secret ?? "")) {
    faults.push(
      "OFFCODE_LEDGER_SECRET must be whsec_ and 24 to 64 bytes in padded base64",
    );
  }
  return { kind: "http", url: text, secret: secret ?? "" };
}

/** Who is asked about what looks like a double scan. */
function readDoubleScan(
  text: string,
  faults: string[],
): Pick<OperatorSettings, "doubleScanMs" | "doubleScanAsks"> {
  const { doubleScanMs, doubleScanAsks } = DEFAULT_SETTINGS;
  if (text === "off") return { doubleScanMs: 0, doubleScanAsks };
  if (text === "cashier" || text === "customer") {
    return { doubleScanMs, doubleScanAsks: text };
  }
  faults.push("OFFCODE_DUPLICATE_GUARD must be cashier, customer or off");
  return { doubleScanMs, doubleScanAsks };
}

/** Whether a text is an origin (RFC 6454 §6.2) as a browser writes it. */
function isOrigin(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && /^https?:$/.test(url.protocol) &&
    url.origin === text &&
    !text.includes("*");
}

function readOrigins(list: string, faults: string[]): readonly string[] {
  const origins = list.split(",")
    .map((text) => text.trim()).filter((text) => text !== "");
  if (!origins.every(isOrigin)) {
    faults.push(
      "OFFCODE_CORS_ORIGINS must be origins as browsers send them, separated " +
        "by commas, such as https://till.example; * is none",
    );
  }
  return origins;
}

function readAdminKey(key: string | null, faults: string[]): string | null {
  if (key !== null && key.length < MIN_ADMIN_KEY_LENGTH) {
    faults.push(
      `OFFCODE_ADMIN_KEY must have at least ${MIN_ADMIN_KEY_LENGTH} characters`,
    );
  }
  if (key !== null && !/^[\x21-\x7e]+$/.test(key)) {
    faults.push("OFFCODE_ADMIN_KEY must be printable ASCII without spaces");
  }
  return key;
}

/**
 * Reads the settings out of an environment.
 *
 * @throws {ConfigError} naming every variable that cannot be used.
 */
export function readConfig(
  env: Environment,
): Config {
  const faults = misspelledSettings(env);
  const get = settingsOf(env);

  const portText = get("PORT");
  const port = Number(portText);
  if (!/^[0-9]{1,5}$/.test(portText) || port > 65_535) {
    faults.push("PORT must be a number from 0 to 65535");
  }

  const store = readStore(get, faults);

  const adminKey = readAdminKey(get("OFFCODE_ADMIN_KEY"), faults);

  let keyring: Keyring | undefined;
  const keys = get("OFFCODE_MASTER_KEYS");
  if (keys !== null) {
    try {
      keyring = parseKeyring(keys);
    } catch (error) {
      faults.push(`OFFCODE_MASTER_KEYS: ${(error as Error).message}`);
    }
  }

  const prefix = readPrefix(get("OFFCODE_PREFIX"), faults);

  const profiles = readProfiles(get("OFFCODE_PROFILES"), faults);
  const host = get("HOST");
  const ledger = readLedger(
    get("OFFCODE_LEDGER"),
    get("OFFCODE_LEDGER_SECRET"),
    faults,
  );

  if ((adminKey === null) !== (keys === null)) {
    faults.push(
      "OFFCODE_ADMIN_KEY and OFFCODE_MASTER_KEYS must be set together; with " +
        "neither, development keys are made",
    );
  }

  const whole = (name: SettingName, min: number, max: number) => {
    const text = get(name) ?? "";
    const value = Number(text);
    if (!/^[0-9]{1,9}$/.test(text) || value < min || value > max) {
      faults.push(`${name} must be a whole number from ${min} to ${max}`);
    }
    return value;
  };
  // Without a guess left nothing is searched, so 0 would refuse every code.
  const perMinute = whole("OFFCODE_BAD_CODE_LIMIT", 1, 1_000_000);
  const asks = readDoubleScan(get("OFFCODE_DUPLICATE_GUARD"), faults);
  // A reversal or a callback may come days later: both need the order.
  const recordDays = whole("OFFCODE_RECORD_DAYS", 4, 36_500);
  const refundDays = whole("OFFCODE_REFUND_DAYS", 0, 36_500);
  const stopSeconds = whole("OFFCODE_STOP_SECONDS", 0, 3_600);
  // The core's addresses end below 2 GiB.
  const coreMemoryMiB = whole("OFFCODE_CORE_MEMORY", 16, 2_047);
  const postureRules = readPosture(get("OFFCODE_POSTURE"), faults);
  const offlineDays = whole("OFFCODE_OFFLINE_DAYS", 0, 3_650);
  const flag = (name: SettingName) => {
    const text = get(name) ?? "";
    if (!["0", "1"].includes(text)) faults.push(`${name} must be 0 or 1`);
    return text === "1";
  };
  const release = readRelease(get, whole, flag, faults);
  const insecure = flag("OFFCODE_CALLBACKS_INSECURE");
  const allowsEviction = flag("OFFCODE_ALLOW_EVICTION");
  const timeZone = get("OFFCODE_TIME_ZONE");
  const limits = readLimits(get("OFFCODE_LIMITS"), timeZone, faults);

  const origins = readOrigins(get("OFFCODE_CORS_ORIGINS"), faults);

  if (faults.length > 0) throw new ConfigError(faults);
  return {
    ...(origins.length > 0 && { corsOrigins: new Set(origins) }),
    port,
    store,
    prefix,
    profiles,
    ledger,
    stopMs: stopSeconds * 1_000,
    callbacks: { insecure },
    settings: {
      limits: { ...limits, offlineDays },
      postureRules,
      badCodes: {
        perTerminalMinute: perMinute,
        perMinute: perMinute * TERMINALS_OF_GUESSES,
        perDay: perMinute * MINUTES_OF_GUESSES,
      },
      walletBadCodes: { perMinute, perDay: perMinute * MINUTES_OF_GUESSES },
      ...{ ...asks, allowsEviction },
      // Without its record nobody could tell what was paid.
      refundMs: Math.min(refundDays, recordDays) * DAY_MS,
      times: { ...DEFAULT_SETTINGS.times, recordMs: recordDays * DAY_MS },
      coreMemoryBytes: coreMemoryMiB * 2 ** 20,
      release,
    },
    ...(host !== null && { host }),
    ...(adminKey !== null && keyring !== undefined &&
      { keys: { adminKey, keyring } }),
  };
}
