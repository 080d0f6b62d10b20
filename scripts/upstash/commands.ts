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

/** A request that is not one; its text is for the client. */
export class RequestError extends Error {
  override readonly name = "RequestError";
}

/**
 * The words of a command out of JSON: strings as they are, everything else as
 * JSON writes it.
 *
 * @throws {RequestError} If it is no array, or an empty one.
 */
export function toCommand(json: unknown): string[] {
  if (!Array.isArray(json)) {
    throw new RequestError("ERR failed to parse command");
  }
  if (json.length === 0) throw new RequestError("ERR empty command");
  return json.map((it) => typeof it === "string" ? it : JSON.stringify(it));
}

/**
 * A command in the path: `/set/key/value?EX=10`, the body of a POST coming
 * after the words of the path and before those of the query.
 */
export function pathCommand(url: URL, body: string): string[] {
  const words = url.pathname.split("/").slice(1).filter((it, i) =>
    i === 0 || it !== "" || !url.pathname.endsWith("/")
  ).map(decodeURIComponent);
  if (body !== "") words.push(body);
  for (const [name, value] of url.searchParams) {
    if (name === "_token") continue;
    words.push(name);
    if (value !== "") words.push(value);
  }
  return words;
}

/** Strings as JSON can hold them: base64, or text with U+FFFD for the rest. */
export function encodeReply(reply: unknown, base64: boolean): unknown {
  if (Buffer.isBuffer(reply)) {
    return reply.toString(base64 ? "base64" : "utf8");
  }
  if (typeof reply === "string") {
    return base64 && reply !== "OK"
      ? Buffer.from(reply).toString("base64")
      : reply;
  }
  if (Array.isArray(reply)) {
    return reply.map((item) => encodeReply(item, base64));
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

/** Commands that hold a connection's state or block it: not for one shared. */
const UNAVAILABLE: ReadonlySet<string> = new Set([
  ...["ASKING", "AUTH", "BLMOVE", "BLMPOP", "BLPOP", "BRPOP", "BRPOPLPUSH"],
  ...["BZMPOP", "BZPOPMAX", "BZPOPMIN", "CLIENT", "CLUSTER", "CONFIG", "DEBUG"],
  ...["DISCARD", "EXEC", "FAILOVER", "HELLO", "MIGRATE", "MODULE", "MONITOR"],
  ...["MULTI", "PSUBSCRIBE", "PSYNC", "PUNSUBSCRIBE", "QUIT", "READONLY"],
  ...["READWRITE", "REPLCONF", "REPLICAOF", "RESET", "SAVE", "SELECT"],
  ...["SHUTDOWN", "SLAVEOF", "SSUBSCRIBE", "SUBSCRIBE", "SUNSUBSCRIBE"],
  ...["SWAPDB", "SYNC", "UNSUBSCRIBE", "UNWATCH", "WAIT", "WAITAOF", "WATCH"],
]);

/** What the token of a request lets it do. */
export type Access = "full" | "read-only";

/** Read commands that a read-only token has not, as they see all keys. */
const POWERFUL: ReadonlySet<string> = new Set(["KEYS", "SCAN", "RANDOMKEY"]);

/**
 * Makes sure that a command may be sent.
 *
 * @throws {RequestError} If it may not.
 */
export function admit(
  command: readonly string[],
  access: Access,
  isRead: boolean,
): void {
  const name = command[0]!.toUpperCase();
  if (UNAVAILABLE.has(name)) {
    throw new RequestError(`ERR Command is not available: '${name}'`);
  }
  if (waitsForEntries(name, command)) {
    throw new RequestError(`ERR Command is not available: '${name}' BLOCK`);
  }
  if (access === "read-only" && (!isRead || POWERFUL.has(name))) {
    throw new RequestError(
      `NOPERM this user has no permissions to run the ` +
        `'${name.toLowerCase()}' command or its subcommand`,
    );
  }
}

/** How many words follow an option of the commands that read streams. */
const OPTION_WORDS: Readonly<Record<string, number>> = { COUNT: 1, GROUP: 2 };

/** Whether it is to wait for entries: all others would wait with it. */
function waitsForEntries(name: string, command: readonly string[]): boolean {
  if (name !== "XREAD" && name !== "XREADGROUP") return false;
  for (let at = 1; at < command.length; at++) {
    const word = command[at]!.toUpperCase();
    if (word === "STREAMS") return false;
    if (word === "BLOCK") return true;
    at += OPTION_WORDS[word] ?? 0;
  }
  return false;
}

/** A scan, and after each key its type. Errors stay as the scan gave them. */
const SCAN_WITH_TYPES = `
local reply = redis.pcall(unpack(ARGV))
if reply.err then return reply end
local keys = {}
for _, key in ipairs(reply[2]) do
  keys[#keys + 1] = key
  keys[#keys + 1] = redis.call('TYPE', key).ok
end
return {reply[1], keys}
`;

/** `SCAN` takes `WITHTYPE` at Upstash; for Redis it becomes a script. */
export function withTypes(command: readonly string[]): readonly string[] {
  const [name = "", cursor = "", ...options] = command;
  if (name.toUpperCase() !== "SCAN") return command;
  // The others come in pairs, so that a pattern is not taken for it.
  let at = 0;
  while (at < options.length && options[at]!.toUpperCase() !== "WITHTYPE") {
    at += 2;
  }
  if (at >= options.length) return command;
  return [
    ...["EVAL_RO", SCAN_WITH_TYPES, "0"],
    ...[name, cursor, ...options.toSpliced(at, 1)],
  ];
}
