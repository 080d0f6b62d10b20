import { LimitedCommand } from "../../support/http/command.ts";
import { assert, assertEquals } from "@std/assert";
import { decodeHex } from "@std/encoding/hex";
import { formatCode, parseCode } from "../../../edge/code/format.ts";
import { macMessage } from "../../../edge/code/message.ts";
import {
  PROFILE_1,
  PROFILE_2,
  profilesOf,
} from "../../../edge/code/profile.ts";
import { tagFromMac } from "../../../edge/code/tag.ts";
import { generate, generatorStep } from "../../support/code/generator.ts";
import {
  type CodeVector,
  codeVectors,
  vectorProfile,
} from "../../support/code/vectors.ts";
import { hmacOf } from "../../wasm/core.ts";

Deno.test("the vectors reach the edges: step 0, 2^31, 2^32 − 1, leading zeros, 16 and 24 digits", () => {
  const steps = codeVectors.map((vector) => vector.time_step);
  for (const step of [0, 1, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1]) {
    assert(steps.includes(step));
  }
  for (const { digit } of [PROFILE_1, PROFILE_2]) {
    assert(codeVectors.filter(({ profile }) => profile === digit).length > 15);
  }
  const lengths = codeVectors.map((vector) => vector.code.length);
  assertEquals([Math.min(...lengths), Math.max(...lengths)], [16, 24]);
  for (const zeros of ["0", "00", "000", "0000", "00000"]) {
    assert(codeVectors.some((vector) => vector.tag.startsWith(zeros)));
  }
});

Deno.test("the generator makes every vector", () => {
  for (const vector of codeVectors) {
    const made = generate(
      { ...vector, seed: decodeHex(vector.seed) },
      vector.time_step,
    );
    assertEquals(made.message.toString("hex"), vector.message, vector.name);
    assertEquals(made.mac.toString("hex"), vector.mac, vector.name);
    assertEquals(made.tag, vector.tag, vector.name);
    assertEquals(made.code, vector.code, vector.name);
    assertEquals(
      generatorStep(
        BigInt(vector.unix_seconds),
        BigInt(vector.time_step_seconds),
      ),
      BigInt(vector.time_step),
      vector.name,
    );
  }
});

Deno.test("edge/code makes every vector, and takes every one apart", () => {
  for (const vector of codeVectors) {
    const profile = vectorProfile(vector);
    const id = { prefix: vector.prefix, profile, bucket: vector.bucket };
    const message = macMessage(id, vector.time_step);
    const mac = hmacOf(hashOf(vector), decodeHex(vector.seed), message);
    assertEquals(mac.toString("hex"), vector.mac, vector.name);
    const code = { ...id, tag: tagFromMac(mac, vector.tag_digits) };
    assertEquals(formatCode(code), vector.code, vector.name);
    assertEquals(
      parseCode(vector.code, vector.prefix, profilesOf([profile])),
      { kind: "code", code },
      vector.name,
    );
  }
});

Deno.test("openssl computes the MAC of every vector", async () => {
  for (const vector of codeVectors) {
    assertEquals(
      await opensslHmac(hashOf(vector), vector.seed, decodeHex(vector.message)),
      vector.mac,
      vector.name,
    );
  }
});

Deno.test("a vector's digits survive JSON, leading zeros and all", () => {
  for (const vector of codeVectors) {
    assertEquals(typeof vector.code, "string");
    assertEquals(JSON.parse(JSON.stringify(vector)), vector);
    const parts = 3 + vector.bucket_digits + vector.tag_digits;
    assertEquals(vector.code.length, parts, vector.name);
    assertEquals(vector.tag.length, vector.tag_digits, vector.name);
  }
});

function hashOf(vector: CodeVector): "sha256" | "sm3" {
  return vectorProfile(vector).mac === "HMAC-SM3" ? "sm3" : "sha256";
}

async function opensslHmac(
  hash: string,
  keyHex: string,
  message: Uint8Array<ArrayBuffer>,
) {
  const child = new LimitedCommand("openssl", {
    args: ["dgst", `-${hash}`, "-mac", "HMAC", "-macopt", `hexkey:${keyHex}`],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(message);
  await writer.close();
  const { stdout } = await child.output();
  return new TextDecoder().decode(stdout).trim().split(" ").at(-1);
}
