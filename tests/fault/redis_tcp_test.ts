import { assert, assertEquals } from "@std/assert";
import { createRedisStore } from "../../edge/store/redis/redis.ts";
import { openRedisTcp } from "../../edge/store/redis/tcp.ts";
import type { RedisTcpOptions } from "../../edge/store/redis/tcp.ts";
import { CELL } from "../../edge/store/keys.ts";
import { freePort, startRedis } from "../../scripts/redis_server.ts";
import { startCluster } from "../support/redis/cluster.ts";
import {
  assertFaults,
  attempt,
  CALLS,
  faultOf,
  recognized,
  recovered,
  traces,
} from "../support/redis/faults.ts";
import { connectRaw } from "../support/redis/raw.ts";
import { TcpProxy } from "../support/http/tcp_proxy.ts";
import { DEADLINE_MS, redisServerFaults } from "./redis_server_faults.ts";
import { PATIENT_MS } from "../support/redis/time.ts";

/** A store over TCP; disposed by closing it. */
function open(options: RedisTcpOptions) {
  const store = createRedisStore(openRedisTcp(options));
  return { store, [Symbol.asyncDispose]: () => store.close() };
}

const SHORT_MS = 200;
const PATIENT = { timeoutMs: PATIENT_MS };

redisServerFaults(
  "Redis over TCP",
  (server) =>
    Promise.resolve(open({ nodes: [server], timeoutMs: DEADLINE_MS })),
);

Deno.test("openRedisTcp() has a deadline where requests are lost, and writes nothing", async () => {
  await using server = await startRedis();
  using raw = await connectRaw(server);
  await using proxy = new TcpProxy(server);
  await using opened = open({ nodes: [proxy], timeoutMs: SHORT_MS });
  const { store } = opened;
  await recovered(store);
  proxy.flow = "silent";
  await assertFaults(store, "timeout");
  assertEquals(await traces(raw), "nothing");
  proxy.heal();
  await recovered(store);
  assertEquals((await store.txn(attempt("1"))).committed, true);
});

Deno.test("openRedisTcp() has a deadline where replies are lost, and the repeat is recognized", async () => {
  await using server = await startRedis();
  using raw = await connectRaw(server);
  await using proxy = new TcpProxy(server);
  await using opened = open({ nodes: [proxy], timeoutMs: SHORT_MS });
  const { store } = opened;
  await recovered(store);
  proxy.flow = "deaf";
  assertEquals(await faultOf(store.txn(attempt("1"))), "timeout");
  assertEquals(await traces(raw), "all");
  proxy.heal();
  await recovered(store);
  assertEquals(await store.txn(attempt("1")), recognized("1"));
  assertEquals(await traces(raw), "all");
});

Deno.test("openRedisTcp() ends every call on a link that swallows them all, however busy it is", async () => {
  await using server = await startRedis();
  using raw = await connectRaw(server);
  await using proxy = new TcpProxy(server);
  await using opened = open({ nodes: [proxy], timeoutMs: SHORT_MS });
  const { store } = opened;
  await recovered(store);
  proxy.flow = "silent";
  // Writing keeps a socket from being idle; none may wait for that.
  let isSilent = true;
  const busy = (async () => {
    const faults = [];
    while (isSilent) {
      faults.push(faultOf(store.read({ keys: ["a"] })));
      await new Promise((resolve) => setTimeout(resolve, SHORT_MS / 10));
    }
    return await Promise.all(faults);
  })();
  const faults = await Promise.all(CALLS.map((call) => faultOf(call(store))));
  isSilent = false;
  faults.push(...await busy);
  assertEquals(
    faults.filter((it) => it !== "timeout" && it !== "unreachable"),
    [],
  );
  assert(faults.includes("timeout"));
  proxy.heal();
  await recovered(store);
  assertEquals(await traces(raw), "nothing");
});

Deno.test("openRedisTcp() is unreachable while the way is cut, and connects again after", async () => {
  await using server = await startRedis();
  await using proxy = new TcpProxy(server);
  await using opened = open({ nodes: [proxy] });
  const { store } = opened;
  for (let round = 0; round < 3; round++) {
    await recovered(store);
    const under = CALLS.map((call) => call(store).then(() => true, () => true));
    proxy.cut();
    assertEquals(await Promise.all(under), [true, true, true]);
    await assertFaults(store, "unreachable");
    proxy.heal();
  }
  await recovered(store);
});

Deno.test("openRedisTcp() makes one connection for all who wait for it", async () => {
  await using server = await startRedis();
  using raw = await connectRaw(server);
  await using opened = open({ nodes: [server], ...PATIENT });
  await Promise.all(
    Array.from({ length: 50 }, () => opened.store.read({ keys: ["a"] })),
  );
  const clients: string = await raw.send("CLIENT", "LIST");
  // This one and the test's own.
  assertEquals(clients.trim().split("\n").length, 2);
});

Deno.test("openRedisTcp() without a server is unreachable, and close() ends", async () => {
  const nodes = [{ host: "127.0.0.1", port: freePort() }];
  await using opened = open({ nodes });
  await assertFaults(opened.store, "unreachable");
  assertEquals(await faultOf(opened.store.timeMs()), "unreachable");
});

Deno.test("close() ends while the link is silent, with what was under way refused", async () => {
  await using server = await startRedis();
  await using proxy = new TcpProxy(server);
  const { store } = open({ nodes: [proxy], timeoutMs: SHORT_MS });
  await recovered(store);
  proxy.flow = "silent";
  const under = CALLS.map((call) => faultOf(call(store)));
  await store.close();
  assertEquals(new Set(await Promise.all(under)).size > 0, true);
  assertEquals(await faultOf(store.read({ keys: ["a"] })), "closed");
});

Deno.test("openRedisTcp() says refused to wrong and missing passwords", async () => {
  await using server = await startRedis({
    settings: ["--requirepass", "right"],
  });
  const nodes = [server];
  await using none = open({ nodes, ...PATIENT });
  await assertFaults(none.store, "refused");
  await using wrong = open({ nodes, password: "ofc-secret", ...PATIENT });
  await assertFaults(wrong.store, "refused");
  await using right = open({ nodes, password: "right", ...PATIENT });
  await recovered(right.store);
  await using named = open({
    ...{ nodes, username: "default", password: "right" },
    ...PATIENT,
  });
  await recovered(named.store);
});

/** A server that answers whatever comes with the same bytes. */
function parrot(reply: string) {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const connections: Deno.TcpConn[] = [];
  const serve = async (connection: Deno.TcpConn) => {
    const buffer = new Uint8Array(65_536);
    try {
      while (await connection.read(buffer) !== null) {
        await connection.write(new TextEncoder().encode(reply));
      }
    } catch {
      // Closed by the other side.
    }
  };
  const accepting = (async () => {
    const tasks = [];
    try {
      for await (const connection of listener) {
        connections.push(connection);
        tasks.push(serve(connection));
      }
    } catch {
      // Closed by the test.
    }
    await Promise.all(tasks);
  })();
  return {
    host: "127.0.0.1",
    port: listener.addr.port,
    async [Symbol.asyncDispose]() {
      listener.close();
      for (const connection of connections) connection.close();
      await accepting;
    },
  };
}

Deno.test("createRedisStore() takes no reply for an answer that the script cannot give", async () => {
  const replies = [
    "+OK\r\n",
    "$2\r\nOK\r\n",
    ":1\r\n",
    "$-1\r\n",
    "*-1\r\n",
    "*0\r\n",
    "*1\r\n:2\r\n",
    "*2\r\n:2\r\n$4\r\nnope\r\n",
    "*1\r\n:3\r\n",
    "*1\r\n$1\r\n1\r\n",
    "*2\r\n:1\r\n:1\r\n",
    "*2\r\n:1\r\n*1\r\n$1\r\nm\r\n",
    "*4\r\n:1\r\n$-1\r\n$-1\r\n*2\r\n$1\r\nm\r\n:5\r\n",
    "*3\r\n:0\r\n:7\r\n$-1\r\n",
    "*3\r\n:0\r\n$1\r\n0\r\n$-1\r\n",
    "*3\r\n:0\r\n:0\r\n:5\r\n",
    "*9\r\n:1\r\n:1\r\n:1\r\n:1\r\n:1\r\n:1\r\n:1\r\n:1\r\n:1\r\n",
    "-ERR unknown command 'EVALSHA ofc-secret'\r\n",
    "-UNKNOWN ofc-secret\r\n",
  ];
  for (const reply of replies) {
    await using server = parrot(reply);
    await using opened = open({ nodes: [server], ...PATIENT });
    await assertFaults(opened.store, "refused");
    // Two numbers are a time.
    if (reply === "*2\r\n:1\r\n:1\r\n") continue;
    assertEquals(await faultOf(opened.store.timeMs()), "refused");
  }
});

Deno.test("openRedisTcp() is unreachable where something else than Redis listens", async () => {
  const pages = [
    "HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n",
    "SSH-2.0-OpenSSH_9.2\r\n",
    "\x15\x03\x01\x00\x02\x02\x16",
  ];
  for (const page of pages) {
    await using server = parrot(page);
    await using opened = open({ nodes: [server], timeoutMs: SHORT_MS });
    await assertFaults(opened.store, "unreachable", "timeout");
  }
});

Deno.test("openRedisTcp() follows a cell that moves, and waits for a node that restarts", async () => {
  await using cluster = await startCluster();
  const { nodes } = cluster;
  const inCell = (transport: ReturnType<typeof openRedisTcp>) => ({
    ...transport,
    run: (script: string, keys: readonly string[], args: readonly string[]) =>
      transport.run(script, keys.map((key) => `${CELL}:${key}`), args),
    timeMs: () => transport.timeMs(),
    close: () => transport.close(),
  });
  const transport = openRedisTcp({ nodes, timeoutMs: PATIENT_MS });
  const store = createRedisStore(inCell(transport));
  try {
    await recovered(store);
    const from = await cluster.ownerOf(CELL);
    const to = nodes.find((node) => node !== from)!;
    using toRaw = await connectRaw(to);
    const slot = `${await toRaw.send("CLUSTER", "KEYSLOT", CELL)}`;
    const id = await toRaw.send("CLUSTER", "MYID");
    // A word of the old owner that is under way is older than this.
    await toRaw.send("CLUSTER", "BUMPEPOCH");
    for (const node of [to, ...nodes.filter((it) => it !== to)]) {
      using raw = await connectRaw(node);
      await raw.send("CLUSTER", "SETSLOT", slot, "NODE", id);
    }
    assertEquals((await store.txn(attempt("1"))).committed, true);
    assertEquals(
      await toRaw.send("EXISTS", `${CELL}:ofc-secret:order`),
      1,
    );
    await to.kill("SIGKILL");
    await assertFaults(store, "unreachable");
    await to.restart();
    await recovered(store);
  } finally {
    await store.close();
  }
});
