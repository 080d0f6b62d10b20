/**
 * Name servers that answer half, late or oddly: what was answered is used, what
 * was not is asked again within the deadline, and only what was judged is
 * connected to.
 *
 * @module
 */

import { LimitedCommand } from "../support/http/command.ts";
import { assert, assertEquals } from "@std/assert";
import {
  createResolver,
  sharing,
} from "../../edge/callback_http/sender_resolver.ts";
import {
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
import { startHostileReceiver } from "../support/callback/hostile/hostile_receiver.ts";

const PUBLIC = "93.184.215.14";
const PUBLIC_V6 = "2606:2800:21f:cb07:6820:80da:af6b:8b2c";
const ROOT = new URL("../../", import.meta.url).pathname;

Deno.test("of two kinds of address one is enough, whatever becomes of the other question", async () => {
  await using dns = await startDnsServer();
  const resolve = createResolver({ nameServer: dns.nameServer });
  const cases: [Records, string[]][] = [
    [{ A: [PUBLIC], silentFor: ["AAAA"] }, [PUBLIC]],
    [{ AAAA: [PUBLIC_V6], silentFor: ["A"] }, [PUBLIC_V6]],
    // Server failure, no such name, not implemented, refused.
    ...[2, 3, 4, 5].flatMap((code): [Records, string[]][] => [
      [{ A: [PUBLIC], codes: { AAAA: code } }, [PUBLIC]],
      [{ AAAA: [PUBLIC_V6], codes: { A: code } }, [PUBLIC_V6]],
    ]),
  ];
  for (const [records, addresses] of cases) {
    dns.records.set("pos.example", records);
    const found = await resolve("pos.example", new AbortController().signal);
    assertEquals(found, addresses, JSON.stringify(records));
  }
});

Deno.test("a name whose AAAA is never answered is registered and sent to by its A", async () => {
  const authority = await createAuthority();
  const tls = await authority.issue(["DNS:pos.example"]);
  await using receiver = startHostileReceiver({ tls });
  await using dns = await startDnsServer();
  await using sender = openSender({
    resolve: createResolver({ nameServer: dns.nameServer }),
    isAllowed: (address) => address === "127.0.0.1",
    caCerts: [authority.cert],
  });
  const url = `https://pos.example:${receiver.port}/200`;
  dns.records.set("pos.example", { A: ["127.0.0.1"], silentFor: ["AAAA"] });
  assertEquals(await sender.check(url), null);
  assertEquals(plain(await sender.send(requestTo(url))).status, 200);
  // What was answered is judged as ever.
  dns.records.set("pos.example", { A: ["127.0.0.2"], silentFor: ["AAAA"] });
  assertEquals(await sender.check(url), "address");
  assertEquals(plain(await sender.send(requestTo(url))), {
    kind: "failed",
    fault: "address",
  });
  assertEquals(receiver.requests.length, 1);
});

Deno.test("a name with _ inside a label is proven by its certificate like any other", async () => {
  const authority = await createAuthority();
  const tls = await authority.issue(["DNS:under_score.example"]);
  await using receiver = startHostileReceiver({ tls });
  await using sender = openSender({
    resolve: () => Promise.resolve(["127.0.0.1"]),
    isAllowed: (address) => address === "127.0.0.1",
    caCerts: [authority.cert],
  });
  const url = `https://under_score.example:${receiver.port}/200`;
  assertEquals(await sender.check(url), null);
  assertEquals(plain(await sender.send(requestTo(url))).status, 200);
});

Deno.test("an address that is answered after the others were taken is not connected to", async () => {
  await using receiver = startHostileReceiver();
  const late = Promise.withResolvers<string[]>();
  const asked = Promise.withResolvers<void>();
  const resolve = createResolver({
    resolveDns: (_, type) =>
      type === "A" ? Promise.resolve(["127.0.0.1"]) : late.promise,
  });
  await using sender = openSender({
    insecure: true,
    async resolve(name, signal) {
      const found = await resolve(name, signal);
      late.resolve(["::1"]);
      await late.promise;
      await new Promise((resolve) => setImmediate(resolve));
      asked.resolve();
      assertEquals(found, ["127.0.0.1"]);
      return found;
    },
  });
  const url = `http://pos.example:${receiver.port}/200`;
  assertEquals(plain(await sender.send(requestTo(url))).status, 200);
  await asked.promise;
});

Deno.test("a question that the machine gives up is asked again, until the deadline", async () => {
  await using dns = await startDnsServer();
  dns.records.set("pos.example", { A: [PUBLIC], AAAA: [PUBLIC_V6] });
  const signal = new AbortController().signal;
  let given = 0;
  const resolve = createResolver({
    nameServer: dns.nameServer,
    // Gives up the first question of each kind, as a machine may be set to.
    resolveDns(name, type, options) {
      return given++ < 2
        ? Promise.reject(new Deno.errors.TimedOut("request timed out"))
        : Deno.resolveDns(name, type, options) as Promise<string[]>;
    },
  });
  const found = await resolve("pos.example", signal);
  assertEquals(found.toSorted(), [PUBLIC_V6, PUBLIC].toSorted());
  assertEquals(given, 4);
  // Not beyond it.
  const asked = Promise.withResolvers<void>();
  let questions = 0;
  await using sender = openSender({
    resolve: createResolver({
      nameServer: dns.nameServer,
      resolveDns() {
        questions++;
        if (questions === 4) asked.resolve();
        return questions <= 2
          ? Promise.reject(new Deno.errors.TimedOut("request timed out"))
          : new Promise(() => {});
      },
    }),
  });
  const outcome = await outOfTime(
    () => sender.send(requestTo("https://pos.example/")),
    () => asked.promise,
  );
  assertEquals(plain(outcome), { kind: "failed", fault: "timeout" });
  assertEquals(questions, 4);
});

Deno.test("where one of several name servers is silent, another's answer is used", async () => {
  await using dns = await startDnsServer();
  dns.records.set("pos.example", { A: [PUBLIC] });
  let questions = 0;
  const resolve = createResolver({
    resolveDns(name, type, { nameServer }) {
      questions++;
      if (nameServer === undefined) {
        return Promise.reject(new Deno.errors.TimedOut("request timed out"));
      }
      // The machine's own are as many as it has; the last of them answers.
      return nameServer.ipAddr === "192.0.2.2"
        ? Deno.resolveDns(name, type, dns) as Promise<string[]>
        : new Promise(() => {});
    },
    systemServers: () => [
      { ipAddr: "192.0.2.1", port: 53 },
      { ipAddr: "192.0.2.2", port: 53 },
    ],
  });
  const found = await resolve("pos.example", AbortSignal.timeout(30_000));
  assertEquals(found, [PUBLIC]);
  assertEquals(questions, 6);
});

Deno.test("who joined a question late asks again when the time of the first is up", async () => {
  const first = new AbortController();
  const second = new AbortController();
  let questions = 0;
  const resolve = sharing((_, signal) => {
    questions++;
    return questions === 1
      ? new Promise((_, reject) =>
        signal.addEventListener("abort", () => reject(signal.reason))
      )
      : Promise.resolve([PUBLIC]);
  });
  const answers = Promise.allSettled([
    resolve("pos.example", first.signal),
    resolve("pos.example", second.signal),
  ]);
  assertEquals(questions, 1);
  first.abort();
  const [early, late] = await answers;
  assertEquals(early?.status, "rejected");
  assertEquals(late, { status: "fulfilled", value: [PUBLIC] });
  assertEquals(questions, 2);
});

Deno.test("the machine's name server may be late, silent about AAAA, and knows names with _", async () => {
  const wrap = ["-Urmn", "sh", "-c"];
  const settings = await Deno.makeTempFile();
  try {
    // Gives up after two seconds: a question and its repetition.
    await Deno.writeTextFile(
      settings,
      "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n",
    );
    const prepare = `ip link set lo up && ` +
      `mount --bind ${settings} /etc/resolv.conf`;
    const tried = await new LimitedCommand("unshare", {
      args: [...wrap, prepare],
      stderr: "null",
    }).output();
    assert(
      tried.success,
      "It needs a namespace: run it as root, or allow user namespaces",
    );
    const records: Record<string, Records> = {
      "at-once.example": { A: [PUBLIC], AAAA: [PUBLIC_V6] },
      "late.example": { A: [PUBLIC], AAAA: [PUBLIC_V6], delayMs: 1_500 },
      "half.example": { A: [PUBLIC], silentFor: ["AAAA"] },
      "under_score.example": { A: [PUBLIC], AAAA: [PUBLIC_V6] },
      "under_half.example": { A: [PUBLIC], silentFor: ["AAAA"] },
      "_first.example": { A: [PUBLIC] },
    };
    const { stdout, stderr } = await new LimitedCommand("unshare", {
      args: [
        ...[...wrap, `${prepare} && exec "$@"`, "sh", Deno.execPath()],
        ...[
          "run",
          "-A",
          "--cached-only",
          "tests/support/http/net/dns_child.ts",
        ],
        JSON.stringify(records),
      ],
      cwd: ROOT,
      env: { NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" },
      signal: AbortSignal.timeout(60_000),
    }).output();
    const text = new TextDecoder().decode(stdout);
    assert(text !== "", new TextDecoder().decode(stderr));
    const found = new Map<string, string | string[]>(JSON.parse(text));
    for (const [name, { A = [], AAAA = [] }] of Object.entries(records)) {
      const addresses = found.get(name);
      assert(Array.isArray(addresses), `${name}: ${addresses}`);
      assertEquals(addresses.toSorted(), [...A, ...AAAA].toSorted(), name);
    }
    assertEquals(found.get("unknown_name.example"), "NotFound");
  } finally {
    await Deno.remove(settings);
  }
});
