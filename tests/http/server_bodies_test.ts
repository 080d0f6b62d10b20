import { assertEquals, assertMatch } from "@std/assert";
import type { TestMerchant } from "../support/world/api.ts";
import { setScene } from "../support/world/scene.ts";
import { startServer, type TestServer } from "../support/world/server.ts";

/** Sends bytes to a server and reads all; `broken`: no more will come. */
async function exchange(
  server: TestServer,
  text: string,
  { broken }: { broken: boolean },
): Promise<string> {
  const { hostname, port } = new URL(server.origin);
  const connection = await Deno.connect({ hostname, port: Number(port) });
  await connection.write(new TextEncoder().encode(text));
  if (broken) await connection.closeWrite();
  return await new Response(connection.readable).text();
}

function head(merchant: TestMerchant, ...lines: string[]): string {
  return [
    "POST /v1/payments HTTP/1.1",
    "host: edge",
    "connection: close",
    `authorization: Bearer ${merchant.key}`,
    "content-type: application/json",
    ...lines,
    "",
    "",
  ].join("\r\n");
}

Deno.test("a server survives bodies that break off, and goes on", async () => {
  await using server = await startServer();
  const { api } = server;
  const { merchant, phone } = await setScene(api);
  const body = JSON.stringify({
    code: phone.code(Date.now()),
    order_id: "order-1",
    amount_minor: 1250,
    currency: "EUR",
  });
  const broken = [
    `content-length: ${body.length + 1}|${body}`,
    `content-length: ${body.length}|${body.slice(0, -1)}`,
    `content-length: 100000|`,
    `transfer-encoding: chunked|${body.length.toString(16)}\r\n${body}\r\n`,
    `transfer-encoding: chunked|fff\r\n${body}`,
    `transfer-encoding: chunked|zz\r\n${body}\r\n0\r\n\r\n`,
  ];
  for (const [i, text] of broken.entries()) {
    const [line, sent] = text.split("|") as [string, string];
    const answer = await exchange(server, head(merchant, line) + sent, {
      broken: true,
    });
    // Nobody may be there to read it; if there is an answer, it is a refusal.
    if (answer !== "") assertMatch(answer, /^HTTP\/1\.1 4(00|13) /, `${i}`);
  }
  assertEquals(await api.balance("alice"), 10_000);
  assertEquals((await api.call("GET", "/readyz")).status, 200);
  const query = await api.call("GET", "/v1/payments?order_id=order-1", {
    key: merchant.key,
  });
  assertEquals(query.status, 404);

  const paid = await exchange(
    server,
    head(merchant, `content-length: ${body.length}`) + body,
    { broken: false },
  );
  assertMatch(paid, /^HTTP\/1\.1 201 /);
  assertMatch(paid, /\r\ncache-control: no-store\r\n/i);
  assertMatch(paid, /\r\nx-request-id: req_[0-9a-f]{32}\r\n/i);
  assertEquals(await api.balance("alice"), 8_750);
});

Deno.test("a server stops reading chunks at the limit, also beside a length", async () => {
  await using server = await startServer();
  const { api } = server;
  const { merchant } = await setScene(api);
  const { hostname, port } = new URL(server.origin);
  const more = `fff\r\n${" ".repeat(0xfff)}\r\n`.repeat(5);
  for (const line of ["x-none: 1", "content-length: 2"]) {
    const lines = [line, "transfer-encoding: chunked"];
    for (const order of [lines, lines.toReversed()]) {
      using connection = await Deno.connect({ hostname, port: Number(port) });
      const text = head(merchant, ...order) + more;
      await connection.write(new TextEncoder().encode(text));
      // The last chunk never comes: who waits for it hears nothing.
      const timer = setTimeout(() => connection.close(), 5_000);
      const buffer = new Uint8Array(4_096);
      const length = await connection.read(buffer) ?? 0;
      clearTimeout(timer);
      const answer = new TextDecoder().decode(buffer.subarray(0, length));
      assertMatch(
        answer,
        line.startsWith("content-length")
          ? /^HTTP\/1\.1 400 /
          : /^HTTP\/1\.1 413 /,
        line,
      );
    }
  }
  assertEquals((await api.call("GET", "/readyz")).status, 200);
});

Deno.test("a server refuses a body of 1 MB, announced or not", async () => {
  await using server = await startServer();
  const { api } = server;
  const { merchant } = await setScene(api);
  const megabyte = `{"code":"${"9".repeat(1 << 20)}"}`;
  const announced = await api.call("POST", "/v1/payments", {
    key: merchant.key,
    body: megabyte,
  });
  assertEquals([announced.status, announced.body.code], [
    413,
    "malformed-request",
  ]);
  const streamed = await fetch(`${server.origin}/v1/payments`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${merchant.key}`,
      "content-type": "application/json",
    },
    body: ReadableStream.from(
      Array.from({ length: 1024 }, () => new Uint8Array(1024).fill(0x20)),
    ),
  });
  assertEquals([streamed.status, (await streamed.json()).code], [
    413,
    "malformed-request",
  ]);
  assertEquals((await api.call("GET", "/readyz")).status, 200);
});

Deno.test("a server answers HEAD with the headers of GET, its length among them, and no body", async () => {
  await using server = await startServer();
  for (
    const path of ["/healthz", "/readyz", "/openapi.json", "/docs", "/v1/x"]
  ) {
    const ask = async (method: string) => {
      const text = await exchange(
        server,
        `${method} ${path} HTTP/1.1\r\nhost: edge\r\nconnection: close\r\n\r\n`,
        { broken: false },
      );
      const end = text.indexOf("\r\n\r\n") + 4;
      const headers = text.slice(0, end).split("\r\n")
        .filter((line) => !/^(date|x-request-id|vary):/.test(line)).sort();
      return { headers, body: text.slice(end) };
    };
    const got = await ask("GET");
    const headed = await ask("HEAD");
    assertEquals(headed, { headers: got.headers, body: "" }, path);
    const { byteLength } = new TextEncoder().encode(got.body);
    assertMatch(
      got.headers.join("\n"),
      new RegExp(`content-length: ${byteLength}\\b`),
    );
  }
});
