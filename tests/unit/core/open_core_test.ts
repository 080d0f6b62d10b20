import { assert, assertEquals, assertThrows } from "@std/assert";
import { decodeHex } from "@std/encoding/hex";
import {
  DEFAULT_PROFILES,
  PROFILE_1,
  PROFILE_2,
  profilesOf,
} from "../../../edge/code/profile.ts";
import {
  assertImplements,
  CoreFaultError,
  openCore,
} from "../../../edge/core/core.ts";
import { compileCore } from "../../../scripts/build_core.ts";
import { wasm } from "../../wasm/core.ts";

/** Where a run of bytes is in the core; it must be there once. */
function offsetOf(bytes: Uint8Array): number {
  const places: number[] = [];
  for (let at = 0; at + bytes.length <= wasm.length; at++) {
    if (bytes.every((byte, i) => wasm[at + i] === byte)) places.push(at);
  }
  assertEquals(places.length, 1);
  return places[0]!;
}

/** Flips each byte of a run in turn; every such core must be refused. */
function refusesEachFlip(bytes: Uint8Array) {
  const offset = offsetOf(bytes);
  for (let i = 0; i < bytes.length; i++) {
    const copy = wasm.slice();
    copy[offset + i]! ^= 0x01;
    assertThrows(
      () => openCore(copy),
      CoreFaultError,
      "The core fails its self-test: status -6",
      `byte ${i}`,
    );
  }
}

Deno.test("openCore() refuses a core with a corrupt known answer, whichever byte it is", () => {
  // RFC 4231 §4.3 and §4.7 with SHA-256 and with SM3, and the first two tags of
  // the search under each profile.
  for (
    const mac of [
      "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
      "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
      "2e87f1d16862e6d964b50a5200bf2b10b764faa9680a296a2405f24bec39f882",
      "b4fd844e13342002f0b2e0690ea7741f1497d993a70494cea601e657bedf67a0",
    ]
  ) refusesEachFlip(decodeHex(mac));
  for (
    const [first, second] of [
      [3893583804722079264n, 3593496136977686076n],
      [485573112502872869n, 2403054237524788030n],
    ] as const
  ) {
    const tags = new DataView(new ArrayBuffer(16));
    tags.setBigUint64(0, first, true);
    tags.setBigUint64(8, second, true);
    refusesEachFlip(new Uint8Array(tags.buffer));
  }
});

Deno.test("openCore() refuses a core with a corrupt constant of SHA-256 or SM3 or a corrupt label", () => {
  for (
    const [name, count, first, second] of [
      ["K", 64, 0x428a2f98, 0x71374491],
      ["the initial hash value", 8, 0x6a09e667, 0xbb67ae85],
      ["T", 64, 0x79cc4519, 0xf3988a32],
      ["IV", 8, 0x7380166f, 0x4914b2b9],
    ] as const
  ) {
    const offset = offsetOf(
      new Uint8Array(new Uint32Array([first, second]).buffer),
    );
    for (let word = 0; word < count; word++) {
      const copy = wasm.slice();
      copy[offset + 4 * word + (word & 3)]! ^= 0x80;
      assertThrows(
        () => openCore(copy),
        CoreFaultError,
        "self-test",
        `${name} ${word}`,
      );
    }
  }
  refusesEachFlip(new TextEncoder().encode("offcode.v1 offline payment code"));
});

Deno.test("openCore() refuses a module with an import", async () => {
  // (module (import "env" "f" (func)))
  const tiny = decodeHex(
    "0061736d010000000104016000000209" + "0103656e76016600" + "00",
  );
  assertThrows(() => openCore(tiny), CoreFaultError, "The core has 1 imports");
  const core = await compileCore({
    edit: (name, source) =>
      name === "index.ts"
        ? `@external("env", "spy") declare function spy(): void;\n` +
          source.replace("let status = OK;", "let status = OK; spy();")
        : source,
  });
  assertThrows(() => openCore(core), CoreFaultError, "The core has 1 imports");
});

Deno.test("openCore() refuses what is no module, lacks an export, or speaks another ABI", async () => {
  assertThrows(
    () => openCore(new Uint8Array(8)),
    CoreFaultError,
    "does not compile",
  );
  assertThrows(
    () => openCore(wasm.subarray(0, 5000)),
    CoreFaultError,
    "does not compile",
  );
  assertThrows(
    () => openCore(decodeHex("0061736d01000000")),
    CoreFaultError,
    "The core lacks abi_version, profile_count",
  );
  const edited = (from: string, to: string) =>
    compileCore({
      edit: (name, source) => {
        if (name !== "index.ts") return source;
        assert(source.includes(from));
        return source.replace(from, to);
      },
    });
  const other = await edited(
    "abi_version(): u32 { return 2; }",
    "abi_version(): u32 { return 3; }",
  );
  assertThrows(
    () => openCore(other),
    CoreFaultError,
    "The core speaks ABI 3, not 2",
  );
  const less = await edited(
    "export function verify(",
    "export function verify_2(",
  );
  assertThrows(() => openCore(less), CoreFaultError, "The core lacks verify");
  // A door without the memory could hand over nothing.
  const hidden = await compileCore({ flags: ["--noExportMemory"] });
  assertThrows(() => openCore(hidden), CoreFaultError, "The core lacks memory");
});

Deno.test("openCore() refuses a core that overlooks a part of a tag, in a group or in a tail", async () => {
  const parts = ["v128.load(tagsPtr), low", "v128.load(tagsPtr, 16), high"]
    .concat("v128.load(tagsPtr + (lanes << 2)), high");
  const source = Deno.readTextFileSync(
    new URL("../../../wasm/assembly/verify.ts", import.meta.url),
  );
  const places = parts.flatMap((
    part,
  ) => [...source.matchAll(RegExp(RegExp.escape(`i32x4.eq(${part})`), "g"))]);
  assertEquals(places.length, 4);
  for (const { index, 0: { length } } of places) {
    const core = await compileCore({
      edit: (name, source) =>
        name === "verify.ts"
          ? source.slice(0, index) + "i32x4.splat(-1)" +
            source.slice(index + length)
          : source,
    });
    assertThrows(
      () => openCore(core),
      CoreFaultError,
      "The core fails its self-test: status -6",
    );
  }
});

Deno.test("openCore() reads the core's profiles, and refuses those that cannot be", async () => {
  assertEquals(openCore(wasm).profiles, profilesOf([PROFILE_1, PROFILE_2]));
  const entry = "1, HMAC_SHA_256, 4, 11, 30, 1,";
  const edited = (to: string) =>
    compileCore({
      edit: (name, source) => {
        if (name !== "profiles.ts") return source;
        assert(source.includes(entry));
        return source.replace(entry, to);
      },
    });
  for (
    const [to, message] of [
      ["1, 9, 4, 11, 30, 1,", "The core's profile 1 has MAC 9"],
      ["1, HMAC_SHA_256, 4, 30, 30, 1,", "The core's profiles are not valid"],
    ] as const
  ) {
    const core = await edited(to);
    assertThrows(() => openCore(core), CoreFaultError, message);
  }
});

Deno.test("openCore() reads the core's sizes, and refuses a core with other seeds or longer tags", async () => {
  const { maxSeeds, maxSteps, maxTagDigits } = openCore(wasm).sizes;
  assertEquals([maxSeeds, maxSteps, maxTagDigits], [2 ** 20, 8, 19]);
  for (
    const [from, to, message] of [
      ["<u32>SEED_BYTES, 0", "16, 0", "The core has seeds of 16 bytes"],
      ["MAX_TAG_DIGITS, 12", "20, 12", "The core has tags of 20 digits"],
    ] as const
  ) {
    const core = await compileCore({
      edit: (name, source) => {
        if (name !== "index.ts") return source;
        assert(source.includes(from));
        return source.replace(from, to);
      },
    });
    assertThrows(() => openCore(core), CoreFaultError, message);
  }
});

Deno.test("assertImplements() refuses to serve a profile that the core has not, or has otherwise", () => {
  const core = openCore(wasm);
  assertImplements(core, DEFAULT_PROFILES);
  assertImplements(core, profilesOf([PROFILE_1, PROFILE_2]));
  for (
    const change of [
      { digit: 2 },
      { digit: 3 },
      { mac: "HMAC-SM3" },
      { bucketDigits: 5 },
      { tagDigits: 12 },
      { timeStepSeconds: 60 },
      { windowSteps: 2 },
    ] as const
  ) {
    const served = { ...PROFILE_1, ...change };
    assertThrows(
      () => assertImplements(core, profilesOf([served])),
      CoreFaultError,
      `The core does not implement profile ${served.digit} as it is served`,
    );
  }
});

Deno.test("openCore() takes bytes or a compiled module, and each core has a table of its own", () => {
  const module = new WebAssembly.Module(wasm);
  const id = { prefix: 90, profile: 1, bucket: 1 };
  const [x, y] = [openCore(wasm), openCore(module)];
  x.loadBucket(id, []);
  assert(x.hasBucket(id));
  assert(!y.hasBucket(id));
  assertEquals([x.abi, y.abi], [2, 2]);
});
