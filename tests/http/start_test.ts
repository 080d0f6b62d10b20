import { LimitedCommand } from "../support/http/command.ts";
import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertMatch,
  assertRejects,
} from "@std/assert";
import { until } from "../../scripts/redis_server.ts";
import { Api } from "../support/world/api.ts";
import { type Fault, Gate, waits } from "../support/ledger/faults.ts";
import { startLedgerServer } from "../support/ledger/server.ts";
import { startServer, type TestServer } from "../support/world/server.ts";

const ROOT = new URL("../../", import.meta.url).pathname;

/** An empty variable counts as none: what the developer has set stays out. */
const NOTHING_SET = {
  HOST: "",
  OFFCODE_STORE: "",
  OFFCODE_ADMIN_KEY: "",
  OFFCODE_MASTER_KEYS: "",
  OFFCODE_PREFIX: "",
  OFFCODE_LEDGER: "",
  OFFCODE_BAD_CODE_LIMIT: "",
};

const KEYS = {
  OFFCODE_ADMIN_KEY: "an-admin-key-of-a-test-long-enough",
  OFFCODE_MASTER_KEYS: `test:${btoa("k".repeat(32))}`,
};

/** Where nothing may be cut off, however busy the machine is. */
const PATIENT = { OFFCODE_STOP_SECONDS: "120" };

const ledgerOf = ({ url, secret }: { url: string; secret: string }) => ({
  OFFCODE_LEDGER: url,
  OFFCODE_LEDGER_SECRET: secret,
});

/** A folder to start in, more than once. */
async function startFolder() {
  const path = await Deno.makeTempDir({ prefix: "offcode-start-" });
  return {
    path,
    [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }),
  };
}

/** What the server has printed, once it has printed `end`. */
async function printed(server: TestServer, end: string): Promise<string> {
  // It prints before it answers; only the pipe may be behind.
  for (let i = 0; i < 1000 && !server.output().includes(end); i++) {
    await (await fetch(`${server.origin}/healthz`)).body?.cancel();
  }
  assert(server.output().includes(end), server.output());
  return server.output();
}

const greeting = (server: TestServer) => printed(server, "task demo\n");

Deno.test("the tasks start and serve are what these tests start", async () => {
  const { tasks } = JSON.parse(await Deno.readTextFile(`${ROOT}deno.json`));
  assertEquals(tasks.start, "deno run -A edge/main.ts");
  assertEquals(tasks.serve, "deno run -A --unstable-net edge/serve.ts");
});

Deno.test("start with nothing set makes keys that only their owner reads, and says so", async () => {
  await using server = await startServer({ env: NOTHING_SET });
  const text = await greeting(server);
  const path = `${server.folder}/data/development-keys.json`;
  const file = JSON.parse(await Deno.readTextFile(path));
  assertEquals((await Deno.stat(path)).mode! & 0o777, 0o600);
  assertMatch(server.origin, /^http:\/\/127\.0\.0\.1:\d+$/);
  const { origin } = server;
  const pages = ["/wallet", "/till", "/console"]
    .map((path) => `  ${origin}${path}\n`);
  const first = `Offcode listens on ${origin}\n${pages.join("")}`;
  assert(text.startsWith(first), text);
  // Who has ended npx can still end the server.
  const { pid } = server;
  assert(
    text.includes(`\nProcess ${pid}: end it with Ctrl+C or kill ${pid}\n`),
  );
  assertMatch(text, /Made development keys, kept in \S+development-keys\.json/);
  assertMatch(
    text,
    /development only: set OFFCODE_ADMIN_KEY and OFFCODE_MASTER/,
  );
  assert(text.includes(`admin key   ${file.admin_key}\n`), text);
  // The key that seals seeds is in the file alone.
  assertEquals(text.includes(file.master_keys.split(":")[1]), false);
});

Deno.test("start serves a payment at once, with the keys that it made", async () => {
  await using server = await startServer({ env: NOTHING_SET });
  const adminKey = /admin key {3}(\S+)/.exec(await greeting(server))![1]!;
  const api = new Api(fetch, server.origin, adminKey);
  const merchant = await api.merchant();
  const phone = await api.enrol(await api.walletKey(), "alice", "phone-1");
  await api.setBalance("alice", 5000);
  const { status, body } = await api.pay(merchant, {
    code: phone.code(Date.now()),
    order_id: "first",
  });
  assertEquals([status, body.status], [201, "succeeded"]);
  assertEquals(await api.balance("alice"), 3750);
  // The merchant can try what else a till may get.
  const { key } = merchant;
  const { case: _, ...order } = await api.must(
    201,
    "POST",
    "/v1/sandbox/codes",
    { key, body: { case: "account_closed" } },
  );
  const declined = await api.pay(merchant, order);
  assertEquals(declined.body.decline_reason, "account_closed");
});

Deno.test("start prints commands that work when pasted", async () => {
  await using server = await startServer({ env: NOTHING_SET });
  const text = await greeting(server);
  const block = /Paste this[^\n]*\n\n(.*?)\n\n/s.exec(text)![1]!;
  const { code, stdout, stderr } = await new LimitedCommand("bash", {
    // Where there is no curl, something that does what is asked of it here.
    args: ["-ec", `command -v curl > /dev/null || ${CURL}\n${block}`],
    clearEnv: true,
    env: {
      PATH: Deno.env.get("PATH") ?? "/usr/bin:/bin",
      HOME: server.folder,
      DENO: Deno.execPath(),
    },
  }).output();
  const out = new TextDecoder().decode(stdout);
  assertEquals([code, new TextDecoder().decode(stderr)], [0, ""], out);
  const [ready, merchant] = out.replace("}{", "}\n{").split("\n")
    .map((line) => JSON.parse(line));
  assertEquals(ready.status, "ready");
  assertEquals([merchant.name, merchant.status], ["Corner Shop", "active"]);
  assertMatch(merchant.api_key, /^ock_test_/);
});

const CURL = `curl() { "$DENO" eval '
  const [, url, ...rest] = Deno.args;
  const value = (name) =>
    rest.flatMap((it, i) => it === name ? [rest[i + 1]] : []);
  const headers = value("-H").map((it) => it.split(": "));
  const [body] = value("-d");
  const method = body ? "POST" : "GET";
  const response = await fetch(url, { method, headers, body });
  await Deno.stdout.write(await response.bytes());
' -- "$@"; }`;

Deno.test("start again uses the same keys and the same store", async () => {
  await using folder = await startFolder();
  const options = { env: NOTHING_SET, folder: folder.path };
  const keyOf = (text: string) => /admin key {3}(\S+)/.exec(text)![1]!;
  let key: string;
  let merchant;
  {
    await using first = await startServer(options);
    key = keyOf(await greeting(first));
    merchant = await new Api(fetch, first.origin, key).merchant();
    assertEquals((await first.kill("SIGTERM")).code, 0);
  }
  await using second = await startServer(options);
  const text = await greeting(second);
  assertMatch(
    text,
    /Using development keys, kept in \S+development-keys\.json/,
  );
  assertEquals(keyOf(text), key);
  const { status, body } = await new Api(fetch, second.origin, key)
    .pay(merchant, { code: "901000000000000000", order_id: "o" });
  assertEquals([status, body.code], [422, "code-not-accepted"]);
  assertEquals((await second.kill("SIGTERM")).code, 0);
  // What is in the store was paid with test money.
  const live = startServer({
    ...options,
    env: {
      ...NOTHING_SET,
      OFFCODE_LEDGER: "https://ledger.example",
      OFFCODE_LEDGER_SECRET: `whsec_${btoa("s".repeat(32))}`,
    },
  });
  await assertRejects(
    () => live,
    Error,
    "OFFCODE_STORE: The store is of mode test and this server of mode live",
  );
});

Deno.test("start with a wrong environment names every fault, tells no secret and ends with 2", async () => {
  await using folder = await startFolder();
  const wrong = {
    ...NOTHING_SET,
    PORT: "70000",
    OFFCODE_STORE: "mysql://root:sesame@db",
    OFFCODE_ADMIN_KEY: "open-sesame",
    OFFCODE_MASTER_KEYS: "k1:c2VzYW1l",
    OFFCODE_PREFIX: "9",
    OFFCODE_LEDGER: "bank:sesame",
  };
  const { code, stdout, stderr } = await new LimitedCommand(Deno.execPath(), {
    args: ["run", "-A", "--config", `${ROOT}deno.json`, `${ROOT}edge/main.ts`],
    cwd: folder.path,
    env: { ...wrong, NO_COLOR: "1" },
  }).output();
  const [out, err] = [stdout, stderr].map((it) => new TextDecoder().decode(it));
  assertEquals([code, out], [2, ""]);
  for (const name of Object.keys(wrong)) {
    const faulty = wrong[name as keyof typeof wrong] !== "";
    assertEquals(new RegExp(`^ +${name}\\b`, "m").test(err!), faulty, err);
  }
  assertEquals(/sesame|c2VzYW1l|70000|\n +at /.test(err!), false, err);
  assertEquals([...Deno.readDirSync(folder.path)], []);
});

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  Deno.test(`start ends with 0 at ${signal}, though a client keeps its connection`, async () => {
    await using server = await startServer();
    using connection = await connect(server.origin);
    await connection.send("GET /healthz HTTP/1.1\r\nHost: edge\r\n\r\n");
    assertMatch(
      await connection.receive('{"status":"ok","mode":"test"}'),
      /^HTTP\/1\.1 200 /,
    );
    const { code } = await server.kill(signal);
    assertEquals(code, 0);
  });
}

Deno.test("start answers at SIGTERM what is under way before it ends", async () => {
  await using ledger = startLedgerServer();
  ledger.setAccount("alice", 10_000);
  await using server = await startServer({
    env: { ...ledgerOf(ledger), ...PATIENT },
  });
  const { api } = server;
  const merchant = await api.merchant();
  const phone = await api.enrol(await api.walletKey(), "alice", "phone-1");
  // The ledger has heard of the payment: it has arrived, and waits.
  const gate = new Gate();
  ledger.next("debits", waits(gate));
  const code = phone.code(Date.now());
  const answer = api.pay(merchant, { code, order_id: "order-1" });
  await gate.reached;
  // Together: one that fails alone would be nobody's, and end other tests.
  const [paid, ended] = await Promise.all([
    answer,
    server.kill("SIGTERM"),
    refused(server.origin).finally(() => gate.open()),
  ]);
  assertEquals([paid.status, ended.code], [201, 0]);
});

for (const workers of [1, 2]) {
  Deno.test(`a server of ${workers} waits for what is under way no longer than it is told`, async () => {
    await using ledger = startLedgerServer();
    ledger.setAccount("alice", 10_000);
    await using server = await startServer({
      workers,
      env: { ...ledgerOf(ledger), OFFCODE_STOP_SECONDS: "0" },
    });
    const { api } = server;
    const merchant = await api.merchant();
    const phone = await api.enrol(await api.walletKey(), "alice", "phone-1");
    const gate = new Gate();
    ledger.next("debits", waits(gate));
    const code = phone.code(Date.now());
    const cutOff = assertRejects(
      () => api.pay(merchant, { code, order_id: "order-1" }),
      TypeError,
    );
    await gate.reached;
    assertEquals((await server.kill("SIGTERM")).code, 0);
    await cutOff;
    gate.open();
  });
}

/** Comes back once the server takes no new connections. */
async function refused(origin: string) {
  for (;;) {
    try {
      (await connect(origin))[Symbol.dispose]();
    } catch (error) {
      // What waited to be accepted when the server closed its port is reset.
      if (error instanceof Deno.errors.ConnectionReset) continue;
      assertInstanceOf(error, Deno.errors.ConnectionRefused);
      return;
    }
  }
}

Deno.test("serve, which listens to the network, makes no keys of its own", async () => {
  await assertRejects(
    () => startServer({ workers: 4, env: NOTHING_SET }),
    Error,
    "OFFCODE_ADMIN_KEY and OFFCODE_MASTER_KEYS must be set",
  );
});

Deno.test("serve serves one store with all its threads", async () => {
  await using server = await startServer({ workers: 4 });
  const { api } = server;
  const merchant = await api.merchant();
  const phone = await api.enrol(await api.walletKey(), "alice", "phone-1");
  await api.setBalance("alice", 100_000);
  const code = phone.code(Date.now());
  // Connections of their own, so that every thread has its turn.
  const answers = await Promise.all(
    Array.from({ length: 32 }, (_, i) =>
      api.call("POST", "/v1/payments", {
        key: merchant.key,
        headers: { connection: "close" },
        body: {
          code,
          order_id: `order-${i}`,
          amount_minor: 100,
          currency: "EUR",
        },
      })),
  );
  const statuses = answers.map((it) => it.status).sort();
  assertEquals(statuses, [201, ...Array(31).fill(409)]);
  assertEquals(await api.balance("alice"), 99_900);
  assertEquals((await server.kill("SIGTERM")).code, 0);
});

for (const slow of ["first", "second"]) {
  Deno.test(`serve ends with 0 at SIGTERM, though its ${slow} thread has not started yet`, async () => {
    await using folder = await startFolder();
    const child = new LimitedCommand(Deno.execPath(), {
      args: [
        ...["run", "-A", "--unstable-net", "--config", `${ROOT}deno.json`],
        `${ROOT}tests/support/world/points/slow_thread.ts`,
      ],
      cwd: folder.path,
      env: { ...KEYS, PORT: "0", DENO_JOBS: "2", SLOW: slow },
      stdin: "null",
      stdout: "inherit",
      stderr: "inherit",
      limitMs: 180_000,
    }).spawn();
    await until(
      () => Deno.stat(`${folder.path}/waiting`).then(() => true, () => false),
      "No slow thread began",
    );
    child.kill("SIGTERM");
    assertEquals((await child.status).code, 0);
  });

  Deno.test(`serve listens once its ${slow} thread has started`, async () => {
    await using folder = await startFolder();
    const starting = startServer({
      ...{ workers: 2, folder: folder.path, env: { SLOW: slow } },
      entry: "tests/support/world/points/slow_thread.ts",
    });
    await until(
      () => Deno.stat(`${folder.path}/waiting`).then(() => true, () => false),
      "No slow thread began",
    );
    await Deno.mkdir(`${folder.path}/go`);
    await using server = await starting;
    assertEquals((await server.api.call("GET", "/readyz")).status, 200);
    assertEquals((await server.kill("SIGTERM")).code, 0);
  });
}

Deno.test("serve answers at SIGTERM what is under way on any of its threads", async () => {
  await using ledger = startLedgerServer();
  await using server = await startServer({
    workers: 3,
    env: { ...ledgerOf(ledger), ...PATIENT },
  });
  const { api } = server;
  const merchant = await api.merchant();
  const walletKey = await api.walletKey();
  const phones = [];
  for (let i = 0; i < 9; i++) {
    ledger.setAccount(`account-${i}`, 10_000);
    phones.push(await api.enrol(walletKey, `account-${i}`, `phone-${i}`));
  }
  const gate = new Gate();
  const arrived = new Set<string>();
  const all = Promise.withResolvers<void>();
  const holds: Fault = (exchange) => {
    arrived.add(exchange.paymentId);
    if (arrived.size === phones.length) all.resolve();
    return waits(gate)(exchange);
  };
  // More than payments: where they take long a sweeper asks for them, too.
  ledger.next("debits", ...Array<Fault>(100).fill(holds));
  // Each has a connection of its own, so the kernel parts them.
  const answers = phones.map((phone, i) => {
    const code = phone.code(Date.now());
    return api.pay(merchant, { code, order_id: `order-${i}` });
  });
  await all.promise;
  const [ended, paid] = await Promise.all([
    server.kill("SIGTERM"),
    Promise.all(answers),
    refused(server.origin).finally(() => gate.open()),
  ]);
  assertEquals(paid.map(({ status }) => status), phones.map(() => 201));
  assertEquals(ended.code, 0);
});

Deno.test("serve has its port for itself", async () => {
  await using server = await startServer({ workers: 2 });
  const { port } = new URL(server.origin);
  await assertRejects(
    () => startServer({ workers: 2, env: { PORT: port } }),
    Error,
    `PORT ${port} of HOST 127.0.0.1 cannot be had: `,
  );
});

/** One TCP connection that speaks as it likes. */
async function connect(origin: string) {
  const { hostname, port } = new URL(origin);
  const connection = await Deno.connect({ hostname, port: Number(port) });
  const buffer = new Uint8Array(4096);
  return {
    async send(text: string) {
      const bytes = new TextEncoder().encode(text);
      for (let sent = 0; sent < bytes.length;) {
        sent += await connection.write(bytes.subarray(sent));
      }
    },
    /** Reads until `end` came, or everything. */
    async receive(end: string): Promise<string> {
      let text = "";
      while (!text.endsWith(end)) {
        const length = await connection.read(buffer);
        if (length === null) break;
        text += new TextDecoder().decode(buffer.subarray(0, length));
      }
      return text;
    },
    [Symbol.dispose]: () => connection.close(),
  };
}

Deno.test("SIGTERM while a body arrives is no fault of the till's", async () => {
  await using server = await startServer();
  const merchant = await server.api.merchant();
  const { hostname, port } = new URL(server.origin);
  using till = await Deno.connect({ hostname, port: Number(port) });
  const head = [
    "POST /v1/payments HTTP/1.1",
    `host: ${hostname}`,
    `authorization: Bearer ${merchant.key}`,
    "content-type: application/json",
    "content-length: 100",
    "expect: 100-continue",
    "",
    '{"code":"',
  ];
  await till.write(new TextEncoder().encode(head.join("\r\n")));
  // RFC 9110 §10.1.1: it says so when it begins to read the body.
  const begun = new Uint8Array(64);
  const length = await till.read(begun);
  assertMatch(
    new TextDecoder().decode(begun.subarray(0, length ?? 0)),
    /^HTTP\/1\.1 100 Continue\r\n\r\n$/,
  );
  const ended = server.kill("SIGTERM");
  const answer = await new Response(till.readable).text();
  assertMatch(answer, /^HTTP\/1\.1 503 /);
  assertMatch(answer, /"retry":"same-order"/);
  assertEquals((await ended).code, 0);
});
