/**
 * Writes one request to the store as the script takes it: its names, and a plan
 * with operands. The head of the script describes each part.
 *
 * @module
 */

import {
  type Check,
  isSameRef,
  type RangeQuery,
  type Ref,
  type Write,
} from "../store.ts";
import type { Uses } from "../validate.ts";

/** A request, ready to be sent with others. */
export interface RedisRequest {
  /** Every name once: values, maps, indexes, those that are removed. */
  readonly names: readonly string[];
  /** The plan, then its operands. */
  readonly args: readonly string[];
}

/** What a request is made of. */
export interface RequestParts {
  readonly reads: readonly Ref[];
  readonly checks?: readonly Check[];
  readonly writes?: readonly Write[];
  readonly ranges?: readonly RangeQuery[];
}

/** The digits of base 64, from "0" to "o". */
const DIGITS = Array.from(
  { length: 64 },
  (_, digit) => String.fromCharCode(48 + digit),
);

const two = (n: number): string => DIGITS[n >> 6]! + DIGITS[n & 63]!;
const three = (n: number): string => DIGITS[n >> 12]! + two(n & 4095);

/** Of a step of the plan: a letter and a place. */
const STEP_LETTERS = 3;

/** Most checks, writes and reads are of this, and as a share of nothing. */
const NONE: readonly never[] = [];

/** Writes a validated request for the script. */
export function encodeRequest(
  uses: Uses,
  parts: RequestParts,
): RedisRequest {
  const { reads, checks = NONE, writes = NONE, ranges = NONE } = parts;
  const { values, maps, fields, indexes, others } = uses;
  const at = new Positions(uses);
  // The plan's place.
  const args = [""];
  let steps = "";
  for (let map = 0; map < fields.length; map++) {
    const { texts } = fields[map]!;
    for (const field of texts) args.push(field);
    const end = endOf(maps.texts[map]!, writes);
    if (end !== undefined) args.push(`${end}`);
    steps += two(texts.length) + (end === undefined ? "-" : "e");
  }
  for (const ref of reads) steps += at.place(ref);
  for (const check of checks) steps += addCheck(check, at, args);
  let count = 0;
  let hasKeys = others.length > 0 || indexes.texts.length > 0;
  for (let i = 0; i < writes.length; i++) {
    const step = addWrite(i, parts, uses, at, args);
    steps += step;
    count += step.length / STEP_LETTERS;
    hasKeys ||= writes[i]!.kind === "delete" && maps.texts.length > 0;
  }
  let [additions, removals] = [0, 0];
  if (hasKeys) {
    const [added, removed] = indexSteps(writes, at, args);
    [additions, removals] = [added.length, removed.length];
    steps += added.join("") + removed.join("");
  }
  for (const range of ranges) {
    addRange(range, args);
    steps += at.index(range.index);
  }
  args[0] = three(args.length - 1) + two(values.texts.length) +
    two(maps.texts.length) + two(indexes.texts.length) + two(others.length) +
    two(reads.length) + two(checks.length) + two(count) + two(additions) +
    two(removals) + two(ranges.length) + steps;
  const isPlain =
    maps.texts.length + indexes.texts.length + others.length === 0;
  const names = isPlain ? values.texts : [
    ...values.texts,
    ...maps.texts,
    ...indexes.texts,
    ...others,
  ];
  return { names, args };
}

/** Where the parts of a request are, in two digits. */
class Positions {
  readonly #uses: Uses;
  readonly #firstMap: number;
  readonly #firstIndex: number;

  constructor(uses: Uses) {
    this.#uses = uses;
    this.#firstMap = uses.values.texts.length + 1;
    this.#firstIndex = this.#firstMap + uses.maps.texts.length;
  }

  /** The place of a value or a field. */
  place(ref: Ref): string {
    const { values, maps, fields } = this.#uses;
    if (typeof ref === "string") return two(values.placeOf(ref) + 1);
    const map = maps.placeOf(ref.map);
    let place = this.#firstMap + fields[map]!.placeOf(ref.field);
    for (let i = 0; i < map; i++) place += fields[i]!.texts.length;
    return two(place);
  }

  /** The key of an index. */
  index(name: string): string {
    return two(this.#firstIndex + this.#uses.indexes.placeOf(name));
  }

  /** The key of what is removed whole; nothing, if it is a value. */
  removed(name: string): string | undefined {
    const { values, maps, indexes, others } = this.#uses;
    if (values.placeOf(name) >= 0) return undefined;
    const map = maps.placeOf(name);
    if (map >= 0) return two(this.#firstMap + map);
    if (indexes.placeOf(name) >= 0) return this.index(name);
    return two(this.#firstIndex + indexes.texts.length + others.indexOf(name));
  }
}

/** Whether the last check of a counter is of this period. */
function isCounted(
  counter: Ref,
  period: string,
  checks: readonly Check[],
): boolean {
  for (let i = checks.length - 1; i >= 0; i--) {
    const check = checks[i]!;
    if (check.kind === "within" && isSameRef(check.counter, counter)) {
      return check.period === period;
    }
  }
  return false;
}

/** The end that the writes set for a map, if any. */
function endOf(map: string, writes: readonly Write[]): number | undefined {
  let end: number | undefined;
  for (const write of writes) {
    if (write.kind !== "set" || write.ttlMs === undefined) continue;
    const isOfMap = typeof write.key === "object" && write.key.map === map;
    if (isOfMap) end = write.ttlMs;
  }
  return end;
}

/** Adds the operands; the step of the check. */
function addCheck(check: Check, at: Positions, args: string[]): string {
  switch (check.kind) {
    case "absent":
      return "a" + at.place(check.key);
    case "equals":
      args.push(check.value);
      return "q" + at.place(check.key);
    case "below":
    case "above":
      args.push(`${check.bound}`);
      return (check.kind === "below" ? "b" : "t") + at.place(check.key);
    case "within":
      args.push(check.period, `${check.delta}`, `${check.max}`);
      return "w" + at.place(check.counter);
    case "empty":
      return "m" + at.index(check.index);
    case "never":
      return "n" + two(0);
  }
}

/** Adds the operands; the steps of write `i`, as far as it is about texts. */
function addWrite(
  i: number,
  { checks = NONE, writes = NONE }: RequestParts,
  uses: Uses,
  at: Positions,
  args: string[],
): string {
  const write = writes[i]!;
  switch (write.kind) {
    case "set":
      args.push(write.value);
      // The end of a map is written with its fields, not with a write.
      if (write.ttlMs === undefined || typeof write.key === "object") {
        return "S" + at.place(write.key);
      }
      args.push(`${write.ttlMs}`);
      return "T" + at.place(write.key);
    case "delete": {
      const { key } = write;
      const isText = typeof key === "object" || at.removed(key) === undefined;
      if (isText) return "D" + at.place(key);
      // What is read of a map that is removed whole must not be found.
      const named = uses.fields[uses.maps.placeOf(key)]?.texts ?? NONE;
      const places = named.map((field) => at.place({ map: key, field }));
      return places.map((place) => "D" + place).join("");
    }
    case "add": {
      const place = at.place(write.counter);
      if (write.delta >= 0 && isCounted(write.counter, write.period, checks)) {
        const isFirst = !writes.slice(0, i).some((it) =>
          isSameRef(
            "key" in it ? it.key : it.kind === "add" ? it.counter : "",
            write.counter,
          )
        );
        if (isFirst) {
          args.push(`${write.delta}`);
          return "R" + place;
        }
      }
      args.push(write.period, `${write.delta}`);
      return "P" + place;
    }
    default:
      return "";
  }
}

/**
 * Adds the operands of what is done to indexes and to whole records; the steps
 * of additions and of removals. As removals come last, only what is to become
 * of each member is sent, and all that goes to one index goes in one command.
 */
function indexSteps(
  writes: readonly Write[],
  at: Positions,
  args: string[],
): readonly [additions: string[], removals: string[]] {
  const changes = new Map<string, { step: string; operands: string[] }>();
  const wholes = new Set<string>();
  for (const write of writes) {
    if (write.kind === "delete" && typeof write.key === "string") {
      const key = at.removed(write.key);
      if (key !== undefined) wholes.add("X" + key);
    }
    if (write.kind !== "index" && write.kind !== "unindex") continue;
    const key = at.index(write.index);
    const name = key + write.member;
    const before = changes.get(name);
    if (write.kind === "unindex") {
      changes.set(name, { step: "U" + key, operands: [write.member] });
      continue;
    }
    let { score } = write;
    let letter = "I";
    if (write.onlyIfLower === true) {
      // After an addition to the same member it can only lower that score; after a
      // removal it is a plain addition.
      letter = before === undefined || before.step[0] === "L" ? "L" : "I";
      const added = before?.operands.length === 2 ? before.operands[0]! : score;
      score = Math.min(score, Number(added));
    }
    const operands = [`${score}`, write.member];
    changes.set(name, { step: letter + key, operands });
  }
  const steps: [string[], string[]] = [[], [...wholes]];
  const groups = new Map<string, string[][]>();
  for (const { step, operands } of changes.values()) {
    const group = groups.get(step);
    if (group === undefined) groups.set(step, [operands]);
    else group.push(operands);
  }
  for (const isRemoval of [false, true]) {
    for (const [step, group] of groups) {
      if ((step[0] === "U") !== isRemoval) continue;
      for (const operands of group) args.push(...operands);
      steps[isRemoval ? 1 : 0].push(step + two(group.length));
    }
  }
  return steps;
}

function addRange(
  { min, max, limit, after }: RangeQuery,
  args: string[],
): void {
  // An `after` below the lowest score excludes nothing.
  const { score, member } = after !== undefined && after.score >= min
    ? after
    : { score: "", member: "" };
  args.push(`${min}`, `${max}`, `${limit}`, `${score}`, member);
}
