/**
 * The one list of environment variables that this project reads. Code that reads
 * a setting which is not listed does not compile, and a listed setting that
 * `OPERATIONS.md` does not describe fails a test. A variable that looks like a
 * misspelled setting ends the start: a misspelled limit would otherwise leave the
 * default in force, and nobody would notice.
 *
 * @module
 */

import { nearest } from "../base/nearest.ts";

/**
 * The variables that the server reads, and the default of each, which is used if
 * the variable is unset or empty; `null` means no default. A new setting is added
 * here, read in `boot/config.ts`, and described in the table of `OPERATIONS.md`.
 */
export const SETTING_TABLE = {
  PORT: "8000",
  HOST: null,
  OFFCODE_STORE: "sqlite:./data/offcode.db",
  OFFCODE_CELLS: "1",
  OFFCODE_CELL_KEY: null,
  OFFCODE_ALLOW_EVICTION: "0",
  OFFCODE_UPSTASH_DATABASES: null,
  UPSTASH_REDIS_REST_URL: null,
  UPSTASH_REDIS_REST_TOKEN: null,
  OFFCODE_ADMIN_KEY: null,
  OFFCODE_MASTER_KEYS: null,
  OFFCODE_MASTER_KEYS_FILE: null,
  OFFCODE_PREFIX: "90",
  OFFCODE_PROFILES: "1",
  OFFCODE_LEDGER: "sandbox",
  OFFCODE_LEDGER_SECRET: null,
  OFFCODE_BAD_CODE_LIMIT: "20",
  OFFCODE_LIMITS: "{}",
  OFFCODE_TIME_ZONE: "UTC",
  OFFCODE_OFFLINE_DAYS: "14",
  OFFCODE_POSTURE: null,
  OFFCODE_CALLBACKS_INSECURE: "0",
  OFFCODE_CORE_MEMORY: "256",
  OFFCODE_DUPLICATE_GUARD: "cashier",
  OFFCODE_CORS_ORIGINS: "",
  OFFCODE_PAGES: "1",
  OFFCODE_RELEASE_KEYS: "",
  OFFCODE_RELEASE_THRESHOLD: "1",
  OFFCODE_SHADOW_SECONDS: "600",
  OFFCODE_SHADOW_SEARCHES: "1000",
  OFFCODE_ALLOW_BUILT_IN_CORE: "0",
  OFFCODE_RECORD_DAYS: "400",
  OFFCODE_REFUND_DAYS: "365",
  OFFCODE_STOP_SECONDS: "4",
} as const satisfies Readonly<Record<string, string | null>>;

/** A variable that the server reads. */
export type SettingName = keyof typeof SETTING_TABLE;

/** Variables that other tasks read. The server ignores them. */
export const TASK_VARIABLES: readonly string[] = [
  // till
  "OFFCODE",
  "OFFCODE_MERCHANT_KEY",
  "OFFCODE_CALLBACK_SECRET",
  // enrol
  "OFFCODE_WALLET_KEY",
  // release
  "OFFCODE_RELEASE_DESK_KEY",
  // bench
  "OFFCODE_BENCH_MINUTES",
];

/** An environment: the value of each variable that is set. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The value of a setting, or its default; an empty variable is an unset one. */
export type GetSetting = <N extends SettingName>(
  name: N,
) => string | Exclude<(typeof SETTING_TABLE)[N], string>;

/** Reads settings out of an environment. */
export function settingsOf(env: Environment): GetSetting {
  return (name) =>
    env[name] || SETTING_TABLE[name] as Exclude<
      (typeof SETTING_TABLE)[typeof name],
      string
    >;
}

/**
 * A variable with at most this Levenshtein distance from a setting is a
 * misspelling.
 */
const MAX_MISTAKES = 2;

/**
 * Kubernetes and Docker set variables with the addresses of a service named
 * `offcode…` in every container. They are not settings.
 */
const SERVICE_ADDRESS =
  /_(?:SERVICE_(?:HOST|PORT(?:_\w+)?)|PORT(?:_\d+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?)?)$/;

/** Whether a variable is such an address, and not a misspelled `PORT`. */
function isServiceAddress(name: string, value: string): boolean {
  return SERVICE_ADDRESS.test(name) &&
    (name !== "OFFCODE_PORT" || value.includes("://"));
}

/**
 * A sentence for each variable that seems meant for this project but is not read:
 * its name begins with `OFFCODE_` in upper or lower case, or is close to such a
 * setting. Values are not shown, because the variable may hold a secret key.
 */
export function misspelledSettings(env: Environment): string[] {
  const names = Object.keys(SETTING_TABLE);
  const own = names.filter((it) => it.startsWith("OFFCODE_"));
  const faults: string[] = [];
  for (const [name, value] of Object.entries(env)) {
    if (!value || names.includes(name) || TASK_VARIABLES.includes(name)) {
      continue;
    }
    const upper = name.toUpperCase();
    const isOurs = upper.startsWith("OFFCODE_") &&
      !isServiceAddress(name, value);
    const close = nearest(upper, own, MAX_MISTAKES);
    if (!isOurs && close === null) continue;
    const best = close ??
      (names.includes(upper.slice("OFFCODE_".length))
        ? upper.slice("OFFCODE_".length)
        : nearest(upper, own));
    faults.push(`${name} is no setting: the nearest is ${best}`);
  }
  return faults;
}
