/**
 * The gateway of `deno task gateway`, made to go wrong: requests fail by rules,
 * reads see old data as at a replica that is behind, nothing listens. It counts
 * what it is asked for, and gives the sync token by which a client is spared old
 * data of its own.
 *
 * @module
 */

import {
  connect,
  disconnect,
  Gateway,
  type GatewayCall,
  type GatewayOptions,
  type RedisClient,
} from "../../../scripts/upstash/gateway.ts";
import { FaultPlan, type FaultRule } from "./gateway_faults.ts";

/** The database of the old copy. */
const COPY = 1;

const COPY_ALL = `
for _, key in ipairs(redis.call('KEYS', '*')) do
  redis.call('COPY', key, key, 'DB', ${COPY}, 'REPLACE')
end
return 1
`;

/** The page with which a proxy says that it got no answer. */
const PAGE = "<html><head><title>502 Bad Gateway</title></head>" +
  "<body><h1>502 Bad Gateway</h1></body></html>";

/**
 * Starts a gateway on loopback.
 *
 * @throws {Error} If the Redis cannot be reached.
 */
export async function startFaultyGateway(
  options: GatewayOptions,
): Promise<FaultyGateway> {
  const redis = await connect(options.redis);
  const commands = await redis.sendCommand([
    "COMMAND",
  ]) as unknown as readonly (readonly [string, number, readonly string[]])[];
  const reads = commands.filter(([, , flags]) => flags.includes("readonly"))
    .map(([name]) => name.toUpperCase());
  return new FaultyGateway(redis, options, new Set(reads));
}

/** A running gateway that goes wrong as it is told to. */
export class FaultyGateway extends Gateway {
  readonly #address: GatewayOptions["redis"];
  /** Names of the commands that read and do not write. */
  readonly #reads: ReadonlySet<string>;
  #copy: RedisClient | null = null;
  #isStale = false;
  #plan = new FaultPlan();
  /** Ends what hangs and waits by this plan. */
  #planEnd = new AbortController();
  #requests = 0;
  #commands: Record<string, number> = {};
  /** Writes until now: what a client has seen, as its sync token tells. */
  #writes = 0;
  /** How many of the writes the old copy holds. */
  #copied = 0;

  constructor(
    redis: RedisClient,
    options: GatewayOptions,
    reads: ReadonlySet<string>,
  ) {
    super(redis, options);
    this.#address = options.redis;
    this.#reads = reads;
  }

  /** Sets what goes wrong from now on; nothing, if no rules are given. */
  setFaults(rules: readonly FaultRule[] = [], seed?: number): void {
    this.#plan = new FaultPlan(rules, seed);
    this.#planEnd.abort();
    this.#planEnd = new AbortController();
  }

  /** Whether plain reads see the data as they are at this moment. */
  async setStale(isStale: boolean): Promise<void> {
    this.#copy ??= await connect(this.#address, COPY);
    await this.#copy.sendCommand(["FLUSHDB"]);
    if (isStale) await this.redis.sendCommand(["EVAL", COPY_ALL, "0"]);
    this.#isStale = isStale;
    this.#copied = this.#writes;
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

  override async [Symbol.asyncDispose](): Promise<void> {
    this.setFaults();
    await super[Symbol.asyncDispose]();
    if (this.#copy !== null) await disconnect(this.#copy);
  }

  protected override async answer(call: GatewayCall): Promise<Response> {
    this.#requests++;
    const names = call.commands.map(([name]) => name!.toUpperCase());
    for (const name of names) {
      this.#commands[name] = (this.#commands[name] ?? 0) + 1;
    }
    const execute = async () => {
      if (names.some((name) => !this.#reads.has(name))) this.#writes++;
      const response = await super.answer(call);
      response.headers.set("upstash-sync-token", `gateway;${this.#writes}`);
      return response;
    };
    const fault = this.#plan.next(names);
    return fault === undefined
      ? await execute()
      : await this.#goWrong(fault, execute);
  }

  protected override clientFor(command: string, headers: Headers) {
    const token = headers.get("upstash-sync-token") ?? "";
    // A client that has written since the copy was made must see its writes.
    const isFresh = Number(/^gateway;(\d+)$/.exec(token)?.[1] ?? 0) >
      this.#copied;
    const isOld = this.#isStale && !isFresh && this.#reads.has(command);
    return isOld ? this.#copy! : this.redis;
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
    const { status = 500, body } = fault;
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
        return body === undefined
          ? Response.json({ error: "Internal Server Error" }, { status })
          : page(status, body, "application/json");
      case "html":
        return page(502, PAGE, "text/html");
    }
  }
}

function page(status: number, text: string, type: string): Response {
  return new Response(text, { status, headers: { "content-type": type } });
}

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
