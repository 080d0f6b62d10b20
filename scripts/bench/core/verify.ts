/**
 * How long one `verify()` of three steps takes, by the size of the bucket, with
 * cold tag rows (each of the three computed), with one new step (what the first
 * verification after a change of step finds), and with warm ones.
 *
 * @module
 */

import { committedCore } from "../../phone.ts";
import { randomSeeds } from "./hmac.ts";
import { type Contender, microseconds, race, ROUNDS } from "../kit/rounds.ts";
import type { Suite } from "../../table.ts";

const SIZES = [100, 1_000, 10_000];
const MACS = [
  { name: "SHA-256", profile: 1 },
  { name: "SM3", profile: 2 },
];
/** Every bucket that is searched. */
const BUCKETS = SIZES.flatMap((size) => MACS.map((mac) => ({ size, ...mac })));
const TAG = 12_345_678_901n;

function contenders(): Contender[] {
  const core = committedCore();
  const seeds = randomSeeds(SIZES.at(-1)!);
  return BUCKETS.flatMap(({ size, name, profile }) => {
    const id = { prefix: 90, profile, bucket: size };
    const some = seeds.slice(0, size);
    core.loadBucket(id, some.map((seed, credential) => ({ seed, credential })));
    let step = 0;
    const times = (count: number, by: number) => () => {
      for (let i = 0; i < count; i++) core.verify(id, TAG, 11, step += by, 3);
      return count;
    };
    return [
      { name: `${name} ${size} cold`, run: times(1, 3) },
      { name: `${name} ${size} one new step`, run: times(1, 1) },
      { name: `${name} ${size} warm`, run: times(100_000 / size, 0) },
    ];
  });
}

/** Microseconds per verification. */
export const verifySuite: Suite = async () => {
  const rates = await race(contenders());
  return [{
    title: "One verify() of three steps, µs of CPU",
    columns: [
      ...["seeds in the bucket", "HMAC with"],
      ...["cold rows", "one new step", "warm rows"],
    ],
    rows: BUCKETS.map(({ size, name }, i) => [
      size.toLocaleString("en").replace(",", " "),
      name,
      ...rates.slice(3 * i, 3 * i + 3).map(({ median }) =>
        microseconds(median, median > 1e5 ? 2 : 0)
      ),
    ]),
    notes: [
      `median of ${ROUNDS} interleaved rounds, the call from JavaScript included`,
    ],
  }];
};
