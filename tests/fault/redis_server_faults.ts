/**
 * What can be wrong with a Redis that is reachable: the store says so, answers
 * nothing, writes nothing, and goes on when it is over. The same over every
 * transport.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import type { Store } from "../../edge/store/store.ts";
import {
  type RedisServer,
  startRedis,
  until,
} from "../../scripts/redis_server.ts";
import {
  assertFaults,
  attempt,
  CALLS,
  faultOf,
  recognized,
  recovered,
  traces,
} from "../support/redis/faults.ts";
import { connectRaw, type RawRedis } from "../support/redis/raw.ts";
import { absent, add, index, page, set } from "../support/store/ops.ts";

/** Opens a store on a server; closed with what it needs beside it. */
export type OpenStore = (
  server: RedisServer,
) => Promise<{ readonly store: Store } & AsyncDisposable>;

type FaultBody = (
  test: { server: RedisServer; raw: RawRedis; store: Store; open: OpenStore },
) => Promise<void>;

/** The tests by their sentences, with the settings of the server, if there are any. */
const TESTS: Readonly<
  Record<string, readonly [FaultBody, ...settings: string[]]>
> = {
  "records of other kinds are corrupt, and stay as they are": [
    async ({ raw, store }) => {
      await raw.send("HSET", "hash", "field", "value");
      await raw.send("RPUSH", "list", "item");
      await raw.send("SADD", "set", "item");
      for (const key of ["hash", "list", "set"]) {
        const dump = await raw.send("DUMP", key);
        const calls = [
          store.range(page(key)),
          store.txn({
            checks: [absent(key)],
            writes: [set("fine", "y"), set(key, "z")],
          }),
          store.txn({
            checks: [],
            writes: [set("fine", "y"), index(key, "m", 1)],
          }),
        ];
        const faults = await Promise.all(calls.map(faultOf));
        assertEquals(new Set(faults), new Set(["corrupt"]));
        assertEquals(await raw.send("DUMP", key), dump);
        assertEquals(await raw.send("EXISTS", "fine"), 0);
      }
      for (const score of ["1.5", "-1", "inf", "9007199254740992"]) {
        await raw.send("DEL", "scores");
        await raw.send("ZADD", "scores", score, "m", "7", "n");
        const range = page("scores", { min: -9, max: 9007199254740991 });
        const inRange = score === "1.5" || score === "-1";
        assertEquals(
          await store.range(range).catch((error) => error.fault),
          inRange ? "corrupt" : [{ score: 7, member: "n" }],
        );
      }
    },
  ],
  "scripts that are forgotten in mid-run are sent again": [
    async ({ raw, store }) => {
      const calls = [];
      for (let i = 0; i < 300; i++) {
        calls.push(store.txn({ checks: [], writes: [add("n", 1)] }));
        if (i % 30 === 0) await raw.send("SCRIPT", "FLUSH");
      }
      for (const result of await Promise.all(calls)) {
        assertEquals(result.committed, true);
      }
      assertEquals(await raw.send("GET", "n"), "0:300");
      await raw.send("SCRIPT", "FLUSH");
      assertEquals((await store.read({ keys: ["n"] })).values, ["0:300"]);
    },
  ],
  "a replica's data are no answer, nor does it take writes": [
    async ({ server, raw, open }) => {
      await using replica = await startRedis({
        settings: ["--replicaof", server.host, `${server.port}`],
      });
      using replicaRaw = await connectRaw(replica);
      await raw.send("SET", "ofc-secret:order", "old");
      await until(
        async () => await replicaRaw.send("GET", "ofc-secret:order") === "old",
        "The replica does not follow",
      );
      await using opened = await open(replica);
      await assertFaults(opened.store, "read-only");
      // Whoever was the primary and comes back as a replica.
      await replicaRaw.send("REPLICAOF", "NO", "ONE");
      await recovered(opened.store);
    },
    ...["--repl-diskless-sync-delay", "0"],
  ],
  "a full server writes nothing of a transaction": [async ({ raw, store }) => {
    await raw.send("CONFIG", "SET", "maxmemory", "1");
    await assertFaults(store, "full");
    assertEquals(await traces(raw), "nothing");
    await raw.send("CONFIG", "SET", "maxmemory", "0");
    assertEquals((await store.txn(attempt("1"))).committed, true);
    assertEquals(await traces(raw), "all");
  }],
  "a server that cannot save takes no writes": [
    async ({ server, raw, store }) => {
      // Where it would save to is gone.
      await Deno.remove(server.folder, { recursive: true });
      await raw.send("BGSAVE");
      await until(
        async () =>
          (await raw.send("INFO", "persistence") as string)
            .includes("rdb_last_bgsave_status:err"),
        "The save does not fail",
      );
      await assertFaults(store, "read-only");
      assertEquals(await traces(raw), "nothing");
      await Deno.mkdir(server.folder);
      await raw.send("CONFIG", "SET", "stop-writes-on-bgsave-error", "no");
      await recovered(store);
    },
    ...["--save", "3600 1000000"],
  ],
  "a server without the replicas that it must have takes no writes": [
    async ({ raw, store }) => {
      await raw.send("CONFIG", "SET", "min-replicas-to-write", "1");
      await assertFaults(store, "read-only");
      assertEquals(await traces(raw), "nothing");
      await raw.send("CONFIG", "SET", "min-replicas-to-write", "0");
      await recovered(store);
    },
  ],
  "a server that another's script keeps busy is locked": [
    async ({ server, raw, store }) => {
      await raw.send("CONFIG", "SET", "busy-reply-threshold", "1");
      using endless = await connectRaw(server);
      const looping = endless.send("EVAL", "while true do end", "0")
        .catch((error) => error.message as string);
      await until(
        async () => await raw.send("PING").then(() => false, () => true),
        "The script is not there",
      );
      await assertFaults(store, "locked");
      await raw.send("SCRIPT", "KILL");
      assertEquals((await looping)?.includes("killed"), true);
      await recovered(store);
      assertEquals(await traces(raw), "nothing");
    },
  ],
  "a server that is killed is unreachable, and served again when it is back": [
    async ({ server, store }) => {
      await store.txn(attempt("1"));
      await server.kill("SIGKILL");
      await assertFaults(store, "unreachable");
      await server.restart();
      await recovered(store);
      using again = await connectRaw(server);
      // With every write in its log before it is acknowledged, all is there.
      assertEquals(await traces(again), "all");
      assertEquals(await store.txn(attempt("1")), recognized("1"));
    },
    ...["--appendonly", "yes", "--appendfsync", "always"],
  ],
  "many at once are each answered or refused while the server restarts": [
    async ({ server, store }) => {
      const committed = new Set<number>();
      const faults: string[] = [];
      let next = 0;
      let enough = Infinity;
      const writer = async () => {
        while (committed.size < enough) {
          const n = next++;
          try {
            await store.txn({ checks: [], writes: [set(`n:${n}`, "1")] });
            committed.add(n);
          } catch (error) {
            // And on at once, without a pause.
            faults.push(await faultOf(Promise.reject(error)));
          }
        }
      };
      const killer = async () => {
        await until(() => committed.size > 100, "Nothing is written");
        await server.kill("SIGKILL");
        await until(() => faults.length >= 16, "Nobody notices");
        await server.restart();
        enough = committed.size + 300;
      };
      await Promise.all([killer(), ...Array.from({ length: 16 }, writer)]);
      assertEquals(new Set(faults), new Set(["unreachable"]));
      using raw = await connectRaw(server);
      const keys = [...committed].map((n) => `n:${n}`);
      assertEquals(await raw.send("EXISTS", ...keys), keys.length);
    },
    ...["--appendonly", "yes", "--appendfsync", "always"],
  ],
  "every call ends while the server stands still": [
    async ({ server, raw, store }) => {
      await recovered(store);
      await server.kill("SIGSTOP");
      const calls = CALLS.map((call) => faultOf(call(store)));
      const faults = new Set(await Promise.all(calls));
      await server.kill("SIGCONT");
      assertEquals(
        [...faults].every((it) => it === "timeout" || it === "unreachable"),
        true,
      );
      await recovered(store);
      // What was sent may be executed when nobody waits any more: all of it,
      // or nothing, and the attempt is recognized or made.
      const left = await traces(raw);
      const result = await store.txn(attempt("1"));
      assertEquals(result.committed, left === "nothing");
    },
  ],
};

/** The deadline of these stores: one test waits for it, the others have it to spare. */
export const DEADLINE_MS = 5_000;

/** Registers the tests for the transport called `name`. */
export function redisServerFaults(name: string, open: OpenStore): void {
  for (const [sentence, [body, ...settings]] of Object.entries(TESTS)) {
    Deno.test(`${name}: ${sentence}`, async () => {
      await using server = await startRedis({ settings });
      using raw = await connectRaw(server);
      await using opened = await open(server);
      await body({ server, raw, store: opened.store, open });
    });
  }
}
