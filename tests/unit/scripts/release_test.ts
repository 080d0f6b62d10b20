import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { InputError } from "../../../scripts/command.ts";
import { programOf } from "../../support/http/command.ts";
import { release } from "../../../scripts/release.ts";
import { ReleaseDesk } from "../../support/world/release_desk.ts";
import { startServer } from "../../support/world/server.ts";

/** Runs a command that is given as one line. */
const run = (line: string, env: Record<string, string> = {}) =>
  release(line.split(" "), (name) => env[name]);

/** That a command is refused with these words. */
const refuses = (line: string, says: string, env?: Record<string, string>) =>
  assertRejects(() => run(line, env), InputError, says);

/** A folder with two keys and a release that both signed; their public parts. */
async function twoSigners(folder: string) {
  const keys: string[] = [];
  for (const name of ["alice", "bob"]) {
    keys.push(await run(`keygen ${folder}/${name}.json`));
  }
  const built = await run(
    `build ${folder}/core --version 2 --not-after 2100-01-01T00:00:00Z`,
  );
  assertMatch(built, /^version 2, \d+ bytes, sha256 [0-9a-f]{64}$/);
  for (const [i, name] of ["alice", "bob"].entries()) {
    assertMatch(
      await run(`sign ${folder}/core --key ${folder}/${name}.json`),
      new RegExp(
        `^version 2, profiles 1 and 2, until 2100-01-01T00:00:00Z, sha256 [0-9a-f]{64}, ${
          i + 1
        } signatures$`,
      ),
    );
  }
  return keys;
}

/** An address that nobody listens on. */
function closedPort() {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  listener.close();
  return `http://127.0.0.1:${port}`;
}

/** That `status --watch` prints a line, and goes on. */
async function watches(
  env: Record<string, string>,
  line: string,
): Promise<void> {
  const args = ["status", "--watch"];
  const child = programOf("scripts/release.ts", args, {
    ...{ env, stderr: "inherit" },
  }).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while (!text.includes(line)) {
    const { value, done } = await reader.read();
    assert(!done, text);
    text += value;
  }
  child.kill("SIGTERM");
  await reader.cancel();
  assertEquals((await child.status).signal, "SIGTERM");
}

Deno.test("release makes keys, builds from source, is signed by two, and verifies", async () => {
  const folder = await Deno.makeTempDir({ prefix: "offcode-release-" });
  try {
    const keys = await twoSigners(folder);
    for (const key of keys) assertMatch(key, /^[\w-]{43}$/);
    const verified = await run(
      `verify ${folder}/core --keys ${keys} --threshold 2 --rebuild`,
    );
    assertMatch(
      verified,
      /^version 2, profiles 1 and 2, until 2100-01-01T00:00:00Z, sha256 /,
    );
    // Signing again changes nothing.
    assertMatch(
      await run(`sign ${folder}/core --key ${folder}/bob.json`),
      / 2 signatures$/,
    );
    const { mode } = await Deno.stat(`${folder}/alice.json`);
    assertEquals(mode! & 0o777, 0o600);
    // A key that is there is kept.
    await refuses(`keygen ${folder}/alice.json`, "is there already");
    assert(
      (await Deno.readTextFile(`${folder}/alice.json`)).includes(keys[0]!),
    );

    const other = await run(`keygen ${folder}/carol.json`);
    const verify = `verify ${folder}/core --keys`;
    await refuses(`${verify} ${other}`, "Refused: unknown-key");
    await refuses(
      `${verify} ${keys[0]},${other} --threshold 2`,
      "Refused: threshold",
    );

    // One key in 64 begins with a dash.
    const dashed = `-${"A".repeat(42)}`;
    await refuses(`${verify} ${dashed}`, "Refused: unknown-key");
    await refuses(`${verify} ${dashed} --threshold 1`, "Refused: unknown-key");
    const dashes = dashed.replace("A", "-");
    await refuses(`${verify} ${dashes}`, "use '--keys=-XYZ'");
    await refuses(`${verify}=${dashes}`, "Refused: unknown-key");
    await refuses(verify, "Option '--keys <value>' argument missing");

    const path = `${folder}/core/core.wasm`;
    const wasm = await Deno.readFile(path);
    await Deno.writeFile(path, wasm.slice(0, -1));
    await refuses(`${verify} ${keys}`, "Refused: hash");
    await refuses(
      `sign ${folder}/core --key ${folder}/carol.json`,
      "Not signed: hash",
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("release brings a signed core to a server, and back", async () => {
  const folder = await Deno.makeTempDir({ prefix: "offcode-release-" });
  try {
    const keys = await twoSigners(folder);
    await using server = await startServer({
      env: {
        OFFCODE_RELEASE_KEYS: keys.join(),
        OFFCODE_RELEASE_THRESHOLD: "2",
        OFFCODE_SHADOW_SECONDS: "0",
        OFFCODE_SHADOW_SEARCHES: "0",
      },
    });
    const env = {
      OFFCODE: `${server.origin}/`,
      OFFCODE_RELEASE_DESK_KEY: (await ReleaseDesk.open(server.api)).key,
    };
    assertEquals(await run("status", env), "No release was uploaded");
    const id = await run(`push ${folder}/core`, env);
    assertMatch(id, /^core_[0-9a-f]{32}$/);
    assertEquals(await run(`push ${folder}/core`, env), id);
    const line = (state: string) =>
      `version 2  ${state}  0 searches, 0 differences  ${id}`;
    await refuses(`activate ${id}`, "not-in-shadow-long-enough: ", env);
    assertEquals(await run(`shadow ${id}`, env), line("shadow"));
    assertEquals(await run(`activate ${id}`, env), line("active"));
    assertEquals(await run("status", env), line("active"));
    for (let i = 0; i < 2; i++) {
      assertEquals(
        await run(`rollback ${id}`, env),
        line("retired, rolled-back"),
      );
    }
    assertEquals(await run(`activate ${id}`, env), line("active"));
    await refuses(`retire ${id}`, "Refused: active: ", env);
    await refuses("shadow core_0", "Refused: not-found: ", env);
    await refuses("status", "Usage", { OFFCODE: server.origin });
    const away = closedPort();
    await refuses("status", "No answer from http://127.0.0.1:", {
      ...env,
      OFFCODE: away,
    });
    // What stands between may answer in the place of an edge.
    const texts = ["", "{}", "<h1>Bad Gateway</h1>"];
    await using proxy = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      () => new Response(texts.pop(), { status: 502 }),
    );
    const OFFCODE = `http://127.0.0.1:${proxy.addr.port}`;
    for (let i = 0; i < 3; i++) {
      await refuses("status", `No answer from ${OFFCODE}`, { ...env, OFFCODE });
    }
    assertEquals(texts, []);
    await watches(env, line("active"));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("release refuses what it is not told how to do", async () => {
  for (
    const line of [
      "",
      "toString",
      "sign",
      "verify",
      "keygen",
      "status x",
      "push a b",
    ]
  ) await refuses(line, "Usage");
  await refuses("build /nowhere --version 0", "--version must be");
  for (const time of ["", "2020-01-01T00:00:00Z", "2100-01-01", "later"]) {
    await refuses(
      `build /nowhere --version 1 --not-after=${time}`,
      "--not-after must be",
    );
  }
  await refuses("sign /nowhere --key /nowhere", "/nowhere holds no key");
  await refuses("verify /nowhere --keys a", "holds no core.wasm");
});
