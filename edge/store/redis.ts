/**
 * The store in Redis: for edges in several places, over any transport. Every
 * call is one run of one script, on the primary; reads too, since a replica
 * may be behind.
 *
 * Values are strings and indexes are sorted sets under their own names, with
 * expiry by the server's clock, to which the edges' clocks are compared.
 *
 * @module
 */

import type { Clock } from "../clock.ts";
import { STORE_SCRIPT } from "./redis_script.ts";
import { type RedisTransport, storeFault } from "./redis_transport.ts";
import {
  type Check,
  type IndexEntry,
  type RangeQuery,
  type ReadRequest,
  type Snapshot,
  type Store,
  StoreUnavailableError,
  type Transaction,
  type TxnResult,
  type Write,
} from "./store.ts";
import {
  type Use,
  type Uses,
  validateRange,
  validateRead,
  validateTransaction,
} from "./validate.ts";

/** What {@linkcode createRedisStore} needs. */
export interface RedisStoreOptions {
  readonly transport: RedisTransport;
  /** Decides whether an `add` may still create its counter. */
  readonly clock: Clock;
}

/** Makes the store; the transport is closed with it. */
export function createRedisStore(options: RedisStoreOptions): Store {
  return new RedisStore(options);
}

const LETTER: Readonly<Record<Use, string>> = {
  value: "v",
  index: "i",
  either: "e",
};

class RedisStore implements Store {
  readonly #transport: RedisTransport;
  readonly #clock: Clock;
  #underWay = 0;
  #closed: Promise<void> | null = null;
  /** Called when nothing is under way any more. */
  #whenIdle: () => void = () => {};

  constructor({ transport, clock }: RedisStoreOptions) {
    this.#transport = transport;
    this.#clock = clock;
  }

  async read(request: ReadRequest): Promise<Snapshot> {
    return await this.#whileOpen(() => {
      return this.#read(request, validateRead(request));
    });
  }

  async range(query: RangeQuery): Promise<readonly IndexEntry[]> {
    return await this.#whileOpen(async () => {
      const uses = validateRange(query);
      return (await this.#read({ ranges: [query] }, uses)).ranges[0]!;
    });
  }

  async txn(transaction: Transaction): Promise<TxnResult> {
    return await this.#whileOpen(() => {
      return this.#txn(transaction, validateTransaction(transaction));
    });
  }

  async timeMs(): Promise<number> {
    return await this.#whileOpen(() => this.#transport.timeMs());
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

  async #whileOpen<T>(work: () => Promise<T>): Promise<T> {
    if (this.#closed !== null) throw new StoreUnavailableError("closed");
    this.#underWay++;
    try {
      return await work();
    } finally {
      this.#underWay--;
      if (this.#underWay === 0) this.#whenIdle();
    }
  }

  async #read(
    { keys = [], ranges = [] }: ReadRequest,
    uses: Uses,
  ): Promise<Snapshot> {
    const request = new Arguments(uses, this.#nowMs());
    const reply = new Reply(
      await this.#run(request, { reads: keys, ranges }),
    );
    if (reply.outcome() !== 1) throw malformed();
    const values = keys.map(() => reply.value());
    const pages = ranges.map(() => reply.page());
    reply.end();
    return { values, ranges: pages };
  }

  async #txn(
    { checks, writes, reads = [] }: Transaction,
    uses: Uses,
  ): Promise<TxnResult> {
    const request = new Arguments(uses, this.#nowMs());
    const reply = new Reply(
      await this.#run(request, { reads, checks, writes }),
    );
    if (reply.outcome() === 1) {
      const values = reads.map(() => reply.value());
      reply.end();
      return { committed: true, values };
    }
    const check = reply.position(checks.length);
    const value = reply.value();
    const values = reads.map(() => reply.value());
    reply.end();
    return { committed: false, check, value, values };
  }

  async #run(
    request: Arguments,
    parts: Parameters<Arguments["build"]>[0],
  ): Promise<unknown> {
    const args = request.build(parts);
    return await this.#transport.run(STORE_SCRIPT, request.names, args);
  }

  #nowMs(): number {
    const now = this.#clock.nowMs();
    if (!Number.isSafeInteger(now)) {
      throw new RangeError("The clock must give an integer");
    }
    return now;
  }
}

/** The arguments of the script, as its header lists them. */
class Arguments {
  readonly names: readonly string[];
  readonly #args: string[];
  readonly #positions = new Map<string, string>();

  constructor(uses: Uses, nowMs: number) {
    this.names = [...uses.keys()];
    let letters = "";
    for (const [name, use] of uses) {
      letters += LETTER[use];
      this.#positions.set(name, `${letters.length}`);
    }
    this.#args = [letters, `${nowMs}`];
  }

  build(parts: {
    readonly reads: readonly string[];
    readonly checks?: readonly Check[];
    readonly writes?: readonly Write[];
    readonly ranges?: readonly RangeQuery[];
  }): readonly string[] {
    const { reads, checks = [], writes = [], ranges = [] } = parts;
    for (const { length } of [reads, checks, writes, ranges]) {
      this.#args.push(`${length}`);
    }
    for (const key of reads) this.#args.push(this.#at(key));
    for (const check of checks) this.#check(check);
    for (const write of writes) this.#write(write);
    for (const range of ranges) this.#range(range);
    return this.#args;
  }

  #at(name: string): string {
    return this.#positions.get(name)!;
  }

  #check(check: Check): void {
    const args = this.#args;
    switch (check.kind) {
      case "absent":
        args.push("a", this.#at(check.key));
        break;
      case "equals":
        args.push("q", this.#at(check.key), check.value);
        break;
      case "below":
        args.push("b", this.#at(check.key), `${check.bound}`);
        break;
      case "sum-at-most": {
        const { counter, delta, max } = check;
        args.push("s", this.#at(counter), `${delta}`, `${max}`);
        break;
      }
      case "empty":
        args.push("m", this.#at(check.index));
    }
  }

  #write(write: Write): void {
    const args = this.#args;
    switch (write.kind) {
      case "set": {
        const { key, value, ttlMs = 0 } = write;
        args.push("S", this.#at(key), value, `${ttlMs}`);
        break;
      }
      case "delete":
        args.push("D", this.#at(write.key));
        break;
      case "add": {
        const { counter, delta, expiresAtMs } = write;
        args.push("A", this.#at(counter), `${delta}`, `${expiresAtMs}`);
        break;
      }
      case "index": {
        const { index, member, score, onlyIfLower } = write;
        const letter = onlyIfLower === true ? "L" : "I";
        args.push(letter, this.#at(index), `${score}`, member);
        break;
      }
      case "unindex":
        args.push("U", this.#at(write.index), write.member);
    }
  }

  #range({ index, min, max, limit, after }: RangeQuery): void {
    // `after` below the lowest score bounds nothing.
    const { score, member } = after !== undefined && after.score >= min
      ? after
      : { score: "", member: "" };
    this.#args.push(this.#at(index), `${min}`, `${max}`, `${limit}`);
    this.#args.push(`${score}`, member);
  }
}

/** A reply of the script, taken apart from left to right. */
class Reply {
  readonly #items: readonly unknown[];
  #next = 0;

  constructor(reply: unknown) {
    if (!Array.isArray(reply)) throw malformed();
    this.#items = reply;
  }

  /** 1: done, 0: a check refused. Faults are thrown. */
  outcome(): 0 | 1 {
    const outcome = this.#take();
    if (outcome === 0 || outcome === 1) return outcome;
    const fault = this.#take();
    if (outcome === 2 && (fault === "corrupt" || fault === "refused")) {
      throw new StoreUnavailableError(fault);
    }
    throw malformed();
  }

  /** A position below `count`. */
  position(count: number): number {
    const position = this.#take();
    if (
      typeof position !== "number" || !Number.isInteger(position) ||
      position < 0 || position >= count
    ) throw malformed();
    return position;
  }

  value(): string | null {
    const value = this.#take();
    if (typeof value !== "string" && value !== null) throw malformed();
    return value;
  }

  page(): readonly IndexEntry[] {
    const items = this.#take();
    if (!Array.isArray(items) || items.length % 2 !== 0) throw malformed();
    return Array.from({ length: items.length / 2 }, (_, i) => {
      const member: unknown = items[2 * i];
      const text: unknown = items[2 * i + 1];
      if (typeof member !== "string" || typeof text !== "string") {
        throw malformed();
      }
      const score = Number(text);
      // Written past this store.
      if (text === "" || !Number.isSafeInteger(score) || score < 0) {
        throw new StoreUnavailableError("corrupt");
      }
      return { score, member };
    });
  }

  end(): void {
    if (this.#next !== this.#items.length) throw malformed();
  }

  #take(): unknown {
    if (this.#next >= this.#items.length) throw malformed();
    return this.#items[this.#next++];
  }
}

function malformed(): StoreUnavailableError {
  return storeFault("refused", "The reply is not of the script's form");
}
