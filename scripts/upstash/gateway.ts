/**
 * The REST API of Upstash in front of a plain Redis: `/`, `/pipeline`,
 * `/multi-exec`, base64, the sync token; and what goes wrong, as it was told to.
 *
 * @module
 */

import { timingSafeEqual } from "node:crypto";
import { type Address, Backend } from "./backend.ts";
import {
  admit,
  encodeReply,
  errorOutcome,
  type Outcome,
  readCommands,
  RequestError,
} from "./commands.ts";
import { FaultPlan, type FaultRule } from "./faults.ts";
import { ScriptRewriter } from "./scripts.ts";

/** What {@linkcode startGateway} needs. */
export interface GatewayOptions {
  readonly redis: Address;
  readonly token: string;
  /** Port of the API; a free one if not given. */
  readonly port?: number;
  /** Port that takes orders to go wrong; none if not given. */
  readonly adminPort?: number;
}

/**
 * Starts a gateway on loopback.
 *
 * @throws {Error} If the Redis cannot be reached.
 */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  return new Gateway(await Backend.open(options.redis), options);
}

const HOSTNAME = "127.0.0.1";

/** How a proxy says that it got no answer. */
const PAGE = "<html><head><title>502 Bad Gateway</title></head>" +
  "<body><h1>502 Bad Gateway</h1></body></html>";

/** A running gateway. */
export class Gateway implements AsyncDisposable {
  readonly #backend: Backend;
  readonly #options: GatewayOptions;
  readonly #rewriter = new ScriptRewriter();
  readonly #port: number;
  readonly #admin: Deno.HttpServer<Deno.NetAddr> | null;
  #listener: { stop: AbortController; server: Deno.HttpServer } | null = null;
  #plan = new FaultPlan();
  /** Ends what hangs and waits by this plan. */
  #planEnd = new AbortController();
  #requests = 0;
  #commands: Record<string, number> = {};
  /** Writes until now: what a client has seen, as its sync token tells. */
  #writes = 0;
  /** Of those, what the old copy holds. */
  #copied = 0;

  constructor(backend: Backend, options: GatewayOptions) {
    this.#backend = backend;
    this.#options = options;
    this.#port = this.#listen(options.port ?? 0);
    this.#admin = options.adminPort === undefined ? null : Deno.serve({
      hostname: HOSTNAME,
      port: options.adminPort,
      onListen: () => {},
    }, (request) => this.#order(request));
  }

  /** Base of the API. */
  get url(): string {
    return `http://${HOSTNAME}:${this.#port}`;
  }

  /** Base of the port for orders; empty without one. */
  get adminUrl(): string {
    const port = this.#admin?.addr.port;
    return port === undefined ? "" : `http://${HOSTNAME}:${port}`;
  }

  /** Sets what goes wrong from now on; nothing, if no rules are given. */
  setFaults(rules: readonly FaultRule[] = [], seed?: number): void {
    this.#plan = new FaultPlan(rules, seed);
    this.#planEnd.abort();
    this.#planEnd = new AbortController();
  }

  /** Whether plain reads see the data as they are at this moment. */
  async setStale(isStale: boolean): Promise<void> {
    await this.#backend.setStale(isStale);
    this.#copied = this.#writes;
  }

  /** Stops listening, cutting every connection, or listens again. */
  async setRefusing(isRefusing: boolean): Promise<void> {
    if (!isRefusing) {
      if (this.#listener === null) this.#listen(this.#port);
      return;
    }
    const listener = this.#listener;
    this.#listener = null;
    listener?.stop.abort();
    await listener?.server.finished;
  }

  /**
   * HTTP requests that arrived with a valid token, commands by name, those in
   * pipelines one by one, and by kind the requests that a fault befell.
   */
  stats() {
    return {
      requests: this.#requests,
      commands: { ...this.#commands },
      faults: { ...this.#plan.counts },
    };
  }

  /** Counts from 0 again. */
  resetStats(): void {
    this.#requests = 0;
    this.#commands = {};
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.setFaults();
    await this.setRefusing(true);
    await this.#admin?.shutdown();
    this.#backend.close();
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
    const { pathname: path } = new URL(request.url);
    const bearer = /^Bearer (.*)$/i.exec(
      request.headers.get("authorization") ?? "",
    )?.[1] ?? "";
    if (!equal(bearer, this.#options.token)) {
      return json(401, { error: "WRONGPASS invalid or missing auth token" });
    }
    if (request.method !== "POST") {
      return json(405, { error: "ERR method is not allowed" });
    }
    this.#requests++;
    const body = await request.text();

    let commands: string[][];
    try {
      commands = readCommands(path, body);
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      return json(400, { error: error.message });
    }
    const names = commands.map(([name]) => name!.toUpperCase());
    for (const name of names) {
      this.#commands[name] = (this.#commands[name] ?? 0) + 1;
    }
    const execute = () => this.#execute(path, commands, request);
    const fault = this.#plan.next(names);
    return fault === undefined
      ? await execute()
      : await this.#goWrong(fault, execute);
  }

  async #execute(
    path: string,
    commands: readonly string[][],
    request: Request,
  ): Promise<Response> {
    const base64 = request.headers.get("upstash-encoding") === "base64";
    const token = request.headers.get("upstash-sync-token") ?? "";
    // Whoever has written since is not answered with less than that.
    const isFresh = Number(/^gateway;(\d+)$/.exec(token)?.[1] ?? 0) >
      this.#copied;
    if (commands.some(([name]) => !this.#backend.isRead(name!.toUpperCase()))) {
      this.#writes++;
    }
    const headers = { "upstash-sync-token": `gateway;${this.#writes}` };
    try {
      if (path === "/multi-exec") {
        const { status, body } = await this.#transaction(commands, base64);
        return json(status, body, headers);
      }
      const outcomes = await Promise.all(
        commands.map((command) => this.#one(command, base64, isFresh)),
      );
      if (path === "/pipeline") return json(200, outcomes, headers);
      const [outcome] = outcomes;
      return json("error" in outcome! ? 400 : 200, outcome, headers);
    } catch {
      // Redis itself cannot be reached.
      return json(503, { error: "The database is not available" });
    }
  }

  async #one(
    command: readonly string[],
    base64: boolean,
    isFresh: boolean,
  ): Promise<Outcome> {
    try {
      const prepared = this.#prepare(command);
      const reply = await this.#backend.send(prepared.command, isFresh);
      return { result: encodeReply(prepared.sha ?? reply, base64) };
    } catch (error) {
      return errorOutcome(error);
    }
  }

  async #transaction(
    commands: readonly string[][],
    base64: boolean,
  ): Promise<{ status: number; body: unknown }> {
    try {
      const prepared = commands.map((command) =>
        this.#prepare(command).command
      );
      const replies = await this.#backend.transaction(prepared);
      const body = replies.map((reply): Outcome =>
        reply instanceof Error
          ? { error: reply.message }
          : { result: encodeReply(reply, base64) }
      );
      return { status: 200, body };
    } catch (error) {
      return { status: 400, body: errorOutcome(error) };
    }
  }

  #prepare(command: readonly string[]) {
    admit(command);
    return this.#rewriter.rewrite(command);
  }

  async #goWrong(
    fault: FaultRule,
    execute: () => Promise<Response>,
  ): Promise<Response> {
    const end = this.#planEnd.signal;
    if (fault.kind === "delay" && fault.executed !== true) {
      // It is executed late also when nobody waits for it any more.
      await ended(end, fault.ms);
      return end.aborted ? cut() : await execute();
    }
    const response = fault.executed === true ? await execute() : cut();
    switch (fault.kind) {
      case "delay":
        await ended(end, fault.ms);
        return response;
      case "drop":
        return cut();
      case "hang":
        await ended(end);
        return cut();
      case "status":
        return fault.body === undefined
          ? json(fault.status ?? 500, { error: "Internal Server Error" })
          : textual(fault.status ?? 500, fault.body, JSON_TYPE);
      case "html":
        return textual(502, PAGE, { "content-type": "text/html" });
    }
  }

  /** Takes orders on the other port: `POST /` sets, `GET /` tells. */
  async #order(request: Request): Promise<Response> {
    if (request.method === "POST") {
      const { faults, seed, stale, refusing, reset } = await request.json();
      if (faults !== undefined) this.setFaults(faults, seed);
      if (stale !== undefined) await this.setStale(stale);
      if (refusing !== undefined) await this.setRefusing(refusing);
      if (reset === true) this.resetStats();
    }
    return json(200, this.stats());
  }
}

function equal(a: string, b: string): boolean {
  const [left, right] = [a, b].map((it) => new TextEncoder().encode(it));
  return left!.length === right!.length && timingSafeEqual(left!, right!);
}

const JSON_TYPE = { "content-type": "application/json" };

const textual = (status: number, body: string, headers: HeadersInit) =>
  new Response(body, { status, headers });

/** A response of JSON that says so. */
const json = (status: number, body: unknown, headers = {}) =>
  textual(status, JSON.stringify(body), { ...headers, ...JSON_TYPE });

/** A response that ends before its end: the server cuts the connection. */
function cut(): Response {
  const nothing = new ReadableStream({ start: (it) => it.close() });
  return new Response(nothing, { headers: { "content-length": "1" } });
}

/** Comes back when the signal is given, or after `ms`. */
function ended(signal: AbortSignal, ms?: number): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = ms === undefined ? undefined : setTimeout(done, ms);
    signal.addEventListener("abort", done);
    if (signal.aborted) done();
  });
}
