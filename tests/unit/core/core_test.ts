import { assert, assertEquals, assertThrows } from "@std/assert";
import { CoreFaultError, openCore } from "../../../edge/core/core.ts";
import { compileCore } from "../../../scripts/build_core.ts";
import { ID, newCore, placesOf, seedOf, STEP, tagOf } from "../../wasm/core.ts";

const BAD_U32 = [-1, 0.5, NaN, Infinity, 2 ** 32];

Deno.test("every call refuses numbers that are no u32, and says which", () => {
  const core = newCore();
  for (const bad of BAD_U32) {
    for (const name of ["prefix", "profile", "bucket"]) {
      const id = { ...ID, [name]: bad };
      const message =
        `${name} must be an integer from 0 to 4294967295: received ${bad}`;
      for (
        const call of [
          () => core.deriveTag(id, seedOf(0), STEP, 11),
          () => core.loadBucket(id, []),
          () => core.wipeBucket(id),
          () => core.hasBucket(id),
          () => core.verify(id, 0n, 11, STEP, 1),
        ]
      ) assertThrows(call, RangeError, message);
    }
    assertThrows(
      () => core.deriveTag(ID, seedOf(0), bad, 11),
      RangeError,
      "step must",
    );
    assertThrows(
      () => core.loadBucket(ID, [{ seed: seedOf(0), credential: bad }]),
      RangeError,
      "credential must",
    );
  }
});

Deno.test("deriveTag(), loads and verify() refuse a profile that the core does not implement", () => {
  const core = newCore();
  const seeds = seedOf(0);
  for (const profile of [0, 9, 10]) {
    const id = { ...ID, profile };
    for (
      const call of [
        () => core.deriveTag(id, seedOf(0), STEP, 11),
        () => core.loadBucket(id, placesOf(1)),
        () => core.loadPacked(id, { seeds, credentials: new Uint32Array(1) }),
        () => core.verify(id, 0n, 11, STEP, 1),
      ]
    ) {
      assertThrows(
        call,
        RangeError,
        "The core does not implement the profile",
      );
    }
    assertEquals(core.hasBucket(id), false);
  }
});

Deno.test("deriveTag() and verify() refuse digits, steps, tags and seeds out of bounds", () => {
  const core = newCore();
  core.loadBucket(ID, placesOf(1));
  for (const digits of [0, 20, 1.5, NaN]) {
    assertThrows(
      () => core.deriveTag(ID, seedOf(0), STEP, digits),
      RangeError,
      "tagDigits",
    );
    assertThrows(
      () => core.verify(ID, 0n, digits, STEP, 1),
      RangeError,
      "tagDigits",
    );
  }
  for (const count of [0, 9, 1.5, NaN]) {
    assertThrows(
      () => core.verify(ID, 0n, 11, STEP, count),
      RangeError,
      "stepCount",
    );
  }
  assertThrows(() => core.verify(ID, 0n, 11, -1, 3), RangeError, "firstStep");
  assertThrows(
    () => core.verify(ID, 0n, 11, 2 ** 32 - 2, 3),
    RangeError,
    "firstStep",
  );
  for (const tag of [-1n, 10n ** 11n, 2n ** 64n]) {
    const error = assertThrows(
      () => core.verify(ID, tag, 11, STEP, 1),
      RangeError,
    );
    assertEquals(error.message, "The tag must be below 10^tagDigits");
  }
  for (const length of [0, 31, 33, 64]) {
    const seed = new Uint8Array(length).fill(7);
    const message = `seed must have 32 bytes: received ${length}`;
    assertThrows(() => core.deriveTag(ID, seed, STEP, 11), RangeError, message);
    assertThrows(
      () => core.loadBucket(ID, [{ seed, credential: 1 }]),
      RangeError,
      message,
    );
  }
});

Deno.test("loadBucket() that is refused leaves what was loaded", () => {
  const core = newCore();
  const [place] = placesOf(1);
  core.loadBucket(ID, [place!]);
  assertThrows(
    () =>
      core.loadBucket(ID, [place!, { seed: new Uint8Array(5), credential: 1 }]),
    RangeError,
  );
  assertEquals(
    core.verify(ID, tagOf(ID, place!.seed, STEP), 11, STEP, 1).kind,
    "one",
  );
});

Deno.test("verify() wants the bucket loaded; hasBucket(), wipeBucket() and wipeAll() agree on what is", () => {
  const core = newCore();
  const other = { ...ID, bucket: 43 };
  const loaded = () => [core.hasBucket(ID), core.hasBucket(other)];
  const search = () => core.verify(ID, 0n, 11, STEP, 3);
  assertThrows(search, RangeError, "must be loaded");
  core.wipeBucket(ID);
  core.loadBucket(ID, []);
  assertEquals(search(), { kind: "none" });
  core.loadBucket(other, placesOf(5));
  assertEquals(loaded(), [true, true]);
  core.wipeBucket(ID);
  assertEquals(loaded(), [false, true]);
  assertThrows(search, RangeError, "must be loaded");
  core.loadBucket(ID, placesOf(3));
  core.wipeAll();
  assertEquals(loaded(), [false, false]);
  core.loadBucket(ID, placesOf(3));
  assertEquals(loaded(), [true, false]);
});

Deno.test("loadBucket() neither keeps nor changes the seeds it is given", () => {
  const core = newCore();
  const [place] = placesOf(1);
  const tag = tagOf(ID, place!.seed, STEP);
  const before = place!.seed.slice();
  core.loadBucket(ID, [place!]);
  assertEquals(place!.seed, before);
  place!.seed.fill(0);
  assertEquals(core.verify(ID, tag, 11, STEP, 1).kind, "one");
});

Deno.test("loadBucket() takes seeds that are views of a larger buffer", () => {
  const core = newCore();
  const all = new Uint8Array(100);
  all.set(seedOf(0), 3);
  all.set(seedOf(1), 50);
  core.loadBucket(ID, [
    { seed: all.subarray(3, 35), credential: 5 },
    { seed: all.subarray(50, 82), credential: 6 },
  ]);
  assertEquals(
    core.verify(ID, tagOf(ID, seedOf(1), STEP), 11, STEP, 1),
    { kind: "one", credential: 6, place: 1, step: STEP },
  );
});

Deno.test("loadPacked() loads what loadBucket() loads", () => {
  const core = newCore();
  for (const count of [0, 1, 5, 40]) {
    const places = placesOf(count);
    const seeds = new Uint8Array(32 * count + 7).subarray(7);
    places.forEach(({ seed }, i) => seeds.set(seed, 32 * i));
    const credentials = Uint32Array.from(places, (place) => place.credential);
    const given = seeds.slice();
    core.loadPacked(ID, { seeds, credentials });
    assertEquals(seeds, given);
    seeds.fill(0); // copied
    places.forEach(({ seed, credential }, place) => {
      assertEquals(
        core.verify(ID, tagOf(ID, seed, STEP), 11, STEP, 1),
        { kind: "one", credential, place, step: STEP },
      );
    });
  }
});

Deno.test("loadPacked() refuses seeds of another length, and nothing has changed", () => {
  const core = newCore();
  const [place] = placesOf(1);
  core.loadBucket(ID, [place!]);
  for (const length of [0, 31, 33, 64, 96]) {
    const seeds = new Uint8Array(length);
    const count = length === 64 ? 1 : 2;
    assertThrows(
      () => core.loadPacked(ID, { seeds, credentials: new Uint32Array(count) }),
      RangeError,
      `${count} seeds must have 32 bytes each: received ${length}`,
    );
  }
  assertEquals(
    core.verify(ID, tagOf(ID, place!.seed, STEP), 11, STEP, 1).kind,
    "one",
  );
});

Deno.test("memoryBytes grows in loadBucket() and nowhere else", () => {
  const core = newCore();
  const start = core.memoryBytes;
  core.hmacSha256(new Uint8Array(8_000), new Uint8Array(8_000));
  core.hmacSm3(new Uint8Array(8_000), new Uint8Array(8_000));
  core.deriveTag(ID, seedOf(0), STEP, 11);
  assertEquals(core.memoryBytes, start);
  core.loadBucket(ID, placesOf(4_000));
  const loaded = core.memoryBytes;
  assert(loaded > start);
  core.verify(ID, 0n, 11, STEP, 8);
  core.wipeAll();
  assertEquals(core.memoryBytes, loaded);
});

Deno.test("loadBucket() that finds no memory is a fault, and what was loaded still is", async () => {
  const core = openCore(await compileCore({ flags: ["--maximumMemory", "8"] }));
  const places = placesOf(1_000);
  core.loadBucket(ID, places);
  const big = { ...ID, bucket: 43 };
  const error = assertThrows(
    () => core.loadBucket(big, placesOf(4_000)),
    CoreFaultError,
  );
  assertEquals(error.message, "The core is out of memory");
  assert(!core.hasBucket(big));
  const found = {
    kind: "one",
    credential: 1999,
    place: 999,
    step: STEP,
  } as const;
  const tag = tagOf(ID, places[999]!.seed, STEP);
  assertEquals(core.verify(ID, tag, 11, STEP - 1, 3), found);
  // Replacing needs room for both, and wiped room is room again.
  for (let i = 0; i < 20; i++) core.loadBucket(ID, places);
  assertEquals(core.verify(ID, tag, 11, STEP - 1, 3), found);
  core.wipeBucket(ID);
  core.loadBucket(big, placesOf(3_900));
  assertEquals(core.memoryBytes, 8 * 65_536);
});
