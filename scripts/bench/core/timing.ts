/**
 * Whether the time of a verification tells where a code was found: Welch's t
 * for each pair of a hit in the first lane, the last lane, the first
 * step and the last step, a miss, and misses with a random tag each. The
 * classes take turns in random order. A core that stops at the step of the match
 * runs beside, to show that the method would see it.
 *
 * In the manner of dudect (Reparaz, Balasch and Verbauwhede, "Dude, is my code
 * constant time?", 2017) durations are compared as they are and with the slow
 * ones cut off at many places, because interrupts stretch the upper tail and hide
 * a small difference in it.
 *
 * @module
 */

import { type BucketId, type Core, openCore } from "../../../edge/core/core.ts";
import { compileCore } from "../../build_core.ts";
import { committedCore } from "../../phone.ts";
import { median, type Row, type Suite, tableOf } from "../../table.ts";
import { randomSeeds } from "./hmac.ts";

const IDS: readonly BucketId[] = [1, 2].map((profile) => ({
  prefix: 90,
  profile,
  bucket: 42,
}));
const DIGITS = 11;
const FIRST = 57_000_000;
const STEPS = 3;
const SEEDS = 100;
/** Samples of each class before their tags are made anew. */
const TURN = 50;
const SAMPLES = { warm: 20_000, cold: 5_000 };
/** Warm verifications to a sample: one alone takes a few ticks of the clock. */
const CALLS = 10;

/** A class of inputs: its name, and the seed of its tags; none: a random one each. */
interface Inputs {
  readonly name: string;
  readonly seed?: Uint8Array;
  readonly step: number;
}

/** The six classes for a bucket of these seeds. */
function classes(seeds: readonly Uint8Array[]): Inputs[] {
  const hit = (name: string, place: number, step: number) => ({
    name,
    seed: seeds[place]!,
    step,
  });
  const middle = seeds.length >> 1;
  const [nobody] = randomSeeds(1);
  return [
    hit("first lane", 0, FIRST + 1),
    hit("last lane", seeds.length - 1, FIRST + 1),
    hit("first step", middle, FIRST),
    hit("last step", middle, FIRST + STEPS - 1),
    { name: "miss", seed: nobody!, step: FIRST + 1 },
    { name: "random misses", step: FIRST + 1 },
  ];
}

/** Durations of each class in nanoseconds, warm rows or cold ones. */
function measure(
  core: Core,
  id: BucketId,
  inputs: readonly Inputs[],
  rows: "warm" | "cold",
): Float64Array[] {
  const samples = SAMPLES[rows];
  const calls = rows === "warm" ? CALLS : 1;
  const durations = inputs.map(() => new Float64Array(samples));
  const order = inputs.map((_, i) => i);
  const tags = inputs.map((): bigint[] => []);
  for (let sample = -samples / 10; sample < samples; sample++) {
    const turn = Math.abs(sample) % TURN;
    if (turn === 0) {
      // New values for every class, fixed or random, so that none of them lies
      // at better addresses than another for the whole of a measurement.
      const strangers = randomSeeds(TURN);
      for (let n = 0; n < TURN; n++) {
        for (const i of shuffle(order)) {
          const { seed = strangers[n]!, step } = inputs[i]!;
          tags[i]![n] = core.deriveTag(id, seed, step, DIGITS);
        }
      }
    }
    for (const i of shuffle(order)) {
      const tag = tags[i]![turn]!;
      if (rows === "cold") core.verify(id, 0n, DIGITS, FIRST + STEPS, STEPS);
      const start = performance.now();
      for (let n = 0; n < calls; n++) {
        core.verify(id, tag, DIGITS, FIRST, STEPS);
      }
      const end = performance.now();
      if (sample >= 0) durations[i]![sample] = (end - start) * 1e6 / calls;
    }
  }
  return durations;
}

function shuffle(order: number[]): number[] {
  for (let i = order.length - 1; i > 0; i--) {
    const j = Math.floor(Math.random() * (i + 1));
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}

/** The t of a core with the MAC of one bucket that is farthest from 0, and more. */
function timingOf(core: Core, id: BucketId, rows: "warm" | "cold") {
  const seeds = randomSeeds(SEEDS);
  core.loadBucket(id, seeds.map((seed, credential) => ({ seed, credential })));
  const inputs = classes(seeds);
  const durations = measure(core, id, inputs, rows);
  const pairs = inputs.flatMap(({ name }, i) =>
    inputs.slice(i + 1).map((other, j) => ({
      "largest t": largestT(durations[i]!, durations[i + 1 + j]!),
      "between": `${name} · ${other.name}`,
    }))
  );
  const size = (it: typeof pairs[number]) => Math.abs(it["largest t"]);
  const medians = inputs.map(({ name }, i) =>
    [`${name}, ns`, median([...durations[i]!])] as const
  );
  return {
    ...pairs.toSorted((a, b) => size(b) - size(a))[0]!,
    ...Object.fromEntries(medians),
  };
}

/** A core that does not search the steps after the one that matches. */
export async function leakingCore(): Promise<Core> {
  const all = "i < stepCount; i++";
  const some = "i < stepCount && !v128.any_true(places); i++";
  const edit = (name: string, source: string) =>
    name === "verify.ts" ? source.replace(all, some) : source;
  return openCore(await compileCore({ edit }));
}

/** The t above which two classes can be distinguished. */
export const TOLD_APART = 4.5;

/** Places where durations are cut off; more of them where most durations are. */
const CROPS = 100;

/**
 * Welch's t of two sets of numbers: the difference of their means in standard
 * errors; 0 where one set has fewer than two, or where nothing varies.
 */
export function welchT(x: Float64Array, y: Float64Array): number {
  const [a, b] = [moments(x), moments(y)];
  const error = Math.sqrt(a.variance / x.length + b.variance / y.length);
  return x.length < 2 || y.length < 2 || error === 0
    ? 0
    : (a.mean - b.mean) / error;
}

function moments(values: Float64Array) {
  const mean = values.reduce((sum, it) => sum + it, 0) / values.length;
  const squares = values.reduce((sum, it) => sum + (it - mean) ** 2, 0);
  return { mean, variance: squares / (values.length - 1) };
}

/**
 * The t of two sets of durations that is farthest from 0, over all the
 * durations and those below each of a hundred percentiles of both sets together.
 */
export function largestT(x: Float64Array, y: Float64Array): number {
  const all = Float64Array.of(...x, ...y).sort();
  let largest = welchT(x, y);
  for (let i = 1; i <= CROPS; i++) {
    const percentile = 1 - 0.5 ** (10 * i / CROPS);
    const limit = all[Math.floor(percentile * (all.length - 1))]!;
    const below = (value: number) => value <= limit;
    const t = welchT(x.filter(below), y.filter(below));
    if (Math.abs(t) > Math.abs(largest)) largest = t;
  }
  return largest;
}

/** For each MAC the largest t, warm and cold, of the core and of one that leaks. */
export const timingSuite: Suite = async () => {
  const leaking = await leakingCore();
  const found: Row[] = IDS.flatMap((id) => {
    const row = (name: string, core: Core, rows: "warm" | "cold") => ({
      ...{ "profile": id.profile, "rows": name },
      ...timingOf(core, id, rows),
    });
    return [
      row("warm", committedCore(), "warm"),
      row("cold", committedCore(), "cold"),
      row("warm, with an early exit", leaking, "warm"),
    ];
  });
  const title = `Welch's t of the time of verify(), ${SEEDS} seeds`;
  return [
    tableOf(title, found, [
      `farthest from 0 of a hundred croppings; ${SAMPLES.warm} samples of each class on warm rows,`,
      `${SAMPLES.cold} on cold ones; told apart above ${TOLD_APART}; beside it the median of each class`,
    ]),
  ];
};
