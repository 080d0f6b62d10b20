import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  callAll,
  raceTable,
  slicesNote,
  VERIFICATION,
} from "../../../scripts/bench/kit/race.ts";
import { startAndPay } from "../../../scripts/bench/servers/start.ts";
import {
  raceEndpoint,
  raceFsync,
  RACES,
  raceServers,
} from "../../../scripts/bench/servers/suites.ts";
import { drive, requestBytes } from "../../../scripts/load/drive.ts";
import { serveHttp } from "../../support/http/server.ts";

Deno.test("callAll() sends every body once, from so many clients, and measures the answers", async () => {
  const seen: string[] = [];
  let open = 0;
  let most = 0;
  await using server = serveHttp(async (request) => {
    most = Math.max(most, ++open);
    const { pathname } = new URL(request.url);
    const key = request.headers.get("authorization");
    seen.push(`${request.method} ${pathname} ${key} ${await request.text()}`);
    open--;
    return new Response("x".repeat(1000));
  });
  const bodies = Array.from({ length: 100 }, (_, n) => ({ n, "é": "码" }));
  const call = { path: "/v1/x", status: 200, clients: 4 };
  const to = { origin: server.origin, key: ["k0", "k1"] };
  const { latenciesMs, seconds, answerBytes } = await callAll(call, to, bodies);
  assertEquals(latenciesMs.length, 100);
  assert(seconds * 1000 >= Math.max(...latenciesMs));
  assert(answerBytes > 100_000);
  assert(most <= 4);
  assertEquals(
    seen.toSorted(),
    bodies.map((body) =>
      `POST /v1/x Bearer k${body.n % 2} ${JSON.stringify(body)}`
    ).toSorted(),
  );
});

Deno.test("callAll() keeps to a rate, and fails at an answer that does not count", async () => {
  let count = 0;
  await using server = serveHttp(() =>
    new Response("", { status: ++count > 20 ? 409 : 200 })
  );
  const call = { path: "/v1/x", status: 200, clients: 4, perSecond: 200 };
  const to = { origin: server.origin, key: "k" };
  const bodies = new Array(20).fill({});
  const beganMs = performance.now();
  await callAll(call, to, bodies);
  // The last of twenty is due 95 ms after the first one.
  assert(performance.now() - beganMs >= 95);
  await assertRejects(
    () => callAll(call, to, bodies),
    Error,
    "answered 409, not 200 alone",
  );
});

/** What comes of a request that is answered with these bytes, piece by piece. */
async function answering(pieces: readonly string[]) {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const origin = `http://127.0.0.1:${(listener.addr as Deno.NetAddr).port}`;
  const serving = (async () => {
    using accepted = await listener.accept();
    listener.close();
    await accepted.read(new Uint8Array(1000));
    for (const piece of pieces) {
      await accepted.write(new TextEncoder().encode(piece));
      // The next piece waits until this one was acknowledged.
      await new Promise((resolve) => setTimeout(resolve));
    }
    accepted.closeWrite();
  })();
  const found: (string | number)[] = [];
  const shots = [{
    bytes: () => requestBytes({ origin, path: "/", key: "k", body: "{}" }),
    ended: (it: { status: number } | { fault: string }) =>
      void found.push("fault" in it ? it.fault : it.status),
  }];
  await drive({ origin, clients: 1, next: () => shots.pop() ?? null });
  await serving;
  return found;
}

Deno.test("drive() puts an answer together that comes in pieces, and tells one that it cannot measure", async () => {
  for (
    const [answer, found] of [
      [
        "HTTP/1.1 201 Created|\r\nContent-Le|ngth: 5\r\n\r|\n12|345",
        201,
      ],
      ["HTTP/1.1 200 OK\r\n\r\n", "answer-not-understood"],
      [
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        "answer-not-understood",
      ],
      [
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n1234",
        "connection-closed",
      ],
      ["", "connection-closed"],
    ] as const
  ) assertEquals(await answering(answer.split("|")), [found], answer);
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
      const redis = race.store === "sqlite" ? 0 : 1;
      assertEquals(it.storeCpuMicroseconds.length, redis);
      assert(it.storeCpuMicroseconds.every((us) => us > 0));
    }
  });
}

Deno.test("raceFsync() pays at an edge of each setting", async () => {
  const figures = await raceFsync({ rounds: 1, phonesPerRound: 10 });
  assertEquals(figures.map((it) => [it.name, it.requests]), [
    ["appendfsync always", 20],
    ["appendfsync everysec", 20],
    ["appendfsync no", 20],
  ]);
});

Deno.test("raceEndpoint() pays for merchants with and without an endpoint", async () => {
  const size = { rounds: 1, phonesPerRound: 10 };
  const figures = await raceEndpoint("sqlite", size);
  assertEquals(figures.map((it) => [it.name, it.requests]), [
    ["no endpoint", 20],
    ["an endpoint", 20],
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
    storeCpuMicroseconds: [5.2, 3.2],
    answerBytes: 300,
  };
  const bare = {
    ...{ ...edge, name: "bare", requestsPerSecond: 600.8, p99Ms: 2 },
    storeCpuMicroseconds: [],
  };
  assertEquals(raceTable("A race", [edge, bare], ["as it is"]), {
    title: "A race",
    columns: [
      ...["server", "req/s", "p50 ms", "p99 ms", "÷ first", "first ÷ this"],
      ...["p99 first ÷ this", "CPU µs", "Redis µs"],
    ],
    rows: [
      ["edge", "300", "1.23", "6", "1", "1", "1", "70.6", "8.4"],
      ["bare", "601", "1.23", "2", "2", "0.5", "3", "70.6", ""],
    ],
    notes: ["as it is"],
  });
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
