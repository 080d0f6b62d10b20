/**
 * Audits after a ledger has lost what the store still knows: real payments at
 * the reference ledger over HTTP and at the sandbox, one of them forgotten.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { sandboxDebitKey } from "../../edge/store/keys.ts";
import { openSqliteStore } from "../../edge/store/sqlite/sqlite.ts";
import type { Store } from "../../edge/store/store.ts";
import { audit, auditStore, type LedgerDebit } from "../../scripts/audit.ts";
import { NOON_MS, startApp, type TestApp } from "../support/world/app.ts";
import { startLedgerServer } from "../support/ledger/server.ts";
import { setScene } from "../support/world/scene.ts";

const LOST =
  "the store calls the payment succeeded, the ledger does not list it";

/** The verdicts of both sides, by payment, those that agree left out. */
async function auditBoth(
  { path, clock }: TestApp,
  debits: readonly LedgerDebit[],
): Promise<Record<string, string>> {
  const store = openSqliteStore({ path, clock });
  const verdicts: Record<string, string> = {};
  try {
    for await (const { debit, verdict } of audit(store, debits, clock.ms)) {
      if (verdict !== "agrees") verdicts[debit.payment_id] = verdict;
    }
    const listed = new Set(debits.map(({ payment_id }) => payment_id));
    const span = { fromMs: NOON_MS, toMs: clock.ms };
    for await (
      const { payment, verdict } of auditStore(store, listed, span, clock.ms)
    ) if (verdict !== "agrees") verdicts[payment.payment_id] = verdict;
    return verdicts;
  } finally {
    await store.close();
  }
}

/** Four payments; their ids. */
async function payFour(app: TestApp): Promise<string[]> {
  const { merchant, phone } = await setScene(app.api);
  const ids: string[] = [];
  for (let i = 0; i < 4; i++) {
    const { status, body } = await app.api.pay(merchant, {
      code: phone.code(app.clock.ms),
      order_id: `order-${i}`,
    });
    assertEquals([status, body.status], [201, "succeeded"]);
    ids.push(body.payment_id);
    app.clock.advance(30_000);
  }
  return ids;
}

Deno.test("an audit of both sides finds the success that a ledger over HTTP forgot", async () => {
  await using server = startLedgerServer();
  server.setAccount("alice", 10_000);
  await using app = await startApp({ wrapLedger: () => server.connect() });
  const ids = await payFour(app);
  app.clock.advance(3_600_000);
  assertEquals(server.books.list().length, 4);
  assertEquals(await auditBoth(app, server.books.list()), {});

  server.books.forget(ids[2]!);
  const list = server.books.list();
  // The ledger's side alone finds nothing: that was the fault.
  for await (const { verdict } of audit(app.store, list, app.clock.ms)) {
    assertEquals(verdict, "agrees");
  }
  assertEquals(await auditBoth(app, list), { [ids[2]!]: LOST });
});

/** What the sandbox would list. */
async function sandboxList(
  store: Store,
  ids: readonly string[],
): Promise<LedgerDebit[]> {
  const { values } = await store.read({ keys: ids.map(sandboxDebitKey) });
  return values.flatMap((raw, i) => {
    if (raw === null) return [];
    const { kind, sum } = JSON.parse(raw);
    assertEquals(kind, "approved");
    return [{
      payment_id: ids[i]!,
      state: "debited" as const,
      amount_minor: sum,
      currency: "EUR",
    }];
  });
}

Deno.test("an audit of both sides finds the success that the sandbox forgot", async () => {
  await using app = await startApp();
  const ids = await payFour(app);
  app.clock.advance(3_600_000);
  assertEquals(await auditBoth(app, await sandboxList(app.store, ids)), {});
  const key = sandboxDebitKey(ids[0]!);
  await app.store.txn({ checks: [], writes: [{ kind: "delete", key }] });
  const list = await sandboxList(app.store, ids);
  assert(list.length === 3);
  assertEquals(await auditBoth(app, list), { [ids[0]!]: LOST });
});
