import { assert, assertEquals, assertRejects } from "@std/assert";
import { benchHttp } from "../../../scripts/bench/http.ts";
import { runLoad } from "../../../scripts/bench/http_load.ts";
import {
  raceTable,
  REDIS_COLUMNS,
  slicesNote,
} from "../../../scripts/bench/http_table.ts";
import { startAndPay } from "../../../scripts/bench/start.ts";
import {
  HttpConnection,
  requestBytes,
} from "../../../scripts/load/http_connection.ts";
import { serveHttp } from "../../support/http/server.ts";

Deno.test("runLoad() sends every body once, from so many clients, and counts the answers", async () => {
  const seen: string[] = [];
  let open = 0;
  let most = 0;
  await using server = serveHttp(async (request) => {
    most = Math.max(most, ++open);
    const { pathname } = new URL(request.url);
    const key = request.headers.get("authorization");
    seen.push(`${request.method} ${pathname} ${key} ${await request.text()}`);
    open--;
    return new Response("x".repeat(1000), {
      status: seen.length % 10 === 0 ? 409 : 200,
    });
  });
  const bodies = Array.from({ length: 100 }, (_, i) => `{"n":${i},"é":"码"}`);
  const result = await runLoad({
    origin: server.origin,
    path: "/v1/x",
    key: "k",
    clients: 4,
    bodies,
  });
  assertEquals(result.statuses, { "200": 90, "409": 10 });
  assertEquals(result.latenciesMs.length, 100);
  assertEquals(
    result.latenciesMs,
    result.latenciesMs.toSorted((a, b) => a - b),
  );
  assert(result.seconds * 1000 >= result.latenciesMs.at(-1)!);
  assert(most <= 4);
  assertEquals(
    seen.toSorted(),
    bodies.map((body) => `POST /v1/x Bearer k ${body}`).toSorted(),
  );
});

/** Answers every request with these bytes, piece by piece. */
async function answering(pieces: readonly string[]) {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  const connection = HttpConnection.open(`http://127.0.0.1:${port}`);
  const accepted = await listener.accept();
  listener.close();
  const answer = (async () => {
    await accepted.read(new Uint8Array(1000));
    for (const piece of pieces) {
      await accepted.write(new TextEncoder().encode(piece));
      // The next piece waits until this one was acknowledged.
      await new Promise((resolve) => setTimeout(resolve));
    }
    accepted.closeWrite();
  })();
  return {
    connection: await connection,
    async [Symbol.asyncDispose]() {
      await answer;
      (await connection)[Symbol.dispose]();
      accepted.close();
    },
  };
}

const REQUEST = requestBytes({
  origin: "http://127.0.0.1",
  path: "/",
  key: "k",
  body: "{}",
});

Deno.test("HttpConnection puts an answer together that comes in pieces", async () => {
  const pieces = "HTTP/1.1 201 Created|\r\nContent-Le|ngth: 5\r\n\r|\n12|345";
  await using server = await answering(pieces.split("|"));
  assertEquals(await server.connection.send(REQUEST), 201);
});

Deno.test("HttpConnection refuses an answer that it cannot measure", async () => {
  for (
    const [answer, says] of [
      ["HTTP/1.1 200 OK\r\n\r\n", "no length"],
      ["HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "no length"],
      ["HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n1234", "closed"],
      ["", "closed"],
    ] as const
  ) {
    await using server = await answering([answer]);
    await assertRejects(() => server.connection.send(REQUEST), Error, says);
  }
});

Deno.test("benchHttp() gets 200 for every request, from the edge and from the bare handlers", async () => {
  const figures = await benchHttp({ rounds: 2, phonesPerRound: 10 });
  assertEquals(figures.map((it) => [it.name.split(",")[0], it.requests]), [
    ["POST /v1/verifications", 40],
    ["bare Hono", 40],
    ["bare Hono", 40],
  ]);
  for (const { requestsPerSecond, p50Ms, p99Ms } of figures) {
    assert(requestsPerSecond > 0 && p50Ms > 0 && p99Ms >= p50Ms);
  }
});

Deno.test("raceTable() shows each server, and beside the others how the first one does", () => {
  const edge = {
    name: "edge",
    requests: 40,
    requestsPerSecond: 300.4,
    p50Ms: 1.234,
    p99Ms: 6,
    cpuMicroseconds: 70.6,
    storeCpuMicroseconds: 8.4,
  };
  const bare = { ...edge, name: "bare", requestsPerSecond: 600.8, p99Ms: 2 };
  const figures = [edge, bare];
  const notes = ["as it is"];
  assertEquals(
    raceTable({ figures, title: "A race", columns: REDIS_COLUMNS, notes }),
    {
      title: "A race",
      columns: ["handler", ...REDIS_COLUMNS],
      rows: [
        ["edge", "300", "1.23", "6.00", "0", "1.00", "1.00", "71", "8"],
        ["bare", "601", "1.23", "2.00", "0", "0.50", "3.00", "71", "8"],
      ],
      notes,
    },
  );
  const { columns, rows } = raceTable({
    ...{ figures, title: "A race", notes },
    names: "threads",
    columns: ["÷ 1 thread"],
  });
  assertEquals([columns, ...rows], [
    ["threads", "÷ 1 thread"],
    ["edge", "1.00"],
    ["bare", "2.00"],
  ]);
});

Deno.test("slicesNote() counts two slices a round", () => {
  const size = { rounds: 7, warmUpRounds: 8, phonesPerRound: 1000 };
  assertEquals(
    slicesNote(size, "payments", 64),
    "median of 14 interleaved slices of 1000 payments from 64 clients",
  );
});

Deno.test("startAndPay() pays at a server that it started", async () => {
  const { listeningMs, paidMs } = await startAndPay();
  assert(listeningMs > 0 && paidMs > listeningMs);
});
