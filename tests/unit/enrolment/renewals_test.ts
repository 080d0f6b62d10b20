import { setImmediate } from "node:timers";
import { assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { createBackOff } from "../../../edge/base/backoff.ts";
import {
  PROFILE_1,
  PROFILE_2,
  profilesOf,
} from "../../../edge/code/profile.ts";
import { createSeedSweeper } from "../../../edge/enrolment/seed_sweeper.ts";
import { credentialKind } from "../../../edge/enrolment/writes.ts";
import { createRenewals } from "../../../edge/enrolment/renewals.ts";
import { createEnrolments } from "../../../edge/enrolment/enrolments.ts";
import { systemRandom } from "../../../edge/base/clock.ts";
import {
  bucketEntriesKey,
  bucketRevisionKey,
  DUE_SEEDS_KEY,
} from "../../../edge/store/keys.ts";
import {
  type Store,
  StoreUnavailableError,
} from "../../../edge/store/store.ts";
import { parseKeyring } from "../../../edge/vault/keyring.ts";
import { createVault, type Vault } from "../../../edge/vault/seal.ts";
import { FaultyStore } from "../../support/store/faulty_store.ts";
import { phoneOf, type TestPhone } from "../../support/world/api.ts";
import {
  MASTER_KEYS,
  NOON_MS,
  startApp,
  type TestApp,
} from "../../support/world/app.ts";
import { said } from "../../support/world/desk.ts";
import { pointedStore } from "../../support/world/points/fail_points.ts";
import { oneBucket, setScene } from "../../support/world/scene.ts";

const STEP_MS = 30_000;
const ZEROS = new Uint8Array(32);

/** Renewals over an application's store; every seed that they hold is kept. */
function watchSeeds(
  { store, clock }: TestApp,
  beforeOpening: () => void = () => {},
) {
  const seeds: Uint8Array[] = [];
  const keep = <T extends Uint8Array>(seed: T): T => {
    if (seed.length === 32) seeds.push(seed);
    return seed;
  };
  const random = {
    bytes: (length: number) =>
      keep(crypto.getRandomValues(new Uint8Array(length))),
  };
  const vault = createVault({ keyring: parseKeyring(MASTER_KEYS), random });
  const watched: Vault = {
    ...vault,
    openSeed(sealed, context) {
      beforeOpening();
      return keep(vault.openSeed(sealed, context));
    },
  };
  const renewals = createRenewals({
    ...{ store, clock, random, vault: watched, prefix: "90" },
    profile: PROFILE_1,
    profiles: profilesOf([PROFILE_1]),
    credentialTtlSeconds: 30 * 86_400,
    onBucketChange: () => {},
    backOff: createBackOff({ random, pause: () => Promise.resolve() }),
  });
  return { renewals, seeds };
}

Deno.test("renew() wipes the seed that it made, the one that it sealed anew, and the one that it delivered again", async () => {
  await using app = await startApp();
  const { phone: { credentialId } } = await setScene(app.api);
  const { renewals, seeds } = watchSeeds(app);
  const request = { credentialId, idempotencyKey: "once", by: undefined };
  assertEquals("seedJwe" in await renewals.renew(request), true);
  assertEquals(seeds, [ZEROS, ZEROS]);
  assertEquals("seedJwe" in await renewals.renew(request), true);
  assertEquals(seeds, [ZEROS, ZEROS, ZEROS]);
});

const RENEWAL = [
  "read apikey",
  "read credential",
  "read account",
  "txn credential",
];

for (const mode of ["before", "after", "twice"] as const) {
  for (const [at, operation] of RENEWAL.entries()) {
    Deno.test(`renew() with a key gives one new seed in the end: ${mode} on "${operation}"`, async () => {
      let store!: FaultyStore;
      await using app = await startApp({
        wrapStore: (opened) => store = new FaultyStore(opened),
      });
      const { api, clock } = app;
      const { phone, merchant } = await setScene(api);
      // A key that this edge has not seen.
      const walletKey = await api.walletKey("another");
      const ask = () =>
        api.askRenewal(walletKey, phone.credentialId, { key: "once" });
      store.plan({ at, mode });
      const first = await ask();
      assertEquals(store.trace, RENEWAL.slice(0, store.trace.length));
      const expected = mode === "twice" ? "201" : "store-unavailable";
      assertEquals(said(first), expected);
      store.plan();
      const renewed = await api.renew(walletKey, phone, "once");
      if (mode === "twice") {
        const { seed } = await phoneOf(phone.device, first.body);
        assertEquals(seed, renewed.seed);
      }
      for (const [i, { code }] of [phone, renewed, phone].entries()) {
        clock.advance(STEP_MS);
        const paid = await api.pay(merchant, {
          code: code(clock.ms),
          order_id: `order-${i}`,
        });
        assertEquals(said(paid), i < 2 ? "201" : "code-not-accepted");
      }
    });
  }
}

Deno.test("renew() keeps the seed whose first code comes before its transaction", async () => {
  let meanwhile: (() => Promise<unknown>) | undefined;
  await using app = await startApp({
    wrapStore: (store) =>
      pointedStore(store, async (point) => {
        if (point !== "before txn credential") return;
        const first = meanwhile;
        meanwhile = undefined;
        await first?.();
      }),
  });
  const { api, clock } = app;
  const { phone, merchant, walletKey } = await setScene(api);
  const used = await api.renew(walletKey, phone);
  const pay = async (order_id: string) => {
    clock.advance(STEP_MS);
    const code = used.code(clock.ms);
    return said(await api.pay(merchant, { code, order_id }));
  };
  meanwhile = async () => assertEquals(await pay("order-1"), "201");
  const next = await api.renew(walletKey, phone);
  assertEquals(meanwhile, undefined);
  assertEquals(await pay("order-2"), "201");
  clock.advance(STEP_MS);
  const code = next.code(clock.ms);
  const paid = await api.pay(merchant, { code, order_id: "order-3" });
  assertEquals(said(paid), "201");
});

Deno.test("renew() hides no bug of the vault", async () => {
  await using app = await startApp();
  const { phone: { credentialId } } = await setScene(app.api);
  const { renewals } = watchSeeds(app, () => {
    throw new TypeError("a bug");
  });
  await assertRejects(
    () => renewals.renew({ credentialId, by: undefined }),
    TypeError,
    "a bug",
  );
});

Deno.test("renew() gives a new seed also where the one before does not open any more", async () => {
  await using app = await startApp();
  const { phone, merchant } = await setScene(app.api);
  const other = MASTER_KEYS.replace(/:.*/, `:${btoa("x".repeat(32))}`);
  await using edge = await startApp({
    ...{ path: app.path, clock: app.clock, masterKeys: other },
  });
  // The keys of the API do not work there: they are proven by the master key.
  const { renewals } = edge.useCases;
  const renewed = await renewals.renew({
    credentialId: phone.credentialId,
    by: undefined,
  });
  assertEquals("seedJwe" in renewed, true);
  app.clock.advance(STEP_MS);
  const code = phone.code(app.clock.ms);
  const answer = await app.api.pay(merchant, { code, order_id: "order-1" });
  assertEquals(said(answer), "code-not-accepted");
});

/** The buckets of a seed, and of its renewal in a profile, by words as drawn. */
async function bucketsOf(
  words: readonly number[],
  enrolmentProfile = PROFILE_1,
): Promise<number[]> {
  let drawn = 0;
  const random = {
    bytes(length: number) {
      const bytes = crypto.getRandomValues(new Uint8Array(length));
      if (length === 4) {
        new DataView(bytes.buffer).setUint32(0, words[drawn++]!);
      }
      return bytes;
    },
  };
  const profiles = profilesOf([PROFILE_1, PROFILE_2]);
  await using app = await startApp({ random, settings: { profiles } });
  const { path, clock, api } = app;
  await using edge = await startApp({
    ...{ random, path, clock, settings: { profiles, enrolmentProfile } },
  });
  const key = await api.walletKey();
  const phone = await api.enrol(key, "alice", "phone-a");
  const { seed } = await edge.api.renew(key, phone);
  assertEquals(drawn, words.length);
  return [phone.seed.bucket, seed.bucket];
}

Deno.test("renew() draws any bucket but that of the seed before, and any of another profile", async () => {
  assertEquals(await bucketsOf([4_000, 3_999]), [4_000, 3_999]);
  assertEquals(await bucketsOf([4_000, 4_000]), [4_000, 4_001]);
  assertEquals(await bucketsOf([4_000, 9_998]), [4_000, 9_999]);
  assertEquals(await bucketsOf([4_000, 9_999]), [4_000, 0]);
  assertEquals(await bucketsOf([9_999, 9_998]), [9_999, 9_998]);
  assertEquals(await bucketsOf([4_000, 4_000], PROFILE_2), [4_000, 4_000]);
});

Deno.test("renew() has its own edge find the new seed at once, though the bucket is cached", async () => {
  await using app = await startApp({ random: oneBucket });
  const { api, clock } = app;
  const { phone, walletKey, merchant } = await setScene(api);
  const pay = (code: string, order_id: string) =>
    api.pay(merchant, { code, order_id });
  // A code of the bucket that the renewal will get; nobody is in it.
  const nobody = `9010001${"0".repeat(11)}`;
  assertEquals(said(await pay(nobody, "order-1")), "code-not-accepted");
  const renewed = await api.renew(walletKey, phone);
  assertEquals(renewed.seed.bucket, 1);
  assertEquals(said(await pay(renewed.code(clock.ms), "order-2")), "201");
});

/** Revisions of the buckets of some phones' seeds. */
const revisionsOf = async ({ store }: TestApp, ...phones: TestPhone[]) =>
  (await store.read({
    keys: phones.map(({ seed: { profile, bucket } }) =>
      bucketRevisionKey(profile, bucket)
    ),
  })).values;

Deno.test("renew() tells every edge of each bucket that it takes a seed out of", async () => {
  await using app = await startApp();
  const { phone, walletKey, merchant } = await setScene(app.api);
  const second = await app.api.renew(walletKey, phone);
  const code = second.code(app.clock.ms);
  const paid = await app.api.pay(merchant, { code, order_id: "order-1" });
  assertEquals(said(paid), "201");
  const before = await revisionsOf(app, phone, second);
  await app.api.renew(walletKey, second);
  const after = await revisionsOf(app, phone, second);
  for (const [i, revision] of before.entries()) {
    assertNotEquals(after[i], revision);
  }
});

Deno.test("revoke() tells every edge of both buckets of a renewed credential, and leaves nothing due", async () => {
  await using app = await startApp();
  const { store, clock, api } = app;
  const { phone, walletKey } = await setScene(api);
  const renewed = await api.renew(walletKey, phone);
  const before = await revisionsOf(app, phone, renewed);
  const changed: number[] = [];
  const enrolments = createEnrolments({
    ...{ store, clock, random: systemRandom, prefix: "90" },
    ...{ profile: PROFILE_1, credentialTtlSeconds: 30 * 86_400 },
    vault: createVault({
      keyring: parseKeyring(MASTER_KEYS),
      random: systemRandom,
    }),
    onBucketChange: (_, bucket) => changed.push(bucket),
    backOff: () => Promise.resolve(),
  });
  assertEquals(
    await enrolments.revoke(phone.credentialId, undefined),
    "revoked",
  );
  assertEquals(changed.sort(), [phone.seed.bucket, renewed.seed.bucket].sort());
  for (
    const [i, revision] of (await revisionsOf(app, phone, renewed)).entries()
  ) {
    assertNotEquals(revision, before[i]);
  }
  for (const { seed: { profile, bucket } } of [phone, renewed]) {
    const index = bucketEntriesKey(profile, bucket);
    assertEquals(
      await store.range({ index, min: 0, max: 1e15, limit: 1 }),
      [],
    );
  }
});

/** Once `meets` is set, the first change of a credential waits for the second one. */
function meetingPair() {
  const both = Promise.withResolvers<void>();
  const pair = {
    meets: false,
    changes: 0,
    wrapStore: (store: Store) =>
      pointedStore(store, async (point) => {
        if (!pair.meets || point !== "before txn credential") return;
        if (++pair.changes === 2) both.resolve();
        await both.promise;
      }),
  };
  return pair;
}

Deno.test("one sweep destroys both seeds of a credential, though both changes start from the same record", async () => {
  const pair = meetingPair();
  await using app = await startApp({ wrapStore: pair.wrapStore });
  const { phone, walletKey } = await setScene(app.api);
  const { seed } = await app.api.renew(walletKey, phone);
  app.clock.advance(30 * 86_400_000);
  pair.meets = true;
  assertEquals(await app.seedSweeper.sweep(), 2);
  assertEquals(pair.changes, 3);
  for (const { profile, bucket } of [phone.seed, seed]) {
    const index = bucketEntriesKey(profile, bucket);
    assertEquals(
      await app.store.range({ index, min: 0, max: 1e15, limit: 1 }),
      [],
    );
  }
});

Deno.test("a seed that two sweepers destroy at the same time is counted once", async () => {
  const pair = meetingPair();
  await using app = await startApp({ wrapStore: pair.wrapStore });
  const { phone, walletKey } = await setScene(app.api);
  await app.api.renew(walletKey, phone);
  app.clock.advance(86_400_000);
  pair.meets = true;
  const counts = await Promise.all([
    app.seedSweeper.sweep(),
    app.seedSweeper.sweep(),
  ]);
  assertEquals([counts.toSorted(), pair.changes], [[0, 1], 2]);
});

Deno.test("the sweeper tells every edge of the bucket that it takes a seed out of", async () => {
  await using app = await startApp();
  const { phone, walletKey } = await setScene(app.api);
  await app.api.renew(walletKey, phone);
  const [before] = await revisionsOf(app, phone);
  app.clock.advance(86_400_000);
  assertEquals(await app.seedSweeper.sweep(), 1);
  assertNotEquals((await revisionsOf(app, phone))[0], before);
});

Deno.test("enrol() leaves an account without a credential whose phone another account took", async () => {
  await using app = await startApp();
  const { phone, walletKey } = await setScene(app.api);
  await app.api.enrol(walletKey, "bob", phone.deviceId);
  const path = "/v1/accounts/alice";
  const shown = await app.api.must(200, "GET", path, { key: walletKey });
  assertEquals(shown.credential_id, undefined);
});

Deno.test("the sweeper leaves seeds that live though they are due, and drops a bucket without seeds", async () => {
  await using app = await startApp();
  const { store, clock, api } = app;
  const { phone, walletKey } = await setScene(api);
  const renewed = await api.renew(walletKey, phone);
  const index = DUE_SEEDS_KEY;
  const nameOf = (profile: number, bucket: number) => `${profile}:${bucket}`;
  const old = nameOf(1, phone.seed.bucket);
  const none = nameOf(1, phone.seed.bucket === 7 ? 8 : 7);
  for (const member of [old, none]) {
    await store.txn({
      checks: [],
      writes: [{ kind: "index", index, member, score: clock.ms }],
    });
  }
  assertEquals(await app.seedSweeper.sweep(), 0);
  assertEquals(await store.range({ index, min: 0, max: 1e15, limit: 9 }), [
    { member: old, score: clock.ms + 86_400_000 },
    {
      member: nameOf(1, renewed.seed.bucket),
      score: Date.parse(renewed.seed.expires_at),
    },
  ]);
  const merchant = await api.merchant();
  for (const [i, { code }] of [phone, renewed].entries()) {
    clock.advance(STEP_MS);
    const order_id = `order-${i}`;
    const paid = await api.pay(merchant, { code: code(clock.ms), order_id });
    assertEquals(said(paid), "201");
  }
});

Deno.test("the sweeper destroys an expired seed that no credential names, and then waits for the next of its bucket", async () => {
  await using app = await startApp({ random: oneBucket });
  const { store, clock, api, seedSweeper } = app;
  const { phone, walletKey } = await setScene(api);
  const index = bucketEntriesKey(1, phone.seed.bucket);
  const read = (index: string) =>
    store.range({ index, min: 0, max: 1e15, limit: 9 });
  const [{ member, score } = { member: "", score: 0 }] = await read(index);
  clock.advance(1000);
  await api.enrol(walletKey, "bob", "phone-b");
  const lost = credentialKind(clock)(phone.credentialId);
  await store.txn({ checks: [], writes: [lost.delete()] });
  clock.ms = score * 1000 - 1;
  assertEquals(await seedSweeper.sweep(), 0);
  // The other seed of this bucket lives one more millisecond.
  clock.ms += 1000;
  assertEquals(await seedSweeper.sweep(), 1);
  const [next, ...others] = await read(index);
  assertEquals([others, next?.score], [[], score + 1]);
  assertNotEquals(next?.member, member);
  const due = { member: `1:${phone.seed.bucket}`, score: next!.score * 1000 };
  assertEquals(await read(DUE_SEEDS_KEY), [due]);
  clock.ms = due.score;
  assertEquals(await seedSweeper.sweep(), 1);
  assertEquals(await read(DUE_SEEDS_KEY), []);
});

Deno.test("sweep() throws where it cannot drop a bucket without seeds", async () => {
  const away = new StoreUnavailableError("timeout");
  await using app = await startApp({
    wrapStore: (store) =>
      pointedStore(
        store,
        (point) =>
          point === "before txn due-seeds"
            ? Promise.reject(away)
            : Promise.resolve(),
      ),
  });
  const index = DUE_SEEDS_KEY;
  const member = "1:7";
  // The first write names a transaction, and this one is not the sweeper's.
  await app.store.txn({
    checks: [],
    writes: [
      { kind: "set", key: "oc:{0}:test", value: "" },
      { kind: "index", index, member, score: app.clock.ms },
    ],
  });
  await assertRejects(() => app.seedSweeper.sweep(), StoreUnavailableError);
});

Deno.test("the sweeper tells its own edge of the buckets that it changed", async () => {
  await using app = await startApp();
  const { store, clock } = app;
  const { phone, walletKey } = await setScene(app.api);
  await app.api.renew(walletKey, phone);
  clock.advance(86_400_000);
  const changed: number[] = [];
  const sweeper = createSeedSweeper({
    ...{ store, clock, random: systemRandom },
    clockGuard: { check: () => Promise.resolve({ sure: true }) },
    onBucketChange: (_, bucket) => changed.push(bucket),
    onFault: () => {},
  });
  assertEquals(await sweeper.sweep(), 1);
  assertEquals(changed, [phone.seed.bucket]);
});

Deno.test("sweepSometimes() sweeps once a minute and one at a time, also after the clock was set back", async () => {
  await using app = await startApp();
  const { store, clock } = app;
  const sweeps: number[] = [];
  const mayGoOn = Promise.withResolvers<void>();
  const sweeper = createSeedSweeper({
    ...{ store, clock, random: systemRandom },
    clockGuard: {
      async check() {
        sweeps.push(clock.ms - NOON_MS);
        await mayGoOn.promise;
        return { sure: false };
      },
    },
    onBucketChange: () => {},
    onFault: () => {},
  });
  const settle = () => new Promise<void>((go) => setImmediate(go));
  const sweepAt = async (ms: number) => {
    clock.ms = NOON_MS + ms;
    sweeper.sweepSometimes();
    await settle();
  };
  await sweepAt(0);
  await sweepAt(60_000);
  assertEquals(sweeps, [0]);
  mayGoOn.resolve();
  // The sweep ends, so that the time alone holds the next one back.
  await settle();
  await sweepAt(59_999);
  await sweepAt(60_000);
  await sweepAt(0);
  assertEquals(sweeps, [0, 60_000, 0]);
});
