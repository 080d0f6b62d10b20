import { assertEquals } from "@std/assert";
import plugin from "../../../scripts/lint_layers.ts";

/** The rules that a source breaks in a file, in the order of its lines. */
function broken(path: string, source: string): string[] {
  return Deno.lint.runPlugin(plugin, path, source)
    .sort((a, b) => a.range[0] - b.range[0])
    .map((it) => it.id.replace("offcode/", ""));
}

function arrow(from: string, specifier: string): boolean {
  const found = broken(from, `import { it } from "${specifier}";\nit();\n`);
  return found.length === 0;
}

Deno.test("arrows lets every layer import what lies below it", () => {
  const allowed = [
    ["edge/main.ts", "./boot/app.ts"],
    ["edge/main.ts", "./store/sqlite/sqlite.ts"],
    ["edge/main.ts", "./ledger/sandbox/sandbox.ts"],
    ["edge/main.ts", "../wasm/release/core.wasm"],
    ["edge/serve.ts", "hono"],
    ["edge/boot/compose.ts", "./config.ts"],
    ["edge/boot/compose.ts", "../payment/payments.ts"],
    ["edge/boot/compose.ts", "../store/store.ts"],
    ["edge/boot/app.ts", "../http/payment_routes.ts"],
    ["edge/boot/app.ts", "hono"],
    ["edge/boot/app.ts", "../store/store.ts"],
    ["edge/http/payment_routes.ts", "hono/http-exception"],
    ["edge/http/payment_routes.ts", "../payment/payments.ts"],
    ["edge/http/payment_routes.ts", "../base/outcome.ts"],
    ["edge/http/context.ts", "../ledger/ledger.ts"],
    ["edge/payment/payments.ts", "../verification/search.ts"],
    ["edge/payment/payments.ts", "../store/store.ts"],
    ["edge/payment/payments.ts", "../store/keys.ts"],
    ["edge/payment/payments.ts", "../code/format.ts"],
    ["edge/payment/payments.ts", "../core/core.ts"],
    ["edge/payment/payments.ts", "../vault/seal.ts"],
    ["edge/payment/payments.ts", "../ledger/ledger.ts"],
    ["edge/payment/payments.ts", "node:crypto"],
    ["edge/store/sqlite/sqlite.ts", "../store.ts"],
    ["edge/store/sqlite/sqlite.ts", "./schema.ts"],
    ["edge/store/redis/tcp.ts", "./script.ts"],
    ["edge/ledger/sandbox/sandbox.ts", "../../store/store.ts"],
    ["edge/core/core.ts", "../code/profile.ts"],
    ["edge/core/core.ts", "../../wasm/release/core.wasm"],
    ["edge/code/format.ts", "./profile.ts"],
    ["scripts/demo.ts", "../edge/store/sqlite/sqlite.ts"],
    ["tests/unit/x_test.ts", "../../edge/code/format.ts"],
  ] as const;
  for (const [from, to] of allowed) {
    assertEquals(arrow(from, to), true, `${from} → ${to}`);
  }
});

Deno.test("arrows refuses every import upwards, sideways or around", () => {
  const refused = [
    ["edge/boot/app.ts", "../main.ts"],
    ["edge/boot/app.ts", "./config.ts"],
    ["edge/boot/app.ts", "../store/sqlite/sqlite.ts"],
    ["edge/boot/compose.ts", "../store/sqlite/sqlite.ts"],
    ["edge/boot/compose.ts", "../main.ts"],
    ["edge/http/payment_routes.ts", "../boot/app.ts"],
    ["edge/http/payment_routes.ts", "../store/store.ts"],
    ["edge/http/payment_routes.ts", "../core/core.ts"],
    ["edge/http/payment_routes.ts", "../vault/seal.ts"],
    ["edge/http/payment_routes.ts", "../ledger/sandbox/sandbox.ts"],
    ["edge/payment/payments.ts", "../http/problem.ts"],
    ["edge/payment/payments.ts", "../store/sqlite/sqlite.ts"],
    ["edge/payment/payments.ts", "../store/redis/tcp.ts"],
    ["edge/payment/payments.ts", "../ledger/sandbox/sandbox.ts"],
    ["edge/payment/payments.ts", "../ledger/http/http.ts"],
    ["edge/payment/payments.ts", "../boot/config.ts"],
    ["edge/payment/payments.ts", "hono"],
    ["edge/payment/payments.ts", "hono/jwt"],
    ["edge/payment/payments.ts", "../../scripts/code.ts"],
    ["edge/store/store.ts", "./sqlite/sqlite.ts"],
    ["edge/store/sqlite/sqlite.ts", "../redis/script.ts"],
    ["edge/store/sqlite/sqlite.ts", "../../ledger/sandbox/sandbox.ts"],
    ["edge/store/sqlite/sqlite.ts", "../../payment/record.ts"],
    ["edge/store/sqlite/sqlite.ts", "hono"],
    ["edge/ledger/http/http.ts", "../sandbox/sandbox.ts"],
    ["edge/core/core.ts", "../store/sqlite/sqlite.ts"],
    ["edge/vault/seal.ts", "../enrolment/record.ts"],
    ["edge/code/format.ts", "../base/clock.ts"],
    ["edge/code/format.ts", "@std/encoding/hex"],
    ["edge/code/format.ts", "node:crypto"],
    ["edge/code/format.ts", "../../tests/support/generator.ts"],
    ["edge/pages/wallet.ts", "../payment/payments.ts"],
    ["edge/surprise/thing.ts", "../base/clock.ts"],
  ] as const;
  for (const [from, to] of refused) {
    assertEquals(arrow(from, to), false, `${from} → ${to}`);
  }
});

Deno.test("arrows sees imports of every kind, of types as well", () => {
  const kinds = [
    'import "../store/sqlite/sqlite.ts";',
    'import type { A } from "../store/sqlite/sqlite.ts"; export type B = A;',
    'import * as all from "../store/sqlite/sqlite.ts"; all.x();',
    'export { A } from "../store/sqlite/sqlite.ts"; export const b = 1;',
    'export * from "../store/sqlite/sqlite.ts"; export const b = 1;',
    'export type B = import("../store/sqlite/sqlite.ts").A;',
    'export const load = () => import("../store/sqlite/sqlite.ts");',
  ];
  for (const source of kinds) {
    assertEquals(broken("edge/payment/x.ts", source), ["arrows"], source);
  }
});

Deno.test("arrows finds the repository's own files by their full path", () => {
  const path = new URL("../../../edge/payment/x.ts", import.meta.url).pathname;
  const source = 'import "../store/sqlite/sqlite.ts";';
  assertEquals(broken(path, source), ["arrows"]);
});

Deno.test("no-barrel refuses a file that only passes exports on", () => {
  const barrels = [
    'export * from "./a.ts";',
    'export { a } from "./a.ts";\nexport type { B } from "./b.ts";',
    'import { a } from "./a.ts";\nexport { a };',
  ];
  for (const source of barrels) {
    assertEquals(broken("scripts/x.ts", source), ["no-barrel"], source);
  }
  const real = 'export { a } from "./a.ts";\nexport const b = 1;';
  assertEquals(broken("scripts/x.ts", real), []);
  assertEquals(broken("scripts/x.ts", 'import "./a.ts";'), []);
});

Deno.test("no-default-export allows one only where a runtime demands it", () => {
  const forms = [
    "export default 1;",
    "const a = 1; export { a as default };",
  ];
  for (const source of forms) {
    assertEquals(broken("edge/boot/app.ts", source), ["no-default-export"]);
    for (const entry of ["edge/main.ts", "edge/serve.ts"]) {
      assertEquals(broken(entry, source), [], entry);
    }
    assertEquals(broken("edge/base/std.d.ts", source), []);
  }
});

Deno.test("environment lets entry files alone read variables", () => {
  const forms = [
    'Deno.env.get("PORT");',
    "const { env } = { env: Deno.env };",
    'Deno["env"];',
    "globalThis.Deno.env;",
    "process.env.PORT;",
  ];
  for (const source of forms) {
    assertEquals(
      broken("edge/boot/config.ts", source),
      ["environment"],
      source,
    );
    assertEquals(broken("edge/main.ts", source), [], source);
    assertEquals(broken("scripts/test.ts", source), [], source);
  }
});

Deno.test("records lets edge/store/ alone write records by hand", () => {
  const forms = [
    'const write = { kind: "set", key, value };',
    'const check = { kind: "within" as const, ...counter };',
    "await store.txn({ checks, writes });",
    "const order = JSON.parse(text) as Order;",
    "const order = <Order> JSON.parse(text);",
    "for (let i = 0; i < TRIES; i++) await commit(store, plan());",
    "while (attemptsLeft > 0) attemptsLeft -= await once();",
    "do tries++; while (tries < 5);",
  ];
  for (const source of forms) {
    assertEquals(broken("edge/payment/x.ts", source), ["records"], source);
    for (const path of ["edge/store/x.ts", "tests/x_test.ts"]) {
      assertEquals(broken(path, source), [], source);
    }
  }
  const fine = [
    'const outcome = { kind: "declined", reason };',
    "const text: unknown = JSON.parse(body);",
    "for (let i = 0; i < parts.length; i++) use(parts[i]);",
    "await commit(store, { guards, writes: [order.set(next)] });",
  ];
  for (const source of fine) {
    assertEquals(broken("edge/payment/x.ts", source), [], source);
  }
});

Deno.test("ambient lets edge/base/clock.ts alone read clock and randomness", () => {
  const forms = [
    "Date.now();",
    "const now = Date.now;",
    "globalThis.Date.now();",
    "new Date();",
    "new globalThis.Date();",
    "Date();",
    "Math.random();",
    "crypto.getRandomValues(new Uint8Array(1));",
    "crypto.randomUUID();",
    'import { randomBytes } from "node:crypto"; randomBytes(1);',
  ];
  for (const source of forms) {
    assertEquals(broken("edge/payment/x.ts", source), ["ambient"], source);
    assertEquals(broken("edge/base/clock.ts", source), [], source);
    assertEquals(broken("tests/x_test.ts", source), [], source);
  }
  const fine = [
    "new Date(0);",
    "Date.parse(text);",
    'import { createHmac } from "node:crypto"; createHmac("sha256", key);',
  ];
  for (const source of fine) {
    assertEquals(broken("edge/payment/x.ts", source), [], source);
  }
});

Deno.test("limited-processes refuses a test's process without a time limit", () => {
  const source = 'new Deno.Command("sh"); new LimitedCommand("sh");';
  assertEquals(broken("tests/http/x_test.ts", source), ["limited-processes"]);
  assertEquals(broken("tests/support/http/command.ts", source), []);
  assertEquals(broken("scripts/x.ts", source), []);
});

Deno.test("strict-equality refuses == except against null", () => {
  const source = "a == b; a != 1; a == null; null != a; a === b;";
  assertEquals(broken("edge/x.ts", source), [
    "strict-equality",
    "strict-equality",
  ]);
});

Deno.test("secret-comparison refuses to compare secrets in any other than constant time", () => {
  const refused = [
    "encode(made) === stored.hash;",
    "keyHash === deps.adminKeyHash;",
    "presented !== adminHash;",
    "b !== caller.apiKey;",
    "text === masterKey!;",
    "signature === sign(secret);",
    "sign(seed) === given;",
    "(await mac(it)) === given;",
    "record?.mac === (made as string);",
    "digests[0] === digest;",
    "made.equals(stored.hash);",
    "Buffer.compare(token, given) === 0;",
    "bearerKey.localeCompare(given);",
    "API_KEY === given;",
  ];
  for (const source of refused) {
    assertEquals(
      broken("edge/vault/x.ts", source),
      ["secret-comparison"],
      source,
    );
    assertEquals(broken("tests/x_test.ts", source), [], source);
  }
  const fine = [
    "timingSafeEqual(made, hash);",
    "hash === undefined;",
    "token !== null;",
    "hash?.length !== 32;",
    'typeof secret === "string";',
    'secret === "";',
    "key === payment.twin_key;",
    "counter === offlineUsesKey(accountId);",
    "error.code === other.code;",
    "first.code_name === found.codeName;",
    "set.equals(other);",
  ];
  for (const source of fine) {
    assertEquals(broken("edge/vault/x.ts", source), [], source);
  }
});

Deno.test("arrows tells where a new folder gets its place", () => {
  const [fault] = Deno.lint.runPlugin(
    plugin,
    "edge/till/till.ts",
    'import { it } from "../ids.ts";\nit();\n',
  );
  const [, file] = /give it one in (\S+)$/.exec(fault?.message ?? "") ?? [];
  assertEquals(file, "scripts/layers.ts");
});

/** A function with so many lines of code. */
const long = (lines: number) =>
  `export function go${lines}() {\n${"  go();\n".repeat(lines - 2)}}\n`;

/** What the rule of lengths says about a source. */
function lengthFaults(path: string, source: string): string[] {
  return Deno.lint.runPlugin(plugin, path, source)
    .filter((it) => it.id === "offcode/function-length")
    .map((it) => it.message);
}

const tooLong = (lines: number) =>
  `A function has ${lines} lines of code, 70 are allowed`;

Deno.test("function-length allows 70 lines of code, without blank ones and comments", () => {
  assertEquals(lengthFaults("edge/x.ts", long(70)), []);
  assertEquals(lengthFaults("edge/x.ts", long(71)), [tooLong(71)]);
  const airy = long(70)
    .replace("go();", "go(); // said\n\n  // said\n  /* said\n   more */\n");
  assertEquals(lengthFaults("edge/x.ts", airy), []);
});

Deno.test("function-length sees functions of every kind, and counts what lies within", () => {
  const body = `{\n${"  go();\n".repeat(70)}}`;
  const sources = [
    `const a = () => ${body};`,
    `const a = { b() ${body} };`,
    `class A { #b() ${body} }`,
    `class A { b = () => ${body} }`,
    `class A { constructor() ${body} }`,
    `Deno.test("a b", () => ${body});`,
  ];
  for (const source of sources) {
    assertEquals(lengthFaults("tests/x_test.ts", source), [tooLong(72)]);
  }
  const nested = `function a() { function b() ${body} }`;
  assertEquals(lengthFaults("tests/x_test.ts", nested).length, 2);
});
