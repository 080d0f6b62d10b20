import { programOf } from "../../support/http/command.ts";
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { load } from "../../../scripts/load.ts";
import type { LoadReport } from "../../../scripts/load/report.ts";
import { until } from "../../../scripts/redis_server.ts";
import { startServer } from "../../support/world/server.ts";

const SMALL = [
  ...["--wallets", "50", "--tills", "4", "--merchants", "2"],
  ...["--rate", "20", "--seconds", "3"],
];

/** Runs the command in this process. */
async function run(args: readonly string[], adminKey?: string) {
  const written: string[] = [];
  const { signal } = new AbortController();
  const code = await load({
    ...{ args, adminKey, stop: signal, giveUp: signal, isTerminal: false },
    write: (text) => written.push(text),
    nowMs: () => performance.now(),
  });
  return { code, text: written.join("") };
}

/** The report in a folder; there is one run of them. */
async function reportIn(folder: string) {
  const names = Array.from(Deno.readDirSync(folder), (it) => it.name);
  assertEquals(names.map((it) => it.replace(/-\w{8}\./, ".")), ["load.json"]);
  const json = await Deno.readTextFile(`${folder}/${names[0]}`);
  return { json, report: JSON.parse(json) as LoadReport };
}

/** `deno task load` as a process. */
function start(args: readonly string[], adminKey: string) {
  const env = { OFFCODE_ADMIN_KEY: adminKey };
  return programOf("scripts/load.ts", args, { env, stderr: "inherit" }).spawn();
}

Deno.test("load pays at a real server, whose promises and books hold, and reports it", async () => {
  await using server = await startServer();
  const out = `${server.folder}/reports`;
  const child = start([
    ...["--server", server.origin, "--out", out, ...SMALL],
    ...[
      "--repeats",
      "10",
      "--queries",
      "10",
      "--reversals",
      "10",
      "--bad",
      "2",
    ],
  ], server.api.adminKey);
  const { code, stdout } = await child.output();
  const text = new TextDecoder().decode(stdout);
  assertEquals(code, 0, text);
  const { json, report } = await reportIn(out);
  assertEquals(
    [
      report.requests.planned,
      report.requests.ended,
      report.requests.unexpected,
    ],
    [60, 60, 0],
  );
  assertEquals(report.answers.reduce((sum, it) => sum + it.count, 0), 60);
  assertEquals(
    report.answers.find((it) => it.kind === "bad")?.answer,
    "422 code-not-accepted",
  );
  const { books } = report;
  assertEquals(books.accounts, 50);
  assert(
    books.paidMinor > 0 &&
      books.beforeMinor - books.afterMinor === books.paidMinor,
  );
  assertEquals(report.checks.map((it) => it.holds), new Array(6).fill(true));
  for (
    const part of [
      "All 6 checks hold",
      "201 succeeded",
      "The books agree",
      `${out}/load-${report.run}.json`,
    ]
  ) {
    assertStringIncludes(text, part);
  }
  // Neither keys nor codes are in what is kept or printed.
  for (const kept of [json, text]) {
    assert(
      !kept.includes(server.api.adminKey) &&
        !/ock_|\b90\d{14,22}\b|"seed/.test(kept),
    );
  }
  // The wallets of a run are put out of service behind it.
  const revoked = server.output().split(`"route":"/v1/enrolments/:id"`).length -
    1;
  assertEquals(revoked, 50);
});

/** A real server, seen through one that lies about some answers. */
async function startLiar(
  lie: (path: string, answer: Response) => Response | Promise<Response>,
) {
  const server = await startServer();
  const liar = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      const { pathname, search } = new URL(request.url);
      const body = await request.text();
      const answer = await fetch(server.origin + pathname + search, {
        method: request.method,
        headers: request.headers,
        ...(body !== "" && { body }),
      });
      return lie(pathname, answer);
    },
  );
  return {
    origin: `http://127.0.0.1:${liar.addr.port}`,
    adminKey: server.api.adminKey,
    folder: server.folder,
    async [Symbol.asyncDispose]() {
      await liar.shutdown();
      await server[Symbol.asyncDispose]();
    },
  };
}

Deno.test("load ends with 1 at a server that pays an order twice", async () => {
  await using liar = await startLiar(async (path, answer) => {
    if (path !== "/v1/payments" || answer.status !== 200) return answer;
    const paid = await answer.json();
    if (paid.repeat !== true) return Response.json(paid);
    const { repeat: _, ...again } = paid;
    return Response.json({ ...again, payment_id: "pay_another" }, {
      status: 201,
    });
  });
  const out = `${liar.folder}/reports`;
  const { code, text } = await run(
    ["--server", liar.origin, "--out", out, "--repeats", "30", ...SMALL],
    liar.adminKey,
  );
  assertEquals(code, 1, text);
  const { report } = await reportIn(out);
  assertEquals(report.checks.filter((it) => !it.holds).map((it) => it.name), [
    "No order was paid twice",
  ]);
  assert(
    /Order \w+-\d+ was paid as pay_\w+ and answered again with 201 as paid pay_another/
      .test(text),
  );
  assertStringIncludes(text, "1 of 6 checks fail");
  assertStringIncludes(text, "FAILED  No order was paid twice.");
});

Deno.test("load ends with 1 at a server whose books do not agree, and which pays wrong codes", async () => {
  let paid = 0;
  const instead = async (answer: Response, body: unknown, status = 200) => {
    await answer.body?.cancel();
    return Response.json(body, { status });
  };
  await using liar = await startLiar((path, answer) => {
    // From the first payment on, every account is as it was.
    if (path.startsWith("/v1/admin/sandbox/") && paid > 0) {
      return instead(answer, { balance_minor: 1_000_000, currency: "EUR" });
    }
    if (path !== "/v1/payments") return answer;
    paid++;
    const body = { payment_id: "pay_of_nobody", status: "succeeded" };
    return answer.status === 422 ? instead(answer, body, 201) : answer;
  });
  const out = `${liar.folder}/reports`;
  const { code, text } = await run(
    ["--server", liar.origin, "--out", out, "--bad", "2", ...SMALL],
    liar.adminKey,
  );
  assertEquals(code, 1, text);
  const { report } = await reportIn(out);
  assertEquals(report.checks.filter((it) => !it.holds).map((it) => it.name), [
    "No wrong code was accepted",
    "The books agree",
  ]);
  assert(
    /^load-\w+-\d+ holds 1000000, not 999\d{3}$/.test(
      report.checks.at(-1)!.examples[0]!,
    ),
  );
});

Deno.test("load that fails while it enrols revokes whom it has enrolled, and says so", async () => {
  let enrolled = 0;
  let revoked = 0;
  let suspended = 0;
  await using liar = await startLiar(async (path, answer) => {
    if (path.startsWith("/v1/enrolments/") && answer.status === 204) revoked++;
    if (path.startsWith("/v1/admin/merchants/") && answer.ok) suspended++;
    if (path !== "/v1/enrolments" || ++enrolled !== 20) return answer;
    await answer.body?.cancel();
    return Response.json({ code: "internal" }, { status: 500 });
  });
  const out = `${liar.folder}/reports`;
  const { code, text } = await run(
    ["--server", liar.origin, "--out", out, ...SMALL],
    liar.adminKey,
  );
  assertEquals(code, 2, text);
  assertStringIncludes(text, "/v1/enrolments answered 500 internal");
  // Those that were under way as well; of the lost one nobody can know.
  assert(enrolled >= 20);
  assertStringIncludes(text, `Revoked ${enrolled - 1} wallets\n`);
  assertEquals([revoked, suspended], [enrolled - 1, 2]);
});

Deno.test("load ended by hand reports what was done, and settles it", async () => {
  await using server = await startServer();
  const out = `${server.folder}/reports`;
  const child = start([
    ...["--server", server.origin, "--out", out, "--wallets", "50"],
    ...[
      "--tills",
      "4",
      "--rate",
      "2",
      "--seconds",
      "60",
    ],
  ], server.api.adminKey);
  let text = "";
  for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    if (!chunk.includes("Paying")) continue;
    const isPaying = () => server.output().includes('"route":"/v1/payments"');
    await until(isPaying, "Nothing is paid");
    child.kill("SIGINT");
  }
  assertEquals((await child.status).code, 130, text);
  const { report } = await reportIn(out);
  assert(
    report.endedEarly && report.requests.ended >= 1 &&
      report.requests.ended < 120,
  );
  assertEquals(report.checks.every((it) => it.holds), true);
  assertStringIncludes(text, "ended early, by hand");
});

Deno.test("load says what keeps it from running, and ends with 2", async () => {
  const nobody = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = nobody.addr as Deno.NetAddr;
  nobody.close();
  await using other = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    () => new Response("<html>hello"),
  );
  await using server = await startServer({
    env: {
      OFFCODE_LEDGER: "http://127.0.0.1:9",
      OFFCODE_LEDGER_SECRET:
        "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
    },
  });
  const { adminKey } = server.api;
  for (
    const [args, key, says] of [
      [["--server", "https://pay.example"], adminKey, "--i-own-this-server"],
      [["--rate", "9000"], adminKey, "--wallets must be 60032 at least"],
      [["--server", `http://127.0.0.1:${port}`], adminKey, "does not answer"],
      [
        ["--server", `http://127.0.0.1:${other.addr.port}`],
        adminKey,
        "is not Offcode",
      ],
      [
        ["--server", server.origin],
        "x".repeat(40),
        "does not take this admin key",
      ],
      [["--server", server.origin], adminKey, "has no sandbox ledger"],
    ] as const
  ) {
    const { code, text } = await run(args, key);
    assertEquals(code, 2, text);
    assertStringIncludes(text, says);
  }
  const help = await run(["--help"]);
  assertEquals(help.code, 0);
  assertStringIncludes(help.text, "Usage: deno task load");
});
