import { assertEquals, assertThrows } from "@std/assert";
import { decodeHex, encodeHex } from "@std/encoding/hex";
import { Buffer } from "node:buffer";
import { createHmac } from "node:crypto";
import { hmacOf, newCore, openedCore, seedOf } from "./core.ts";

const text = (value: string) => new TextEncoder().encode(value);
const repeat = (byte: number, length: number) =>
  new Uint8Array(length).fill(byte);

/** RFC 4231 §4: key, message, HMAC-SHA-256 (case 5 is truncated to 128 bits there). */
const RFC_4231: [Uint8Array, Uint8Array, string][] = [
  [
    repeat(0x0b, 20),
    text("Hi There"),
    "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
  ],
  [
    text("Jefe"),
    text("what do ya want for nothing?"),
    "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
  ],
  [
    repeat(0xaa, 20),
    repeat(0xdd, 50),
    "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
  ],
  [
    decodeHex("0102030405060708090a0b0c0d0e0f10111213141516171819"),
    repeat(0xcd, 50),
    "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b",
  ],
  [
    repeat(0x0c, 20),
    text("Test With Truncation"),
    "a3b6167473100ee06e0c796c2955552b",
  ],
  [
    repeat(0xaa, 131),
    text("Test Using Larger Than Block-Size Key - Hash Key First"),
    "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
  ],
  [
    repeat(0xaa, 131),
    text(
      "This is a test using a larger than block-size key and a larger than block-size data. " +
        "The key needs to be hashed before being used by the HMAC algorithm.",
    ),
    "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2",
  ],
];

Deno.test("hmacSha256() gives the answers of RFC 4231, cases 1 to 7", () => {
  const core = newCore();
  for (const [key, message, mac] of RFC_4231) {
    assertEquals(
      encodeHex(core.hmacSha256(key, message)).slice(0, mac.length),
      mac,
    );
  }
});

/** GM/T 0042-2015 appendix D.3: key, message, HMAC-SM3. */
const GMT_0042: [Uint8Array, Uint8Array, string][] = [
  [
    Uint8Array.from({ length: 32 }, (_, i) => i + 1),
    text("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq".repeat(2)),
    "ca05e144ed05d1857840d1f318a4a8669e559fc8391f414485bfdf7bb408963a",
  ],
  [
    Uint8Array.from({ length: 37 }, (_, i) => i + 1),
    repeat(0xcd, 50),
    "220bf579ded555393f0159f66c99877822a3ecf610d1552154b41d44b94db3ae",
  ],
  [
    repeat(0x0b, 32),
    text("Hi There"),
    "c0ba18c68b90c88bc07de794bfc7d2c8d19ec31ed8773bc2b390c9604e0be11e",
  ],
  [
    text("Jefe"),
    text("what do ya want for nothing?"),
    "2e87f1d16862e6d964b50a5200bf2b10b764faa9680a296a2405f24bec39f882",
  ],
];

Deno.test("hmacSm3() gives the answers of GM/T 0042 appendix D.3", () => {
  const core = newCore();
  for (const [key, message, mac] of GMT_0042) {
    assertEquals(encodeHex(core.hmacSm3(key, message)), mac);
  }
});

/** RFC 4226 §5.3, dynamic truncation, on a MAC of any length. */
function truncate(mac: Uint8Array, digits: number): string {
  const offset = mac.at(-1)! & 15;
  const word = new DataView(mac.buffer).getUint32(offset) & 0x7fff_ffff;
  return String(word % 10 ** digits).padStart(digits, "0");
}

const counter = (value: bigint) => {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, value);
  return bytes;
};

// The printed values of RFC 4226 appendix D are HMAC-SHA-1, which the core does
// not have. What can go through HMAC-SHA-256 are its inputs, the 20-byte secret
// and the counters 0 to 9, held against node:crypto. The truncation, which
// Offcode's own codes do not use, is checked on its printed values first.
Deno.test("hmacSha256() agrees with node:crypto on the inputs of RFC 4226 appendix D", () => {
  const core = newCore();
  const secret = text("12345678901234567890");
  const hotp =
    "755224 287082 359152 969429 338314 254676 287922 162583 399871 520489"
      .split(" ");
  hotp.forEach((printed, i) => {
    const sha1 = createHmac("sha1", secret).update(counter(BigInt(i))).digest();
    assertEquals(truncate(new Uint8Array(sha1), 6), printed);
    const sha256 = createHmac("sha256", secret).update(counter(BigInt(i)));
    assertEquals(
      encodeHex(core.hmacSha256(secret, counter(BigInt(i)))),
      sha256.digest("hex"),
    );
  });
});

Deno.test("hmacSha256() gives the SHA-256 rows of RFC 6238 appendix B", () => {
  const core = newCore();
  const seed = text("12345678901234567890123456789012");
  const rows: [bigint, string][] = [
    [59n, "46119246"],
    [1111111109n, "68084774"],
    [1111111111n, "67062674"],
    [1234567890n, "91819424"],
    [2000000000n, "90698825"],
    [20000000000n, "77737706"],
  ];
  for (const [seconds, totp] of rows) {
    const mac = core.hmacSha256(seed, counter(seconds / 30n));
    assertEquals(truncate(mac, 8), totp);
  }
});

/** The first `length` of bytes that do not repeat with any block. */
function bytes(name: string, length: number): Uint8Array {
  const parts = Array.from(
    { length: Math.ceil(length / 32) },
    (_, i) => seedOf(`${name} ${i}`),
  );
  return new Uint8Array(Buffer.concat(parts)).subarray(0, length);
}

/** Each HMAC of the core, and node:crypto's hash under it. */
const MACS = [
  { name: "hmacSha256", hash: "sha256" },
  { name: "hmacSm3", hash: "sm3" },
] as const;

Deno.test("the HMAC that the tests compare with is node:crypto's, where it has one", () => {
  const [key, message] = [bytes("key", 131), bytes("message", 52)];
  assertEquals(
    hmacOf("sha256", key, message).toString("hex"),
    createHmac("sha256", key).update(message).digest("hex"),
  );
});

for (const { name, hash } of MACS) {
  const reference = (key: Uint8Array, message: Uint8Array) =>
    hmacOf(hash, key, message).toString("hex");

  Deno.test(`${name}() agrees with node:crypto for keys of 0 to 200 bytes`, () => {
    const core = newCore();
    for (let length = 0; length <= 200; length++) {
      const key = bytes("key", length);
      for (const size of [0, 1, 52, 55, 56, 63, 64, 65, 119, 120]) {
        const message = bytes("message", size);
        assertEquals(
          encodeHex(core[name](key, message)),
          reference(key, message),
          `key of ${length} bytes, message of ${size}`,
        );
      }
    }
  });

  Deno.test(`${name}() agrees with node:crypto for messages of 0 to 300 bytes under keys of 0, 1, 63, 64, 65 and 129`, () => {
    const core = newCore();
    for (const length of [0, 1, 63, 64, 65, 129]) {
      const key = bytes("key", length);
      for (let size = 0; size <= 300; size++) {
        const message = bytes("message", size);
        assertEquals(
          encodeHex(core[name](key, message)),
          reference(key, message),
          `key of ${length} bytes, message of ${size}`,
        );
      }
    }
  });

  Deno.test(`${name}() takes a text as its UTF-8, leaving nothing of it behind`, () => {
    const { core, bytes: memory } = openedCore();
    const start = memory().slice();
    const key = bytes("key", 32);
    for (
      const text of [
        ...["", "order 1", "x".repeat(300), "é€😀", "a\ud800b", "ab€c"],
        // Alone: the last of one byte, and what one byte would have room for.
        ...["\x7f", "\x80", "aé", "ÿ"],
      ]
    ) {
      assertEquals(
        core[name](key, text),
        core[name](key, new TextEncoder().encode(text)),
      );
      assertEquals(memory(), start);
    }
    // A text is taken for as long as it may be.
    core[name](key, "x".repeat(5_450));
    assertThrows(
      () => core[name](key, "x".repeat(5_451)),
      RangeError,
      "received 32 and 16353",
    );
  });

  Deno.test(`${name}() takes 16 384 bytes of key and message, split anyhow, and not one more`, () => {
    const core = newCore();
    const all = bytes("all", 16_384);
    for (const length of [0, 1, 64, 65, 8_192, 16_383, 16_384]) {
      const key = all.subarray(0, length);
      const message = all.subarray(length);
      assertEquals(
        encodeHex(core[name](key, message)),
        reference(key, message),
      );
    }
    assertThrows(
      () => core[name](all, new Uint8Array(1)),
      RangeError,
      "at most 16384 bytes together: received 16384 and 1",
    );
  });
}
