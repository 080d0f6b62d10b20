import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import type { BucketId, Core, SearchResult } from "../../edge/core/core.ts";
import { seeded } from "../support/world/points/seeded.ts";
import { newCore, placesOf, seedOf, tagOf } from "../wasm/core.ts";

const SEEDS = 24;
const FIRST_STEP = 100;
const STEPS = 10;
const IDS: BucketId[] = Array.from(
  { length: 6 },
  (_, i) => ({ prefix: 90 + (i & 1), profile: i < 3 ? 1 : 2, bucket: i >> 1 }),
);
const seeds = Array.from({ length: SEEDS }, (_, i) => seedOf(i));

/** Tags by node:crypto, each computed once. */
const known = new Map<string, bigint>();
function tag(bucket: number, seed: number, step: number, digits: number) {
  const key = `${bucket} ${seed} ${step}`;
  let head = known.get(key);
  if (head === undefined) {
    head = tagOf(IDS[bucket]!, seeds[seed]!, step, 19);
    known.set(key, head);
  }
  return head % 10n ** BigInt(digits);
}

interface Place {
  readonly seed: number;
  readonly credential: number;
}
type Action =
  | { kind: "load"; bucket: number; places: readonly Place[] }
  | { kind: "wipe"; bucket: number }
  | { kind: "wipe all" }
  | {
    kind: "verify";
    bucket: number;
    of: number;
    at: number;
    first: number;
    count: number;
    digits: number;
  };

/** What a plain search of the model's places finds. */
function plainSearch(
  places: readonly Place[],
  wanted: bigint,
  { bucket, first, count, digits }: Action & { kind: "verify" },
): SearchResult {
  const hits = [];
  for (let step = first; step < first + count; step++) {
    for (const [place, { seed, credential }] of places.entries()) {
      if (tag(bucket, seed, step, digits) === wanted) {
        hits.push({ kind: "one" as const, credential, place, step });
      }
    }
  }
  const credentials = hits.map((hit) => hit.credential).sort((a, b) => a - b);
  if (hits.length === 0) return { kind: "none" };
  const [lowest, highest] = [credentials[0]!, credentials.at(-1)!];
  return lowest === highest
    ? hits.at(-1)!
    : { kind: "ambiguous", credentials: [lowest, highest] };
}

const bucket = fc.nat(IDS.length - 1);
const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 15,
    arbitrary: fc.record({
      kind: fc.constant("load" as const),
      bucket,
      places: fc.array(
        fc.record({ seed: fc.nat(SEEDS - 1), credential: fc.nat(9) }),
        { maxLength: 40, size: "max" },
      ),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant("wipe" as const), bucket }),
  },
  {
    weight: 1,
    arbitrary: fc.constant<Action>({ kind: "wipe all" }),
  },
  {
    weight: 30,
    arbitrary: fc.record({
      kind: fc.constant("verify" as const),
      bucket,
      of: fc.nat(SEEDS - 1),
      at: fc.integer({ min: FIRST_STEP, max: FIRST_STEP + STEPS - 1 }),
      first: fc.integer({ min: FIRST_STEP, max: FIRST_STEP + 2 }),
      count: fc.integer({ min: 1, max: 8 }),
      digits: fc.constantFrom(1, 2, 3, 11, 19),
    }),
  },
);

function apply(core: Core, model: Map<number, readonly Place[]>, step: Action) {
  switch (step.kind) {
    case "load":
      model.set(step.bucket, step.places);
      return core.loadBucket(
        IDS[step.bucket]!,
        step.places.map(({ seed, credential }) => ({
          seed: seeds[seed]!,
          credential,
        })),
      );
    case "wipe":
      model.delete(step.bucket);
      return core.wipeBucket(IDS[step.bucket]!);
    case "wipe all":
      model.clear();
      return core.wipeAll();
    case "verify": {
      const places = model.get(step.bucket);
      if (places === undefined) return;
      const wanted = tag(step.bucket, step.of, step.at, step.digits);
      const found = core.verify(
        IDS[step.bucket]!,
        wanted,
        step.digits,
        step.first,
        step.count,
      );
      assertEquals(found, plainSearch(places, wanted, step));
    }
  }
}

Deno.test("a core answers as a plain model does, whatever is loaded, replaced, wiped and searched", () => {
  fc.assert(
    fc.property(
      fc.array(action, { minLength: 1, maxLength: 60, size: "max" }),
      (actions) => {
        const core = newCore();
        const model = new Map<number, readonly Place[]>();
        for (const step of actions) {
          apply(core, model, step);
          for (const [i, id] of IDS.entries()) {
            assertEquals(core.hasBucket(id), model.has(i));
          }
        }
      },
    ),
    { numRuns: 150 },
  );
});

Deno.test("buckets that grow, shrink, come and go reuse memory: 30 000 loads stay within 1.5 times what lives", () => {
  const core = newCore();
  const places = placesOf(200);
  const sizes = new Map<number, number>();
  let random = 1;
  const next = (below: number) => {
    random = Math.imul(random, 48_271) % 0x7fff_ffff;
    return Math.abs(random) % below;
  };
  const id = (bucket: number) => ({ prefix: 90, profile: 1, bucket });
  let most = 0;
  let living = 0;
  const forget = (bucket: number) => {
    const size = sizes.get(bucket);
    if (size !== undefined) living -= core.bucketBytes(size);
    sizes.delete(bucket);
  };
  for (let i = 0; i < 30_000; i++) {
    const number = next(400);
    forget(number);
    if (next(10) === 0) {
      core.wipeBucket(id(number));
    } else {
      // Now all small, now all large: the worst for holes of fixed sizes.
      const size = i % 5_000 < 2_500 ? 1 + next(20) : 20 + next(20);
      core.loadBucket(id(number), places.slice(0, size));
      sizes.set(number, size);
      living += core.bucketBytes(size);
    }
    most = Math.max(most, living);
  }
  assert(
    core.memoryBytes < 1.5 * most + 200_000,
    `${core.memoryBytes} bytes for ${most}`,
  );
  for (let number = 0; number < 400; number++) {
    const size = sizes.get(number);
    assertEquals(core.hasBucket(id(number)), size !== undefined);
    if (size === undefined) continue;
    for (const place of [0, size - 1]) {
      const { seed, credential } = places[place]!;
      assertEquals(
        core.verify(id(number), tagOf(id(number), seed, 7), 11, 7, 1),
        { kind: "one", credential, place, step: 7 },
      );
    }
  }
});

Deno.test("blocks that move keep every bucket findable, through each growth of the directory", () => {
  const core = newCore();
  const places = placesOf(9);
  const id = (bucket: number) => ({ prefix: 90, profile: 1, bucket });
  for (let bucket = 0; bucket < 600; bucket++) {
    core.loadBucket(id(bucket), places.slice(bucket % 9));
  }
  for (let bucket = 0; bucket < 600; bucket += 2) core.wipeBucket(id(bucket));
  for (let i = 0; i < 400; i++) core.loadBucket(id(1_000), places);
  for (let bucket = 0; bucket < 600; bucket++) {
    assertEquals(core.hasBucket(id(bucket)), bucket % 2 === 1);
    if (bucket % 2 === 0) continue;
    assertEquals(
      core.verify(id(bucket), tagOf(id(bucket), places[8]!.seed, 7), 11, 7, 1),
      { kind: "one", credential: 1008, place: 8 - bucket % 9, step: 7 },
    );
  }
});

Deno.test("1 M credentials in 10 000 buckets take at most 136 bytes each, everything included", () => {
  const core = newCore();
  const places = placesOf(140);
  let credentials = 0;
  for (let bucket = 0; bucket < 10_000; bucket++) {
    const count = 80 + bucket % 41; // 80 to 120, 100 on average
    core.loadBucket({ prefix: 90, profile: 1, bucket }, places.slice(0, count));
    credentials += count;
  }
  assert(
    core.memoryBytes / credentials <= 136,
    `${core.memoryBytes / credentials} bytes`,
  );
  for (let bucket = 0; bucket < 10_000; bucket += 997) {
    const id = { prefix: 90, profile: 1, bucket };
    assertEquals(
      core.verify(id, tagOf(id, places[79]!.seed, 5), 11, 4, 3),
      { kind: "one", credential: 1079, place: 79, step: 5 },
    );
  }
});

Deno.test("100 000 credentials at random in 10 000 buckets take at most 136 bytes each, everything included", () => {
  const core = newCore();
  const places = placesOf(40);
  const counts = new Uint32Array(10_000);
  const random = seeded(7);
  const credentials = 100_000;
  for (let i = 0; i < credentials; i++) {
    counts[Math.floor(random() * counts.length)]!++;
  }
  const id = (bucket: number) => ({ prefix: 90, profile: 1, bucket });
  counts.forEach((count, bucket) => {
    core.loadBucket(id(bucket), places.slice(0, count));
  });
  assert(
    core.memoryBytes / credentials <= 136,
    `${core.memoryBytes / credentials} bytes`,
  );
  for (const count of new Set(counts)) {
    const bucket = counts.indexOf(count);
    for (const place of new Set([0, count - 1, count])) {
      const { seed, credential } = places[Math.max(place, 0)]!;
      assertEquals(
        core.verify(id(bucket), tagOf(id(bucket), seed, 5), 11, 4, 3),
        place >= 0 && place < count
          ? { kind: "one", credential, place, step: 5 }
          : { kind: "none" },
      );
    }
  }
});
