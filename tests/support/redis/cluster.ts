/**
 * A real Redis Cluster of three `redis-server` processes on loopback ports,
 * each with a third of the slots and without replicas.
 *
 * @module
 */

import {
  freePort,
  type RedisServer,
  startRedis,
  until,
} from "../../../scripts/redis_server.ts";
import { connectRaw } from "./raw.ts";

/** A running cluster. */
export interface RedisCluster extends AsyncDisposable {
  readonly nodes: readonly RedisServer[];
  /** The node that holds `key`. */
  ownerOf(key: string): Promise<RedisServer>;
}

const SLOTS = 16_384;
const NODES = 3;

/** Starts a cluster and waits until every node sees all of it. */
export async function startCluster(): Promise<RedisCluster> {
  await using started = new AsyncDisposableStack();
  const bus: number[] = [];
  const nodes: RedisServer[] = [];
  for (let i = 0; i < NODES; i++) {
    bus.push(freePort());
    const settings = [
      ...["--cluster-enabled", "yes", "--cluster-port", `${bus[i]}`],
      ...["--cluster-config-file", "nodes.conf"],
    ];
    nodes.push(started.use(await startRedis({ settings })));
  }
  using raws = new DisposableStack();
  const connections = [];
  for (const node of nodes) connections.push(raws.use(await connectRaw(node)));

  const first = (i: number) => Math.ceil(SLOTS * i / NODES);
  for (const [i, raw] of connections.entries()) {
    await raw.send(
      ...["CLUSTER", "ADDSLOTSRANGE", `${first(i)}`, `${first(i + 1) - 1}`],
    );
    const { host, port } = nodes[0]!;
    if (i > 0) {
      await raw.send("CLUSTER", "MEET", host, `${port}`, `${bus[0]}`);
    }
  }
  for (const raw of connections) {
    await until(async () => {
      const info: string = await raw.send("CLUSTER", "INFO");
      return info.includes("cluster_state:ok") &&
        info.includes(`cluster_known_nodes:${NODES}`);
    }, "The nodes do not make a cluster");
  }

  const all = started.move();
  return {
    nodes,
    async ownerOf(key) {
      using raw = await connectRaw(nodes[0]!);
      const slot: number = await raw.send("CLUSTER", "KEYSLOT", key);
      return nodes.findLast((_, i) => first(i) <= slot)!;
    },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}
