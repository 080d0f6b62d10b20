// The vault leans on the runtime's primitives: they must meet the published
// vectors on every runtime that these tests run on.

import { assertEquals } from "@std/assert";
import { decodeHex, encodeHex } from "@std/encoding/hex";
import { createCipheriv, createDecipheriv, hkdfSync } from "node:crypto";

Deno.test("hkdfSync() meets RFC 5869 appendix A, cases 1 to 3", () => {
  const range = (from: number, to: number) =>
    Uint8Array.from({ length: to - from + 1 }, (_, i) => from + i);
  const cases = [
    {
      ikm: new Uint8Array(22).fill(0x0b),
      salt: range(0x00, 0x0c),
      info: range(0xf0, 0xf9),
      okm: "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf" +
        "34007208d5b887185865",
    },
    {
      ikm: range(0x00, 0x4f),
      salt: range(0x60, 0xaf),
      info: range(0xb0, 0xff),
      okm: "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c" +
        "59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71" +
        "cc30c58179ec3e87c14c01d5c1f3434f1d87",
    },
    {
      ikm: new Uint8Array(22).fill(0x0b),
      salt: new Uint8Array(),
      info: new Uint8Array(),
      okm: "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d" +
        "9d201395faa4b61a96c8",
    },
  ];
  for (const { ikm, salt, info, okm } of cases) {
    const made = hkdfSync("sha256", ikm, salt, info, okm.length / 2);
    assertEquals(encodeHex(made), okm);
  }
});

Deno.test("aes-256-gcm meets the specification's test case 16, both ways", () => {
  const key = decodeHex("feffe9928665731c6d6a8f9467308308".repeat(2));
  const iv = decodeHex("cafebabefacedbaddecaf888");
  const aad = decodeHex("feedfacedeadbeeffeedfacedeadbeefabaddad2");
  const plain = "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a31" +
    "8a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39";
  const cipherText =
    "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555" +
    "d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662";
  const tag = "76fc6ece0f4e1768cddf8853bb2d551b";

  const cipher = createCipheriv("aes-256-gcm", key, iv);
  cipher.setAAD(aad);
  const made = Buffer.concat([cipher.update(decodeHex(plain)), cipher.final()]);
  assertEquals(encodeHex(made), cipherText);
  assertEquals(encodeHex(cipher.getAuthTag()), tag);

  const decipher = createDecipheriv("aes-256-gcm", key, iv);
  decipher.setAAD(aad);
  decipher.setAuthTag(decodeHex(tag));
  const opened = Buffer.concat([
    decipher.update(decodeHex(cipherText)),
    decipher.final(),
  ]);
  assertEquals(encodeHex(opened), plain);
});
