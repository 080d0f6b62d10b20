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
import type { LoadPlan, LoadResult } from "./load.ts";
import {
  type ServerProcess,
  type ServerStart,
  startServer,
  startWorker,
} from "./processes.ts";
import { type HttpRace, raceHttp } from "./race.ts";
import { openBenchStore, type StoreKind, useFolder } from "./store.ts";

/** Credentials in a bucket, as a large customer base has them. */
export const SEEDS_PER_BUCKET = 100;

/** The ground of a bench. */
export type HttpGround = Awaited<ReturnType<typeof layGround>>;

/** Lays the ground: a store of the kind, and `count` phones enrolled in it. */
export async function layGround(kind: StoreKind, count: number) {
  await using stack = new AsyncDisposableStack();
  const opened = stack.use(await openBenchStore(kind));
  const folder = await useFolder(stack);
  const { phones, walletKey, ...keys } = await enrolPhones(opened.store, count);
  const load = stack.use(
    startWorker<LoadPlan, LoadResult>("scripts/bench/kit/load.ts"),
  );
  const owned = stack.move();
  const env = { ...opened.env, ...keys.env };
  return {
    ...{ ...opened, phones, walletKey, load },
    /** Starts a server; keys and the store are in its environment. */
    start: async (server: Omit<ServerStart, "folder">) =>
      owned.use(
        await startServer({
          ...server,
          folder: await Deno.makeTempDir({ dir: folder }),
          env: { ...env, ...server.env },
        }),
      ),
    /** {@linkcode raceHttp} with this load generator, key and phones. */
    race: (
      race: Pick<HttpRace, "contenders" | "size" | "call"> & Partial<HttpRace>,
    ) =>
      raceHttp({
        ...{ load, phones, key: walletKey },
        ...(opened.redis && { storePid: opened.redis.pid }),
        ...race,
      }),
    /** A new merchant's key at an edge. */
    openShop: async ({ origin }: ServerProcess, name = "Corner Shop") =>
      (await new Api(origin).openShop(keys.adminKey, name)).key,
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

/**
 * Enrols phones, {@linkcode SEEDS_PER_BUCKET} in a bucket; the nth is of
 * `account-<n>`.
 */
export async function enrolPhones(store: Store, count: number) {
  // Only the choice of a bucket takes four bytes, so such requests get the
  // buckets in turn.
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
