/**
 * Redis stores for the suites of the store port: over TCP, over REST and a
 * gateway, and on a cluster of three. One Redis serves all tests of a file and
 * is emptied for each.
 *
 * @module
 */

import { CELL } from "../../../edge/store/keys.ts";
import { createRedisStore } from "../../../edge/store/redis/redis.ts";
import { openRedisRest } from "../../../edge/store/redis/rest.ts";
import { openRedisTcp } from "../../../edge/store/redis/tcp.ts";
import type { RedisTransport } from "../../../edge/store/redis/transport.ts";
import { startRedis } from "../../../scripts/redis_server.ts";
import { startGateway } from "../../../scripts/upstash/gateway.ts";
import { startCluster } from "./cluster.ts";
import { connectRaw, type RawRedis } from "./raw.ts";
import { passCommand, PATIENT_MS, stretchTime } from "./time.ts";
import type { StoreFactory } from "../store/fixture.ts";

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
    const server = stack.use(await startRedis());
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
    const server = stack.use(await startRedis());
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
    const { nodes, ownerOf } = stack.use(await startCluster());
    const raw = stack.use(await connectRaw(await ownerOf(CELL)));
    return {
      ...{ raw, prefix: IN_CELL },
      open: () => inCell(openRedisTcp({ nodes, timeoutMs: PATIENT_MS })),
    };
  });
}

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
