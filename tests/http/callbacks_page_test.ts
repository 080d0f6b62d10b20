import { LimitedCommand } from "../support/http/command.ts";
import { assert, assertEquals } from "@std/assert";
import { paymentEvent } from "../../edge/http/docs/webhooks.ts";
import { CALLBACKS } from "../../edge/http/native/callback/calls.ts";
import { WEBHOOKS } from "../../edge/http/docs/webhooks.ts";
import { TestClock } from "../support/world/app.ts";
import { headerOf, Shop, startCallbackApp } from "../support/callback/shop.ts";
import { startHostileReceiver } from "../support/callback/hostile/hostile_receiver.ts";

const page = await Deno.readTextFile(
  new URL("../../edge/CALLBACKS.md", import.meta.url),
);

/** The only fenced block of a language below a heading. */
function block(heading: string, language: string): string {
  const start = page.indexOf(`\n${heading}\n`);
  assert(start > 0, heading);
  const open = "```" + language + "\n";
  const from = page.indexOf(open, start) + open.length;
  return page.slice(from, page.indexOf("```", from));
}

/** A callback as a receiver gets it from the server, at this moment. */
async function deliver() {
  // What verifies here reads the machine's clock.
  const clock = new TestClock(Date.now());
  await using app = await startCallbackApp({ clock });
  await using receiver = startHostileReceiver();
  const shop = await Shop.open(app.api);
  const secret = await shop.register(receiver.url);
  const test = await shop.must(200, "POST", "callback-endpoint/test");
  assertEquals(test.delivered, true);
  return { secret, request: receiver.requests[0]! };
}

Deno.test("the page's TypeScript, as it stands there, takes a delivery and nothing else", async () => {
  const { secret, request } = await deliver();
  const folder = await Deno.makeTempDir({ prefix: "offcode-page-" });
  try {
    const kept = "const kept: unknown[] = [];\n" +
      "async function keep(...it: unknown[]) { kept.push(it); }\n";
    const headers = Object.fromEntries(request.headers);
    // The headers of the connection are not the request's.
    for (const name of ["host", "connection", "content-length"]) {
      delete headers[name];
    }
    const run = `
const headers: Record<string, string> = ${JSON.stringify(headers)};
const body = ${JSON.stringify(request.body)};
const post = async (body: string, more = {}) =>
  (await receive(
    new Request("https://shop.example/offcode", {
      method: "POST",
      headers: { ...headers, ...more },
      body,
    }),
  )).status;
console.log(JSON.stringify([
  await post(body),
  await post(body + " "),
  await post(body, { "webhook-id": "cb_0" }),
  await post(body, { "webhook-timestamp": "1" }),
  await post(body, { "webhook-signature": "v1," }),
  kept,
]));`;
    const file = `${folder}/receive.ts`;
    const code = block("### TypeScript", "ts");
    await Deno.writeTextFile(
      file,
      `import process from "node:process";\n${code}${kept}${run}`,
    );
    const { success, stdout, stderr } = await new LimitedCommand(
      Deno.execPath(),
      {
        args: [
          ...["run", "-A", "--check", "--no-lock"],
          `--import-map=${new URL("../../import_map.json", import.meta.url)}`,
          file,
        ],
        env: { OFFCODE_CALLBACK_SECRET: secret, NO_COLOR: "1" },
      },
    ).output();
    assert(success, new TextDecoder().decode(stderr));
    assertEquals(JSON.parse(new TextDecoder().decode(stdout)), [
      ...[204, 401, 401, 401, 401],
      [[headers["webhook-id"], JSON.parse(request.body)]],
    ]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("the page's openssl commands make the signature of a delivery", async () => {
  const { secret, request } = await deliver();
  const folder = await Deno.makeTempDir({ prefix: "offcode-page-" });
  try {
    await Deno.writeTextFile(`${folder}/body.json`, request.body);
    const { stdout, stderr } = await new LimitedCommand("bash", {
      args: ["-eu", "-c", block("### By hand", "sh")],
      cwd: folder,
      clearEnv: true,
      env: {
        PATH: Deno.env.get("PATH") ?? "/usr/bin:/bin",
        SECRET: secret,
        ID: headerOf(request, "webhook-id"),
        TIME: headerOf(request, "webhook-timestamp"),
      },
    }).output();
    assertEquals(new TextDecoder().decode(stderr), "");
    assertEquals(
      `v1,${new TextDecoder().decode(stdout).trim()}`,
      headerOf(request, "webhook-signature"),
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("the page's example is a callback of a payment, in the form that is sent", async () => {
  const [head, body] = block("## What is sent", "http").trimEnd().split("\n\n");
  const event = paymentEvent.parse(JSON.parse(body!));
  assertEquals(JSON.stringify(event), body);
  const shown = head!.split("\n").slice(1).map((line) => line.split(":")[0]!);
  const { request } = await deliver();
  const sent = request.headers.map(([name]) => name);
  assertEquals(shown.filter((name) => !sent.includes(name)), []);
});

Deno.test("the page's tables name every call and every type, and no others", () => {
  const rows = (heading: string) => {
    const from = page.indexOf(`\n${heading}\n`);
    const [table = ""] = page.slice(from).match(/(?:^\|.*\n)+/m) ?? [];
    return table.trimEnd().split("\n").slice(2)
      .map((row) => row.split("|")[1]!);
  };
  assertEquals(
    rows("## Calls").map((cell) =>
      /^ `(\w+ [^` ?]+)/.exec(cell)?.[1]?.replace(":id", "{id}")
    ).sort(),
    CALLBACKS.calls.map(({ method, path }) => `${method.toUpperCase()} ${path}`)
      .sort(),
  );
  assertEquals(
    rows("## What is sent").map((cell) => /`(.+)`/.exec(cell)?.[1]),
    Object.keys(WEBHOOKS),
  );
});
