import { assert, assertEquals, assertThrows } from "@std/assert";
import { encodeBase64 } from "@std/encoding/base64";
import { ConfigError, readConfig } from "../../../edge/boot/config.ts";
import { SETTING_TABLE } from "../../../edge/boot/setting_table.ts";
import { DEFAULT_SETTINGS } from "../../../edge/boot/settings.ts";
import {
  ADMIN_KEY,
  faults,
  KEYS,
  MASTER_KEYS,
} from "../../support/world/config.ts";

const { prefix: _p, profiles: _s, enrolmentProfile: _e, ...SETTINGS } =
  DEFAULT_SETTINGS;

Deno.test("readConfig() of an empty environment has the defaults and no keys", () => {
  const defaults = {
    port: 8000,
    store: { kind: "sqlite", path: "./data/offcode.db" },
    prefix: "90",
    profiles: [1],
    ledger: { kind: "sandbox" },
    callbacks: { insecure: false },
    hasPages: true,
    stopMs: 4_000,
    settings: SETTINGS,
  } as const;
  assertEquals(readConfig({}), defaults);
  // An empty variable is one that is not set.
  const names = Object.keys(SETTING_TABLE);
  assertEquals(
    readConfig(Object.fromEntries(names.map((name) => [name, ""]))),
    defaults,
  );
  // Others' variables do not matter.
  assertEquals(readConfig({ PATH: "/bin", PREFIX: "1" }), defaults);
});

Deno.test("readConfig() takes what is set", () => {
  const { keys, ...config } = readConfig({
    ...KEYS,
    PORT: "0",
    HOST: "127.0.0.1",
    OFFCODE_STORE: "sqlite:/var/lib/offcode/a:b.db",
    OFFCODE_PREFIX: "01",
    OFFCODE_LEDGER: "sandbox",
  });
  assertEquals(config, {
    port: 0,
    host: "127.0.0.1",
    store: { kind: "sqlite", path: "/var/lib/offcode/a:b.db" },
    prefix: "01",
    profiles: [1],
    ledger: { kind: "sandbox" },
    callbacks: { insecure: false },
    hasPages: true,
    stopMs: 4_000,
    settings: SETTINGS,
  });
  assertEquals(keys?.adminKey, ADMIN_KEY);
  assertEquals(keys?.keyring.map(({ kid }) => kid), ["k1"]);
});

Deno.test("readConfig() names every fault at once", () => {
  assertEquals(
    faults({
      PORT: "http",
      OFFCODE_STORE: "mysql://root@host",
      OFFCODE_ADMIN_KEY: "short and spaced",
      OFFCODE_MASTER_KEYS: "nothing",
      OFFCODE_PREFIX: "9",
      OFFCODE_LEDGER: "ftp://ledger",
      OFFCODE_LEDGER_SECRET: "whsec_short",
      OFFCODE_BAD_CODE_LIMIT: "none",
      OFFCODE_DUPLICATE_GUARD: "60",
      OFFCODE_CORE_MEMORY: "all",
      OFFCODE_LIMITS: "few",
      OFFCODE_TIME_ZONE: "here",
    }).map((fault) => fault.split(/[ :]/)[0]),
    [
      "PORT",
      "OFFCODE_STORE",
      "OFFCODE_ADMIN_KEY",
      "OFFCODE_ADMIN_KEY",
      "OFFCODE_MASTER_KEYS",
      "OFFCODE_PREFIX",
      "OFFCODE_LEDGER",
      "OFFCODE_LEDGER_SECRET",
      "OFFCODE_BAD_CODE_LIMIT",
      "OFFCODE_DUPLICATE_GUARD",
      "OFFCODE_CORE_MEMORY",
      "OFFCODE_TIME_ZONE",
      "OFFCODE_LIMITS",
    ],
  );
  const error = assertThrows(
    () => readConfig({ PORT: "x", OFFCODE_PREFIX: "x" }),
    ConfigError,
  );
  assertEquals(
    error.message,
    "The configuration is not usable:\n" +
      "  PORT must be a number from 0 to 65535\n" +
      "  OFFCODE_PREFIX must be two digits",
  );
});

Deno.test("readConfig() takes ports from 0 to 65535, as plain digits", () => {
  for (const port of ["0", "1", "8000", "65535"]) {
    assertEquals(readConfig({ PORT: port }).port, Number(port));
  }
  for (
    const port of ["-1", "65536", "99999", "100000", "80.5", "8e3", "0x50"]
      .concat([" 80", "80 ", "80\n", "٨٠", "NaN", "Infinity"])
  ) {
    assertEquals(faults({ PORT: port }).length, 1, port);
  }
});

Deno.test("readConfig() takes a prefix of two ASCII digits", () => {
  for (const prefix of ["00", "01", "90", "99"]) {
    assertEquals(readConfig({ OFFCODE_PREFIX: prefix }).prefix, prefix);
  }
  for (const prefix of ["9", "900", "9a", " 90", "90\n", "٩٠", "９０", "-1"]) {
    assertEquals(faults({ OFFCODE_PREFIX: prefix }).length, 1, prefix);
  }
});

Deno.test("readConfig() takes both keys or none", () => {
  const together =
    "OFFCODE_ADMIN_KEY and OFFCODE_MASTER_KEYS must be set together; with " +
    "neither, development keys are made";
  assertEquals(faults(KEYS), []);
  assertEquals(faults({ OFFCODE_ADMIN_KEY: ADMIN_KEY }), [together]);
  assertEquals(faults({ OFFCODE_MASTER_KEYS: MASTER_KEYS }), [together]);
  assertEquals(faults({ ...KEYS, OFFCODE_ADMIN_KEY: "" }), [together]);
});

Deno.test("readConfig() takes an admin key of 32 characters that a header can hold", () => {
  const set = (OFFCODE_ADMIN_KEY: string) =>
    faults({ ...KEYS, OFFCODE_ADMIN_KEY });
  assertEquals(set("x".repeat(31)).length, 1);
  assertEquals(set("x".repeat(32)), []);
  assertEquals(set("~!@#$%^&*()".repeat(4)), []);
  for (const wrong of [" ", "\n", "\0", "é", "钱", "\x7f"]) {
    assertEquals(set("x".repeat(32) + wrong).length, 1);
  }
});

Deno.test("readConfig() tells no secret, however wrong it is", () => {
  const secret = "S3cretS3cretS3cretS3cret";
  const wrong: Record<string, string>[] = [
    { OFFCODE_ADMIN_KEY: secret },
    { OFFCODE_ADMIN_KEY: `${secret} ${secret}` },
    ...[secret, `${secret}:`, `k1:${secret}`, `:${secret}`, `${secret},`]
      .concat([`k1:${secret},k1:${secret}`, `${MASTER_KEYS},k2 ${secret}`])
      .concat([`${MASTER_KEYS},${MASTER_KEYS}`])
      .map((keys) => ({ ...KEYS, OFFCODE_MASTER_KEYS: keys })),
    { OFFCODE_STORE: `redis://user:${secret}@host/7` },
    { OFFCODE_LEDGER: `https://user:${secret}@host` },
    { OFFCODE_LEDGER: "https://host", OFFCODE_LEDGER_SECRET: secret },
    {
      OFFCODE_LEDGER: "https://host",
      OFFCODE_LEDGER_SECRET: `whsec_${secret}`,
    },
    { OFFCODE_LIMITS: secret },
    { OFFCODE_LIMITS: `{"${secret}":{}}` },
    { OFFCODE_TIME_ZONE: secret },
    { OFFCODE_BAD_CODE_LIMIT: secret },
    { OFFCODE_DUPLICATE_GUARD: secret },
    { OFFCODE_PREFIX: secret },
    { PORT: secret },
  ];
  const raw = MASTER_KEYS.slice("k1:".length);
  for (const env of wrong) {
    const error = assertThrows(() => readConfig(env), ConfigError);
    const told = Deno.inspect(error) + JSON.stringify(error);
    assert(error.faults.length > 0);
    assert(!told.includes(secret), told);
    assert(!told.includes(raw), told);
  }
});

Deno.test("readConfig() takes core memory from 16 to 2047 MiB", () => {
  assertEquals(DEFAULT_SETTINGS.coreMemoryBytes, 256 * 2 ** 20);
  for (const mib of [16, 256, 2_047]) {
    const { settings } = readConfig({ OFFCODE_CORE_MEMORY: `${mib}` });
    assertEquals(settings.coreMemoryBytes, mib * 2 ** 20);
  }
  for (const wrong of ["0", "15", "2048", "-16", "64.5", "256MiB", "1e2"]) {
    assertEquals(faults({ OFFCODE_CORE_MEMORY: wrong }), [
      "OFFCODE_CORE_MEMORY must be a whole number from 16 to 2047",
    ]);
  }
});

Deno.test("readConfig() allows a store that evicts only if told so in one word", () => {
  const read = (text: string) =>
    readConfig({ OFFCODE_ALLOW_EVICTION: text }).settings.allowsEviction;
  assertEquals([read("1"), read("0"), read("")], [true, false, false]);
  for (const text of ["true", "yes", "2", " 1", "01"]) {
    assertThrows(() => read(text), ConfigError, "OFFCODE_ALLOW_EVICTION");
  }
});

Deno.test("readConfig() refuses settings of several cells that would be left out", () => {
  const list = '[{"url":"http://127.0.0.1:1","token":"t","cells":[0,0]}]';
  const OFFCODE_UPSTASH_DATABASES = list;
  assertEquals(faults({ OFFCODE_UPSTASH_DATABASES }), [
    "OFFCODE_UPSTASH_DATABASES is set, and OFFCODE_STORE is not: set it to upstash",
  ]);
  // A store that is named may be the one from which records move to the list.
  for (const OFFCODE_STORE of ["upstash", "sqlite:old.db"]) {
    readConfig({ OFFCODE_UPSTASH_DATABASES, OFFCODE_STORE });
  }
  const OFFCODE_CELL_KEY = encodeBase64(new Uint8Array(32));
  assertEquals(faults({ OFFCODE_CELL_KEY }), [
    "OFFCODE_CELL_KEY is set, and OFFCODE_CELLS is not",
  ]);
  for (const OFFCODE_CELLS of ["1", "2"]) {
    readConfig({ OFFCODE_CELL_KEY, OFFCODE_CELLS });
  }
});

Deno.test("readConfig() lets callbacks go anywhere only if told so in one word", () => {
  const read = (text: string) =>
    readConfig({ OFFCODE_CALLBACKS_INSECURE: text }).callbacks.insecure;
  assertEquals([read("1"), read("0"), read("")], [true, false, false]);
  for (const text of ["true", "yes", "2", " 1", "01"]) {
    assertThrows(() => read(text), ConfigError, "OFFCODE_CALLBACKS_INSECURE");
  }
});

Deno.test("readConfig() takes origins as browsers send them, and no others", () => {
  const read = (text: string) =>
    readConfig({ OFFCODE_CORS_ORIGINS: text }).corsOrigins;
  assertEquals(read(""), undefined);
  assertEquals(read(" , "), undefined);
  assertEquals(
    read("https://till.example, http://localhost:5173"),
    new Set(["https://till.example", "http://localhost:5173"]),
  );
  for (
    const bad of [
      "*",
      "null",
      "till.example",
      "https://till.example/",
      "https://till.example:443",
      "https://Till.example",
      "https://*.example",
      "file:///till",
      "https://till.example https://b.example",
    ]
  ) {
    const error = assertThrows(() => read(bad), ConfigError);
    assertEquals(error.faults.length, 1);
    assert(error.faults[0]?.startsWith("OFFCODE_CORS_ORIGINS must"), bad);
  }
});

Deno.test("readConfig() keeps ended orders for as many days as asked, four at least", () => {
  const recordMs = (days: string) =>
    readConfig({ OFFCODE_RECORD_DAYS: days }).settings.times.recordMs;
  assertEquals(recordMs(""), 400 * 86_400_000);
  assertEquals(recordMs("4"), 4 * 86_400_000);
  assertEquals(recordMs("36500"), 36_500 * 86_400_000);
  for (const days of ["3", "0", "-1", "4.5", "36501", "all"]) {
    assertEquals(faults({ OFFCODE_RECORD_DAYS: days }), [
      "OFFCODE_RECORD_DAYS must be a whole number from 4 to 36500",
    ]);
  }
});

Deno.test("readConfig() takes the profiles that are served, the first for new seeds", () => {
  assertEquals(readConfig({ OFFCODE_PROFILES: "2, 1" }).profiles, [2, 1]);
  const must = [
    "OFFCODE_PROFILES must be digits from 1 to 9, separated by commas, none of them twice; the first is that of new seeds",
  ];
  for (const text of ["0", "10", "1,", ",", "1,1", "1;2", "one", " "]) {
    assertEquals(faults({ OFFCODE_PROFILES: text }), must, text);
  }
});

Deno.test("readConfig() takes who may sign releases, and how long they are in shadow", () => {
  const keyOf = (letter: string) => letter.repeat(42) + "A";
  const [one, two] = [keyOf("A"), keyOf("B")];
  const { release } = readConfig({
    OFFCODE_RELEASE_KEYS: `${one}, ${two}`,
    OFFCODE_RELEASE_THRESHOLD: "2",
    OFFCODE_SHADOW_SECONDS: "0",
    OFFCODE_SHADOW_SEARCHES: "5",
  }).settings;
  assertEquals(release, {
    trusted: { keys: [one, two], threshold: 2 },
    shadowMs: 0,
    shadowSearches: 5,
    allowsBuiltIn: false,
  });
  const keys = [
    "OFFCODE_RELEASE_KEYS must be Ed25519 public keys, 32 bytes in base64url each, separated by commas, none of them twice",
  ];
  for (const text of [`${one},${one}`, one.slice(1), `${one}=`, "a b"]) {
    assertEquals(faults({ OFFCODE_RELEASE_KEYS: text }), keys, text);
  }
  for (
    const [text, most] of [["", 1], [one, 1], [`${one},${two}`, 2]] as const
  ) {
    for (const threshold of [0, most + 1]) {
      assertEquals(
        faults({
          OFFCODE_RELEASE_KEYS: text,
          OFFCODE_RELEASE_THRESHOLD: `${threshold}`,
        }),
        [
          `OFFCODE_RELEASE_THRESHOLD must be a whole number from 1 to ${most}`,
        ],
      );
    }
  }
});

Deno.test("readConfig() lets orders be refunded as long as asked and as they are kept", () => {
  const refundDays = (env: Record<string, string>) =>
    readConfig(env).settings.refundMs / 86_400_000;
  assertEquals(refundDays({}), 365);
  assertEquals(refundDays({ OFFCODE_REFUND_DAYS: "0" }), 0);
  assertEquals(refundDays({ OFFCODE_REFUND_DAYS: "30" }), 30);
  assertEquals(refundDays({ OFFCODE_REFUND_DAYS: "401" }), 400);
  assertEquals(refundDays({ OFFCODE_RECORD_DAYS: "4" }), 4);
  for (const days of ["-1", "1.5", "36501", "never"]) {
    assertEquals(faults({ OFFCODE_REFUND_DAYS: days }), [
      "OFFCODE_REFUND_DAYS must be a whole number from 0 to 36500",
    ]);
  }
});
