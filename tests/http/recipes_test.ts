/**
 * The recipes of the merchants' page run as they stand there, in every language: each
 * program pays, loses a reply, asks, waits, reverses, refunds, exchanges its key and
 * verifies a callback at one server.
 */
import { assert, assertEquals } from "@std/assert";
import { encodeBase64 } from "@std/encoding/base64";
import { Webhook } from "standardwebhooks";
import { LimitedCommand } from "../support/http/command.ts";
import { serveHttp } from "../support/http/server.ts";
import { TcpProxy } from "../support/http/tcp_proxy.ts";
import { TestClock } from "../support/world/app.ts";
import { openWorld } from "../support/world/world.ts";

const ROOT = new URL("../../", import.meta.url).pathname;

/** The blocks of a heading of the page, joined or one by one. */
async function recipesIn(language: string): Promise<string[]> {
  const page = await Deno.readTextFile(`${ROOT}edge/MERCHANTS.md`);
  const [, recipes = ""] = page.split(/^## Recipes$/m);
  const [own = ""] = recipes.split(/^## /m);
  const blocks = [...own.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)];
  return blocks.filter(([, name]) => name === language).map(([, , it]) => it!);
}

/** Where a program is written, and the commands that build and run it. */
interface Language {
  /** As a block names it. */
  readonly block: string;
  /** The files that the blocks go to; one file takes all of them. */
  readonly files: readonly string[];
  readonly commands: readonly (readonly string[])[];
}

const LANGUAGES: readonly Language[] = [
  { block: "sh", files: ["r.sh"], commands: [["bash", "-eu", "r.sh"]] },
  {
    block: "ts",
    files: ["r.ts"],
    commands: [[Deno.execPath(), "run", "-A", "--no-lock", "r.ts"]],
  },
  { block: "python", files: ["r.py"], commands: [["python3", "r.py"]] },
  {
    block: "go",
    files: ["offcode.go", "recipes.go"],
    commands: [["go", "run", "offcode.go", "recipes.go"]],
  },
  {
    block: "java",
    files: ["Offcode.java", "Recipes.java"],
    commands: [
      ["javac", "Offcode.java", "Recipes.java"],
      ["java", "-XX:TieredStopAtLevel=1", "Recipes"],
    ],
  },
  { block: "php", files: ["r.php"], commands: [["php", "r.php"]] },
];

async function writeProgram(
  folder: string,
  { block, files }: Language,
): Promise<void> {
  const blocks = await recipesIn(block);
  assert(blocks.length > 0, block);
  const texts = files.length === 1
    ? [blocks.map((it, i) => i > 0 ? it.replace(/^<\?php\n/, "") : it).join("")]
    : blocks;
  assertEquals(texts.length, files.length, block);
  for (const [i, file] of files.entries()) {
    await Deno.writeTextFile(`${folder}/${file}`, texts[i]!);
  }
}

/** What a program prints. */
async function run(
  folder: string,
  { commands }: Language,
  env: Record<string, string>,
): Promise<string> {
  let printed = "";
  for (const [program, ...args] of commands) {
    const { success, stdout, stderr } = await new LimitedCommand(program!, {
      args,
      cwd: folder,
      env: { NO_COLOR: "1", GO111MODULE: "off", ...env },
      limitMs: 180_000,
    }).output();
    const errors = new TextDecoder().decode(stderr);
    assert(success, `${program}: ${errors}`);
    printed = new TextDecoder().decode(stdout);
  }
  // Languages spell their truth differently.
  return printed.replace("True", "true").replace("False", "false");
}

/** A callback, as it arrives at the shop's server. */
function delivered() {
  const secret = `whsec_${encodeBase64(new Uint8Array(32).fill(9))}`;
  const body = '{"type":"payment.succeeded","mode":"test"}';
  const now = new Date();
  // The secret before the last rotation signs, too.
  const other = new Webhook(`whsec_${encodeBase64(new Uint8Array(32))}`);
  return {
    SECRET: secret,
    WEBHOOK_ID: "cb_1",
    WEBHOOK_TIMESTAMP: `${Math.floor(now.getTime() / 1000)}`,
    WEBHOOK_SIGNATURE: [other, new Webhook(secret)]
      .map((it) => it.sign("cb_1", now, body)).join(" "),
    WEBHOOK_BODY: body,
  };
}

const SAID = `pay succeeded
again true
ask succeeded
confirmed succeeded
payment-declined insufficient_funds
refunded 500
reverse reversed
list 4
totals EUR 2000
bill false 5
keys 2
callback payment.succeeded test
`;
/** In the shell the others are recipes of their own. */
const SAID_BY_SHELL = SAID.replace(
  /^(list|totals|bill|keys|callback) .*\n/gm,
  "",
);

Deno.test("the recipes of the merchants' page do what they say, in every language", async () => {
  await using world = await openWorld({
    settings: { hasTestCodes: true },
    // The programs ask for the last hours by the machine's clock.
    clock: new TestClock(Date.now()),
  });
  const { api } = world.edge;
  /** The lines of the programs that have not lost a reply yet, by their keys. */
  const lines = new Map<string, TcpProxy>();
  await using server = serveHttp(async (request) => {
    const key = request.headers.get("authorization")!.slice("Bearer ".length);
    const answer = await api.fetch(request);
    const { pathname } = new URL(request.url);
    if (pathname === "/v1/payments" && request.method === "POST") {
      // The first payment of each program is made, and its reply is lost.
      lines.get(key)?.drop();
      lines.delete(key);
    }
    return answer;
  });
  const target = {
    host: "127.0.0.1",
    port: Number(new URL(server.origin).port),
  };
  const got = await Promise.all(LANGUAGES.map(async (language) => {
    const folder = await Deno.makeTempDir({ prefix: "offcode-recipes-" });
    await using line = new TcpProxy(target);
    try {
      await writeProgram(folder, language);
      const { key } = await api.merchant();
      lines.set(key, line);
      const env = {
        ...{ OFFCODE: `http://127.0.0.1:${line.port}`, MERCHANT: key },
        ...delivered(),
      };
      return [language.block, await run(folder, language, env)];
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  }));
  assertEquals(
    got,
    LANGUAGES.map((
      { block },
    ) => [block, block === "sh" ? SAID_BY_SHELL : SAID]),
  );
  assertEquals(lines.size, 0);
});
