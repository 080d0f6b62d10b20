import { assert, assertEquals, assertMatch } from "@std/assert";
import { inParallel } from "../../scripts/parallel.ts";
import { killOnceItSays, programOf, saidBy } from "../support/http/command.ts";
import { serveHttp } from "../support/http/server.ts";
import { startServer } from "../support/world/server.ts";
import { makeDevice } from "../support/world/wallet.ts";

/** Starts the task with lines as its input. */
function start(origin: string, key: string, cwd: string, lines: string[]) {
  const child = programOf("scripts/enrol.ts", [], {
    ...{ cwd, stdin: "piped" },
    env: { OFFCODE: origin, OFFCODE_WALLET_KEY: key },
  }).spawn();
  const writer = child.stdin.getWriter();
  const input = new TextEncoder().encode(lines.join("\n") + "\n");
  writer.write(input).then(() => writer.close()).catch(() => {});
  return child;
}

async function finish(child: Deno.ChildProcess) {
  const { code, err: said } = await saidBy(child);
  return { code, said };
}

async function makeLines(count: number): Promise<string[]> {
  const { publicJwk: device_key } = await makeDevice();
  return Array.from({ length: count }, (_, i) =>
    JSON.stringify({
      ...{ account_id: `account-${i}`, device_id: `phone-${i}`, device_key },
    }));
}

// deno-lint-ignore no-explicit-any
async function outcomes(folder: string): Promise<any[]> {
  const text = await Deno.readTextFile(`${folder}/enrolled.ndjson`);
  return text.trimEnd().split("\n").map((line) => JSON.parse(line));
}

async function withFolder(test: (folder: string) => Promise<void>) {
  const folder = await Deno.makeTempDir({ prefix: "offcode-enrol-" });
  try {
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("the enrol task goes on after a kill, and names the one live credential of every account", () =>
  withFolder(async (folder) => {
    await using server = await startServer();
    const { api } = server;
    const key = await api.walletKey();
    const lines = await makeLines(1_000);
    const child = start(server.origin, key, folder, lines);
    const path = `${folder}/enrolled.ndjson`;
    // After the first call's outcomes, in the middle of another.
    await killOnceItSays(child, "%");
    const before = await outcomes(folder);
    assert(before.length < 1_000, `${before.length}`);
    // As a kill in the middle of a write would leave it.
    await Deno.writeTextFile(path, '{"line":9', { append: true });

    const { code, said } = await finish(
      start(server.origin, key, folder, lines),
    );
    assertEquals(code, 0, said);
    assertMatch(
      said,
      new RegExp(
        `^${before.length} lines were done before, 0 of them refused\n`,
      ),
    );
    assertMatch(
      said,
      new RegExp(`${1_000 - before.length} enrolled, 0 refused`),
    );
    const all = await outcomes(folder);
    assertEquals(all.slice(0, before.length), before);
    const accounts = all.map((it) => [it.line, it.status, it.account_id]);
    assertEquals(
      accounts.sort(([a], [b]) => a - b),
      lines.map((_, i) => [i + 1, 201, `account-${i}`]),
    );
    await inParallel(all.length, async (n) => {
      const path = `/v1/enrolments/${all[n].credential_id}`;
      const { status } = await api.must(200, "GET", path, { key });
      assertEquals(status, "active");
    });
    assertEquals((await Deno.stat(path)).mode! & 0o777, 0o600);
  }));

Deno.test("the enrol task keeps what was refused, and says so by its exit code", () =>
  withFolder(async (folder) => {
    await using server = await startServer();
    const key = await server.api.walletKey();
    const [first] = await makeLines(1);
    const run = (lines: string[], it = key) =>
      finish(start(server.origin, it, folder, lines));
    const { code, said } = await run([first!, "no json"]);
    assertEquals(code, 1);
    assertMatch(said, /1 enrolled, 1 refused/);
    const [, refused] = await outcomes(folder);
    assertEquals([refused.line, refused.code], [2, "malformed-request"]);
    // Nothing is left to do, and the line is refused all the same.
    const again = await run([first!, "no json"]);
    assertEquals(again.code, 1);
    assertMatch(again.said, /^2 lines were done before, 1 of them refused\n/);
    assertMatch(again.said, /0 enrolled, 0 refused/);

    const twice = await run([first!, "x", first!]);
    assertEquals(twice, {
      code: 2,
      said: "Line 3 has the account_id of line 1\n",
    });
    const stranger = await run([first!, "x", "y"], "no-key");
    assertEquals(stranger.code, 2);
    assertMatch(
      stranger.said,
      /The server refused the call: not-authenticated/,
    );
  }));

Deno.test("the enrol task refuses an input that is not the one whose outcomes are in the file", () =>
  withFolder(async (folder) => {
    await using server = await startServer();
    const key = await server.api.walletKey();
    const lines = await makeLines(3);
    const run = (lines: string[]) =>
      finish(start(server.origin, key, folder, lines));
    assertEquals((await run(lines)).code, 0);
    const before = await outcomes(folder);
    const [first, second, third] = lines;
    for (
      const [other, line] of [
        [[first!, third!, second!], 2],
        [[first!, "no json", third!], 2],
        [[first!, second!, third!.replace("phone-2", "phone-9")], 3],
        [[first!, second!], 3],
      ] as const
    ) {
      assertEquals(await run([...other]), {
        code: 2,
        said: `Line ${line} of the input is not the one that enrolled.ndjson ` +
          "tells of: name another file with --out\n",
      });
    }
    assertEquals(await outcomes(folder), before);
  }));

Deno.test("the enrol task sends lines again whose answer was lost or not final", () =>
  withFolder(async (folder) => {
    const calls: number[][] = [];
    await using server = serveHttp(async (request) => {
      const lines = (await request.text()).trimEnd().split("\n");
      calls.push(lines.map((it) => JSON.parse(it).n));
      const say = (...status: number[]) =>
        new Response(
          status.map((it, i) =>
            `${JSON.stringify({ line: i + 1, status: it })}\n`
          )
            .join(""),
        );
      switch (calls.length) {
        case 1:
          return new Response(null, { status: 503 });
        case 2:
          return say(201, 503); // The third line is missing.
        default:
          return say(...lines.map(() => 201));
      }
    });
    const lines = [1, 2, 3].map((n) => JSON.stringify({ n }));
    const { code, said } = await finish(
      start(server.origin, "key", folder, lines),
    );
    assertEquals(code, 0, said);
    assertEquals(calls, [[1, 2, 3], [1, 2, 3], [2, 3]]);
    const told = (await outcomes(folder)).map((it) => [it.line, it.status]);
    assertEquals(told, [[1, 201], [2, 201], [3, 201]]);
  }));
