/**
 * A Redis Cluster for one task: `redis-server` processes on free loopback
 * ports, each primary with an equal share of the slots. For the bench and the
 * tests.
 *
 * @module
 */

import {
  freePort,
  type RedisServer,
  type RedisServerOptions,
  startRedis,
  until,
} from "./redis_server.ts";

/** How many slots a cluster has. */
export const SLOTS = 16_384;

/** How long a node may be silent before its replica takes over. */
const NODE_TIMEOUT_MS = 2_000;

/** How to start a cluster. */
export interface ClusterOptions extends Pick<RedisServerOptions, "limitMs"> {
  /** Three if not given. */
  readonly primaries?: number;
  /** Whether each primary has a replica. */
  readonly hasReplicas?: boolean;
  /** Further settings of every node, as words of the command line. */
  readonly settings?: readonly string[];
}

/** A running cluster. */
export interface RedisNodes extends AsyncDisposable {
  /** The primaries at the beginning, in the order of their slots. */
  readonly nodes: readonly RedisServer[];
  /** The replica of each of them, if there are replicas. */
  readonly replicas: readonly RedisServer[];
}

/**
 * The first slot of a primary at the beginning. For the number after the last primary it
 * is the number of slots.
 */
export const firstSlot = (primary: number, primaries: number): number =>
  Math.ceil(SLOTS * primary / primaries);

/** Sends a node one command by `redis-cli`; answers what it prints. */
async function ask(
  { host, port }: RedisServer,
  ...command: readonly string[]
): Promise<string> {
  const args = ["-h", host, "-p", `${port}`, ...command];
  const { stdout } = await new Deno.Command("redis-cli", { args }).output();
  return new TextDecoder().decode(stdout).trim();
}

/**
 * Starts a cluster and waits until every node sees all of it.
 *
 * @throws {Error} If the nodes do not make a cluster.
 */
export async function startNodes(
  { primaries = 3, hasReplicas = false, settings = [], ...limit }:
    ClusterOptions = {},
): Promise<RedisNodes> {
  const count = hasReplicas ? 2 * primaries : primaries;
  await using started = new AsyncDisposableStack();
  const nodes: RedisServer[] = [];
  const [bus, ...others] = Array.from({ length: count }, () => freePort());
  for (const port of [bus, ...others]) {
    const clustered = [
      ...["--cluster-enabled", "yes", "--cluster-port", `${port}`],
      ...["--cluster-config-file", "nodes.conf", ...settings],
      ...(hasReplicas
        ? ["--cluster-node-timeout", `${NODE_TIMEOUT_MS}`]
          .concat(["--repl-diskless-sync-delay", "0"])
        : []),
    ];
    nodes.push(
      started.use(await startRedis({ settings: clustered, ...limit })),
    );
  }
  const [first] = nodes;
  for (const [i, node] of nodes.entries()) {
    if (i < primaries) {
      const [from, next] = [i, i + 1].map((it) => firstSlot(it, primaries));
      await ask(
        ...[
          node,
          "CLUSTER",
          "ADDSLOTSRANGE",
          `${from}`,
          `${next! - 1}`,
        ] as const,
      );
    }
    const { host, port } = first!;
    if (i > 0) await ask(node, "CLUSTER", "MEET", host, `${port}`, `${bus}`);
  }
  for (const node of nodes) {
    await until(async () => {
      const info = await ask(node, "CLUSTER", "INFO");
      return info.includes("cluster_state:ok") &&
        info.includes(`cluster_known_nodes:${count}`);
    }, "The nodes do not make a cluster");
  }
  for (const [i, node] of nodes.entries()) {
    if (i < primaries) continue;
    const primary = await ask(nodes[i - primaries]!, "CLUSTER", "MYID");
    await until(
      async () => await ask(node, "CLUSTER", "REPLICATE", primary) === "OK",
      "A replica does not know its primary",
    );
    await until(
      async () =>
        (await ask(node, "INFO", "replication")).includes(
          "master_link_status:up",
        ),
      "A replica does not follow its primary",
    );
  }
  const all = started.move();
  return {
    nodes: nodes.slice(0, primaries),
    replicas: nodes.slice(primaries),
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}
