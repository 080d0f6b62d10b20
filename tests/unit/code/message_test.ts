import { assertEquals, assertThrows } from "@std/assert";
import { decodeHex, encodeHex } from "@std/encoding/hex";
import {
  macMessage,
  MESSAGE_BYTES,
  MESSAGE_LABEL,
} from "../../../edge/code/message.ts";
import { PROFILE_1 } from "../../../edge/code/profile.ts";
import { tagFromMac } from "../../../edge/code/tag.ts";
import {
  codeVectors,
  tagVectors,
  vectorProfile,
} from "../../support/code/vectors.ts";

const ID = { prefix: "90", profile: PROFILE_1, bucket: 42 };

Deno.test("macMessage() is the 52 bytes of the vectors", () => {
  for (const vector of codeVectors) {
    const message = macMessage({
      prefix: vector.prefix,
      profile: vectorProfile(vector),
      bucket: vector.bucket,
    }, vector.time_step);
    assertEquals(message.length, MESSAGE_BYTES);
    assertEquals(encodeHex(message), vector.message, vector.name);
  }
});

Deno.test("macMessage() leads with the label and one zero byte", () => {
  assertEquals(MESSAGE_LABEL.length, 31);
  const head = macMessage(ID, 0).subarray(0, 32);
  assertEquals(new TextDecoder().decode(head), MESSAGE_LABEL + "\0");
});

Deno.test("macMessage() fits the block after the key, padding included", () => {
  // FIPS 180-4 §5.1.1: one bit and a 64-bit length follow the message.
  assertEquals(MESSAGE_BYTES + 1 + 8 <= 64, true);
});

Deno.test("macMessage() changes one word with each of its parts", () => {
  const words = (bytes: Uint8Array) => {
    const view = new DataView(bytes.buffer);
    return Array.from({ length: 13 }, (_, i) => view.getUint32(4 * i));
  };
  const base = words(macMessage(ID, 59_000_000));
  const changed = (bytes: Uint8Array<ArrayBuffer>) =>
    words(bytes).flatMap((word, i) => word === base[i] ? [] : [i]);
  assertEquals(changed(macMessage({ ...ID, prefix: "91" }, 59_000_000)), [8]);
  const profile = { ...PROFILE_1, digit: 2 };
  assertEquals(changed(macMessage({ ...ID, profile }, 59_000_000)), [9]);
  assertEquals(changed(macMessage({ ...ID, bucket: 43 }, 59_000_000)), [10]);
  assertEquals(changed(macMessage(ID, 59_000_001)), [12]);
});

Deno.test("macMessage() refuses parts that do not fit", () => {
  for (const step of [-1, 0.5, NaN, 2 ** 32]) {
    assertThrows(() => macMessage(ID, step), RangeError, "time step");
  }
  for (const bucket of [-1, 0.5, NaN, 10_000]) {
    assertThrows(() => macMessage({ ...ID, bucket }, 0), RangeError, "bucket");
  }
  for (const prefix of ["", "9", "900", "9a"]) {
    assertThrows(() => macMessage({ ...ID, prefix }, 0), RangeError, "prefix");
  }
});

Deno.test("tagFromMac() agrees with the vectors at every edge of 64 bits", () => {
  for (const vector of tagVectors) {
    const mac = decodeHex(vector.mac_head + "ff".repeat(24));
    assertEquals(tagFromMac(mac, vector.tag_digits), BigInt(vector.tag));
  }
});

Deno.test("tagFromMac() reads a view from where the view begins", () => {
  const bytes = new Uint8Array(40).fill(0xff);
  bytes.set([0, 0, 0, 0, 0, 0, 1, 2], 8);
  assertEquals(tagFromMac(bytes.subarray(8), 11), 258n);
});

Deno.test("tagFromMac() refuses a short MAC and digits past a power below 2^63", () => {
  assertThrows(() => tagFromMac(new Uint8Array(7), 11), RangeError);
  for (const digits of [0, 19, 1.5, NaN]) {
    assertThrows(() => tagFromMac(new Uint8Array(8), digits), RangeError);
  }
});
