/**
 * TLS proves the name of the URL, whatever address the connection goes to.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import {
  openSender,
  outOfTime,
  plain,
  requestTo,
} from "../support/callback/senders.ts";
import type { TlsFault } from "../../edge/base/network_fault.ts";
import { judge, toAttempt } from "../../edge/callback/message/attempt.ts";
import { createAuthority } from "../support/http/net/certificates.ts";
import {
  ENDLESS,
  ENDLESS_BODIES,
  neverReads,
  type Welcome,
} from "../support/callback/hostile/hostile_behaviors.ts";
import { startHostileReceiver } from "../support/callback/hostile/hostile_receiver.ts";
import { createTlsFailures } from "../support/http/net/tls_servers.ts";

const TIMEOUT = { kind: "failed", fault: "timeout" };

Deno.test("TLS proves the name of the URL, whatever the address", async () => {
  const [authority, stranger] = await Promise.all([
    createAuthority(),
    createAuthority(),
  ]);
  const named = await authority.issue(["DNS:pos.example"]);
  const addressed = await authority.issue(["IP:127.0.0.1"]);
  const cases = [
    ["pos.example", named, 200, 1],
    ["127.0.0.1", addressed, 200, 1],
    ["pos.example", addressed, "tls", 2],
    ["127.0.0.1", named, "tls", 2],
    ["other.example", named, "tls", 2],
    // After each failure the certificate is asked for once more.
    [
      "pos.example",
      await authority.issue(["DNS:pos.example"], { from: -2, to: -1 }),
      "tls",
      4,
    ],
    ["pos.example", await stranger.issue(["DNS:pos.example"]), "tls", 4],
  ] as const;
  for (const [host, tls, expected, connections] of cases) {
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
    assertEquals(receiver.requests.length, expected === 200 ? 2 : 0);
    assertEquals(receiver.connections, connections, host);
    for (const { headers } of receiver.requests) {
      assertEquals(headers[0], ["host", `${host}:${receiver.port}`]);
    }
  }
});

Deno.test("an attempt says why TLS failed", async (t) => {
  const { authority, failures } = await createTlsFailures();
  await using sender = openSender({
    isAllowed: () => true,
    caCerts: [authority.cert],
  });
  for (const [what, { fault, start }] of Object.entries(failures)) {
    await t.step(what, async () => {
      await using server = await start();
      const url = `https://127.0.0.1:${server.port}/`;
      for (let n = 0; n < 2; n++) {
        const outcome = await sender.send(requestTo(url));
        assertEquals(plain(outcome), {
          kind: "failed",
          fault: "tls",
          tls: fault,
        });
        const attempt = toAttempt(outcome, 0, [], false);
        assertEquals([attempt.error, attempt.tls_error], ["tls", fault]);
        const verdict = judge(outcome, 0);
        assertEquals(
          verdict.kind === "failed" && verdict.reason,
          `no answer: tls (${fault})`,
        );
      }
    });
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
    tls: "unknown_issuer",
  });
});

Deno.test("a server that speaks no TLS, or ends the handshake, fails in TLS", async () => {
  const endings: [Welcome, TlsFault][] = [
    [({ close }) => Promise.resolve(close()), "handshake"],
    [({ read, close }) => read(1).then(close), "handshake"],
    [async ({ write, untilLeft }) => {
      await write("HTTP/1.1 400 Bad Request\r\n\r\n");
      await untilLeft();
    }, "not_tls"],
  ];
  for (const [welcome, tls] of endings) {
    await using receiver = startHostileReceiver();
    receiver.welcome = welcome;
    await using sender = openSender({ isAllowed: () => true });
    const url = `https://127.0.0.1:${receiver.port}/`;
    assertEquals(plain(await sender.send(requestTo(url))), {
      kind: "failed",
      fault: "tls",
      tls,
    });
    await receiver.quiet();
  }
});

Deno.test("a handshake that never ends is freed by the deadline", async () => {
  await using receiver = startHostileReceiver();
  receiver.welcome = neverReads;
  await using sender = openSender({ isAllowed: () => true });
  const outcome = await outOfTime(
    () => sender.send(requestTo(`https://127.0.0.1:${receiver.port}/`)),
    () => receiver.connected(1),
  );
  assertEquals(plain(outcome), TIMEOUT);
  await receiver.quiet();
});

Deno.test("under TLS too, what is endless is cut", async () => {
  const authority = await createAuthority();
  await using receiver = startHostileReceiver({
    tls: await authority.issue(["IP:127.0.0.1"]),
  });
  await using sender = openSender({
    isAllowed: () => true,
    caCerts: [authority.cert],
  });
  for (const name of Object.keys(ENDLESS_BODIES)) {
    const outcome = await sender.send(requestTo(`${receiver.url}/${name}`));
    assertEquals(
      outcome.kind === "answered" && [outcome.status, outcome.body.length],
      [200, 16_384],
      name,
    );
  }
  for (const name of Object.keys(ENDLESS)) {
    const before = receiver.requests.length;
    const outcome = await outOfTime(
      () => sender.send(requestTo(`${receiver.url}/${name}`)),
      () => receiver.received(before + 1),
    );
    assertEquals(plain(outcome), TIMEOUT, name);
  }
  await receiver.quiet();
});
