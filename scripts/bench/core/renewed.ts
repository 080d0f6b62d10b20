/**
 * How long it takes to find the customer of a code in a bucket in which every
 * credential has two live seeds, as after a renewal, and in one with as many
 * seeds, each of a credential of its own. The tag rows are cold.
 *
 * The two buckets take turns of a few milliseconds, first one and then the other
 * in front, and are compared within each round: a slow moment of the machine, or
 * one that lasts, meets both.
 *
 * @module
 */

import { systemClock, systemRandom } from "../../../edge/base/clock.ts";
import type { PaymentCode } from "../../../edge/code/format.ts";
import { PROFILE_1 } from "../../../edge/code/profile.ts";
import { timeStepAt } from "../../../edge/code/time_step.ts";
import { storeSeed } from "../../../edge/enrolment/new_seed.ts";
import { putSeed } from "../../../edge/enrolment/writes.ts";
import { createOfflineSearch } from "../../../edge/verification/offline/offline_search.ts";
import { committedCore } from "../../phone.ts";
import { median, type Suite } from "../../table.ts";
import { cpuMs, interleave } from "../kit/rounds.ts";
import { type SealedSeed, writeSeeds } from "../kit/sealed_buckets.ts";
import { bucketId, openCache, PREFIX } from "../scale/measure.ts";
import { openScaleWorld, type ScaleWorld } from "../scale/world.ts";

/** Seeds of a bucket, and how many rounds are made with it. */
const SIZES = [
  { seeds: 100, rounds: 1_000 },
  { seeds: 1_000, rounds: 200 },
];
/** Moments at which codes are searched in turn; too many for tag rows to last. */
const MOMENTS = 64;
/** Between two moments: none of the steps of one is searched at the next. */
const STEPS_APART = 3;

interface Bucket {
  readonly bucket: number;
  readonly seeds: number;
  /** Live seeds of each credential. */
  readonly each: 1 | 2;
}

/** Buckets of all sizes, with one and with two seeds of a credential. */
const BUCKETS: readonly Bucket[] = SIZES.flatMap(({ seeds }) =>
  ([1, 2] as const).map((each) => ({ seeds, each, bucket: seeds + each }))
);

/** Searches for existing customers' codes in a bucket. */
interface Searches {
  readonly bucket: Bucket;
  /** Searches at each moment once; returns how long one took, µs of CPU. */
  run(): Promise<number>;
}

/** Searches in each of the buckets. */
async function renewedSearches(
  { store, vault, sealing }: ScaleWorld,
): Promise<Searches[]> {
  const startMs = systemClock.nowMs();
  const core = committedCore();
  let nowMs = startMs;
  const search = createOfflineSearch({
    buckets: openCache(store, vault, core),
    clock: { nowMs: () => nowMs },
    onAmbiguous() {},
    onSearch() {},
  });
  const renew = (of: SealedSeed) => {
    const holder = {
      ...{ credential_id: of.credentialId, account_id: of.accountId },
      device_id: of.deviceId,
    };
    const seed = systemRandom.bytes(32);
    const place = { ...of.stored, generation: 2 };
    return putSeed(storeSeed(sealing, seed, holder, place));
  };
  return await Promise.all(
    BUCKETS.map(async (it) => {
      const { bucket, seeds, each } = it;
      const credentials = Array<number>(seeds / each).fill(bucket);
      const written = each === 1
        ? await writeSeeds(store, sealing, credentials)
        : await writeSeeds(store, sealing, credentials, 0, renew);
      const moments = Array.from({ length: MOMENTS }, (_, i) => {
        const ms = startMs +
          i * STEPS_APART * PROFILE_1.timeStepSeconds * 1000;
        const step = timeStepAt(ms, PROFILE_1.timeStepSeconds);
        const { seed, credentialId } = written[i % written.length]!;
        const { tagDigits } = PROFILE_1;
        const tag = core.deriveTag(bucketId(bucket), seed, step, tagDigits);
        const code = { prefix: PREFIX, profile: PROFILE_1, bucket, tag };
        return { ms, credentialId, code: code satisfies PaymentCode };
      });
      return {
        bucket: it,
        async run() {
          const startMs = cpuMs();
          for (const { ms, code, credentialId } of moments) {
            nowMs = ms;
            const found = await search(code);
            const isRight = found.kind === "candidate" &&
              found.credentialId === credentialId;
            if (!isRight) throw new Error(`Not found: ${found.kind}`);
          }
          return (cpuMs() - startMs) * 1000 / MOMENTS;
        },
      };
    }),
  );
}

/** The bounds between which the median lies with 95 % certainty. */
function boundsOfMedian(values: readonly number[]): [number, number] {
  const sorted = values.toSorted((a, b) => a - b);
  // The number of values below the median is binomial, with a deviation of √n / 2.
  const reach = 0.98 * Math.sqrt(values.length);
  const middle = values.length / 2;
  return [
    sorted[Math.floor(middle - reach)]!,
    sorted[Math.ceil(middle + reach)]!,
  ];
}

/** Compares the two buckets of each size. */
export const renewedSuite: Suite = async () => {
  await using world = await openScaleWorld();
  const searches = await renewedSearches(world);
  const rows: string[][] = [];
  for (const { seeds, rounds } of SIZES) {
    const [one, two] = searches.filter(({ bucket }) => bucket.seeds === seeds)
      .map(({ run }) => run);
    const [a, b, c, d] = await interleave([one!, two!, two!, one!], {
      ...{ rounds, warmUpRounds: rounds / 10 },
    });
    const ones = a!.map((us, i) => (us + d![i]!) / 2);
    const twos = b!.map((us, i) => (us + c![i]!) / 2);
    const ratios = twos.map((us, i) => us / ones[i]!);
    const bounds = boundsOfMedian(ratios).map((it) => it.toFixed(3));
    rows.push([
      `${seeds}`,
      median(ones).toFixed(1),
      median(twos).toFixed(1),
      median(ratios).toFixed(3),
      bounds.join("–"),
    ]);
  }
  return [{
    title: "Finding the customer of a code, cold tag rows, µs of CPU",
    columns: [
      ...["seeds", "one a credential", "two a credential"],
      ...["÷ one", "95 %"],
    ],
    rows,
    notes: [
      "median of rounds of four turns, one, two, two, one, with all that an edge does to find it",
    ],
  }];
};
