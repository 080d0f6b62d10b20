import { setImmediate } from "node:timers";
import { assertEquals } from "@std/assert";
import { createRedisStore } from "../../edge/store/redis/redis.ts";
import { openRedisRest } from "../../edge/store/redis/rest.ts";
import { PATIENT_MS } from "../support/redis/time.ts";
import type { FaultRule } from "../support/redis/gateway_faults.ts";
import { startFaultyGateway } from "../support/redis/faulty_gateway.ts";
import type { Store, StoreFault } from "../../edge/store/store.ts";
import {
  assertFaults,
  attempt,
  faultOf,
  recognized,
  recovered,
  traces,
} from "../support/redis/faults.ts";
import { set } from "../support/store/ops.ts";
import { post, register, TOKEN } from "../support/redis/upstash_gateway.ts";
import { DEADLINE_MS, redisServerFaults } from "./redis_server_faults.ts";

const SHORT_MS = 200;

function openStore(url: string, token = TOKEN, timeoutMs = PATIENT_MS): Store {
  const transport = openRedisRest({ url, token, timeoutMs });
  return createRedisStore(transport);
}

redisServerFaults("Redis over REST", async (server) => {
  const gateway = await startFaultyGateway({ redis: server, token: TOKEN });
  const store = openStore(gateway.url, TOKEN, DEADLINE_MS);
  return {
    store,
    async [Symbol.asyncDispose]() {
      await store.close();
      await gateway[Symbol.asyncDispose]();
    },
  };
});

const answering = (body: string, status = 200): FaultRule => ({
  kind: "status",
  status,
  body,
});

/** What a server, or something between, may do to a request. */
const FAULTS: readonly (readonly [FaultRule, StoreFault])[] = [
  [{ kind: "drop" }, "unreachable"],
  [{ kind: "html" }, "unreachable"],
  [{ kind: "status", status: 500 }, "unreachable"],
  [{ kind: "status", status: 503 }, "unreachable"],
  [answering("<html>", 200), "unreachable"],
  [answering("", 200), "unreachable"],
  [answering("", 500), "unreachable"],
  [answering("Too Many Requests", 429), "unreachable"],
  [answering('{"error":"ERR max daily request limit"}', 429), "refused"],
  [answering('{"error":"ERR max request size exceeded"}', 413), "refused"],
  [answering('{"error":"WRONGPASS ofc-secret"}', 401), "refused"],
  [answering('{"error":"READONLY ofc-secret"}', 400), "read-only"],
  [answering('{"error":"OOM ofc-secret"}', 400), "full"],
  [answering('{"error":"BUSY ofc-secret"}', 400), "locked"],
  [answering('{"error":"LOADING ofc-secret"}', 400), "unreachable"],
  [answering('{"error":"ERR ofc-secret"}'), "refused"],
  [answering('{"error":{"code":"ofc-secret"}}', 400), "unreachable"],
  [answering("null"), "unreachable"],
  [answering("7"), "unreachable"],
  [answering("{}"), "unreachable"],
  [answering('{"result":"OK"}'), "refused"],
  [answering('{"result":null}'), "refused"],
  [answering('{"result":[]}'), "refused"],
  [answering('{"result":[1'), "unreachable"],
  [answering('{"result":[1]}'), "refused"],
  [answering('{"result":[[1,null],[1,null]]}'), "refused"],
  [answering('{"result":[[1,7]]}'), "refused"],
  [answering('{"result":[["1"]]}'), "refused"],
  [answering('{"result":[[0,0,7]]}'), "refused"],
  [answering('{"result":[[2,"corrupt"]]}'), "corrupt"],
];

register(
  "openRedisRest() names every fault of a request that was not executed",
  async ({ gateway, raw }) => {
    const store = openStore(gateway.url);
    for (const [rule, fault] of FAULTS) {
      gateway.setFaults([rule]);
      await assertFaults(store, fault);
      gateway.setFaults();
      await recovered(store);
      assertEquals(await traces(raw), "nothing");
    }
    await store.close();
  },
);

register(
  "openRedisRest() gives no answer to a request that was executed, and the repeat is recognized",
  async ({ gateway, raw }) => {
    const store = openStore(gateway.url);
    await recovered(store);
    const lost = FAULTS.filter(([{ kind }]) => kind !== "status");
    for (const [rule, fault] of [...lost, FAULTS[2]!]) {
      await raw.send("FLUSHALL");
      gateway.setFaults([{ ...rule, executed: true }]);
      assertEquals(await faultOf(store.txn(attempt("1"))), fault);
      gateway.setFaults();
      assertEquals(await traces(raw), "all");
      assertEquals(await store.txn(attempt("1")), recognized("1"));
      assertEquals(await traces(raw), "all");
    }
    await store.close();
  },
);

register(
  "openRedisRest() has a deadline, before and after a request is executed",
  async ({ gateway, raw }) => {
    const store = openStore(gateway.url, TOKEN, SHORT_MS);
    await recovered(store);
    gateway.setFaults([{ kind: "hang" }]);
    await assertFaults(store, "timeout");
    assertEquals(await traces(raw), "nothing");
    gateway.setFaults([{ kind: "delay", ms: 3_600_000 }]);
    await assertFaults(store, "timeout");
    assertEquals(await traces(raw), "nothing");
    gateway.setFaults([{ kind: "hang", executed: true }]);
    assertEquals(await faultOf(store.txn(attempt("1"))), "timeout");
    assertEquals(await traces(raw), "all");
    gateway.setFaults();
    await recovered(store);
    assertEquals(await store.txn(attempt("1")), recognized("1"));
    await store.close();
  },
);

register(
  "openRedisRest() sends every request once, whatever becomes of it",
  async ({ gateway }) => {
    const store = openStore(gateway.url);
    await recovered(store);
    for (const [rule, fault] of FAULTS) {
      gateway.setFaults([rule]);
      gateway.resetStats();
      assertEquals(await faultOf(store.txn(attempt("1"))), fault);
      assertEquals(gateway.stats().requests, 1);
    }
    gateway.setFaults();
    await store.close();
  },
);

register(
  "openRedisRest() is unreachable while nobody listens",
  async ({ gateway }) => {
    const store = openStore(gateway.url);
    await recovered(store);
    await gateway.hangUp();
    await assertFaults(store, "unreachable");
    gateway.listen();
    await recovered(store);
    await store.close();
  },
);

register(
  "openRedisRest() says refused to a wrong token and to one that only reads",
  async ({ gateway, raw }) => {
    const error = "NOPERM this user has no permissions to run the command";
    const noWrites = {
      ...{ kind: "status", status: 400 } as const,
      body: JSON.stringify({ error }),
    };
    for (
      const [token, faults] of [
        ["another-token-of-a-test", []],
        [TOKEN, [noWrites]],
      ] as const
    ) {
      gateway.setFaults(faults);
      const store = openStore(gateway.url, token);
      await assertFaults(store, "refused");
      assertEquals(await traces(raw), "nothing");
      await store.close();
    }
  },
);

register(
  "openRedisRest() never answers out of a replica that is behind",
  async ({ gateway, raw }) => {
    const store = openStore(gateway.url);
    await store.txn({ checks: [], writes: [set("key", "old")] });
    await gateway.setStale(true);
    await store.txn({ checks: [], writes: [set("key", "new")] });
    // A plain read through the same gateway is behind.
    const plain = await post(gateway, "/", ["GET", "key"]);
    assertEquals(plain.body, { result: "old" });
    assertEquals((await store.read({ keys: ["key"] })).values, ["new"]);
    assertEquals(await raw.send("GET", "key"), "new");
    await store.close();
  },
);

register(
  "openRedisRest() has eight requests of a turn in one run, so that one lost reply is told to no more",
  async ({ gateway, raw }) => {
    const store = openStore(gateway.url);
    await recovered(store);
    gateway.resetStats();
    gateway.setFaults([{ kind: "drop", executed: true, nth: [2] }]);
    const ends = await Promise.all(
      Array.from({ length: 24 }, (_, n) => {
        const call = store.txn({ checks: [], writes: [set(`n:${n}`, "1")] });
        return call.then(() => "answered", () => "lost");
      }),
    );
    gateway.setFaults();
    assertEquals(gateway.stats().commands, { EVALSHA: 3 });
    // Whichever run came second, it had neighbors in the turn.
    const runs = [0, 8, 16].map((from) => ends.slice(from, from + 8).join());
    const all = (end: string) => new Array(8).fill(end).join();
    assertEquals(runs.toSorted(), [
      ...[all("answered"), all("answered"), all("lost")],
    ]);
    for (const n of ends.keys()) {
      assertEquals(await raw.send("EXISTS", `n:${n}`), 1);
    }
    await store.close();
  },
);

register(
  "openRedisRest() loses nothing of many at once where every third reply is lost",
  async ({ gateway, raw }) => {
    // Only a lost reply ends a call, however slow the machine is.
    const store = openStore(gateway.url);
    gateway.setFaults([{ kind: "drop", executed: true, every: 3 }]);
    const sent: Promise<boolean>[] = [];
    for (let n = 0; n < 300; n++) {
      const call = store.txn({ checks: [], writes: [set(`n:${n}`, "1")] });
      sent.push(call.then(() => true, () => false));
      // In a turn of its own, so that each is a request.
      await new Promise((resolve) => setImmediate(resolve));
    }
    const answered = await Promise.all(sent);
    // 300 by hash, and those that came before the script was known by text.
    const { EVAL = 0, EVALSHA = 0 } = gateway.stats().commands;
    assertEquals(EVALSHA, 300);
    const lost = answered.filter((it) => !it).length;
    assertEquals(lost, gateway.stats().faults["drop"]);
    assertEquals(lost, Math.floor((EVAL + EVALSHA) / 3));
    gateway.setFaults();
    for (const [n, isAnswered] of answered.entries()) {
      const written = await raw.send("EXISTS", `n:${n}`) === 1;
      if (isAnswered) assertEquals(written, true);
    }
    await store.close();
  },
);
