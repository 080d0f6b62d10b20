/**
 * Which connections are kept, for whom, and what happens when one that was kept
 * is dead. And TLS, whose name is the URL's and not the address's.
 *
 * @module
 */

import { assertEquals, assertThrows } from "@std/assert";
import { type Connection } from "../../edge/callback_http/sender_connection.ts";
import { createIdleConnections } from "../../edge/callback_http/sender_idle.ts";
import { openSender, plain, requestTo } from "../support/callback_senders.ts";
import { createAuthority } from "../support/certificates.ts";
import {
  answers,
  type Behavior,
  sendsAndCloses,
  type Welcome,
} from "../support/hostile_behaviors.ts";
import { startHostileReceiver } from "../support/hostile_receiver.ts";

const BROKEN = { kind: "failed", fault: "broken" };
const closes: Behavior = sendsAndCloses("");

Deno.test("send() keeps a connection for the same URL, and for no other", async () => {
  await using receiver = startHostileReceiver();
  await using sender = openSender({ insecure: true });
  const paths = ["/a", "/a", "/b", "/a?x", "/a", "/b"];
  for (const path of paths) {
    await sender.send(requestTo(receiver.url + path));
  }
  assertEquals(
    receiver.requests.map(({ path, connection }) => [path, connection]),
    [["/a", 0], ["/a", 0], ["/b", 1], ["/a?x", 2], ["/a", 0], ["/b", 1]],
  );
  // Of two at once neither waits for the other.
  await Promise.all([1, 2].map(() => sender.send(requestTo(receiver.url))));
  assertEquals(receiver.connections, 5);
});

Deno.test("close() lets go of idle connections, and later ones are not kept", async () => {
  await using receiver = startHostileReceiver();
  await using sender = openSender({ insecure: true });
  await sender.send(requestTo(receiver.url));
  assertEquals(receiver.open, 1);
  await sender.close();
  await receiver.quiet();
  assertEquals(plain(await sender.send(requestTo(receiver.url))).status, 204);
  await receiver.quiet();
  assertEquals(receiver.connections, 2);
});

Deno.test("a connection that its server lets go of is not used again", async () => {
  await using receiver = startHostileReceiver();
  await using sender = openSender({ insecure: true });
  const ok = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n";
  const ends = [
    `${ok}connection: close\r\n\r\n`,
    `${ok}Connection: x, CLOSE\r\n\r\n`,
    `${ok}keep-alive: timeout=1\r\n\r\n`,
    "HTTP/1.0 200 OK\r\ncontent-length: 0\r\n\r\n",
    // Said nothing about it.
    `${ok}\r\n`,
  ];
  for (const [n, wire] of ends.entries()) {
    receiver.next(sendsAndCloses(wire));
    const outcome = await sender.send(requestTo(receiver.url));
    assertEquals(plain(outcome).status, 200, wire);
    await receiver.quiet();
    assertEquals(receiver.connections, n + 1, wire);
    assertEquals(receiver.requests.length, n + 1, wire);
  }
});

Deno.test("a kept connection that is dead costs no attempt", async () => {
  await using receiver = startHostileReceiver();
  await using sender = openSender({ insecure: true });
  await sender.send(requestTo(receiver.url));
  // Ends as the next request comes, without a byte.
  receiver.next(closes);
  assertEquals(plain(await sender.send(requestTo(receiver.url))).status, 204);
  assertEquals(
    receiver.requests.map(({ connection }) => connection),
    [0, 0, 1],
  );
  const [, second, third] = receiver.requests;
  assertEquals(second!.body, third!.body);
  assertEquals(second!.headers, third!.headers);
});

Deno.test("a request goes out twice at most, and once where a byte came back", async () => {
  await using receiver = startHostileReceiver();
  await using sender = openSender({ insecure: true });
  await sender.send(requestTo(receiver.url));
  receiver.next(closes, closes);
  assertEquals(plain(await sender.send(requestTo(receiver.url))), BROKEN);
  assertEquals(receiver.requests.length, 3);
  await sender.send(requestTo(receiver.url));
  assertEquals(receiver.requests.length, 4);
  receiver.next(sendsAndCloses("H"));
  assertEquals(plain(await sender.send(requestTo(receiver.url))), BROKEN);
  assertEquals(receiver.requests.length, 5);
});

Deno.test("what comes unasked on a kept connection answers nothing", async () => {
  await using receiver = startHostileReceiver();
  await using sender = openSender({ insecure: true });
  const ok = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
  receiver.next(async ({ write, untilLeft }) => {
    await write(ok + ok);
    await untilLeft();
  });
  assertEquals(plain(await sender.send(requestTo(receiver.url))).status, 200);
  await receiver.quiet();
  receiver.next(answers(500));
  assertEquals(plain(await sender.send(requestTo(receiver.url))).status, 500);
  assertEquals(receiver.connections, 2);
});

Deno.test("another address of a name is tried where nobody answers at the first", async () => {
  await using receiver = startHostileReceiver({ hostname: "127.0.0.3" });
  await using sender = openSender({
    insecure: true,
    resolve: () => Promise.resolve(["::1", "127.0.0.2", "127.0.0.3"]),
  });
  const url = `http://pos.example:${receiver.port}/200`;
  for (let n = 0; n < 2; n++) {
    assertEquals(plain(await sender.send(requestTo(url))).status, 200);
  }
  assertEquals(receiver.connections, 1);
});

Deno.test("an address where something answers is the last that is tried", async () => {
  await using first = startHostileReceiver({ hostname: "127.0.0.2" });
  await using second = startHostileReceiver({
    hostname: "127.0.0.3",
    port: first.port,
  });
  await using sender = openSender({
    insecure: true,
    resolve: () => Promise.resolve(["127.0.0.2", "127.0.0.3"]),
  });
  const url = `http://pos.example:${first.port}/closes`;
  assertEquals(plain(await sender.send(requestTo(url))), BROKEN);
  assertEquals([first.connections, second.connections], [1, 0]);
});

Deno.test("TLS proves the name of the URL, whatever the address", async () => {
  const [authority, stranger] = await Promise.all([
    createAuthority(),
    createAuthority(),
  ]);
  const named = await authority.issue(["DNS:pos.example"]);
  const addressed = await authority.issue(["IP:127.0.0.1"]);
  const cases = [
    ["pos.example", named, 200],
    ["127.0.0.1", addressed, 200],
    ["pos.example", addressed, "tls"],
    ["127.0.0.1", named, "tls"],
    ["other.example", named, "tls"],
    [
      "pos.example",
      await authority.issue(["DNS:pos.example"], { days: -1 }),
      "tls",
    ],
    ["pos.example", await stranger.issue(["DNS:pos.example"]), "tls"],
  ] as const;
  for (const [host, tls, expected] of cases) {
    await using receiver = startHostileReceiver({ tls });
    await using sender = openSender({
      resolve: () => Promise.resolve(["127.0.0.1"]),
      isAllowed: (address) => address === "127.0.0.1",
      caCerts: [authority.cert],
    });
    const url = `https://${host}:${receiver.port}/200`;
    for (let n = 0; n < 2; n++) {
      const outcome = plain(await sender.send(requestTo(url)));
      assertEquals(outcome.status ?? outcome.fault, expected, host);
    }
    const trusted = expected === 200;
    assertEquals(receiver.requests.length, trusted ? 2 : 0);
    assertEquals(receiver.connections, trusted ? 1 : 2);
    for (const { headers } of receiver.requests) {
      assertEquals(headers[0], ["host", `${host}:${receiver.port}`]);
    }
  }
});

Deno.test("a certificate of an authority that nobody named is no good", async () => {
  const authority = await createAuthority();
  const tls = await authority.issue(["DNS:pos.example"]);
  await using receiver = startHostileReceiver({ tls });
  await using sender = openSender({
    resolve: () => Promise.resolve(["127.0.0.1"]),
    isAllowed: () => true,
  });
  const url = `https://pos.example:${receiver.port}/200`;
  assertEquals(plain(await sender.send(requestTo(url))), {
    kind: "failed",
    fault: "tls",
  });
});

Deno.test("a server that speaks no TLS, or ends the handshake, fails in TLS", async () => {
  const endings: Welcome[] = [
    ({ close }) => Promise.resolve(close()),
    ({ read, close }) => read(1).then(close),
    async ({ write, untilLeft }) => {
      await write("HTTP/1.1 400 Bad Request\r\n\r\n");
      await untilLeft();
    },
  ];
  for (const welcome of endings) {
    await using receiver = startHostileReceiver();
    receiver.welcome = welcome;
    await using sender = openSender({ isAllowed: () => true });
    const url = `https://127.0.0.1:${receiver.port}/`;
    assertEquals(plain(await sender.send(requestTo(url))), {
      kind: "failed",
      fault: "tls",
    });
    await receiver.quiet();
  }
});

Deno.test("createIdleConnections() holds so many, and lets go of the oldest", () => {
  const gone: string[] = [];
  const idle = createIdleConnections(2, ({ address }) => gone.push(address));
  const make = (address: string): Connection => ({
    address,
    exchange: () => Promise.reject(new Error("Not asked for")),
    close: () => Promise.resolve(),
    ended: false,
    isConnecting: false,
    onEnd() {},
  });
  const [a, b, c] = ["a", "b", "c"].map(make);
  idle.put("u", a!);
  idle.put("u", b!);
  idle.put("v", c!);
  assertEquals(gone, ["a"]);
  assertEquals(idle.take("u", ["a"]), undefined);
  assertEquals(idle.take("v", ["b"]), undefined);
  assertEquals(idle.take("v", ["a", "c"]), c);
  assertEquals(idle.take("v", ["c"]), undefined);
  // One that ends while it is kept is gone; one that was taken is not ours.
  c!.onEnd();
  assertEquals(gone, ["a"]);
  b!.onEnd();
  assertEquals(gone, ["a", "b"]);
  assertEquals(idle.takeAll(), []);
});

Deno.test("createHttpSender() takes a deadline of 1 to 60000 ms", () => {
  for (const deadlineMs of [0, -1, 60_001, 1.5, NaN, Infinity]) {
    assertThrows(() => openSender({ deadlineMs }), RangeError);
  }
  for (const deadlineMs of [1, 60_000]) openSender({ deadlineMs });
});
