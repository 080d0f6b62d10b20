import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { encodeBase64 } from "@std/encoding/base64";
import { openSigner } from "../../edge/callback/endpoint/endpoint_record.ts";
import { endpoints } from "../../edge/callback/message/stored.ts";
import { PROFILE_1, profilesOf } from "../../edge/code/profile.ts";
import { systemClock, systemRandom } from "../../edge/base/clock.ts";
import {
  apiKeyKey,
  credentialKey,
  merchantKeysKey,
  RECORD_TTL_MS,
} from "../../edge/store/keys.ts";
import { readRecords } from "../../edge/store/record.ts";
import { openSqliteStore } from "../../edge/store/sqlite/sqlite.ts";
import type { Store } from "../../edge/store/store.ts";
import { parseKeyring } from "../../edge/vault/keyring.ts";
import { createVault, type Vault } from "../../edge/vault/seal.ts";
import { sealedSeeds } from "../../edge/enrolment/reseal.ts";
import type { SealedRecords } from "../../edge/vault/sealed_records.ts";
import { NOON_MS, startApp, type TestApp } from "../support/world/app.ts";
import { killOnceItSays, programOf, saidBy } from "../support/http/command.ts";
import { startServer } from "../support/world/server.ts";
import { makeDevice } from "../support/world/wallet.ts";
import { storedValues } from "../support/world/desk.ts";
import { setScene } from "../support/world/scene.ts";
import { dumpStore } from "../support/store/dump.ts";

const STEP_MS = 30_000;
const DAY_MS = 86_400_000;

const entry = (kid: string, byte: number) =>
  `${kid}:${encodeBase64(new Uint8Array(32).fill(byte))}`;
const K1 = entry("k1", 1);
const K2 = entry("k2", 2);

/** Seals anew all that an application has; how many, and how many do not open. */
async function reseal(sealed: readonly SealedRecords[]) {
  const total = { resealed: 0, unopened: 0 };
  for (const { parts } of sealed) {
    for await (const part of parts()) {
      const { resealed, unopened } = await part.reseal();
      total.resealed += resealed;
      total.unopened += unopened;
    }
  }
  return total;
}

/** An application on the records of another, under other master keys. */
const reopen = (app: TestApp, masterKeys: string) =>
  startApp({ path: app.path, clock: app.clock, masterKeys });

async function keyring({ api }: TestApp) {
  const path = "/v1/admin/keyring";
  return (await api.must(200, "GET", path, { key: api.adminKey })).keys;
}

const secretsOf = async (
  store: Store,
  masterKeys: string,
  merchant: string,
) => {
  const [endpoint] = await readRecords(store, [endpoints(merchant)]);
  const vault = createVault({
    keyring: parseKeyring(masterKeys),
    random: systemRandom,
  });
  return openSigner(vault, endpoint.value!, NOON_MS).secrets;
};

Deno.test("everything is sealed anew under the first master key, and the old one can go", async () => {
  await using old = await startApp({ masterKeys: K1 });
  const { merchant, phone, walletKey } = await setScene(old.api);
  const bob = await old.api.enrol(walletKey, "bob", "phone-b");
  await old.api.setBalance("bob", 10_000);
  const renewed = await old.api.renew(walletKey, bob);
  const key = merchant.key;
  const put = "/v1/callback-endpoint";
  const body = { url: "https://shop.example/cb" };
  await old.api.must(201, "PUT", put, { key, body });
  await old.api.must(201, "POST", `${put}/rotations`, { key });
  const secrets = await secretsOf(old.store, K1, merchant.id);
  assertEquals(secrets.length, 2);
  const none = { seeds: 0, callback_secrets: 0, api_keys: 0 };
  const all = { seeds: 3, callback_secrets: 2, api_keys: 2 };
  assertEquals(await keyring(old), [{ kid: "k1", state: "seals", ...all }]);

  await using both = await reopen(old, `${K2},${K1}`);
  assertEquals(await keyring(both), [
    { kid: "k2", state: "seals", ...none },
    { kid: "k1", state: "opens", ...all },
  ]);
  const pay = async (app: TestApp, who: typeof phone, order_id: string) => {
    app.clock.advance(STEP_MS);
    const code = who.code(app.clock.ms);
    return (await app.api.pay(merchant, { code, order_id })).status;
  };
  // Its caches hold what was sealed under the old key.
  assertEquals(await pay(both, phone, "1"), 201);
  assertEquals(await pay(both, bob, "2"), 201);
  assertEquals(await reseal(both.sealed), { resealed: 7, unopened: 0 });
  assertEquals(await keyring(both), [
    { kid: "k2", state: "seals", ...all },
    { kid: "k1", state: "opens", ...none },
  ]);
  assertEquals(await pay(both, phone, "3"), 201);
  assertEquals(await pay(both, bob, "4"), 201);
  assertEquals(await reseal(both.sealed), { resealed: 0, unopened: 0 });

  await using next = await reopen(old, K2);
  assertEquals(await secretsOf(next.store, K2, merchant.id), secrets);
  assertEquals(await pay(next, phone, "5"), 201);
  assertEquals(await pay(next, renewed, "6"), 201);
  // The old seed's codes are over, and no key of the wallet's was lost.
  assertEquals(await pay(next, bob, "7"), 422);
  await next.api.enrol(walletKey, "carol", "phone-c");
  const left = dumpStore(old.path).filter((row) => /v1\.k1\.|"k1"/.test(row));
  assertEquals(
    left.filter((row) => /bucket|credential|apikey|endpoint/.test(row)),
    [],
  );
});

Deno.test("what does not open is counted and left as it is", async () => {
  await using old = await startApp({ masterKeys: K1 });
  const { phone } = await setScene(old.api);
  await using wrong = await reopen(old, K2);
  const before = dumpStore(old.path);
  assertEquals(await keyring(wrong), [
    { kid: "k2", state: "seals", seeds: 0, callback_secrets: 0, api_keys: 0 },
    { kid: "k1", state: "missing", seeds: 1, callback_secrets: 0, api_keys: 2 },
  ]);
  assertEquals(await reseal(wrong.sealed), { resealed: 0, unopened: 3 });
  assertEquals(dumpStore(old.path), before);
  // Nor does it take away a seed that has expired and that its credential names.
  wrong.clock.advance(30 * DAY_MS);
  assertEquals(await reseal(wrong.sealed), { resealed: 0, unopened: 3 });
  assertEquals(dumpStore(old.path), before);
  assert(phone.code(NOON_MS).length === 18);
});

Deno.test("an end that was set for a key stays, and the seed of an expired credential is sealed anew as well", async () => {
  await using old = await startApp({ masterKeys: K1 });
  const { merchant, walletKey } = await setScene(old.api);
  const admin = { key: old.api.adminKey };
  const path = `/v1/admin/merchants/${merchant.id}`;
  const { keys } = await old.api.must(200, "GET", path, admin);
  const end = `${path}/keys/${keys[0].key_id}?grace_seconds=7200`;
  await old.api.must(204, "DELETE", end, admin);
  old.clock.advance(32 * DAY_MS);
  await old.api.enrol(walletKey, "bob", "phone-b");
  await using both = await reopen(old, `${K2},${K1}`);
  const before = await both.api.must(200, "GET", path, admin);
  assertEquals(before.keys[0].ends_at, "2026-01-15T14:00:00.000Z");
  const kept = () =>
    storedValues(old.path, "apikey").map(({ expiresAtMs }) => expiresAtMs)
      .sort();
  const keptBefore = kept();
  assertEquals(keptBefore, [
    Date.parse("2026-01-15T14:00:00.000Z") + RECORD_TTL_MS,
    null,
  ]);
  // The seeds of alice, which has expired, and of bob, and two keys.
  assertEquals(await reseal(both.sealed), { resealed: 4, unopened: 0 });
  const [first] = await keyring(both);
  assertEquals([first.kid, first.seeds], ["k2", 2]);
  // The record of a credential keeps its sealed seed, too.
  const old1 = dumpStore(old.path).filter((row) => row.includes("v1.k1."));
  assertEquals(old1, []);
  const after = await both.api.must(200, "GET", path, admin);
  assertEquals(after, before);
  assertEquals(kept(), keptBefore);
});

Deno.test("an edge that lacks the old key finds a customer once the seed is sealed anew", async () => {
  await using old = await startApp({ masterKeys: K1 });
  const { phone } = await setScene(old.api);
  await using next = await reopen(old, K2);
  const key = await next.api.walletKey();
  const found = async (reference: string) => {
    next.clock.advance(STEP_MS);
    const code = phone.code(next.clock.ms);
    return (await next.api.verify(key, code, reference)).body;
  };
  assertEquals((await found("before")).code, "code-not-accepted");
  await using both = await reopen(old, `${K2},${K1}`);
  await reseal(both.sealed);
  assertEquals((await found("after")).account_id, "alice");
});

Deno.test("a key whose record is over is passed over, and those after it are sealed anew", async () => {
  await using old = await startApp({ masterKeys: K1 });
  const { merchant } = await setScene(old.api);
  const key = old.api.adminKey;
  old.clock.advance(STEP_MS);
  const path = `/v1/admin/merchants/${merchant.id}/keys`;
  await old.api.must(201, "POST", path, { key, body: {} });
  const [first] = await old.store.range({
    ...{ index: merchantKeysKey(merchant.id), min: 0, max: 1e15, limit: 9 },
  });
  const record = apiKeyKey(first!.member.split(":")[1]!);
  await old.store.txn({
    checks: [],
    writes: [{ kind: "delete", key: record }],
  });
  await using both = await reopen(old, `${K2},${K1}`);
  // The key of the wallet, and the second one of the merchant.
  const keys = async () =>
    (await keyring(both)).map((it: { api_keys: number }) => it.api_keys);
  assertEquals(await keys(), [0, 2]);
  await reseal(both.sealed);
  assertEquals(await keys(), [2, 0]);
  await old.store.txn({
    checks: [],
    writes: [{ kind: "set", key: record, value: "foreign" }],
  });
  assertEquals((await keyring(both)).at(-1), {
    ...{ kid: "none", state: "missing", seeds: 0, callback_secrets: 0 },
    api_keys: 1,
  });
});

Deno.test("an end that a key is given meanwhile stays, and is not counted as sealed anew", async () => {
  await using old = await startApp({ masterKeys: K1 });
  const { merchant } = await setScene(old.api);
  const admin = { key: old.api.adminKey };
  await using both = await reopen(old, `${K2},${K1}`);
  const path = `/v1/admin/merchants/${merchant.id}`;
  const { keys } = await both.api.must(200, "GET", path, admin);
  const apiKeys = both.sealed.find(({ kind }) => kind === "API keys")!;
  const parts = await Array.fromAsync(apiKeys.parts());
  const end = `${path}/keys/${keys[0].key_id}?grace_seconds=7200`;
  await both.api.must(204, "DELETE", end, admin);
  const results = [];
  for (const part of parts) results.push((await part.reseal()).resealed);
  // The key of the wallet is found first.
  assertEquals(results, [1, 0]);
  const after = await both.api.must(200, "GET", path, admin);
  assertEquals(after.keys[0].ends_at, "2026-01-15T14:00:00.000Z");
});

Deno.test("an entry that no credential names is removed once it has expired, and not before", async () => {
  await using old = await startApp({ masterKeys: K1 });
  const { phone } = await setScene(old.api);
  const key = credentialKey(phone.credentialId);
  await old.store.txn({ checks: [], writes: [{ kind: "delete", key }] });
  await using both = await reopen(old, `${K2},${K1}`);
  const seeds = async () =>
    (await keyring(both)).map((it: { seeds: number }) => it.seeds);
  both.clock.advance(30 * DAY_MS - 1_000);
  assertEquals(await reseal(both.sealed), { resealed: 2, unopened: 0 });
  assertEquals(await seeds(), [0, 1]);
  both.clock.advance(1_000);
  assertEquals(await reseal(both.sealed), { resealed: 0, unopened: 0 });
  assertEquals(await seeds(), [0, 0]);
});

Deno.test("resealing wipes every seed that it opened", async () => {
  await using app = await startApp({ masterKeys: K1 });
  await setScene(app.api);
  const seeds: Uint8Array[] = [];
  const vault = createVault({
    keyring: parseKeyring(`${K2},${K1}`),
    random: systemRandom,
  });
  const watched: Vault = {
    ...vault,
    openSeed(...sealed) {
      const seed = vault.openSeed(...sealed);
      seeds.push(seed);
      return seed;
    },
  };
  const sealed = sealedSeeds({
    ...{ store: app.store, clock: app.clock, random: systemRandom },
    ...{ vault: watched, prefix: "90", profiles: profilesOf([PROFILE_1]) },
  });
  assertEquals(await reseal([sealed]), { resealed: 1, unopened: 0 });
  assertEquals(seeds, [new Uint8Array(32)]);
});

Deno.test("resealing hides no bug of the vault", async () => {
  await using app = await startApp({ masterKeys: K1 });
  await setScene(app.api);
  const vault = createVault({
    keyring: parseKeyring(`${K2},${K1}`),
    random: systemRandom,
  });
  const sealed = sealedSeeds({
    ...{ store: app.store, clock: app.clock, random: systemRandom },
    ...{ prefix: "90", profiles: profilesOf([PROFILE_1]) },
    vault: {
      ...vault,
      openSeed() {
        throw new TypeError("a bug");
      },
    },
  });
  await assertRejects(() => reseal([sealed]), TypeError, "a bug");
});

/** Starts the task. */
function startTask(
  env: Record<string, string>,
  cwd: string,
  perSecond: number,
) {
  const args = ["--per-second", `${perSecond}`];
  return programOf("scripts/reseal.ts", args, { cwd, env }).spawn();
}

Deno.test("the reseal task goes on after each kill while an edge serves, and refuses no payment", async () => {
  const folder = await Deno.makeTempDir({ prefix: "offcode-reseal-" });
  try {
    const { publicJwk: device_key } = await makeDevice();
    const lines = Array.from({ length: 800 }, (_, i) =>
      JSON.stringify({
        ...{ account_id: `a-${i}`, device_id: `d-${i}`, device_key },
      })).join("\n");
    let walletKey: string;
    {
      await using server = await startServer({
        folder,
        env: { OFFCODE_MASTER_KEYS: K1 },
      });
      walletKey = await server.api.walletKey();
      const made = await fetch(`${server.origin}/v1/enrolments/batch`, {
        method: "POST",
        headers: {
          "authorization": `Bearer ${walletKey}`,
          "content-type": "application/x-ndjson",
        },
        body: lines,
      });
      const answers = (await made.text()).trimEnd().split("\n");
      assert(answers.every((it) => it.includes('"status":201')));
    }
    const env = { OFFCODE_MASTER_KEYS: `${K2},${K1}` };
    await using server = await startServer({ folder, env });
    const { api } = server;
    const merchant = await api.merchant();
    const phones = await Promise.all(
      ["x", "y"].map((it) => api.enrol(walletKey, it, it)),
    );
    let isDone = false;
    const statuses: number[] = [];
    const paying = (async () => {
      await api.setBalance("x", 1e9);
      await api.setBalance("y", 1e9);
      for (let i = 0; !isDone; i++) {
        const phone = phones[i % 2]!;
        const code = phone.code(Date.now());
        // A phone pays once in a step: the code was not refused for its seed.
        const { body, status } = await api.verify(walletKey, code, `ref-${i}`);
        statuses.push(body.code === "code-replayed" ? 200 : status);
      }
    })();
    const settings = { ...env, OFFCODE_ADMIN_KEY: api.adminKey };
    for (let kills = 0; kills < 3; kills++) {
      // Something is sealed anew by then, and most is not.
      await killOnceItSays(startTask(settings, folder, 400), "%");
    }
    const { code, out: said } = await saidBy(startTask(settings, folder, 0));
    isDone = true;
    await paying;
    assertEquals(code, 0, said);
    assertMatch(said, /^802 seeds are sealed under k2\n/m);
    assertMatch(said, /^Nothing is sealed under k1\n/m);
    assertEquals(new Set(statuses), new Set([200]));
    assertEquals(merchant.id.startsWith("mer_"), true);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("the reseal task does not call the store of another path done", async () => {
  const folder = await Deno.makeTempDir({ prefix: "offcode-reseal-" });
  try {
    const env = {
      OFFCODE_MASTER_KEYS: `${K2},${K1}`,
      OFFCODE_ADMIN_KEY: "an-admin-key-of-a-test-long-enough",
      OFFCODE_STORE: "sqlite:mistyped.db",
    };
    const refusal = async () => {
      const { code, stdout, stderr } = await startTask(env, folder, 0).output();
      assertEquals(
        [code, new TextDecoder().decode(stdout)],
        [2, ""],
      );
      return new TextDecoder().decode(stderr);
    };
    assertMatch(
      await refusal(),
      /OFFCODE_STORE names a file that is not there/,
    );
    const path = `${folder}/mistyped.db`;
    await openSqliteStore({ path, clock: systemClock }).close();
    assertMatch(
      await refusal(),
      /This store holds nothing that is sealed\. Set OFFCODE_STORE/,
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
