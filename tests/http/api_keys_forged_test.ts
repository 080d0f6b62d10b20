import { assertEquals } from "@std/assert";
import { encodeBase64 } from "@std/encoding/base64";
import { hashApiKey, newApiKey, newId } from "../../edge/base/ids.ts";
import { systemRandom } from "../../edge/base/clock.ts";
import { keyRecord } from "../../edge/merchant/key_record.ts";
import {
  apiKeyKey,
  merchantKey,
  merchantKeysKey,
  OPERATOR_KEYS_KEY,
} from "../../edge/store/keys.ts";
import type { Store, Write } from "../../edge/store/store.ts";
import { parseKeyring } from "../../edge/vault/keyring.ts";
import { createVault } from "../../edge/vault/seal.ts";
import { keptOpen } from "../support/store/fixture.ts";
import { MASTER_KEYS, startApp, type TestApp } from "../support/world/app.ts";
import { keyHolders } from "../support/world/privacy/key_holders.ts";
import { index } from "../support/store/ops.ts";
import { everyStore, startEdges } from "../support/store/stores.ts";

const OTHER = encodeBase64(new Uint8Array(32).fill(8));

/** Writes past the use cases, as somebody does who can reach the store. */
async function write(store: Store, key: string, value: string): Promise<void> {
  await store.txn({
    checks: [],
    writes: [{ kind: "set", key, value }],
  });
}

/** The text that a write sets. */
const textOf = (write: Write) => write.kind === "set" ? write.value : "";

async function read(store: Store, key: string): Promise<string> {
  return (await store.read({ keys: [key] })).values[0]!;
}

/** Another edge on a store that stays open when this edge ends. */
function startOn(
  store: Store,
  { clock }: TestApp,
  masterKeys: string,
): Promise<TestApp> {
  return startApp({
    clock,
    masterKeys,
    openStore: () => keptOpen(store),
  });
}

/** Texts that somebody who has another master key could write. */
const forgeries = (forged: { readonly mac: object }) => [
  JSON.stringify(forged),
  JSON.stringify({ ...forged, mac: { ...forged.mac, kid: "other" } }),
  JSON.stringify({ ...forged, mac: { kid: "test", hash: "" } }),
  JSON.stringify({ ...forged, mac: null }),
  JSON.stringify({ ...forged, scope: "admin" }),
  ...["null", "[]", "{"],
];

for (const [name, factory] of everyStore()) {
  Deno.test(`a key record that was made without a master key is refused, over ${name}`, async () => {
    await using edges = await startEdges(factory, 1);
    const { store, apps: [app] } = edges;
    const { api } = app;
    const merchant = await api.merchant();
    const forger = createVault({
      // The right name of the key does not help.
      keyring: parseKeyring(`test:${OTHER}`),
      random: systemRandom,
    });
    const owners = { wallet: "wallet", merchant: merchant.id };
    for (const scope of ["wallet", "merchant"] as const) {
      const fields = {
        key_id: newId("key", systemRandom),
        scope,
        owner: owners[scope],
        created_at: "2026-01-15T12:00:00.000Z",
      };
      // In the merchant's own record any key can be named.
      const record = JSON.parse(await read(store, merchantKey(merchant.id)));
      record.keys.push({ key_id: fields.key_id });
      await write(store, merchantKey(merchant.id), JSON.stringify(record));
      const key = newApiKey(systemRandom, "test");
      const hash = hashApiKey(key);
      const path = scope === "wallet"
        ? "/v1/enrolments/cred_0"
        : "/v1/payments?order_id=x";
      const keys = scope === "wallet"
        ? OPERATOR_KEYS_KEY
        : merchantKeysKey(merchant.id);
      const listing = index(keys, `${fields.key_id}:${hash}`, 1);
      await store.txn({ checks: [], writes: [listing] });
      const forged = JSON.parse(textOf(keyRecord(forger, hash).set(fields)));
      const texts = [
        JSON.stringify({ scope, owner: owners[scope] }),
        JSON.stringify(fields),
        ...forgeries(forged),
      ];
      for (const [i, text] of texts.entries()) {
        await write(store, apiKeyKey(hash), text);
        app.logged.length = 0;
        const { status, body } = await api.call("GET", path, { key });
        assertEquals([status, body.code], [401, "not-authenticated"], text);
        assertEquals(
          app.logged.filter((line) =>
            line.includes("was not made with these master keys")
          ).length,
          1,
          `${scope} ${i}`,
        );
      }
      const listed = await api.must(
        200,
        "GET",
        scope === "wallet"
          ? "/v1/admin/wallet-keys"
          : `/v1/admin/merchants/${merchant.id}`,
        { key: api.adminKey },
      );
      assertEquals(JSON.stringify(listed).includes(fields.key_id), false);
      // What refuses it is the proof alone.
      const vault = createVault({
        keyring: parseKeyring(MASTER_KEYS),
        random: systemRandom,
      });
      const good = keyRecord(vault, hash).set(fields);
      await store.txn({ checks: [], writes: [good] });
      assertEquals((await api.call("GET", path, { key })).status, 404);
    }
  });

  Deno.test(`a key record that was changed or moved is refused, over ${name}`, async () => {
    await using edges = await startEdges(factory, 1);
    const { store, clock, apps: [app] } = edges;
    for (const holder of await keyHolders(app)) {
      const { key_id, api_key } = await holder.make();
      const mine = apiKeyKey(hashApiKey(api_key));
      await holder.end(key_id, "?grace_seconds=60");
      const raw = await read(store, mine);
      const record = JSON.parse(raw);
      const { ends_at: _, ...endless } = record;
      const changed = [
        endless,
        { ...record, ends_at: "2099-01-01T00:00:00.000Z" },
        { ...record, ends_at: "never" },
        { ...record, scope: holder.name === "wallet" ? "merchant" : "wallet" },
        { ...record, owner: `${record.owner}x` },
        { ...record, key_id: `key_${"0".repeat(32)}` },
        { ...record, created_at: "2026-01-14T12:00:00.000Z" },
        { ...record, wallet_system: "another" },
        { ...record, bad_codes: { per_minute: 1e6, per_day: 1e6 } },
        { ...record, mac: { ...record.mac, kid: "tset" } },
      ];
      for (const it of changed) {
        await write(store, mine, JSON.stringify(it));
        clock.advance(5_000);
        assertEquals(await holder.status(api_key), 401, JSON.stringify(it));
      }
      await write(store, mine, raw);
      assertEquals(await holder.status(api_key), 404, holder.name);
      // Another key's record under this key's name.
      const other = await holder.make();
      const moved = await read(store, apiKeyKey(hashApiKey(other.api_key)));
      await write(store, mine, moved);
      clock.advance(5_000);
      assertEquals(await holder.status(api_key), 401);
      assertEquals(await holder.status(other.api_key), 404);
    }
  });

  Deno.test(`a rotation of master keys ends no API key, over ${name}`, async () => {
    await using edges = await startEdges(factory, 1);
    const { store, apps: [old] } = edges;
    const holders = await keyHolders(old);
    const rotated = `new:${OTHER},${MASTER_KEYS}`;
    await using both = await startOn(store, old, rotated);
    await using later = await startOn(store, old, `new:${OTHER}`);
    for (const holder of holders) {
      const first = await holder.make();
      const second = await holder.make();
      assertEquals(await holder.status(first.api_key, both.api), 404);
      // Its end is written under the new key.
      await both.api.must(204, "DELETE", `${holder.keysPath}/${first.key_id}`, {
        key: both.api.adminKey,
      });
      edges.clock.advance(5_000);
      assertEquals(await holder.status(first.api_key, both.api), 401);
      assertEquals(await holder.status(second.api_key, both.api), 404);
      assertEquals(
        (await holder.list(both.api)).map(({ key_id }) => key_id),
        [first.key_id, second.key_id],
      );
      // Whoever takes a master key out ends what was made under it.
      assertEquals(await holder.status(second.api_key, later.api), 401);
    }
  });
}
