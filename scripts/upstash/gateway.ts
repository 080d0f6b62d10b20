/**
 * The REST API of Upstash in front of a plain Redis: commands to `/`,
 * `/pipeline` and `/multi-exec`, and replies in base64. One connection to Redis
 * serves all requests.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { timingSafeEqual } from "node:crypto";
import { createClient, RESP_TYPES } from "@redis/client";
import {
  admit,
  encodeReply,
  errorOutcome,
  type Outcome,
  readCommands,
  RequestError,
} from "./commands.ts";
import { ScriptRewriter } from "./scripts.ts";

/** Where Redis listens. */
export interface Address {
  readonly host: string;
  readonly port: number;
  readonly username?: string;
  readonly password?: string;
}

/** What {@linkcode startGateway} needs. */
export interface GatewayOptions {
  readonly redis: Address;
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

const HOSTNAME = "127.0.0.1";
/** How soon a lost connection is tried again; commands fail meanwhile. */
const RECONNECT_MS = 5;
const AS_BYTES = { typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer } };

/** A connection to Redis. */
export type RedisClient = Awaited<ReturnType<typeof connect>>;

/**
 * Connects to a database of Redis. A connection that is lost later is made
 * again.
 *
 * @throws {Error} If Redis cannot be reached.
 */
export async function connect(address: Address, database = 0) {
  const { host, port, username, password } = address;
  let isFirst = true;
  const client = createClient({
    socket: {
      ...{ host, port, connectTimeout: 2_000 },
      reconnectStrategy: () => isFirst ? false : RECONNECT_MS,
    },
    RESP: 2,
    maintNotifications: "disabled",
    disableClientInfo: true,
    disableOfflineQueue: true,
    database,
    commandOptions: { timeout: 0 },
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
  });
  client.on("error", () => {});
  await client.connect();
  isFirst = false;
  return client;
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
  readonly #options: GatewayOptions;
  readonly #rewriter = new ScriptRewriter();
  readonly #port: number;
  #listener: { stop: AbortController; server: Deno.HttpServer } | null = null;

  constructor(readonly redis: RedisClient, options: GatewayOptions) {
    this.#options = options;
    this.#port = this.#listen(options.port ?? 0);
  }

  /** Base of the API. */
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
      if (path === "/pipeline") return json(200, outcomes);
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
    this.redis.destroy();
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
    if (!equal(bearer?.[1] ?? "", this.#options.token)) {
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
      if (!(error instanceof RequestError)) throw error;
      return json(400, { error: error.message });
    }
  }

  async #one(
    command: readonly string[],
    { headers }: GatewayCall,
  ): Promise<Outcome> {
    try {
      const prepared = this.#prepare(command);
      const client = this.clientFor(command[0]!.toUpperCase(), headers);
      const reply = await client.sendCommand(prepared.command, AS_BYTES);
      return { result: encodeReply(prepared.sha ?? reply, headers) };
    } catch (error) {
      return errorOutcome(error);
    }
  }

  async #transaction({ commands, headers }: GatewayCall): Promise<Response> {
    try {
      const prepared = commands.map((it) => this.#prepare(it).command);
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

  #prepare(command: readonly string[]) {
    admit(command);
    return this.#rewriter.rewrite(command);
  }
}

function equal(a: string, b: string): boolean {
  const [left, right] = [a, b].map((it) => new TextEncoder().encode(it));
  return left!.length === right!.length && timingSafeEqual(left!, right!);
}

const json = (status: number, body: unknown) => Response.json(body, { status });
