/**
 * The REST API of Upstash in front of a plain Redis: commands to `/`,
 * `/pipeline` and `/multi-exec`, and replies in base64. One connection to Redis
 * serves all requests.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { timingSafeEqual } from "node:crypto";
import { createClient, ErrorReply, RESP_TYPES } from "@redis/client";
import { systemPause } from "../../edge/base/clock.ts";
import { scriptsFor } from "./scripts.ts";

/** What {@linkcode startGateway} needs. */
export interface GatewayOptions {
  /** The Redis behind it, `redis://…`. */
  readonly redis: { readonly url: string };
  readonly token: string;
  /** Port of the API; a free one if not given. */
  readonly port?: number;
}

/** A request with a good token, read. */
export interface GatewayCall {
  readonly path: string;
  /** At least one. */
  readonly commands: readonly string[][];
  readonly headers: Headers;
}

type Outcome = { readonly result: unknown } | { readonly error: string };

/** The request is malformed; the text is for the client. */
class RequestError extends Error {
  override readonly name = "RequestError";
}

const HOSTNAME = "127.0.0.1";
/** How soon a lost connection is tried again; commands fail meanwhile. */
const RECONNECT_MS = 5;
/** A computer that is busy sees late that it is connected. */
const CONNECT_MS = 30_000;
const AS_BYTES = { typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer } };

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

/** A connection to Redis. */
export type RedisClient = Awaited<ReturnType<typeof connect>>;

/**
 * Connects to a database of Redis. A connection that is lost later is made
 * again.
 *
 * @throws {Error} If Redis cannot be reached.
 */
export async function connect({ url }: { readonly url: string }, database = 0) {
  let isFirst = true;
  const client = createClient({
    url,
    database,
    socket: {
      connectTimeout: CONNECT_MS,
      reconnectStrategy: () => isFirst ? false : RECONNECT_MS,
    },
    RESP: 2,
    maintNotifications: "disabled",
    disableClientInfo: true,
    disableOfflineQueue: true,
    commandOptions: { timeout: 0 },
  });
  client.on("error", () => {});
  await client.connect();
  isFirst = false;
  return client;
}

/** Ends a connection, and comes back once no timer of it is left. */
export async function disconnect(client: RedisClient): Promise<void> {
  const isLost = !client.isReady;
  client.destroy();
  // A client that has lost its server may be in the pause before its next attempt to
  // connect, which `destroy()` does not end.
  if (isLost) await systemPause(RECONNECT_MS);
}

/**
 * Starts a gateway on loopback.
 *
 * @throws {Error} If the Redis cannot be reached.
 */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  return new Gateway(await connect(options.redis), options);
}

/** A running gateway. */
export class Gateway implements AsyncDisposable {
  readonly #token: string;
  readonly #scripts = scriptsFor();
  readonly #port: number;
  #listener: { stop: AbortController; server: Deno.HttpServer } | null = null;

  constructor(readonly redis: RedisClient, options: GatewayOptions) {
    this.#token = options.token;
    this.#port = this.#listen(options.port ?? 0);
  }

  get url(): string {
    return `http://${HOSTNAME}:${this.#port}`;
  }

  /** Listens again on the same port, after {@linkcode hangUp}. */
  listen(): void {
    if (this.#listener === null) this.#listen(this.#port);
  }

  /** Stops listening and cuts every connection. */
  async hangUp(): Promise<void> {
    const listener = this.#listener;
    this.#listener = null;
    listener?.stop.abort();
    await listener?.server.finished;
  }

  /** Runs the commands of a request and gives their replies. */
  protected async answer(call: GatewayCall): Promise<Response> {
    const { path, commands } = call;
    try {
      if (path === "/multi-exec") return await this.#transaction(call);
      const outcomes = await Promise.all(
        commands.map((command) => this.#one(command, call)),
      );
      if (path === "/pipeline") return Response.json(outcomes);
      const [outcome] = outcomes;
      return json("error" in outcome! ? 400 : 200, outcome);
    } catch {
      // Redis itself cannot be reached.
      return json(503, { error: "The database is not available" });
    }
  }

  /** The connection that runs a command of a request with these headers. */
  protected clientFor(_command: string, _headers: Headers): RedisClient {
    return this.redis;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.hangUp();
    await disconnect(this.redis);
  }

  #listen(port: number): number {
    const stop = new AbortController();
    const server = Deno.serve({
      hostname: HOSTNAME,
      port,
      signal: stop.signal,
      onListen: () => {},
    }, (request) => this.#serve(request));
    this.#listener = { stop, server };
    return server.addr.port;
  }

  async #serve(request: Request): Promise<Response> {
    const { url, method, headers } = request;
    const bearer = /^Bearer (.*)$/i.exec(headers.get("authorization") ?? "");
    const given = Buffer.from(bearer?.[1] ?? "");
    const token = Buffer.from(this.#token);
    if (given.length !== token.length || !timingSafeEqual(given, token)) {
      return json(401, { error: "WRONGPASS invalid or missing auth token" });
    }
    if (method !== "POST") {
      return json(405, { error: "ERR method is not allowed" });
    }
    const { pathname: path } = new URL(url);
    try {
      const commands = readCommands(path, await request.text());
      return await this.answer({ path, commands, headers });
    } catch (error) {
      return json(400, errorOutcome(error));
    }
  }

  async #one(command: string[], { headers }: GatewayCall): Promise<Outcome> {
    try {
      const { words, sha } = this.#prepare(command);
      const client = this.clientFor(command[0]!.toUpperCase(), headers);
      const reply = await client.sendCommand(words, AS_BYTES);
      return { result: encodeReply(sha ?? reply, headers) };
    } catch (error) {
      return errorOutcome(error);
    }
  }

  async #transaction({ commands, headers }: GatewayCall): Promise<Response> {
    try {
      const prepared = commands.map((it) => this.#prepare(it).words);
      // All commands are sent in one turn of the event loop, so that no other
      // command comes between them.
      const queued = [["MULTI"], ...prepared]
        .map((command) => this.redis.sendCommand(command));
      const done = this.redis.sendCommand(["EXEC"], AS_BYTES);
      await Promise.allSettled(queued);
      const replies = await done as unknown as unknown[];
      const outcomes = replies.map((reply): Outcome =>
        reply instanceof Error
          ? { error: reply.message }
          : { result: encodeReply(reply, headers) }
      );
      return json(200, outcomes);
    } catch (error) {
      return json(400, errorOutcome(error));
    }
  }

  #prepare(command: string[]) {
    const name = command[0]!.toUpperCase();
    if (UNAVAILABLE.has(name)) {
      throw new RequestError(`ERR Command is not available: '${name}'`);
    }
    return this.#scripts(command);
  }
}

const json = (status: number, body: unknown) => Response.json(body, { status });

function readCommands(path: string, body: string): string[][] {
  if (!["/", "/pipeline", "/multi-exec"].includes(path)) {
    throw new RequestError("ERR commands are taken in the body only");
  }
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    // Below it is no array.
  }
  if (path === "/") return [readCommand(parsed)];
  return readArray(parsed, "pipeline request").map(readCommand);
}

/** The words of a command: strings as they are, everything else as JSON writes it. */
const readCommand = (json: unknown) =>
  readArray(json, "command")
    .map((it) => typeof it === "string" ? it : JSON.stringify(it));

function readArray(json: unknown, what: string): unknown[] {
  if (!Array.isArray(json)) {
    throw new RequestError(`ERR failed to parse ${what}`);
  }
  if (json.length === 0) throw new RequestError(`ERR empty ${what}`);
  return json;
}

/**
 * A reply as JSON can hold it: strings in base64 where the headers of the request
 * ask for that, otherwise as text with U+FFFD for the bytes that are no text.
 */
function encodeReply(reply: unknown, headers: Headers): unknown {
  if (Array.isArray(reply)) return reply.map((it) => encodeReply(it, headers));
  // An error inside of an array has no shape of its own in JSON.
  if (reply instanceof Error) return reply.message;
  const isText = Buffer.isBuffer(reply) || typeof reply === "string";
  if (!isText || reply === "OK") return reply;
  const base64 = headers.get("upstash-encoding") === "base64";
  return Buffer.from(reply).toString(base64 ? "base64" : "utf8");
}

/** An outcome for an error of the server or of the request. */
function errorOutcome(error: unknown): Outcome {
  if (error instanceof RequestError || error instanceof ErrorReply) {
    return { error: error.message };
  }
  throw error;
}
