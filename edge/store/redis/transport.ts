/**
 * What the Redis adapter asks of a way to reach Redis, and what the errors of
 * a Redis server mean to the store port.
 *
 * A transport sends each script once. It repeats nothing that may have been
 * executed: after a lost reply the caller decides, because the caller knows what
 * its transaction means. Only what a server has refused unseen (`NOSCRIPT`, and
 * the redirections of a cluster) is sent again.
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
   * How many requests one run may do, 1 or more: a lost reply is told to all
   * of them, and a run holds up every other client of the server.
   */
  readonly maxRequests: number;
  /**
   * Runs `script`, which has no header line yet, and gives its reply: numbers,
   * strings, `null` and arrays of them.
   *
   * @throws {StoreUnavailableError} If there is no reply in time, or an error.
   */
  run(
    script: string,
    keys: readonly string[],
    args: readonly string[],
  ): Promise<unknown>;
  /**
   * The server's clock, unix milliseconds.
   *
   * @throws {StoreUnavailableError} If there is no reply in time, or an error.
   */
  timeMs(): Promise<number>;
  /**
   * Names of strings that begin with `prefix`, from a cursor on; "0" begins,
   * and ends as well.
   *
   * @throws {StoreUnavailableError} If there is no reply in time, or an error.
   */
  scan(
    prefix: string,
    cursor: string,
  ): Promise<{ cursor: string; names: readonly string[] }>;
  /**
   * What the server says of itself: the text of `INFO`.
   *
   * @throws {StoreUnavailableError} If there is no reply in time, or an error.
   */
  info(): Promise<unknown>;
  /** Lets go of the connection; nothing is under way any more. */
  close(): Promise<void>;
}

/** A script as a server knows it. */
export interface LoadedScript {
  readonly source: string;
  /** SHA-1 of the source, in hex. */
  readonly sha: string;
}

/** Makes scripts out of their text and a first line, each once. */
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

/** By the word that an error of Redis begins with. */
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
export function errorCode(message: string): string | undefined {
  return /^[A-Z][A-Z0-9]+(?= |$)/.exec(message)?.[0];
}

/**
 * The fault that an error of a server stands for. Of its text, which may
 * repeat the command, only the first word is kept.
 */
export function serverFault(message: string): StoreUnavailableError {
  const code = errorCode(message);
  // Another error comes from something that is not Redis.
  return code === undefined
    ? storeFault("unreachable", "The answer was not from Redis")
    : storeFault(FAULT_BY_CODE.get(code) ?? "refused", code);
}

/** Whether a server does not know a script and has to be sent its text. */
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
  // Texts over TCP; the client of the REST API makes numbers of them.
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

/** Names that a server looks at for one page: half a millisecond of work. */
const SCAN_COUNT = 1_000;

/** The command that looks for names of strings with a prefix. */
export function scanCommand(
  prefix: string,
  cursor: string,
): [string, ...string[]] {
  const pattern = prefix.replaceAll(/[\\*?[\]^]/g, "\\$&") + "*";
  return ["SCAN", cursor]
    .concat("MATCH", pattern, "COUNT", `${SCAN_COUNT}`, "TYPE", "string") as [
      string,
      ...string[],
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
  // The client of the REST API may make a number of it.
  const isScan = /^[0-9]{1,20}$/.test(`${cursor}`) && Array.isArray(names) &&
    names.every((name) => typeof name === "string");
  if (!isScan) throw storeFault("refused", "SCAN");
  return { cursor: `${cursor}`, names };
}

/** Whether a server has a command not, or not for this user. */
export function isNotOffered(error: unknown): boolean {
  return error instanceof StoreUnavailableError &&
    error.cause instanceof Error &&
    ["NOPERM", "ERR"].includes(error.cause.message);
}

/** The reply of `INFO` as facts; what is not in it is not known. */
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

/** A fault with a reason that holds nothing of what was sent. */
export function storeFault(
  fault: StoreFault,
  reason: string,
): StoreUnavailableError {
  return new StoreUnavailableError(fault, {
    cause: new Error(reason),
    reason,
  });
}
