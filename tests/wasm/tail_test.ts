/**
 * Buckets of every size around a group. The seeds that fill no group, the tail,
 * lie in the core without gaps: each of its lanes is held here against the
 * second generator, and the memory around it is looked at byte by byte.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import type { Core } from "../../edge/core/core.ts";
import { generate } from "../support/code/generator.ts";
import { IDS, newCore, openedCore, placesOf, seedOf, STEP } from "./core.ts";
import type { BucketId } from "../../edge/core/core.ts";

const COUNTS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 100, 101, 102, 103];
const STEPS = [STEP - 1, STEP, STEP + 1];
const PLACES = placesOf(104);
const NONE = { kind: "none" } as const;

/** The tag that a seed makes, by the generator. */
function tagOf(
  id: BucketId,
  seed: Uint8Array,
  step: number,
  tagDigits = 11,
): bigint {
  const { tag } = generate({
    seed,
    prefix: String(id.prefix),
    profile: id.profile,
    bucket: id.bucket,
    bucket_digits: 4,
    tag_digits: tagDigits,
  }, step);
  return BigInt(tag);
}

/** The tags of every place and step under each profile. */
const TAGS = new Map(IDS.map((id) => [
  id,
  PLACES.map(({ seed }) => STEPS.map((step) => tagOf(id, seed, step))),
]));

/** Computes the rows of all steps that are not there, and finds nothing. */
function search(core: Core, id: BucketId, digits = 11): void {
  assertEquals(core.verify(id, 0n, digits, STEP - 1, 3), NONE);
}

/** Holds every lane and step of the first `count` places, and misses, against the generator. */
function assertFinds(core: Core, id: BucketId, count: number): void {
  for (const [place, { credential }] of PLACES.entries()) {
    for (const [s, step] of STEPS.entries()) {
      assertEquals(
        core.verify(id, TAGS.get(id)![place]![s]!, 11, STEP - 1, 3),
        place < count ? { kind: "one", credential, place, step } : NONE,
        `place ${place}, step ${step}`,
      );
    }
  }
  const stranger = tagOf(id, seedOf("nobody"), STEP);
  assertEquals(core.verify(id, stranger, 11, STEP - 1, 3), NONE);
}

/** Where the bucket's block begins, two words before its numbers. */
function blockOf(id: BucketId, memory: Uint8Array, count: number): number {
  const header = new Uint8Array(
    new Uint32Array([id.prefix, id.profile, id.bucket, count]).buffer,
  );
  const at = memory.findIndex((_, i) =>
    i % 4 === 0 && header.every((byte, j) => memory[i + j] === byte)
  );
  assert(at > 0);
  return at - 8;
}

/** The addresses at which memory is not as it was; it may have grown. */
function changed(before: Uint8Array, after: Uint8Array): number[] {
  return [...after.keys()].filter((i) => after[i] !== (before[i] ?? 0));
}

for (const id of IDS) {
  for (const count of COUNTS) {
    const places = PLACES.slice(0, count);

    Deno.test(`verify() under profile ${id.profile}: finds each of ${count} seeds in every step, and no other`, () => {
      const core = newCore();
      core.loadBucket(id, places);
      const before = core.work();
      search(core, id);
      const after = core.work();
      const groups = BigInt(STEPS.length * Math.ceil(count / 4));
      assertEquals(after.groups - before.groups, groups);
      assertEquals(after.compares - before.compares, groups);
      assertFinds(core, id, count);
    });

    Deno.test(`verify() under profile ${id.profile}: finds ${count} seeds after they took the place of others, and after they moved`, () => {
      const { core, bytes } = openedCore();
      for (const [i, size] of COUNTS.entries()) {
        core.loadBucket({ ...id, bucket: 100 + i }, PLACES.slice(0, size));
      }
      for (const size of COUNTS) {
        core.loadBucket(id, PLACES.slice(104 - size));
        search(core, id);
      }
      core.loadBucket(id, places);
      search(core, id);
      const { groups } = core.work();
      const before = blockOf(id, bytes(), count);
      for (const i of COUNTS.keys()) {
        core.wipeBucket({ ...id, bucket: 100 + i });
      }
      for (let i = 0; i < 100; i++) {
        core.loadBucket({ ...id, bucket: 200 }, PLACES.slice(0, 3));
      }
      assert(blockOf(id, bytes(), count) < before);
      assertFinds(core, id, count);
      assertEquals(core.work().groups, groups); // the rows moved, too
    });

    Deno.test(`verify() under profile ${id.profile}: of ${count} seeds takes nothing that lies behind a tail for a tag`, () => {
      const { core, bytes } = openedCore();
      core.loadBucket(id, places);
      const lanes = count % 4;
      const at = blockOf(id, bytes(), count) + 48 + 4 * count;
      for (const digits of [9, 11, 19]) {
        search(core, id, digits);
        const words = new DataView(bytes().slice().buffer);
        for (const step of STEPS) {
          const tail = at + 8 * (count * (step % 3) + count - lanes);
          // As a vector of low halves and one of high halves read it.
          const tags = [0, 4, 8, 12].map((lane) =>
            BigInt(words.getUint32(tail + 4 * lanes + lane, true)) << 32n |
            BigInt(words.getUint32(tail + lane, true))
          );
          assertEquals(
            tags.slice(0, lanes),
            places.slice(count - lanes).map(({ seed }) =>
              tagOf(id, seed, step, digits)
            ),
          );
          for (const tag of lanes > 0 ? tags.slice(lanes) : []) {
            if (tag >= 10n ** BigInt(digits)) continue; // may not be asked
            assertEquals(core.verify(id, tag, digits, step, 1), NONE);
          }
        }
      }
    });

    Deno.test(`verify() under profile ${id.profile}: of ${count} seeds writes into their bucket only, and wipeBucket() leaves it zero`, () => {
      const { core, bytes } = openedCore();
      const other = { ...id, bucket: 1 };
      core.loadBucket(other, PLACES.slice(0, 5));
      // What a search that finds nothing leaves in OUTPUT is always the same.
      const settled = () => {
        search(core, other);
        return bytes().slice();
      };
      const empty = settled();
      core.loadBucket(id, places);
      const loaded = settled();
      const at = blockOf(id, loaded, count);
      search(core, id);
      const rows = changed(loaded, bytes());
      assert(rows.length > 12); // three time steps and their digits
      assertEquals(
        rows.filter((i) => i < at || i >= at + core.bucketBytes(count)),
        [],
      );
      core.wipeBucket(id);
      // Of the block its size is left, until it is swept.
      assertEquals(
        changed(empty, settled()).filter((i) => i < at || i >= at + 4),
        [],
      );
      core.wipeAll();
      assert(bytes().subarray(at).every((byte) => byte === 0));
    });
  }

  Deno.test(`verify() under profile ${id.profile}: compares every bit of a tag, in each place of buckets of 1 to 9 seeds and each step`, () => {
    for (const digits of [9, 11, 19]) {
      const limit = 10n ** BigInt(digits);
      const tags = PLACES.slice(0, 9).map(({ seed }) =>
        STEPS.map((step) => tagOf(id, seed, step, digits))
      );
      for (let count = 1; count <= 9; count++) {
        const core = newCore();
        core.loadBucket(id, PLACES.slice(0, count));
        for (let place = 0; place < count; place++) {
          for (const tag of tags[place]!) {
            const found = core.verify(id, tag, digits, STEP - 1, 3);
            assertEquals(found.kind, "one");
            for (let bit = 0n; bit < 64n; bit++) {
              const other = tag ^ (1n << bit);
              if (other >= limit) continue; // may not be asked
              assertEquals(
                core.verify(id, other, digits, STEP - 1, 3),
                NONE,
                `${count} seeds, place ${place}, bit ${bit} of ${digits} digits`,
              );
            }
          }
        }
      }
    }
  });

  for (const count of COUNTS.filter((count) => count > 1)) {
    Deno.test(`verify() under profile ${id.profile}: finds the tag of two of ${count} seeds ambiguous, whichever two`, () => {
      const core = newCore();
      const tags = TAGS.get(id)!;
      for (let y = Math.max(1, count - 8); y < count; y++) {
        for (let x = 0; x < y; x++) {
          const { seed } = PLACES[x]!;
          const places = PLACES.slice(0, count).with(y, {
            seed,
            credential: 7,
          });
          core.loadBucket(id, places);
          assertEquals(
            core.verify(id, tags[x]![1]!, 11, STEP - 1, 3),
            { kind: "ambiguous", credentials: [7, 1000 + x] },
          );
          assertEquals(core.verify(id, tags[y]![1]!, 11, STEP - 1, 3), NONE);
        }
      }
    });
  }
}
