/**
 * What the HTTP benches stand on: a store with enrolled phones, the load
 * generator, and servers, each in a folder of its own. All of it ends with the
 * ground, the servers first.
 *
 * The phones are enrolled straight through the use cases into the store that
 * the servers will open, many in few buckets, as a customer base of millions
 * has them.
 *
 * @module
 */

import { systemRandom } from "../../../edge/base/clock.ts";
import {
  createSandboxLedger,
  type SandboxLedger,
} from "../../../edge/ledger/sandbox/sandbox.ts";
import type { Store } from "../../../edge/store/store.ts";
import { Api, CURRENCY } from "../../client.ts";
import { newDeviceKey } from "../../device.ts";
import { composeEdge, type EdgeParts } from "../../edge.ts";
import { inParallel } from "../../parallel.ts";
import { Phone } from "../../phone.ts";
import {
  type LoadProcess,
  type ServerProcess,
  type ServerStart,
  startLoad,
  startServer,
} from "./processes.ts";
import { type HttpFigures, type HttpRace, raceHttp } from "./race.ts";
import { type BenchStore, openBenchStore, type StoreKind } from "./store.ts";

/** Credentials in a bucket, as a large customer base has them. */
export const SEEDS_PER_BUCKET = 100;

/** A store with phones, and the keys to it. */
export interface EnrolledPhones {
  /** The nth is of `account-<n>`. */
  readonly phones: readonly Phone[];
  readonly walletKey: string;
  readonly adminKey: string;
  /** Keys for the environment of a server on this store. */
  readonly env: Readonly<Record<string, string>>;
}

/** The ground of a bench. */
export interface HttpGround extends BenchStore, EnrolledPhones {
  readonly load: LoadProcess;
  /** Starts a server; keys and the store are in its environment. */
  start(server: Omit<ServerStart, "folder">): Promise<ServerProcess>;
  /** {@linkcode raceHttp} with this load generator, key and phones. */
  race(
    race: Pick<HttpRace, "contenders" | "size" | "call"> & Partial<HttpRace>,
  ): Promise<HttpFigures[]>;
  /** A new merchant's key at an edge. */
  openShop(edge: ServerProcess, name?: string): Promise<string>;
}

/** Lays the ground: a store of the kind, and `count` phones enrolled in it. */
export async function layGround(
  kind: StoreKind,
  count: number,
): Promise<HttpGround> {
  await using stack = new AsyncDisposableStack();
  const opened = stack.use(await openBenchStore(kind));
  const folder = await Deno.makeTempDir({ prefix: "offcode-bench-" });
  stack.defer(() => Deno.remove(folder, { recursive: true }));
  const enrolled = await enrolPhones(opened.store, count);
  const load = stack.use(startLoad());
  const owned = stack.move();
  const { phones, walletKey, adminKey } = enrolled;
  const env = { ...opened.env, ...enrolled.env };
  return {
    ...{ ...opened, ...enrolled, load, env },
    start: async (server) =>
      owned.use(
        await startServer({
          ...server,
          folder: await Deno.makeTempDir({ dir: folder }),
          env: { ...env, ...server.env },
        }),
      ),
    race: (race) =>
      raceHttp({
        ...{ load, phones, key: walletKey },
        ...(opened.redis && { storePid: opened.redis.pid }),
        ...race,
      }),
    openShop: async ({ origin }, name = "Corner Shop") =>
      (await new Api(origin).openShop(adminKey, name)).key,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** An edge in this process over a store, and a wallet's key to it. */
export async function openWallet(parts: EdgeParts) {
  const edge = composeEdge(parts);
  const made = await edge.useCases.apiKeys.addToWallet({ name: "bench" });
  if ("kind" in made) throw new Error(`No wallet key: ${made.code}`);
  return { ...edge, walletKey: made.apiKey };
}

/** Enrols phones, {@linkcode SEEDS_PER_BUCKET} in a bucket. */
async function enrolPhones(
  store: Store,
  count: number,
): Promise<EnrolledPhones> {
  // A bucket takes four bytes, and nothing else takes four.
  const buckets = Math.ceil(count / SEEDS_PER_BUCKET);
  let drawn = 0;
  const random = {
    bytes(length: number) {
      if (length !== 4) return systemRandom.bytes(length);
      const bytes = new Uint8Array(4);
      new DataView(bytes.buffer).setUint32(0, drawn++ % buckets);
      return bytes;
    },
  };
  const { core, useCases: { enrolments }, walletKey, adminKey, env } =
    await openWallet({ store, random });
  const key = await newDeviceKey();
  const phones: Phone[] = [];
  await inParallel(count, async (n) => {
    const phone = await Phone.make(core, key);
    const made = await enrolments.enrol({
      by: undefined,
      accountId: `account-${n}`,
      deviceId: `device-${n}`,
      deviceKey: phone.deviceKey,
    });
    if (!("seedJwe" in made)) throw new Error("An enrolment was refused");
    await phone.receive(JSON.stringify({
      credential_id: made.credentialId,
      account_id: made.accountId,
      device_id: made.deviceId,
      seed_jwe: made.seedJwe,
    }));
    phones[n] = phone;
  });
  return { phones, walletKey, adminKey, env };
}

/** A sandbox ledger in `store`, with money on the accounts of `count` phones. */
export async function fundAccounts(
  store: Store,
  count: number,
): Promise<SandboxLedger> {
  const ledger = createSandboxLedger({ store, random: systemRandom });
  await inParallel(count, (n) =>
    ledger.setAccount(`account-${n}`, {
      balanceMinor: 1_000_000,
      currency: CURRENCY,
    }));
  return ledger;
}
