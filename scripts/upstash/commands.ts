/**
 * What the REST API takes for a command, and what it makes of a reply.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { ErrorReply } from "@redis/client";

/** A reply as a REST client sees it. */
export type Outcome =
  | { readonly result: unknown }
  | { readonly error: string };

/** The request is malformed; the text is for the client. */
export class RequestError extends Error {
  override readonly name = "RequestError";
}

/**
 * The words of a command out of JSON: strings as they are, everything else as
 * JSON writes it.
 *
 * @throws {RequestError} If it is no array, or an empty one.
 */
function toCommand(json: unknown): string[] {
  if (!Array.isArray(json)) {
    throw new RequestError("ERR failed to parse command");
  }
  if (json.length === 0) throw new RequestError("ERR empty command");
  return json.map((it) => typeof it === "string" ? it : JSON.stringify(it));
}

/**
 * The commands of a request, at least one.
 *
 * @throws {RequestError} If there is none, or no such path.
 */
export function readCommands(path: string, body: string): string[][] {
  if (!["/", "/pipeline", "/multi-exec"].includes(path)) {
    throw new RequestError("ERR commands are taken in the body only");
  }
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    throw new RequestError("ERR failed to parse command");
  }
  if (path === "/") return [toCommand(parsed)];
  if (!Array.isArray(parsed)) {
    throw new RequestError("ERR failed to parse pipeline request");
  }
  if (parsed.length === 0) {
    throw new RequestError("ERR empty pipeline request");
  }
  return parsed.map(toCommand);
}

/**
 * A reply as JSON can hold it: strings in base64 where the headers of the request
 * ask for that, otherwise as text with U+FFFD for the bytes that are no text.
 */
export function encodeReply(reply: unknown, headers: Headers): unknown {
  const base64 = headers.get("upstash-encoding") === "base64";
  if (Buffer.isBuffer(reply)) {
    return reply.toString(base64 ? "base64" : "utf8");
  }
  if (typeof reply === "string") {
    return base64 && reply !== "OK"
      ? Buffer.from(reply).toString("base64")
      : reply;
  }
  if (Array.isArray(reply)) {
    return reply.map((item) => encodeReply(item, headers));
  }
  // An error inside of an array has no shape of its own in JSON.
  return reply instanceof Error ? reply.message : reply;
}

/** An outcome for an error of the server. */
export function errorOutcome(error: unknown): Outcome {
  if (error instanceof RequestError || error instanceof ErrorReply) {
    return { error: error.message };
  }
  throw error;
}

/**
 * Commands that change the state of a connection or block it. They are refused,
 * because all clients share one connection.
 */
const UNAVAILABLE: ReadonlySet<string> = new Set([
  ...["ASKING", "AUTH", "BLMOVE", "BLMPOP", "BLPOP", "BRPOP", "BRPOPLPUSH"],
  ...["BZMPOP", "BZPOPMAX", "BZPOPMIN", "CLIENT", "CLUSTER", "CONFIG", "DEBUG"],
  ...["DISCARD", "EXEC", "FAILOVER", "HELLO", "MIGRATE", "MODULE", "MONITOR"],
  ...["MULTI", "PSUBSCRIBE", "PSYNC", "PUNSUBSCRIBE", "QUIT", "READONLY"],
  ...["READWRITE", "REPLCONF", "REPLICAOF", "RESET", "SAVE", "SELECT"],
  ...["SHUTDOWN", "SLAVEOF", "SSUBSCRIBE", "SUBSCRIBE", "SUNSUBSCRIBE"],
  ...["SWAPDB", "SYNC", "UNSUBSCRIBE", "UNWATCH", "WAIT", "WAITAOF", "WATCH"],
  ...["XREAD", "XREADGROUP"],
]);

/**
 * Makes sure that a command may be sent.
 *
 * @throws {RequestError} If it may not.
 */
export function admit(command: readonly string[]): void {
  const name = command[0]!.toUpperCase();
  if (UNAVAILABLE.has(name)) {
    throw new RequestError(`ERR Command is not available: '${name}'`);
  }
}
