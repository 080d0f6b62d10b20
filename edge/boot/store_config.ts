/**
 * Reads from the environment which store is used and how to reach it. Every fault
 * is named, but no part of an address is shown, because it may hold a password.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { isLoopback } from "../base/loopback.ts";
import { isCellCount, MOST_CELLS } from "../store/cells.ts";
import type { GetSetting } from "./setting_table.ts";

/** The cells among which the records are divided, if there are several. */
export interface CellsConfig {
  readonly count: number;
  /** The cell key. */
  readonly key: Uint8Array;
  /** The two digits that route codes to this wallet. */
  readonly prefix: string;
}

/** Where the records are kept. */
export type StoreConfig = Database & { readonly cells?: CellsConfig };

/** A database. */
type Database =
  | { readonly kind: "sqlite"; readonly path: string }
  | {
    readonly kind: "redis";
    /** One server, or several nodes of one cluster. */
    readonly nodes: readonly { readonly host: string; readonly port: number }[];
    readonly tls: boolean;
    readonly username?: string;
    readonly password?: string;
  }
  | { readonly kind: "upstash"; readonly url: string; readonly token: string }
  | {
    readonly kind: "upstash-fleet";
    /** In the order of their cells, which are all cells. */
    readonly databases: readonly UpstashDatabase[];
  };

/** A database of several, and its first and last cell. */
export interface UpstashDatabase {
  readonly url: string;
  readonly token: string;
  readonly from: number;
  readonly to: number;
}

/** Used as the store after a fault, so that the other settings are read as well. */
const NONE: Database = { kind: "sqlite", path: "" };

const FORMS = "OFFCODE_STORE must be sqlite:<path of a file>, " +
  "redis://[user[:password]@]host[:port][,host[:port]...] or rediss://..., " +
  "or upstash";

const URL_NAME = "UPSTASH_REDIS_REST_URL";
const TOKEN_NAME = "UPSTASH_REDIS_REST_TOKEN";
const LIST_NAME = "OFFCODE_UPSTASH_DATABASES";

/**
 * Reads the store's settings. For each that cannot be used, a sentence is added to
 * `faults`.
 */
export function readStore(
  get: GetSetting,
  faults: string[],
): StoreConfig {
  const cells = readCells(get, faults);
  return {
    ...readDatabase(get, cells?.count ?? 1, faults),
    ...(cells && { cells }),
  };
}

const CELL_KEY_BYTES = 32;

/** The cells; `null` if there is one. */
function readCells(get: GetSetting, faults: string[]): CellsConfig | null {
  const text = get("OFFCODE_CELLS");
  const count = Number(text);
  if (!/^[1-9][0-9]*$/.test(text) || !isCellCount(count)) {
    faults.push(
      `OFFCODE_CELLS must be a power of two from 1 to ${MOST_CELLS}`,
    );
    return null;
  }
  if (count === 1) return null;
  const base64 = get("OFFCODE_CELL_KEY") ?? "";
  const key = Buffer.from(base64, "base64");
  if (key.length !== CELL_KEY_BYTES || key.toString("base64") !== base64) {
    faults.push(
      "OFFCODE_CELL_KEY must be 32 random bytes in base64 if there are several " +
        "cells, and the same for ever (openssl rand -base64 32)",
    );
  }
  return { count, key, prefix: get("OFFCODE_PREFIX") };
}

function readDatabase(
  get: GetSetting,
  cells: number,
  faults: string[],
): Database {
  const text = get("OFFCODE_STORE");
  const list = get(LIST_NAME);
  if (text === "upstash") {
    return list === null
      ? readUpstash(get, faults)
      : readFleet(list, cells, faults);
  }
  if (/^rediss?:\/\//.test(text)) return readRedis(text, faults);
  const path = /^sqlite:([^]+)$/.exec(text)?.[1];
  if (path === undefined) {
    faults.push(FORMS);
    return NONE;
  }
  return { kind: "sqlite", path };
}

function readUpstash(
  get: GetSetting,
  faults: string[],
): Database {
  const url = get(URL_NAME) ?? "";
  const token = get(TOKEN_NAME) ?? "";
  if (!isRestUrl(url)) {
    faults.push(
      `${URL_NAME} must be an https URL without user name and query ` +
        "(http on this machine only)",
    );
  }
  if (!isToken(token)) {
    faults.push(`${TOKEN_NAME} must be set: printable ASCII without spaces`);
  }
  return { kind: "upstash", url, token };
}

/** Reads a list of databases, or the file with it whose path is given. */
function readFleet(
  given: string,
  cells: number,
  faults: string[],
): Database {
  const databases = parseFleet(
    /^\s*[[{]/.test(given) ? given : readList(given),
  );
  if (typeof databases === "string") {
    faults.push(`${LIST_NAME} ${databases}`);
    return NONE;
  }
  databases.sort((a, b) => a.from - b.from);
  const ends = databases.map(({ to }) => to);
  const isWhole =
    databases.every(({ from }, i) =>
      from === (i === 0 ? 0 : ends[i - 1]! + 1)
    ) && ends.at(-1) === cells - 1;
  if (!isWhole) {
    faults.push(
      `${LIST_NAME} must have each cell from 0 to ${cells - 1} once`,
    );
  }
  return { kind: "upstash-fleet", databases };
}

/** The text of a file; `null` if it cannot be read. */
function readList(path: string): string | null {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return null;
  }
}

/**
 * Reads a list of databases in JSON. Returns the databases, or a text that says what
 * the list must be.
 */
function parseFleet(list: string | null): UpstashDatabase[] | string {
  if (list === null) {
    return "must be a list in JSON or the path of a file with one, " +
      "which this process may read; relative paths begin where it was started";
  }
  let items: unknown;
  try {
    items = JSON.parse(list);
  } catch {
    return "must be JSON, itself or in the file that it names";
  }
  if (!Array.isArray(items) || items.length === 0) {
    return "must be a list of one database or more";
  }
  const databases = items.map((item) => {
    const { url, token, cells } = item as Record<string, unknown> ?? {};
    const [from, to, ...rest] = Array.isArray(cells) ? cells : [];
    const fits = typeof url === "string" && typeof token === "string" &&
      isRestUrl(url) && isToken(token) && rest.length === 0 &&
      [from, to].every((it) => Number.isInteger(it)) && from <= to;
    return fits ? { url, token, from, to } as UpstashDatabase : null;
  });
  const wrong = databases.indexOf(null);
  return wrong < 0
    ? databases as UpstashDatabase[]
    : `must have {"url": …, "token": …, "cells": [first, last]} as item ` +
      `${wrong + 1}, with an https URL (http on this machine only)`;
}

const isToken = (text: string): boolean => /^[\x21-\x7e]+$/.test(text);

/** Whether a text is the base of a REST API to which a token may be sent. */
function isRestUrl(url: string): boolean {
  const base = parseUrl(url);
  const isSafe = base?.protocol === "https:" ||
    // Over plain http the token could be read on the network, so http is allowed
    // on this machine only.
    (base?.protocol === "http:" && isLoopback(base.hostname));
  const isBase = base !== null && base.username === "" &&
    base.password === "" && base.search === "" && base.hash === "";
  return isSafe && isBase && !/\s/.test(url);
}

function readRedis(text: string, faults: string[]): Database {
  const fault = (sentence: string): Database => {
    faults.push(`OFFCODE_STORE: ${sentence}`);
    return NONE;
  };
  const [, scheme, rest] = /^(rediss?):\/\/([^]*)$/.exec(text)!;
  // The last `@` separates the address: a password may contain an unencoded `@`.
  const end = rest!.lastIndexOf("@");
  const [credentials, address] = end < 0
    ? ["", rest!]
    : [rest!.slice(0, end), rest!.slice(end + 1)];

  const [, hosts, path] = /^([^/?#]*)(?:\/([^?#]*))?$/.exec(address) ?? [];
  if (hosts === undefined) return fault("a Redis takes no query");
  if (path !== undefined && path !== "" && path !== "0") {
    return fault("database 0 is the only one that can be used");
  }
  const nodes = hosts.split(",").map(parseHost);
  if (nodes.some((it) => it === null)) {
    return fault(
      "every host must be a name or an address, and may have a port",
    );
  }

  const [user = "", ...more] = credentials.split(":");
  let username: string;
  let password: string;
  try {
    [username, password] = [user, more.join(":")]
      .map((it) => decodeURIComponent(it)) as [string, string];
  } catch {
    return fault("user name and password must be percent-encoded");
  }
  return {
    kind: "redis",
    nodes: nodes as { host: string; port: number }[],
    tls: scheme === "rediss",
    ...(username !== "" && { username }),
    ...(password !== "" && { password }),
  };
}

/** `host`, `host:port` or `[address]:port`. */
function parseHost(text: string): { host: string; port: number } | null {
  const url = /^[\w.:[\]-]+$/.test(text) ? parseUrl(`redis://${text}`) : null;
  if (url === null || url.hostname === "") return null;
  const port = url.port === "" ? 6379 : Number(url.port);
  return port === 0
    ? null
    : { host: url.hostname.replace(/^\[(.*)\]$/, "$1"), port };
}

function parseUrl(text: string): URL | null {
  try {
    return new URL(text);
  } catch {
    return null;
  }
}
