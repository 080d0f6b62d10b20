/**
 * What a receiver may answer: every status comes back as it is, no redirect is
 * followed, and `Retry-After` is passed on and not understood. And what a
 * receiver gets: the bytes that were signed.
 *
 * @module
 */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { systemRandom } from "../../edge/base/clock.ts";
import { createSecret, createSigner } from "../../edge/base/signature.ts";
import {
  openSender,
  outOfTime,
  plain,
  requestTo,
} from "../support/callback/senders.ts";
import {
  answers,
  drips,
  sends,
  sendsAndCloses,
} from "../support/callback/hostile/hostile_behaviors.ts";
import { startHostileReceiver } from "../support/callback/hostile/hostile_receiver.ts";
import { verifiers } from "../support/callback/webhook_verifiers.ts";

const utf8 = new TextDecoder();

Deno.test("send() passes every status on", async () => {
  await using receiver = startHostileReceiver();
  await using sender = openSender({ insecure: true });
  const statuses = [200, 201, 202, 204, 226, 299, 300, 301, 302, 303, 304]
    .concat([307, 308, 400, 401, 404, 410, 418, 429, 451, 500, 502, 503, 599]);
  for (const status of statuses) {
    receiver.next(answers(status));
    const outcome = await sender.send(requestTo(receiver.url));
    assertEquals(plain(outcome), {
      kind: "answered",
      status,
      body: new Uint8Array(0),
    });
  }
  assertEquals(receiver.requests.length, statuses.length);
});

Deno.test("send() takes 199 for no answer yet", async () => {
  await using receiver = startHostileReceiver();
  await using sender = openSender({ insecure: true });
  const outcome = await outOfTime(
    () => sender.send(requestTo(`${receiver.url}/199`)),
    () => receiver.received(1),
  );
  assertEquals(plain(outcome), { kind: "failed", fault: "timeout" });
});

Deno.test("send() waits out interim responses, some of them", async () => {
  await using receiver = startHostileReceiver();
  await using sender = openSender({ insecure: true });
  const hint = "HTTP/1.1 103 Early Hints\r\nlink: x\r\nretry-after: 1\r\n\r\n";
  const end = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
  receiver.next(sends(hint.repeat(8) + end), sends(hint.repeat(9) + end));
  assertEquals(plain(await sender.send(requestTo(receiver.url))), {
    kind: "answered",
    status: 200,
    body: new Uint8Array(0),
  });
  assertEquals(plain(await sender.send(requestTo(receiver.url))), {
    kind: "failed",
    fault: "broken",
  });
});

Deno.test("send() follows no redirect, to itself or to another", async () => {
  await using receiver = startHostileReceiver();
  await using other = startHostileReceiver();
  await using sender = openSender({ insecure: true });
  for (const status of [301, 302, 303, 307, 308]) {
    for (const location of ["/", receiver.url, `${other.url}/200`, "//", "x"]) {
      receiver.next(answers(status, { location, refresh: "0" }));
      const outcome = await sender.send(requestTo(receiver.url));
      assertEquals(plain(outcome).status, status);
    }
  }
  assertEquals(receiver.requests.length, 25);
  assertEquals(other.connections, 0);
});

Deno.test("send() passes Retry-After on unless it is longer than any sense", async () => {
  await using receiver = startHostileReceiver();
  await using sender = openSender({ insecure: true });
  const values = ["0", "1", "120", "1e9", "1000000000", "-5", "soon", "1, 2"]
    .concat("Sun, 06 Nov 1994 08:49:37 GMT", "Fri, 31 Dec 9999 23:59:59 GMT")
    .concat("9".repeat(64));
  for (const value of values) {
    for (const status of [200, 429, 503]) {
      receiver.next(answers(status, { "Retry-After": value }));
      const outcome = await sender.send(requestTo(receiver.url));
      assertEquals(plain(outcome).retryAfter, value);
    }
  }
  receiver.next(
    answers(429, { "retry-after": "9".repeat(65) }),
    sends(
      "HTTP/1.1 429 x\r\nretry-after: 1\r\nretry-after: 2\r\n" +
        "content-length: 0\r\n\r\n",
    ),
    answers(429),
  );
  for (let n = 0; n < 3; n++) {
    const outcome = await sender.send(requestTo(receiver.url));
    assertEquals("retryAfter" in outcome, false);
  }
});

Deno.test("send() reads bodies of every framing to their end", async () => {
  await using receiver = startHostileReceiver();
  await using sender = openSender({ insecure: true });
  const full = "x".repeat(16_384);
  const wires: Record<string, [ReturnType<typeof sends>, string]> = {
    "a length": [answers(200, {}, "fine: é€🥝"), "fine: é€🥝"],
    "16 kB": [answers(200, {}, full), full],
    "chunks": [
      sends(
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n" +
          "1;a=b\r\nf\r\n3\r\nine\r\n0\r\nx-trailer: y\r\n\r\n",
      ),
      "fine",
    ],
    "no length": [sendsAndCloses("HTTP/1.1 200 OK\r\n\r\nfine"), "fine"],
    "HTTP/1.0": [sendsAndCloses("HTTP/1.0 200 OK\r\n\r\nfine"), "fine"],
    "closing": [
      sendsAndCloses(
        "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 4\r\n\r\nfine",
      ),
      "fine",
    ],
  };
  for (const [name, [behavior, body]] of Object.entries(wires)) {
    receiver.next(behavior);
    const outcome = await sender.send(requestTo(receiver.url));
    assert(outcome.kind === "answered", name);
    assertEquals(utf8.decode(outcome.body), body, name);
  }
});

Deno.test("send() reads heads below 16 kB", async () => {
  await using receiver = startHostileReceiver();
  await using sender = openSender({ insecure: true });
  receiver.next(
    answers(200, { "x-long": "y".repeat(16_000) }),
    answers(200, { "x-long": "y".repeat(16_384) }),
  );
  assertEquals(plain(await sender.send(requestTo(receiver.url))).status, 200);
  assertEquals(plain(await sender.send(requestTo(receiver.url))), {
    kind: "failed",
    fault: "broken",
  });
});

Deno.test("send() tells how long an attempt took, by the clock it is given", async () => {
  await using receiver = startHostileReceiver();
  const times = [1_000, 1_250, 5_000, 4_000];
  await using sender = openSender({
    insecure: true,
    clock: { nowMs: () => times.shift()! },
  });
  const first = await sender.send(requestTo(receiver.url));
  assertEquals(first.durationMs, 250);
  // A clock that was set back.
  const second = await sender.send(requestTo(receiver.url));
  assertEquals(second.durationMs, 0);
});

Deno.test("send() sends exactly this", async () => {
  await using receiver = startHostileReceiver();
  await using sender = openSender({ insecure: true });
  await sender.send(requestTo(`${receiver.url}/cb?shop=7&x=é`, '{"é":"€"}'));
  assertEquals(receiver.requests[0]!.head.split("\r\n"), [
    "POST /cb?shop=7&x=%C3%A9 HTTP/1.1",
    `host: 127.0.0.1:${receiver.port}`,
    "connection: keep-alive",
    "webhook-id: cb_00112233445566778899aabbccddeeff",
    "webhook-timestamp: 1750000000",
    "webhook-signature: v1,c2lnbmF0dXJl",
    "content-type: application/json",
    "accept: */*",
    "accept-encoding: identity",
    "user-agent: Offcode-Callbacks/1",
    "content-length: 12",
  ]);
  assertEquals(receiver.requests[0]!.body, '{"é":"€"}');
});

Deno.test("what arrives verifies: first try, both secrets, days later", async () => {
  await using receiver = startHostileReceiver();
  await using sender = openSender({ insecure: true });
  const [current, previous] = [systemRandom, systemRandom].map(createSecret);
  const id = "cb_00112233445566778899aabbccddeeff";
  const body = JSON.stringify({ data: { name: 'é "€" 🥝 \u2028\n' } });
  const start = 1_750_000_000_000;
  const tries = [
    { secrets: [current!], nowMs: start },
    { secrets: [current!, previous!], nowMs: start + 5_000 },
    { secrets: [current!], nowMs: start + 5 * 86_400_000 },
  ];
  for (const [n, { secrets, nowMs }] of tries.entries()) {
    const headers = { ...createSigner(...secrets)(id, nowMs, body) };
    await sender.send({ url: receiver.url, headers, body });
    const arrived = receiver.requests[n]!;
    const sent = Object.fromEntries(arrived.headers) as typeof headers;
    for (const [name, verify] of verifiers) {
      for (const secret of secrets) {
        assertEquals(verify(secret, sent, arrived.body, nowMs), true, name);
      }
    }
  }
  const ids = receiver.requests.map(({ headers }) =>
    headers.find(([name]) => name === "webhook-id")?.[1]
  );
  assertEquals(ids, [id, id, id]);
  assertEquals(new Set(receiver.requests.map((it) => it.body)).size, 1);
});

Deno.test("send() refuses headers that are none: a bug of the caller", async () => {
  await using receiver = startHostileReceiver();
  await using sender = openSender({ insecure: true });
  const request = { ...requestTo(receiver.url), headers: { "x": "a\r\nb: c" } };
  await assertRejects(() => sender.send(request), TypeError);
  assertEquals(receiver.requests, []);
});

Deno.test("one deadline by the machine's clock, which no drop puts off", async () => {
  await using receiver = startHostileReceiver();
  await using sender = openSender({ insecure: true, deadlineMs: 200 });
  receiver.next(drips("HTTP/1.1 200 OK\r\ncontent-length: 9999\r\n\r\n", "x"));
  const outcome = await sender.send(requestTo(receiver.url));
  assertEquals(plain(outcome), { kind: "failed", fault: "timeout" });
  await receiver.quiet();
});
