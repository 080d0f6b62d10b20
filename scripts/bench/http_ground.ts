/**
 * What the HTTP benches stand on: a store with enrolled phones, the load
 * generator, and servers, each in a folder of its own. All of it ends with the
 * ground, the servers first.
 *
 * @module
 */

import { systemClock } from "../../edge/base/clock.ts";
import { openSqliteStore } from "../../edge/store/sqlite/sqlite.ts";
import type { Store } from "../../edge/store/store.ts";
import { Api } from "../client.ts";
import type { RedisServer } from "../redis_server.ts";
import {
  type LoadProcess,
  type ServerProcess,
  type ServerStart,
  startLoad,
  startServer,
} from "./http_processes.ts";
import { type HttpFigures, type HttpRace, raceHttp } from "./http_race.ts";
import { type EnrolledPhones, enrolPhones } from "./http_wallets.ts";
import { startWorld, type Transport } from "./redis_world.ts";

/** Credentials in a bucket, as a large customer base has them. */
export const SEEDS_PER_BUCKET = 100;

/** Where the records are, and how a server reaches them. */
export interface GroundStore {
  /** For the environment of a server. */
  readonly env: Readonly<Record<string, string>>;
  /** Opens it in this process as well. */
  openStore(): Store;
  /** The process that keeps the records, unless the server does. */
  readonly redis?: RedisServer;
}

/** The ground of a bench. */
export interface HttpGround extends EnrolledPhones, AsyncDisposable {
  readonly store: GroundStore;
  readonly load: LoadProcess;
  /** Starts a server; keys and the store are in its environment. */
  start(
    server:
      & Omit<ServerStart, "folder" | "env">
      & Partial<Pick<ServerStart, "env">>,
  ): Promise<ServerProcess>;
  /** {@linkcode raceHttp} with this load generator and these phones. */
  race(
    race: Pick<HttpRace, "contenders" | "size"> & Partial<HttpRace>,
  ): Promise<readonly HttpFigures[]>;
}

/** Lays the ground: a store of the kind, and `phones` phones enrolled in it. */
export async function layGround(
  { kind, phones: count }: {
    readonly kind: "sqlite" | Transport;
    readonly phones: number;
  },
): Promise<HttpGround> {
  await using stack = new AsyncDisposableStack();
  const folder = await Deno.makeTempDir({ prefix: "offcode-bench-" });
  stack.defer(() => Deno.remove(folder, { recursive: true }));
  const store: GroundStore = kind === "sqlite"
    ? sqliteIn(folder)
    : stack.use(await startWorld(kind));
  const opened = store.openStore();
  let enrolled: EnrolledPhones;
  try {
    const buckets = Math.ceil(count / SEEDS_PER_BUCKET);
    enrolled = await enrolPhones({ store: opened, count, buckets });
  } finally {
    await opened.close();
  }
  const load = stack.use(startLoad());
  const owned = stack.move();
  const { phones, walletKey, env } = enrolled;
  return {
    ...{ store, load, phones, walletKey, env },
    start: async (server) =>
      owned.use(
        await startServer({
          ...server,
          folder: await Deno.makeTempDir({ dir: folder }),
          env: { ...store.env, ...env, ...server.env },
        }),
      ),
    race: (race) =>
      raceHttp({
        ...{ load, phones, key: walletKey },
        ...(store.redis && { storePid: store.redis.pid }),
        ...race,
      }),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

function sqliteIn(folder: string): GroundStore {
  const path = `${folder}/offcode.db`;
  return {
    env: { OFFCODE_STORE: `sqlite:${path}` },
    openStore: () => openSqliteStore({ path, clock: systemClock }),
  };
}

/** A new merchant's key at an edge. */
export async function openShop(
  { origin }: ServerProcess,
  { env }: EnrolledPhones,
): Promise<string> {
  const shop = await new Api(origin).call(
    "201 active",
    "POST",
    "/v1/admin/merchants",
    env["OFFCODE_ADMIN_KEY"]!,
    { name: "Corner Shop" },
  );
  return shop.body.api_key!;
}
