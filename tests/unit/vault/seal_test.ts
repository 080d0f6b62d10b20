import {
  assert,
  assertEquals,
  assertNotEquals,
  assertThrows,
} from "@std/assert";
import { Decipheriv } from "node:crypto";
import { encodeBase64 } from "@std/encoding/base64";
import { decodeBase64Url, encodeBase64Url } from "@std/encoding/base64url";
import { systemRandom } from "../../../edge/base/clock.ts";
import { openCore } from "../../../edge/core/core.ts";
import { encrypt } from "../../../edge/vault/aead.ts";
import { DerivedKeys } from "../../../edge/vault/derived_keys.ts";
import { fields } from "../../../edge/vault/fields.ts";
import { parseKeyring } from "../../../edge/vault/keyring.ts";
import {
  createVault,
  kidOf,
  type SealContext,
  SealError,
  type SealFault,
  type Vault,
} from "../../../edge/vault/seal.ts";
import { seedAad } from "../../../edge/vault/seed_opener.ts";

const entry = (kid: string, byte: number) =>
  `${kid}:${encodeBase64(new Uint8Array(32).fill(byte))}`;

function vaultOf(ring: string, maxDerivedKeys = 100) {
  const keyring = parseKeyring(ring);
  return createVault({ keyring, random: systemRandom, maxDerivedKeys });
}

const seed = Uint8Array.from({ length: 32 }, (_, i) => i);
const context: SealContext = {
  issuer: "90",
  accountId: "acct-1",
  deviceId: "phone-1",
  credentialId: "cred-1",
  profile: 1,
  bucket: 42,
  expiresAtSeconds: 1_800_000_000,
  generation: 3,
};
const vault = vaultOf(entry("k1", 1));

function assertRefused(fn: () => unknown, reason: SealFault): SealError {
  const error = assertThrows(fn, SealError);
  assertEquals([error.name, error.reason], ["SealError", reason]);
  assertNotEquals(error.message, "");
  return error;
}

Deno.test("openSeed() gives back what sealSeed() sealed, under v1.<kid>.<60 bytes>", () => {
  const sealed = vault.sealSeed(seed, context);
  assert(/^v1\.k1\.[\w-]{80}$/.test(sealed));
  assertEquals(vault.openSeed(sealed, context), seed);
});

Deno.test("a key of one letter seals and opens as any other", () => {
  const short = vaultOf(entry("k", 1));
  const sealed = short.sealSeed(seed, context);
  assertEquals(kidOf(sealed), "k");
  assertEquals(short.openSeed(sealed, context), seed);
});

Deno.test("openSeed() refuses a seed of another length, though it was sealed with the key", () => {
  const keyring = parseKeyring(entry("k1", 1));
  const { profile, bucket } = context;
  const key = new DerivedKeys(1).derive(keyring[0], ["seed", profile, bucket]);
  for (const length of [0, 31, 33]) {
    const nonce = new Uint8Array(12);
    const plain = new Uint8Array(length);
    const sealed = encrypt(key, nonce, seedAad(context), plain);
    const text = `v1.k1.${sealed.toString("base64url")}`;
    assertRefused(() => vault.openSeed(text, context), "malformed");
  }
});

Deno.test("sealSeed() gives another text each time and never holds the seed", () => {
  const sealed = Array.from(
    { length: 50 },
    () => vault.sealSeed(seed, context),
  );
  assertEquals(new Set(sealed).size, 50);
  const nonces = sealed.map((text) => text.slice(6, 6 + 16));
  assertEquals(new Set(nonces).size, 50);
});

Deno.test("sealSeed() refuses seeds of other lengths", () => {
  for (const length of [0, 16, 31, 33, 64]) {
    assertThrows(
      () => vault.sealSeed(new Uint8Array(length), context),
      RangeError,
    );
  }
});

Deno.test("openSeed() refuses a seed moved to another issuer, account, device, credential, profile, bucket, expiry or generation", () => {
  const sealed = vault.sealSeed(seed, context);
  const moved: Partial<SealContext>[] = [
    { issuer: "91" },
    { accountId: "acct-2" },
    { deviceId: "phone-2" },
    { credentialId: "cred-2" },
    { profile: 2 },
    { bucket: 43 },
    { expiresAtSeconds: context.expiresAtSeconds + 1 },
    { generation: context.generation + 1 },
    // The same characters, cut elsewhere.
    { accountId: "acct-1p", deviceId: "hone-1" },
    { issuer: "9", accountId: "0acct-1" },
    { profile: 14, bucket: 2 },
  ];
  for (const part of moved) {
    const other = { ...context, ...part };
    assertRefused(() => vault.openSeed(sealed, other), "tampered");
  }
  assertEquals(vault.openSeed(sealed, { ...context }), seed);
});

Deno.test("openSeed() refuses two seeds of one bucket swapped between their credentials", () => {
  const other = { ...context, credentialId: "cred-2" };
  const a = vault.sealSeed(seed, context);
  const b = vault.sealSeed(seed, other);
  assertRefused(() => vault.openSeed(a, other), "tampered");
  assertRefused(() => vault.openSeed(b, context), "tampered");
});

Deno.test("openSeed() refuses a change of any single byte: nonce, seed or tag", () => {
  const sealed = vault.sealSeed(seed, context);
  const bytes = decodeBase64Url(sealed.slice("v1.k1.".length));
  assertEquals(bytes.length, 60);
  for (let i = 0; i < bytes.length; i++) {
    const changed = bytes.slice();
    changed[i]! ^= 1;
    const text = `v1.k1.${encodeBase64Url(changed)}`;
    assertRefused(() => vault.openSeed(text, context), "tampered");
  }
});

Deno.test("openSeed() refuses a change of any single character", () => {
  const sealed = vault.sealSeed(seed, context);
  for (let i = 0; i < sealed.length; i++) {
    const other = sealed[i] === "A" ? "B" : "A";
    const text = sealed.slice(0, i) + other + sealed.slice(i + 1);
    assertThrows(() => vault.openSeed(text, context), SealError);
  }
});

Deno.test("openSeed() calls what is no sealed text malformed", () => {
  const sealed = vault.sealSeed(seed, context);
  const body = sealed.slice("v1.k1.".length);
  const bad = [
    "",
    "v1",
    "v1.k1",
    "v1.k1.",
    body,
    `v2.k1.${body}`,
    `v1..${body}`,
    `v1.${"k".repeat(17)}.${body}`,
    `v1.k1.${body}.`,
    `v1.k1.${body}=`,
    `v1.k1.${body}\n`,
    ` v1.k1.${body}`,
    `v1.k1.${body.slice(0, 36)}`,
    `v1.k1.${body.slice(0, -3)}`,
    `v1.k1.+${body.slice(1)}`,
    `v1.k1.${encodeBase64Url(new Uint8Array(27))}`,
  ];
  for (const text of bad) {
    assertRefused(() => vault.openSeed(text, context), "malformed");
  }
});

Deno.test("a keyring with a new key in front seals with it and opens both", () => {
  const rotated = vaultOf(`${entry("k2", 2)},${entry("k1", 1)}`);
  const old = vault.sealSeed(seed, context);
  const fresh = rotated.sealSeed(seed, context);
  assert(fresh.startsWith("v1.k2."));
  assertEquals(rotated.openSeed(old, context), seed);
  assertEquals(rotated.openSeed(fresh, context), seed);
});

Deno.test("openSeed() names the key that was retired, and nothing secret", () => {
  const sealed = vault.sealSeed(seed, context);
  const retired = vaultOf(entry("k2", 2));
  const error = assertRefused(
    () => retired.openSeed(sealed, context),
    "unknown-key",
  );
  assertEquals(
    error.message,
    'Sealed under the key "k1", which is not in the keyring',
  );
});

Deno.test("openSeed() refuses when another key stands under the same kid", () => {
  const sealed = vault.sealSeed(seed, context);
  const replaced = vaultOf(entry("k1", 9));
  assertRefused(() => replaced.openSeed(sealed, context), "tampered");
  // Both keys are there, but the text claims the other one.
  const both = vaultOf(`${entry("k2", 2)},${entry("k1", 1)}`);
  const renamed = sealed.replace("v1.k1.", "v1.k2.");
  assertRefused(() => both.openSeed(renamed, context), "tampered");
});

Deno.test("SealError tells nothing of the seed, the sealed text or the keys", () => {
  const sealed = vault.sealSeed(seed, context);
  const other = { ...context, bucket: 7 };
  const error = assertRefused(
    () => vault.openSeed(sealed, other),
    "tampered",
  );
  const told = Deno.inspect(error, { depth: 10 });
  assert(!told.includes(sealed.slice(10, 20)), told);
  assert(!told.includes("AQEBAQ"), told);
});

Deno.test("openSeed() still opens after its derived keys had to go", () => {
  const small = vaultOf(entry("k1", 1), 2);
  const contexts = [0, 1, 2, 3].map((bucket) => ({ ...context, bucket }));
  const sealed = contexts.map((c) => small.sealSeed(seed, c));
  for (const _ of [1, 2]) {
    contexts.forEach((c, i) => {
      assertEquals(small.openSeed(sealed[i]!, c), seed);
      assertEquals(vault.openSeed(sealed[i]!, c), seed);
    });
  }
});

Deno.test("openSeed() opens the frozen text of version 1", () => {
  const frozen =
    "v1.k1.ZGVmZ2hpamtsbW5v557fwJ9nmH-sB-MXTOF1hf-12mFh5w_-9pWIXVOYKZiMeZGl_x9_n2iRQ7Ehs8z4";
  assertEquals(vault.openSeed(frozen, context), seed);
});

/** Opens with an opener of its own, into the middle of something. */
function openAt(it: Vault, sealed: string, context: SealContext): Uint8Array {
  const into = new Uint8Array(96).fill(0xaa);
  try {
    it.seedOpener(context)(sealed, context, into, 32);
    return into.slice(32, 64);
  } finally {
    const around = [...into.subarray(0, 32), ...into.subarray(64)];
    assert(around.every((byte) => byte === 0xaa));
  }
}

Deno.test("seedOpener() opens what openSeed() opens, and writes nowhere else", () => {
  const sealed = vault.sealSeed(seed, context);
  assertEquals(openAt(vault, sealed, context), seed);
  for (const name of ["", "é".repeat(64), "x".repeat(3_000), "a\0b"]) {
    const own = { ...context, accountId: name, deviceId: `${name}d` };
    assertEquals(openAt(vault, vault.sealSeed(seed, own), own), seed);
  }
});

Deno.test("seedOpener() refuses what openSeed() refuses, for the same reason, and writes nothing", () => {
  const sealed = vault.sealSeed(seed, context);
  const [head, body] = ["v1.k1.", sealed.slice("v1.k1.".length)];
  const texts = [
    "",
    head,
    `v1.k2.${body}`,
    `v2.k1.${body}`,
    `${sealed}A`,
    `${sealed}=`,
    ` ${sealed}`,
    `${head}${encodeBase64Url(new Uint8Array(27))}`,
    vault.sealText("seed", "x".repeat(32), "mer_1"),
    vault.sealText("seed", "x".repeat(31), "mer_1"),
    // Each letter in turn: another one, and what is none.
    ...[...body].flatMap((letter, i) =>
      [letter === "A" ? "B" : "A", "+", "/", "=", " ", "\n", "é", "\u0141"]
        .map((other) => head + body.slice(0, i) + other + body.slice(i + 1))
    ),
  ];
  const into = new Uint8Array(32);
  const open = vault.seedOpener(context);
  for (const text of texts) {
    const { reason } = assertThrows(
      () => vault.openSeed(text, context),
      SealError,
    );
    assertRefused(() => open(text, context, into, 0), reason);
  }
  for (
    const part of [
      { accountId: "acct-2" },
      { deviceId: "phone-2" },
      { credentialId: "cred-2" },
      { expiresAtSeconds: context.expiresAtSeconds + 1 },
      { generation: context.generation + 1 },
      { accountId: "acct-1p", deviceId: "hone-1" },
    ]
  ) {
    assertRefused(
      () => open(sealed, { ...context, ...part }, into, 0),
      "tampered",
    );
  }
  for (const part of [{ issuer: "91" }, { profile: 2 }, { bucket: 43 }]) {
    const elsewhere = vault.seedOpener({ ...context, ...part });
    assertRefused(() => elsewhere(sealed, context, into, 0), "tampered");
  }
  assertEquals(into, new Uint8Array(32));
  open(sealed, context, into, 0);
  assertEquals(into, seed);
});

Deno.test("seedOpener() opens under every key of the ring, also when few derived keys are kept", () => {
  const old = vaultOf(entry("k1", 1)).sealSeed(seed, context);
  const rotated = vaultOf(`${entry("k2", 2)},${entry("k1", 1)}`, 1);
  const fresh = rotated.sealSeed(seed, context);
  const [here, there] = [context, { ...context, bucket: 7 }].map((place) =>
    rotated.seedOpener(place)
  );
  const moved = rotated.sealSeed(seed, { ...context, bucket: 7 });
  for (const _ of [1, 2]) {
    for (
      const [open, sealed] of [
        [here!, old],
        [here!, fresh],
        [there!, moved],
      ] as const
    ) {
      const into = new Uint8Array(32);
      open(sealed, context, into, 0);
      assertEquals(into, seed);
    }
  }
});

Deno.test("sealSeed() is what Web Crypto makes of HKDF-SHA-256 and AES-256-GCM", async () => {
  const sealed = vault.sealSeed(seed, context);
  const bytes = decodeBase64Url(sealed.slice("v1.k1.".length));
  const master = await crypto.subtle.importKey(
    "raw",
    new Uint8Array(32).fill(1),
    "HKDF",
    false,
    ["deriveKey"],
  );
  const key = await crypto.subtle.deriveKey(
    {
      name: "HKDF",
      hash: "SHA-256",
      salt: new Uint8Array(),
      info: fields(["seed", 1, 42]),
    },
    master,
    { name: "AES-GCM", length: 256 },
    false,
    ["decrypt"],
  );
  const plain = await crypto.subtle.decrypt(
    {
      name: "AES-GCM",
      iv: bytes.slice(0, 12),
      additionalData: fields([
        "90",
        "acct-1",
        "phone-1",
        "cred-1",
        1,
        42,
        1_800_000_000,
        3,
      ]),
    },
    key,
    bytes.slice(12),
  );
  assertEquals(new Uint8Array(plain), seed);
});

Deno.test("openText() gives back what sealText() sealed, for the same purpose and context only", () => {
  for (const text of ["", "whsec_é😀", "x".repeat(1000)]) {
    const sealed = vault.sealText("callback-secret", text, "mer_1");
    assertEquals(vault.openText("callback-secret", sealed, "mer_1"), text);
    assertRefused(
      () => vault.openText("callback-secret", sealed, "mer_2"),
      "tampered",
    );
    assertRefused(() => vault.openText("other", sealed, "mer_1"), "tampered");
    assertThrows(() => vault.openSeed(sealed, context), SealError);
  }
});

Deno.test("openSeed() refuses a sealed text of 32 bytes, openText() a seed", () => {
  const text = vault.sealText("seed", "x".repeat(32), "mer_1");
  assertRefused(() => vault.openSeed(text, context), "tampered");
  const sealed = vault.sealSeed(seed, context);
  assertRefused(() => vault.openText("seed", sealed, "mer_1"), "tampered");
});

Deno.test("hmac() is HMAC-SHA-256 under the key that it is given", () => {
  // RFC 4231 §4.3.
  assertEquals(
    vault.hmac("Jefe", "what do ya want for nothing?").toHex(),
    "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
  );
});

Deno.test("keyedHash() is HMAC-SHA-256 under a key of its purpose", async () => {
  const master = await crypto.subtle.importKey(
    "raw",
    new Uint8Array(32).fill(1),
    "HKDF",
    false,
    ["deriveKey"],
  );
  const key = await crypto.subtle.deriveKey(
    {
      name: "HKDF",
      hash: "SHA-256",
      salt: new Uint8Array(),
      info: fields(["hash", "code"]),
    },
    master,
    { name: "HMAC", hash: "SHA-256", length: 256 },
    false,
    ["sign"],
  );
  const mac = await crypto.subtle.sign(
    "HMAC",
    key,
    new TextEncoder().encode("some data é"),
  );
  assertEquals(vault.keyedHash("code", "some data é"), {
    kid: "k1",
    hash: encodeBase64Url(mac),
  });
});

Deno.test("keyedHashMatches() holds for the same purpose and data only", () => {
  const stored = vault.keyedHash("code", "901004201234567890");
  const matches = vault.keyedHashMatches;
  assert(matches("code", "901004201234567890", stored));
  assert(!matches("code", "901004201234567891", stored));
  assert(!matches("code", "", stored));
  assert(!matches("online-code", "901004201234567890", stored));
  assertNotEquals(stored, vault.keyedHash("online-code", "901004201234567890"));
});

Deno.test("keyedHashMatches() works over every key of the ring and says no for a retired one", () => {
  const stored = vault.keyedHash("code", "data");
  const rotated = vaultOf(`${entry("k2", 2)},${entry("k1", 1)}`);
  assert(rotated.keyedHashMatches("code", "data", stored));
  assertEquals(rotated.keyedHash("code", "data").kid, "k2");
  const retired = vaultOf(entry("k2", 2));
  assert(!retired.keyedHashMatches("code", "data", stored));
});

Deno.test("keyedHashMatches() says no to what is no hash and does not throw", () => {
  const { hash } = vault.keyedHash("code", "data");
  const spellings = ["", "A", hash.slice(1), `${hash}A`, `${hash}=`, "é", "\0"];
  for (const spelling of spellings) {
    const stored = { kid: "k1", hash: spelling };
    assert(!vault.keyedHashMatches("code", "data", stored));
  }
});

Deno.test("keyedHash() is the same by the core, short, long and beyond its bound", async () => {
  const url = new URL("../../../wasm/release/core.wasm", import.meta.url);
  const core = openCore(await Deno.readFile(url));
  let byCore = 0;
  const deps = { keyring: parseKeyring(entry("k1", 1)), random: systemRandom };
  const plain = createVault(deps);
  const fast = createVault({
    ...deps,
    hmacSha256: (key, message) => {
      byCore++;
      return core.hmacSha256(key, message);
    },
  });
  for (const data of ["", "x", "é€😀", "x".repeat(1_000), "€".repeat(1_000)]) {
    assertEquals(fast.keyedHash("code", data), plain.keyedHash("code", data));
    assertEquals(fast.hmac("é", data), new Uint8Array(plain.hmac("é", data)));
    const stored = plain.keyedHash("other", data);
    assertEquals(fast.keyedHashMatches("other", data, stored), true);
  }
  assertEquals(byCore, 15);
  const long = "€".repeat(1_001);
  assertEquals(fast.keyedHash("code", long), plain.keyedHash("code", long));
  assertEquals(byCore, 15);
});

/** Every buffer that a cipher gave out while `work` ran. */
function decipheredBy(work: () => void): Uint8Array[] {
  const { prototype } = Decipheriv;
  const { update } = prototype;
  const held: Uint8Array[] = [];
  // deno-lint-ignore no-explicit-any
  prototype.update = function (this: Decipheriv, ...given: any) {
    const bytes = update.apply(this, given);
    held.push(bytes as unknown as Uint8Array);
    return bytes;
  } as typeof update;
  try {
    work();
  } finally {
    prototype.update = update;
  }
  return held;
}

Deno.test("the vault wipes what a cipher gave out, whether it was right or not", () => {
  const sealed = vault.sealSeed(seed, context);
  const moved = { ...context, bucket: 43 };
  const text = vault.sealText("text", "a secret text", "mer_1");
  const into = new Uint8Array(32);
  const held = decipheredBy(() => {
    vault.openSeed(sealed, context);
    assertThrows(() => vault.openSeed(sealed, moved), SealError);
    vault.seedOpener(context)(sealed, context, into, 0);
    assertThrows(() => vault.seedOpener(moved)(sealed, context, into, 0));
    vault.openText("text", text, "mer_1");
    assertThrows(() => vault.openText("text", text, "mer_2"), SealError);
  });
  // The seed that did not open was tried by the careful way, too.
  assertEquals(held.map((it) => it.length), [32, 32, 32, 32, 32, 13, 13]);
  for (const bytes of held) assert(bytes.every((it) => it === 0));
  assertEquals(into, seed);
});

Deno.test("keyedHash() is the same after its derived key had to go", () => {
  const small = vaultOf(entry("k1", 1), 1);
  const first = small.keyedHash("code", "data");
  small.sealSeed(seed, context);
  assertEquals(small.keyedHash("code", "data"), first);
  assert(small.keyedHashMatches("code", "data", first));
});

Deno.test("the vault wipes a derived key that had to go", () => {
  const keys: Uint8Array[] = [];
  const keyring = parseKeyring(entry("k1", 1));
  const small = createVault({
    keyring,
    random: systemRandom,
    maxDerivedKeys: 1,
    hmacSha256: (key) => {
      keys.push(key);
      return new Uint8Array(32);
    },
  });
  const stored = { kid: "k1", hash: encodeBase64Url(new Uint8Array(32)) };
  small.keyedHashMatches("one", "data", stored);
  assertNotEquals(keys[0], new Uint8Array(32));
  small.keyedHashMatches("two", "data", stored);
  assertEquals(keys[0], new Uint8Array(32));
  assertNotEquals(keys[1], new Uint8Array(32));
});
