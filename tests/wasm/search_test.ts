import { assert, assertEquals } from "@std/assert";
import { decodeHex } from "@std/encoding/hex";
import { codeVectors } from "../support/code/vectors.ts";
import type { SeedPlace } from "../../edge/core/core.ts";
import {
  ID,
  IDS,
  macHead,
  newCore,
  nineProfileCore,
  placesOf,
  seedOf,
  STEP,
  tagOf,
} from "./core.ts";

Deno.test("deriveTag() and verify() agree with every code of the published vectors", async () => {
  const core = await nineProfileCore();
  for (const vector of codeVectors) {
    const id = {
      ...ID,
      prefix: Number(vector.prefix),
      profile: vector.profile,
      bucket: vector.bucket,
    };
    const seed = decodeHex(vector.seed);
    const tag = BigInt(vector.tag);
    const { time_step: step, tag_digits: digits } = vector;
    assertEquals(core.deriveTag(id, seed, step, digits), tag, vector.name);
    core.loadBucket(id, [{ seed, credential: 7 }]);
    assertEquals(
      core.verify(id, tag, digits, step, 1),
      { kind: "one", credential: 7, place: 0, step },
      vector.name,
    );
  }
});

Deno.test("deriveTag() is the MAC modulo 10^digits for 1 to 19 digits", () => {
  const core = newCore();
  for (const id of IDS) {
    for (let i = 0; i < 300; i++) {
      const seed = seedOf(`digits ${i}`);
      const head = macHead(id, seed, i);
      for (let digits = 1; digits <= 19; digits++) {
        assertEquals(
          core.deriveTag(id, seed, i, digits),
          head % 10n ** BigInt(digits),
        );
      }
    }
  }
});

for (const id of IDS) {
  Deno.test(`verify() under profile ${id.profile} finds every seed of buckets of 0 to 67 in every step of the window, and no seed beside them`, () => {
    const core = newCore();
    const places = placesOf(68);
    const steps = [STEP - 1, STEP, STEP + 1];
    const tags = places.map(({ seed }) =>
      steps.map((step) => tagOf(id, seed, step))
    );
    for (let count = 0; count <= 67; count++) {
      core.loadBucket(id, places.slice(0, count));
      places.forEach(({ seed, credential }, place) => {
        steps.forEach((step, s) => {
          const tag = tags[place]![s]!;
          assertEquals(core.deriveTag(id, seed, step, 11), tag);
          assertEquals(
            core.verify(id, tag, 11, STEP - 1, 3),
            place < count
              ? { kind: "one", credential, place, step }
              : { kind: "none" },
            `bucket of ${count}, place ${place}, step ${step}`,
          );
        });
      });
    }
  });

  Deno.test(`verify() under profile ${id.profile} finds the first, middle and last of 10 001 seeds`, () => {
    const core = newCore();
    const places = placesOf(10_001);
    core.loadBucket(id, places);
    for (const place of [0, 1, 2, 3, 4, 4_999, 9_999, 10_000]) {
      const { seed, credential } = places[place]!;
      assertEquals(
        core.verify(id, tagOf(id, seed, STEP), 11, STEP - 1, 3),
        { kind: "one", credential, place, step: STEP },
      );
    }
  });
}

Deno.test("verify() searches a bucket with the MAC it was loaded for, buckets of both profiles by turns", () => {
  const core = newCore();
  const places = placesOf(9);
  for (const id of IDS) core.loadBucket(id, places);
  for (let round = 0; round < 3; round++) {
    for (const { seed, credential } of places) {
      for (const id of IDS) {
        const step = STEP + 3 * round; // cold rows each round
        const tag = tagOf(id, seed, step);
        assertEquals(core.verify(id, tag, 11, step, 3), {
          kind: "one",
          credential,
          place: credential - 1000,
          step,
        });
        const other = IDS.find((it) => it !== id)!;
        assertEquals(core.verify(other, tag, 11, step, 3).kind, "none");
      }
    }
  }
});

Deno.test("verify() searches exactly the steps it is given, 1 to 8, also the last of a u32", () => {
  const core = newCore();
  const [place] = placesOf(1);
  core.loadBucket(ID, [place!]);
  for (const last of [STEP, 0xffff_ffff]) {
    for (let count = 1; count <= 8; count++) {
      const first = last - count + 1;
      for (
        let step = Math.max(0, first - 2);
        step <= Math.min(last + 2, 0xffff_ffff);
        step++
      ) {
        const inside = step >= first && step <= last;
        assertEquals(
          core.verify(ID, tagOf(ID, place!.seed, step), 11, first, count),
          inside
            ? { kind: "one", credential: place!.credential, place: 0, step }
            : { kind: "none" },
          `step ${step} of ${first} to ${last}`,
        );
      }
    }
  }
});

Deno.test("verify() never confuses buckets, profiles, prefixes or tag digits", async () => {
  const core = await nineProfileCore();
  const [place] = placesOf(1);
  const ids = [ID, { ...ID, bucket: 43 }, { ...ID, profile: 2 }, {
    ...ID,
    prefix: 91,
  }];
  for (const id of ids) core.loadBucket(id, [place!]);
  for (const made of ids) {
    const tag = tagOf(made, place!.seed, STEP);
    for (const asked of ids) {
      const { kind } = core.verify(asked, tag, 11, STEP, 1);
      assertEquals(kind, made === asked ? "one" : "none");
    }
  }
  for (const digits of [11, 5, 19, 11]) {
    const tag = tagOf(ID, place!.seed, STEP, digits);
    assertEquals(core.verify(ID, tag, digits, STEP, 1).kind, "one");
  }
});

/** The first two seeds, `from` and another, of which tags with few digits collide. */
function collide(
  fromStep: number,
  toStep: number,
  digits: number,
): [number, number] {
  const wanted = tagOf(ID, seedOf(0), fromStep, digits);
  for (let i = 1;; i++) {
    if (tagOf(ID, seedOf(i), toStep, digits) === wanted) return [0, i];
  }
}

Deno.test("verify() answers ambiguous when two credentials collide, in one step or in two", () => {
  const core = newCore();
  for (const toStep of [STEP - 1, STEP, STEP + 1]) {
    const [i, j] = collide(STEP, toStep, 3);
    const others = Array.from({ length: 70 }, (_, k) => ({
      seed: seedOf(`other ${k}`),
      credential: 5000 + k,
    }));
    // Every pair of lanes, and pairs groups apart.
    for (
      const [x, y] of [[0, 1], [1, 0], [2, 3], [0, 3], [1, 4], [66, 2], [69, 0]]
    ) {
      const places: SeedPlace[] = [...others];
      places[x!] = { seed: seedOf(i), credential: 21 };
      places[y!] = { seed: seedOf(j), credential: 9 };
      const tag = tagOf(ID, seedOf(i), STEP, 3);
      // The others may not take part.
      const alone = places.filter((place) =>
        place.credential < 5000 ||
        [STEP - 1, STEP, STEP + 1].every((step) =>
          tagOf(ID, place.seed, step, 3) !== tag
        )
      );
      assert(alone.length > 60);
      core.loadBucket(ID, alone);
      assertEquals(
        core.verify(ID, tag, 3, STEP - 1, 3),
        { kind: "ambiguous", credentials: [9, 21] },
      );
    }
  }
});

Deno.test("verify() takes two seeds of one credential for one, and names the latest match", () => {
  const core = newCore();
  const [i, j] = collide(STEP, STEP + 1, 3);
  core.loadBucket(ID, [
    { seed: seedOf(j), credential: 8 },
    { seed: seedOf(i), credential: 8 },
  ]);
  const tag = tagOf(ID, seedOf(i), STEP, 3);
  const one = { kind: "one", credential: 8 } as const;
  assertEquals(core.verify(ID, tag, 3, STEP, 2), {
    ...one,
    place: 0,
    step: STEP + 1,
  });
  assertEquals(core.verify(ID, tag, 3, STEP, 1), {
    ...one,
    place: 1,
    step: STEP,
  });
  // The same seed twice in the same step: the higher place.
  const twice = [{ seed: seedOf(i), credential: 8 }, {
    seed: seedOf(i),
    credential: 8,
  }];
  core.loadBucket(ID, twice);
  assertEquals(core.verify(ID, tag, 3, STEP, 1), {
    ...one,
    place: 1,
    step: STEP,
  });
});

Deno.test("verify() names the latest step when one seed matches in two", () => {
  const core = newCore();
  // With one digit, some seed makes the same tag in two steps running.
  let i = 0;
  while (tagOf(ID, seedOf(i), STEP, 1) !== tagOf(ID, seedOf(i), STEP + 1, 1)) {
    i++;
  }
  core.loadBucket(ID, [{ seed: seedOf(i), credential: 3 }]);
  assertEquals(
    core.verify(ID, tagOf(ID, seedOf(i), STEP, 1), 1, STEP, 2),
    { kind: "one", credential: 3, place: 0, step: STEP + 1 },
  );
});

Deno.test("verify() names the latest match also when several fall into one lane of a vector", () => {
  const core = newCore();
  // Places 4 and 8 are the same lane of two groups, and 12 | 8 is neither.
  for (const twice of [[4, 8], [8, 4, 16], [5, 9, 1], [15, 7, 11]]) {
    const places = placesOf(21);
    for (const place of twice) {
      places[place] = { seed: seedOf("twice"), credential: 8 };
    }
    core.loadBucket(ID, places);
    assertEquals(
      core.verify(ID, tagOf(ID, seedOf("twice"), STEP), 11, STEP - 1, 3),
      { kind: "one", credential: 8, place: Math.max(...twice), step: STEP },
    );
  }
  // A seed that makes the same tag in the second and third step of four.
  let i = 0;
  while (tagOf(ID, seedOf(i), STEP, 1) !== tagOf(ID, seedOf(i), STEP + 1, 1)) {
    i++;
  }
  const tag = tagOf(ID, seedOf(i), STEP, 1);
  core.loadBucket(
    ID,
    [...Array(5)].map(() => ({ seed: seedOf(i), credential: 3 })),
  );
  const first = STEP - 1;
  const matches = [0, 1, 2, 3].filter((offset) =>
    tagOf(ID, seedOf(i), first + offset, 1) === tag
  );
  assertEquals(core.verify(ID, tag, 1, first, 4), {
    kind: "one",
    credential: 3,
    place: 4,
    step: first + matches.at(-1)!,
  });
});

Deno.test("verify() takes credential numbers 0 and 2^32 - 1 like any other", () => {
  const core = newCore();
  const numbers = [0, 0xffff_ffff, 0x8000_0000];
  core.loadBucket(
    ID,
    numbers.map((credential, i) => ({ seed: seedOf(i), credential })),
  );
  numbers.forEach((credential, place) => {
    assertEquals(
      core.verify(ID, tagOf(ID, seedOf(place), STEP), 11, STEP, 1),
      { kind: "one", credential, place, step: STEP },
    );
  });
  core.loadBucket(
    ID,
    numbers.map((credential) => ({ seed: seedOf(1), credential })),
  );
  assertEquals(
    core.verify(ID, tagOf(ID, seedOf(1), STEP), 11, STEP, 1),
    { kind: "ambiguous", credentials: [0, 0xffff_ffff] },
  );
});

Deno.test("verify() compares every bit of the tag", () => {
  const core = newCore();
  for (const digits of [11, 19]) {
    core.loadBucket(ID, placesOf(4));
    const tag = tagOf(ID, seedOf(2), STEP, digits);
    for (let bit = 0n; bit < 64n; bit++) {
      const other = tag ^ (1n << bit);
      if (other >= 10n ** BigInt(digits)) continue;
      assertEquals(core.verify(ID, other, digits, STEP, 1).kind, "none");
    }
    assertEquals(core.verify(ID, tag, digits, STEP, 1).kind, "one");
  }
});

Deno.test("verify() finds a seed of zeros only where it is", () => {
  const core = newCore();
  const zero = new Uint8Array(32);
  for (let count = 0; count <= 9; count++) {
    core.loadBucket(ID, placesOf(count));
    const tag = tagOf(ID, zero, STEP);
    assertEquals(core.verify(ID, tag, 11, STEP, 1), { kind: "none" });
    core.loadBucket(ID, [...placesOf(count), { seed: zero, credential: 3 }]);
    assertEquals(
      core.verify(ID, tag, 11, STEP, 1),
      { kind: "one", credential: 3, place: count, step: STEP },
    );
  }
});
