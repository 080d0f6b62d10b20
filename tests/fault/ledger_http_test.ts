/**
 * What happens to calls of a ledger on the way: slow, lost, broken off,
 * repeated. Each is `unknown`, never an exception; asking again brings
 * the truth, and the money has moved once.
 *
 * Deadlines pass when the test says so; two tests use the machine's clock, to
 * see that there is a deadline at all, and their calls' time is short.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import type { DebitAnswer } from "../../edge/ledger/ledger.ts";
import {
  answersLate,
  fails,
  failsAfterWork,
  type Fault,
  forgets,
  Gate,
  hangs,
  hangsUp,
  hangsUpAfterWork,
  repeats,
  waits,
  works,
} from "../support/ledger_faults.ts";
import { ALICE_DEBIT as DEBIT } from "../support/ledger_fixture.ts";
import { holdTimers } from "../support/held_timers.ts";
import {
  type LedgerServer,
  startLedgerServer,
} from "../support/ledger_server.ts";

const PLAIN = { confirmed: false };
/** Of `connect()`. */
const TIMEOUT_MS = 10_000;

const UNKNOWN = { kind: "unknown" } as const;
const APPROVED: DebitAnswer = { kind: "approved" };
const REVERSED: DebitAnswer = { kind: "declined", reason: "reversed" };

/** A reference ledger where alice has 100.00 EUR. */
function open(
  options: Parameters<typeof startLedgerServer>[0] = {},
): LedgerServer {
  const server = startLedgerServer(options);
  server.setAccount("alice", 10_000);
  return server;
}

/** What a call gives whose time is over once `reached`. */
async function outOfTime<T>(
  call: () => Promise<T>,
  reached: Promise<unknown>,
): Promise<T> {
  using timers = holdTimers();
  const answer = call();
  // A call that answers early would never reach.
  await Promise.race([reached, answer]);
  // One deadline for all of it: nothing that came has put it off.
  assertEquals(timers.pendingMs, [TIMEOUT_MS]);
  timers.fire();
  return await answer;
}

Deno.test("a debit that fails before the work is unknown and not done", async () => {
  for (const fault of [fails, hangsUp]) {
    await using server = open();
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
    await using server = open();
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
  await using server = open();
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
    await using server = open();
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

Deno.test("a ledger that is slow to answer is unknown, and the truth afterwards", async () => {
  await using server = open();
  const slow = new Gate();
  server.next("debits", answersLate(slow));
  const ledger = server.connect();
  assertEquals(
    await outOfTime(() => ledger.debit(DEBIT, PLAIN), slow.reached),
    UNKNOWN,
  );
  assertEquals(await ledger.query("pay_1"), APPROVED);
  slow.open();
  await server.idle();
  assertEquals(await ledger.debit(DEBIT, PLAIN), APPROVED);
  assertEquals(server.debits(), 1);
});

Deno.test("a debit that is done late, after another one, moves money once", async () => {
  await using server = open();
  const slow = new Gate();
  server.next("debits", waits(slow));
  const ledger = server.connect();
  assertEquals(
    await outOfTime(() => ledger.debit(DEBIT, PLAIN), slow.reached),
    UNKNOWN,
  );
  assertEquals(server.debits(), 0);
  assertEquals(await ledger.debit(DEBIT, PLAIN), APPROVED);
  slow.open();
  await server.idle();
  assertEquals(server.debits(), 1);
  assertEquals(await ledger.query("pay_1"), APPROVED);
});

Deno.test("a debit that is done late, after its reversal, is refused", async () => {
  await using server = open();
  const slow = new Gate();
  server.next("debits", waits(slow));
  const ledger = server.connect();
  assertEquals(
    await outOfTime(() => ledger.debit(DEBIT, PLAIN), slow.reached),
    UNKNOWN,
  );
  assertEquals(await ledger.reverse("pay_1"), { kind: "reversed" });
  slow.open();
  await server.idle();
  assertEquals(server.debits(), 0);
  assertEquals(server.balance("alice"), 10_000);
  assertEquals(await ledger.debit(DEBIT, PLAIN), REVERSED);
});

Deno.test("nothing is certain while a debit is being worked on", async () => {
  await using server = open();
  const working = new Gate();
  server.next("debits", works(working));
  const ledger = server.connect();
  assertEquals(
    await outOfTime(() => ledger.debit(DEBIT, PLAIN), working.reached),
    UNKNOWN,
  );
  assertEquals(await ledger.query("pay_1"), UNKNOWN);
  assertEquals(await ledger.reverse("pay_1"), UNKNOWN);
  assertEquals(await ledger.debit(DEBIT, PLAIN), UNKNOWN);
  working.open();
  await server.idle();
  assertEquals(server.debits(), 1);
  assertEquals(await ledger.reverse("pay_1"), { kind: "reversed" });
  assertEquals(server.balance("alice"), 10_000);
});

Deno.test("a ledger that hangs is unknown, in every call", async () => {
  await using server = open();
  server.rule = () => hangs;
  const faults: unknown[] = [];
  const ledger = server.connect({
    timeoutMs: 50,
    log: (_level, _message, fields) => faults.push(fields?.fault),
  });
  assertEquals(await ledger.debit(DEBIT, PLAIN), UNKNOWN);
  assertEquals(await ledger.reverse("pay_1"), UNKNOWN);
  assertEquals(await ledger.query("pay_1"), UNKNOWN);
  assertEquals(faults, ["timeout", "timeout", "timeout"]);
});

/** A body that begins with `drops` spaces, then stands still. */
function standsStill(drops: number, left: () => void): () => Response {
  const body = () =>
    new ReadableStream({
      pull(controller) {
        // Never resolved: nothing else is pulled.
        if (drops-- <= 0) return new Promise<void>(() => {});
        controller.enqueue(new Uint8Array([0x20]));
      },
      cancel: left,
    });
  return () =>
    new Response(body(), { headers: { "content-type": "application/json" } });
}

Deno.test("a body that stands still is left at the deadline", async () => {
  for (const drops of [0, 1, 1000]) {
    await using server = open();
    const ledger = server.connect();
    const arrived = Promise.withResolvers<void>();
    const left = Promise.withResolvers<void>();
    const still = standsStill(drops, left.resolve);
    server.next("debits", ({ work }) => {
      work();
      arrived.resolve();
      return still();
    });
    assertEquals(
      await outOfTime(() => ledger.debit(DEBIT, PLAIN), arrived.promise),
      UNKNOWN,
    );
    assertEquals(server.debits(), 1);
    // The ledger notices: the connection is not kept.
    await left.promise;
    assertEquals(await ledger.query("pay_1"), APPROVED);
  }
});

/** A true answer after 300 spaces, one every ten milliseconds. */
const drips: Fault = async ({ work }) => {
  const answer = await work().bytes();
  let drops = 300;
  let timer: ReturnType<typeof setInterval> | undefined;
  const body = new ReadableStream({
    start(controller) {
      timer = setInterval(() => {
        if (drops-- > 0) return controller.enqueue(new Uint8Array([0x20]));
        clearInterval(timer);
        controller.enqueue(answer);
        controller.close();
      }, 10);
    },
    cancel: () => clearInterval(timer),
  });
  return new Response(body, {
    headers: { "content-type": "application/json" },
  });
};

Deno.test("a body that drips does not put the deadline off", async () => {
  await using server = open();
  server.next("debits", drips);
  assertEquals(
    await server.connect({ timeoutMs: 400 }).debit(DEBIT, PLAIN),
    UNKNOWN,
  );
  assertEquals(await server.connect().debit(DEBIT, PLAIN), APPROVED);
  assertEquals(server.debits(), 1);
});

Deno.test("a listener that says nothing is unknown, in plain and in TLS", async () => {
  for (const scheme of ["http", "https"]) {
    await using server = open();
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const accepted = listener.accept();
    const url = `${scheme}://127.0.0.1:${listener.addr.port}`;
    const ledger = server.connect({ url });
    assertEquals(
      await outOfTime(() => ledger.debit(DEBIT, PLAIN), accepted),
      UNKNOWN,
    );
    (await accepted).close();
  }
});

Deno.test("a port where nobody listens is unknown, in every call", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  await using server = open();
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
  await using server = open();
  const ledger = server.connect({ url: server.url.replace("http", "https") });
  assertEquals(await ledger.debit(DEBIT, PLAIN), UNKNOWN);
  assertEquals(server.requests, []);
});

Deno.test("a request that is carried out twice moves money once", async () => {
  await using server = open();
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
  await using server = open();
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
  await using server = open();
  const ledger = server.connect();
  assertEquals(await ledger.debit(DEBIT, PLAIN), APPROVED);
  assertEquals(
    await ledger.debit({ ...DEBIT, amountMinor: 1 }, PLAIN),
    UNKNOWN,
  );
  assertEquals(server.debits(), 1);
});
