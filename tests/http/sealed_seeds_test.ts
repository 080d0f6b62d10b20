import { assertEquals } from "@std/assert";
import { encodeBase64 } from "@std/encoding/base64";
import { decodeBase64Url, encodeBase64Url } from "@std/encoding/base64url";
import { encodeHex } from "@std/encoding/hex";
import {
  credentialForm,
  entryText,
  parseEntry,
} from "../../edge/enrolment/record.ts";
import { liveCredentials } from "../../edge/enrolment/writes.ts";
import {
  bucketEntriesKey,
  bucketRevisionKey,
  credentialKey,
} from "../../edge/store/keys.ts";
import type { Store, Write } from "../../edge/store/store.ts";
import { NOON_MS, startApp, type TestApp } from "../support/world/app.ts";
import { oneBucket, setScene } from "../support/world/scene.ts";
import { storeBytes } from "../support/store/dump.ts";
import { codeAt } from "../support/world/wallet.ts";

const STEP_MS = 30_000;

/** Alice and Bob in one bucket, both with money. */
async function twoCustomers(app: TestApp) {
  const scene = await setScene(app.api);
  const bob = await app.api.enrol(scene.walletKey, "bob", "phone-of-bob");
  await app.api.setBalance("bob", 10_000);
  return { ...scene, alice: scene.phone, bob };
}

/** The entry of a credential in bucket 0, with its score. */
async function entryOf(store: Store, credentialId: string) {
  const entries = await store.range({
    index: bucketEntriesKey(1, 0),
    min: 0,
    max: Number.MAX_SAFE_INTEGER,
    limit: 100,
  });
  const entry = entries.find(({ member }) => member.includes(credentialId))!;
  return { ...entry, fields: parseEntry(entry.member) };
}

/** Writes past the use cases, as somebody with the store in hand would. */
async function tamper(store: Store, writes: Write[]): Promise<void> {
  const result = await store.txn({
    checks: [],
    writes: [...writes, {
      kind: "set",
      key: bucketRevisionKey(1, 0),
      value: "tampered",
    }],
  });
  assertEquals(result.committed, true);
}

/** Nobody paid, and neither can anybody with Alice's codes. */
async function assertAliceIsDead(
  app: TestApp,
  scene: Awaited<ReturnType<typeof twoCustomers>>,
) {
  const { api, logged } = app;
  const { merchant, walletKey, alice, bob } = scene;
  const code = alice.code(NOON_MS);
  const paid = await api.pay(merchant, { code, order_id: "stolen" });
  assertEquals([paid.status, paid.body.code], [422, "code-not-accepted"]);
  const verified = await api.verify(walletKey, code, "stolen");
  assertEquals([verified.status, verified.body.code], [
    422,
    "code-not-accepted",
  ]);
  assertEquals(await api.balance("alice"), 10_000);
  assertEquals(await api.balance("bob"), 10_000);
  const faults = logged.map((line) => JSON.parse(line))
    .filter(({ message }) => message === "sealed seed does not open");
  assertEquals(faults[0]?.level, "error");
  assertEquals(faults[0]?.reason, "tampered");
  // One bad entry takes nobody else in the bucket along.
  const ok = await api.pay(merchant, {
    code: bob.code(NOON_MS),
    order_id: "bob",
  });
  assertEquals(ok.status, 201);
}

for (
  const [what, change] of Object.entries({
    "another account": { a: "bob" },
    "another device": { d: "phone-of-bob" },
    "another credential": { c: `cred_${"0".repeat(32)}` },
    "a later expiry": { x: NOON_MS / 1000 + 31 * 86_400 },
    "an earlier expiry": { x: NOON_MS / 1000 + 86_400 },
  })
) {
  Deno.test(`a sealed seed that was given ${what} opens no more`, async () => {
    await using app = await startApp({ random: oneBucket });
    const scene = await twoCustomers(app);
    const { member, score, fields } = await entryOf(
      app.store,
      scene.alice.credentialId,
    );
    await tamper(app.store, [
      { kind: "unindex", index: bucketEntriesKey(1, 0), member },
      {
        kind: "index",
        index: bucketEntriesKey(1, 0),
        member: entryText({ ...fields, ...change }),
        score,
      },
    ]);
    await assertAliceIsDead(app, scene);
  });
}

Deno.test("sealed seeds that were exchanged open no more, for either", async () => {
  await using app = await startApp({ random: oneBucket });
  const { api, store } = app;
  const { merchant, alice, bob } = await twoCustomers(app);
  const a = await entryOf(store, alice.credentialId);
  const b = await entryOf(store, bob.credentialId);
  const index = bucketEntriesKey(1, 0);
  const sealed = (entry: typeof a, s: string): Write => ({
    kind: "index",
    index,
    member: entryText({ ...entry.fields, s }),
    score: entry.score,
  });
  await tamper(store, [{ kind: "delete", key: index }]);
  await tamper(store, [sealed(a, b.fields.s), sealed(b, a.fields.s)]);
  for (const phone of [alice, bob]) {
    const { status, body } = await api.pay(merchant, {
      code: phone.code(NOON_MS),
      order_id: phone.accountId,
    });
    assertEquals([status, body.code], [422, "code-not-accepted"]);
    assertEquals(await api.balance(phone.accountId), 10_000);
  }
});

Deno.test("a sealed seed that was moved to another bucket opens no more", async () => {
  await using app = await startApp({ random: oneBucket });
  const { api, store } = app;
  const { merchant, alice } = await twoCustomers(app);
  const { member, score } = await entryOf(store, alice.credentialId);
  await tamper(store, [
    { kind: "index", index: bucketEntriesKey(1, 1), member, score },
    { kind: "set", key: bucketRevisionKey(1, 1), value: "tampered" },
  ]);
  const code = codeAt({ ...alice.seed, bucket: 1 }, NOON_MS);
  const { status, body } = await api.pay(merchant, { code, order_id: "moved" });
  assertEquals([status, body.code], [422, "code-not-accepted"]);
  assertEquals(await api.balance("alice"), 10_000);
});

Deno.test("a credential's record that was pointed at another account charges nobody else", async () => {
  await using app = await startApp({ random: oneBucket });
  const { api, store } = app;
  const { merchant, walletKey, alice, bob } = await twoCustomers(app);
  const key = credentialKey(alice.credentialId);
  const [raw] = (await store.read({ keys: [key] })).values;
  const form = credentialForm(alice.credentialId);
  const record = form.read(raw!)!;
  await tamper(store, [
    {
      kind: "set",
      key,
      value: form.write({ ...record, account_id: "bob" }),
    },
    liveCredentials("bob").set(alice.credentialId),
  ]);
  const verified = await api.verify(walletKey, alice.code(NOON_MS), "ref");
  assertEquals(verified.body.account_id, "alice");
  const paid = await api.pay(merchant, {
    code: alice.code(NOON_MS + STEP_MS),
    order_id: "order-1",
  });
  assertEquals(paid.status, 201);
  assertEquals(await api.balance("alice"), 8_750);
  assertEquals(await api.balance("bob"), 10_000);
  // An account is not charged by a credential that it does not name.
  const bobs = await api.verify(walletKey, bob.code(NOON_MS), "bob");
  assertEquals(bobs.body.code, "code-not-accepted");
});

Deno.test("a seed sealed under a key that was retired is refused and logged", async () => {
  await using one = await startApp({ random: oneBucket });
  const scene = await setScene(one.api);
  await using two = await startApp({
    path: one.path,
    clock: one.clock,
    random: oneBucket,
    masterKeys: `next:${encodeBase64(new Uint8Array(32).fill(8))}`,
  });
  // API keys are proven by the key that is retired here, too: it has its own.
  const merchant = await two.api.merchant();
  const { status, body } = await two.api.pay(merchant, {
    code: scene.phone.code(NOON_MS),
    order_id: "order-1",
  });
  assertEquals([status, body.code], [422, "code-not-accepted"]);
  const fault = two.logged.map((line) => JSON.parse(line))
    .find(({ message }) => message === "sealed seed does not open");
  assertEquals([fault.reason, fault.credentialId], [
    "unknown-key",
    scene.phone.credentialId,
  ]);
  // Where the key is still in the ring, the same code is worth its money.
  const paid = await one.api.pay(scene.merchant, {
    code: scene.phone.code(NOON_MS),
    order_id: "order-1",
  });
  assertEquals(paid.status, 201);
});

/** Every spelling in which a seed could stand in a file. */
function spellings(seed: Uint8Array): Record<string, Uint8Array> {
  const ascii = (text: string) => new TextEncoder().encode(text);
  const base64 = encodeBase64(seed).replace(/=+$/, "");
  return {
    raw: seed,
    hex: ascii(encodeHex(seed)),
    "upper-case hex": ascii(encodeHex(seed).toUpperCase()),
    base64: ascii(base64),
    base64url: ascii(encodeBase64Url(seed)),
    "a list of bytes": ascii(seed.join(",")),
  };
}

function includes(haystack: Uint8Array, needle: Uint8Array): boolean {
  let at = haystack.indexOf(needle[0]!);
  while (at !== -1) {
    if (needle.every((byte, i) => haystack[at + i] === byte)) return true;
    at = haystack.indexOf(needle[0]!, at + 1);
  }
  return false;
}

Deno.test("the store's file holds no seed in any spelling", async () => {
  await using app = await startApp();
  const { api, store } = app;
  const { merchant, phone, walletKey } = await setScene(api);
  const second = await api.enrol(walletKey, "alice", "second-phone");
  await api.pay(merchant, { code: second.code(NOON_MS), order_id: "1" });
  await api.must(204, "DELETE", `/v1/enrolments/${second.credentialId}`, {
    key: walletKey,
  });
  const third = await api.enrol(walletKey, "alice", "third-phone");
  const bytes = await storeBytes(app.path);
  for (const { seed } of [phone, second, third]) {
    for (
      const [what, spelling] of Object.entries(
        spellings(decodeBase64Url(seed.seed)),
      )
    ) {
      assertEquals(includes(bytes, spelling), false, what);
    }
  }
  // The search finds what is there: put in, each of them is seen.
  const seed = decodeBase64Url(third.seed.seed);
  for (const [what, spelling] of Object.entries(spellings(seed))) {
    if (what === "raw") continue;
    const value = new TextDecoder().decode(spelling);
    await store.txn({
      checks: [],
      writes: [{ kind: "set", key: "planted", value }],
    });
    assertEquals(includes(await storeBytes(app.path), spelling), true, what);
  }
  assertEquals(includes(seed, seed.subarray(3)), true);
});
