import { assert, assertEquals } from "@std/assert";
import { encodeBase64 } from "@std/encoding/base64";
import { systemRandom } from "../../../edge/base/clock.ts";
import { PROFILE_1, profilesOf } from "../../../edge/code/profile.ts";
import { openStoredSeed } from "../../../edge/enrolment/new_seed.ts";
import { sealedSeeds } from "../../../edge/enrolment/reseal.ts";
import { entryText } from "../../../edge/enrolment/record.ts";
import {
  credentialKind,
  putSeed,
  seedsOf,
} from "../../../edge/enrolment/writes.ts";
import { bucketEntriesKey } from "../../../edge/store/keys.ts";
import { readRecords } from "../../../edge/store/record.ts";
import type { Store, Transaction } from "../../../edge/store/store.ts";
import { parseKeyring } from "../../../edge/vault/keyring.ts";
import { createVault, type Vault } from "../../../edge/vault/seal.ts";
import { countByKey } from "../../../edge/vault/sealed_records.ts";
import {
  type SealedSeed,
  writeSeeds,
} from "../../../scripts/bench/kit/sealed_buckets.ts";
import { ManualClock } from "../../support/store/fixture.ts";
import { sqliteFactory } from "../../support/store/sqlite.ts";

const keyOf = (kid: string, byte: number) =>
  `${kid}:${encodeBase64(new Uint8Array(32).fill(byte))}`;
const vaultOf = (...keys: string[]) =>
  createVault({ keyring: parseKeyring(keys.join()), random: systemRandom });
const OLD = vaultOf(keyOf("k1", 1));
const BOTH = vaultOf(keyOf("k2", 2), keyOf("k1", 1));

/** The record of a credential with this one seed. */
const recordOf = (
  { credentialId, accountId, deviceId, stored }: SealedSeed,
) => ({
  ...{ ...stored, credential_id: credentialId, account_id: accountId },
  ...{ device_id: deviceId, device_point: "", status: "active" as const },
  created_at: "2026-01-15T12:00:00.000Z",
});

/** A store with a sealed seed for each bucket that is named. */
async function openSeeds(buckets: readonly number[]) {
  const clock = new ManualClock();
  const { store, dispose } = await sqliteFactory(clock);
  const credentials = credentialKind(clock);
  const seeds = await writeSeeds(
    store,
    {
      ...{ vault: OLD, random: systemRandom, prefix: "90", profile: 1 },
      expires: clock.ms / 1000 + 86_400,
    },
    buckets,
    0,
    (it) => [credentials(it.credentialId).set(recordOf(it))],
  );
  const sealedIn = (through: Store, vault = BOTH) =>
    sealedSeeds({
      ...{ store: through, clock, random: systemRandom, vault },
      ...{ prefix: "90", profiles: profilesOf([PROFILE_1]) },
    });
  /** Seals anew through a store; how many, and how many do not open. */
  async function reseal(through: Store = store, vault = BOTH) {
    const all = { resealed: 0, unopened: 0 };
    for await (const part of sealedIn(through, vault).parts()) {
      const { resealed, unopened } = await part.reseal();
      all.resealed += resealed;
      all.unopened += unopened;
    }
    return all;
  }
  return {
    ...{ store, seeds, credentials, reseal },
    counts: async () =>
      Object.fromEntries(
        (await countByKey([sealedIn(store)])).get("seeds")!,
      ),
    /** Each seed is once in its bucket, as its record says, and opens. */
    async check() {
      for (const { seed, credentialId, stored } of seeds) {
        const [{ value }] = await readRecords(store, [
          credentials(credentialId),
        ]);
        const [kept] = seedsOf(value!);
        const opened = openStoredSeed({ vault: BOTH, prefix: "90" }, kept!);
        assertEquals(opened, seed);
        const index = bucketEntriesKey(1, stored.bucket);
        const range = { index, min: 0, max: 1e15, limit: 10_000 };
        const mine = (await store.range(range))
          .filter(({ member }) => member.includes(credentialId));
        assertEquals(mine, [{ member: kept!.entry, score: kept!.expires }]);
      }
    },
    [Symbol.asyncDispose]: dispose,
  };
}

/** A store that calls `before` with each transaction, in front of another. */
const watched = (
  store: Store,
  before: (transaction: Transaction) => Promise<unknown> | void,
): Store => ({
  read: (request) => store.read(request),
  range: (query) => store.range(query),
  timeMs: () => store.timeMs(),
  close: () => store.close(),
  async txn(transaction) {
    await before(transaction);
    return await store.txn(transaction);
  },
});

const names = (transaction: Transaction, credentialId: string) =>
  JSON.stringify(transaction.checks).includes(credentialId);

Deno.test("sealedSeeds() counts the seeds of every profile that it is given", async () => {
  const clock = new ManualClock();
  const { store, dispose } = await sqliteFactory(clock);
  const deps = { store, clock, random: systemRandom, vault: OLD, prefix: "90" };
  const expires = clock.ms / 1000 + 86_400;
  for (const profile of [1, 7]) {
    await writeSeeds(store, { ...deps, profile, expires }, [0, 3, 3]);
  }
  const small = { ...PROFILE_1, bucketDigits: 1, tagDigits: 14 };
  const profiles = profilesOf([small, { ...small, digit: 7 }]);
  const counts = async () =>
    (await countByKey([sealedSeeds({ ...deps, profiles })])).get("seeds");
  assertEquals(await counts(), new Map([["k1", 6]]));
  // An entry whose seed was sealed by nobody.
  const entry = entryText({ c: "c", a: "a", d: "d", g: 1, x: expires, s: "s" });
  const place = { profile: 7, bucket: 3, generation: 1, expires };
  await store.txn({ checks: [], writes: putSeed({ ...place, entry }) });
  assertEquals(await counts(), new Map([["k1", 6], ["none", 1]]));
  await dispose();
});

Deno.test("sealedSeeds() wipes each seed once it is sealed anew", async () => {
  await using it = await openSeeds([1, 1, 2]);
  const opened: Uint8Array[] = [];
  const watching: Vault = {
    ...BOTH,
    openSeed(sealed, context) {
      const seed = BOTH.openSeed(sealed, context);
      opened.push(seed);
      return seed;
    },
  };
  assertEquals(await it.reseal(it.store, watching), {
    resealed: 3,
    unopened: 0,
  });
  assertEquals(opened, Array(3).fill(new Uint8Array(32)));
  await it.check();
});

Deno.test("sealedSeeds() seals the seeds of many small buckets in one transaction", async () => {
  const buckets = Array.from({ length: 64 }, (_, i) => 300 * (i % 32) + 1);
  await using world = await openSeeds(buckets);
  let commits = 0;
  const store = watched(world.store, () => void commits++);
  assertEquals(await world.reseal(store), { resealed: 64, unopened: 0 });
  assertEquals(commits, 1);
  assertEquals(await world.counts(), { k2: 64 });
  await world.check();
});

Deno.test("sealedSeeds() leaves out nothing of buckets of any size", async () => {
  // Two that are read alone, one of them page by page, between small ones.
  const sizes = [63, 64, 600, 1];
  const buckets = sizes.flatMap((size, i) => Array<number>(size).fill(i));
  await using world = await openSeeds(buckets);
  const all = buckets.length;
  assertEquals(await world.counts(), { k1: all });
  assertEquals(await world.reseal(), { resealed: all, unopened: 0 });
  assertEquals(await world.counts(), { k2: all });
  await world.check();
  assertEquals(await world.reseal(), { resealed: 0, unopened: 0 });
});

Deno.test("a credential that changes all the time holds up no other, and is left", async () => {
  await using world = await openSeeds([1, 1, 2, 2, 3, 3, 4, 4]);
  const busy = world.seeds[2]!;
  let changes = 0;
  const store = watched(world.store, async (transaction) => {
    if (!names(transaction, busy.credentialId)) return;
    const record = { ...recordOf(busy), renewals: [`${++changes}`] };
    const write = world.credentials(busy.credentialId).set(record);
    await world.store.txn({ checks: [], writes: [write] });
  });
  assertEquals(await world.reseal(store), { resealed: 7, unopened: 0 });
  assertEquals(await world.counts(), { k1: 1, k2: 7 });
  assert(changes < 40, "it gives up");
  // Once the credential rests, it is sealed anew, and its last change stays.
  assertEquals(await world.reseal(), { resealed: 1, unopened: 0 });
  await world.check();
  const place = world.credentials(busy.credentialId);
  const [{ value }] = await readRecords(world.store, [place]);
  assertEquals(value!.renewals, [`${changes}`]);
});

Deno.test("a credential that ended meanwhile gets no seed back", async () => {
  await using world = await openSeeds([1, 1, 2]);
  const { credentialId, stored } = world.seeds[0]!;
  const index = bucketEntriesKey(1, stored.bucket);
  let isFirst = true;
  const store = watched(world.store, async () => {
    if (!isFirst) return;
    isFirst = false;
    await world.store.txn({
      checks: [],
      writes: [
        world.credentials(credentialId).delete(),
        { kind: "unindex", index, member: stored.entry },
      ],
    });
  });
  assertEquals(await world.reseal(store), { resealed: 2, unopened: 0 });
  assertEquals(await world.counts(), { k2: 2 });
});

Deno.test("two that seal anew at once seal each seed once", async () => {
  await using world = await openSeeds(
    Array.from({ length: 130 }, (_, i) => i % 40),
  );
  const results = await Promise.all([world.reseal(), world.reseal()]);
  const total = results.reduce((sum, { resealed }) => sum + resealed, 0);
  assertEquals(total, 130);
  assertEquals(await world.counts(), { k2: 130 });
  await world.check();
});
