/**
 * Several edges on one Redis: each a whole application with its own link to
 * the store, over TCP or over REST and a gateway, and one clock for all.
 *
 * @module
 */

import { createRedisStore } from "../../../../edge/store/redis/redis.ts";
import { openRedisRest } from "../../../../edge/store/redis/rest.ts";
import { openRedisTcp } from "../../../../edge/store/redis/tcp.ts";
import {
  type RedisServer,
  startRedis,
} from "../../../../scripts/redis_server.ts";
import {
  type FaultyGateway,
  startFaultyGateway,
} from "../../redis/faulty_gateway.ts";
import type { TestApp, TestClock } from "../app.ts";
import { connectRaw, type RawRedis } from "../../redis/raw.ts";
import { PATIENT_MS, stretchTime } from "../../redis/time.ts";
import { type EdgeOptions, type EmptyWorld, openEmptyWorld } from "../world.ts";

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
export interface LinkedEdge extends Pick<EdgeOptions, "random" | "wrapStore"> {
  /** A proxy in front of {@linkcode Regions.place}. */
  readonly through?: Place;
  /** Deadline of a request to the store, milliseconds; `PATIENT_MS` if not given. */
  readonly timeoutMs?: number;
}

/** One Redis and what stands on it. */
export interface Regions extends Pick<EmptyWorld, "clock">, AsyncDisposable {
  readonly way: Way;
  readonly redis: RedisServer;
  /** Where edges go: the Redis, or the gateway in front of it. */
  readonly place: Place;
  /** Fails if edges go to the Redis itself. */
  readonly gateway: FaultyGateway;
  /** Of the store; moves with that of the edges until it is set apart. */
  readonly storeClock: TestClock;
  /** Starts an edge, which ends with this world at the latest. */
  edge(options?: LinkedEdge): Promise<TestApp>;
  /** Runs something on the Redis, past every edge. */
  raw<T>(work: (redis: RawRedis) => Promise<T>): Promise<T>;
}

/** The token of every gateway here. */
export const TOKEN = "a-token-of-a-test";

/** How to open them. */
export interface RegionsOptions {
  /** Settings of the Redis, as words of its command line. */
  readonly settings?: readonly string[];
  readonly storeClock?: TestClock;
}

/** Starts a Redis, and a gateway where one is needed. */
export async function openRegions(
  way: Way,
  options: RegionsOptions = {},
): Promise<Regions> {
  await using starting = new AsyncDisposableStack();
  const { settings = [] } = options;
  const redis = starting.use(await startRedis({ settings }));
  const gateway = way === "TCP"
    ? null
    : starting.use(await startFaultyGateway({ redis, token: TOKEN }));
  const raw: Regions["raw"] = async (work) => {
    using connection = await connectRaw(redis);
    return await work(connection);
  };
  const [seconds] = await raw((it) => it.send("TIME"));
  const serverMs = Number(seconds) * 1000;
  const world = starting.use(await openEmptyWorld());
  const { clock } = world;
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
      const openStore = () =>
        createRedisStore(stretchTime(transport, storeClock, serverMs));
      return await world.start({ ...rest, openStore });
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}
