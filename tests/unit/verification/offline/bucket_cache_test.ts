import {
  assert,
  assertEquals,
  assertRejects,
  assertStrictEquals,
} from "@std/assert";
import { encodeBase64 } from "@std/encoding/base64";
import {
  type SealedSeed,
  writeSeeds,
} from "../../../../scripts/bench/kit/sealed_buckets.ts";
import { systemRandom } from "../../../../edge/base/clock.ts";
import { coreBudget } from "../../../../edge/core/budget.ts";
import type { Core } from "../../../../edge/core/core.ts";
import {
  type Store,
  StoreUnavailableError,
} from "../../../../edge/store/store.ts";
import { parseKeyring } from "../../../../edge/vault/keyring.ts";
import { createVault } from "../../../../edge/vault/seal.ts";
import {
  BucketTooLargeError,
  createBucketCache,
} from "../../../../edge/verification/offline/bucket_cache.ts";
import type { LoadedBucket } from "../../../../edge/verification/offline/held_buckets.ts";
import { ownerAt } from "../../../../edge/verification/offline/owners.ts";
import { ManualClock } from "../../../support/store/fixture.ts";
import { sqliteFactory } from "../../../support/store/sqlite.ts";
import { newCore, openedCore, STEP, tagOf } from "../../../wasm/core.ts";
import { midstate } from "../../../wasm/sha256_reference.ts";

const MEMORY = 2 ** 21;
const CORE = newCore();
const BUDGET = coreBudget(CORE.sizes, MEMORY);
/** Nearly the largest bucket of this budget. */
const SEEDS = 500;
/** How many of them the core holds at a time. */
const HELD = Math.floor(BUDGET.loadedBytes / CORE.bucketBytes(SEEDS));
const KEYRING = parseKeyring(`k1:${encodeBase64(new Uint8Array(32).fill(1))}`);

/** A cache over a real store, vault and core, all of which are counted. */
async function world(memoryBytes = MEMORY) {
  const clock = new ManualClock();
  const { store, dispose } = await sqliteFactory(clock);
  const { core, bytes } = openedCore();
  let current = core;
  const vault = createVault({ keyring: KEYRING, random: systemRandom });
  const counts = { reads: 0, opened: 0 };
  const tooLarge: number[][] = [];
  /** Every buffer that seeds were opened into. */
  const seedBuffers = new Set<Uint8Array>();
  /** What happens once what was asked for has been read. */
  const meanwhile: (() => void | Promise<void>)[] = [];
  const counting: Store = {
    ...store,
    read: async (request) => {
      counts.reads++;
      const snapshot = await store.read(request);
      await meanwhile.shift()?.();
      return snapshot;
    },
    range: (query) => store.range(query),
  };
  const cache = createBucketCache({
    store: counting,
    core: () => current,
    vault: {
      ...vault,
      seedOpener(place) {
        const open = vault.seedOpener(place);
        return (...given) => {
          counts.opened++;
          seedBuffers.add(given[2]);
          open(...given);
        };
      },
    },
    clock,
    prefix: "90",
    memoryBytes,
    onSealFault: (reason) => {
      throw new Error(reason);
    },
    onTooLarge: (...facts) => tooLarge.push(facts),
  });
  return {
    cache,
    core,
    bytes,
    clock,
    counts,
    meanwhile,
    seedBuffers,
    tooLarge,
    /** Has another core take what is loaded from now on. */
    exchange() {
      const next = openedCore();
      current = next.core;
      return next;
    },
    write: (bucket: number, count: number, lifeSeconds = 86_400) =>
      writeSeeds(store, {
        vault,
        random: systemRandom,
        prefix: "90",
        profile: 1,
        expires: clock.ms / 1000 + lifeSeconds,
      }, Array<number>(count).fill(bucket)),
    /** Loads a bucket, and answers whose the seed is there and then. */
    find: (bucket: number, { seed }: SealedSeed) =>
      cache.load(1, bucket, (loaded) => search(core, loaded, seed)),
    [Symbol.asyncDispose]: dispose,
  };
}

type World = Awaited<ReturnType<typeof world>>;

function search(core: Core, loaded: LoadedBucket, seed: Uint8Array) {
  const id = { prefix: 90, profile: 1, bucket: loaded.bucket };
  const found = core.verify(id, tagOf(id, seed, STEP), 11, STEP, 1);
  return found.kind === "one"
    ? ownerAt(loaded.owners, found.credential).credentialId
    : found.kind;
}

const none = () => {};

/** The buckets that the core holds, of 0 to below `count`. */
function inCore({ core }: Pick<World, "core">, count: number): number[] {
  return Array.from({ length: count }, (_, bucket) => bucket).filter((bucket) =>
    core.hasBucket({ prefix: 90, profile: 1, bucket })
  );
}

/**
 * How many of the seeds have left two words of their midstates in memory. One
 * of the 4 000 words of a bucket stands there by chance in every third run.
 */
function traces(memory: Uint8Array, seeds: readonly SealedSeed[]): number {
  const owners = new Map(
    seeds.flatMap(({ seed }, i) =>
      [...midstate(seed, 0x36)].map((w) => [w, i])
    ),
  );
  const seen = seeds.map(() => new Set<number>());
  for (const word of new Uint32Array(memory.buffer)) {
    const owner = owners.get(word);
    if (owner !== undefined) seen[owner]!.add(word);
  }
  return seen.filter((words) => words.size > 1).length;
}

Deno.test("load() wipes the least recently used buckets, and nothing of them stays in memory", async () => {
  await using it = await world();
  const seeds: SealedSeed[][] = [];
  for (let bucket = 0; bucket <= HELD; bucket++) {
    seeds.push(await it.write(bucket, SEEDS));
  }
  for (let bucket = 0; bucket < HELD; bucket++) {
    await it.cache.load(1, bucket, none);
  }
  assertEquals(inCore(it, HELD + 1).length, HELD);
  // The scan sees what is there.
  assertEquals(traces(it.bytes(), seeds[1]!), SEEDS);
  assert(it.cache.held(1, 0) !== undefined); // so 1 was not used for longest
  await it.cache.load(1, HELD, none);
  const all = Array.from({ length: HELD + 1 }, (_, bucket) => bucket);
  assertEquals(inCore(it, HELD + 1), all.filter((bucket) => bucket !== 1));
  assertEquals(it.cache.held(1, 1), undefined);
  for (const bucket of all) {
    assertEquals(
      traces(it.bytes(), seeds[bucket]!),
      bucket === 1 ? 0 : SEEDS,
      `${bucket}`,
    );
  }
});

Deno.test("load() keeps the core's memory within the budget, however many buckets come by", async () => {
  await using it = await world();
  const buckets = 6 * HELD; // half as much again as the budget, all together
  const seeds: SealedSeed[][] = [];
  for (let bucket = 0; bucket < buckets; bucket++) {
    seeds.push(await it.write(bucket, SEEDS - 17 * (bucket % 5)));
  }
  for (let i = 0; i < buckets + HELD; i++) {
    const bucket = i * 13 % buckets; // each of them: 13 divides no 6 * HELD
    const [seed] = seeds[bucket]!;
    assertEquals(await it.find(bucket, seed!), seed!.credentialId);
    assert(it.core.memoryBytes <= MEMORY, `${it.core.memoryBytes}`);
  }
  assert(inCore(it, buckets).length >= HELD);
});

Deno.test("load() searches before another load can push the bucket out", async () => {
  await using it = await world();
  const buckets = 2 * HELD;
  const seeds: SealedSeed[][] = [];
  for (let bucket = 0; bucket < buckets; bucket++) {
    seeds.push(await it.write(bucket, SEEDS));
  }
  // Twice as many at a time as the core can hold, each asked for twice.
  const asked = [...seeds.keys(), ...seeds.keys()];
  const found = await Promise.all(
    asked.map((bucket) => it.find(bucket, seeds[bucket]!.at(-1)!)),
  );
  assertEquals(
    found,
    asked.map((bucket) => seeds[bucket]!.at(-1)!.credentialId),
  );
  assertEquals(it.counts.reads, buckets);
  assertEquals(it.counts.opened, buckets * SEEDS);
});

Deno.test("load() that is asked for while the one before ends is a load of its own", async () => {
  await using it = await world();
  await it.write(0, 1);
  let next: Promise<number> | undefined;
  await it.cache.load(1, 0, () => {
    next = it.cache.load(1, 0, (loaded) => loaded.seeds);
  });
  assertEquals(await next, 1);
  assertEquals(it.counts.reads, 2);
});

Deno.test("load() gives what a search throws to its own caller only", async () => {
  await using it = await world();
  await it.write(0, 1);
  const fault = new Error("of this search");
  const [first, second] = await Promise.allSettled([
    it.cache.load(1, 0, () => {
      throw fault;
    }),
    it.cache.load(1, 0, (loaded) => loaded.seeds),
  ]);
  assert(first.status === "rejected");
  assertStrictEquals(first.reason, fault);
  assertEquals(second, { status: "fulfilled", value: 1 });
});

Deno.test("load() refuses a bucket that is too large before it unseals any of it", async () => {
  await using it = await world();
  await it.write(0, SEEDS);
  let most = SEEDS;
  while (CORE.bucketBytes(most + 1) <= BUDGET.bucketBytes) most++;
  await it.write(1, most);
  await it.write(2, most + 1);
  await it.cache.load(1, 0, none);
  await it.cache.load(1, 1, none);
  const { opened } = it.counts;
  await assertRejects(
    () => Promise.all([it.cache.load(1, 2, none), it.cache.load(1, 2, none)]),
    BucketTooLargeError,
  );
  await assertRejects(() => it.cache.refresh(1, 2), BucketTooLargeError);
  assertEquals(it.counts.opened, opened);
  assertEquals(it.tooLarge, [[1, 2, most + 1], [1, 2, most + 1]]);
  assertEquals(inCore(it, 3), [0, 1]);
});

Deno.test("refresh() exchanges a bucket in a core that is full", async () => {
  await using it = await world();
  for (let bucket = 0; bucket < HELD; bucket++) {
    await it.write(bucket, SEEDS);
    await it.cache.load(1, bucket, none);
  }
  const [added] = await it.write(3, 1);
  await it.cache.refresh(1, 3);
  const loaded = it.cache.held(1, 3)!;
  assertEquals(loaded.seeds, SEEDS + 1);
  assertEquals(search(it.core, loaded, added!.seed), added!.credentialId);
  // Old and new were there together for a moment: the oldest made room.
  const younger = Array.from({ length: HELD - 1 }, (_, i) => i + 1);
  assertEquals(inCore(it, HELD), younger);
  assert(it.core.memoryBytes <= MEMORY);
});

Deno.test("refresh() takes no room for good from the buckets beside it", async () => {
  await using it = await world();
  for (let bucket = 0; bucket < HELD; bucket++) {
    await it.write(bucket, SEEDS - 1);
    if (bucket < HELD - 1) await it.cache.load(1, bucket, none);
  }
  await it.write(0, 1);
  await it.cache.refresh(1, 0);
  await it.cache.load(1, HELD - 1, none);
  assertEquals(inCore(it, HELD).length, HELD);
  // The least recently used one stays when the core takes no new version of it.
  await it.write(1, 1);
  it.core.loadPacked = () => {
    throw new Error("refused");
  };
  await assertRejects(() => it.cache.refresh(1, 1), Error, "refused");
  assert(inCore(it, HELD).includes(1));
});

Deno.test("load() wipes the seeds that it opened, also when the core refuses them", async () => {
  await using it = await world();
  await it.write(0, 3);
  await it.cache.load(1, 0, none);
  await it.write(1, 3);
  const { loadPacked } = it.core;
  it.core.loadPacked = () => {
    throw new Error("refused");
  };
  await assertRejects(() => it.cache.load(1, 1, none), Error, "refused");
  it.core.loadPacked = loadPacked;
  assertEquals(it.counts.opened, 6);
  assertEquals(it.seedBuffers.size, 2);
  for (const bytes of it.seedBuffers) {
    assertEquals(bytes, new Uint8Array(3 * 32));
  }
});

Deno.test("load() reads a bucket of more than one page again when it changed meanwhile", async () => {
  await using it = await world(2 ** 27);
  await it.write(0, 10_000);
  // Read before the first page's last entry, so the second page has it not.
  let added: SealedSeed | undefined;
  it.meanwhile.push(async () => {
    [added] = await it.write(0, 1, 3_600);
  });
  const loaded = await it.cache.load(1, 0, (loaded) => loaded);
  assertEquals(loaded.seeds, 10_001);
  assertEquals(search(it.core, loaded, added!.seed), added!.credentialId);
});

Deno.test("isFresh() holds for less than five seconds, whichever way the clock went", async () => {
  await using it = await world();
  await it.write(0, 1);
  const loaded = await it.cache.load(1, 0, (loaded) => loaded);
  const start = it.clock.ms;
  for (
    const [ms, fresh] of [
      [4_999, true],
      [5_000, false],
      [-4_999, true],
      [-5_000, false],
    ] as const
  ) {
    it.clock.ms = start + ms;
    assertEquals(it.cache.isFresh(loaded), fresh, `${ms}`);
  }
});

Deno.test("load() keeps nothing that was changed here while it read", async () => {
  await using it = await world();
  await it.write(0, 1);
  // Each change is one, whatever was changed before.
  for (const _ of [1, 2, 3]) {
    it.meanwhile.push(() => it.cache.expire(1, 0));
    const isFresh = await it.cache.load(1, 0, (held) => it.cache.isFresh(held));
    assertEquals(isFresh, false);
    assertEquals([it.cache.held(1, 0), inCore(it, 1)], [undefined, []]);
  }
  await it.cache.load(1, 0, none);
  assertEquals(it.cache.isFresh(it.cache.held(1, 0)!), true);
});

Deno.test("expire() wipes the bucket, and what was read before it is read again", async () => {
  await using it = await world();
  await it.write(0, 1);
  await it.cache.load(1, 0, none);
  it.cache.expire(1, 0);
  assertEquals([it.cache.held(1, 0), inCore(it, 1)], [undefined, []]);
  await it.cache.load(1, 0, none);
  const { opened } = it.counts;
  it.meanwhile.push(() => it.cache.expire(1, 0));
  await it.cache.refresh(1, 0);
  assertEquals(it.counts.opened, opened + 1);
  assertEquals(it.cache.isFresh(it.cache.held(1, 0)!), true);
});

for (const what of ["load", "refresh"] as const) {
  Deno.test(`${what}() confirms what was there when it began to read`, async () => {
    await using it = await world();
    await it.write(0, 1);
    await it.cache.load(1, 0, none);
    it.meanwhile.push(() => {
      it.clock.ms += 5_000;
    });
    await (what === "load"
      ? it.cache.load(1, 0, none)
      : it.cache.refresh(1, 0));
    assertEquals(it.cache.isFresh(it.cache.held(1, 0)!), false);
  });
}

/** A cache that holds the buckets 0 to 2, and whose core was exchanged. */
async function exchanged() {
  const it = await world();
  const seeds: SealedSeed[][] = [];
  for (const bucket of [0, 1, 2]) {
    seeds.push(await it.write(bucket, 5));
    await it.cache.load(1, bucket, none);
  }
  const next = it.exchange();
  /** Whose the last seed of a bucket is, where the bucket is held. */
  const findHeld = (bucket: number) => {
    const loaded = it.cache.held(1, bucket);
    const { seed, credentialId } = seeds[bucket]!.at(-1)!;
    if (loaded === undefined) return "nowhere";
    assertEquals(search(loaded.core, loaded, seed), credentialId);
    return loaded.core === next.core ? "new" : "old";
  };
  return { ...it, it, seeds, next, findHeld };
}

Deno.test("a bucket is searched in the core that holds it until move() has moved it", async () => {
  await using at = await exchanged();
  const { it, next, findHeld } = at;
  const buckets = [0, 1, 2];
  // 1 becomes the most recently used one, then 2, then 0.
  for (const bucket of [1, 2, 0]) assertEquals(findHeld(bucket), "old");
  const moved: number[][] = [];
  await it.cache.move(() => false, () => {
    moved.push(inCore(next, 3));
    for (const bucket of buckets) {
      const isMoved = moved.at(-1)!.includes(bucket);
      assertEquals(findHeld(bucket), isMoved ? "new" : "old");
      assertEquals(inCore(it, 3).includes(bucket), !isMoved);
    }
    return Promise.resolve();
  });
  assertEquals(moved, [[0], [0, 2], [0, 1, 2]]);
  assertEquals(buckets.map(findHeld), ["new", "new", "new"]);
});

Deno.test("move() wipes the old core once it is over, whatever has not moved", async () => {
  await using at = await exchanged();
  const { it, seeds, next, findHeld } = at;
  // Without these traces the last comparison would show nothing.
  assertEquals(traces(it.bytes(), seeds.flat()), 15);
  let paused = 0;
  await it.cache.move(() => paused > 0, () => {
    paused++;
    return Promise.resolve();
  });
  assertEquals(inCore(next, 3), [2]);
  assertEquals(inCore(it, 3), []);
  assertEquals(traces(it.bytes(), seeds.flat()), 0);
  assertEquals([0, 1, 2].map(findHeld), ["nowhere", "nowhere", "new"]);
  // What did not move is loaded when it is searched next.
  const [seed] = seeds[0]!;
  await it.cache.load(1, 0, (loaded) => {
    assertStrictEquals(loaded.core, next.core);
    assertEquals(search(loaded.core, loaded, seed!.seed), seed!.credentialId);
  });
});

Deno.test("move() goes on where the store does not answer for a bucket, and wipes after any fault", async () => {
  await using at = await exchanged();
  const { it, next, findHeld } = at;
  const pause = () => Promise.resolve();
  it.meanwhile.push(() => Promise.reject(new StoreUnavailableError("timeout")));
  await it.cache.move(() => false, pause);
  assertEquals([0, 1, 2].map(findHeld), ["new", "new", "nowhere"]);
  assertEquals(inCore(it, 3), []);
  const third = it.exchange();
  it.meanwhile.push(() => Promise.reject(new TypeError("a bug")));
  await assertRejects(() => it.cache.move(() => false, pause), TypeError);
  assertEquals(inCore(next, 3), []);
  assertEquals(inCore(third, 3), []);
});

Deno.test("move() leaves alone what another load has moved or pushed out meanwhile", async () => {
  await using at = await exchanged();
  const { it, next, findHeld, counts } = at;
  it.meanwhile.push(() => it.cache.refresh(1, 0));
  await it.write(0, 1, 1_000);
  const before = counts.reads;
  await it.cache.move(() => false, () => Promise.resolve());
  // 2 and 1 by move(), 0 by refresh(), which looks at the revision first.
  assertEquals(counts.reads - before, 4);
  assertEquals([0, 1, 2].map(findHeld), ["new", "new", "new"]);
  assertEquals(it.cache.held(1, 0)!.seeds, 6);
  assertEquals(inCore(next, 3), [0, 1, 2]);
});

Deno.test("a load that began before the core was exchanged ends in the new one", async () => {
  await using it = await world();
  const [seed] = await it.write(0, 1);
  let next: ReturnType<typeof it.exchange> | undefined;
  it.meanwhile.push(() => {
    next = it.exchange();
  });
  const loaded = await it.cache.load(1, 0, (loaded) => loaded);
  assertStrictEquals(loaded.core, next!.core);
  assertEquals(search(loaded.core, loaded, seed!.seed), seed!.credentialId);
});

Deno.test("what the old core holds takes no room in the new one", async () => {
  await using it = await world();
  for (let bucket = 0; bucket < HELD; bucket++) {
    await it.write(bucket, SEEDS);
    await it.cache.load(1, bucket, none);
  }
  const next = it.exchange();
  for (let bucket = 0; bucket < HELD; bucket++) {
    await it.cache.load(1, bucket, none);
    assertEquals(inCore(it, HELD).length, HELD - 1 - bucket);
  }
  assertEquals(inCore(next, HELD).length, HELD);
});

Deno.test("a full new core makes room by its own buckets and leaves the old core alone", async () => {
  await using it = await world();
  for (let bucket = 0; bucket < HELD + 2; bucket++) {
    await it.write(bucket, SEEDS);
  }
  await it.cache.load(1, 0, none);
  const next = it.exchange();
  for (let bucket = 1; bucket < HELD + 2; bucket++) {
    await it.cache.load(1, bucket, none);
  }
  assertEquals(inCore(it, HELD + 2), [0]);
  const all = Array.from({ length: HELD }, (_, i) => i + 2);
  assertEquals(inCore(next, HELD + 2), all);
});
