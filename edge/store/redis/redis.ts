/**
 * The store in Redis, for edges in several places, over any transport. One script on the
 * primary serves all requests. Reads use the script as well, because a replica may be behind.
 *
 * Requests of one turn of the event loop share a run of the script. The script makes them one
 * after the other, each all or nothing. The transport bounds the number of requests in a run.
 * If a run fails, all its requests fail, because nobody knows which of them were made.
 *
 * Values are strings, maps are hashes, and indexes are sorted sets, each under its own name.
 * They expire by the server's clock, with which every edge compares its own.
 *
 * @module
 */

import { setImmediate } from "node:timers";
import { refusedBy } from "../decide.ts";
import { cellOfName } from "../keys.ts";
import { readPage, restoreAll } from "./records.ts";
import { repliesOf, Reply } from "./reply.ts";
import {
  encodeRequest,
  type RedisRequest,
  type RequestParts,
} from "./request.ts";
import { STORE_SCRIPT } from "./script.ts";
import { isNotOffered, readInfo, type RedisTransport } from "./transport.ts";
import {
  type IndexEntry,
  type ListableStore,
  type NamePage,
  type RangeQuery,
  type ReadRequest,
  type RecordPage,
  type RestoredRecord,
  type RestoreLock,
  type Snapshot,
  type StoreFacts,
  StoreUnavailableError,
  type Transaction,
  type TxnResult,
} from "../store.ts";
import {
  type Uses,
  validateRange,
  validateRead,
  validateTransaction,
} from "../validate.ts";

/** Makes the store. Closing it closes the transport. */
export function createRedisStore(transport: RedisTransport): ListableStore {
  return new RedisStore(transport);
}

/**
 * The most names and arguments of a run with several requests, whatever the transport allows,
 * because every other client waits while the server makes a run.
 */
const MAX_PARTS = 3_000;
/**
 * The most characters in the arguments of a run with several requests. A REST service
 * refuses a body that is too long, and a request must not fail because of others in its
 * run.
 */
const MAX_LETTERS = 250_000;

/** A request that has not been answered. */
interface Waiting extends RedisRequest {
  /** The number of characters in all arguments. */
  readonly letters: number;
  readonly resolve: (reply: unknown) => void;
  readonly reject: (error: unknown) => void;
}

class RedisStore implements ListableStore {
  readonly #transport: RedisTransport;
  /** The requests of this turn of the event loop so far. */
  #queue: Waiting[] = [];
  #underWay = 0;
  #closed: Promise<void> | null = null;
  /** Called when no request is under way any more. */
  #whenIdle: () => void = () => {};

  constructor(transport: RedisTransport) {
    this.#transport = transport;
  }

  async read(request: ReadRequest): Promise<Snapshot> {
    this.#refuseIfClosed();
    const uses = validateRead(request);
    const { keys = [], ranges = [] } = request;
    const reply = new Reply(await this.#run(uses, { reads: keys, ranges }));
    // A request without checks cannot be refused.
    if (reply.outcome() === 0) reply.position(0);
    const values = reply.values(keys.length);
    const pages = ranges.map(() => reply.page());
    reply.end();
    return { values, ranges: pages };
  }

  async range(query: RangeQuery): Promise<readonly IndexEntry[]> {
    this.#refuseIfClosed();
    const uses = validateRange(query);
    const parts = { reads: [], ranges: [query] };
    const reply = new Reply(await this.#run(uses, parts));
    if (reply.outcome() === 0) reply.position(0);
    const page = reply.page();
    reply.end();
    return page;
  }

  async txn(transaction: Transaction): Promise<TxnResult> {
    this.#refuseIfClosed();
    const uses = validateTransaction(transaction);
    const { checks, writes, reads = [] } = transaction;
    const reply = new Reply(await this.#run(uses, { reads, checks, writes }));
    if (reply.outcome() === 1) {
      const values = reply.values(reads.length);
      reply.end();
      return { committed: true, values };
    }
    const check = reply.position(checks.length);
    const value = reply.value();
    const values = reply.values(reads.length);
    reply.end();
    return refusedBy(checks, check, value, values);
  }

  async timeMs(): Promise<number> {
    return await this.#alone(() => this.#transport.timeMs());
  }

  async names(prefix: string, from = "0"): Promise<NamePage> {
    const { cursor, names } = await this.#alone(() =>
      this.#transport.scan(prefix, from, "strings")
    );
    return { names, next: cursor === "0" ? null : cursor };
  }

  async records(prefix: string, from = "0"): Promise<RecordPage> {
    return await this.#alone(() => readPage(this.#transport, prefix, from));
  }

  async restore(
    records: readonly RestoredRecord[],
    lock: RestoreLock,
  ): Promise<boolean> {
    return await this.#alone(() => restoreAll(this.#transport, records, lock));
  }

  async facts(): Promise<readonly StoreFacts[]> {
    try {
      return [readInfo(await this.#alone(() => this.#transport.info()))];
    } catch (error) {
      // A hosted Redis may refuse the command that shows its settings.
      if (isNotOffered(error)) return [readInfo(null)];
      throw error;
    }
  }

  async close(): Promise<void> {
    this.#closed ??= this.#close();
    await this.#closed;
  }

  async #close(): Promise<void> {
    if (this.#underWay > 0) {
      await new Promise<void>((resolve) => this.#whenIdle = resolve);
    }
    await this.#transport.close();
  }

  /** Makes a command that is not a run of the script. Closing waits for it as well. */
  async #alone<T>(command: () => Promise<T>): Promise<T> {
    this.#refuseIfClosed();
    this.#underWay++;
    try {
      return await command();
    } finally {
      this.#done(1);
    }
  }

  #refuseIfClosed(): void {
    if (this.#closed !== null) throw new StoreUnavailableError("closed");
  }

  #done(count: number): void {
    this.#underWay -= count;
    if (this.#underWay === 0) this.#whenIdle();
  }

  /** Sends a request together with the others of this turn, and returns its reply. */
  #run(uses: Uses, parts: RequestParts): Promise<unknown> {
    const { names, args } = encodeRequest(uses, parts);
    let letters = 0;
    for (const arg of args) letters += arg.length;
    return new Promise((resolve, reject) => {
      if (this.#queue.length === 0) setImmediate(() => this.#flush());
      this.#queue.push({ names, args, letters, resolve, reject });
      this.#underWay++;
    });
  }

  #flush(): void {
    const queue = this.#queue;
    this.#queue = [];
    const { maxRequests: most, isOfOneCell } = this.#transport;
    for (let from = 0; from < queue.length;) {
      const args = ["0"];
      const names: string[] = [];
      let letters = 0;
      let to = from;
      for (; to < queue.length && to - from < most; to++) {
        const next = queue[to]!;
        const parts = names.length + args.length + next.names.length +
          next.args.length;
        letters += next.letters;
        const isFull = parts > MAX_PARTS || letters > MAX_LETTERS;
        const isElsewhere = isOfOneCell === true &&
          !areInOneCell(names, next.names);
        if (to > from && (isFull || isElsewhere)) break;
        for (const name of next.names) names.push(name);
        for (const arg of next.args) args.push(arg);
      }
      args[0] = `${to - from}`;
      void this.#send(queue.slice(from, to), names, args);
      from = to;
    }
  }

  async #send(
    waiting: readonly Waiting[],
    names: readonly string[],
    args: readonly string[],
  ): Promise<void> {
    try {
      const reply = await this.#transport.run(STORE_SCRIPT, names, args);
      const replies = repliesOf(reply, waiting.length);
      for (let i = 0; i < waiting.length; i++) waiting[i]!.resolve(replies[i]);
    } catch (error) {
      for (const { reject } of waiting) reject(error);
    }
    this.#done(waiting.length);
  }
}

/** Whether two requests, each with names of one cell, are about the same cell. */
function areInOneCell(some: readonly string[], others: readonly string[]) {
  const [one, other] = [some[0], others[0]];
  return one === undefined || other === undefined ||
    cellOfName(one) === cellOfName(other);
}
