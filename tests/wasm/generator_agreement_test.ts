import { assert, assertEquals } from "@std/assert";
import { decodeHex } from "@std/encoding/hex";
import { createHash } from "node:crypto";
import { formatCode, parseCode } from "../../edge/code/format.ts";
import { DEFAULT_PROFILES, PROFILE_1 } from "../../edge/code/profile.ts";
import { acceptedSteps, timeStepAt } from "../../edge/code/time_step.ts";
import type { SearchResult } from "../../edge/core/core.ts";
import { generate } from "../support/code/generator.ts";
import { codeVectors } from "../support/code/vectors.ts";
import { newCore, nineProfileCore } from "./core.ts";

/** Random values that every run repeats: SHA-256 of a name and a counter. */
class Draw {
  #count = 0;
  constructor(readonly name: string) {}

  bytes(): Uint8Array<ArrayBuffer> {
    const hash = createHash("sha256").update(`${this.name} ${this.#count++}`);
    return new Uint8Array(hash.digest());
  }

  /** An integer from `min` to `max`, both included. */
  integer(min: number, max: number): number {
    const word = new DataView(this.bytes().buffer).getBigUint64(0);
    return min + Number(word % BigInt(max - min + 1));
  }
}

/** Numbers of a bucket, two digits for the prefix, sizes of any profile. */
function drawBucket(draw: Draw, profile: number) {
  const bucketDigits = draw.integer(1, 9);
  return {
    prefix: draw.integer(0, 99),
    profile,
    bucket: draw.integer(0, 10 ** bucketDigits - 1),
    bucketDigits,
    tagDigits: draw.integer(8, 18),
    step: draw.integer(0, 2 ** 32 - 3),
  };
}

function generated(
  it: ReturnType<typeof drawBucket>,
  seed: Uint8Array,
  step: number,
) {
  return generate({
    seed,
    prefix: String(it.prefix).padStart(2, "0"),
    profile: it.profile,
    bucket: it.bucket,
    bucket_digits: it.bucketDigits,
    tag_digits: it.tagDigits,
  }, step);
}

for (const profile of [1, 2]) {
  Deno.test(`the core derives what the generator makes under profile ${profile}, for 10 000 random seeds, buckets and steps`, () => {
    const core = newCore();
    const draw = new Draw("core to generator");
    for (let i = 0; i < 10_000; i++) {
      const it = drawBucket(draw, profile);
      const seed = draw.bytes();
      const tag = core.deriveTag(it, seed, it.step, it.tagDigits);
      assertEquals(
        tag.toString().padStart(it.tagDigits, "0"),
        generated(it, seed, it.step).tag,
      );
    }
  });

  Deno.test(`the core finds what the generator makes under profile ${profile}, for 10 000 random seeds, buckets and steps`, () => {
    const core = newCore();
    const draw = new Draw("generator to core");
    for (let i = 0; i < 10_000; i++) {
      const it = drawBucket(draw, profile);
      const places = Array.from({ length: draw.integer(1, 9) }, (_, place) => ({
        seed: draw.bytes(),
        credential: 1000 * i + place,
      }));
      const place = draw.integer(0, places.length - 1);
      const step = it.step + draw.integer(0, 2);
      const { tag } = generated(it, places[place]!.seed, step);
      core.loadBucket(it, places);
      const result = core.verify(it, BigInt(tag), it.tagDigits, it.step, 3);
      const credential = 1000 * i + place;
      assertEquals(result, { kind: "one", credential, place, step });
      core.wipeBucket(it);
    }
  });
}

Deno.test("the core's answer is that of a plain search with the generator, matches of every number", async () => {
  const core = await nineProfileCore();
  const draw = new Draw("outcomes");
  const kinds: Record<string, number> = { none: 0, one: 0, ambiguous: 0 };
  let twice = 0;
  for (let i = 0; i < 3000; i++) {
    // One-digit tags: about every third place matches in one of three steps.
    const it = { ...drawBucket(draw, draw.integer(1, 9)), tagDigits: 1 };
    const credentials = draw.integer(1, 4);
    const places = Array.from({ length: draw.integer(0, 6) }, () => ({
      seed: draw.bytes(),
      credential: draw.integer(1, credentials),
    }));
    const tag = draw.integer(0, 9);
    const matches = [0, 1, 2].flatMap((offset) =>
      places.flatMap(({ seed, credential }, place) => {
        const step = it.step + offset;
        return generated(it, seed, step).tag === String(tag)
          ? [{ credential, place, step }]
          : [];
      })
    );
    const found = [...new Set(matches.map((match) => match.credential))];
    const wanted: SearchResult = found.length === 0
      ? { kind: "none" }
      : found.length === 1
      ? { kind: "one", ...matches.at(-1)! }
      : {
        kind: "ambiguous",
        credentials: [Math.min(...found), Math.max(...found)],
      };
    core.loadBucket(it, places);
    assertEquals(core.verify(it, BigInt(tag), 1, it.step, 3), wanted);
    core.wipeBucket(it);
    kinds[wanted.kind]!++;
    if (found.length === 1 && matches.length > 1) twice++;
  }
  // Each outcome came up often, one credential that matched twice as well.
  assertEquals(Object.values(kinds).every((n) => n > 300), true);
  assert(twice > 100);
});

Deno.test("the core derives and finds every vector", async () => {
  const core = await nineProfileCore();
  for (const vector of codeVectors) {
    const id = {
      prefix: Number(vector.prefix),
      profile: vector.profile,
      bucket: vector.bucket,
    };
    const seed = decodeHex(vector.seed);
    const tag = BigInt(vector.tag);
    const { tag_digits, time_step } = vector;
    assertEquals(core.deriveTag(id, seed, time_step, tag_digits), tag);
    core.loadBucket(id, [{ seed, credential: 7 }]);
    assertEquals(
      core.verify(id, tag, tag_digits, time_step, 1),
      { kind: "one", credential: 7, place: 0, step: time_step },
      vector.name,
    );
    core.wipeBucket(id);
  }
});

Deno.test("a code's path from text to customer accepts the steps −1, 0, +1 and no others", async () => {
  const core = await nineProfileCore();
  const draw = new Draw("window");
  const seed = draw.bytes();
  const id = { prefix: 90, profile: 1, bucket: 42 };
  core.loadBucket(id, [{ seed, credential: 7 }]);
  const moments = [
    0,
    29_999,
    30_000,
    1_770_000_000_000,
    1_770_000_000_001,
    1_770_000_029_999,
    (2 ** 32 - 1) * 30_000,
  ];
  for (const moment of moments) {
    const now = timeStepAt(moment, PROFILE_1.timeStepSeconds);
    const { first, count } = acceptedSteps(moment, PROFILE_1);
    for (const drift of [-3, -2, -1, 0, 1, 2, 3]) {
      const step = now + drift;
      if (step < 0 || step > 2 ** 32 - 1) continue;
      const { code: text } = generate({
        seed,
        prefix: "90",
        profile: 1,
        bucket: 42,
        bucket_digits: 4,
        tag_digits: 11,
      }, step);
      const parsed = parseCode(text, "90", DEFAULT_PROFILES);
      assert(parsed.kind === "code");
      assertEquals(formatCode(parsed.code), text);
      assertEquals(
        core.verify(id, parsed.code.tag, 11, first, count),
        Math.abs(drift) <= 1
          ? { kind: "one", credential: 7, place: 0, step }
          : { kind: "none" },
      );
    }
  }
});
