import { assertEquals } from "@std/assert";
import { decodeHex } from "@std/encoding/hex";
import type { CoreDescription } from "../../edge/code/manifest.ts";
import { compareRelease, compileCore } from "../../scripts/build_core.ts";
import { newCore, wasm } from "./core.ts";

const manifestText = Deno.readTextFileSync(
  new URL("../../wasm/release/core.json", import.meta.url),
);
const manifest = JSON.parse(manifestText) as CoreDescription;

Deno.test("compareRelease() finds the committed core to be the build of its source, byte for byte", async () => {
  assertEquals(compareRelease(await compileCore(), wasm, manifestText), []);
});

Deno.test("compareRelease() names what was changed in the artefact or the manifest", () => {
  const flipped = wasm.slice();
  flipped[1000]! ^= 1;
  assertEquals(compareRelease(wasm, flipped, manifestText), [
    `core.wasm differs from its source: ${wasm.length} bytes committed, ${wasm.length} built, first difference at byte 1000`,
  ]);
  assertEquals(compareRelease(wasm, wasm.subarray(0, -1), manifestText), [
    `core.wasm differs from its source: ${
      wasm.length - 1
    } bytes committed, ${wasm.length} built, first difference at byte ${
      wasm.length - 1
    }`,
  ]);
  const edited = (change: Record<string, unknown>) =>
    compareRelease(wasm, wasm, JSON.stringify({ ...manifest, ...change }));
  assertEquals(edited({}), []);
  assertEquals(edited({ profiles: [1, 2] }), [
    'core.json differs from the build in "profiles"',
  ]);
  assertEquals(edited({ sha256: "00" }), [
    'core.json differs from the build in "sha256"',
  ]);
  assertEquals(edited({ signature: "x" }), [
    'core.json differs from the build in "signature"',
  ]);
  assertEquals(edited({ created: "yesterday" }), [
    'core.json has no valid "created"',
  ]);
});

Deno.test("the manifest's known answers come out of the core", () => {
  const core = newCore();
  assertEquals(manifest.abi, core.abi);
  const { hmac_sha256, hmac_sm3, tags } = manifest.known_answers;
  assertEquals([hmac_sha256, hmac_sm3, tags].map((it) => it.length), [
    ...[3, 3, 6 * manifest.profiles.length],
  ]);
  for (const { key, message, mac } of hmac_sha256) {
    assertEquals(
      core.hmacSha256(decodeHex(key), decodeHex(message)),
      decodeHex(mac),
    );
  }
  for (const { key, message, mac } of hmac_sm3) {
    assertEquals(
      core.hmacSm3(decodeHex(key), decodeHex(message)),
      decodeHex(mac),
    );
  }
  for (const { seed, step, tag_digits, tag, ...id } of tags) {
    assertEquals(
      core.deriveTag(id, decodeHex(seed), step, tag_digits),
      BigInt(tag),
    );
  }
});
