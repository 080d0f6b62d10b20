import { createFirstEndpoints } from "../../../edge/callback/endpoint/endpoint_record.ts";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { NO_SENDER } from "../../../scripts/edge.ts";
import { type Random, systemRandom } from "../../../edge/base/clock.ts";
import { hashApiKey } from "../../../edge/base/ids.ts";
import { createApiKeys, type NewKey } from "../../../edge/merchant/api_keys.ts";
import {
  type CallerOf,
  createAuthenticator,
} from "../../../edge/merchant/authentication.ts";
import {
  type CreatedMerchant,
  createMerchants,
} from "../../../edge/merchant/merchants.ts";
import type { Refusal } from "../../../edge/base/outcome.ts";
import {
  type Store,
  StoreUnavailableError,
} from "../../../edge/store/store.ts";
import { openSqliteStore } from "../../../edge/store/sqlite/sqlite.ts";
import { parseKeyring } from "../../../edge/vault/keyring.ts";
import { createVault } from "../../../edge/vault/seal.ts";
import { NOON_MS, TestClock } from "../../support/world/app.ts";
import { FaultyStore } from "../../support/store/faulty_store.ts";

const ADMIN_KEY = "an-admin-key-of-a-test-long-enough";

/** Merchants and an authenticator on a real store that keeps a trace. */
async function authenticated() {
  const folder = await Deno.makeTempDir({ prefix: "offcode-auth-" });
  const clock = new TestClock(NOON_MS);
  const opened = openSqliteStore({ path: `${folder}/offcode.db`, clock });
  const store = new FaultyStore(opened);
  const random: Random = systemRandom;
  const keyring = parseKeyring(`t:${btoa("0123456789abcdef".repeat(2))}`);
  const vault = createVault({ keyring, random });
  let foreign = 0;
  const authenticator = createAuthenticator({
    store,
    clock,
    vault,
    mode: "test",
    adminKeyHash: hashApiKey(ADMIN_KEY),
    onForeignRecord: () => foreign++,
  });
  const merchants = createMerchants({
    store: opened,
    clock,
    random,
    vault,
    mode: "test",
    firstEndpoints: createFirstEndpoints({
      vault,
      random,
      clock,
      sender: NO_SENDER,
    }),
    backOff: () => Promise.resolve(),
  });
  const keysOn = (store: Store) =>
    createApiKeys({
      store,
      clock,
      random,
      vault,
      mode: "test",
      backOff: () => Promise.resolve(),
    });
  return {
    clock,
    store,
    authenticator,
    merchants,
    apiKeys: keysOn(opened),
    keysOn,
    /** How many records were found that no edge has written. */
    foreign: () => foreign,
    async createMerchant() {
      return created(await merchants.create({ name: "Shop" }));
    },
    /** Who a key is, and what the store was asked for it. */
    async ask(
      key: string,
      scope: "admin" | "wallet" | "merchant" | "metrics",
    ): Promise<[string, string[]]> {
      store.plan();
      const caller = await authenticator.authenticate(key, scope);
      return [
        "kind" in caller ? caller.code : caller.scope,
        [...store.trace],
      ];
    },
    async [Symbol.asyncDispose]() {
      await opened.close();
      await Deno.remove(folder, { recursive: true });
    },
  };
}

/** A merchant or a key that was made, not refused. */
function created<T extends CreatedMerchant | NewKey>(made: T | Refusal): T {
  assert(!("kind" in made));
  return made;
}

const MERCHANT_READS = ["read apikey", "read merchant"];

Deno.test("authenticate() knows the admin key without asking anybody", async () => {
  await using it = await authenticated();
  assertEquals(await it.ask(ADMIN_KEY, "admin"), ["admin", []]);
  assertEquals(await it.ask(ADMIN_KEY, "wallet"), ["forbidden", []]);
  assertEquals(await it.ask(ADMIN_KEY, "merchant"), ["forbidden", []]);
});

Deno.test("authenticate() remembers who has a key for five seconds", async () => {
  await using it = await authenticated();
  const { apiKey } = await it.createMerchant();
  const wallet = created(await it.apiKeys.addToWallet({ name: "wallet" }));
  const asked: [string, string[]] = ["merchant", MERCHANT_READS];
  const known: [string, string[]] = ["merchant", []];
  assertEquals(await it.ask(apiKey, "merchant"), asked);
  it.clock.advance(4_999);
  assertEquals(await it.ask(apiKey, "merchant"), known);
  it.clock.advance(1);
  assertEquals(await it.ask(apiKey, "merchant"), asked);
  // A clock that goes back is no reason to remember for longer.
  it.clock.advance(-5_000);
  assertEquals(await it.ask(apiKey, "merchant"), asked);
  // A key of another scope is told apart from the cache too.
  assertEquals(await it.ask(apiKey, "wallet"), ["forbidden", []]);
  assertEquals(await it.ask(apiKey, "admin"), ["forbidden", []]);

  assertEquals(await it.ask(wallet.apiKey, "merchant"), [
    "forbidden",
    ["read apikey"],
  ]);
  assertEquals(await it.ask(wallet.apiKey, "wallet"), ["wallet", []]);
});

Deno.test("authenticate() remembers no key that nobody has", async () => {
  await using it = await authenticated();
  const unknown = `ock_test_${"x".repeat(43)}`;
  for (let i = 0; i < 2; i++) {
    assertEquals(await it.ask(unknown, "merchant"), [
      "not-authenticated",
      ["read apikey"],
    ]);
  }
});

Deno.test("authenticate() and refresh() learn of a suspension and of a key's end", async () => {
  await using it = await authenticated();
  const { record, apiKey } = await it.createMerchant();
  const id = record.merchant_id;
  const caller = await it.authenticator.authenticate(
    apiKey,
    "merchant",
  ) as CallerOf<"merchant">;
  const refreshed = async () => {
    const found = await it.authenticator.refresh(caller);
    return "kind" in found ? found.code : found.merchant.record.status;
  };
  assertEquals(await refreshed(), "active");

  await it.merchants.change(id, { status: "suspended" });
  assertEquals(await it.ask(apiKey, "merchant"), ["merchant", []]);
  assertEquals(await refreshed(), "suspended");
  // It is still a caller, but one that is read anew for every request.
  for (let i = 0; i < 2; i++) {
    assertEquals(await it.ask(apiKey, "merchant"), [
      "merchant",
      MERCHANT_READS,
    ]);
  }
  await it.merchants.change(id, { status: "active" });
  assertEquals(await it.ask(apiKey, "merchant"), ["merchant", MERCHANT_READS]);

  for (
    const [graceSeconds, expected] of [
      [undefined, "active"],
      [0, "not-authenticated"],
    ] as const
  ) {
    await it.apiKeys.addToMerchant(id, graceSeconds);
    assertEquals(await refreshed(), expected);
  }
  it.clock.advance(5_000);
  assertEquals(await it.ask(apiKey, "merchant"), [
    "not-authenticated",
    ["read apikey"],
  ]);
});

Deno.test("authenticate() refuses a key whose record was left behind", async () => {
  await using it = await authenticated();
  const { record, apiKey } = await it.createMerchant();
  // Written past the use cases: the merchant names another key.
  const key = `oc:{0}:merchant:${record.merchant_id}`;
  await it.store.txn({
    checks: [],
    writes: [{
      kind: "set",
      key,
      value: JSON.stringify({ ...record, keys: [{ key_id: "key_0" }] }),
    }],
  });
  assertEquals(await it.ask(apiKey, "merchant"), [
    "not-authenticated",
    MERCHANT_READS,
  ]);
  await it.store.txn({ checks: [], writes: [{ kind: "delete", key }] });
  assertEquals(await it.ask(apiKey, "merchant"), [
    "not-authenticated",
    MERCHANT_READS,
  ]);
});

Deno.test("a transport that repeats what it wrote makes no second merchant, key or change", async () => {
  await using it = await authenticated();
  const { store } = it;
  const keyring = parseKeyring(`t:${btoa("0123456789abcdef".repeat(2))}`);
  const random = systemRandom;
  const { clock } = it;
  const vault = createVault({ keyring, random });
  const merchants = createMerchants({
    store,
    clock,
    random,
    vault,
    mode: "test",
    firstEndpoints: createFirstEndpoints({
      vault,
      random,
      clock,
      sender: NO_SENDER,
    }),
    backOff: () => Promise.resolve(),
  });
  store.plan({ at: 0, mode: "twice" });
  const { record, apiKey } = created(await merchants.create({ name: "Shop" }));
  assertEquals(await it.ask(apiKey, "merchant"), ["merchant", MERCHANT_READS]);

  store.plan({ at: 1, mode: "twice" });
  const apiKeys = it.keysOn(store);
  const wallet = created(await apiKeys.addToWallet({ name: "wallet" }));
  assertEquals((await it.ask(wallet.apiKey, "wallet"))[0], "wallet");

  store.plan({ at: 3, mode: "twice" });
  const added = await apiKeys.addToMerchant(record.merchant_id);
  assertEquals(store.trace, [
    "read merchant",
    "range merchant-keys",
    "read apikey",
    "txn apikey",
  ]);
  const second = created(added).apiKey;
  for (const key of [apiKey, second]) {
    assertEquals((await it.ask(key, "merchant"))[0], "merchant");
  }

  store.plan({ at: 1, mode: "twice" });
  const suspended = await merchants.change(record.merchant_id, {
    status: "suspended",
  });
  assertEquals(store.trace, ["read merchant", "txn merchant"]);
  assertEquals((suspended as { status: string }).status, "suspended");
  const nobody = await merchants.change(`mer_${"0".repeat(32)}`, {
    status: "active",
  });
  assertEquals((nobody as Refusal).code, "not-found");
});

Deno.test("end() puts no end off that another call has set meanwhile", async () => {
  await using it = await authenticated();
  const operator = { kind: "operator" } as const;
  const { keyId, apiKey } = created(
    await it.apiKeys.addToWallet({ name: "wallet" }),
  );
  const { store } = it;
  let isFirst = true;
  const racing = it.keysOn({
    read: (request) => store.read(request),
    range: (query) => store.range(query),
    async txn(transaction) {
      if (isFirst) {
        isFirst = false;
        assertEquals(await it.apiKeys.end(operator, keyId, 0), null);
      }
      return await store.txn(transaction);
    },
    timeMs: () => store.timeMs(),
    close: () => store.close(),
  });
  assertEquals(await racing.end(operator, keyId, 600), null);
  assertEquals((await it.ask(apiKey, "wallet"))[0], "not-authenticated");
});

Deno.test("authenticate() believes its memory while the store is away of a key of metrics alone", async () => {
  await using it = await authenticated();
  const { apiKey: shop } = await it.createMerchant();
  const { apiKey: wallet } = created(
    await it.apiKeys.addToWallet({ name: "wallet" }),
  );
  const { apiKey: metrics } = created(
    await it.apiKeys.addToMetrics("metrics"),
  );
  const keys = [[shop, "merchant"], [wallet, "wallet"], [
    metrics,
    "metrics",
  ]] as const;
  for (const [key, scope] of keys) {
    await it.authenticator.authenticate(key, scope);
  }
  it.clock.advance(5_000);
  for (const [key, scope] of keys) {
    it.store.plan({ at: 0, mode: "before" });
    const answer = it.authenticator.authenticate(key, scope);
    if (scope !== "metrics") {
      await assertRejects(() => answer, StoreUnavailableError);
    } else assert(!("kind" in await answer));
  }
});

Deno.test("authenticate() forgets a key of metrics that it found ended, also while the store is away", async () => {
  await using it = await authenticated();
  const { apiKey, keyId } = created(await it.apiKeys.addToMetrics("metrics"));
  await it.authenticator.authenticate(apiKey, "metrics");
  const operator = { kind: "operator" } as const;
  assertEquals(await it.apiKeys.end(operator, keyId, 0), null);
  it.clock.advance(5_000);
  assertEquals((await it.ask(apiKey, "metrics"))[0], "not-authenticated");
  it.store.plan({ at: 0, mode: "before" });
  await assertRejects(
    () => it.authenticator.authenticate(apiKey, "metrics"),
    StoreUnavailableError,
  );
});
