import { assertEquals, assertRejects } from "@std/assert";
import { createRedisStore } from "../../../../edge/store/redis/redis.ts";
import type { RedisTransport } from "../../../../edge/store/redis/transport.ts";
import {
  type Store,
  StoreUnavailableError,
} from "../../../../edge/store/store.ts";
import { openRedisTcp } from "../../../../edge/store/redis/tcp.ts";
import { startRedis } from "../../../../scripts/redis_server.ts";
import { connectRaw, type RawRedis } from "../../../support/redis/raw.ts";
import { PATIENT_MS } from "../../../support/redis/time.ts";
import {
  absent,
  add,
  entry,
  index,
  page,
  set,
} from "../../../support/store/ops.ts";

interface Test {
  readonly raw: RawRedis;
  readonly store: Store;
  /** Names in each run of the script so far. */
  readonly runs: (readonly string[])[];
  /** Once it is set, the next run is done and its reply lost. */
  readonly link: { isCut: boolean };
}

function register(sentence: string, body: (test: Test) => Promise<void>): void {
  Deno.test(sentence, async () => {
    await using server = await startRedis();
    await using raw = await connectRaw(server);
    const transport = openRedisTcp({ nodes: [server], timeoutMs: PATIENT_MS });
    const runs: (readonly string[])[] = [];
    const link = { isCut: false };
    const watched: RedisTransport = {
      maxRequests: transport.maxRequests,
      async run(script, keys, args) {
        runs.push(keys);
        const reply = await transport.run(script, keys, args);
        if (link.isCut) throw new StoreUnavailableError("timeout");
        return reply;
      },
      timeMs: () => transport.timeMs(),
      scan: (...wanted) => transport.scan(...wanted),
      info: () => transport.info(),
      close: () => transport.close(),
    };
    const store = createRedisStore(watched);
    try {
      await body({ raw, store, runs, link });
    } finally {
      await store.close();
    }
  });
}

const claim = (name: string, value: string) => ({
  checks: [absent(name)],
  writes: [set(name, value)],
});

register(
  "what is asked for in one turn goes in one run, each as if it came alone",
  async ({ store, runs }) => {
    const [first, second, read, other, counted, full] = await Promise.all([
      store.txn(claim("a", "first")),
      store.txn(claim("a", "second")),
      store.read({ keys: ["a", "b"] }),
      store.txn(claim("b", "third")),
      store.txn({
        checks: [],
        writes: [add("n", 5), index("i", "m", 3)],
        reads: ["n", "b"],
      }),
      store.read({ keys: ["n"], ranges: [page("i")] }),
    ]);
    assertEquals(first, { committed: true, values: [] });
    const refusal = { committed: false, check: 0, value: "first", values: [] };
    assertEquals(second, refusal);
    assertEquals(read, { values: ["first", null], ranges: [] });
    assertEquals(other, { committed: true, values: [] });
    assertEquals(counted, { committed: true, values: ["0:5", "third"] });
    assertEquals(full, { values: ["0:5"], ranges: [[entry(3, "m")]] });
    assertEquals(runs, [["a", "a", "a", "b", "b", "n", "b", "i", "n", "i"]]);
    await store.read({ keys: ["a"] });
    assertEquals(runs.length, 2);
  },
);

register(
  "a fault of one request is told to that one alone",
  async ({ raw, store, runs }) => {
    await raw.send("SET", "text", "x");
    await raw.send("SET", "most", `0:${Number.MAX_SAFE_INTEGER}`);
    const ends = await Promise.allSettled([
      store.txn(claim("a", "1")),
      store.txn({ checks: [], writes: [set("b", "1"), add("text", 1)] }),
      store.txn(claim("c", "1")),
      store.txn({ checks: [], writes: [set("d", "1"), add("most", 1)] }),
      store.read({ ranges: [page("text")] }),
      store.txn(claim("e", "1")),
    ]);
    assertEquals(
      ends.map((it) => it.status === "fulfilled" ? "done" : it.reason.fault),
      ["done", "corrupt", "done", "refused", "corrupt", "done"],
    );
    assertEquals(runs.length, 1);
    const { values } = await store.read({ keys: ["a", "b", "c", "d", "e"] });
    assertEquals(values, ["1", null, "1", null, "1"]);
  },
);

register(
  "a run whose reply is lost is told to all that were in it",
  async ({ store, runs, link }) => {
    link.isCut = true;
    const ends = await Promise.allSettled([
      store.txn(claim("a", "1")),
      store.txn(claim("a", "2")),
      store.read({ keys: ["a"] }),
    ]);
    link.isCut = false;
    assertEquals(
      ends.map((it) => it.status === "rejected" && it.reason.fault),
      ["timeout", "timeout", "timeout"],
    );
    // The first was done, as its repeat learns.
    const again = await store.txn(claim("a", "1"));
    assertEquals(!again.committed && again.value, "1");
    assertEquals(runs.length, 2);
  },
);

register(
  "a bug in one request leaves the others of its turn alone",
  async ({ store, runs }) => {
    const [good] = await Promise.all([
      store.txn(claim("a", "1")),
      assertRejects(() => store.txn(claim("", "1")), RangeError),
      assertRejects(() => store.range(page("i", { limit: 0 })), RangeError),
    ]);
    assertEquals(good.committed, true);
    assertEquals(runs, [["a"]]);
  },
);

register(
  "no run takes more than 64 requests, or another above 3 000 names and arguments",
  async ({ store, runs }) => {
    const names = Array.from({ length: 150 }, (_, i) => `k${i}`);
    await Promise.all(names.map((name) => store.txn(claim(name, name))));
    assertEquals(runs.map((names) => names.length), [64, 64, 22]);
    runs.length = 0;
    const large = (at: number) => ({
      checks: [],
      writes: names.map((name) => set(`${at}-${name}`, name)),
    });
    const all = Array.from({ length: 10 }, (_, at) => store.txn(large(at)));
    // Each has 150 names and 151 arguments: nine go into 3 000.
    await Promise.all(all);
    assertEquals(runs.map((names) => names.length), [1_350, 150]);
    runs.length = 0;
    // A read has names and next to no arguments.
    const keys = Array.from({ length: 1_000 }, (_, i) => `k${i}`);
    const reads = [1, 2, 3].map(() => store.read({ keys }));
    await Promise.all(reads);
    assertEquals(runs.map((names) => names.length), [2_000, 1_000]);
    const { values } = await store.read({ keys: ["k149", "6-k149"] });
    assertEquals(values, ["k149", "k149"]);
  },
);

register(
  "no run takes another request above 250 000 letters of arguments",
  async ({ store, runs }) => {
    const value = "x".repeat(60_000);
    // Two have 240 000 and some, a third would be too much.
    const write = (at: number) => ({
      checks: [],
      writes: [set(`a${at}`, value), set(`b${at}`, value)],
    });
    await Promise.all([1, 2, 3, 4, 5].map((at) => store.txn(write(at))));
    assertEquals(runs.map((names) => names.length), [4, 4, 2]);
    // One that is larger than that goes alone, and whole.
    runs.length = 0;
    const large = Array.from({ length: 6 }, (_, i) => set(`c${i}`, value));
    await Promise.all([
      store.read({ keys: ["a1"] }),
      store.txn({ checks: [], writes: large }),
      store.read({ keys: ["c5"] }),
    ]);
    assertEquals(runs.map((names) => names.length), [1, 6, 1]);
  },
);

register(
  "close() waits for what this turn has asked for",
  async ({ store }) => {
    const write = store.txn(claim("a", "1"));
    const closed = store.close();
    assertEquals((await write).committed, true);
    await closed;
    await assertRejects(
      () => store.read({ keys: ["a"] }),
      StoreUnavailableError,
    );
  },
);
