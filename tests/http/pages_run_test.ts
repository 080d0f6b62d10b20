/**
 * What a page shows in a fenced block works as it stands there. Each block is
 * listed here with how it is tried; a block that is not listed fails, so that a
 * new one is not forgotten.
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { encodeBase64 } from "@std/encoding/base64";
import { Webhook } from "standardwebhooks";
import { readConfig } from "../../edge/boot/config.ts";
import {
  freePort,
  type RedisServer,
  startRedis,
  until,
} from "../../scripts/redis_server.ts";
import { startShopServer } from "../support/callback/shop_server.ts";
import { LimitedCommand } from "../support/http/command.ts";
import { serveHttp } from "../support/http/server.ts";
import { openDesk } from "../support/world/desk.ts";
import { setScene } from "../support/world/scene.ts";
import { startServer } from "../support/world/server.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
/** The URL that pages have in place of the reader's own server. */
const SHOP_URL = "https://shop.example/offcode";

/** What becomes of a block, by its page and how it begins. */
const BLOCKS: Record<string, Record<string, string>> = {
  "README.md": {
    "npx -y deno@2.9.6 task start": "CI runs the suite by it; start_test.ts",
    "export OFFCODE=": "run",
    "MERCHANT=$(post": "run",
    "DEVICE_KEY=$(deno": "run",
    "CODE=$(deno": "run",
    "curl -s -X PUT": "run",
  },
  "edge/MERCHANTS.md": {
    "curl -s -X PUT": "run",
    'curl -s "$OFFCODE/v1/refunds"': "run below",
    'curl -s "$OFFCODE/v1/keys"': "run below",
    'curl -s "$OFFCODE/v1/payments': "run below",
    "DAY=$(date": "run below",
    'curl -s "$OFFCODE/v1/totals': "run below",
    "OFFCODE_MERCHANT_KEY=$MERCHANT deno task till": "till_test.ts",
    "# Sends a request again": "recipes_test.ts",
    'import { Buffer } from "node:buffer"': "recipes_test.ts",
    "const shop = new Offcode(": "recipes_test.ts",
    "import base64,": "recipes_test.ts",
    "shop = Offcode(": "recipes_test.ts",
    "package main": "recipes_test.ts",
    "import java.": "recipes_test.ts",
    "<?php": "recipes_test.ts",
  },
  "edge/SANDBOX.md": {
    'curl -s "$OFFCODE/v1/sandbox/codes"': "test_answers_test.ts",
  },
  "edge/CALLBACKS.md": {
    "curl -s -X PUT": "run",
    "curl -s -X POST": "run",
    "POST /offcode HTTP/1.1": "shows what arrives",
    'import { Webhook } from "standardwebhooks"': "run",
    "import os": "needs packages of PyPI",
    "package shop": "needs modules from GitHub",
    "import com.standardwebhooks.Webhook": "needs packages of Maven",
    "<?php": "needs packages of Packagist",
    "KEY=$(printf": "run",
    'curl -s "$OFFCODE/v1/callbacks?status=dead"': "run",
    "OFFCODE_CALLBACKS_INSECURE=1 npx": "till_test.ts",
  },
  "edge/OPERATIONS.md": {
    'curl -s "$OFFCODE/v1/admin/profiles"': "profiles_test.ts",
    "deno task release keygen": "scripts/release_test.ts",
    "deno task release build": "scripts/release_test.ts",
    "deno task release activate": "scripts/release_test.ts",
    'curl -s -X POST "$OFFCODE/v1/enrolments/$CREDENTIAL/renewals"':
      "renewals_test.ts",
    'curl -s "$OFFCODE/v1/admin/metrics-keys"': "metrics_test.ts",
    "rule_files: [alerts.yml]": "alerts_test.ts",
    "redis-cli --cluster create": "run below",
    "redis-cli -h 10.0.0.7": "by hand, on nine nodes",
    "DEAD=$(redis-cli": "by hand, on nine nodes",
  },
  "edge/ledger/README.md": {
    '{\n  "payment_id"': "shows an answer",
    'import { Buffer } from "node:buffer"': "signature_test.ts",
    "// tests/contract/ledger_ours_test.ts": "checked",
  },
  "edge/risk/README.md": {
    '{\n  "normal"': "read",
    '[\n  { "rooted"': "read",
  },
  "wasm/README.md": { "deno task core ": "deno task ok" },
  "wasm/WALLET.md": {
    "const wallet = await WalletCore.open": "wallet_test.ts",
  },
  "wasm/SPEC.md": {
    "seed=0001": "spec_test.ts",
    "step 59000000": "spec_test.ts",
  },
};

/** The blocks of a page that name a language, in order. */
function blocksOf(page: string): string[] {
  const found = page.matchAll(/^```\w+\n([\s\S]*?)^```$/gm);
  return [...found].map(([, text]) => text!);
}

async function readBlocks(page: string): Promise<string[]> {
  return blocksOf(await Deno.readTextFile(ROOT + page));
}

/** The block of a page that begins so. */
async function blockOf(page: string, start: string): Promise<string> {
  const block = (await readBlocks(page)).find((it) => it.startsWith(start));
  assert(block !== undefined, `${page} has a block that begins ${start}`);
  return block;
}

/** Copies what the tasks of the pages need. */
async function copyRepository(folder: string) {
  for (const name of ["deno.json", "import_map.json", "deno.lock"]) {
    await Deno.copyFile(ROOT + name, `${folder}/${name}`);
  }
  const { code } = await new LimitedCommand("cp", {
    args: ["-r", ...["edge", "scripts", "wasm"].map((it) => ROOT + it), folder],
  }).output();
  assertEquals(code, 0);
}

/** Runs a text as bash would, and tells what it printed. */
async function runBash(
  text: string,
  cwd: string,
  env: Record<string, string> = {},
): Promise<string> {
  const { code, stdout, stderr } = await new LimitedCommand("bash", {
    args: ["-eu", "-o", "pipefail", "-c", text],
    cwd,
    env: { NO_COLOR: "1", ...env },
  }).output();
  const errors = new TextDecoder().decode(stderr);
  assertEquals(code, 0, errors);
  return new TextDecoder().decode(stdout);
}

Deno.test("every fenced block of a page is listed with how it is tried", async () => {
  const find = "find * -name '*.md' -not -path 'node_modules/*'";
  const pages = (await runBash(find, ROOT)).trim().split("\n");
  for (const page of pages) {
    const starts = Object.keys(BLOCKS[page] ?? {});
    for (const block of await readBlocks(page)) {
      const listed = starts.some((it) => block.startsWith(it));
      assert(listed, `${page}: ${block.split("\n")[0]}`);
    }
  }
  for (const [page, starts] of Object.entries(BLOCKS)) {
    for (const start of Object.keys(starts)) await blockOf(page, start);
  }
});

Deno.test("the README's walk-through and the calls of the merchants' pages work as they stand", async () => {
  const folder = await Deno.makeTempDir({ prefix: "offcode-pages-" });
  try {
    await copyRepository(folder);
    // What npx would fetch is what runs this test.
    const shim = `#!/bin/sh\nshift 2\nexec '${Deno.execPath()}' "$@"\n`;
    await Deno.mkdir(`${folder}/bin`);
    await Deno.writeTextFile(`${folder}/bin/npx`, shim, { mode: 0o755 });
    const admin = "an-admin-key-of-a-walk-through-long-enough";
    await using shop = startShopServer();
    await using server = await startServer({
      env: { OFFCODE_ADMIN_KEY: admin, OFFCODE_CALLBACKS_INSECURE: "1" },
    });
    const run = async (page: string) => {
      const starts = Object.entries(BLOCKS[page]!);
      const shown = starts.filter(([start, how]) =>
        how === "run" && !/^(import|KEY=)/.test(start)
      );
      return await Promise.all(shown.map(([start]) => blockOf(page, start)));
    };
    const [setUp, ...calls] = await run("README.md");
    const again = `post /v1/payments "$MERCHANT" ` +
      `"{\\"code\\":\\"$CODE\\",\\"order_id\\":\\"order-1\\",\\"amount_minor\\":1250,\\"currency\\":\\"EUR\\"}"`;
    // It has a callback to look at, because the endpoint is there now.
    const reverse =
      `post /v1/reversals "$MERCHANT" '{"order_id":"order-1"}' && echo`;
    const text = [
      setUp!.replace(/^export OFFCODE=.*$/m, `export OFFCODE=${server.origin}`)
        .replace(/^export ADMIN=.*$/m, `export ADMIN=${admin}`),
      ...calls,
      again,
      again.replace("order-1", "order-2"),
      ...await run("edge/MERCHANTS.md"),
      ...(await run("edge/CALLBACKS.md")).map((it) =>
        it.includes("$ID")
          ? `${reverse}\nID=$(curl -s "$OFFCODE/v1/callbacks" -H "Authorization: Bearer $MERCHANT" | field callback_id)\n${it}`
          : it
      ),
    ].join("\necho\n").replaceAll(SHOP_URL, shop.url);
    const printed = await runBash(text, folder, {
      PATH: `${folder}/bin:${Deno.env.get("PATH")}`,
    });
    const answers = printed.split("\n").filter((line) => line.startsWith("{"))
      .flatMap((line) => line.replaceAll("}{", "}\n{").split("\n"))
      .map((line) => JSON.parse(line));
    const problems = answers.filter((it) => "retry" in it);
    assertEquals(problems.map((it) => it.code), ["code-replayed"]);
    const paid = answers.filter((it) => it.status === "succeeded");
    assertEquals(paid.map((it) => it.repeat), [undefined, true]);
    assertMatch(printed, /"secret":"whsec_/);
    assertMatch(printed, /"delivered":true/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("the merchants' page gives money back and exchanges keys as it says", async () => {
  const page = "edge/MERCHANTS.md";
  await using desk = await openDesk();
  await using server = serveHttp((request) => desk.api.fetch(request));
  const env = { OFFCODE: server.origin, MERCHANT: desk.merchant.key };
  await desk.pay("order-2026-000017", desk.code());
  const refund = await blockOf(page, 'curl -s "$OFFCODE/v1/refunds"');
  const { status, refunded_minor } = JSON.parse(
    await runBash(refund, ROOT, env),
  );
  assertEquals([status, refunded_minor], ["succeeded", 500]);
  assertEquals(await desk.balance(), 9_250);

  const [list, add, end, ...none] =
    (await blockOf(page, 'curl -s "$OFFCODE/v1/keys"')).trim().split("\n");
  assertEquals(none, []);
  const { keys: [old] } = JSON.parse(await runBash(list!, ROOT, env));
  const made = JSON.parse(await runBash(add!, ROOT, env));
  assertEquals(
    await runBash(end!, ROOT, {
      ...env,
      OLD_KEY_ID: old.key_id,
      NEW: made.api_key,
    }),
    "",
  );
  desk.clock.advance(5_000);
  const ask = async (key: string) =>
    (await desk.api.call("GET", "/v1/keys", { key })).status;
  assertEquals(
    [await ask(desk.merchant.key), await ask(made.api_key)],
    [401, 200],
  );
});

Deno.test("the merchants' page lists payments, reads a bill and adds up as it says", async () => {
  const page = "edge/MERCHANTS.md";
  // The blocks ask for today, by the clock of the machine.
  await using desk = await openDesk({ nowMs: Date.now() });
  await using server = serveHttp((request) => desk.api.fetch(request));
  const env = { OFFCODE: server.origin, MERCHANT: desk.merchant.key };
  const folder = await Deno.makeTempDir({ prefix: "offcode-pages-" });
  const run = async (start: string) =>
    await runBash(await blockOf(page, start), folder, env);
  try {
    const at = { store_id: "store-7", terminal_id: "till-3" };
    await desk.pay("order-1", desk.code(), at);
    await desk.refund("order-1", "r-1", 1_250);
    const { payments } = JSON.parse(
      await run('curl -s "$OFFCODE/v1/payments'),
    );
    assertEquals(
      payments.map(({ order_id }: { order_id: string }) => order_id),
      ["order-1"],
    );
    assertMatch(await run("DAY=$(date"), /^open,.*not closed yet/s);
    const rows = (await Deno.readTextFile(`${folder}/bill.csv`)).split("\r\n");
    assertMatch(rows[0]!, /^line,at,payment_id,order_id,/);
    const { totals } = JSON.parse(await run('curl -s "$OFFCODE/v1/totals'));
    assert(Array.isArray(totals));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("the signature by hand is the library's, and the TypeScript receiver takes that one alone", async () => {
  const folder = await Deno.makeTempDir({ prefix: "offcode-pages-" });
  try {
    const secret = `whsec_${encodeBase64(new Uint8Array(32).fill(9))}`;
    const body = '{"type":"payment.succeeded"}';
    const now = new Date();
    const signature = new Webhook(secret).sign("cb_1", now, body);
    await Deno.writeTextFile(`${folder}/body.json`, body);
    const byHand = await runBash(
      await blockOf("edge/CALLBACKS.md", "KEY=$(printf"),
      folder,
      {
        SECRET: secret,
        ID: "cb_1",
        TIME: `${Math.floor(now.getTime() / 1000)}`,
      },
    );
    assertEquals(`v1,${byHand.trim()}`, signature);

    const receiver = await blockOf("edge/CALLBACKS.md", "import { Webhook }");
    const text = `import process from "node:process";
      const keep = (id: string) => Promise.resolve(console.log("kept", id));
      ${receiver}
      for (const signature of ${JSON.stringify([signature, "v1,AAAA"])}) {
        const answer = await receive(new Request("http://shop.example", {
          method: "POST",
          body: ${JSON.stringify(body)},
          headers: {
            "webhook-id": "cb_1",
            "webhook-timestamp": "${Math.floor(now.getTime() / 1000)}",
            "webhook-signature": signature,
          },
        }));
        console.log(answer.status);
      }`;
    await Deno.writeTextFile(`${folder}/receiver.ts`, text);
    const run = `'${Deno.execPath()}' run -A --frozen ` +
      `--config '${ROOT}deno.json' receiver.ts`;
    const printed = await runBash(run, folder, {
      OFFCODE_CALLBACK_SECRET: secret,
    });
    assertEquals(printed, "kept cb_1\n204\n401\n");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("the ledger's own test file, as its page shows it, passes the type check", async () => {
  const folder = await Deno.makeTempDir({ prefix: "offcode-pages-" });
  try {
    const page = "edge/ledger/README.md";
    const block = await blockOf(page, "// tests/contract/ledger_ours_test.ts");
    const text = block.replaceAll('"../../', `"${ROOT}`)
      .replaceAll('"./', `"${ROOT}tests/contract/`) +
      `declare function ourSetBalance(id: string, minor: number, currency: string): Promise<void>;
       declare function ourBalance(id: string): Promise<number>;`;
    await Deno.writeTextFile(`${folder}/ours.ts`, text);
    const check =
      `'${Deno.execPath()}' check --config '${ROOT}deno.json' ours.ts`;
    await runBash(check, folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("the limits that the page on risk shows are taken as they stand", async () => {
  const OFFCODE_LIMITS = await blockOf("edge/risk/README.md", '{\n  "normal"');
  const { limits } = readConfig({ OFFCODE_LIMITS }).settings;
  const yen = limits.currencies?.get("JPY");
  assertEquals(yen?.normal.perPaymentMinor, 600_000);
});

Deno.test("the posture table that the page on risk shows is the one in force", async () => {
  const OFFCODE_POSTURE = await blockOf("edge/risk/README.md", "[\n  {");
  const { postureRules } = readConfig({ OFFCODE_POSTURE }).settings;
  assertEquals(postureRules, readConfig({}).settings.postureRules);
});

Deno.test("a cluster is made by the commands of the operators' page", async () => {
  const page = "edge/OPERATIONS.md";
  await using stack = new AsyncDisposableStack();
  const text = await Deno.readTextFile(ROOT + page);
  const settings = [...text.matchAll(/^ {4}(cluster-[a-z-]+) (\w+)/gm)]
    .flatMap(([, name, value]) => [`--${name}`, value!]);
  assertEquals(settings.length, 8);
  const nodes: RedisServer[] = [];
  for (let n = 0; n < 6; n++) {
    const own = ["--cluster-port", `${freePort()}`, "--cluster-node-timeout"];
    nodes.push(
      stack.use(await startRedis({ settings: [...settings, ...own, "2000"] })),
    );
  }
  const run = async (block: string) => {
    const here = block.replace(
      /10\.0\.0\.(\d)(:| -p )6379/g,
      (_, n, between) => `127.0.0.1${between}${nodes[Number(n) - 1]!.port}`,
    );
    return await runBash(here, nodes[0]!.folder);
  };
  await run(await blockOf(page, "redis-cli --cluster create"));
  for (const { port } of nodes) {
    await until(async () => {
      const info = await run(`redis-cli -p ${port} cluster info`);
      return info.includes("cluster_state:ok") &&
        info.includes("cluster_known_nodes:6");
    }, "A node does not serve the cluster");
  }
  const server = stack.use(
    await startServer({
      env: {
        OFFCODE_STORE: `redis://${
          nodes.slice(0, 3).map(({ port }) => `127.0.0.1:${port}`)
        }`,
        OFFCODE_CELLS: "64",
        OFFCODE_CELL_KEY: encodeBase64(new Uint8Array(32).fill(1)),
      },
    }),
  );
  const { api } = server;
  const { merchant, phone } = await setScene(api);
  const code = phone.code(Date.now());
  const { status } = await api.pay(merchant, { code, order_id: "order-1" });
  assertEquals(status, 201);
});
