import { assert, assertEquals, assertThrows } from "@std/assert";
import { encodeBase64 } from "@std/encoding/base64";
import {
  type Keyring,
  KeyringError,
  parseKeyring,
} from "../../../edge/vault/keyring.ts";

/** 32 bytes of the same value, in base64. */
const key = (byte: number) => encodeBase64(new Uint8Array(32).fill(byte));

const kids = (ring: Keyring) => ring.map((entry) => entry.kid);

function faultsOf(text: string): readonly string[] {
  const { name, faults } = assertThrows(
    () => parseKeyring(text),
    KeyringError,
  );
  assertEquals(name, "KeyringError");
  return faults;
}

Deno.test("parseKeyring() keeps the order, kids and keys", () => {
  const ring = parseKeyring(`b2026:${key(1)}, a-2025_x:${key(2)}`);
  assertEquals(kids(ring), ["b2026", "a-2025_x"]);
  assertEquals(ring[0].secret.export(), Buffer.alloc(32, 1));
  assertEquals(ring[1]?.secret.export(), Buffer.alloc(32, 2));
});

Deno.test("parseKeyring() names every fault at once", () => {
  assertEquals(
    faultsOf(
      `:${key(1)},k1:${key(1)},k1:${key(2)},k2:${key(1)},k3:AAAA,${key(4)}`,
    ),
    [
      "entry 1 must be kid:base64, the kid 1 to 16 letters, digits, _ or -",
      "entry 3 repeats the kid k1",
      "entry 4 (k2) is the same key as k1",
      "entry 5 (k3) must hold 32 bytes in padded base64",
      "entry 6 must be kid:base64, the kid 1 to 16 letters, digits, _ or -",
    ],
  );
});

Deno.test("parseKeyring() refuses what is not one spelling of 32 bytes", () => {
  const good = encodeBase64(new Uint8Array(32).fill(0xff));
  assertEquals(kids(parseKeyring(`k:${good}`)), ["k"]);
  const bad = [
    "",
    "k",
    "k:",
    ",",
    `k:${good},`,
    `k:${good.slice(0, -1)}`,
    `k:${good}=`,
    `k:${good.replaceAll("/", "_")}`,
    // The last character carries two bits that the decoder drops.
    `k:${good.slice(0, -2)}9=`,
    `k: ${good}`,
    `k:${encodeBase64(new Uint8Array(31))}`,
    `k:${encodeBase64(new Uint8Array(33))}`,
    `${"k".repeat(17)}:${good}`,
    `ké:${good}`,
    `k.1:${good}`,
    `k:k:${good}`,
  ];
  for (const text of bad) {
    assertThrows(() => parseKeyring(text), KeyringError, undefined, text);
  }
});

Deno.test("parseKeyring() echoes no key material, however the text is mixed up", () => {
  const secret = encodeBase64(Uint8Array.from({ length: 32 }, (_, i) => i * 7));
  const mixed = [
    secret,
    `${secret}:k1`,
    `k1=${secret}`,
    `k1:${secret.slice(1)}`,
    `k1:${secret},k2:${secret}`,
    `k1:${secret};k2:${secret}`,
  ];
  for (const text of mixed) {
    const error = assertThrows(() => parseKeyring(text), KeyringError);
    for (let i = 0; i + 6 <= secret.length; i++) {
      assert(!`${error}${error.stack}`.includes(secret.slice(i, i + 6)), text);
    }
  }
});

Deno.test("a keyring shows no key when it is logged", () => {
  const ring = parseKeyring(`k1:${key(0x41)}`);
  const logged = Deno.inspect(ring, { depth: 10, showHidden: true }) +
    JSON.stringify(ring) + String(ring);
  assert(logged.includes("k1"));
  assert(!/41, *41|65, *65|QUFB|AAAA|41 41/.test(logged), logged);
});

Deno.test("parseKeyring() wipes the bytes of a key once it has the key", () => {
  const { prototype } = ArrayBuffer;
  const { transfer } = prototype;
  const held: ArrayBuffer[] = [];
  // The decoder hands its bytes over by it.
  prototype.transfer = function (this: ArrayBuffer, length) {
    const buffer = transfer.call(this, length);
    held.push(buffer);
    return buffer;
  };
  try {
    parseKeyring(`k1:${encodeBase64(new Uint8Array(32).fill(7))}`);
  } finally {
    prototype.transfer = transfer;
  }
  const bytes = held.map((it) => new Uint8Array(it))
    .filter((it) => it.length === 32);
  assertEquals(bytes, [new Uint8Array(32)]);
});
