import { assert, assertEquals } from "@std/assert";
import { createLog } from "../../edge/base/log.ts";
import { type Store, StoreUnavailableError } from "../../edge/store/store.ts";
import { NOON_MS, startApp, TestClock } from "../support/world/app.ts";
import { FaultyStore } from "../support/store/faulty_store.ts";
import {
  assertSilent,
  MASTER_KEY,
  play,
  Scenario,
} from "../support/world/privacy/privacy_scenario.ts";
import { makeDevice } from "../support/world/wallet.ts";
import { startServer } from "../support/world/server.ts";
import { leaks } from "../support/world/privacy/privacy_scan.ts";

Deno.test("the scanner finds a secret in every dress", () => {
  const seed = crypto.getRandomValues(new Uint8Array(32));
  const key = `ock_test_${"aZ0-_".repeat(8)}abc`;
  const code = "901004201234567890";
  const secrets = [
    { name: "seed", value: seed },
    { name: "key", value: key },
    { name: "code", value: code },
    { name: "tag", value: code.slice(7) },
  ];
  const lines: string[] = [];
  const log = createLog({
    clock: new TestClock(NOON_MS),
    write: (line) => lines.push(line),
  });
  const logged = (...args: Parameters<typeof log>) => {
    lines.length = 0;
    log(...args);
    return lines.join("\n");
  };
  const dressed: [string, string[]][] = [
    [Deno.inspect(seed), ["seed"]],
    [JSON.stringify({ seed: [...seed] }), ["seed"]],
    [`${[...seed].map((b) => b.toString(16).padStart(2, "0")).join(" ")}`, [
      "seed",
    ]],
    [btoa(`xy${String.fromCharCode(...seed)}z`), ["seed"]],
    [Deno.inspect({ nested: { key } }), ["key"]],
    [JSON.stringify(JSON.stringify({ key })), ["key"]],
    [btoa(`Authorization: ${key}`), ["key"]],
    [logged("error", "x", { code }), ["code", "tag"]],
    [logged("error", `at /v1/payments?code=${code}`), ["code", "tag"]],
    [logged("info", "x", { list: [code] }), ["code", "tag"]],
    ["9010 0420 1234 5678 90", ["code", "tag"]],
    ["90-1-0042-01234567890", ["code", "tag"]],
    [`the tag ${code.slice(7)}`, ["tag"]],
    ["nothing but 90100420 and 1234567890 apart", []],
  ];
  for (const [text, names] of dressed) {
    assertEquals(leaks(text, secrets), names, text);
  }
});

Deno.test("a server process tells no secret, neither in its output nor in its errors", async () => {
  for (const workers of [1, 2]) {
    await using server = await startServer({
      workers,
      env: { OFFCODE_CALLBACKS_INSECURE: "1" },
    });
    const scenario = new Scenario(server.api);
    const { pay, verify, bob } = await play(scenario, Date.now());
    // Another program's file stands where the store was.
    const data = `${server.folder}/data`;
    await Deno.rename(data, `${data}-away`);
    await Deno.mkdir(data);
    await Deno.writeTextFile(`${data}/offcode.db`, bob.code(0).repeat(100));
    for (let i = 0; i < 4; i++) {
      const answers = [
        await pay(bob.code(0), "order-7"),
        await verify(bob.code(0), "ref-7"),
      ];
      assertEquals(answers.map(({ status }) => status), [503, 503]);
    }
    // What is no HTTP at all.
    const { hostname, port } = new URL(server.origin);
    const connection = await Deno.connect({ hostname, port: Number(port) });
    await connection.write(new TextEncoder().encode(
      `${bob.code(0)} /${bob.code(0)} HTTP/9.9\r\n${bob.code(0)}\r\n\r\n`,
    ));
    await new Response(connection.readable).text();

    assert(scenario.problems > 30);
    await server.kill("SIGTERM");
    const said = server.output();
    assert(said.includes('"message":"store unavailable"'));
    assert(said.includes('"problem":"code-replayed"'));
    assertSilent(scenario, said);
  }
});

Deno.test("an application tells no secret, whatever the store throws", async () => {
  let faulty!: FaultyStore;
  let bug: ((what: unknown) => Error) | null = null;
  await using app = await startApp({
    masterKeys: `test:${btoa(String.fromCharCode(...MASTER_KEY))}`,
    wrapStore(opened) {
      faulty = new FaultyStore(opened);
      // As drivers do: the whole command stands in the error's text.
      const throwing =
        <A>(run: (argument: A) => Promise<unknown>) => async (argument: A) => {
          if (bug !== null) throw bug(argument);
          return await run(argument);
        };
      return {
        read: throwing((it) => faulty.read(it)),
        range: throwing((it) => faulty.range(it)),
        txn: throwing((it) => faulty.txn(it)),
        timeMs: () => faulty.timeMs(),
        close: () => faulty.close(),
      } as Store;
    },
  });
  const scenario = new Scenario(app.api);
  const { pay, verify, wallet, bob } = await play(scenario, app.clock.ms);
  const device = await makeDevice();
  const code = bob.code(0);
  const fail = async () => {
    const answers = [
      await pay(code, "order-7"),
      await verify(code, "ref-7"),
      await scenario.call("POST", "/v1/enrolments", {
        key: wallet,
        body: {
          account_id: "carol",
          device_id: "phone-c",
          device_key: device.publicJwk,
        },
      }),
    ];
    for (const { status, body } of answers) {
      assertEquals([status, body.code], [503, "store-unavailable"]);
    }
  };
  faulty.plan({ at: 0, mode: "before", onwards: true });
  await fail();
  faulty.plan();
  for (
    const thrown of [
      (text: string) =>
        new StoreUnavailableError("refused", { cause: new Error(text) }),
      (text: string) => new Error(text),
      (text: string) => new TypeError(`${text}\n    at ${text}\n${text}`),
      (text: string) => Object.assign(new Error("x"), { command: text }),
    ]
  ) {
    bug = (what) => thrown(JSON.stringify([what, code, bob.code(0)]));
    await fail();
  }
  bug = null;
  assert(scenario.problems > 30);
  const said = app.logged.join("\n");
  assert(said.includes('"message":"unexpected error"'));
  assert(said.includes('"message":"store unavailable"'));
  assertSilent(scenario, said);
});
