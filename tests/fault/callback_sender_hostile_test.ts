/**
 * Receivers that want to hold, flood or break the sender: each attempt is over
 * by its deadline or before, its connection is cut, and nothing is left.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  openSender,
  outOfTime,
  plain,
  requestTo,
} from "../support/callback/senders.ts";
import { holdTimers } from "../support/world/points/held_timers.ts";
import {
  type Behavior,
  BROKEN,
  ENDLESS,
  ENDLESS_BODIES,
  FLOODS,
  neverReads,
  resetsAfterRequest,
  resetsBeforeRequest,
  sendsAndCloses,
} from "../support/callback/hostile/hostile_behaviors.ts";
import { startHostileReceiver } from "../support/callback/hostile/hostile_receiver.ts";

const BODY_BYTES = 16_384;
const TIMEOUT = { kind: "failed", fault: "timeout" };
const BROKEN_OFF = { kind: "failed", fault: "broken" };

for (const name of Object.keys(ENDLESS)) {
  Deno.test(`send() is freed by its deadline: ${name}`, async () => {
    await using receiver = startHostileReceiver();
    await using sender = openSender({ insecure: true });
    const outcome = await outOfTime(
      () => sender.send(requestTo(`${receiver.url}/${name}`)),
      // What drips has dripped for a while.
      async () => {
        await receiver.received(1);
        if (name.startsWith("drips")) await receiver.wrote(60);
      },
    );
    assertEquals(plain(outcome), TIMEOUT);
    // The receiver notices: the connection is cut.
    await receiver.quiet();
    assertEquals(receiver.connections, 1);
  });
}

Deno.test("send() is freed by its deadline where nothing is read", async () => {
  await using receiver = startHostileReceiver();
  receiver.welcome = neverReads;
  await using sender = openSender({ insecure: true });
  const request = requestTo(receiver.url, "x".repeat(20_000));
  const outcome = await outOfTime(
    () => sender.send(request),
    () => receiver.connected(1),
  );
  assertEquals(plain(outcome), TIMEOUT);
  await receiver.quiet();
});

for (const name of Object.keys(FLOODS)) {
  Deno.test(`send() breaks off at once: ${name}`, async () => {
    await using receiver = startHostileReceiver();
    await using sender = openSender({ insecure: true });
    const outcome = await sender.send(requestTo(`${receiver.url}/${name}`));
    assertEquals(plain(outcome), BROKEN_OFF);
    await receiver.quiet();
    assertEquals(receiver.requests.length, 1);
  });
}

for (const name of Object.keys(ENDLESS_BODIES)) {
  Deno.test(`send() reads 16 kB and no more: ${name}`, async () => {
    await using receiver = startHostileReceiver();
    await using sender = openSender({ insecure: true });
    const outcome = await sender.send(requestTo(`${receiver.url}/${name}`));
    assert(outcome.kind === "answered");
    assertEquals(outcome.status, 200);
    assertEquals(outcome.body.length, BODY_BYTES);
    // Not unpacked, whatever the head says.
    if (name === "gzip-bomb") {
      assertEquals([...outcome.body.subarray(0, 2)], [0x1f, 0x8b]);
    } else assert(outcome.body.every((it) => it === 0x78));
    await receiver.quiet();
  });
}

for (const name of Object.keys(BROKEN)) {
  Deno.test(`send() takes for broken: ${name}`, async () => {
    await using receiver = startHostileReceiver();
    await using sender = openSender({ insecure: true });
    const outcome = await sender.send(requestTo(`${receiver.url}/${name}`));
    assertEquals(plain(outcome), BROKEN_OFF);
    await receiver.quiet();
    // It was a fresh connection: the request went out once.
    assertEquals(receiver.requests.length, 1);
    assertEquals(receiver.connections, 1);
  });
}

Deno.test("send() takes a reset for broken, before the request and after it", async () => {
  for (const welcome of [resetsBeforeRequest, resetsAfterRequest]) {
    await using receiver = startHostileReceiver();
    receiver.welcome = welcome;
    await using sender = openSender({ insecure: true });
    const request = requestTo(receiver.url, "x".repeat(20_000));
    assertEquals(plain(await sender.send(request)), BROKEN_OFF, welcome.name);
    await receiver.quiet();
    assertEquals(receiver.connections, 1, welcome.name);
  }
});

Deno.test("send() finds nobody at a port where nobody listens", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  await using sender = openSender({ insecure: true });
  const outcome = await sender.send(requestTo(`http://127.0.0.1:${port}/`));
  assertEquals(plain(outcome), { kind: "failed", fault: "connect" });
});

Deno.test("a hostile receiver does not hold up an honest one", async () => {
  await using hostile = startHostileReceiver();
  await using honest = startHostileReceiver();
  await using sender = openSender({ insecure: true });
  using timers = holdTimers();
  const held = Object.keys(ENDLESS).flatMap((name) =>
    Array.from(
      { length: 8 },
      () => sender.send(requestTo(`${hostile.url}/${name}`)),
    )
  );
  await hostile.received(held.length);
  for (let n = 0; n < 20; n++) {
    const outcome = await sender.send(requestTo(`${honest.url}/200`));
    assertEquals(plain(outcome).status, 200);
  }
  timers.fire();
  for (const outcome of await Promise.all(held)) {
    assertEquals(plain(outcome), TIMEOUT);
  }
  await hostile.quiet();
  assertEquals(honest.connections, 1);
});

/** Pieces that responses are made of, in an order that makes sense or not. */
const PIECES = fc.oneof(
  fc.constantFrom(
    ..."HTTP/1.1 200 OK\r\n|HTTP/1.0 204 x\r\n|HTTP/1.1 103 x\r\n\r\n|\r\n|\r\n\r\n"
      .split("|"),
    ..."content-length: 3\r\n|content-length: 0\r\n|content-length: 3, 3\r\n"
      .split("|"),
    ..."transfer-encoding: chunked\r\n|transfer-encoding: gzip\r\n|3\r\nabc\r\n"
      .split("|"),
    ..."0\r\n\r\n|connection: close\r\n|connection: upgrade\r\n|upgrade: h2c\r\n"
      .split("|"),
    ..."keep-alive: timeout=0\r\n|keep-alive: x\r\n|expect: \r\n|abc|:|\0|\r|\n"
      .split("|"),
  ),
  fc.string({ maxLength: 8 }),
);

Deno.test("send() comes to an end and never rejects, whatever bytes come", async () => {
  await using receiver = startHostileReceiver();
  await using sender = openSender({ insecure: true });
  await fc.assert(
    fc.asyncProperty(
      fc.array(PIECES, { maxLength: 12 }),
      fc.boolean(),
      async (pieces, inOne) => {
        const whole: Behavior = sendsAndCloses(pieces.join(""));
        const apart: Behavior = async ({ write, close }) => {
          for (const piece of pieces) await write(piece);
          close();
        };
        receiver.next(inOne ? whole : apart);
        const outcome = await sender.send(requestTo(receiver.url));
        assert(outcome.kind === "answered" || outcome.fault === "broken");
      },
    ),
    { numRuns: 400, seed: 39 },
  );
});
