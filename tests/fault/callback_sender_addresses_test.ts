/**
 * Callbacks go to public addresses only, whatever a merchant writes as its URL
 * and whatever its name means today or a moment later. Names are resolved by a
 * real DNS server that changes its answers.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { createResolver } from "../../edge/callback_http/sender_resolver.ts";
import {
  DEADLINE_MS,
  openSender,
  outOfTime,
  plain,
  requestTo,
} from "../support/callback/senders.ts";
import { createAuthority } from "../support/http/net/certificates.ts";
import {
  type Records,
  startDnsServer,
} from "../support/http/net/dns_server.ts";
import { holdTimers } from "../support/world/points/held_timers.ts";
import { startHostileReceiver } from "../support/callback/hostile/hostile_receiver.ts";

const PUBLIC = "93.184.215.14";
const PUBLIC_V6 = "2606:2800:21f:cb07:6820:80da:af6b:8b2c";
const REFUSED = { kind: "failed", fault: "address" };

Deno.test("an address that is not public is refused, in every spelling", async () => {
  await using receiver = startHostileReceiver();
  await using sender = openSender();
  const hosts = [
    ...["127.0.0.1", "127.1", "0x7f.1", "2130706433", "017700000001", "0"],
    ...["0x7f000001", "１２７。０。０。１", "127.0.0.01", "127.255.255.254"],
    ...["[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]"],
    ...["[::127.0.0.1]", "[::ffff:0:127.0.0.1]", "[64:ff9b::127.0.0.1]"],
    ...["[2002:7f00:1::]", "[2001:0:7f00:1::]", "[fd00:ec2::254]", "[fe80::1]"],
    ...["10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254"],
    ...["100.100.100.200", "192.0.0.192", "168.63.129.16", "255.255.255.255"],
  ];
  for (const host of hosts) {
    const url = `https://${host}:${receiver.port}/`;
    assertEquals(await sender.check(url), "address", host);
    assertEquals(plain(await sender.send(requestTo(url))), REFUSED, host);
  }
  assertEquals(receiver.connections, 0);
});

Deno.test("a URL of another form is refused, at registration and at sending", async () => {
  await using receiver = startHostileReceiver();
  await using sender = openSender();
  const { port } = receiver;
  const urls = [
    `http://127.0.0.1:${port}/`,
    `http://localhost:${port}/`,
    `https://localhost.:${port}/`,
    `https://user:password@127.0.0.1:${port}/`,
    "https://pos.example:25/",
    "https://pos.example:6667/",
    "https://pos.example/#x",
    "not a URL",
  ];
  for (const url of urls) {
    assertEquals(await sender.check(url), "form", url);
    assertEquals(plain(await sender.send(requestTo(url))), REFUSED, url);
  }
  assertEquals(receiver.connections, 0);
});

Deno.test("localhost is refused, whoever resolves it", async () => {
  await using sender = openSender();
  assertEquals(await sender.check("https://localhost/"), "address");
  assertEquals(
    plain(await sender.send(requestTo("https://localhost/"))),
    REFUSED,
  );
});

Deno.test("a name is as good as the worst of its addresses", async () => {
  await using dns = await startDnsServer();
  await using sender = openSender({
    resolve: createResolver({ nameServer: dns.nameServer }),
  });
  const cases: [Records | undefined, string | null][] = [
    [{ A: [PUBLIC] }, null],
    [{ AAAA: [PUBLIC_V6] }, null],
    [{ A: [PUBLIC, "1.1.1.1"], AAAA: [PUBLIC_V6] }, null],
    [{ CNAME: "elsewhere.example", A: [PUBLIC] }, null],
    [{ A: [PUBLIC], AAAA: ["::1"] }, "address"],
    [{ A: [PUBLIC], AAAA: [PUBLIC_V6, "fd00::1"] }, "address"],
    [{ A: [PUBLIC, "127.0.0.1"] }, "address"],
    [{ A: ["127.0.0.1", PUBLIC] }, "address"],
    [{ A: ["10.0.0.1"] }, "address"],
    [{ A: ["0.0.0.0"] }, "address"],
    [{ A: ["168.63.129.16"] }, "address"],
    [{ AAAA: ["::ffff:7f00:1"] }, "address"],
    [{ AAAA: ["::7f00:1"] }, "address"],
    [{ AAAA: ["64:ff9b::a00:1"] }, "address"],
    [{ CNAME: "inside.example", A: ["127.0.0.1"] }, "address"],
    [{}, "dns"],
    [undefined, "dns"],
  ];
  for (const [records, fault] of cases) {
    if (records) dns.records.set("pos.example", records);
    else dns.records.clear();
    const what = JSON.stringify(records);
    assertEquals(await sender.check("https://pos.example/"), fault, what);
    if (fault === null) continue;
    assertEquals(
      plain(await sender.send(requestTo("https://pos.example/"))),
      { kind: "failed", fault },
      what,
    );
  }
});

Deno.test("a name without an address, and one that is no address, are refused", async () => {
  for (const answer of [[], ["localhost"], ["127.1"], [PUBLIC, ""]]) {
    await using sender = openSender({
      resolve: () => Promise.resolve(answer),
    });
    assertEquals(await sender.check("https://pos.example/"), "address");
    assertEquals(
      plain(await sender.send(requestTo("https://pos.example/"))),
      REFUSED,
    );
  }
});

Deno.test("public at registration and loopback at sending: nothing is sent", async () => {
  const authority = await createAuthority();
  const tls = await authority.issue(["DNS:pos.example"]);
  await using receiver = startHostileReceiver({ tls });
  await using dns = await startDnsServer();
  await using sender = openSender({
    resolve: createResolver({ nameServer: dns.nameServer }),
    caCerts: [authority.cert],
  });
  const url = `https://pos.example:${receiver.port}/`;
  dns.records.set("pos.example", { A: [PUBLIC] });
  assertEquals(await sender.check(url), null);
  for (
    const records of [
      { A: ["127.0.0.1"] },
      { A: [PUBLIC, "127.0.0.1"] },
      { A: [PUBLIC], AAAA: ["::1"] },
    ]
  ) {
    dns.records.set("pos.example", records);
    assertEquals(plain(await sender.send(requestTo(url))), REFUSED);
  }
  assertEquals(receiver.connections, 0);
});

Deno.test("the connection goes to the address that was judged, kept or not", async () => {
  const authority = await createAuthority();
  const tls = await authority.issue(["DNS:pos.example"]);
  await using judged = startHostileReceiver({ hostname: "127.0.0.2", tls });
  const { port } = judged;
  await using inside = startHostileReceiver({
    hostname: "127.0.0.1",
    port,
    tls,
  });
  await using dns = await startDnsServer();
  const resolve = createResolver({ nameServer: dns.nameServer });
  await using sender = openSender({
    // Another answer as soon as one was given.
    async resolve(name, signal) {
      const found = await resolve(name, signal);
      dns.records.set("pos.example", { A: ["127.0.0.1"] });
      return found;
    },
    isAllowed: (address) => address === "127.0.0.2",
    caCerts: [authority.cert],
  });
  const url = `https://pos.example:${port}/200`;
  for (let n = 1; n <= 2; n++) {
    dns.records.set("pos.example", { A: ["127.0.0.2"] });
    assertEquals(plain(await sender.send(requestTo(url))).status, 200);
    // A connection to the good address is there, but the name has moved.
    assertEquals(plain(await sender.send(requestTo(url))), REFUSED);
    assertEquals(judged.requests.length, n);
  }
  assertEquals(judged.connections, 1);
  assertEquals(inside.connections, 0);
  // Each send asks for both kinds, once.
  assertEquals(
    dns.questions.toSorted(),
    ["A", "AAAA"].flatMap((type) => Array(4).fill(`pos.example/${type}`)),
  );
});

Deno.test("a name server that is silent takes the deadline and no more", async () => {
  await using dns = await startDnsServer();
  dns.records.set("pos.example", { isSilent: true });
  await using sender = openSender({
    resolve: createResolver({ nameServer: dns.nameServer }),
  });
  const asked = async () => {
    while (dns.questions.length === 0) {
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  const outcome = await outOfTime(
    () => sender.send(requestTo("https://pos.example/")),
    asked,
  );
  assertEquals(plain(outcome), { kind: "failed", fault: "timeout" });
});

Deno.test("a resolver that fails or never answers is not waited for", async () => {
  const failing = () => Promise.reject(new Error("SERVFAIL"));
  await using sender = openSender({ resolve: failing });
  assertEquals(await sender.check("https://pos.example/"), "dns");
  assertEquals(
    plain(await sender.send(requestTo("https://pos.example/"))),
    { kind: "failed", fault: "dns" },
  );
  const asked = Promise.withResolvers<void>();
  await using patient = openSender({
    resolve() {
      asked.resolve();
      return new Promise(() => {});
    },
    deadlineMs: DEADLINE_MS,
  });
  const outcome = await outOfTime(
    () => patient.send(requestTo("https://pos.example/")),
    () => asked.promise,
  );
  assertEquals(plain(outcome), { kind: "failed", fault: "timeout" });
});

Deno.test("those who ask for a name at once share the answer, later ones do not", async () => {
  await using receiver = startHostileReceiver();
  const asked: ReturnType<typeof Promise.withResolvers<string[]>>[] = [];
  await using sender = openSender({
    insecure: true,
    resolve() {
      const answer = Promise.withResolvers<string[]>();
      asked.push(answer);
      return answer.promise;
    },
  });
  const send = () =>
    sender.send(requestTo(`http://pos.example:${receiver.port}/200`));
  using timers = holdTimers();
  const hung = [send(), send()];
  assertEquals(asked.length, 1);
  timers.fire();
  for (const outcome of await Promise.all(hung)) {
    assertEquals(plain(outcome), { kind: "failed", fault: "timeout" });
  }
  const good = [send(), send(), send()];
  const other = sender.check("http://other.example/");
  assertEquals(asked.length, 3);
  asked[1]!.resolve(["127.0.0.1"]);
  asked[2]!.reject(new Error("SERVFAIL"));
  assertEquals(await other, "dns");
  for (const outcome of await Promise.all(good)) {
    assertEquals(plain(outcome).status, 200);
  }
  // One that answers when it is too late is not heard.
  const last = send();
  assertEquals(asked.length, 4);
  asked[0]!.resolve(["127.0.0.1"]);
  asked[3]!.reject(new Error("SERVFAIL"));
  assertEquals(plain(await last), { kind: "failed", fault: "dns" });
});

Deno.test("development allows http, localhost and private addresses", async () => {
  await using receiver = startHostileReceiver();
  await using sender = openSender({ insecure: true });
  for (const host of ["127.0.0.1", "localhost", "127.1", "[::ffff:7f00:1]"]) {
    const url = `http://${host}:${receiver.port}/200`;
    assertEquals(await sender.check(url), null, host);
    assertEquals(plain(await sender.send(requestTo(url))).status, 200, host);
  }
  assertEquals(await sender.check("http://pos.invalid/"), "dns");
  assertEquals(await sender.check("ftp://127.0.0.1/"), "form");
});
