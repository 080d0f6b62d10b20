/**
 * The interface of a transport to Redis, and the faults that stand for the errors of a Redis
 * server.
 *
 * A transport sends each run of a script once. It repeats nothing that may have been executed:
 * after a lost reply the caller decides, because the caller knows what its transaction means.
 * Only a run that a server has certainly not executed (`NOSCRIPT`, and the redirections of a
 * cluster) is sent again.
 *
 * @module
 */

import { createHash } from "node:crypto";
import {
  type StoreFacts,
  type StoreFault,
  StoreUnavailableError,
} from "../store.ts";

/** A way to run scripts on the primary of one Redis. */
export interface RedisTransport {
  /**
   * The most requests of one run, 1 or more. A lost reply is lost for all of them, and every
   * other client of the server waits during a run.
   */
  readonly maxRequests: number;
  /** Whether all names of one run must be in one cell, as in a cluster. */
  readonly isOfOneCell?: boolean;
  /**
   * Runs `script`, which has no header line yet. Its reply consists of numbers, strings, `null`
   * and arrays of them.
   *
   * @throws {StoreUnavailableError} If there is no reply in time, or an error.
   */
  run(
    script: string,
    keys: readonly string[],
    args: readonly string[],
  ): Promise<unknown>;
  /**
   * The server's clock, unix milliseconds; in a cluster that of the node with this name.
   *
   * @throws {StoreUnavailableError} If there is no reply in time, or an error.
   */
  timeMs(key?: string): Promise<number>;
  /**
   * Names that begin with `prefix`, from a cursor on: of strings, or of everything. The cursor
   * "0" is the first one, and as a result it means that there are no more names. In a cluster
   * a prefix with a hash tag names the node, otherwise all nodes are asked one after the other.
   *
   * @throws {StoreUnavailableError} If there is no reply in time, or an error.
   */
  scan(
    prefix: string,
    cursor: string,
    what: ScanKind,
  ): Promise<{ cursor: string; names: readonly string[] }>;
  /**
   * The text of `INFO`, in which the server describes itself.
   *
   * @throws {StoreUnavailableError} If there is no reply in time, or an error.
   */
  info(key?: string): Promise<unknown>;
  /**
   * The address of the node that has this name, without a password. The method is
   * absent if no address is needed.
   */
  nodeOf?(key?: string): string;
  /** Closes the connection. No request may be under way. */
  close(): Promise<void>;
}

/** Which names are listed: those of strings, or all. */
export type ScanKind = "strings" | "all";

/** A script with its header line, and the hash by which a server knows it. */
export interface LoadedScript {
  readonly source: string;
  /** SHA-1 of the source, in hex. */
  readonly sha: string;
}

/** Makes scripts from a header line and their text. Each script is made once. */
export function scriptLoader(header: string): (text: string) => LoadedScript {
  const loaded = new Map<string, LoadedScript>();
  return (text) => {
    let script = loaded.get(text);
    if (script === undefined) {
      const source = header + text;
      const sha = createHash("sha1").update(source).digest("hex");
      script = { source, sha };
      loaded.set(text, script);
    }
    return script;
  };
}

/** The faults, by the first word of an error of Redis. */
const FAULT_BY_CODE: ReadonlyMap<string, StoreFault> = new Map([
  ["READONLY", "read-only"],
  // Fewer replicas are connected than the server wants for a write.
  ["NOREPLICAS", "read-only"],
  // The last snapshot or log could not be written.
  ["MISCONF", "read-only"],
  ["OOM", "full"],
  // A script or a function has been running for too long.
  ["BUSY", "locked"],
  ["WRONGTYPE", "corrupt"],
  ["LOADING", "unreachable"],
  ["MASTERDOWN", "unreachable"],
  ["CLUSTERDOWN", "unreachable"],
  ["TRYAGAIN", "unreachable"],
]);

/** The first word of an error of Redis, such as `READONLY`. */
function errorCode(message: string): string | undefined {
  return /^[A-Z][A-Z0-9]+(?= |$)/.exec(message)?.[0];
}

/**
 * The fault for an error of a server. Only the first word of the error is kept, because the
 * rest may contain the command.
 */
export function serverFault(message: string): StoreUnavailableError {
  const code = errorCode(message);
  // An error without such a word does not come from Redis.
  return code === undefined
    ? storeFault("unreachable", "The answer was not from Redis")
    : storeFault(FAULT_BY_CODE.get(code) ?? "refused", code);
}

/** Whether a node has not run a script because its records are moving to another node. */
export function isMoving(error: unknown): boolean {
  return error instanceof StoreUnavailableError &&
    error.reason === "TRYAGAIN";
}

/** Whether the server does not know a script, so that its text must be sent. */
export function isNoScript(error: unknown): boolean {
  return error instanceof StoreUnavailableError &&
    error.cause instanceof Error && error.cause.message === "NOSCRIPT";
}

/**
 * The reply of `TIME`, seconds and microseconds, as unix milliseconds.
 *
 * @throws {StoreUnavailableError} `refused`, if it is not of that form.
 */
export function readTime(reply: unknown): number {
  // Over TCP these are texts. The client of the REST API converts them to numbers.
  const isTime = Array.isArray(reply) && reply.length === 2 &&
    reply.every((it) =>
      (typeof it === "string" || typeof it === "number") &&
      /^[0-9]{1,16}$/.test(`${it}`)
    );
  const [seconds, microseconds] = isTime ? reply.map(Number) : [];
  const ms = seconds! * 1000 + Math.floor(microseconds! / 1000);
  if (!Number.isSafeInteger(ms)) throw storeFault("refused", "TIME");
  return ms;
}

/** The number of names that the server examines for one page: half a millisecond of work. */
const SCAN_COUNT = 1_000;

/** The command that lists names with a prefix. */
export function scanCommand(
  prefix: string,
  cursor: string,
  what: ScanKind,
): [string, ...string[]] {
  const pattern = prefix.replaceAll(/[\\*?[\]^]/g, "\\$&") + "*";
  return [
    ...["SCAN", cursor, "MATCH", pattern, "COUNT", `${SCAN_COUNT}`] as const,
    ...what === "strings" ? ["TYPE", "string"] : [],
  ];
}

/**
 * The reply of `SCAN`.
 *
 * @throws {StoreUnavailableError} `refused`, if it is not of that form.
 */
export function readScan(
  reply: unknown,
): { cursor: string; names: readonly string[] } {
  const [cursor, names] = Array.isArray(reply) ? reply : [];
  // The client of the REST API may convert the cursor to a number.
  const isScan = /^[0-9]{1,20}$/.test(`${cursor}`) && Array.isArray(names) &&
    names.every((name) => typeof name === "string");
  if (!isScan) throw storeFault("refused", "SCAN");
  return { cursor: `${cursor}`, names };
}

/** Whether the server does not have a command, or does not allow it for this user. */
export function isNotOffered(error: unknown): boolean {
  return error instanceof StoreUnavailableError &&
    error.cause instanceof Error &&
    ["NOPERM", "ERR"].includes(error.cause.message);
}

/** Reads the reply of `INFO`. A setting that is not in it is `null`. */
export function readInfo(reply: unknown): StoreFacts {
  const text = typeof reply === "string" ? reply : "";
  const field = (name: string, value: string) =>
    RegExp(`^${name}:(${value})\\r?$`, "m").exec(text)?.[1] ?? null;
  const aof = field("aof_enabled", "[01]");
  return {
    version: field("redis_version", "[0-9]+(?:\\.[0-9]+)*"),
    evictionPolicy: field("maxmemory_policy", "[a-z-]{1,32}"),
    appendOnly: aof === null ? null : aof === "1",
  };
}

/** A fault with a reason. The reason must contain nothing of what was sent. */
export function storeFault(
  fault: StoreFault,
  reason: string,
): StoreUnavailableError {
  return new StoreUnavailableError(fault, {
    cause: new Error(reason),
    reason,
  });
}
