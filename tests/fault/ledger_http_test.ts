/**
 * What happens to calls of a ledger on the way: lost, broken off, repeated.
 * Each is `unknown`, never an exception; asking again brings the truth, and
 * the money has moved once.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import {
  fails,
  failsAfterWork,
  forgets,
  hangsUp,
  hangsUpAfterWork,
  repeats,
} from "../support/ledger/faults.ts";
import {
  ALICE_DEBIT as DEBIT,
  APPROVED,
  PLAIN,
  UNKNOWN,
} from "../support/ledger/fixture.ts";
import { startAliceLedger } from "../support/ledger/server.ts";

Deno.test("a debit that fails before the work is unknown and not done", async () => {
  for (const fault of [fails, hangsUp]) {
    await using server = startAliceLedger();
    const ledger = server.connect();
    server.next("debits", fault);
    assertEquals(await ledger.debit(DEBIT, PLAIN), UNKNOWN);
    assertEquals(server.requests.length, 1);
    assertEquals(server.debits(), 0);
    assertEquals(await ledger.query("pay_1"), UNKNOWN);
    assertEquals(await ledger.debit(DEBIT, PLAIN), APPROVED);
    assertEquals(server.debits(), 1);
  }
});

Deno.test("a debit that fails after the work is unknown, then found, and done once", async () => {
  for (const fault of [failsAfterWork, hangsUpAfterWork]) {
    await using server = startAliceLedger();
    const ledger = server.connect();
    server.next("debits", fault);
    assertEquals(await ledger.debit(DEBIT, PLAIN), UNKNOWN);
    assertEquals(server.requests.length, 1);
    assertEquals(await ledger.query("pay_1"), APPROVED);
    assertEquals(await ledger.debit(DEBIT, PLAIN), APPROVED);
    assertEquals(await ledger.debit(DEBIT, { confirmed: true }), APPROVED);
    assertEquals(server.debits(), 1);
    assertEquals(server.balance("alice"), 8750);
  }
});

Deno.test("a connection that dies under a later call moves money once", async () => {
  await using server = startAliceLedger();
  const ledger = server.connect();
  // On a connection that was used before, the runtime may repeat by itself.
  assertEquals(await ledger.query("pay_1"), UNKNOWN);
  server.rule = (call) => call === "debits" ? hangsUpAfterWork : null;
  assertEquals(await ledger.debit(DEBIT, PLAIN), UNKNOWN);
  server.rule = () => null;
  assertEquals(await ledger.debit(DEBIT, PLAIN), APPROVED);
  assertEquals(server.debits(), 1);
});

Deno.test("a reversal whose answer is lost is unknown, then certain, and done once", async () => {
  const faults = [fails, hangsUp, failsAfterWork, hangsUpAfterWork];
  for (const fault of faults) {
    await using server = startAliceLedger();
    const ledger = server.connect();
    assertEquals(await ledger.debit(DEBIT, PLAIN), APPROVED);
    server.rule = (call) => call === "reversals" ? fault : null;
    assertEquals(await ledger.reverse("pay_1"), UNKNOWN);
    server.rule = () => null;
    assertEquals(await ledger.reverse("pay_1"), { kind: "reversed" });
    assertEquals(server.reversals(), 1);
    assertEquals(server.balance("alice"), 10_000);
  }
});

Deno.test("a port where nobody listens is unknown, in every call", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  await using server = startAliceLedger();
  const faults: unknown[] = [];
  const ledger = server.connect({
    url: `http://127.0.0.1:${port}`,
    log: (_level, _message, fields) => faults.push(fields?.fault),
  });
  assertEquals(await ledger.debit(DEBIT, PLAIN), UNKNOWN);
  assertEquals(await ledger.reverse("pay_1"), UNKNOWN);
  assertEquals(await ledger.query("pay_1"), UNKNOWN);
  assertEquals(faults, ["unreachable", "unreachable", "unreachable"]);
});

Deno.test("a server that speaks no TLS is unknown", async () => {
  await using server = startAliceLedger();
  const ledger = server.connect({ url: server.url.replace("http", "https") });
  assertEquals(await ledger.debit(DEBIT, PLAIN), UNKNOWN);
  assertEquals(server.requests, []);
});

Deno.test("a request that is carried out twice moves money once", async () => {
  await using server = startAliceLedger();
  const ledger = server.connect();
  server.next("debits", repeats);
  server.next("reversals", repeats);
  assertEquals(await ledger.debit(DEBIT, PLAIN), APPROVED);
  assertEquals(server.debits(), 1);
  assertEquals(await ledger.reverse("pay_1"), { kind: "reversed" });
  assertEquals(server.reversals(), 1);
  assertEquals(server.balance("alice"), 10_000);
});

Deno.test("a ledger that forgot a debit says so to a query", async () => {
  await using server = startAliceLedger();
  const ledger = server.connect();
  server.next("debits", forgets);
  assertEquals(await ledger.debit(DEBIT, PLAIN), APPROVED);
  assertEquals(await ledger.query("pay_1"), UNKNOWN);
  assertEquals(
    server.journal.map(({ kind, amountMinor }) => [kind, amountMinor]),
    [
      ["deposit", 10_000],
      ["debit", -1250],
      ["lost", 1250],
    ],
  );
  assertEquals(server.balance("alice"), 10_000);
});

Deno.test("a payment id that means another payment now is unknown", async () => {
  await using server = startAliceLedger();
  const ledger = server.connect();
  assertEquals(await ledger.debit(DEBIT, PLAIN), APPROVED);
  assertEquals(
    await ledger.debit({ ...DEBIT, amountMinor: 1 }, PLAIN),
    UNKNOWN,
  );
  assertEquals(server.debits(), 1);
});
