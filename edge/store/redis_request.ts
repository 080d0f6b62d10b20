/**
 * One request to the store as the script takes it: its names, and a plan with
 * operands. What each part is stands in the head of the script.
 *
 * @module
 */

import type { Check, RangeQuery, Write } from "./store.ts";
import type { Use, Uses } from "./validate.ts";

/** A request, ready to be sent with others. */
export interface RedisRequest {
  /** Every name once, in order of first mention. */
  readonly names: readonly string[];
  /** The plan, then its operands. */
  readonly args: readonly string[];
}

/** What a request is made of. */
export interface RequestParts {
  readonly reads: readonly string[];
  readonly checks?: readonly Check[];
  readonly writes?: readonly Write[];
  readonly ranges?: readonly RangeQuery[];
}

const LETTER: Readonly<Record<Use, string>> = {
  value: "v",
  index: "i",
  either: "e",
};

/** The digits of base 64, from "0" to "o". */
const DIGITS = Array.from(
  { length: 64 },
  (_, digit) => String.fromCharCode(48 + digit),
);

const two = (n: number): string => DIGITS[n >> 6]! + DIGITS[n & 63]!;
const three = (n: number): string => DIGITS[n >> 12]! + two(n & 4095);

/** Most checks, writes and reads are of this, and as a share of nothing. */
const NONE: readonly never[] = [];

/** Writes a validated request for the script; `nowMs` is the caller's time. */
export function encodeRequest(
  uses: Uses,
  parts: RequestParts,
  nowMs: number,
): RedisRequest {
  const { reads, checks = NONE, writes = NONE, ranges = NONE } = parts;
  const { names } = uses;
  const position = (name: string) => two(uses.placeOf(name) + 1);
  let letters = "";
  for (const use of uses.kinds) letters += LETTER[use];
  // The plan's place.
  const args = [""];
  let steps = "";
  for (const key of reads) steps += position(key);
  for (const check of checks) {
    const [letter, name] = addCheck(check, args);
    steps += letter + position(name);
  }
  for (const write of writes) {
    const [letter, name] = addWrite(write, args, nowMs);
    steps += letter + position(name);
  }
  for (const range of ranges) {
    addRange(range, args);
    steps += position(range.index);
  }
  args[0] = three(args.length - 1) + two(names.length) + two(reads.length) +
    two(checks.length) + two(writes.length) + two(ranges.length) +
    letters + steps;
  return { names, args };
}

/** Adds the operands; the letter of the check and the name it is about. */
function addCheck(check: Check, args: string[]): readonly [string, string] {
  switch (check.kind) {
    case "absent":
      return ["a", check.key];
    case "equals":
      args.push(check.value);
      return ["q", check.key];
    case "below":
      args.push(`${check.bound}`);
      return ["b", check.key];
    case "sum-at-most":
      args.push(`${check.delta}`, `${check.max}`);
      return ["s", check.counter];
    case "empty":
      return ["m", check.index];
  }
}

function addWrite(
  write: Write,
  args: string[],
  nowMs: number,
): readonly [string, string] {
  switch (write.kind) {
    case "set":
      args.push(write.value, `${write.ttlMs ?? 0}`);
      return ["S", write.key];
    case "delete":
      return ["D", write.key];
    case "add":
      args.push(`${write.delta}`, `${write.expiresAtMs}`);
      return [write.expiresAtMs > nowMs ? "A" : "B", write.counter];
    case "index":
      args.push(`${write.score}`, write.member);
      return [write.onlyIfLower === true ? "L" : "I", write.index];
    case "unindex":
      args.push(write.member);
      return ["U", write.index];
  }
}

function addRange(
  { min, max, limit, after }: RangeQuery,
  args: string[],
): void {
  // `after` below the lowest score bounds nothing.
  const { score, member } = after !== undefined && after.score >= min
    ? after
    : { score: "", member: "" };
  args.push(`${min}`, `${max}`, `${limit}`, `${score}`, member);
}
