import { assert, assertEquals } from "@std/assert";
import { kindOf, parseInfo } from "../../../scripts/bench/kit/store.ts";
import {
  partOf,
  profileServer,
  sharesOf,
} from "../../../scripts/bench/servers/profile.ts";
import {
  callFigures,
  measureCalls,
} from "../../../scripts/bench/redis/calls.ts";
import { fsyncContenders } from "../../../scripts/bench/redis/fsync.ts";
import {
  coreBytes,
  measureCredentials,
} from "../../../scripts/bench/redis/memory.ts";

Deno.test("fsyncContenders() commit under every setting", async () => {
  await using stack = new AsyncDisposableStack();
  const contenders = await fsyncContenders(stack, 10);
  assertEquals(contenders.map(({ name }) => name), [
    "appendfsync always",
    "appendfsync everysec",
    "appendfsync no",
  ]);
  for (const it of contenders) assert("rate" in it && await it.rate() > 0);
});

Deno.test("profileServer() sees a server's own code, and what its scripts say", async () => {
  const { profile, lineOf, requests } = await profileServer(100);
  assertEquals(requests, 200);
  const urls = profile.nodes.map((it) => it.callFrame.url);
  assert(urls.some((url) => url.endsWith("/edge/boot/app.ts")));
  const { scriptId } = profile.nodes
    .find((it) => it.callFrame.url.endsWith("/edge/boot/app.ts"))!.callFrame;
  const text = Array.from({ length: 200 }, (_, i) => lineOf(scriptId, i + 1));
  assert(text.some((line) => line.includes("createApp")));
  assert(
    sharesOf(profile, lineOf).get("rules: who, guess permits, limits, claim")! >
      0,
  );
});

Deno.test("sharesOf() counts native code where it was called from, and JSON by its lines", () => {
  const frame = (functionName: string, url: string, scriptId = "0") => ({
    functionName,
    url,
    scriptId,
  });
  const shares = sharesOf({
    nodes: [
      { id: 1, callFrame: frame("(root)", ""), children: [2, 3, 7, 8] },
      { id: 2, callFrame: frame("(idle)", "") },
      {
        id: 3,
        callFrame: frame("seal", "file:///x/edge/vault/seal.ts"),
        children: [4, 5],
      },
      { id: 4, callFrame: frame("op_node_hash_digest", "") },
      {
        id: 5,
        callFrame: frame("verify", "file:///x/edge/verification/v.ts", "9"),
        children: [6],
        positionTicks: [{ line: 1, ticks: 3 }, { line: 2, ticks: 1 }],
      },
      { id: 6, callFrame: frame("search", "wasm://wasm/1") },
      { id: 7, callFrame: frame("(garbage collector)", "") },
      { id: 8, callFrame: frame("writeText", "file:///x/edge/main.ts") },
    ],
    samples: [2, 3, 4, 5, 6, 7, 8, 1],
    timeDeltas: [1000, 1, 2, 40, 8, 16, 32, 64],
  }, (scriptId, line) => scriptId === "9" && line === 2 ? "JSON.parse(x)" : "");
  assertEquals([...shares].filter(([, us]) => us > 0), [
    ["crypto: keys, fingerprints, random", 3],
    ["core: WASM search and its door", 8],
    ["rules: who, guess permits, limits, claim", 30],
    ["JSON", 10],
    ["logging", 32],
    ["garbage collection", 16],
    ["runtime: event loop, timers, promises", 64],
  ]);
});

Deno.test("partOf() finds the files of the parts where they lie", () => {
  const root = new URL("../../../", import.meta.url);
  for (
    const [path, part] of [
      ["edge/core/core.ts", "core: WASM search and its door"],
      ["edge/code/format.ts", "parsing: bodies, codes"],
      ["edge/http/kit/body.ts", "parsing: bodies, codes"],
      ["edge/base/ids.ts", "crypto: keys, fingerprints, random"],
      ["edge/base/clock.ts", "crypto: keys, fingerprints, random"],
      ["edge/base/log.ts", "logging"],
      ["edge/store/store.ts", "store client: requests, RESP, socket"],
      ["edge/base/request_age.ts", "rules: who, guess permits, limits, claim"],
      ["edge/boot/app.ts", "HTTP: server, Hono, headers, responses"],
    ]
  ) {
    const { href } = new URL(path!, root);
    assert(Deno.statSync(new URL(href)).isFile, path);
    const callFrame = { functionName: "it", scriptId: "1", url: href };
    assertEquals(partOf({ id: 1, callFrame }), part, path);
  }
});

Deno.test("parseInfo() reads memory, processor time and calls", () => {
  const info = [
    "# Memory",
    "used_memory:1000",
    "used_memory_human:1.00K",
    "# Stats",
    "total_net_input_bytes:700",
    "total_net_output_bytes:80",
    "# CPU",
    "used_cpu_sys:9.9",
    "used_cpu_sys_main_thread:0.25",
    "used_cpu_user_main_thread:0.5",
    "# Commandstats",
    "cmdstat_evalsha:calls=12,usec=34,usec_per_call=2.83,rejected_calls=0",
    "cmdstat_memory|usage:calls=3,usec=4,usec_per_call=1.33,rejected_calls=0",
    "",
  ].join("\r\n");
  assertEquals(parseInfo(info), {
    memoryBytes: 1000,
    cpuSeconds: 0.75,
    receivedBytes: 700,
    sentBytes: 80,
    calls: { evalsha: 12, "memory|usage": 3 },
  });
});

Deno.test("callFigures() tells scripts, what is inside of them, and the rest", () => {
  const before = {
    memoryBytes: 100,
    cpuSeconds: 1,
    ...{ receivedBytes: 10, sentBytes: 0 },
    calls: { evalsha: 5, get: 7, info: 1 },
  };
  const after = {
    memoryBytes: 500,
    cpuSeconds: 1.5,
    ...{ receivedBytes: 110, sentBytes: 50 },
    calls: {
      ...{ evalsha: 13, eval: 2, time: 1, info: 2 },
      ...{ get: 19, mget: 4, hmget: 2, hset: 1, hdel: 1, zadd: 4 },
    },
  };
  assertEquals(callFigures(before, after, 10), {
    scripts: 1,
    inner: 2.4,
    others: 0.1,
    cpuMicroseconds: 50_000,
    toRedisBytes: 10,
    fromRedisBytes: 5,
  });
});

Deno.test("kindOf() names the kind of a key, whatever its parts are", () => {
  assertEquals(kindOf("oc:{0}:payment:pay_1"), "payment");
  assertEquals(kindOf("oc:{0}:due-orders"), "due-orders");
  assertEquals(kindOf("other"), "other");
});

Deno.test("coreBytes() at 100 seeds a bucket stays within 136 bytes each", () => {
  assert(coreBytes(20_000, 100) <= 136);
});

Deno.test("measureCredentials() finds every record of an enrolment in Redis", async () => {
  const { count, redisBytes, byKind, buckets } = await measureCredentials(50);
  assertEquals(count, 50);
  assert(buckets > 0 && buckets <= 50);
  for (const kind of ["account", "bucket", "credential", "device"]) {
    assert(byKind.get(kind)! > 0, kind);
  }
  const total = [...byKind.values()].reduce((sum, it) => sum + it);
  // The key tables come on top.
  assert(redisBytes > total / 2);
});

Deno.test("measureCalls() finds one script for a verification and two beside the ledger's for a payment", async () => {
  const figures = await measureCalls(20, 1, "tcp", 0);
  const [verification, payment, debit] = figures;
  assertEquals(figures.length, 3);
  // What is read again every few seconds would come on top of twenty.
  assertEquals(Math.round(verification!.scripts), 1);
  assertEquals(Math.round(payment!.scripts - debit!.scripts), 2);
});
