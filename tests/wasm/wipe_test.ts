import { assert, assertEquals } from "@std/assert";
import { encodeHex } from "@std/encoding/hex";
import { createHash } from "node:crypto";
import type { SeedPlace } from "../../edge/core/core.ts";
import * as sha256 from "./sha256_reference.ts";
import * as sm3 from "./sm3_reference.ts";
import {
  ID,
  IDS,
  macHead,
  openedCore,
  placesOf,
  rawCore,
  seedOf,
  STEP,
  tagOf,
} from "./core.ts";

Deno.test("the reference compression agrees with node:crypto", () => {
  const block = new Uint8Array(64); // "abc" and its padding
  block.set([0x61, 0x62, 0x63, 0x80]);
  block[63] = 24;
  const words = sha256.compress(sha256.INITIAL, block)
    .map((word) => word.toString(16).padStart(8, "0"));
  assertEquals(
    words.join(""),
    createHash("sha256").update("abc").digest("hex"),
  );
});

/** For each profile: its hash, the rounds that the inner hash is kept after, and the words that stay as they were. */
const OF_PROFILE: Record<
  number,
  {
    readonly hash: Pick<
      typeof sha256,
      "midstate" | "workingVariables" | "compress"
    >;
    readonly startedRounds: number;
    readonly keptWords: number;
  }
> = {
  // Inner midstate; of started and outer a, b, c, e and f.
  1: { hash: sha256, startedRounds: 12, keptWords: 8 + 5 + 5 },
  // Inner midstate; of started and outer a, c, e and g: b and f are rotated.
  2: { hash: sm3, startedRounds: 8, keptWords: 8 + 4 + 4 },
};

/** Every word that must not stay of a seed: itself, its midstates, its started inner hash, its tag. */
function secretsOf(
  seed: Uint8Array,
  step: number,
  id = ID,
): Map<number, string> {
  const { hash, startedRounds } = OF_PROFILE[id.profile]!;
  const words = new Map<number, string>();
  const add = (name: string, values: Iterable<number>) => {
    let i = 0;
    for (const value of values) words.set(value, `${name} word ${i++}`);
  };
  const view = new DataView(seed.buffer, seed.byteOffset, 32);
  const seedWords = Array.from({ length: 8 }, (_, i) => i * 4);
  add("seed, as stored,", seedWords.map((at) => view.getUint32(at, true)));
  add("seed, as read,", seedWords.map((at) => view.getUint32(at)));
  for (const [name, pad] of [["ipad", 0x36], ["opad", 0x5c]] as const) {
    add(
      `seed under ${name}`,
      seedWords.map((at) => (view.getUint32(at) ^ pad * 0x0101_0101) >>> 0),
    );
  }
  const inner = hash.midstate(seed, 0x36);
  add("inner midstate", inner);
  add("outer midstate", hash.midstate(seed, 0x5c));
  const message = new Uint8Array(64);
  message.set(new TextEncoder().encode("offcode.v1 offline payment code"));
  [id.prefix, id.profile, id.bucket, 0, step, 0x8000_0000, 0, 928]
    .forEach((word, i) =>
      new DataView(message.buffer).setUint32(32 + 4 * i, word)
    );
  add(
    "started inner hash",
    hash.workingVariables(inner, message, startedRounds),
  );
  add("inner digest", hash.compress(inner, message));
  const head = macHead(id, seed, step);
  add("MAC", [Number(head >> 32n), Number(head & 0xffff_ffffn)]);
  add("tag", [Number(tagOf(id, seed, step) & 0xffff_ffffn)]);
  return words;
}

/** Which of the words are in memory, at any byte. */
function found(memory: Uint8Array, secrets: Map<number, string>): string[] {
  const view = new DataView(memory.buffer);
  const names = new Set<string>();
  for (let at = 0; at + 4 <= memory.length; at++) {
    const little = secrets.get(view.getUint32(at, true));
    if (little !== undefined) names.add(little);
    const big = secrets.get(view.getUint32(at));
    if (big !== undefined) names.add(big);
  }
  return [...names].sort();
}

const PLACES: SeedPlace[] = placesOf(10);
const SECRETS = new Map(
  PLACES.flatMap(({ seed }) => [...secretsOf(seed, STEP)]),
);

for (const id of IDS) {
  const secrets = new Map(
    PLACES.flatMap(({ seed }) => [...secretsOf(seed, STEP, id)]),
  );
  const { keptWords } = OF_PROFILE[id.profile]!;

  Deno.test(`loadBucket() under profile ${id.profile} keeps midstates and no seed of 1 to 10`, () => {
    for (let count = 1; count <= PLACES.length; count++) {
      const { core, bytes } = openedCore();
      core.loadBucket(id, PLACES.slice(0, count));
      const names = found(bytes(), secrets);
      assertEquals(names.filter((name) => name.startsWith("seed")), []);
      // The scan does see what is there.
      assertEquals(names.length, keptWords);
    }
  });

  for (
    const [name, wipe] of [
      ["wipeBucket()", (core) => core.wipeBucket(id)],
      ["wipeAll()", (core) => core.wipeAll()],
      ["loadBucket() with no places", (core) => core.loadBucket(id, [])],
      [
        "loadBucket() with other seeds",
        (core) =>
          core.loadBucket(id, [{ seed: seedOf("other"), credential: 1 }]),
      ],
    ] satisfies [
      string,
      (core: ReturnType<typeof openedCore>["core"]) => void,
    ][]
  ) {
    Deno.test(`${name} under profile ${id.profile} leaves no seed, midstate, digest or tag in memory`, () => {
      const { core, bytes } = openedCore();
      core.loadBucket(id, PLACES);
      core.verify(id, 1n, 11, STEP - 1, 3);
      assert(found(bytes(), secrets).length > keptWords);
      wipe(core);
      assertEquals(found(bytes(), secrets), []);
    });
  }
}

Deno.test("a bucket that moves leaves nothing where it was", () => {
  const { core, bytes } = openedCore();
  // Buckets before it die, loads after it push the sweep that moves it down.
  for (let bucket = 100; bucket < 110; bucket++) {
    core.loadBucket(
      { ...ID, bucket },
      placesOf(40).map((place, i) => ({ ...place, seed: seedOf(`x ${i}`) })),
    );
  }
  core.loadBucket(ID, PLACES);
  const at = () => {
    const word = workingWord();
    const view = new DataView(bytes().buffer);
    const places: number[] = [];
    for (let i = 0; i + 4 <= view.byteLength; i += 4) {
      if (view.getUint32(i, true) === word) places.push(i);
    }
    return places;
  };
  const [before] = at();
  for (let bucket = 100; bucket < 110; bucket++) {
    core.wipeBucket({ ...ID, bucket });
  }
  for (let i = 0; i < 40; i++) {
    core.loadBucket({ ...ID, bucket: 200 }, [{
      seed: seedOf("y"),
      credential: 1,
    }]);
  }
  const [after, ...copies] = at();
  assert(after! < before!);
  assertEquals(copies, []);
  assertEquals(
    core.verify(ID, tagOf(ID, PLACES[9]!.seed, STEP), 11, STEP, 1).kind,
    "one",
  );
  core.wipeBucket(ID);
  assertEquals(found(bytes(), SECRETS), []);
});

/** The first word of the inner midstate of place 9. */
function workingWord(): number {
  return sha256.midstate(PLACES[9]!.seed, 0x36)[0]!;
}

Deno.test("whatever was asked, wipeAll() leaves the memory as it was at the start", () => {
  const { core, bytes } = openedCore();
  const start = bytes().slice();
  core.hmacSha256(seedOf("key"), new Uint8Array(300).fill(7));
  assertEquals(bytes(), start);
  core.hmacSm3(seedOf("key"), new Uint8Array(300).fill(7));
  assertEquals(bytes(), start);
  for (const id of IDS) {
    core.deriveTag(id, seedOf(1), STEP, 11);
    assertEquals(bytes(), start);
  }
  const id = (bucket: number) => ({ ...IDS[bucket % 2]!, bucket });
  for (let bucket = 0; bucket < 200; bucket++) {
    core.loadBucket(id(bucket), PLACES.slice(0, bucket % 10));
    core.verify(
      id(bucket),
      tagOf(ID, PLACES[0]!.seed, STEP),
      11,
      STEP - 1,
      3,
    );
    if (bucket % 3 === 0) core.wipeBucket(id(bucket >> 1));
  }
  // Few live, and the sweep packs them: what it passed over is clean, too.
  for (let bucket = 0; bucket < 180; bucket++) core.wipeBucket(id(bucket));
  for (let i = 0; i < 300; i++) core.loadBucket(ID, PLACES);
  core.wipeAll();
  const end = bytes();
  assertEquals(encodeHex(end.subarray(0, start.length)), encodeHex(start));
  assert(end.subarray(start.length).every((byte) => byte === 0));
});

Deno.test("one request's bytes never show in the next", () => {
  const core = rawCore();
  assertEquals(core.self_test(), 0);
  const input = core.input_ptr();
  for (const hmac of [core.hmac_sha256, core.hmac_sm3]) {
    core.bytes().fill(0xaa, input, input + 200);
    assertEquals(hmac(100, 100), 0);
    assert(
      core.bytes().subarray(input, input + 16_384).every((byte) => byte === 0),
    );
    // A refused request is forgotten, too.
    core.bytes().fill(0xaa, input, input + 16_384);
    assertEquals(hmac(16_384, 1), -2);
    assert(
      core.bytes().subarray(input, input + 16_384).every((byte) => byte === 0),
    );
  }
  core.bytes().set(seedOf(1), input);
  assertEquals(core.derive_tag(90, 1, 42, STEP, 0), -2);
  assert(core.bytes().subarray(input, input + 32).every((byte) => byte === 0));
  // A load that is begun and never ended is wiped by the next.
  assertEquals(core.load_begin(90, 1, 42, 4), 0);
  core.bytes().set(seedOf(1), core.output(0));
  assertEquals(core.load_begin(90, 1, 43, 0), 0);
  assertEquals(core.load_commit(), 0);
  assertEquals(core.has_bucket(90, 1, 42), 0);
  assertEquals(found(core.bytes(), secretsOf(seedOf(1), STEP)), []);
});
