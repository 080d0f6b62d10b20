import { assert, assertEquals, assertThrows } from "@std/assert";
import { coreBudget } from "../../../edge/core/budget.ts";
import type { Core } from "../../../edge/core/core.ts";
import { newCore, openedCore, placesOf } from "../../wasm/core.ts";

const MIB = 2 ** 20;

Deno.test("bucketBytes() of more seeds than a bucket may have is infinite", () => {
  const core = newCore();
  assert(core.bucketBytes(2 ** 20) < Infinity);
  assertEquals(core.bucketBytes(2 ** 20 + 1), Infinity);
  assertEquals(core.bucketBytes(2 ** 32 - 1), Infinity);
  for (const bad of [-1, 0.5, NaN]) {
    assertThrows(() => core.bucketBytes(bad), RangeError, "number of seeds");
  }
});

Deno.test("bucketBytes() is what a bucket takes in the core", () => {
  for (
    const count of [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 100, 101, 102, 103, 1_001]
  ) {
    const { core, bytes } = openedCore();
    core.loadBucket({ prefix: 90, profile: 1, bucket: 42 }, placesOf(count));
    const header = new Uint8Array(new Uint32Array([90, 1, 42, count]).buffer);
    const memory = bytes();
    const at = memory.findIndex((_, i) =>
      i % 4 === 0 && header.every((byte, j) => memory[i + j] === byte)
    );
    // The size stands two words before the prefix.
    const size = new DataView(memory.buffer).getUint32(at - 8, true);
    assertEquals(size, core.bucketBytes(count));
  }
});

const PLACES = placesOf(4_000);

/** Loads buckets and wipes the oldest, as the budget says. */
function loader(core: Core, memoryBytes: number) {
  const budget = coreBudget(core.sizes, memoryBytes);
  const places = PLACES;
  const sizes = new Map<number, number>();
  let loaded = 0;
  let most = 0;
  const wipe = (bucket: number) => {
    const count = sizes.get(bucket);
    if (count === undefined) return;
    sizes.delete(bucket);
    loaded -= core.bucketBytes(count);
    core.wipeBucket({ prefix: 90, profile: 1, bucket });
  };
  return {
    budget,
    sizes,
    wipe,
    most: () => most,
    load(bucket: number, count: number) {
      const bytes = core.bucketBytes(count);
      assert(bytes <= budget.bucketBytes);
      const fits = () =>
        loaded + bytes <= budget.loadedBytes && sizes.size < budget.buckets;
      for (const oldest of sizes.keys()) {
        if (fits()) break;
        if (oldest !== bucket) wipe(oldest);
      }
      core.loadBucket(
        { prefix: 90, profile: 1, bucket },
        places.slice(0, count),
      );
      loaded -= core.bucketBytes(sizes.get(bucket) ?? 0) *
        Number(sizes.has(bucket));
      sizes.delete(bucket);
      sizes.set(bucket, count);
      loaded += bytes;
      most = Math.max(most, loaded);
      assert(
        core.memoryBytes <= memoryBytes,
        `${core.memoryBytes} bytes with ${loaded} loaded`,
      );
    },
  };
}

/** Repeatable numbers from 0 to below `below` (xorshift32). */
function dice() {
  let state = 1;
  return (below: number) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

const BUDGET = 16 * MIB;
const LARGEST = 4_000;

const PATTERNS: Record<
  string,
  (it: ReturnType<typeof loader>, next: (below: number) => number) => void
> = {
  "new buckets of one size": ({ load }) => {
    for (let i = 0; i < 3_500; i++) load(i, 100);
  },
  "small and largest ones by turns": ({ load }) => {
    for (let i = 0; i < 250; i++) load(i, i % 3 === 0 ? LARGEST : 1);
  },
  "one bucket again and again, others around it": ({ load }) => {
    for (let i = 0; i < 1_000; i++) load(i, 90);
    for (let i = 0; i < 2_000; i++) load(400, 90 + i % 3);
  },
  "half of all wiped, then filled with larger ones": ({ load, wipe }) => {
    for (let round = 0; round < 4; round++) {
      for (let i = 0; i < 1_600; i++) load(2_000 * round + i, 40);
      for (let i = 0; i < 1_600; i += 2) wipe(2_000 * round + i);
      for (let i = 0; i < 80; i++) load(2_000 * round + 1_600 + i, 600);
    }
  },
  "the youngest wiped while a sweep runs behind": ({ load, wipe }) => {
    for (let i = 0; i < 15_000; i++) {
      load(i, 40);
      if (i % 5 !== 0) wipe(i);
    }
  },
  "more empty buckets than the directory may have": ({ load }) => {
    for (let i = 0; i < 40_000; i++) load(i, 0);
    for (let i = 0; i < 80; i++) load(i, LARGEST);
  },
  "anything": ({ load, wipe, sizes }, next) => {
    for (let i = 0; i < 4_000; i++) {
      const known = [...sizes.keys()];
      const bucket = next(2) === 0
        ? next(3_000)
        : known[next(Math.max(1, known.length))] ?? 0;
      if (next(10) === 0) wipe(bucket);
      else load(bucket, next(30) === 0 ? next(LARGEST + 1) : next(200));
    }
  },
};

for (const [name, run] of Object.entries(PATTERNS)) {
  Deno.test(`coreBudget() keeps memory within 16 MiB: ${name}`, () => {
    const core = newCore();
    const it = loader(core, BUDGET);
    run(it, dice());
    // The budget was reached, or this has shown nothing.
    assert(
      it.most() > 0.9 * it.budget.loadedBytes ||
        it.sizes.size === it.budget.buckets,
      `${it.most()}`,
    );
  });
}

Deno.test("coreBudget() gives away no more than a third, and holds what is said of 256 MiB", () => {
  const core = newCore();
  for (const mib of [16, 64, 256, 2_047]) {
    const { loadedBytes, bucketBytes: largest, buckets } = coreBudget(
      core.sizes,
      mib * MIB,
    );
    assert(loadedBytes / MIB > mib * (mib < 64 ? 0.6 : 2 / 3), `${mib}`);
    assert(largest >= core.bucketBytes(250 * mib));
    assert(buckets >= 2_000 * mib);
  }
  const { loadedBytes } = coreBudget(core.sizes, 256 * MIB);
  assertEquals(
    Math.floor(loadedBytes / core.bucketBytes(100)) * 100,
    1_524_100,
  );
});

for (const profile of [1, 2]) {
  Deno.test(`a core takes at most 131 bytes a credential under profile ${profile}: 100 000 in 10 000 buckets at random`, () => {
    const core = newCore();
    const next = dice();
    const sizes = new Array<number>(10_000).fill(0);
    for (let i = 0; i < 100_000; i++) sizes[next(sizes.length)]!++;
    for (const [bucket, count] of sizes.entries()) {
      core.loadPacked({ prefix: 90, profile, bucket }, {
        seeds: new Uint8Array(32 * count),
        credentials: new Uint32Array(count),
      });
    }
    assert(core.memoryBytes <= 131 * 100_000, `${core.memoryBytes}`);
  });
}

Deno.test("loadBucket() takes no page of memory that it does not need", () => {
  const core = newCore();
  let alive = 0;
  for (let bucket = 0; bucket < 200; bucket++) {
    core.loadBucket({ prefix: 90, profile: 1, bucket }, PLACES.slice(0, 100));
    alive += core.bucketBytes(100);
    // The fixed buffers, the directory, and less than a page that was begun.
    assert(core.memoryBytes < 2 * 65_536 + 4_096 + alive, `${bucket}`);
  }
});
