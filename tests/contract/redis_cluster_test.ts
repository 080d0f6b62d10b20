import { assertEquals } from "@std/assert";
import { createRedisStore } from "../../edge/store/redis/redis.ts";
import { openRedisTcp } from "../../edge/store/redis/tcp.ts";
import { startCluster } from "../support/redis/cluster.ts";
import { connectRaw } from "../support/redis/raw.ts";
import { PATIENT_MS } from "../support/redis/time.ts";
import { assertFault } from "../support/store/fixture.ts";
import { clusterFactory } from "../support/redis/store.ts";
import { CONTRACT, storeContract } from "./store_contract.ts";
import { namesContract } from "./store_names.ts";
import { recordsContract } from "./store_records.ts";

storeContract("Redis store on a cluster", clusterFactory(), [
  ...CONTRACT,
  namesContract,
  recordsContract,
]);

Deno.test("Redis store on a cluster: requests of one turn may be about several cells", async () => {
  await using cluster = await startCluster();
  const store = createRedisStore(
    openRedisTcp({ nodes: cluster.nodes, timeoutMs: PATIENT_MS }),
  );
  const names = [0, 0, 1, 2, 0].map((it, i) => `oc:{${it}}:order:${i}`);
  const ends = await Promise.all(names.map((key) =>
    store.txn({
      checks: [{ kind: "absent", key }],
      writes: [{ kind: "set", key, value: key }],
      reads: [key],
    })
  ));
  assertEquals(
    ends,
    names.map((it) => ({ committed: true, values: [it] })),
  );
  await store.close();
});

Deno.test("Redis store on a cluster: records() lists what is on every node", async () => {
  await using cluster = await startCluster();
  const names = Array.from({ length: 30 }, (_, i) => `oc:{${i}}:order:1`);
  const owners = new Set<unknown>();
  for (const name of names) {
    const owner = await cluster.ownerOf(name);
    owners.add(owner);
    using raw = await connectRaw(owner);
    await raw.send("SET", name, "x");
    await raw.send("SET", name.replace("oc:", "other:"), "x");
  }
  assertEquals(owners.size, 3);
  const store = createRedisStore(
    openRedisTcp({ nodes: cluster.nodes, timeoutMs: PATIENT_MS }),
  );
  async function list(prefix: string): Promise<string[]> {
    const found: string[] = [];
    let from: string | undefined;
    do {
      const { records, next } = await store.records(prefix, from);
      found.push(...records.map(({ name }) => name));
      from = next ?? undefined;
    } while (from !== undefined);
    return found.sort();
  }
  try {
    assertEquals(await list("oc:"), names.toSorted());
    assertEquals(await list("oc:{7}"), ["oc:{7}:order:1"]);
    // A cursor of a node that has gone is of no use.
    await assertFault(store.records("oc:", "5@127.0.0.1:1"), "unreachable");
    using raw = await connectRaw(await cluster.ownerOf(names[0]!));
    await raw.send("LPUSH", "oc:{0}:list", "x");
    await assertFault(list("oc:{0}"), "corrupt");
  } finally {
    await store.close();
  }
});
