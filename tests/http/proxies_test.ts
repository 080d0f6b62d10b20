/**
 * A server whose environment names a proxy: what stays on this machine never
 * goes through it, what the proxy is for does.
 *
 * @module
 */

import { LimitedCommand, programOf } from "../support/http/command.ts";
import { assert, assertEquals } from "@std/assert";
import { startRedis } from "../../scripts/redis_server.ts";
import { startGateway } from "../../scripts/upstash/gateway.ts";
import { createAuthority } from "../support/http/net/certificates.ts";
import { startAliceLedger } from "../support/ledger/server.ts";
import { startRecordingProxy } from "../support/http/recording_proxy.ts";
import { startServer } from "../support/world/server.ts";
import { startShopServer } from "../support/callback/shop_server.ts";
import { TcpProxy } from "../support/http/tcp_proxy.ts";
import { startTlsFront } from "../support/http/net/tls_front.ts";

const TOKEN = "a-token-of-a-test";
const ROOT = new URL("../../", import.meta.url).pathname;

/** Every spelling that Deno knows. */
function proxied(url: string): Record<string, string> {
  const names = Object.fromEntries(
    ["http_proxy", "https_proxy", "all_proxy"].flatMap((name) => [
      [name, url],
      [name.toUpperCase(), url],
    ]),
  );
  // The runtime's own look for a newer one is not the server's doing.
  return { ...names, DENO_NO_UPDATE_CHECK: "1" };
}

/** Pays once and has a callback sent; the statuses of both. */
async function payAndCallBack(
  env: Record<string, string>,
): Promise<{ paid: number; called: boolean }> {
  await using shop = startShopServer();
  const arrived = Promise.withResolvers<true>();
  const { answer } = shop;
  shop.answer = (received) => {
    arrived.resolve(true);
    return answer(received);
  };
  await using server = await startServer({
    env: { OFFCODE_CALLBACKS_INSECURE: "1", ...env },
  });
  const { api } = server;
  const merchant = await api.merchant();
  const phone = await api.enrol(await api.walletKey(), "alice", "phone");
  const { status } = await api.call("PUT", "/v1/callback-endpoint", {
    key: merchant.key,
    body: { url: shop.url },
  });
  assertEquals(status, 201);
  const paid = await api.pay(merchant, {
    code: phone.code(Date.now()),
    order_id: "order-1",
  });
  const called = paid.status === 201 && await arrived.promise;
  return { paid: paid.status, called };
}

for (const host of ["127.0.0.1", "127.8.9.10", "localhost", "[::1]"]) {
  Deno.test(`ledger, Upstash gateway and callbacks on ${host} go past every proxy`, async () => {
    await using proxy = startRecordingProxy();
    await using redis = await startRedis();
    await using gateway = await startGateway({ redis, token: TOKEN });
    await using ledger = startAliceLedger();
    const listen = host === "localhost"
      ? "127.0.0.1"
      : host.replace(/[[\]]/g, "");
    const front = (url: string) =>
      new TcpProxy(
        { host: "127.0.0.1", port: Number(new URL(url).port) },
        listen,
      );
    await using toGateway = front(gateway.url);
    await using toLedger = front(ledger.url);
    const result = await payAndCallBack({
      ...proxied(proxy.url),
      // An exception of the operator's own stays one.
      NO_PROXY: "intranet.example",
      OFFCODE_STORE: "upstash",
      UPSTASH_REDIS_REST_URL: `http://${host}:${toGateway.port}`,
      UPSTASH_REDIS_REST_TOKEN: TOKEN,
      OFFCODE_LEDGER: `http://${host}:${toLedger.port}/core/v1`,
      OFFCODE_LEDGER_SECRET: ledger.secret,
    });
    assertEquals(result, { paid: 201, called: true });
    assertEquals(ledger.debits(), 1);
    assertEquals(proxy.requests, []);
  });
}

Deno.test("a ledger under TLS on this machine is reached past every proxy, too", async () => {
  const authority = await createAuthority();
  await using proxy = startRecordingProxy();
  await using ledger = startAliceLedger();
  await using front = startTlsFront(
    { hostname: "127.0.0.1", port: Number(new URL(ledger.url).port) },
    await authority.issue(["DNS:localhost"]),
  );
  const certificate = await Deno.makeTempFile();
  try {
    await Deno.writeTextFile(certificate, authority.cert);
    const result = await payAndCallBack({
      ...proxied(proxy.url),
      DENO_CERT: certificate,
      OFFCODE_LEDGER: `https://localhost:${front.port}/core/v1`,
      OFFCODE_LEDGER_SECRET: ledger.secret,
    });
    assertEquals(result, { paid: 201, called: true });
    assertEquals(ledger.debits(), 1);
    assertEquals(proxy.requests, []);
  } finally {
    await Deno.remove(certificate);
  }
});

Deno.test("a ledger elsewhere is reached through the proxy", async () => {
  await using proxy = startRecordingProxy();
  await using ledger = startAliceLedger();
  const result = await payAndCallBack({
    ...proxied(proxy.url),
    OFFCODE_LEDGER: "https://ledger.example/core/v1",
    OFFCODE_LEDGER_SECRET: ledger.secret,
  });
  // The proxy refuses, so nobody knows whether the money moved.
  assertEquals(result, { paid: 402, called: false });
  assert(proxy.requests.length > 0);
  for (const line of proxy.requests) {
    assertEquals(line, "CONNECT ledger.example:443 HTTP/1.1");
  }
});

Deno.test("the demo pays past every proxy", async () => {
  await using proxy = startRecordingProxy();
  const { code } = await new LimitedCommand(Deno.execPath(), {
    args: ["run", "-A", "scripts/demo.ts", "--fast"],
    cwd: ROOT,
    env: { NO_COLOR: "1", ...proxied(proxy.url) },
    stdin: "null",
    stdout: "null",
    stderr: "inherit",
    signal: AbortSignal.timeout(60_000),
  }).output();
  assertEquals(code, 0);
  assertEquals(proxy.requests, []);
});

Deno.test("enrolling and core releases reach an edge on this machine past every proxy", async () => {
  await using proxy = startRecordingProxy();
  const paths: string[] = [];
  await using edge = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen() {} },
    (request) => {
      paths.push(new URL(request.url).pathname);
      return Response.json({ code: "unauthorized", detail: "" }, {
        status: 401,
      });
    },
  );
  const out = await Deno.makeTempFile();
  const tasks = [
    ["scripts/enrol.ts", "--out", out],
    ["scripts/release.ts", "status"],
  ];
  try {
    for (const [entry, ...args] of tasks) {
      const task = programOf(entry!, args, {
        env: {
          ...proxied(proxy.url),
          OFFCODE: `http://127.0.0.1:${edge.addr.port}`,
          OFFCODE_WALLET_KEY: "a-key-of-a-test",
          OFFCODE_RELEASE_DESK_KEY: "a-key-of-a-test",
        },
        stdin: "piped",
      }).spawn();
      const writer = task.stdin.getWriter();
      await writer.write(new TextEncoder().encode("{}\n")).catch(() => {});
      await writer.close().catch(() => {});
      await task.output();
    }
  } finally {
    await Deno.remove(out);
  }
  assertEquals(paths, ["/v1/enrolments/batch", "/v1/core-releases"]);
  assertEquals(proxy.requests, []);
});
