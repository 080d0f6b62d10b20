/**
 * Several edges on one Redis: each a whole application with its own link to
 * the store, over TCP or over REST and a gateway, and one clock for all.
 *
 * @module
 */

import type { Random } from "../../../../edge/base/clock.ts";
import { createRedisStore } from "../../../../edge/store/redis/redis.ts";
import { openRedisRest } from "../../../../edge/store/redis/rest.ts";
import { openRedisTcp } from "../../../../edge/store/redis/tcp.ts";
import type { Store } from "../../../../edge/store/store.ts";
import {
  type RedisServer,
  startRedis,
} from "../../../../scripts/redis_server.ts";
import {
  type Gateway,
  startGateway,
} from "../../../../scripts/upstash/gateway.ts";
import { NOON_MS, startApp, type TestApp, TestClock } from "../app.ts";
import { connectRaw, type RawRedis } from "../../redis/raw.ts";
import { PATIENT_MS, stretchTime } from "../../redis/time.ts";

/** How edges reach the store. */
export type Way = "TCP" | "REST";

/** Every way there is. */
export const WAYS: readonly Way[] = ["TCP", "REST"];

/** Where something listens. */
export interface Place {
  readonly host: string;
  readonly port: number;
}

/** What an edge may have of its own. */
export interface EdgeOptions {
  /** A proxy in front of {@linkcode World.place}. */
  readonly through?: Place;
  /** Deadline of a request to the store, milliseconds; `PATIENT_MS` if not given. */
  readonly timeoutMs?: number;
  readonly random?: Random;
  readonly wrapStore?: (store: Store) => Store;
}

/** One Redis and what stands on it. */
export interface World extends AsyncDisposable {
  readonly way: Way;
  readonly redis: RedisServer;
  /** Where edges go: the Redis, or the gateway in front of it. */
  readonly place: Place;
  /** Fails if edges go to the Redis itself. */
  readonly gateway: Gateway;
  /** Of all edges. */
  readonly clock: TestClock;
  /** Of the store; moves with that of the edges until it is set apart. */
  readonly storeClock: TestClock;
  /** Starts an edge, which ends with this world at the latest. */
  edge(options?: EdgeOptions): Promise<TestApp>;
  /** Runs something on the Redis, past every edge. */
  raw<T>(work: (redis: RawRedis) => Promise<T>): Promise<T>;
}

/** The token of every gateway here. */
export const TOKEN = "a-token-of-a-test";

/** How to start a world. */
export interface WorldOptions {
  /** Settings of the Redis, as words of its command line. */
  readonly settings?: readonly string[];
  readonly storeClock?: TestClock;
}

/** Starts a Redis, and a gateway where one is needed. */
export async function startWorld(
  way: Way,
  options: WorldOptions = {},
): Promise<World> {
  await using starting = new AsyncDisposableStack();
  const { settings = [] } = options;
  const redis = starting.use(await startRedis({ settings }));
  const gateway = way === "TCP"
    ? null
    : starting.use(await startGateway({ redis, token: TOKEN }));
  const raw: World["raw"] = async (work) => {
    using connection = await connectRaw(redis);
    return await work(connection);
  };
  const [seconds] = await raw((it) => it.send("TIME"));
  const serverMs = Number(seconds) * 1000;
  const clock = new TestClock(NOON_MS);
  const storeClock = options.storeClock ?? clock;
  const place = gateway === null
    ? redis
    : { host: "127.0.0.1", port: Number(new URL(gateway.url).port) };

  const open = ({ host, port }: Place, timeoutMs: number) =>
    way === "TCP"
      ? openRedisTcp({ nodes: [{ host, port }], timeoutMs })
      : openRedisRest({
        url: `http://${host}:${port}`,
        token: TOKEN,
        timeoutMs,
      });

  const stack = starting.move();
  return {
    way,
    redis,
    place,
    clock,
    storeClock,
    raw,
    get gateway() {
      if (gateway === null) throw new TypeError("No gateway over TCP");
      return gateway;
    },
    async edge(edge = {}) {
      const { through = place, timeoutMs = PATIENT_MS, ...rest } = edge;
      const transport = open(through, timeoutMs);
      return stack.use(
        await startApp({
          ...rest,
          clock,
          openStore: () =>
            createRedisStore(stretchTime(transport, storeClock, serverMs)),
        }),
      );
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}
