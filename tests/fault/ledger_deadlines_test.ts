/**
 * Calls of a ledger whose time is over: the ledger is slow, hangs or stands
 * still in the middle of its answer. Each is `unknown` at the deadline; asking
 * again brings the truth, and the money has moved once.
 *
 * Deadlines pass when the test says so; two tests use the machine's clock, to
 * see that there is a deadline at all, and their calls' time is short.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import type { DebitAnswer, Ledger } from "../../edge/ledger/ledger.ts";
import { holdTimers } from "../support/world/points/held_timers.ts";
import {
  answersLate,
  type Fault,
  Gate,
  hangs,
  waits,
  works,
} from "../support/ledger/faults.ts";
import {
  ALICE_DEBIT as DEBIT,
  APPROVED,
  PLAIN,
  UNKNOWN,
} from "../support/ledger/fixture.ts";
import { startAliceLedger } from "../support/ledger/server.ts";

/** Of `connect()`. */
const TIMEOUT_MS = 10_000;

const REVERSED: DebitAnswer = { kind: "declined", reason: "reversed" };

/** What a debit gives whose time is over once `reached`. */
async function outOfTime(
  ledger: Ledger,
  reached: Promise<unknown>,
): Promise<DebitAnswer> {
  using timers = holdTimers();
  const answer = ledger.debit(DEBIT, PLAIN);
  // A call that answers early would never reach.
  await Promise.race([reached, answer]);
  // One deadline for all of it: nothing that came has put it off.
  assertEquals(timers.pendingMs, [TIMEOUT_MS]);
  timers.fire();
  return await answer;
}

Deno.test("a ledger that is slow to answer is unknown, and the truth afterwards", async () => {
  await using server = startAliceLedger();
  const slow = new Gate();
  server.next("debits", answersLate(slow));
  const ledger = server.connect();
  assertEquals(await outOfTime(ledger, slow.reached), UNKNOWN);
  assertEquals(await ledger.query("pay_1"), APPROVED);
  slow.open();
  await server.idle();
  assertEquals(await ledger.debit(DEBIT, PLAIN), APPROVED);
  assertEquals(server.debits(), 1);
});

Deno.test("a debit that is done late, after another one, moves money once", async () => {
  await using server = startAliceLedger();
  const slow = new Gate();
  server.next("debits", waits(slow));
  const ledger = server.connect();
  assertEquals(await outOfTime(ledger, slow.reached), UNKNOWN);
  assertEquals(server.debits(), 0);
  assertEquals(await ledger.debit(DEBIT, PLAIN), APPROVED);
  slow.open();
  await server.idle();
  assertEquals(server.debits(), 1);
  assertEquals(await ledger.query("pay_1"), APPROVED);
});

Deno.test("a debit that is done late, after its reversal, is refused", async () => {
  await using server = startAliceLedger();
  const slow = new Gate();
  server.next("debits", waits(slow));
  const ledger = server.connect();
  assertEquals(await outOfTime(ledger, slow.reached), UNKNOWN);
  assertEquals(await ledger.reverse("pay_1"), { kind: "reversed" });
  slow.open();
  await server.idle();
  assertEquals(server.debits(), 0);
  assertEquals(server.balance("alice"), 10_000);
  assertEquals(await ledger.debit(DEBIT, PLAIN), REVERSED);
});

Deno.test("nothing is certain while a debit is being worked on", async () => {
  await using server = startAliceLedger();
  const working = new Gate();
  server.next("debits", works(working));
  const ledger = server.connect();
  assertEquals(await outOfTime(ledger, working.reached), UNKNOWN);
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
  await using server = startAliceLedger();
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
    await using server = startAliceLedger();
    const ledger = server.connect();
    const arrived = Promise.withResolvers<void>();
    const left = Promise.withResolvers<void>();
    const still = standsStill(drops, left.resolve);
    server.next("debits", ({ work }) => {
      work();
      arrived.resolve();
      return still();
    });
    assertEquals(await outOfTime(ledger, arrived.promise), UNKNOWN);
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
  await using server = startAliceLedger();
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
    await using server = startAliceLedger();
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const accepted = listener.accept();
    const url = `${scheme}://127.0.0.1:${listener.addr.port}`;
    const ledger = server.connect({ url });
    assertEquals(await outOfTime(ledger, accepted), UNKNOWN);
    (await accepted).close();
  }
});
