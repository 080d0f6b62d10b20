import { connect as connectHttp2 } from "node:http2";
import { assertEquals, assertMatch } from "@std/assert";
import { until } from "../../scripts/redis_server.ts";
import { Gate, waits } from "../support/ledger/faults.ts";
import { startLedgerServer } from "../support/ledger/server.ts";
import { startServer, type TestServer } from "../support/world/server.ts";

function connect(server: TestServer): Promise<Deno.TcpConn> {
  const { hostname, port } = new URL(server.origin);
  return Deno.connect({ hostname, port: Number(port) });
}

/** Sends what follows on a connection of its own, and reads all that comes. */
async function exchange(server: TestServer, ...lines: string[]) {
  const connection = await connect(server);
  await connection.write(new TextEncoder().encode(lines.join("\r\n")));
  return await new Response(connection.readable).text();
}

const statusOf = (answer: string) => answer.slice(0, "HTTP/1.1 200".length);

for (const workers of [1, 2]) {
  Deno.test(`a server of ${workers} goes on when a client opens more connections than it has descriptors`, async () => {
    await using ledger = startLedgerServer();
    await using server = await startServer({
      workers,
      wrap: ["bash", "-c", 'ulimit -n 256; exec "$@"', "sh"],
      env: { OFFCODE_LEDGER: ledger.url, OFFCODE_LEDGER_SECRET: ledger.secret },
    });
    const { api } = server;
    ledger.setAccount("alice", 10_000);
    const merchant = await api.merchant();
    const phone = await api.enrol(await api.walletKey(), "alice", "phone-1");
    const gate = new Gate();
    ledger.next("debits", waits(gate));
    const code = phone.code(Date.now());
    const paid = api.pay(merchant, { code, order_id: "order-1" });
    await gate.reached;
    const crowd: Deno.TcpConn[] = [];
    try {
      for (let i = 0; i < 400; i++) crowd.push(await connect(server));
      // The crowd stays: those who have sent nothing make room for who asks.
      await until(async () => {
        const answer = await exchange(
          server,
          "GET /readyz HTTP/1.1",
          "host: edge",
          "connection: close",
          "",
          "",
        ).catch(() => "");
        return statusOf(answer) === "HTTP/1.1 200";
      }, "The server does not answer beside the crowd");
      // And whoever had a request under way has its answer.
      gate.open();
      assertEquals((await paid).status, 201);
    } finally {
      gate.open();
      for (const connection of crowd) connection.close();
    }
    assertEquals((await server.kill("SIGTERM")).code, 0);
  });
}

Deno.test("a server refuses every Host that is no host[:port], and does what the request line says", async () => {
  await using server = await startServer();
  const admin = "authorization: Bearer an-admin-key-of-a-test-long-enough";
  const ask = (path: string, ...hosts: string[]) =>
    exchange(
      server,
      `POST ${path} HTTP/1.1`,
      ...hosts,
      admin,
      "connection: close",
      "content-type: application/json",
      "content-length: 14",
      "",
      '{"name":"Til"}',
    );
  const wrong = [
    [],
    ["host:"],
    ["host: h/v1/admin/wallet-keys?"],
    ["host: h/v1/admin/wallet-keys#"],
    ["host: h?x"],
    ["host: h#x"],
    ["host: h\\x"],
    ["host: a b"],
    ["host: a, b"],
    ["host: user@h"],
    ["host: h:80:80"],
    ["host: h:http"],
    ["host: [::1"],
    ["host: [::1]x"],
    ["host: h%2"],
    ["host: a", "host: b"],
    ["host: a", "host: a"],
  ];
  for (const hosts of wrong) {
    const answer = await ask("/anything", ...hosts);
    assertEquals(statusOf(answer), "HTTP/1.1 400", hosts.join());
    // Two of them the runtime refuses, before anything of ours.
    if (hosts.length < 2) {
      assertMatch(answer, /"code":"malformed-request"/, hosts.join());
      assertMatch(answer, /one Host header/);
    }
  }
  const right = [
    "h",
    "h:",
    "h:8000",
    "127.0.0.1:1",
    "[::1]",
    "[::1]:80",
    "a_b.c",
  ];
  for (const host of right) {
    const answer = await ask("/v1/admin/wallet-keys", `host: ${host}`);
    assertEquals(statusOf(answer), "HTTP/1.1 201", host);
    const other = await ask("/anything", `host: ${host}`);
    assertEquals(statusOf(other), "HTTP/1.1 404", host);
  }
  const absolute = await ask("http://other/v1/admin/wallet-keys", "host: h");
  assertEquals(statusOf(absolute), "HTTP/1.1 201");
});

Deno.test("a server answers HTTP/2, which has no Host header", async () => {
  await using server = await startServer();
  const session = connectHttp2(server.origin);
  const stream = session.request({ ":path": "/healthz" });
  const answered = Promise.withResolvers<unknown>();
  stream.on("response", (headers) => answered.resolve(headers[":status"]));
  stream.on("error", answered.reject);
  stream.resume();
  stream.end();
  assertEquals(await answered.promise, 200);
  const closed = Promise.withResolvers<void>();
  session.close(() => closed.resolve());
  await closed.promise;
});

// OPERATIONS.md, "In front of the server", says how clients and proxies avoid
// these. A runtime that answers otherwise is to be welcomed there.
Deno.test("the runtime refuses an Upgrade with a body or a length of 0, and a length beside chunks, with 400 and nothing else", async () => {
  await using server = await startServer();
  const merchant = await server.api.merchant();
  const head = [
    "POST /v1/reversals HTTP/1.1",
    "host: edge",
    `authorization: Bearer ${merchant.key}`,
    "content-type: application/json",
  ];
  const body = '{"order_id":"r1"}';
  const chunks = `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;
  const length = `content-length: ${body.length}`;
  const upgrade = (to: string) => ["connection: Upgrade", `upgrade: ${to}`];
  const refused = [
    [...upgrade("h2c"), length, "", body],
    [...upgrade("TLS/1.2"), length, "", body],
    [...upgrade("h2c"), "transfer-encoding: chunked", "", chunks],
    [length, "transfer-encoding: chunked", "", chunks],
  ];
  // Java 17's HttpClient sends this length with a GET.
  const get = ["GET /healthz HTTP/1.1", "host: edge", ...upgrade("h2c")];
  const requests = [
    ...refused.map((lines) => [...head, ...lines]),
    [...get, "content-length: 0", "", ""],
  ];
  for (const lines of requests) {
    const answer = await exchange(server, ...lines);
    assertMatch(
      answer,
      /^HTTP\/1\.1 400 Bad Request\r\ncontent-length: 0\r\n(.*\r\n)*\r\n$/,
      lines.join("\n"),
    );
  }
  // What the page advises: the same without the header.
  const answer = await exchange(
    server,
    ...head,
    "connection: close",
    length,
    "",
    body,
  );
  assertMatch(answer, /^HTTP\/1\.1 \d{3} /);
  assertMatch(answer, /x-request-id: /);
});
