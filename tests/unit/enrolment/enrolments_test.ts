import { createEnrolments } from "../../../edge/enrolment/enrolments.ts";
import { devices } from "../../../edge/enrolment/writes.ts";
import { readRecords } from "../../../edge/store/record.ts";
import { assertEquals, assertRejects } from "@std/assert";
import { systemRandom } from "../../../edge/base/clock.ts";
import type { Profile } from "../../../edge/code/profile.ts";
import { PROFILE_1, profilesOf } from "../../../edge/code/profile.ts";
import {
  bucketEntriesKey,
  bucketRevisionKey,
  deviceKey,
  RECORD_TTL_MS,
} from "../../../edge/store/keys.ts";
import { StoreUnavailableError } from "../../../edge/store/store.ts";
import { readCustomers } from "../../../edge/risk/customers.ts";
import { storedValues } from "../../support/world/desk.ts";
import type { DeviceKey } from "../../../edge/vault/deliver.ts";
import { parseKeyring } from "../../../edge/vault/keyring.ts";
import { createVault } from "../../../edge/vault/seal.ts";
import type { Answer } from "../../support/world/api.ts";
import { inCells } from "../../support/store/cells.ts";
import { MASTER_KEYS, NOON_MS, startApp } from "../../support/world/app.ts";
import { pointedStore } from "../../support/world/points/fail_points.ts";
import {
  type FaultMode,
  FaultyStore,
} from "../../support/store/faulty_store.ts";
import { oneBucket } from "../../support/world/scene.ts";
import { codeAt, makeDevice, openSeed } from "../../support/world/wallet.ts";

/** The bucket that a new seed gets when these words are drawn. */
async function bucketOf(profile: Profile, ...words: number[]) {
  let drawn = 0;
  await using app = await startApp({
    settings: { profiles: profilesOf([profile]), enrolmentProfile: profile },
    random: {
      bytes(length) {
        const bytes = crypto.getRandomValues(new Uint8Array(length));
        if (length === 4) {
          new DataView(bytes.buffer).setUint32(0, words[drawn++]!);
        }
        return bytes;
      },
    },
  });
  const key = await app.api.walletKey();
  const { seed } = await app.api.enrol(key, "alice", "phone-a");
  assertEquals(drawn, words.length);
  return seed.bucket;
}

Deno.test("enrol() draws buckets evenly, and draws again what would favor some", async () => {
  // 2^32 mod 10^4 = 7296: the words from 4 294 960 000 are too many.
  const limit = 4_294_960_000;
  assertEquals(await bucketOf(PROFILE_1, 0), 0);
  assertEquals(await bucketOf(PROFILE_1, 10_042), 42);
  assertEquals(await bucketOf(PROFILE_1, limit - 1), 9_999);
  assertEquals(await bucketOf(PROFILE_1, limit, 2 ** 32 - 1, 7), 7);
  const wide = { ...PROFILE_1, bucketDigits: 9, tagDigits: 12 };
  assertEquals(await bucketOf(wide, 4_000_000_000, 3_999_999_999), 999_999_999);
});

const ENROL = [
  "read apikey",
  "read account",
  "txn credential",
];

for (const mode of ["before", "after", "twice"] as const) {
  for (const [at, operation] of ENROL.entries()) {
    Deno.test(`enrol() leaves one live seed or none: ${mode} on "${operation}"`, () =>
      enrolWithFault(at, mode));
  }
}

async function enrolWithFault(at: number, mode: FaultMode): Promise<void> {
  let store!: FaultyStore;
  await using app = await startApp({
    wrapStore: (opened) => store = new FaultyStore(opened),
  });
  const { api } = app;
  const key = await api.walletKey();
  const device = await makeDevice();
  const enrol = () =>
    api.call("POST", "/v1/enrolments", {
      key,
      body: {
        account_id: "alice",
        device_id: "phone-a",
        device_key: device.publicJwk,
      },
    });
  const verified = async ({ body }: Answer, reference: string) => {
    const seed = await openSeed(device, body.seed_jwe);
    return (await api.verify(key, codeAt(seed, NOON_MS), reference)).status;
  };
  store.plan({ at, mode });
  const first = await enrol();
  assertEquals(store.trace, ENROL.slice(0, store.trace.length));
  assertEquals(first.status, mode === "twice" ? 201 : 503);
  store.plan();
  if (first.status === 201) assertEquals(await verified(first, "1"), 200);
  // The wallet enrols again: that one lives, and nothing else does.
  const second = await enrol();
  assertEquals(second.status, 201);
  if (first.status === 201) assertEquals(await verified(first, "1b"), 422);
  assertEquals(await verified(second, "2"), 200);
}

for (const mode of ["before", "after", "twice"] as const) {
  Deno.test(`revoke() kills the seed in the end: ${mode} on its transaction`, async () => {
    let store!: FaultyStore;
    await using app = await startApp({
      wrapStore: (opened) => store = new FaultyStore(opened),
    });
    const { api } = app;
    const key = await api.walletKey();
    const phone = await api.enrol(key, "alice", "phone-a");
    const path = `/v1/enrolments/${phone.credentialId}`;
    const revoke = async () => (await api.call("DELETE", path, { key })).status;
    store.plan({ at: 2, mode });
    assertEquals(await revoke(), mode === "twice" ? 204 : 503);
    assertEquals(store.trace.slice(0, 3), [
      "read credential",
      "read account",
      "txn credential",
    ]);
    store.plan();
    assertEquals(await revoke(), 204);
    const { body } = await api.verify(key, phone.code(NOON_MS), "ref");
    assertEquals(body.code, "code-not-accepted");
    const again = await api.enrol(key, "alice", "phone-a");
    const verified = await api.verify(key, again.code(NOON_MS), "again");
    assertEquals(verified.status, 200);
  });
}

for (const what of ["enrol", "revoke", "enrol again"] as const) {
  Deno.test(`${what} keeps a tier that an account is given meanwhile`, async () => {
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
    const { api } = app;
    const key = await api.walletKey();
    const phone = await api.enrol(key, "bob", "phone-a");
    const path = `/v1/enrolments/${phone.credentialId}`;
    meanwhile = () =>
      app.useCases.enrolments.setRisk(phone.credentialId, "blocked", undefined);
    // Alice gets the phone that was Bob's, Bob gets another one, or Bob's is
    // taken out of use.
    if (what === "enrol") await api.enrol(key, "alice", "phone-a");
    else if (what === "enrol again") await api.enrol(key, "bob", "phone-c");
    else await api.must(204, "DELETE", path, { key });
    assertEquals(meanwhile, undefined);
    const { risk, status } = await api.must(200, "GET", path, { key });
    assertEquals([risk, status], ["blocked", "revoked"]);
    const again = await api.enrol(key, "bob", "phone-b");
    const { body } = await api.verify(key, again.code(NOON_MS), "ref");
    assertEquals(body.code, "payer-blocked");
  });
}

Deno.test("enrol() takes no account that another wallet system had for a moment", async () => {
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
  const { enrolments } = app.useCases;
  const enrol = async (by: string) =>
    await enrolments.enrol({
      accountId: "alice",
      deviceId: `phone-${by}`,
      deviceKey: (await makeDevice()).publicJwk as DeviceKey,
      by,
    });
  // It has no credential again when the first enrolment goes on.
  meanwhile = async () => {
    const made = await enrol("b");
    if ("kind" in made) throw new Error("An enrolment was refused");
    assertEquals(await enrolments.revoke(made.credentialId, "b"), "revoked");
  };
  const late = await enrol("a");
  assertEquals(meanwhile, undefined);
  assertEquals("kind" in late && late.code, "forbidden");
});

Deno.test("revoke() leaves the account no credential, so that a seed that came back into its bucket pays nothing", async () => {
  await using app = await startApp({ random: oneBucket });
  const { api, store, clock } = app;
  const key = await api.walletKey();
  const phone = await api.enrol(key, "alice", "phone-a");
  const index = bucketEntriesKey(1, 0);
  const page = { index, min: 0, max: Number.MAX_SAFE_INTEGER, limit: 2 };
  const [entry] = await store.range(page);
  await api.must(204, "DELETE", `/v1/enrolments/${phone.credentialId}`, {
    key,
  });
  assertEquals(await store.range(page), []);
  // The phone is nobody's again.
  const device = await store.read({ keys: [deviceKey("phone-a")] });
  assertEquals(device.values, [null]);
  // As from a backup of one record.
  await store.txn({
    checks: [],
    writes: [
      { kind: "index", ...entry!, index },
      { kind: "set", key: bucketRevisionKey(1, 0), value: "restored" },
    ],
  });
  const { body } = await api.verify(key, phone.code(clock.ms), "ref");
  assertEquals(body.code, "code-not-accepted");
});

Deno.test("enrol() wipes the seed that it made, also when the device's key is no key", async () => {
  const drawn: Uint8Array[] = [];
  await using app = await startApp({
    random: {
      bytes(length) {
        const bytes = crypto.getRandomValues(new Uint8Array(length));
        if (length === 32) drawn.push(bytes);
        return bytes;
      },
    },
  });
  const { enrolments } = app.useCases;
  const { publicJwk } = await makeDevice();
  const enrol = (y: string) =>
    enrolments.enrol({
      by: undefined,
      accountId: "alice",
      deviceId: "phone-a",
      deviceKey: { ...publicJwk, y } as DeviceKey,
    });
  drawn.length = 0;
  assertEquals("seedJwe" in await enrol(publicJwk.y!), true);
  assertEquals("seedJwe" in await enrol(publicJwk.x!), false);
  assertEquals(drawn, [new Uint8Array(32), new Uint8Array(32)]);
});

Deno.test("enrol() leaves no device that names the credential which it ended", async () => {
  await using app = await startApp();
  const { api, store } = app;
  const key = await api.walletKey();
  await api.enrol(key, "alice", "phone-a");
  const { credentialId } = await api.enrol(key, "alice", "phone-b");
  const held = await readRecords(store, ["phone-a", "phone-b"].map(devices));
  assertEquals(held.map(({ value }) => value), [null, credentialId]);
});

Deno.test("revoke() counts its customer out, once", async () => {
  await using app = await startApp();
  const { api, store, clock } = app;
  const key = await api.walletKey();
  const count = async () =>
    (await readCustomers(store, clock.ms, 30 * 86_400)).get(1);
  const phones = [
    await api.enrol(key, "alice", "phone-a"),
    await api.enrol(key, "bob", "phone-b"),
  ];
  const counts = [await count()];
  for (const { credentialId } of [phones[0]!, phones[0]!]) {
    await api.must(204, "DELETE", `/v1/enrolments/${credentialId}`, { key });
    counts.push(await count());
  }
  await api.enrol(key, "bob", "phone-c");
  assertEquals([...counts, await count()], [2, 1, 1, 1]);
});

Deno.test("revoke() wipes the seed here, also when the device's cell does not answer", async () => {
  await using app = await startApp({ wrapStore: (it) => inCells(it, 8) });
  const { api, store, clock } = app;
  const phone = await api.enrol(await api.walletKey(), "alice", "phone-a");
  const device = deviceKey("phone-a");
  const changed: number[] = [];
  const { revoke } = createEnrolments({
    ...{ clock, random: systemRandom, prefix: "90", profile: PROFILE_1 },
    store: {
      ...store,
      read: (request) =>
        request.keys?.includes(device)
          ? Promise.reject(new StoreUnavailableError("timeout"))
          : store.read(request),
    },
    vault: createVault({
      keyring: parseKeyring(MASTER_KEYS),
      random: systemRandom,
    }),
    credentialTtlSeconds: 30 * 86_400,
    onBucketChange: (_, bucket) => changed.push(bucket),
    backOff: () => Promise.resolve(),
  });
  await assertRejects(
    () => revoke(phone.credentialId, undefined),
    StoreUnavailableError,
  );
  assertEquals(changed, [phone.seed.bucket]);
});

Deno.test("a credential is remembered for as long as its payments after its end", async () => {
  await using app = await startApp();
  const key = await app.api.walletKey();
  await app.api.enrol(key, "alice", "phone-a");
  const [{ expiresAtMs } = { expiresAtMs: 0 }] = storedValues(
    app.path,
    "credential",
  );
  assertEquals(expiresAtMs, NOON_MS + 30 * 86_400_000 + RECORD_TTL_MS);
});
