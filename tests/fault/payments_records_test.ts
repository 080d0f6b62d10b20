import { orderName } from "../../edge/payment/payment_id.ts";
import { assertEquals } from "@std/assert";
import { packId } from "../../edge/base/ids.ts";
import { DatabaseSync } from "node:sqlite";
import {
  accountField,
  accountKey,
  bucketEntriesKey,
  bucketRevisionKey,
  merchantKey,
  orderKey,
} from "../../edge/store/keys.ts";
import type { Ref, Write } from "../../edge/store/store.ts";
import type { TestPhone } from "../support/world/api.ts";
import { NOON_MS, startApp, type TestApp } from "../support/world/app.ts";
import { type Scene, setScene } from "../support/world/scene.ts";

const STEP_MS = 30_000;

/** Puts a value or an index where nothing of the kind belongs. */
async function put(app: TestApp, ...writes: Write[]): Promise<void> {
  // One by one: in one transaction a name is of one kind.
  for (const write of writes) {
    await app.store.txn({ checks: [], writes: [write] });
  }
}

/** Nothing is said about the code, and nothing moves. */
async function assertUnavailable(
  app: TestApp,
  { merchant, walletKey }: Scene,
  phone: TestPhone,
): Promise<void> {
  const code = phone.code(NOON_MS);
  const balance = await app.api.balance("alice");
  const paid = await app.api.pay(merchant, { code, order_id: "order-1" });
  assertEquals([paid.status, paid.body.code], [503, "store-unavailable"]);
  const verified = await app.api.verify(walletKey, code, "ref");
  assertEquals([verified.status, verified.body.code], [
    503,
    "store-unavailable",
  ]);
  assertEquals(await app.api.balance("alice"), balance);
}

const INDEX = (name: string): Write[] => [
  { kind: "delete", key: name },
  { kind: "index", index: name, member: "x", score: 1 },
];
const MARK = accountField("alice", "mark");
const TEXT = (key: Ref, value: string): Write[] => [
  { kind: "delete", key },
  { kind: "set", key, value },
];

for (
  const [what, writes] of Object.entries({
    "a mark that is no number": () => TEXT(MARK, "soon"),
    "a mark that is a fraction": () => TEXT(MARK, "1.5"),
    "a mark that is empty": () => TEXT(MARK, ""),
    "a mark below zero": () => TEXT(MARK, "-1"),
    "a tier that is none": () => TEXT(accountField("alice", "policy"), "good"),
    "an account that is an index": () => INDEX(accountKey("alice")),
    "an account that is a text": () => TEXT(accountKey("alice"), "x"),
    "a revision that is an index": (it: Scene) =>
      INDEX(bucketRevisionKey(1, it.phone.seed.bucket)),
    "a bucket that is a text": (it: Scene) =>
      TEXT(bucketEntriesKey(1, it.phone.seed.bucket), "x"),
  })
) {
  Deno.test(`pay() and verify() take ${what} for a fault of the store`, async () => {
    await using app = await startApp();
    const scene = await setScene(app.api);
    await put(app, ...writes(scene));
    await assertUnavailable(app, scene, scene.phone);
  });
}

for (
  const [what, writes] of Object.entries({
    "no JSON": (key: string) => TEXT(key, "{"),
    "an index": INDEX,
  })
) {
  Deno.test(`pay() takes an order that is ${what} for a fault of the store`, async () => {
    await using app = await startApp();
    const scene = await setScene(app.api);
    await put(
      app,
      ...writes(
        orderKey(orderName(scene.merchant.id, "order-1")),
      ),
    );
    for (const code of [scene.phone.code(NOON_MS), "smudged"]) {
      const { status, body } = await app.api.pay(scene.merchant, {
        code,
        order_id: "order-1",
      });
      assertEquals([status, body.code], [503, "store-unavailable"]);
    }
    assertEquals(await app.api.balance("alice"), 10_000);
  });

  Deno.test(`a call takes a merchant that is ${what} for a fault of the store`, async () => {
    await using app = await startApp();
    const scene = await setScene(app.api);
    await put(app, ...writes(merchantKey(scene.merchant.id)));
    const { status, body } = await app.api.pay(scene.merchant, {
      code: scene.phone.code(NOON_MS),
      order_id: "order-1",
    });
    assertEquals([status, body.code], [503, "store-unavailable"]);
    assertEquals(await app.api.balance("alice"), 10_000);
  });
}

Deno.test("an order whose record is another order's is never paid", async () => {
  await using app = await startApp();
  const { merchant, phone } = await setScene(app.api);
  const code = phone.code(NOON_MS);
  await app.api.pay(merchant, { code, order_id: "order-1" });
  const key = (orderId: string) => orderKey(orderName(merchant.id, orderId));
  const [raw] = (await app.store.read({ keys: [key("order-1")] })).values;
  await put(app, ...TEXT(key("order-2"), raw!));
  for (const code of ["smudged", phone.code(NOON_MS + STEP_MS)]) {
    const again = await app.api.pay(merchant, { code, order_id: "order-2" });
    assertEquals([again.status, again.body.code], [503, "store-unavailable"]);
  }
  const asked = await app.api.call("GET", "/v1/payments?order_id=order-2", {
    key: merchant.key,
  });
  assertEquals([asked.status, asked.body.code], [503, "store-unavailable"]);
  assertEquals(await app.api.balance("alice"), 8_750);
});

for (
  const [field, value] of [
    ["spent:EUR", "1250"],
    ["count", "2026-01-15:-1"],
    ["offline", "0:many"],
  ] as const
) {
  Deno.test(`pay() takes ${field} that is no counter for a fault of the store`, async () => {
    await using app = await startApp();
    const { merchant, phone } = await setScene(app.api);
    await put(app, ...TEXT(accountField("alice", field), value));
    const code = phone.code(NOON_MS);
    const paid = await app.api.pay(merchant, { code, order_id: "order-1" });
    assertEquals([paid.status, paid.body.code], [503, "store-unavailable"]);
    assertEquals(await app.api.balance("alice"), 10_000);
  });
}

for (
  const [what, write] of Object.entries(
    {
      "without its mark": { kind: "delete", key: MARK },
      "that is not its account's": {
        kind: "set",
        key: accountField("alice", "credential"),
        value: packId(`cred_${"0".repeat(32)}`),
      },
      "whose account has none": {
        kind: "delete",
        key: accountField("alice", "credential"),
      },
    } satisfies Record<string, Write>,
  )
) {
  Deno.test(`a credential ${what} pays nothing`, async () => {
    await using app = await startApp();
    const { merchant, phone, walletKey } = await setScene(app.api);
    const online = await app.api.call("POST", "/v1/online-codes", {
      key: walletKey,
      body: { credential_id: phone.credentialId },
    });
    await put(app, write);
    const codes = [phone.code(NOON_MS)];
    // A mark is for offline codes alone.
    if (what !== "without its mark") codes.push(online.body.code);
    for (const [i, code] of codes.entries()) {
      const paid = await app.api.pay(merchant, { code, order_id: `o-${i}` });
      const verified = await app.api.verify(walletKey, code, `ref-${i}`);
      for (const { status, body } of [paid, verified]) {
        assertEquals([status, body.code], [422, "code-not-accepted"]);
      }
    }
    assertEquals(await app.api.balance("alice"), 10_000);
  });
}

Deno.test("pay() while another process holds the file is unavailable, then pays", async () => {
  let holder: DatabaseSync | null = null;
  let lockAt: "claim" | "debit" = "claim";
  const lock = (path: string) => {
    holder = new DatabaseSync(path);
    holder.prepare("BEGIN IMMEDIATE").run();
  };
  const release = () => {
    holder?.close();
    holder = null;
  };
  await using app = await startApp({
    wrapLedger: (ledger) => ({
      ...ledger,
      async debit(...debit) {
        const answer = await ledger.debit(...debit);
        if (lockAt === "debit") lock(app.path);
        return answer;
      },
    }),
  });
  const { api } = app;
  const { merchant, phone, walletKey } = await setScene(api);
  const order = { code: phone.code(NOON_MS), order_id: "order-1" };
  lock(app.path);
  const [paid, verified] = await Promise.all([
    api.pay(merchant, order),
    api.verify(walletKey, order.code, "ref"),
  ]);
  release();
  for (const { status, body } of [paid, verified]) {
    assertEquals([status, body.code], [503, "store-unavailable"]);
  }
  assertEquals((await api.pay(merchant, order)).status, 201);

  // Locked after the debit: the end is not written, so nobody says it.
  lockAt = "debit";
  const late = { code: phone.code(NOON_MS + STEP_MS), order_id: "order-2" };
  const open = await api.pay(merchant, late);
  release();
  assertEquals([open.status, open.body.code], [402, "payment-pending"]);
  assertEquals(await api.balance("alice"), 7_500);
});
