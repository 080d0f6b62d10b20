import { setTimeout as delay } from "node:timers/promises";
import { assert, assertEquals, assertMatch } from "@std/assert";
import {
  boundsFor,
  type Connection,
  serveHttp,
} from "../../../edge/boot/connections.ts";
import { problem } from "../../../edge/http/kit/problem.ts";

const GET = "GET / HTTP/1.1\r\nhost: edge\r\n\r\n";
/** A body of which one byte is missing. */
const DRIPS = "POST / HTTP/1.1\r\nhost: edge\r\ncontent-length: 3\r\n\r\nab";

/** A server that does not end a connection in this time fails its test, ms. */
const LIMIT_MS = 60_000;

/** A server of two connections, whose time stands still until it is moved. */
function startServing() {
  let nowMs = 0;
  const begun: PromiseWithResolvers<void>[] = [];
  const connections: Connection[] = [];
  const opened: Deno.Conn[] = [];
  const cutOff = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<void>();
  const http = serveHttp({
    hostname: "127.0.0.1",
    port: 0,
    bounds: {
      connections: 2,
      firstMs: 10_000,
      idleMs: 75_000,
      requestMs: 20_000,
    },
    monotonicMs: () => nowMs,
    overloaded: problem("store-unavailable", { detail: "Full." }),
    async fetch(request, connection) {
      connections.push(connection);
      begun.shift()?.resolve();
      await request.bytes().catch(() => cutOff.resolve());
      if (new URL(request.url).pathname === "/waits") await gate.promise;
      return new Response(
        new URL(request.url).pathname === "/parts"
          ? ReadableStream.from(parts()).pipeThrough(new TextEncoderStream())
          : "done",
      );
    },
  });
  async function* parts() {
    yield "first ";
    await gate.promise;
    yield "done";
  }
  return {
    http,
    connections,
    gate,
    cutOff: cutOff.promise,
    /** Comes back when the next request has begun. */
    next() {
      const next = Promise.withResolvers<void>();
      begun.push(next);
      return next.promise;
    },
    moveTo: (ms: number) => nowMs = ms,
    async open(text = "") {
      const { hostname, port } = http.address;
      const connection = await Deno.connect({ hostname, port });
      opened.push(connection);
      await connection.write(new TextEncoder().encode(text));
      return connection;
    },
    async [Symbol.asyncDispose]() {
      gate.resolve();
      // The shutdown waits for requests that still arrive.
      opened.forEach(close);
      await http.shutdown();
    },
  };
}

function close(connection: Deno.Conn): void {
  try {
    connection.close();
  } catch {
    // It was closed already.
  }
}

/** Reads to the end; nothing where the server cut the connection. */
async function rest(connection: Deno.Conn): Promise<string> {
  let isOver = false;
  const limit = setTimeout(() => {
    isOver = true;
    close(connection);
  }, LIMIT_MS);
  const text = await new Response(connection.readable).text().catch(() => "");
  clearTimeout(limit);
  assert(!isOver, "The server did not end the connection");
  return text;
}

async function readDone(connection: Deno.Conn): Promise<void> {
  const buffer = new Uint8Array(1024);
  let text = "";
  while (!text.includes("done")) {
    const length = await connection.read(buffer);
    assert(length !== null, text);
    text += new TextDecoder().decode(buffer.subarray(0, length));
  }
}

Deno.test("serveHttp() is bounded where the runtime can serve one connection, and says so where it is not", async () => {
  const internal = (Deno as unknown as { internal: symbol }).internal;
  const functions = (Deno as unknown as Record<symbol, object>)[internal]!;
  const name = "serveHttpOnConnection";
  const serve = Reflect.get(functions, name);
  assertEquals(typeof serve, "function");
  {
    await using serving = startServing();
    assertEquals(serving.http.isBounded, true);
  }
  Reflect.set(functions, name, undefined);
  try {
    await using serving = startServing();
    assertEquals(serving.http.isBounded, false);
    using connection = await serving.open(
      GET.replace("\r\n\r\n", "\r\nconnection: close\r\n\r\n"),
    );
    assertMatch(await rest(connection), /done$/);
  } finally {
    Reflect.set(functions, name, serve);
  }
});

Deno.test("serveHttp() ends a connection whose first headers do not arrive, and none that only waits for its next request", async () => {
  await using server = startServing();
  const silent = await server.open("GET / HT");
  using served = await server.open(GET);
  await readDone(served);
  server.moveTo(10_000);
  assertEquals(await rest(silent), "");
  await served.write(new TextEncoder().encode(GET));
  await readDone(served);
  server.moveTo(85_000);
  assertEquals(await rest(served), "");
});

Deno.test("serveHttp() gives a request its whole time, however long its connection has waited for it", async () => {
  await using server = startServing();
  const connection = await server.open(GET);
  await readDone(connection);
  server.moveTo(74_000);
  const began = server.next();
  await connection.write(
    new TextEncoder().encode(GET.replace("/", "/waits")),
  );
  await began;
  // Two looks at the connections end what is late.
  await delay(1_100);
  server.gate.resolve();
  await readDone(connection);
});

Deno.test("serveHttp() cuts off a body that does not arrive in time", async () => {
  await using server = startServing();
  const began = server.next();
  const drips = await server.open(DRIPS);
  await began;
  server.moveTo(20_000);
  assertEquals(await rest(drips), "");
  await server.cutOff;
});

for (
  const [path, boundMs] of [["/waits", 20_000], ["/parts", 75_000]] as const
) {
  Deno.test(`serveHttp() keeps ${path} open for as long as its handler goes on with it`, async () => {
    for (const staysOpen of [true, false]) {
      await using server = startServing();
      const began = server.next();
      const connection = await server.open(GET.replace("/", path));
      await began;
      const buffer = new Uint8Array(1024);
      if (path === "/parts") await connection.read(buffer);
      server.moveTo(boundMs - 1);
      if (staysOpen) server.connections[0]!.stayOpen();
      server.moveTo(2 * boundMs - 2);
      // Two looks at the connections end what is late.
      if (staysOpen) await delay(1_100);
      else assertEquals((await rest(connection)).includes("done"), false);
      server.gate.resolve();
      if (!staysOpen) continue;
      await readDone(connection);
      connection.close();
    }
  });
}

Deno.test("serveHttp() tells a connection above the bound so, and answers the others", async () => {
  await using server = startServing();
  const all = [];
  for (let i = 0; i < 2; i++) {
    const began = server.next();
    all.push(await server.open(GET.replace("/", "/waits")));
    await began;
  }
  server.moveTo(19_999);
  const answer = await rest(await server.open(GET));
  assertMatch(answer, /^HTTP\/1\.1 503 /);
  assertMatch(answer, /\r\nretry-after: \d+\r\n.*\r\n\r\n\{/s);
  const body = answer.split("\r\n\r\n")[1]!;
  assertEquals(JSON.parse(body).code, "store-unavailable");
  assertMatch(
    answer,
    new RegExp(`content-length: ${new TextEncoder().encode(body).length}\r\n`),
  );
  server.gate.resolve();
  for (const connection of all) {
    await readDone(connection);
    connection.close();
  }
});

Deno.test("serveHttp() makes room by ending the connection that has waited longest", async () => {
  await using server = startServing();
  const first = await server.open(GET);
  await readDone(first);
  server.moveTo(1);
  using second = await server.open(GET);
  await readDone(second);
  server.moveTo(999);
  // Nobody has waited for a second.
  assertMatch(await rest(await server.open(GET)), /^HTTP\/1\.1 503 /);
  server.moveTo(1_000);
  using third = await server.open(GET);
  await readDone(third);
  assertEquals(await rest(first), "");
  await second.write(new TextEncoder().encode(GET));
  await readDone(second);
});

Deno.test("serveHttp() answers what is under way when it is shut down, and ends", async () => {
  await using server = startServing();
  const began = server.next();
  const waits = await server.open(GET.replace("/", "/waits"));
  const idle = await server.open(GET);
  await began;
  await readDone(idle);
  const down = server.http.shutdown();
  assertEquals(await rest(idle), "");
  server.gate.resolve();
  assertMatch(await rest(waits), /^HTTP\/1\.1 200 .*done$/s);
  await down;
});

Deno.test("boundsFor() leaves descriptors for everything else", () => {
  assertEquals(boundsFor(1_024).connections, 752);
  assertEquals(boundsFor(1_048_576).connections, 10_000);
  assertEquals(boundsFor(64).connections, 1);
});
