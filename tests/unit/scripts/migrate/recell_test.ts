import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import {
  accountField,
  DUE_CALLBACKS_KEY,
  merchantKey,
  merchantKeysKey,
  MERCHANTS_KEY,
  MODE_KEY,
} from "../../../../edge/store/keys.ts";
import { tailOf } from "../../../../edge/payment/payment_id.ts";
import { InputError } from "../../../../scripts/command.ts";
import { createRecell } from "../../../../scripts/migrate/recell.ts";
import type { Side } from "../../../../scripts/migrate/stores.ts";
import type { TestMerchant } from "../../../support/world/api.ts";
import type { Ledger } from "../../../../edge/ledger/ledger.ts";
import { JournalLedger } from "../../../support/ledger/journal_ledger.ts";
import { keptOpen } from "../../../support/store/fixture.ts";
import { index, page, set, unindex } from "../../../support/store/ops.ts";
import { NOON_MS, startApp, TestClock } from "../../../support/world/app.ts";
import { Killed, openPair, type Pair, Process, run } from "./stores.ts";

const MINUTE_MS = 60_000;

/** An edge on one side with a ledger of its own; closing it leaves the store open. */
const startOn = ({ store }: Side, ms: number, ledger: Ledger) =>
  startApp({
    clock: new TestClock(ms),
    wrapLedger: () => ledger,
    openStore: () => ({
      ...keptOpen(store),
      ...(store.cells && { cells: store.cells }),
    }),
  });

/** Divides the records of a pair. */
const divide = (pair: Pick<Pair, "clock" | "from" | "to">) =>
  run(pair, createRecell(pair.to.store.cells!));

/** A store of one cell with merchants, customers, payments and callbacks. */
async function fillByEdge(pair: Pair, ledger = new JournalLedger()) {
  await using edge = await startOn(pair.from, NOON_MS, ledger);
  const { api } = edge;
  const walletKey = await api.walletKey();
  const cellOf = ({ id }: TestMerchant) =>
    pair.to.store.cells!.cellOf(merchantKey(id));
  const merchants: TestMerchant[] = [];
  // The customers' cell of a payment that was made before is 0, as its id says.
  while (merchants.length < 5 || !merchants.some((it) => cellOf(it) === 0)) {
    const i = merchants.length;
    const merchant = await api.merchant(`Shop ${i}`);
    merchants.push(merchant);
    await api.must(201, "PUT", "/v1/callback-endpoint", {
      key: merchant.key,
      body: { url: "https://shop.example/cb" },
    });
    const name = `customer-${i}`;
    const phone = await api.enrol(walletKey, name, `phone-${i}`);
    const order_id = `first-${i}`;
    const code = phone.code(NOON_MS);
    const paid = await api.pay(merchant, { code, order_id });
    assertEquals(paid.status, 201);
  }
  const key = walletKey;
  await api.must(200, "PUT", "/v1/accounts/customer-1/status", {
    ...{ key, body: { offline_codes: "off" } },
  });
  await api.must(204, "DELETE", "/v1/accounts/customer-2", { key });
  return { walletKey, merchants };
}

Deno.test("one cell is divided among eight: merchants, orders and policies go on, customers enrol again", async () => {
  await using pair = await openPair(undefined, [1, 8]);
  pair.clock.ms = NOON_MS;
  const { from, to, clock } = pair;
  const ledger = new JournalLedger();
  const { walletKey, merchants } = await fillByEdge(pair, ledger);
  const process = new Process({ at: 9, after: true });
  const mortal = { clock, from: process.side(from), to: process.side(to) };
  await assertRejects(() => divide(mortal), Killed);
  const result = await divide(pair);
  assert(result.kind === "moved");
  assertEquals(
    result.tallies[1].counts.get("order")?.records,
    merchants.length,
  );
  assertEquals(result.tallies[1].counts.get("credential"), undefined);
  // Each merchant is in its cell alone, and what is due with it.
  for (const name of [MERCHANTS_KEY, DUE_CALLBACKS_KEY]) {
    const all = await to.store.range(page(name));
    assertEquals(all.map(({ member }) => member).sort(), [
      ...merchants.map(({ id }) => id).toSorted(),
    ]);
  }

  const fields = ["mark", "credential", "ended", "seed", "online"] as const;
  const { values } = await to.store.read({
    keys: fields.map((it) => accountField("customer-0", it)),
  });
  assertEquals(values.map((it) => it !== null), [
    true,
    ...Array(4).fill(false),
  ]);

  clock.ms += MINUTE_MS;
  await using edge = await startOn(to, clock.ms, ledger);
  const { api } = edge;
  const counts: number[] = [];
  for (const [i, merchant] of merchants.entries()) {
    const { body } = await api.call("GET", `/v1/payments?order_id=first-${i}`, {
      key: merchant.key,
    });
    assertEquals(body.status, "succeeded");
    const name = `customer-${i}`;
    // The place of the customer in an id of before is random. Only if all three are in one
    // cell is the first payment found there when it is reversed, and given back.
    const cells = [
      to.store.cells!.cellOf(merchantKey(merchant.id)),
      to.store.cells!.cellOf(accountField(name, "mark").map),
      parseInt(tailOf(body.payment_id).slice(0, 3), 16) % 8,
    ];
    counts.push(new Set(cells).size === 1 ? 1 : 2);
    if (i === 1) continue;
    const phone = await api.enrol(walletKey, name, `phone-${i}`);
    const code = phone.code(clock.ms);
    const paid = await api.pay(merchant, { code, order_id: `second-${i}` });
    assertEquals([paid.status, paid.body.code], [201, undefined], name);
    // The money of what was paid before comes back.
    const key = merchant.key;
    const first = { key, body: { order_id: `first-${i}` } };
    const { status } = await api.must(200, "POST", "/v1/reversals", first);
    assertEquals(status, "reversed");
    const second = { order_id: `second-${i}`, refund_id: `r-${i}` };
    await api.must(201, "POST", "/v1/refunds", {
      ...{ key, body: { ...second, amount_minor: 50 } },
    });
  }
  // The switch of a customer and the use of one that was erased are remembered.
  const switched = await api.enrol(walletKey, "customer-1", "phone-1");
  const code = switched.code(clock.ms);
  const refused = await api.pay(merchants[1]!, { code, order_id: "off" });
  assert(refused.status >= 400, `${refused.status}`);
  for (const i of [2, 3]) {
    const path = `/v1/accounts/customer-${i}`;
    const account = await api.must(200, "GET", path, { key: walletKey });
    assertEquals(account.used_today.count, counts[i], JSON.stringify(account));
  }
});

Deno.test("a store is not divided while a payment is under way, in the sandbox, or with keys that are elsewhere", async () => {
  await using pair = await openPair(undefined, [1, 8]);
  pair.clock.ms = NOON_MS;
  const { from, to } = pair;
  const { merchants } = await fillByEdge(pair);
  const refusal = async () =>
    (await assertRejects(
      () => divide(pair),
      InputError,
    )).message;
  const due = index("oc:{0}:due-orders", "an order", 1);
  await from.store.txn({ checks: [], writes: [due] });
  assertMatch(await refusal(), /^1 payments are under way/);
  await from.store.txn({
    checks: [],
    writes: [unindex("oc:{0}:due-orders", "an order")],
  });
  const mode = (value: string) =>
    from.store.txn({ checks: [], writes: [set(MODE_KEY, value)] });
  await mode("test");
  assertMatch(await refusal(), /^A store of mode test is not divided/);
  await mode("live");
  const cells = to.store.cells!;
  const list = merchantKeysKey(merchants[0]!.id);
  const elsewhere = (cells.cellOf(list)! + 1) % 8;
  const hash = `00${elsewhere}`.padEnd(64, "0");
  await from.store.txn({
    checks: [],
    writes: [index(list, `aaaa${hash}`, 1)],
  });
  assertMatch(await refusal(), /^A key of the merchant mer_.* earlier version/);
});
