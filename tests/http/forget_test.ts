import { assertEquals } from "@std/assert";
import { encodeBase64 } from "@std/encoding/base64";
import type { Clock } from "../../edge/base/clock.ts";
import { createCelledStore } from "../../edge/store/celled/celled.ts";
import { forgetErased } from "../../edge/payment/forget.ts";
import type { ListableStore, Transaction } from "../../edge/store/store.ts";
import { programOf, saidBy } from "../support/http/command.ts";
import { tcpFactory } from "../support/redis/store.ts";
import { dumpStore } from "../support/store/dump.ts";
import { testCells } from "../support/store/cells.ts";
import type { StoreFactory } from "../support/store/fixture.ts";
import { sqliteFactory } from "../support/store/sqlite.ts";
import { openDesk, said, stateOf } from "../support/world/desk.ts";
import { peekOrder } from "../support/world/peek.ts";

const RECORD_MS = 400 * 86_400_000;
const MINUTE_MS = 60_000;
const MASTER_KEYS = `k1:${encodeBase64(new Uint8Array(32).fill(7))}`;

type Desk = Awaited<ReturnType<typeof openDesk>>;

/** A desk whose customer alice was erased; bob was not. */
async function openErased(options: Parameters<typeof openDesk>[0] = {}) {
  const desk = await openDesk(options);
  const { api, walletKey: key, clock, ledger } = desk;
  const bob = await api.enrol(key, "bob", "phone-b");
  await api.setBalance("bob", 10_000);
  assertEquals(said(await desk.pay("bobs", bob.code(clock.ms))), "201");
  await api.setBalance("alice", 0);
  const declined = await desk.pay("tried", desk.code());
  assertEquals(said(declined), "payment-declined");
  await api.setBalance("alice", 10_000);
  assertEquals(said(await desk.pay("tried", desk.next())), "201");
  assertEquals(said(await desk.pay("kept", desk.next())), "201");
  ledger.debits = "unheard";
  assertEquals(said(await desk.pay("open", desk.next())), "payment-pending");
  ledger.debits = "up";
  await api.verify(key, desk.next(), "by-alice");
  await api.verify(key, bob.code(clock.ms), "by-bob");
  return Object.assign(desk, {
    erase: async () =>
      said(await api.call("DELETE", "/v1/accounts/alice", { key })),
  });
}

/** A file that is divided into cells. */
const ofEightCells: StoreFactory = async (clock) => {
  const { store, dispose } = await sqliteFactory(clock);
  const stores = new Array<ListableStore>(8).fill(store as ListableStore);
  const cells = testCells(8);
  return { store: createCelledStore({ cells, stores, prefix: "90" }), dispose };
};

/** Forgets what can be forgotten; what came of it, and what was written. */
async function forget(store: ListableStore, clock: Clock) {
  const written: Transaction[] = [];
  const watched: ListableStore = {
    ...(store.cells && { cells: store.cells }),
    read: (request) => store.read(request),
    range: (query) => store.range(query),
    timeMs: () => store.timeMs(),
    names: (...from) => store.names(...from),
    records: (...from) => store.records(...from),
    restore: (...records) => store.restore(...records),
    close: () => Promise.resolve(),
    txn(transaction) {
      written.push(transaction);
      return store.txn(transaction);
    },
  };
  const all = { looked: 0, forgotten: 0, underWay: 0 };
  const deps = { store: watched, clock, recordMs: RECORD_MS };
  for await (const some of forgetErased(deps)) {
    all.looked += some.looked;
    all.forgotten += some.forgotten;
    all.underWay += some.underWay;
  }
  return { all, written };
}

/** The accounts that an order's attempts name. */
async function accountsIn({ app, merchant }: Desk, orderId: string) {
  const order = await peekOrder(app.store, merchant.id, orderId);
  return [...order!.earlier, order!.payment!].map((it) => it.account_id);
}

for (
  const [engine, factory] of [
    ["SQLite", sqliteFactory],
    ["Redis by TCP", tcpFactory()],
  ] as const
) {
  Deno.test(`ended payments of an erased account keep its pseudonym alone, over ${engine}`, async () => {
    let store: ListableStore;
    await using desk = await openErased({
      async factory(clock) {
        const fixture = await factory(clock);
        store = fixture.store as ListableStore;
        return fixture;
      },
    });
    const { clock, merchant } = desk;
    const forgetNow = () => forget(store, clock);
    const none = { all: { looked: 6, forgotten: 0, underWay: 0 }, written: [] };
    assertEquals(await forgetNow(), none);
    clock.advance(MINUTE_MS);
    assertEquals(said(await desk.refund("tried", "r-1", 100)), "201");
    const refundedMs = clock.ms;
    assertEquals(await desk.erase(), "204");
    const before = await peekOrder(desk.app.store, merchant.id, "kept");
    clock.advance(MINUTE_MS);
    const { all, written } = await forgetNow();
    assertEquals(all, { looked: 6, forgotten: 3, underWay: 1 });
    // The records end when they would have ended.
    const ends = written.flatMap(({ writes }) => writes).flatMap((it) =>
      it.kind === "set" ? [clock.ms + it.ttlMs! - RECORD_MS] : []
    );
    const kept = await peekOrder(desk.app.store, merchant.id, "kept");
    assertEquals(ends.includes(kept!.payment!.updated_ms), true);
    assertEquals(ends.includes(refundedMs), true);
    const payment = { ...before!.payment!, account_id: "" };
    assertEquals(kept, { ...before!, payment });
    assertEquals(await accountsIn(desk, "tried"), ["", ""]);
    assertEquals(await accountsIn(desk, "open"), ["alice"]);
    assertEquals(await accountsIn(desk, "bobs"), ["bob"]);
    // It can be reversed as before, and the one under way comes to its end.
    assertEquals(said(await desk.reverse("kept")), "200");
    assertEquals((await stateOf(desk, "kept"))[0], "reversed");
    await desk.app.sweeper.sweep();
    const last = await forgetNow();
    assertEquals(last.all, { looked: 5, forgotten: 1, underWay: 0 });
    assertEquals(await accountsIn(desk, "open"), [""]);
    assertEquals(await accountsIn(desk, "kept"), [""]);
    assertEquals((await forgetNow()).all.forgotten, 0);
    assertEquals(await desk.balance(), 8_850);
  });
}

for (
  const [engine, factory] of [
    ["SQLite", sqliteFactory],
    ["SQLite of 8 cells", ofEightCells],
  ] as const
) {
  Deno.test(`what an account paid before its erasure is forgotten, whoever is enrolled under its id now, over ${engine}`, async () => {
    let store: ListableStore;
    await using desk = await openErased({
      async factory(clock) {
        const fixture = await factory(clock);
        store = fixture.store as ListableStore;
        return fixture;
      },
    });
    const { clock, api, walletKey: key } = desk;
    const forgetNow = async () => (await forget(store, clock)).all;
    assertEquals(await desk.erase(), "204");
    clock.advance(MINUTE_MS);
    const again = await api.enrol(key, "alice", "phone-a");
    assertEquals(said(await desk.pay("anew", again.code(clock.ms))), "201");
    clock.advance(MINUTE_MS);
    await api.verify(key, again.code(clock.ms), "by-alice-again");
    const first = await forgetNow();
    assertEquals(first, { looked: 8, forgotten: 3, underWay: 1 });
    assertEquals(await accountsIn(desk, "kept"), [""]);
    assertEquals(await accountsIn(desk, "tried"), ["", ""]);
    assertEquals(await accountsIn(desk, "anew"), ["alice"]);
    const repeated = await api.verify(
      key,
      again.code(clock.ms),
      "by-alice-again",
    );
    assertEquals([repeated.status, repeated.body.account_id], [200, "alice"]);
    // What was forgotten is reversed, whatever cell its customer was in.
    assertEquals(said(await desk.reverse("kept")), "200");
    await desk.app.sweeper.sweep();
    assertEquals((await forgetNow()).forgotten, 1);
    assertEquals(await accountsIn(desk, "open"), [""]);
    // Erased and enrolled once more: the payment in between is forgotten, too.
    assertEquals(await desk.erase(), "204");
    clock.advance(1);
    await api.enrol(key, "alice", "phone-b");
    assertEquals((await forgetNow()).forgotten, 2);
    assertEquals(await accountsIn(desk, "anew"), [""]);
  });
}

Deno.test("the forget task says what it did, and leaves no record with the account but the ledger's own", async () => {
  await using desk = await openErased();
  const env = { OFFCODE_STORE: `sqlite:${desk.app.path}` };
  const run = () => saidBy(programOf("scripts/forget.ts", [], { env }));
  assertEquals(await desk.erase(), "204");
  const first = await run();
  assertEquals([first.code, first.out], [
    1,
    "Ids of erased accounts were taken out of 3 records\n" +
    "1 payments of erased accounts are under way\n",
  ]);
  desk.clock.advance(MINUTE_MS);
  await desk.app.sweeper.sweep();
  const second = await run();
  assertEquals([second.code, second.out], [
    0,
    "Ids of erased accounts were taken out of 1 records\n",
  ]);
  const left = dumpStore(desk.app.path).filter((row) =>
    row.includes("alice") && !/sandbox|double-scan/.test(row)
  );
  assertEquals(left, []);
  const keys = `${desk.app.path}.keys`;
  await Deno.writeTextFile(keys, MASTER_KEYS, { mode: 0o600 });
  const byFile = await saidBy(programOf("scripts/forget.ts", [], {
    env: {
      ...env,
      OFFCODE_ADMIN_KEY: "an-admin-key-of-a-test-long-enough",
      OFFCODE_MASTER_KEYS_FILE: keys,
    },
  }));
  assertEquals([byFile.code, byFile.err.includes("were looked at")], [0, true]);
  const missing = await saidBy(programOf("scripts/forget.ts", [], {
    env: { OFFCODE_STORE: `sqlite:${desk.app.path}.mistyped` },
  }));
  assertEquals([missing.code, missing.out], [2, ""]);
});
