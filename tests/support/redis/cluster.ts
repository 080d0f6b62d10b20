/**
 * A real Redis Cluster on loopback ports whose slots a test can move.
 *
 * @module
 */

import {
  type ClusterOptions,
  firstSlot,
  type RedisNodes,
  startNodes,
} from "../../../scripts/redis_cluster.ts";
import type { RedisServer } from "../../../scripts/redis_server.ts";
import { connectRaw } from "./raw.ts";

/** A running cluster. */
export interface RedisCluster extends RedisNodes {
  /** Moves a slot with all of its records to another primary, key by key. */
  moveSlot(slot: number, from: RedisServer, to: RedisServer): Promise<void>;
  /** The node that holds `key`. */
  ownerOf(key: string): Promise<RedisServer>;
}

/** Starts a cluster and waits until every node sees all of it. */
export async function startCluster(
  options: ClusterOptions = {},
): Promise<RedisCluster> {
  const cluster = await startNodes(options);
  const { nodes, replicas } = cluster;
  return {
    ...cluster,
    moveSlot: (slot, from, to) =>
      moveSlot([...nodes, ...replicas], slot, from, to),
    async ownerOf(key) {
      using raw = await connectRaw(nodes[0]!);
      const slot: number = await raw.send("CLUSTER", "KEYSLOT", key);
      return nodes.findLast((_, i) => firstSlot(i, nodes.length) <= slot)!;
    },
  };
}

async function moveSlot(
  nodes: readonly RedisServer[],
  slot: number,
  from: RedisServer,
  to: RedisServer,
): Promise<void> {
  using source = await connectRaw(from);
  using target = await connectRaw(to);
  const ids = [source, target].map((it) => it.send("CLUSTER", "MYID"));
  const [sourceId, targetId] = (await Promise.all(ids)).map(String);
  const of = ["CLUSTER", "SETSLOT", `${slot}`];
  await target.send(...of, "IMPORTING", sourceId!);
  await source.send(...of, "MIGRATING", targetId!);
  for (;;) {
    const keys: string[] = await source.send(
      ...["CLUSTER", "GETKEYSINSLOT", `${slot}`, "10"],
    );
    if (keys.length === 0) break;
    for (const key of keys) {
      await source.send(
        ...["MIGRATE", to.host, `${to.port}`, key, "0", "2000"],
      );
    }
  }
  for (const node of [to, from, ...nodes]) {
    try {
      using raw = await connectRaw(node);
      await raw.send(...of, "NODE", targetId!);
    } catch {
      // A replica does not take it and need not, nor does one that was killed.
    }
  }
}
