/**
 * Environment → settings. Every fault is named at once, no secret is echoed.
 *
 * @module
 */

import { type Keyring, parseKeyring } from "./vault/keyring.ts";

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
  readonly store: { readonly kind: "sqlite"; readonly path: string };
  /** Absent where neither key was set: development keys are then made. */
  readonly keys?: ServerKeys;
  /** Two digits that route codes to this wallet. */
  readonly prefix: string;
  readonly ledger: { readonly kind: "sandbox" };
}

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

const MIN_ADMIN_KEY_LENGTH = 32;

/**
 * Reads the settings out of an environment.
 *
 * @throws {ConfigError} naming every variable that cannot be used.
 */
export function readConfig(
  env: Readonly<Record<string, string | undefined>>,
): Config {
  const faults: string[] = [];
  const get = (name: string) => env[name] === "" ? undefined : env[name];

  const portText = get("PORT") ?? "8000";
  const port = Number(portText);
  if (!/^[0-9]{1,5}$/.test(portText) || port > 65_535) {
    faults.push("PORT must be a number from 0 to 65535");
  }

  const storeText = get("OFFCODE_STORE") ?? "sqlite:./data/offcode.db";
  const path = storeText.startsWith("sqlite:")
    ? storeText.slice("sqlite:".length)
    : "";
  if (path === "") {
    faults.push("OFFCODE_STORE must be sqlite:<path of a file>");
  }

  const adminKey = get("OFFCODE_ADMIN_KEY");
  if (adminKey !== undefined && adminKey.length < MIN_ADMIN_KEY_LENGTH) {
    faults.push(
      `OFFCODE_ADMIN_KEY must have at least ${MIN_ADMIN_KEY_LENGTH} characters`,
    );
  }
  if (adminKey !== undefined && !/^[\x21-\x7e]+$/.test(adminKey)) {
    faults.push("OFFCODE_ADMIN_KEY must be printable ASCII without spaces");
  }

  let keyring: Keyring | undefined;
  const keys = get("OFFCODE_MASTER_KEYS");
  if (keys !== undefined) {
    try {
      keyring = parseKeyring(keys);
    } catch (error) {
      faults.push(`OFFCODE_MASTER_KEYS: ${(error as Error).message}`);
    }
  }

  const prefix = get("OFFCODE_PREFIX") ?? "90";
  if (!/^[0-9]{2}$/.test(prefix)) {
    faults.push("OFFCODE_PREFIX must be two digits");
  }

  const host = get("HOST");
  const ledger = get("OFFCODE_LEDGER") ?? "sandbox";
  if (ledger !== "sandbox") faults.push("OFFCODE_LEDGER must be sandbox");

  if ((adminKey === undefined) !== (keys === undefined)) {
    faults.push(
      "OFFCODE_ADMIN_KEY and OFFCODE_MASTER_KEYS must be set together; with " +
        "neither, development keys are made",
    );
  }

  if (faults.length > 0) throw new ConfigError(faults);
  return {
    port,
    store: { kind: "sqlite", path },
    prefix,
    ledger: { kind: "sandbox" },
    ...(host !== undefined && { host }),
    ...(adminKey !== undefined && keyring !== undefined &&
      { keys: { adminKey, keyring } }),
  };
}
