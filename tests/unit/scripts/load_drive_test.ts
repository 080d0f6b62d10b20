import { assert, assertEquals } from "@std/assert";
import {
  drive,
  type Outcome,
  requestBytes,
  type Shot,
} from "../../../scripts/load/drive.ts";
import { serveHttp } from "../../support/http/server.ts";

const get = (origin: string, path = "/") =>
  requestBytes({ origin, method: "GET", path, key: "k" });

Deno.test("drive() keeps to when shots are due, and measures who had to queue from then", async () => {
  // The first answer is held back until five more should have left.
  const held = Promise.withResolvers<void>();
  let asked = 0;
  await using server = serveHttp(async () => {
    if (++asked === 1) await held.promise;
    return new Response("{}");
  });
  const startMs = performance.now();
  const dueMs = [0, 1, 2, 3, 4, 5].map((ms) => startMs + ms);
  const outcomes: Outcome[] = [];
  const shots = dueMs.map((due): Shot => ({
    dueMs: due,
    bytes: () => get(server.origin),
    ended: (outcome) => outcomes.push(outcome),
  }));
  let taken = 0;
  const driven = drive({
    origin: server.origin,
    clients: 1,
    next: () => shots[taken++] ?? null,
  });
  while (performance.now() < dueMs[5]!) {
    await new Promise((resolve) => setTimeout(resolve));
  }
  const releasedMs = performance.now();
  held.resolve();
  await driven;
  assertEquals(outcomes.length, 6);
  for (const [i, { sentMs, endedMs }] of outcomes.entries()) {
    assert(sentMs >= dueMs[i]! && endedMs >= releasedMs);
    // Five waited at the till, and the wait is theirs.
    assert(endedMs - dueMs[i]! >= releasedMs - dueMs[i]!);
    assertEquals(i > 0 && sentMs < releasedMs, false);
  }
});

Deno.test("drive() skips what has become void and ends early on its signal", async () => {
  const seen: string[] = [];
  await using server = serveHttp((request) => {
    seen.push(new URL(request.url).pathname);
    return new Response("{}");
  });
  const stop = new AbortController();
  let n = 0;
  await drive({
    origin: server.origin,
    clients: 2,
    signal: stop.signal,
    next: () => {
      // More than are ever taken.
      if (n === 20) return null;
      const path = `/${n++}`;
      return {
        // Nobody comes to the last ones.
        ...(n > 4 && { dueMs: performance.now() + 3_600_000 }),
        bytes: () => path === "/1" ? null : get(server.origin, path),
        ended: () => {
          if (seen.length === 3) stop.abort();
        },
      };
    },
  });
  assertEquals(seen.toSorted(), ["/0", "/2", "/3"]);
});

Deno.test("drive() tells a refused connection, a closed one, a late and an unreadable answer, and goes on", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  const origin = `http://127.0.0.1:${port}`;
  const answers = [
    "HTTP/1.1 200 OK\r\n\r\n",
    "",
    null,
    "HTTP/1.1 204 No Content\r\n\r\n",
  ];
  const sockets: Deno.TcpConn[] = [];
  const serving = (async () => {
    for (const answer of answers) {
      const socket = await listener.accept();
      sockets.push(socket);
      await socket.read(new Uint8Array(1000));
      if (answer === null) continue;
      await socket.write(new TextEncoder().encode(answer));
      if (answer === "") socket.closeWrite();
    }
    listener.close();
  })();
  const ends: (string | number)[] = [];
  let left = 6;
  await drive({
    origin,
    clients: 1,
    timeoutMs: 3_000,
    next: () =>
      left-- === 0 ? null : {
        bytes: () => get(origin),
        ended: (it) => {
          ends.push("fault" in it ? it.fault : it.status);
          // No more than one is served after the listener has gone.
          if (ends.length === 4) {
            for (const socket of sockets) socket.close();
          }
        },
      },
  });
  await serving;
  assertEquals(ends, [
    "answer-not-understood",
    "connection-closed",
    "timeout",
    204,
    "connection-closed",
    "connection-refused",
  ]);
});
