import { assertEquals, assertRejects } from "@std/assert";
import { systemRandom } from "../../../../edge/base/clock.ts";
import type {
  Debit,
  DebitAnswer,
  DeclineReason,
} from "../../../../edge/ledger/ledger.ts";
import { createSandboxLedger } from "../../../../edge/ledger/sandbox/sandbox.ts";
import { openSqliteStore } from "../../../../edge/store/sqlite/sqlite.ts";
import {
  type Store,
  StoreUnavailableError,
} from "../../../../edge/store/store.ts";
import { NOON_MS, TestClock } from "../../../support/world/app.ts";
import { FaultyStore } from "../../../support/store/faulty_store.ts";

const FIRST = { confirmed: false };
const APPROVED: DebitAnswer = { kind: "approved" };
const UNKNOWN: DebitAnswer = { kind: "unknown" };
const declined = (reason: DeclineReason): DebitAnswer => ({
  kind: "declined",
  reason,
});

const debit = (paymentId: string, more: Partial<Debit> = {}): Debit => ({
  paymentId,
  accountId: "alice",
  merchantId: "mer_1",
  amountMinor: 100,
  currency: "EUR",
  ...more,
});

/** A sandbox ledger on a real store that can fail. */
async function ledgered() {
  const folder = await Deno.makeTempDir({ prefix: "offcode-ledger-" });
  const opened = openSqliteStore({
    path: `${folder}/offcode.db`,
    clock: new TestClock(NOON_MS),
  });
  const store = new FaultyStore(opened);
  const ledger = createSandboxLedger({ store, random: systemRandom });
  return {
    opened,
    store,
    ledger,
    pay: (id: string, more?: Partial<Debit>) =>
      ledger.debit(debit(id, more), FIRST),
    set: (balanceMinor: number, currency = "EUR") =>
      ledger.setAccount("alice", { balanceMinor, currency }),
    balance: async () => (await ledger.getAccount("alice")).balanceMinor,
    async [Symbol.asyncDispose]() {
      await opened.close();
      await Deno.remove(folder, { recursive: true });
    },
  };
}

Deno.test("debit() takes what is there, down to the last unit", async () => {
  await using it = await ledgered();
  assertEquals(await it.ledger.getAccount("alice"), {
    balanceMinor: 0,
    currency: null,
  });
  await it.set(200);
  assertEquals(await it.pay("p1"), APPROVED);
  assertEquals(
    await it.pay("p2", { amountMinor: 101 }),
    declined("insufficient_funds"),
  );
  assertEquals(await it.pay("p3"), APPROVED);
  assertEquals(
    await it.pay("p4", { amountMinor: 1 }),
    declined("insufficient_funds"),
  );
  assertEquals(await it.ledger.getAccount("alice"), {
    balanceMinor: 0,
    currency: "EUR",
  });
});

Deno.test("debit() follows a balance that another process has set, and reads an account once", async () => {
  await using it = await ledgered();
  const { opened, store } = it;
  const other = createSandboxLedger({ store: opened, random: systemRandom });
  await it.set(100);
  const calls = async (id: string) => {
    store.plan();
    assertEquals(await it.pay(id), APPROVED);
    return store.trace.length;
  };
  assertEquals(await calls("p1"), 2);
  const set = { balanceMinor: 300, currency: "EUR" };
  await other.setAccount("alice", set);
  assertEquals(await it.pay("p2"), APPROVED);
  assertEquals(await calls("p3"), 1);
  await other.setAccount("alice", { ...set, currency: "JPY" });
  assertEquals(await it.pay("p4"), declined("currency_mismatch"));
  await other.setAccount("alice", set);
  assertEquals(await it.pay("p5", { amountMinor: 300 }), APPROVED);
  assertEquals(await it.balance(), 0);
});

Deno.test("debit() declines unknown accounts and other currencies", async () => {
  await using it = await ledgered();
  assertEquals(await it.pay("p1"), declined("insufficient_funds"));
  await it.set(10_000, "JPY");
  assertEquals(await it.pay("p2"), declined("currency_mismatch"));
  assertEquals(
    await it.pay("p3", { amountMinor: 10_001 }),
    declined("currency_mismatch"),
  );
  assertEquals(await it.balance(), 10_000);
});

Deno.test("debit() of one payment moves money once and answers the same", async () => {
  await using it = await ledgered();
  await it.set(1_000);
  for (let i = 0; i < 3; i++) assertEquals(await it.pay("p1"), APPROVED);
  const many = await Promise.all(
    Array.from({ length: 20 }, () => it.pay("p2")),
  );
  assertEquals(many, Array(20).fill(APPROVED));
  assertEquals(await it.balance(), 800);
  // What is asked later under the same payment changes nothing.
  assertEquals(await it.pay("p1", { amountMinor: 1 }), APPROVED);
  assertEquals(await it.pay("p1", { currency: "JPY" }), APPROVED);
  assertEquals(await it.balance(), 800);
});

Deno.test("debit() that was declined stays so, whatever is paid in", async () => {
  await using it = await ledgered();
  assertEquals(await it.pay("p1"), declined("insufficient_funds"));
  await it.set(1_000, "JPY");
  assertEquals(await it.pay("p2"), declined("currency_mismatch"));
  await it.set(1_000);
  assertEquals(await it.pay("p1"), declined("insufficient_funds"));
  assertEquals(await it.pay("p2"), declined("currency_mismatch"));
  assertEquals(await it.balance(), 1_000);
});

Deno.test("debit() that was approved stays so, whatever is set", async () => {
  await using it = await ledgered();
  await it.set(100);
  assertEquals(await it.pay("p1"), APPROVED);
  await it.set(0);
  assertEquals(await it.pay("p1"), APPROVED);
  assertEquals(await it.balance(), 0);
  await it.set(500, "JPY");
  assertEquals(await it.pay("p1"), APPROVED);
  assertEquals(await it.balance(), 500);
});

Deno.test("setAccount() starts anew: what was taken counts no more", async () => {
  await using it = await ledgered();
  await it.set(100);
  await it.pay("p1");
  await it.set(100);
  assertEquals(await it.balance(), 100);
  assertEquals(await it.pay("p2"), APPROVED);
  assertEquals(await it.balance(), 0);
  const all = await Promise.all([1, 2, 3].map((n) => it.set(n * 10)));
  assertEquals(all.length, 3);
  assertEquals([10, 20, 30].includes(await it.balance()), true);
});

Deno.test("reverse() gives back to the balance that it was taken from, and to no other", async () => {
  await using it = await ledgered();
  await it.set(300);
  assertEquals(await it.pay("p1"), APPROVED);
  assertEquals(await it.pay("p2"), APPROVED);
  assertEquals(await it.ledger.reverse("p1"), { kind: "reversed" });
  assertEquals(await it.balance(), 200);
  // Reversed again, it gives nothing more.
  assertEquals(await it.ledger.reverse("p1"), { kind: "reversed" });
  assertEquals(await it.balance(), 200);
  await it.set(300);
  assertEquals(await it.pay("p3"), APPROVED);
  assertEquals(await it.ledger.reverse("p2"), { kind: "reversed" });
  assertEquals(await it.balance(), 200);
  assertEquals(await it.ledger.reverse("p3"), { kind: "reversed" });
  assertEquals(await it.balance(), 300);
});

Deno.test("debit() racing setAccount() takes from one balance, not from both", async () => {
  for (const balances of [[50], [500], [50, 500], [500, 50], [500, 500, 50]]) {
    await using it = await ledgered();
    await it.set(1_000);
    // Right before a debit is written, the account is set again.
    const left = [...balances];
    const store: Store = {
      read: (request) => it.opened.read(request),
      range: (query) => it.opened.range(query),
      async txn(transaction) {
        const next = left.shift();
        if (next !== undefined) await it.set(next);
        return await it.opened.txn(transaction);
      },
      timeMs: () => it.opened.timeMs(),
      close: () => it.opened.close(),
    };
    const racing = createSandboxLedger({ store, random: systemRandom });
    const answer = await racing.debit(debit("p1"), FIRST);
    const last = balances.at(-1)!;
    assertEquals(
      answer,
      last < 100 ? declined("insufficient_funds") : APPROVED,
    );
    assertEquals(await it.balance(), last < 100 ? last : last - 100);
    assertEquals(await it.pay("p1"), answer);
  }
});

Deno.test("debit() is unknown while the account is set again and again", async () => {
  await using it = await ledgered();
  await it.set(1_000);
  const store: Store = {
    read: (request) => it.opened.read(request),
    range: (query) => it.opened.range(query),
    async txn(transaction) {
      await it.set(1_000);
      return await it.opened.txn(transaction);
    },
    timeMs: () => it.opened.timeMs(),
    close: () => it.opened.close(),
  };
  const racing = createSandboxLedger({
    store,
    random: systemRandom,
    pause: () => Promise.resolve(),
  });
  assertEquals(await racing.debit(debit("p1"), FIRST), UNKNOWN);
  assertEquals(await it.balance(), 1_000);
  assertEquals(await it.pay("p1"), APPROVED);
  assertEquals(await it.balance(), 900);
});

Deno.test("debit() is unknown while the store is away, and then moves money once", async () => {
  // Of an approval: reading the account, writing the answer.
  for (const mode of ["before", "after"] as const) {
    for (const at of [0, 1]) {
      await using it = await ledgered();
      await it.set(1_000);
      it.store.plan({ at, mode });
      assertEquals(await it.pay("p1"), UNKNOWN);
      it.store.plan();
      assertEquals(await it.pay("p1"), APPROVED);
      assertEquals(await it.balance(), 900);
    }
    // Of a decline: reading, trying, writing that there is too little.
    for (const at of [0, 1, 2]) {
      await using it = await ledgered();
      await it.set(99);
      it.store.plan({ at, mode });
      assertEquals(await it.pay("p1"), UNKNOWN);
      it.store.plan();
      assertEquals(await it.pay("p1"), declined("insufficient_funds"));
      assertEquals(await it.balance(), 99);
    }
  }
  // Sent twice by the transport: one debit, one answer.
  await using it = await ledgered();
  await it.set(1_000);
  it.store.plan({ at: 1, mode: "twice" });
  assertEquals(await it.pay("p1"), APPROVED);
  it.store.plan({ at: 1, mode: "twice" });
  await it.set(500);
  assertEquals(await it.balance(), 500);
});

Deno.test("setAccount() and getAccount() fail with the store", async () => {
  await using it = await ledgered();
  it.store.plan({ at: 0, mode: "before", onwards: true });
  await assertRejects(() => it.set(1), StoreUnavailableError);
  await assertRejects(() => it.balance(), StoreUnavailableError);
  it.store.plan();
  assertEquals(await it.balance(), 0);
});

Deno.test("debit() at once over two edges never takes more than there is", async () => {
  await using it = await ledgered();
  await it.set(20 * 100 + 99);
  const other = createSandboxLedger({
    store: it.opened,
    random: systemRandom,
  });
  const answers = await Promise.all(
    Array.from(
      { length: 50 },
      (_, i) => (i % 2 === 0 ? it.ledger : other).debit(debit(`p${i}`), FIRST),
    ),
  );
  assertEquals(answers.filter(({ kind }) => kind === "approved").length, 20);
  assertEquals(answers.filter(({ kind }) => kind === "declined").length, 30);
  assertEquals(await it.balance(), 99);
});
