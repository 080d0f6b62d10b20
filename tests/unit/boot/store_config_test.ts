import { assert, assertEquals } from "@std/assert";
import { encodeBase64 } from "@std/encoding/base64";
import { readConfig } from "../../../edge/boot/config.ts";
import { settingsOf } from "../../../edge/boot/setting_table.ts";
import { readStore } from "../../../edge/boot/store_config.ts";

/** What is read, and what is wrong with it. */
function read(env: Record<string, string>) {
  const faults: string[] = [];
  const store = readStore(settingsOf(env), faults);
  return { store, faults };
}

const redis = (text: string) => read({ OFFCODE_STORE: text });

Deno.test("readStore() takes the path of an SQLite file", () => {
  for (const path of ["./data/offcode.db", "/a:b.db", "a b", "x\n"]) {
    assertEquals(read({ OFFCODE_STORE: `sqlite:${path}` }), {
      store: { kind: "sqlite", path },
      faults: [],
    });
  }
  assertEquals(read({}).store, { kind: "sqlite", path: "./data/offcode.db" });
});

Deno.test("readStore() takes a Redis by its address", () => {
  const node = { host: "host", port: 6379 };
  const cases: [string, Record<string, unknown>][] = [
    ["redis://host", {}],
    ["redis://host/", {}],
    ["redis://host/0", {}],
    ["redis://host:7000", { nodes: [{ host: "host", port: 7000 }] }],
    ["redis://10.0.0.1:1", { nodes: [{ host: "10.0.0.1", port: 1 }] }],
    ["redis://[::1]:7000", { nodes: [{ host: "::1", port: 7000 }] }],
    ["redis://my-redis_1.svc.local", {
      nodes: [{ host: "my-redis_1.svc.local", port: 6379 }],
    }],
    ["rediss://host", { tls: true }],
    ["redis://:pass@host", { password: "pass" }],
    ["redis://user:pass@host", { username: "user", password: "pass" }],
    ["redis://user@host", { username: "user" }],
    ["redis://user:a:b@c%2F%40%3A@host", {
      username: "user",
      password: "a:b@c/@:",
    }],
    ["rediss://user:pass@a:1,b,[::2]:3/0", {
      tls: true,
      username: "user",
      password: "pass",
      nodes: [
        { host: "a", port: 1 },
        { host: "b", port: 6379 },
        { host: "::2", port: 3 },
      ],
    }],
  ];
  for (const [text, expected] of cases) {
    assertEquals(redis(text), {
      store: { kind: "redis", nodes: [node], tls: false, ...expected },
      faults: [],
    } as ReturnType<typeof read>, text);
  }
});

Deno.test("readStore() takes Upstash by URL and token", () => {
  for (
    const url of [
      "https://eu1-some-name-12345.upstash.io",
      "https://host/base/",
      "http://127.0.0.1:8079",
      "http://127.8.9.10:8079",
      "http://localhost:8079",
      "http://[::1]:8079",
    ]
  ) {
    const env = {
      OFFCODE_STORE: "upstash",
      UPSTASH_REDIS_REST_URL: url,
      UPSTASH_REDIS_REST_TOKEN: "AX-token_~=",
    };
    assertEquals(read(env), {
      store: { kind: "upstash", url, token: "AX-token_~=" },
      faults: [],
    });
  }
});

const SECRET = "S3cretS3cret";

Deno.test("readStore() names what is wrong and repeats none of it", () => {
  const stores = [
    `mysql://root:${SECRET}@host`,
    `redis:${SECRET}`,
    `redis://`,
    `redis://user:${SECRET}@`,
    `redis://user:${SECRET}@host/1`,
    `redis://user:${SECRET}@host/${SECRET}`,
    `redis://user:${SECRET}@host?db=${SECRET}`,
    `redis://user:${SECRET}@host#${SECRET}`,
    `redis://user:${SECRET}%@host`,
    `redis://user:${SECRET}@host:0`,
    `redis://user:${SECRET}@host:65536`,
    `redis://user:${SECRET}@host:${SECRET}`,
    `redis://user:${SECRET}@host,`,
    `redis://user:${SECRET}@host, other`,
    `redis://user:${SECRET}@ho st`,
    `REDIS://user:${SECRET}@host`,
    `Upstash`,
    `sqlite:`,
    `postgres`,
    ` redis://${SECRET}@host`,
  ];
  for (const OFFCODE_STORE of stores) {
    const { faults } = read({ OFFCODE_STORE });
    assertEquals(faults.length, 1, OFFCODE_STORE);
    assert(faults[0]!.startsWith("OFFCODE_STORE"), faults[0]);
    assert(!faults[0]!.includes(SECRET), faults[0]);
  }
});

Deno.test("readStore() sends a token over nothing but https, and asks for both", () => {
  const upstash = (url: string, token: string) =>
    read({
      OFFCODE_STORE: "upstash",
      UPSTASH_REDIS_REST_URL: url,
      UPSTASH_REDIS_REST_TOKEN: token,
    }).faults;
  for (
    const url of [
      "",
      "host",
      `http://${SECRET}.upstash.io`,
      "http://127.0.0.1.example.com",
      "ftp://host",
      `https://user:${SECRET}@host`,
      `https://host/?_token=${SECRET}`,
      `https://host/#${SECRET}`,
      `https://host/ ${SECRET}`,
      `redis://host/${SECRET}`,
    ]
  ) {
    const faults = upstash(url, "token");
    assertEquals(faults.length, 1, url);
    assert(faults[0]!.startsWith("UPSTASH_REDIS_REST_URL"));
    assert(!faults[0]!.includes(SECRET));
  }
  for (const token of ["", `${SECRET} x`, `${SECRET}\n`, "é", '"x" y']) {
    const faults = upstash("https://host", token);
    assertEquals(faults.length, 1, token);
    assert(faults[0]!.startsWith("UPSTASH_REDIS_REST_TOKEN"));
    assert(!faults[0]!.includes(SECRET));
  }
  assertEquals(upstash("", "").length, 2);
});

Deno.test("readStore() takes a list of Upstash databases that has each cell once", () => {
  const env = {
    OFFCODE_STORE: "upstash",
    OFFCODE_CELLS: "8",
    OFFCODE_CELL_KEY: encodeBase64(new Uint8Array(32)),
  };
  const list = (...cells: unknown[]) =>
    read({
      ...env,
      OFFCODE_UPSTASH_DATABASES: JSON.stringify(
        cells.map((it) => ({ url: "https://host", token: "t", cells: it })),
      ),
    });
  const { store, faults } = list([4, 7], [0, 3]);
  assertEquals(faults, []);
  assert(store.kind === "upstash-fleet");
  assertEquals(
    store.databases.map(({ from, to }) => [from, to]),
    [[0, 3], [4, 7]],
  );
  const incomplete = [
    "OFFCODE_UPSTASH_DATABASES must have each cell from 0 to 7 once",
  ];
  for (const cells of [[[0, 6]], [[0, 3], [3, 7]], [[0, 8]], [[1, 7]]]) {
    assertEquals(list(...cells).faults, incomplete);
  }
  for (const cells of [[], [[7, 0]], [[0]], [[0, 7, 9]], ["0-7"], [null]]) {
    assertEquals(list(...cells).faults.length, 1, JSON.stringify(cells));
  }
  for (const text of ["{}", "[", "[null]", '[{"url":"http://far"}]']) {
    const { faults } = read({ ...env, OFFCODE_UPSTASH_DATABASES: text });
    assertEquals(faults.length, 1, text);
    assert(!faults[0]!.includes("http://far"));
  }
});

Deno.test("readStore() takes the list of Upstash databases from a file, and says what is wrong with it", async () => {
  const path = await Deno.makeTempFile();
  try {
    const faultsOf = async (text: string, OFFCODE_UPSTASH_DATABASES = path) => {
      await Deno.writeTextFile(path, text);
      const { store, faults } = read({
        ...{ OFFCODE_STORE: "upstash", OFFCODE_CELLS: "8" },
        OFFCODE_CELL_KEY: encodeBase64(new Uint8Array(32)),
        OFFCODE_UPSTASH_DATABASES,
      });
      const count = store.kind === "upstash-fleet" && store.databases.length;
      return faults.length === 0 ? count : faults.join();
    };
    const item = (cells: number[]) => ({
      ...{ url: "https://host", token: SECRET, cells },
    });
    const list = [item([0, 3]), item([4, 7])];
    assertEquals(await faultsOf(`\n${JSON.stringify(list, null, 2)}\n`), 2);
    const faults = [
      ["", "must be JSON"],
      ["{}", "must be a list"],
      [JSON.stringify(list.with(1, item([7, 4]))), "as item 2"],
      [JSON.stringify([{ ...list[0], url: "http://far" }]), "as item 1"],
      [JSON.stringify(list.slice(1)), "each cell from 0 to 7 once"],
    ] as const;
    for (const [text, fault] of faults) {
      const said = `${await faultsOf(text)}`;
      assert(said.startsWith("OFFCODE_UPSTASH_DATABASES must"), said);
      assert(said.includes(fault), said);
      assert(!said.includes(SECRET), said);
    }
    const none = `${await faultsOf("[]", `${path}.${SECRET}`)}`;
    assert(none.includes("the path of a file"), none);
    assert(!none.includes(SECRET), none);
  } finally {
    await Deno.remove(path);
  }
});

Deno.test("readStore() takes a power of two as the number of cells, and their key", () => {
  const key = new Uint8Array(32).fill(1);
  const OFFCODE_CELL_KEY = encodeBase64(key);
  for (const count of [2, 64, 1_024]) {
    for (const OFFCODE_STORE of ["sqlite:x", "redis://host"]) {
      const env = { OFFCODE_STORE, OFFCODE_CELL_KEY, OFFCODE_PREFIX: "91" };
      const { store, faults } = read({ ...env, OFFCODE_CELLS: `${count}` });
      assertEquals(faults, []);
      const { cells } = store;
      assertEquals([cells?.count, cells?.prefix], [count, "91"]);
      assertEquals(new Uint8Array(cells!.key), key);
    }
  }
  for (const cells of ["0", "3", "2048", "01", "1.0", "one", " 1", "-1"]) {
    const { faults } = read({ OFFCODE_CELLS: cells, OFFCODE_CELL_KEY });
    assertEquals(faults, [
      "OFFCODE_CELLS must be a power of two from 1 to 1024",
    ]);
  }
  for (const secret of ["", "AAAA", `${OFFCODE_CELL_KEY}\n`, "0".repeat(64)]) {
    const { faults } = read({ OFFCODE_CELLS: "2", OFFCODE_CELL_KEY: secret });
    assertEquals(faults.length, 1);
    assert(faults[0]!.startsWith("OFFCODE_CELL_KEY must be 32 random bytes"));
  }
  assertEquals(read({ OFFCODE_CELLS: "1" }).store.cells, undefined);
  assertEquals(readConfig({ OFFCODE_CELLS: "" }).store.kind, "sqlite");
});
