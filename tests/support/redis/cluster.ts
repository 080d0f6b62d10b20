/**
 * A real Redis Cluster of three `redis-server` processes on loopback ports,
 * each with a third of the slots, and with a replica if a test asks for it.
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
  /** The primaries at the beginning. */
  readonly nodes: readonly RedisServer[];
  /** The replica of each of them, if there are replicas. */
  readonly replicas: readonly RedisServer[];
  /** Moves a slot with all of its records to another primary, key by key. */
  moveSlot(slot: number, from: RedisServer, to: RedisServer): Promise<void>;
  /** The node that holds `key`. */
  ownerOf(key: string): Promise<RedisServer>;
}

const SLOTS = 16_384;
const NODES = 3;

/** How long a node may be silent before its replica takes over. */
const NODE_TIMEOUT_MS = 2_000;

/** How to start one. */
export interface ClusterOptions {
  readonly hasReplicas?: boolean;
  /** More settings of every node, as words of the command line. */
  readonly settings?: readonly string[];
}

/** Starts a cluster and waits until every node sees all of it. */
export async function startCluster(
  { hasReplicas = false, settings: more = [] }: ClusterOptions = {},
): Promise<RedisCluster> {
  const count = hasReplicas ? 2 * NODES : NODES;
  await using started = new AsyncDisposableStack();
  const bus: number[] = [];
  const nodes: RedisServer[] = [];
  for (let i = 0; i < count; i++) {
    bus.push(freePort());
    const settings = [
      ...["--cluster-enabled", "yes", "--cluster-port", `${bus[i]}`],
      ...["--cluster-config-file", "nodes.conf", ...more],
      ...(hasReplicas
        ? ["--cluster-node-timeout", `${NODE_TIMEOUT_MS}`]
          .concat(["--repl-diskless-sync-delay", "0"])
        : []),
    ];
    nodes.push(started.use(await startRedis({ settings })));
  }
  using raws = new DisposableStack();
  const connections = [];
  for (const node of nodes) connections.push(raws.use(await connectRaw(node)));

  const first = (i: number) => Math.ceil(SLOTS * i / NODES);
  for (const [i, raw] of connections.entries()) {
    if (i < NODES) {
      await raw.send(
        ...["CLUSTER", "ADDSLOTSRANGE", `${first(i)}`, `${first(i + 1) - 1}`],
      );
    }
    const { host, port } = nodes[0]!;
    if (i > 0) {
      await raw.send("CLUSTER", "MEET", host, `${port}`, `${bus[0]}`);
    }
  }
  for (const raw of connections) {
    await until(async () => {
      const info: string = await raw.send("CLUSTER", "INFO");
      return info.includes("cluster_state:ok") &&
        info.includes(`cluster_known_nodes:${count}`);
    }, "The nodes do not make a cluster");
  }
  for (let i = NODES; i < count; i++) {
    const raw = connections[i]!;
    const primary = `${await connections[i - NODES]!.send("CLUSTER", "MYID")}`;
    await until(async () => {
      const known = `${await raw.send("CLUSTER", "NODES")}`;
      return known.includes(primary);
    }, "A replica does not know its primary");
    await raw.send("CLUSTER", "REPLICATE", primary);
    await until(async () => {
      const info: string = await raw.send("INFO", "replication");
      return info.includes("master_link_status:up");
    }, "A replica does not follow its primary");
  }

  const all = started.move();
  return {
    nodes: nodes.slice(0, NODES),
    replicas: nodes.slice(NODES),
    moveSlot: (slot, from, to) => moveSlot(nodes, slot, from, to),
    async ownerOf(key) {
      using raw = await connectRaw(nodes[0]!);
      const slot: number = await raw.send("CLUSTER", "KEYSLOT", key);
      return nodes.findLast((_, i) => first(i) <= slot)!;
    },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
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
    using raw = await connectRaw(node);
    // A replica does not take it and need not.
    await raw.send(...of, "NODE", targetId!).catch(() => {});
  }
}
