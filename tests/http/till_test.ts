import { programOf } from "../support/http/command.ts";
import { assert, assertEquals, assertMatch } from "@std/assert";
import { TextLineStream } from "@std/streams/text-line-stream";
import { TestClock } from "../support/world/app.ts";
import { Shop, startCallbackApp } from "../support/callback/shop.ts";
import { setScene } from "../support/world/scene.ts";

/** A till as a process of its own. */
function startTill(args: readonly string[], env: Record<string, string>) {
  const child = programOf("scripts/till.ts", args, { env, stdin: "piped" })
    .spawn();
  const lines = child.stdout.pipeThrough(new TextDecoderStream())
    .pipeThrough(new TextLineStream()).getReader();
  const errors = new Response(child.stderr).text();
  const scanner = child.stdin.getWriter();
  const encoder = new TextEncoder();
  return {
    errors,
    /** The next line that it prints. */
    async line(): Promise<string> {
      const { value, done } = await lines.read();
      return done ? `ended: ${await errors}` : value;
    },
    scan: (text: string) => scanner.write(encoder.encode(`${text}\n`)),
    /** Ends it as an interrupted shop would; its exit code. */
    async stop(): Promise<number> {
      child.kill("SIGTERM");
      return await this.end();
    },
    async end(): Promise<number> {
      const { code } = await child.status;
      await scanner.close().catch(() => {});
      while (!(await lines.read()).done);
      await errors;
      return code;
    },
  };
}

/** An edge that answers over HTTP, at the machine's time as of now. */
async function startEdge() {
  // The till verifies by the machine's clock.
  const app = await startCallbackApp({ clock: new TestClock(Date.now()) });
  app.dispatcher.start();
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    app.api.fetch,
  );
  return {
    ...app,
    origin: `http://127.0.0.1:${server.addr.port}`,
    async [Symbol.asyncDispose]() {
      await server.shutdown();
      await app[Symbol.asyncDispose]();
    },
  };
}

Deno.test("till makes itself the endpoint, also the second time, and verifies what comes", async () => {
  await using edge = await startEdge();
  const shop = await Shop.open(edge.api);
  const env = { OFFCODE: edge.origin, OFFCODE_MERCHANT_KEY: shop.merchant.key };
  let port = "0";
  for (let i = 0; i < 2; i++) {
    const till = startTill(["--register", "--port", port], env);
    const listens = await till.line();
    assertMatch(listens, /^listens {4}http:\/\/127\.0\.0\.1:\d+\/offcode$/);
    port = new URL(listens.split(" ").at(-1)!).port;
    const test = await shop.must(200, "POST", "callback-endpoint/test");
    assertEquals(test.delivered, true);
    assertMatch(await till.line(), /^test {7}cb_[0-9a-f]{32}$/);
    assertEquals(await till.stop(), 0);
  }
  // It is one endpoint; the second till has its second secret.
  const view = await shop.must(200, "GET", "callback-endpoint");
  assertEquals(view.url, `http://127.0.0.1:${port}/offcode`);
  assert(view.previous_secret_until !== undefined);
});

Deno.test("till takes its secret from the environment or from a file, and knows a wrong one", async () => {
  await using edge = await startEdge();
  const shop = await Shop.open(edge.api);
  // Any till finds out which port is free.
  const other = `whsec_${btoa("x".repeat(32))}`;
  const first = startTill(["--port", "0"], { OFFCODE_CALLBACK_SECRET: other });
  const url = (await first.line()).split(" ").at(-1)!;
  const secret = await shop.register(url);
  const file = await Deno.makeTempFile({ prefix: "offcode-till-" });
  await Deno.writeTextFile(file, `${secret}\n`);
  const tests = async (till: ReturnType<typeof startTill>) => {
    const test = await shop.must(200, "POST", "callback-endpoint/test");
    const line = await till.line();
    assertEquals(await till.stop(), 0);
    return [test.delivered, test.attempt.status, line.split(" ")[0]];
  };
  try {
    assertEquals(await tests(first), [false, 401, "refused"]);
    const { port } = new URL(url);
    for (
      const [args, env] of [
        [["--secret-file", file], {}],
        [[], { OFFCODE_CALLBACK_SECRET: secret }],
      ] as const
    ) {
      const till = startTill(["--port", port, ...args], env);
      assertEquals(await till.line(), `listens    ${url}`);
      assertEquals(await tests(till), [true, 204, "test"]);
    }
  } finally {
    await Deno.remove(file);
  }
});

Deno.test("till has codes paid as they are scanned and keeps an order until it is paid", async () => {
  await using edge = await startEdge();
  const { merchant, phone } = await setScene(edge.api);
  const till = startTill(["--register", "--port", "0", "--pay", "1250"], {
    OFFCODE: edge.origin,
    OFFCODE_MERCHANT_KEY: merchant.key,
  });
  await till.line();
  assertEquals(await till.line(), "till       scan codes for 12.50 EUR");
  const code = phone.code(edge.clock.ms);
  const wrong = `${code.slice(0, -1)}${(Number(code.at(-1)) + 1) % 10}`;
  await till.scan("hello");
  assertMatch(await till.line(), /Scan again\.$/);
  await till.scan(wrong);
  const refused = await till.line();
  await till.scan(`\n  ${code} \r`);
  // The answer and the callback may come in either order.
  const both = [await till.line(), await till.line()];
  const paid = both.find((it) => it.startsWith("till "))!;
  const told = both.find((it) => it.startsWith("paid "))!;
  const order = (line: string) => /till-\w+-\d+/.exec(line)?.[0];
  assert(order(refused) !== undefined);
  assertEquals(order(paid), order(refused));
  assertMatch(paid, /Paid\.$/);
  assertMatch(
    told,
    new RegExp(`^paid       ${order(paid)}  12.50 EUR  version \\d+$`),
  );
  assertEquals(await edge.api.balance("alice"), 10_000 - 1_250);
  assertEquals([refused, paid].some((it) => it.includes(code.slice(7))), false);
  edge.clock.advance(30_000);
  await till.scan(phone.code(edge.clock.ms));
  const next = [await till.line(), await till.line()].map(order);
  assertEquals(new Set([...next, order(paid)]).size, 2);
  assertEquals(await till.stop(), 0);
});

Deno.test("till registers another address of it, and says what the edge has against one", async () => {
  await using edge = await startEdge();
  const shop = await Shop.open(edge.api);
  const env = { OFFCODE: edge.origin, OFFCODE_MERCHANT_KEY: shop.merchant.key };
  const url = "https://127.0.0.1:1/tunnel";
  const till = startTill(["--port", "0", "--url", url], env);
  assertMatch(await till.line(), /^listens/);
  const view = await shop.must(200, "GET", "callback-endpoint");
  assertEquals(view.url, url);
  assertEquals(await till.stop(), 0);
  const other = startTill(["--port", "0", "--url", "ftp://x"], env);
  const errors = await other.errors;
  assertEquals(await other.end(), 2);
  assertMatch(errors, /^The endpoint was not registered: url must be /);
  assertMatch(errors, /OFFCODE_CALLBACKS_INSECURE/);
});

Deno.test("till says what it lacks and ends with 2, and echoes no secret", async () => {
  const secret = "whsec_not base64 at all";
  const set = {
    OFFCODE: "http://127.0.0.1:1",
    OFFCODE_MERCHANT_KEY: "ock_test_x",
  };
  const cases: [string[], Record<string, string>, RegExp][] = [
    [[], {}, /^OFFCODE_CALLBACK_SECRET must be set/],
    [["--register"], {}, /^OFFCODE and OFFCODE_MERCHANT_KEY must be set/],
    [["--register", "--port", "0"], set, /the edge did not answer$/],
    [
      ["--register", "--port", "0"],
      { ...set, OFFCODE: "localhost:8000" },
      /^OFFCODE must be an address such as http:/,
    ],
    [[], { OFFCODE_CALLBACK_SECRET: secret }, /^The secret must be whsec_/],
    [["--secret-file", "/nowhere"], {}, /^The secret file cannot be read$/],
    [["--secret", secret], {}, /^Usage: deno task till/],
    [["--pay", "12.50"], set, /^Usage: deno task till/],
    [["--port", "65536"], set, /^Usage: deno task till/],
    [["--currency", "eur"], set, /^Usage: deno task till/],
  ];
  for (const [args, env, said] of cases) {
    const till = startTill(args, {
      OFFCODE: "",
      OFFCODE_MERCHANT_KEY: "",
      OFFCODE_CALLBACK_SECRET: "",
      ...env,
    });
    const errors = (await till.errors).trimEnd();
    assertEquals(await till.end(), 2, args.join(" "));
    assertMatch(errors, said);
    assertEquals(errors.includes("base64 at all"), false);
  }
});
