import { assert, assertEquals } from "@std/assert";
import { parseInfo } from "../../../scripts/bench/kit/store.ts";
import { callFigures } from "../../../scripts/bench/redis/calls.ts";
import { measureCustomers } from "../../../scripts/bench/redis/memory.ts";
import {
  partOf,
  profileServer,
  sharesOf,
} from "../../../scripts/bench/servers/profile.ts";

Deno.test("profileServer() sees the parts of a server under load", async () => {
  const parts = await profileServer(100);
  for (
    const part of [
      "HTTP",
      "rules",
      "store client",
    ]
  ) assert(parts.get(part)! > 0, part);
});

Deno.test("sharesOf() counts native code where it was called from", () => {
  const frame = (functionName: string, url: string) => ({
    ...{ functionName, url, scriptId: "0", lineNumber: 0, columnNumber: 0 },
  });
  const profile = {
    ...{ startTime: 0, endTime: 0 },
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
        callFrame: frame("verify", "file:///x/edge/verification/v.ts"),
        children: [6],
      },
      { id: 6, callFrame: frame("search", "wasm://wasm/1") },
      { id: 7, callFrame: frame("(garbage collector)", "") },
      { id: 8, callFrame: frame("writeText", "file:///x/edge/main.ts") },
    ],
    samples: [2, 3, 4, 5, 6, 7, 8, 1],
    timeDeltas: [1000, 1, 2, 40, 8, 16, 32, 64],
  };
  const found = (lastUs?: number) =>
    [...sharesOf(profile, lastUs)].filter(([, us]) => us > 0);
  assertEquals(found(), [
    ["crypto", 3],
    ["core", 8],
    ["rules", 40],
    ["logging", 32],
    ["garbage collection", 16],
    ["runtime", 64],
  ]);
  assertEquals(found(90), [
    ["logging", 32],
    ["runtime", 64],
  ]);
});

Deno.test("partOf() finds the files of the parts where they lie", () => {
  const root = new URL("../../../", import.meta.url);
  for (
    const [path, part] of [
      ["edge/core/core.ts", "core"],
      ["edge/code/format.ts", "parsing"],
      ["edge/http/kit/body.ts", "parsing"],
      ["edge/base/ids.ts", "crypto"],
      ["edge/base/clock.ts", "crypto"],
      ["edge/base/log.ts", "logging"],
      ["edge/store/store.ts", "store client"],
      ["edge/base/request_age.ts", "rules"],
      ["edge/boot/app.ts", "HTTP"],
    ]
  ) {
    const { href } = new URL(path!, root);
    assert(Deno.statSync(new URL(href)).isFile, path);
    assertEquals(partOf({ functionName: "it", url: href }), part, path);
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

Deno.test("measureCustomers() finds every record of an enrolment in Redis", async () => {
  const { redisBytes, byKind } = await measureCustomers(50);
  for (const kind of ["account", "bucket", "credential", "device"]) {
    assert(byKind.get(kind)! > 0, kind);
  }
  const total = [...byKind.values()].reduce((sum, it) => sum + it);
  // The key tables come on top.
  assert(redisBytes > total / 2);
});
