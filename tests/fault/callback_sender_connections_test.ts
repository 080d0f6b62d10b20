/**
 * Which connections are kept, for whom, what happens when one that was kept is
 * dead, and which addresses of a name are tried.
 *
 * @module
 */

import { assertEquals, assertThrows } from "@std/assert";
import {
  type Connection,
  openConnection,
} from "../../edge/callback_http/sender_connection.ts";
import { createIdleConnections } from "../../edge/callback_http/sender_idle.ts";
import { parseTarget } from "../../edge/callback_http/sender_target.ts";
import {
  openSender,
  outOfTime,
  plain,
  requestTo,
} from "../support/callback/senders.ts";
import {
  answers,
  type Behavior,
  sendsAndCloses,
} from "../support/callback/hostile/hostile_behaviors.ts";
import { holdTimers } from "../support/world/points/held_timers.ts";
import { startHostileReceiver } from "../support/callback/hostile/hostile_receiver.ts";
import { startSilentListener } from "../support/http/silent_listener.ts";

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
  // Idle connections would end after a while by themselves.
  using _ = holdTimers();
  for (let n = 2; n <= 3; n++) {
    assertEquals(plain(await sender.send(requestTo(receiver.url))).status, 204);
    await Promise.race([receiver.quiet(), turns(1000)]);
    assertEquals([receiver.connections, receiver.open], [n, 0]);
  }
});

/** So many turns of the event loop. */
async function turns(count: number): Promise<void> {
  while (count-- > 0) await new Promise((resolve) => setImmediate(resolve));
}

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

Deno.test("a connection tells when its server has ended it", async () => {
  await using receiver = startHostileReceiver();
  const target = parseTarget(`${receiver.url}/`, true)!;
  const connection = openConnection(target, "127.0.0.1", undefined);
  const ended = new Promise<void>((resolve) => connection.onEnd = resolve);
  receiver.next(sendsAndCloses("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"));
  const answer = await connection.exchange("/", {}, "{}");
  assertEquals(answer.kind, "answered");
  await ended;
  assertEquals(connection.ended, true);
  // It is not made again.
  assertEquals(await connection.exchange("/", {}, "{}"), {
    kind: "failed",
    fault: "broken",
    silent: true,
  });
  await connection.close();
  assertEquals(receiver.connections, 1);
});

Deno.test("a name that moves takes no kept connection with it", async () => {
  await using before = startHostileReceiver({ hostname: "127.0.0.2" });
  await using after = startHostileReceiver({
    hostname: "127.0.0.3",
    port: before.port,
  });
  const answers = ["127.0.0.2", "127.0.0.2", "127.0.0.3", "127.0.0.2"];
  await using sender = openSender({
    insecure: true,
    resolve: () => Promise.resolve([answers.shift()!]),
  });
  for (const [old, moved] of [[1, 0], [2, 0], [2, 1], [3, 1]]) {
    await sender.send(requestTo(`http://pos.example:${before.port}/200`));
    assertEquals([before.requests.length, after.requests.length], [old, moved]);
  }
  assertEquals([before.connections, after.connections], [1, 1]);
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

Deno.test("an address that is silent makes way for the next", async () => {
  using silent = await startSilentListener("127.0.0.2");
  await using receiver = startHostileReceiver({
    hostname: "127.0.0.3",
    port: silent.port,
  });
  const addresses = ["127.0.0.2", "127.0.0.3"];
  await using sender = openSender({
    insecure: true,
    deadlineMs: 6_000,
    resolve: () => Promise.resolve(addresses),
  });
  const url = `http://pos.example:${silent.port}/200`;
  assertEquals(plain(await sender.send(requestTo(url))).status, 200);
  assertEquals(receiver.requests.length, 1);
  // The one that answered is asked again, and the silent one is not.
  assertEquals(plain(await sender.send(requestTo(url))).status, 200);
  assertEquals(receiver.connections, 1);
});

Deno.test("the last address of a name has all the time that is left", async () => {
  using silent = await startSilentListener("127.0.0.2");
  await using sender = openSender({
    insecure: true,
    resolve: () => Promise.resolve(["127.0.0.2"]),
  });
  const url = `http://pos.example:${silent.port}/200`;
  const outcome = await outOfTime(
    () => sender.send(requestTo(url)),
    () => turns(100),
  );
  assertEquals(plain(outcome), { kind: "failed", fault: "timeout" });
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
