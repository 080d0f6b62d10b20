/**
 * What the HTTP benches stand on: a store with enrolled phones, and servers on
 * it. All of it ends with the ground, the servers first.
 *
 * The phones are enrolled straight through the use cases into the store that
 * the servers will open, many in few buckets, as a customer base of millions
 * has them.
 *
 * @module
 */

import { systemRandom } from "../../../edge/base/clock.ts";
import { createSandboxLedger } from "../../../edge/ledger/sandbox/sandbox.ts";
import type { Cells, Store } from "../../../edge/store/store.ts";
import { Api, CURRENCY } from "../../client.ts";
import { newDeviceKey } from "../../device.ts";
import { composeEdge } from "../../edge.ts";
import { inParallel } from "../../parallel.ts";
import { Phone } from "../../phone.ts";
import {
  type ServerProcess,
  type ServerStart,
  startServer,
} from "./processes.ts";
import type { HttpContender } from "./race.ts";
import {
  type Division,
  type Fsync,
  openBenchStore,
  type StoreKind,
  useFolder,
} from "./store.ts";

/** Credentials in a bucket, as a large customer base has them. */
export const SEEDS_PER_BUCKET = 100;

/** What a bench may change about its ground. */
export interface GroundOptions {
  /** How many of the customers have phones that show codes; by default all. */
  readonly phones?: number;
  /** When Redis hands what it wrote to the disk; by default `always`. */
  readonly fsync?: Fsync;
  readonly division?: Division;
  /** The account of the nth customer; by default `account-<n>`. */
  readonly accountOf?: AccountOf;
}

type AccountOf = (n: number, cells: Cells | undefined) => string;

const numbered: AccountOf = (n) => `account-${n}`;

/**
 * Lays the ground: a store of the kind, and `count` customers enrolled in it. Customers
 * with a phone have money in the sandbox ledger, too.
 */
export async function layGround(
  kind: StoreKind,
  count: number,
  { phones, fsync, division, accountOf = numbered }: GroundOptions = {},
) {
  await using stack = new AsyncDisposableStack();
  const opened = stack.use(await openBenchStore(kind, fsync, division));
  const folder = await useFolder(stack);
  const { store } = opened;
  const enrolled = await enrolPhones(store, count, phones, accountOf);
  const ledger = createSandboxLedger({ store, random: systemRandom });
  const account = { balanceMinor: 1_000_000, currency: CURRENCY };
  await inParallel(
    enrolled.phones.length,
    (n) => ledger.setAccount(accountOf(n, store.cells), account),
  );
  const owned = stack.move();
  const env = { ...opened.env, ...enrolled.env };
  return {
    ...{ ...opened, ...enrolled, ledger, env },
    /**
     * Starts a server, by default the edge; keys and the store are in its
     * environment.
     */
    start: async (server: Partial<ServerStart> = {}) =>
      owned.use(
        await startServer({
          ...{ entry: "edge/main.ts", folder, ...server },
          env: { ...env, ...server.env },
        }),
      ),
    /** A server as it races, by default with the wallet's key and all phones. */
    contender: (
      server: ServerProcess,
      parts: Pick<HttpContender, "name"> & Partial<HttpContender>,
    ): HttpContender => ({
      ...{ phones: enrolled.phones, key: enrolled.walletKey },
      storePids: opened.redis ? [opened.redis.pid] : [],
      ...{ ...server, ...parts },
    }),
    /** A new merchant at an edge. */
    openShop: ({ origin }: ServerProcess, name = "Corner Shop") =>
      new Api(origin).openShop(enrolled.adminKey, name),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/**
 * Enrols `count` customers, {@linkcode SEEDS_PER_BUCKET} in a bucket; the nth is
 * of `account-<n>`, unless `accountOf` says otherwise. The first `withPhone` have phones that show codes.
 */
export async function enrolPhones(
  store: Store,
  count: number,
  withPhone = count,
  accountOf = numbered,
) {
  // Only the choice of a bucket takes four bytes, so such requests get the
  // buckets of a cell in turn.
  const cells = store.cells?.count ?? 1;
  const buckets = Math.ceil(count / cells / SEEDS_PER_BUCKET);
  let drawn = 0;
  const random = {
    bytes(length: number) {
      if (length !== 4) return systemRandom.bytes(length);
      const bytes = new Uint8Array(4);
      new DataView(bytes.buffer).setUint32(
        0,
        Math.floor(drawn++ / cells) % buckets,
      );
      return bytes;
    },
  };
  const { core, useCases, adminKey, env } = composeEdge({ store, random });
  const wallet = await useCases.apiKeys.addToWallet({ name: "bench" });
  if ("kind" in wallet) throw new Error(`No wallet key: ${wallet.code}`);
  const key = await newDeviceKey();
  const phones: Phone[] = [];
  await inParallel(count, async (n) => {
    const phone = await Phone.make(core, key);
    const made = await useCases.enrolments.enrol({
      by: undefined,
      accountId: accountOf(n, store.cells),
      deviceId: `device-${n}`,
      deviceKey: phone.deviceKey,
    });
    if (!("seedJwe" in made)) throw new Error("An enrolment was refused");
    if (n >= withPhone) return;
    await phone.receive(JSON.stringify({
      credential_id: made.credentialId,
      account_id: made.accountId,
      device_id: made.deviceId,
      seed_jwe: made.seedJwe,
    }));
    phones[n] = phone;
  });
  return { phones, walletKey: wallet.apiKey, adminKey, env };
}
