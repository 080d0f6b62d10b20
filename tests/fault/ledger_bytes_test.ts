/**
 * What a ledger may not send: bodies without end, responses that are cut off,
 * bytes that are none. The work was done all the same, and a query finds it.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { answers, sends } from "../support/ledger/faults.ts";
import {
  ALICE_DEBIT as DEBIT,
  APPROVED,
  PLAIN,
  UNKNOWN,
} from "../support/ledger/fixture.ts";
import { startAliceLedger } from "../support/ledger/server.ts";

Deno.test("an endless body is left, at 16 kB or unread", async () => {
  const heads: ResponseInit[] = [
    { headers: { "content-type": "application/json" } },
    { headers: { "content-type": "text/html" } },
    { headers: { "content-type": "application/json" }, status: 500 },
    { headers: { location: "/elsewhere" }, status: 307 },
  ];
  for (const init of heads) {
    const left = Promise.withResolvers<void>();
    await using server = startAliceLedger();
    const endless = () =>
      new Response(
        new ReadableStream({
          pull: (controller) =>
            controller.enqueue(new Uint8Array(1024).fill(0x20)),
          cancel: () => left.resolve(),
        }),
        init,
      );
    server.next("debits", answers(endless, { work: true }));
    const ledger = server.connect();
    assertEquals(await ledger.debit(DEBIT, PLAIN), UNKNOWN);
    assertEquals(server.debits(), 1);
    // The ledger notices: the connection is not kept.
    await left.promise;
    assertEquals(await ledger.query("pay_1"), APPROVED);
  }
});

const HEAD = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n";

Deno.test("bytes that are no proper response are no answer", async () => {
  const wires: Record<string, (answer: string) => string> = {
    "cut off in the body": (answer) =>
      `${HEAD}content-length: ${answer.length + 1}\r\n\r\n${answer}`,
    "cut off in a chunk": (answer) =>
      `${HEAD}transfer-encoding: chunked\r\n\r\nff\r\n${answer}`,
    "without the last chunk": (answer) =>
      `${HEAD}transfer-encoding: chunked\r\n\r\n` +
      `${answer.length.toString(16)}\r\n${answer}\r\n`,
    "cut off in the head": () => HEAD,
    "no head at all": (answer) => answer,
    "a head without end": () => HEAD + "x: y\r\n".repeat(100_000),
    "a TLS alert": () => "\x15\x03\x01\x00\x02\x02\x16",
  };
  for (const [name, wire] of Object.entries(wires)) {
    await using server = startAliceLedger();
    server.next("debits", sends(wire, { hangUp: true }));
    const ledger = server.connect();
    assertEquals(
      await ledger.debit(DEBIT, PLAIN),
      UNKNOWN,
      name,
    );
    assertEquals(server.debits(), 1, name);
    assertEquals(await ledger.query("pay_1"), APPROVED, name);
  }
});

Deno.test("a response sent twice answers one call and no other", async () => {
  await using server = startAliceLedger();
  const ledger = server.connect();
  const twice = (answer: string) =>
    `${HEAD}content-length: ${answer.length}\r\n\r\n${answer}`.repeat(2);
  server.next("debits", sends(twice));
  assertEquals(await ledger.debit(DEBIT, PLAIN), APPROVED);
  const other = { ...DEBIT, paymentId: "pay_2", amountMinor: 20_000 };
  const answer = await ledger.debit(other, PLAIN);
  assertEquals(answer.kind === "approved", false);
  assertEquals(await ledger.debit(other, PLAIN), {
    kind: "declined",
    reason: "insufficient_funds",
  });
  assertEquals(server.debits(), 1);
});
