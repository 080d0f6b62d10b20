import { assert, assertEquals, assertRejects } from "@std/assert";
import { runLoad } from "../../../scripts/bench/kit/load.ts";
import {
  raceTable,
  slicesNote,
  VERIFICATION,
} from "../../../scripts/bench/kit/race.ts";
import { startAndPay } from "../../../scripts/bench/servers/start.ts";
import {
  RACES,
  raceServers,
  raceThreads,
} from "../../../scripts/bench/servers/suites.ts";
import { HttpConnection, requestBytes } from "../../../scripts/load/drive.ts";
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
  assertEquals((await server.connection.exchange(REQUEST)).status, 201);
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
    await assertRejects(() => server.connection.exchange(REQUEST), Error, says);
  }
});

for (const [name, race] of Object.entries(RACES)) {
  Deno.test(`raceServers() gets the expected answer for every request of ${name}, from the edge and from the bare handlers`, async () => {
    const size = { rounds: 1, phonesPerRound: 10 };
    const figures = await raceServers({ ...race, size });
    assertEquals(
      figures.map((it) => [it.name, it.requests]),
      [`POST ${race.call.path}`, ...Object.keys(race.bare)]
        .map((it) => [it, 20]),
    );
    for (const it of figures) {
      assert(it.requestsPerSecond > 0 && it.p50Ms > 0 && it.p99Ms >= it.p50Ms);
      assert(it.cpuMicroseconds > 0);
      assertEquals(it.storeCpuMicroseconds > 0, race.store !== "sqlite");
    }
  });
}

Deno.test("raceThreads() gets 200 for every request on one thread and on two", async () => {
  const figures = await raceThreads({ rounds: 1, phonesPerRound: 10 });
  assertEquals(figures.map((it) => [it.name, it.requests]), [
    ["1 thread", 20],
    ["2 threads", 20],
  ]);
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
  assertEquals(
    raceTable(
      [edge, bare],
      ["req/s", "p50 ms", "first ÷ this", "p99 first ÷ this"],
      { title: "A race", notes: ["as it is"] },
    ),
    {
      title: "A race",
      columns: [
        ...["server", "req/s", "p50 ms"],
        ...["first ÷ this", "p99 first ÷ this"],
      ],
      rows: [
        ["edge", "300", "1.23", "1.00", "1.00"],
        ["bare", "601", "1.23", "0.50", "3.00"],
      ],
      notes: ["as it is"],
    },
  );
  const about = { title: "A race", notes: [] };
  const columns = ["÷ first", "p99 ms", "CPU µs", "Redis µs"] as const;
  assertEquals(raceTable([edge, bare], columns, about).rows, [
    ["edge", "1.00", "6.00", "71", "8"],
    ["bare", "2.00", "2.00", "71", "8"],
  ]);
});

Deno.test("slicesNote() counts two slices a round", () => {
  const size = { rounds: 7, warmUpRounds: 8, phonesPerRound: 1000 };
  assertEquals(
    slicesNote(size, VERIFICATION),
    "median of 14 interleaved slices of 1000 verifications from 32 clients",
  );
});

Deno.test("startAndPay() pays at a server that it started", async () => {
  const { listeningMs, paidMs } = await startAndPay();
  assert(listeningMs > 0 && paidMs > listeningMs);
});
