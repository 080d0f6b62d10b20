import { assert, assertEquals, assertThrows } from "@std/assert";
import { encodeBase64 } from "@std/encoding/base64";
import { ConfigError, readConfig } from "../../edge/config.ts";

const ADMIN_KEY = "0123456789abcdef0123456789abcdef";
const MASTER_KEYS = `k1:${encodeBase64(new Uint8Array(32).fill(1))}`;
const KEYS = { OFFCODE_ADMIN_KEY: ADMIN_KEY, OFFCODE_MASTER_KEYS: MASTER_KEYS };

/** The faults of an environment, none where it can be used. */
function faults(env: Record<string, string>): readonly string[] {
  try {
    readConfig(env);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.faults;
  }
}

Deno.test("readConfig() of an empty environment has the defaults and no keys", () => {
  const defaults = {
    port: 8000,
    store: { kind: "sqlite", path: "./data/offcode.db" },
    prefix: "90",
    ledger: { kind: "sandbox" },
  } as const;
  assertEquals(readConfig({}), defaults);
  // An empty variable is one that is not set.
  const names = [
    "PORT",
    "HOST",
    "OFFCODE_STORE",
    "OFFCODE_ADMIN_KEY",
    "OFFCODE_MASTER_KEYS",
    "OFFCODE_PREFIX",
    "OFFCODE_LEDGER",
  ];
  assertEquals(
    readConfig(Object.fromEntries(names.map((name) => [name, ""]))),
    defaults,
  );
  // Others' variables do not matter.
  assertEquals(readConfig({ PATH: "/bin", offcode_prefix: "1" }), defaults);
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
    ledger: { kind: "sandbox" },
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
    }).map((fault) => fault.split(/[ :]/)[0]),
    [
      "PORT",
      "OFFCODE_STORE",
      "OFFCODE_ADMIN_KEY",
      "OFFCODE_ADMIN_KEY",
      "OFFCODE_MASTER_KEYS",
      "OFFCODE_PREFIX",
      "OFFCODE_LEDGER",
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
    { OFFCODE_STORE: `redis://user:${secret}@host` },
    { OFFCODE_LEDGER: `https://user:${secret}@host` },
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
