/**
 * Redis stores for the suites of the store port: over TCP, over REST and a
 * gateway, and on a cluster of three. One Redis serves all tests of a file and
 * is emptied for each.
 *
 * @module
 */

import type { Clock } from "../../../edge/base/clock.ts";
import { CELL } from "../../../edge/store/keys.ts";
import { withCells } from "../../../edge/store/celled/celled.ts";
import { createRedisStore } from "../../../edge/store/redis/redis.ts";
import { openRedisRest } from "../../../edge/store/redis/rest.ts";
import { shareTransport } from "../../../edge/store/redis/shared.ts";
import type { RedisAddress } from "../../../edge/store/redis/link.ts";
import { openRedisTcp } from "../../../edge/store/redis/tcp.ts";
import type { RedisTransport } from "../../../edge/store/redis/transport.ts";
import type { Cells, Store } from "../../../edge/store/store.ts";
import { startRedis } from "../../../scripts/redis_server.ts";
import { startGateway } from "../../../scripts/upstash/gateway.ts";
import { testCells } from "../store/cells.ts";
import { type RedisCluster, startCluster } from "./cluster.ts";
import { connectRaw, type RawRedis } from "./raw.ts";
import { passCommand, PATIENT_MS, stretchTime } from "./time.ts";
import type { StoreFactory } from "../store/fixture.ts";

/** How long a server runs at most that serves all tests of a file. */
const FILE_MS = 3_600_000;

/** What serves all tests of a file. */
interface Running {
  /** To the server that holds the records. */
  readonly raw: RawRedis;
  /** What all names on it begin with; nothing, if not given. */
  readonly prefix?: string;
  open(): RedisTransport;
}

/** A factory over something that runs while the tests of this file do. */
function sharedFactory(
  start: (running: AsyncDisposableStack) => Promise<Running>,
): StoreFactory {
  const stack = new AsyncDisposableStack();
  let running: Running;
  Deno.test.beforeAll(async () => {
    running = await start(stack);
  });
  Deno.test.afterAll(() => stack.disposeAsync());
  return async (clock) => {
    const { raw, prefix } = running;
    await raw.send("FLUSHALL");
    const first = running.open();
    const serverMs = await first.timeMs();
    const make = (transport: RedisTransport) =>
      createRedisStore(stretchTime(transport, clock, serverMs));
    const store = make(first);
    return {
      store,
      reopen: () => Promise.resolve(make(running.open())),
      advance: async (ms) => {
        await raw.send(...passCommand(ms, prefix));
      },
      dispose: () => store.close(),
    };
  };
}

/** Stores over TCP. */
export function tcpFactory(): StoreFactory {
  return sharedFactory(async (stack) => {
    const server = stack.use(await startRedis({ limitMs: FILE_MS }));
    const raw = stack.use(await connectRaw(server));
    return {
      raw,
      open: () => openRedisTcp({ nodes: [server], timeoutMs: PATIENT_MS }),
    };
  });
}

const TOKEN = "a-token-of-a-test";

/** Stores over REST, through the gateway. */
export function restFactory(): StoreFactory {
  return sharedFactory(async (stack) => {
    const server = stack.use(await startRedis({ limitMs: FILE_MS }));
    const gateway = stack.use(
      await startGateway({ redis: server, token: TOKEN }),
    );
    const raw = stack.use(await connectRaw(server));
    return {
      raw,
      open: () =>
        openRedisRest({
          url: gateway.url,
          token: TOKEN,
          timeoutMs: PATIENT_MS,
        }),
    };
  });
}

/** Stores on a cluster of three. */
export function clusterFactory(): StoreFactory {
  return sharedFactory(async (stack) => {
    const { nodes, ownerOf } = stack.use(
      await startCluster({ limitMs: FILE_MS }),
    );
    const raw = stack.use(await connectRaw(await ownerOf(CELL)));
    return {
      ...{ raw, prefix: IN_CELL },
      open: () => inCell(openRedisTcp({ nodes, timeoutMs: PATIENT_MS })),
    };
  });
}

/** What the names of each cell begin with. */
export const prefixesOf = (cells: Cells) =>
  cells.tags.map((_, cell) => cells.stored(IN_CELL, cell));

/**
 * Opens the cells of a cluster, with `clock` in place of the servers', which stood at
 * `serverMs`. As in the server, each cell has a store of its own; all share one
 * link, because tests open many stores.
 */
export function openClusterCells(
  nodes: readonly RedisAddress[],
  count: number,
  clock: Clock,
  serverMs: number,
): Store {
  const cells = testCells(count);
  const prefixes = prefixesOf(cells);
  const transport = openRedisTcp({ nodes, timeoutMs: PATIENT_MS });
  const stores = shareTransport(transport, prefixes).map((own, cell) =>
    createRedisStore(stretchTime(own, clock, serverMs, prefixes[cell]))
  );
  return withCells({ cells, stores });
}

/** Stores of `count` cells on a cluster of three. */
export function celledClusterFactory(count: number): StoreFactory {
  const stack = new AsyncDisposableStack();
  let nodes: RedisCluster["nodes"];
  const raws: RawRedis[] = [];
  Deno.test.beforeAll(async () => {
    ({ nodes } = stack.use(await startCluster({ limitMs: FILE_MS })));
    for (const node of nodes) raws.push(stack.use(await connectRaw(node)));
  });
  Deno.test.afterAll(() => stack.disposeAsync());
  return async (clock) => {
    for (const raw of raws) await raw.send("FLUSHALL");
    const [seconds] = await raws[0]!.send("TIME");
    const open = () =>
      openClusterCells(nodes, count, clock, Number(seconds) * 1_000);
    const store = open();
    return {
      store,
      reopen: () => Promise.resolve(open()),
      advance: (ms) => passInCells(raws, count, ms),
      dispose: () => store.close(),
    };
  };
}

/** Lets time pass in all cells of a cluster, whose primaries still have their slots. */
export async function passInCells(
  raws: readonly RawRedis[],
  count: number,
  ms: number,
  prefix = "",
): Promise<void> {
  await Promise.all(
    prefixesOf(testCells(count)).map((own, cell) =>
      raws[nodeOf(cell, count)]!.send(...passCommand(ms, prefix + own))
    ),
  );
}

/** Which of the three primaries has a cell: it is in the middle of its part of the slots. */
export const nodeOf = (cell: number, count: number): number =>
  Math.floor((cell + 0.5) * 3 / count);

const IN_CELL = `${CELL}:`;

/** Puts every name into the cell, where the suites' names are not. */
function inCell(transport: RedisTransport): RedisTransport {
  return {
    maxRequests: transport.maxRequests,
    run: (script, keys, args) =>
      transport.run(script, keys.map((key) => IN_CELL + key), args),
    timeMs: () => transport.timeMs(),
    async scan(start, from, what) {
      const page = await transport.scan(IN_CELL + start, from, what);
      const names = page.names.map((it) => it.slice(IN_CELL.length));
      return { ...page, names };
    },
    info: () => transport.info(),
    close: () => transport.close(),
  };
}
