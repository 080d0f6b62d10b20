/**
 * A process that has a store open, at a path of SQLite or a location in Redis, and does what its parent asks, a line of
 * JSON each way: `{ call, argument }` in, `{ answer }` or `{ fault }` out, in
 * the order asked. `flood` writes without end and says `{ ack }` after each.
 *
 * @module
 */

import { DatabaseSync } from "node:sqlite";
import {
  type Store,
  StoreUnavailableError,
} from "../../../../edge/store/store.ts";
import { openStoreAt } from "./process_stores.ts";
import { absent, add, index, set } from "../ops.ts";

const path = Deno.args[0]!;
const clock = { nowMs: () => 1_750_000_000_000 };
let store: Store | undefined;
let foreign: DatabaseSync | undefined;

function say(line: unknown): void {
  const bytes = new TextEncoder().encode(`${JSON.stringify(line)}\n`);
  for (let from = 0; from < bytes.length;) {
    from += Deno.stdout.writeSync(bytes.subarray(from));
  }
}

/** Every transaction of the flood leaves four traces, or none. */
async function flood(store: Store, first: number): Promise<never> {
  let next = first;
  const writer = async () => {
    while (true) {
      const n = next++;
      const result = await store.txn({
        checks: [absent(`left:${n}`)],
        writes: [
          set(`left:${n}`, `${n}`),
          index("all", `${n}`, n),
          add("count", 1),
          // Some are large, so that a batch takes long to write.
          set(`right:${n}`, `${n}`.padEnd(n % 5 === 0 ? 20_000 : 20, " ")),
        ],
      });
      if (!result.committed) throw new Error("A number was taken");
      say({ ack: n });
    }
  };
  return await Promise.race(Array.from({ length: 16 }, writer));
}

/** Adds to one counter and goes for the same names as everybody else. */
async function hammer(
  store: Store,
  { me, rounds, names }: { me: string; rounds: number; names: number },
): Promise<number[]> {
  const won: number[] = [];
  const work = async (from: number) => {
    for (let n = from; n < rounds; n += 4) {
      await store.txn({
        checks: [],
        writes: [add("count", 1), add(`count:${me}`, 1)],
      });
    }
    for (let n = from; n < names; n += 4) {
      const { committed } = await store.txn({
        checks: [absent(`name:${n}`)],
        writes: [set(`name:${n}`, me), index("won", `${n}`, n)],
      });
      if (committed) won.push(n);
    }
  };
  await Promise.all([0, 1, 2, 3].map(work));
  return won;
}

// deno-lint-ignore no-explicit-any
type Calls = Record<string, (argument: any) => unknown>;

const calls: Calls = {
  ready: () => null,
  open: (options: { path?: string; busyTimeoutMs?: number } = {}) => {
    const { path: at = path, ...rest } = options;
    const location = at.startsWith("redis:") ? at : `sqlite:${at}`;
    store = openStoreAt(location, clock, rest);
  },
  txn: (argument) => store!.txn(argument),
  txns: async (argument: Parameters<Store["txn"]>[0][]) =>
    (await Promise.allSettled(argument.map((one) => store!.txn(one))))
      .map((end) => end.status === "fulfilled" ? end.value : end.reason.fault),
  read: (argument) => store!.read(argument),
  close: () => store!.close(),
  hammer: (argument) => hammer(store!, argument),
  flood: (first: number) => flood(store!, first),
  /** Holds the write lock past the store, as a stuck tool would. */
  lock: () => {
    foreign = new DatabaseSync(path);
    foreign.exec("BEGIN IMMEDIATE");
  },
  unlock: () => foreign!.close(),
  /** Fills the file system that `file` is on. */
  fill: (file: string) => {
    using handle = Deno.openSync(file, { write: true, create: true });
    for (let size = 1 << 20; size >= 1; size >>= 1) {
      try {
        while (true) handle.writeSync(new Uint8Array(size));
      } catch {
        // No room for so much: try half.
      }
    }
  },
  remove: (file: string) => Deno.removeSync(file),
};

const lines = Deno.stdin.readable
  .pipeThrough(new TextDecoderStream());
let rest = "";
for await (const chunk of lines) {
  rest += chunk;
  const whole = rest.split("\n");
  rest = whole.pop()!;
  for (const line of whole) {
    const { call, argument } = JSON.parse(line);
    try {
      say({ answer: (await calls[call]!(argument)) ?? null });
    } catch (error) {
      if (!(error instanceof StoreUnavailableError)) throw error;
      say({ fault: error.fault });
    }
  }
}
