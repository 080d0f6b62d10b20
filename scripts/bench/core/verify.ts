/**
 * How long one `verify()` of three steps takes, by the size of the bucket, with
 * cold tag rows (each of the three computed), with one new step (what the first
 * verification after a change of step finds), and with warm ones.
 *
 * @module
 */

import { committedCore } from "../../phone.ts";
import { readable, type Suite, tableOf } from "../../table.ts";
import { type Contender, race, ROUNDS_NOTE } from "../kit/rounds.ts";
import { randomSeeds } from "./hmac.ts";

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
  return BUCKETS.flatMap(({ size, profile }) => {
    const id = { prefix: 90, profile, bucket: size };
    const some = seeds.slice(0, size);
    core.loadBucket(id, some.map((seed, credential) => ({ seed, credential })));
    let step = 0;
    const times = (count: number, by: number) => () => {
      for (let i = 0; i < count; i++) core.verify(id, TAG, 11, step += by, 3);
      return count;
    };
    return [times(1, 3), times(1, 1), times(100_000 / size, 0)]
      .map((run) => ({ run }));
  });
}

export const verifySuite: Suite = async () => {
  const rates = await race(contenders());
  const us = (n: number) => 1e6 / rates[n]!;
  const rows = BUCKETS.map(({ size, name }, i) => ({
    "seeds in the bucket": readable(size),
    "HMAC with": name,
    "cold rows": us(3 * i),
    "one new step": us(3 * i + 1),
    "warm rows": us(3 * i + 2),
  }));
  return [
    tableOf("One verify() of three steps, µs of CPU", rows, [
      `${ROUNDS_NOTE}, the call from JavaScript included`,
    ]),
  ];
};
