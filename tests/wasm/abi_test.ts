import { assertEquals } from "@std/assert";
import { FUNCTIONS, Status } from "../../edge/core/abi.ts";
import { rawCore, seedOf, STEP, wasm } from "./core.ts";

Deno.test("the core imports nothing and exports its memory and functions only", () => {
  const module = new WebAssembly.Module(wasm);
  assertEquals(WebAssembly.Module.imports(module), []);
  const names = (kind: string) =>
    WebAssembly.Module.exports(module)
      .filter((entry) => entry.kind === kind)
      .map((entry) => entry.name)
      .sort();
  assertEquals(names("memory"), ["memory"]);
  assertEquals(names("function"), FUNCTIONS.toSorted());
  assertEquals(WebAssembly.Module.exports(module).length, FUNCTIONS.length + 1);
});

Deno.test("the door and the core name the same statuses", () => {
  const source = Deno.readTextFileSync(
    new URL("../../wasm/assembly/status.ts", import.meta.url),
  );
  const core = [...source.matchAll(/const ([A-Z_]+): i32 = (-?\d+)/g)]
    .map(([, name, value]) => [name, Number(value)]);
  const door = Object.entries(Status).map(([name, value]) => [
    name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase(),
    value,
  ]);
  assertEquals(core, door);
});

Deno.test("everything that computes is refused before the self-test has passed", () => {
  const core = rawCore();
  const refused = Status.notReady;
  assertEquals(core.hmac_sha256(0, 0), refused);
  assertEquals(core.hmac_sm3(0, 0), refused);
  assertEquals(core.derive_tag(90, 1, 42, STEP, 11), refused);
  assertEquals(core.load_begin(90, 1, 42, 1), refused);
  assertEquals(core.load_commit(), refused);
  assertEquals(core.verify(90, 1, 42, 0n, 11, STEP, 1), refused);
  assertEquals(core.has_bucket(90, 1, 42), 0);
  assertEquals(core.self_test(), Status.ok);
  assertEquals(core.hmac_sha256(0, 0), Status.ok);
  assertEquals(core.hmac_sm3(0, 0), Status.ok);
});

/** Digit, MAC, bucket digits, tag digits, seconds of a step, window. */
const PROFILES = [[1, 1, 4, 11, 30, 1], [2, 2, 4, 11, 30, 1]];

Deno.test("the core says its bounds and sizes before its self-test", () => {
  const core = rawCore();
  assertEquals(core.describe_sizes(), Status.ok);
  const words = Array.from({ length: 6 }, (_, word) => core.output(word));
  // Behind the fixed buffers lie the first bucket and the smallest directory.
  assertEquals(words.toSpliced(4, 1), [32, 2 ** 20, 8, 19, 6]);
  assertEquals(core.self_test(), Status.ok);
  assertEquals(core.load_begin(90, 1, 42, 0), Status.ok);
  // Without a seed its numbers would lie right behind the header of 48 bytes.
  assertEquals(core.output(1) - 48, words[4]);
  for (const seeds of [0, 1, 2, 3, 4, 5, 100, 2 ** 20]) {
    const compared = Math.ceil((48 + 28 * seeds) / 16) * 16;
    assertEquals(core.bucket_bytes(seeds), compared + 96 * seeds);
  }
  for (const seeds of [2 ** 20 + 1, 0x7fff_ffff, -1]) {
    assertEquals(core.bucket_bytes(seeds), Status.outOfRange);
  }
});

Deno.test("the core lists its profiles and refuses every other, wiping what it was given", () => {
  const core = rawCore();
  // The list is there before the self-test: a door reads it to decide.
  assertEquals(core.profile_count(), 2);
  for (const [index, profile] of PROFILES.entries()) {
    assertEquals(core.describe_profile(index), Status.ok);
    const words = Array.from({ length: 6 }, (_, word) => core.output(word));
    assertEquals(words, profile);
  }
  for (const index of [2, 3, 0x7fff_ffff, -1]) {
    assertEquals(core.describe_profile(index), Status.outOfRange);
  }
  assertEquals(core.self_test(), Status.ok);
  const input = core.input_ptr();
  const tag = () => core.output(0) || core.output(1);
  for (const profile of [0, 9, 10, 257, 0x0100_0000, -1, 0x8000_0001]) {
    const refused = Status.unknownProfile;
    core.bytes().set(seedOf(0), input);
    assertEquals(core.wipe_all(), Status.ok);
    assertEquals(core.derive_tag(90, profile, 42, STEP, 11), refused);
    assertEquals(tag(), 0);
    assertEquals(
      core.bytes().subarray(input, input + 32),
      new Uint8Array(32),
    );
    assertEquals(core.load_begin(90, profile, 42, 1), refused);
    assertEquals(core.load_commit(), Status.nothingPending);
    assertEquals(core.verify(90, profile, 42, 0n, 11, STEP, 1), refused);
    assertEquals(core.has_bucket(90, profile, 42), 0);
  }
  assertEquals(core.derive_tag(90, 1, 42, STEP, 11), Status.ok);
});

Deno.test("numbers out of bounds are refused with a status, and nothing traps", () => {
  const core = rawCore();
  assertEquals(core.self_test(), Status.ok);
  const refused = Status.outOfRange;
  for (
    const [key, message] of [
      [16_385, 0],
      [0, 16_385],
      [8_192, 8_193],
      [-1, 1],
      [1, -1],
      [-1, -1],
      [0x8000_0000, 0x8000_0000],
    ] as const
  ) {
    assertEquals(core.hmac_sha256(key, message), refused);
    assertEquals(core.hmac_sm3(key, message), refused);
  }
  assertEquals(core.hmac_sha256(16_384, 0), Status.ok);
  assertEquals(core.hmac_sm3(16_384, 0), Status.ok);
  for (const digits of [0, 20, -1, 0x8000_0000]) {
    assertEquals(core.derive_tag(90, 1, 42, STEP, digits), refused);
  }
  for (const count of [2 ** 20 + 1, 0x7fff_ffff, -1]) {
    assertEquals(core.load_begin(90, 1, 42, count), refused);
  }
  assertEquals(core.load_commit(), Status.nothingPending);
  assertEquals(core.load_begin(90, 1, 42, 2 ** 20), Status.ok);
  assertEquals(core.load_begin(90, 1, 42, 0), Status.ok);
  assertEquals(core.load_commit(), Status.ok);
  assertEquals(core.wipe_bucket(90, 1, 42), Status.ok);
  assertEquals(
    core.verify(90, 1, 42, 0n, 11, STEP, 1),
    Status.notLoaded,
  );
  assertEquals(core.load_begin(90, 1, 42, 1), Status.ok);
  assertEquals(core.load_commit(), Status.ok);
  assertEquals(core.load_commit(), Status.nothingPending);
  const verify = (tag: bigint, digits: number, first: number, count: number) =>
    core.verify(90, 1, 42, tag, digits, first, count);
  assertEquals(verify(0n, 0, STEP, 1), refused);
  assertEquals(verify(0n, 20, STEP, 1), refused);
  assertEquals(verify(0n, -1, STEP, 1), refused);
  assertEquals(verify(0n, 11, STEP, 0), refused);
  assertEquals(verify(0n, 11, STEP, 9), refused);
  assertEquals(verify(0n, 11, STEP, -1), refused);
  assertEquals(verify(0n, 11, -1, 2), refused); // the last step is 2^32 - 1
  assertEquals(verify(10n ** 11n, 11, STEP, 1), refused);
  assertEquals(verify(-1n, 11, STEP, 1), refused);
  assertEquals(verify(10n ** 19n, 19, STEP, 1), refused);
  assertEquals(verify(10n ** 19n - 1n, 19, STEP, 1), Status.ok);
  assertEquals(core.wipe_bucket(1, 2, 3), Status.ok);
});

Deno.test("a bucket is found under its own prefix, profile and number only", () => {
  const core = rawCore();
  assertEquals(core.self_test(), Status.ok);
  assertEquals(core.load_begin(90, 1, 42, 1), Status.ok);
  assertEquals(core.load_commit(), Status.ok);
  // Several of these share its chain in the directory.
  const found: string[] = [];
  for (let i = 0; i < 1_000; i++) {
    for (const [a, b, c] of [[i, 1, 42], [90, i, 42], [90, 1, i]]) {
      if (core.has_bucket(a!, b!, c!) !== 0) found.push(`${a} ${b} ${c}`);
    }
  }
  assertEquals(found, ["90 1 42", "90 1 42", "90 1 42"]);
});

Deno.test("wipe_all() ends a load that was begun", () => {
  const core = rawCore();
  assertEquals(core.self_test(), Status.ok);
  assertEquals(core.load_begin(90, 1, 42, 1), Status.ok);
  assertEquals(core.wipe_all(), Status.ok);
  assertEquals(core.load_commit(), Status.nothingPending);
});
