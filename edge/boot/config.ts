/**
 * Reads the settings from the environment. All faults are named at once, and no
 * secret is shown.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { isLoopback } from "../base/loopback.ts";
import {
  type Environment,
  type GetSetting,
  misspelledSettings,
  type SettingName,
  settingsOf,
} from "./setting_table.ts";
import { readLimits } from "./limits_config.ts";
import { readPosture } from "./posture_config.ts";
import { DEFAULT_SETTINGS, type OperatorSettings } from "./settings.ts";
import { readPrefix, readProfiles } from "./profile_config.ts";
import { readRelease } from "./release_config.ts";
import { readStore, type StoreConfig } from "./store_config.ts";
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
  /** Whether the edge serves its pages. */
  readonly hasPages: boolean;
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
/**
 * The default limit of bad codes of a day is this many times that of a minute.
 */
const MINUTES_OF_GUESSES = 50;
/** The default limit of a merchant is this many times that of one terminal. */
const TERMINALS_OF_GUESSES = 5;

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
        "by commas, such as https://till.example; * is not allowed",
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

/** The readers of a setting that is a whole number, and of one that is 0 or 1. */
interface Readers {
  whole(name: SettingName, min: number, max: number): number;
  flag(name: SettingName): boolean;
}

function readersOf(get: GetSetting, faults: string[]): Readers {
  return {
    whole(name, min, max) {
      const text = get(name) ?? "";
      const value = Number(text);
      if (!/^[0-9]{1,9}$/.test(text) || value < min || value > max) {
        faults.push(`${name} must be a whole number from ${min} to ${max}`);
      }
      return value;
    },
    flag(name) {
      const text = get(name) ?? "";
      if (!["0", "1"].includes(text)) faults.push(`${name} must be 0 or 1`);
      return text === "1";
    },
  };
}

function readPort(text: string, faults: string[]): number {
  const port = Number(text);
  if (!/^[0-9]{1,5}$/.test(text) || port > 65_535) {
    faults.push("PORT must be a number from 0 to 65535");
  }
  return port;
}

/** The keys, or `null` if neither is set or one cannot be used. */
function readKeys(get: GetSetting, faults: string[]): ServerKeys | null {
  const adminKey = readAdminKey(get("OFFCODE_ADMIN_KEY"), faults);
  const masterKeys = get("OFFCODE_MASTER_KEYS");
  if ((adminKey === null) !== (masterKeys === null)) {
    faults.push(
      "OFFCODE_ADMIN_KEY and OFFCODE_MASTER_KEYS must be set together; with " +
        "neither, development keys are made",
    );
  }
  if (masterKeys === null) return null;
  try {
    const keyring = parseKeyring(masterKeys);
    return adminKey === null ? null : { adminKey, keyring };
  } catch (error) {
    faults.push(`OFFCODE_MASTER_KEYS: ${(error as Error).message}`);
    return null;
  }
}

/** The settings of the use cases. */
function readSettings(
  get: GetSetting,
  { whole, flag }: Readers,
  faults: string[],
): OperatorSettings {
  // A search needs a guess permit, so a limit of 0 would refuse every code.
  const perMinute = whole("OFFCODE_BAD_CODE_LIMIT", 1, 1_000_000);
  const perDay = perMinute * MINUTES_OF_GUESSES;
  const asks = readDoubleScan(get("OFFCODE_DUPLICATE_GUARD"), faults);
  // A reversal or a callback may come days later, and both need the order's record.
  const recordDays = whole("OFFCODE_RECORD_DAYS", 4, 36_500);
  const refundDays = whole("OFFCODE_REFUND_DAYS", 0, 36_500);
  // The core's addresses end below 2 GiB.
  const coreMemoryMiB = whole("OFFCODE_CORE_MEMORY", 16, 2_047);
  const timeZone = get("OFFCODE_TIME_ZONE");
  return {
    limits: {
      ...readLimits(get("OFFCODE_LIMITS"), timeZone, faults),
      offlineDays: whole("OFFCODE_OFFLINE_DAYS", 0, 3_650),
    },
    postureRules: readPosture(get("OFFCODE_POSTURE"), faults),
    badCodes: {
      perTerminalMinute: perMinute,
      perMinute: perMinute * TERMINALS_OF_GUESSES,
      perDay,
    },
    walletBadCodes: { perMinute, perDay },
    ...asks,
    allowsEviction: flag("OFFCODE_ALLOW_EVICTION"),
    // A refund needs the record of its payment.
    refundMs: Math.min(refundDays, recordDays) * DAY_MS,
    times: { ...DEFAULT_SETTINGS.times, recordMs: recordDays * DAY_MS },
    coreMemoryBytes: coreMemoryMiB * 2 ** 20,
    release: readRelease(get, whole, flag, faults),
  };
}

/**
 * Settings of a store of several cells without the setting that uses them. An edge that left them
 * out would make a store of its own, or one that cannot be divided any more. A list beside a
 * store that is named is left out: it may be there for a migration.
 */
function unusedOf(env: Environment, get: GetSetting): string[] {
  const isLost = !env.OFFCODE_STORE &&
    get("OFFCODE_UPSTASH_DATABASES") !== null;
  const isOne = !env.OFFCODE_CELLS && get("OFFCODE_CELL_KEY") !== null;
  return [
    isLost &&
    "OFFCODE_UPSTASH_DATABASES is set, and OFFCODE_STORE is not: set it to upstash",
    isOne && "OFFCODE_CELL_KEY is set, and OFFCODE_CELLS is not",
  ].filter((it) => it !== false);
}

/**
 * Reads the configuration from an environment.
 *
 * @throws {ConfigError} If a variable cannot be used; the error names every one.
 */
export function readConfig(env: Environment): Config {
  const faults = misspelledSettings(env);
  const get = settingsOf(env);
  const readers = readersOf(get, faults);
  const port = readPort(get("PORT"), faults);
  const store = readStore(get, faults);
  faults.push(...unusedOf(env, get));
  const keys = readKeys(get, faults);
  const prefix = readPrefix(get("OFFCODE_PREFIX"), faults);
  const profiles = readProfiles(get("OFFCODE_PROFILES"), faults);
  const host = get("HOST");
  const ledger = readLedger(
    get("OFFCODE_LEDGER"),
    get("OFFCODE_LEDGER_SECRET"),
    faults,
  );
  const stopSeconds = readers.whole("OFFCODE_STOP_SECONDS", 0, 3_600);
  const insecure = readers.flag("OFFCODE_CALLBACKS_INSECURE");
  const hasPages = readers.flag("OFFCODE_PAGES");
  const settings = readSettings(get, readers, faults);
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
    hasPages,
    settings,
    ...(host !== null && { host }),
    ...(keys !== null && { keys }),
  };
}
