/**
 * Calls whose signature does not hold: the reference ledger changes nothing,
 * and the adapter makes no decision out of that.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import {
  ALICE_DEBIT as DEBIT,
  APPROVED,
  PLAIN,
  UNKNOWN,
} from "../support/ledger/fixture.ts";
import { startAliceLedger } from "../support/ledger/server.ts";

Deno.test("a ledger with another secret does nothing, and is unknown", async () => {
  await using server = startAliceLedger();
  const statuses: unknown[] = [];
  const ledger = server.connect({
    secret: `whsec_${btoa("another secret of at least 24 bytes")}`,
    log: (_level, _message, fields) => statuses.push(fields?.status),
  });
  assertEquals(await ledger.debit(DEBIT, PLAIN), UNKNOWN);
  assertEquals(await ledger.reverse("pay_1"), UNKNOWN);
  assertEquals(await ledger.query("pay_1"), UNKNOWN);
  assertEquals(statuses, [401, 401, 401]);
  assertEquals(server.requests.map(({ body }) => body), [null, null, null]);
  assertEquals(server.debits(), 0);
  // Its reversal left no trace either.
  assertEquals(await server.connect().debit(DEBIT, PLAIN), APPROVED);
});

Deno.test("a clock five minutes off is unknown, and nothing is done", async () => {
  const clock = { nowMs: () => 1_750_000_000_000 };
  await using server = startAliceLedger({ clock });
  for (const offMs of [-301_000, 301_000]) {
    const ledger = server.connect({
      clock: { nowMs: () => clock.nowMs() + offMs },
    });
    assertEquals(await ledger.debit(DEBIT, PLAIN), UNKNOWN);
  }
  assertEquals(server.debits(), 0);
  assertEquals(await server.connect().debit(DEBIT, PLAIN), APPROVED);
});

Deno.test("a signed query sent again as a reversal does nothing", async () => {
  await using server = startAliceLedger();
  const ledger = server.connect();
  assertEquals(await ledger.debit(DEBIT, PLAIN), APPROVED);
  assertEquals(await ledger.query("pay_1"), APPROVED);
  const { headers } = server.requests.at(-1)!;
  const response = await fetch(`${server.url}/reversals`, {
    method: "POST",
    headers: ["webhook-id", "webhook-timestamp", "webhook-signature"].map(
      (name): [string, string] => [name, headers.get(name)!],
    ),
    body: JSON.stringify({ payment_id: "pay_1" }),
  });
  await response.body?.cancel();
  assertEquals(response.status, 401);
  assertEquals(server.reversals(), 0);
});
