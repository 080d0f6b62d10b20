import { LimitedCommand } from "../../support/http/command.ts";
import { assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import {
  newDeviceKey,
  openEnrolment,
  publicPart,
} from "../../../scripts/device.ts";
import { NOON_MS, startApp } from "../../support/world/app.ts";
import { codeAt } from "../../support/world/wallet.ts";

const ROOT = new URL("../../../", import.meta.url).pathname;

/** A folder in which somebody runs `deno task device`. */
class Desk implements AsyncDisposable {
  private constructor(readonly folder: string) {}

  static async open(): Promise<Desk> {
    return new Desk(await Deno.makeTempDir({ prefix: "offcode-device-" }));
  }

  async device(args: readonly string[], input?: string) {
    const child = new LimitedCommand(Deno.execPath(), {
      args: [
        ...["run", "-A", "--frozen", "--config", `${ROOT}deno.json`],
        ...[`${ROOT}scripts/device.ts`, ...args],
      ],
      cwd: this.folder,
      env: { NO_COLOR: "1" },
      stdin: input === undefined ? "null" : "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    if (input !== undefined) {
      // Whoever refuses early does not read to the end.
      await new Response(input).body!.pipeTo(child.stdin).catch(() => {});
    }
    const { code, stdout, stderr } = await child.output();
    const text = new TextDecoder();
    return { code, out: text.decode(stdout), err: text.decode(stderr) };
  }

  async mode(path: string): Promise<number> {
    return (await Deno.stat(`${this.folder}/${path}`)).mode! & 0o777;
  }

  // deno-lint-ignore no-explicit-any
  async json(path: string): Promise<any> {
    return JSON.parse(await Deno.readTextFile(`${this.folder}/${path}`));
  }

  async files(path: string): Promise<string[]> {
    const names: string[] = [];
    for await (const { name } of Deno.readDir(`${this.folder}/${path}`)) {
      names.push(name);
    }
    return names.sort();
  }

  async [Symbol.asyncDispose]() {
    await Deno.remove(this.folder, { recursive: true });
  }
}

/** An answer as the API gives it, and the text of the seed's JSON in it. */
async function enrolled(key: unknown): Promise<string> {
  await using app = await startApp();
  return JSON.stringify(
    await app.api.must(201, "POST", "/v1/enrolments", {
      key: await app.api.walletKey(),
      body: { account_id: "alice", device_id: "phone-1", device_key: key },
    }),
  );
}

Deno.test("device key makes one key pair, keeps it private and prints the public part", async () => {
  await using desk = await Desk.open();
  const first = await desk.device(["key"]);
  assertEquals([first.code, first.err], [0, ""]);
  const kept = await desk.json("data/device.jwk");
  const { kty, crv, x, y } = kept;
  assertEquals(first.out, JSON.stringify({ kty, crv, x, y }) + "\n");
  assertMatch(kept.d, /^[\w-]{43}$/);
  assertEquals(await desk.mode("data/device.jwk"), 0o600);
  assertEquals(await desk.device(["key"]), first);
  assertEquals(await desk.files("data"), ["device.jwk"]);
});

Deno.test("device key prints nothing but the key when it runs as a task in a command", async () => {
  await using desk = await Desk.open();
  const { stdout } = await new LimitedCommand("bash", {
    args: [
      "-c",
      `printf '%s' "{\\"device_key\\":$(deno task -q device key --key "$KEY")}"`,
    ],
    cwd: ROOT,
    env: {
      KEY: `${desk.folder}/phone.jwk`,
      PATH: `${Deno.execPath().replace(/\/[^/]*$/, "")}:${
        Deno.env.get("PATH")
      }`,
    },
  }).output();
  const { x } = await desk.json("phone.jwk");
  const { device_key } = JSON.parse(new TextDecoder().decode(stdout));
  assertEquals(device_key.x, x);
  assertEquals(Object.keys(device_key), ["kty", "crv", "x", "y"]);
});

Deno.test("device key gives several that start at once the same key", async () => {
  await using desk = await Desk.open();
  const runs = await Promise.all(
    Array.from({ length: 4 }, () => desk.device(["key"])),
  );
  assertEquals(runs.map((it) => it.code), [0, 0, 0, 0]);
  assertEquals(new Set(runs.map((it) => it.out)).size, 1);
  assertEquals(await desk.files("data"), ["device.jwk"]);
});

Deno.test("device open keeps a seed whose codes are accepted and prints none of it", async () => {
  await using app = await startApp();
  await using desk = await Desk.open();
  const key = await app.api.walletKey();
  const { out: publicKey } = await desk.device(["key"]);
  const answer = await app.api.must(201, "POST", "/v1/enrolments", {
    key,
    body:
      `{"account_id":"alice","device_id":"phone-1","device_key":${publicKey}}`,
  });

  const opened = await desk.device(["open"], JSON.stringify(answer));
  const seed = await desk.json("data/seed.json");
  assertEquals([opened.code, opened.err], [0, ""]);
  assertEquals(
    opened.out,
    `The seed of alice on phone-1 is in data/seed.json, good until ${answer.expires_at}.
Only you may read it. Whoever has it can pay as alice.

Show a payment code:  deno task code data/seed.json
`,
  );
  assertEquals(await desk.mode("data/seed.json"), 0o600);
  assertEquals(await desk.files("data"), ["device.jwk", "seed.json"]);
  assertEquals(seed.credential_id, answer.credential_id);
  const { status, body } = await app.api.verify(
    key,
    codeAt(seed, NOON_MS),
    "ref",
  );
  assertEquals([status, body.account_id], [200, "alice"]);
});

Deno.test("device open says how to go on, and that works", async () => {
  await using desk = await Desk.open();
  const { out: publicKey } = await desk.device(["key"]);
  const { out } = await desk.device(
    ["open"],
    await enrolled(JSON.parse(publicKey)),
  );
  const [, task, file] = /deno task (\w+) (\S+)\n$/.exec(out)!;
  const seed = await desk.json(file!);
  const { code, stdout } = await new LimitedCommand(Deno.execPath(), {
    args: ["task", "-q", task!, `${desk.folder}/${file}`, "--at", "1768478400"],
    cwd: ROOT,
    env: { NO_COLOR: "1" },
  }).output();
  const [digits] = new TextDecoder().decode(stdout).split("\n");
  assertEquals([code, digits], [0, codeAt(seed, NOON_MS)]);
});

Deno.test("device open puts another seed into a file of its own choice, private also where one lay open", async () => {
  await using desk = await Desk.open();
  const { out: publicKey } = await desk.device(["key", "--key", "two.jwk"]);
  await Deno.writeTextFile(`${desk.folder}/two.json`, "old", { mode: 0o644 });
  const { code, out } = await desk.device(
    ["open", "--key", "two.jwk", "--out", "two.json"],
    await enrolled(JSON.parse(publicKey)),
  );
  assertEquals(code, 0);
  assertMatch(out, /deno task code two\.json\n$/);
  assertEquals(await desk.mode("two.json"), 0o600);
  assertMatch((await desk.json("two.json")).seed, /^[\w-]{43}$/);
  assertEquals(await desk.files("."), ["two.json", "two.jwk"]);
});

Deno.test("device open says what is wrong, keeps no file and shows nothing secret", async (t) => {
  const key = await newDeviceKey();
  const answer = await enrolled(publicPart(key));
  const { seed } = await openEnrolment(answer, key);
  const other = await enrolled(publicPart(key));
  const problem = {
    ...{ type: "/problems/malformed-request", status: 400 },
    code: "malformed-request",
  };
  const cases: [string, string, RegExp][] = [
    ["nothing", "", /is not JSON/],
    ["text", "<html>", /is not JSON/],
    ["null", "null", /has no seed_jwe/],
    ["something else", '{"merchant_id":"mer_1"}', /has no seed_jwe/],
    ["a problem", JSON.stringify(problem), /refused \(malformed-request\)/],
    [
      "a name that steers the terminal",
      answer.replace("alice", "\\u001b[2J"),
      /has no seed_jwe/,
    ],
    [
      "a seed for another key",
      await enrolled(publicPart(await newDeviceKey())),
      /does not open seed_jwe/,
    ],
    [
      "a changed seed",
      answer.replace(/.{8}"}$/, 'AAAAAAAA"}'),
      /does not open/,
    ],
    [
      "another enrolment's seed",
      answer.replace(/cred_\w+/, JSON.parse(other).credential_id),
      /belongs to another enrolment/,
    ],
    [
      "another device's seed",
      answer.replace('"phone-1"', '"phone-2"'),
      /belongs to another enrolment/,
    ],
  ];
  await using desk = await Desk.open();
  await Deno.writeTextFile(`${desk.folder}/key.jwk`, JSON.stringify(key));
  for (const [name, input, says] of cases) {
    await t.step(name, async () => {
      const run = await desk.device(["open", "--key", "key.jwk"], input);
      assertEquals([run.code, run.out], [1, ""]);
      assertMatch(run.err, says);
      assertEquals(run.err.trimEnd().split("\n").length, 1);
      for (const secret of [key.d, seed.seed]) {
        assertEquals(run.err.includes(secret), false);
      }
      assertEquals(await desk.files("."), ["key.jwk"]);
    });
  }
});

Deno.test("device says what is wrong with the key file", async () => {
  await using desk = await Desk.open();
  const missing = await desk.device(["open"], "{}");
  assertEquals(missing.code, 1);
  assertMatch(
    missing.err,
    /no data\/device\.jwk: `deno task device key` makes/,
  );
  const { d: _, ...publicOnly } = await newDeviceKey();
  for (const content of ["", "[]", "null", JSON.stringify(publicOnly)]) {
    await Deno.writeTextFile(`${desk.folder}/key.jwk`, content);
    const { code, out, err } = await desk.device(["key", "--key", "key.jwk"]);
    assertEquals([code, out], [1, ""]);
    assertMatch(err, /^key\.jwk holds no private P-256 key: move it away/);
  }
  const { code, err } = await desk.device(["key", "--key", "."]);
  assertEquals([code, err.trimEnd().split("\n").length], [1, 1]);
});

Deno.test("device tells how it is used when it is used another way", async () => {
  await using desk = await Desk.open();
  const wrong = [[], ["keys"], ["key", "open"], ["key", "--out", "x"], [
    "open",
    "--seed",
  ]];
  for (const args of wrong) {
    const { code, out, err } = await desk.device(args);
    assertEquals([code, out], [2, ""]);
    assertMatch(err, /^Usage:\n {2}deno task device key/);
  }
  assertEquals(await desk.files("."), []);
});

Deno.test("newDeviceKey() makes another key each time", async () => {
  assertNotEquals((await newDeviceKey()).d, (await newDeviceKey()).d);
});
