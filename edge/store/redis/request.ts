/**
 * Encodes one request for the script: its names, and a plan with operands. The comment at the
 * head of the script describes each part.
 *
 * @module
 */

import type { Check, RangeQuery, Ref, Write } from "../store.ts";
import { fieldAt, type Uses } from "../validate.ts";

/** A request, ready to be sent with others. */
export interface RedisRequest {
  /** Every name once: first values, then maps, indexes, and other names that are removed. */
  readonly names: readonly string[];
  /** The plan, then its operands. */
  readonly args: readonly string[];
}

/** The parts of a request. */
export interface RequestParts {
  readonly reads: readonly Ref[];
  readonly checks?: readonly Check[];
  readonly writes?: readonly Write[];
  readonly ranges?: readonly RangeQuery[];
}

/** Used in place of a missing list, so that no new array is made for it. */
const NONE: readonly never[] = [];

/** The character code of the number 0 in a plan. The other numbers follow it. */
const ZERO = 48;
/** The last printable character of ASCII. */
const LAST = 126;

/** The letters of a plan, as character codes. */
const LETTER = {
  ...{
    absent: code("a"),
    equals: code("q"),
    below: code("b"),
    above: code("t"),
  },
  ...{ within: code("w"), empty: code("m"), never: code("n") },
  ...{ set: code("S"), setFor: code("T"), delete: code("D") },
  ...{ add: code("P"), addTo: code("R") },
  ...{
    index: code("I"),
    lower: code("L"),
    unindex: code("U"),
    remove: code("X"),
  },
  hasEnd: code("e"),
};

function code(letter: string): number {
  return letter.charCodeAt(0);
}

/** The positions of the numbers at the head of a plan, after the number of operands. */
const HEAD = {
  ...{ values: 2, maps: 3, indexes: 4, others: 5, reads: 6, checks: 7 },
  ...{ writes: 8, additions: 9, removals: 10, ranges: 11 },
};

/** Encodes a validated request. */
export function encodeRequest(
  uses: Uses,
  parts: RequestParts,
): RedisRequest {
  return new Encoder(uses, parts).encode();
}

/**
 * Encodes one request. The plan is a list of character codes until it is complete, because
 * joining sixty short texts takes longer than everything else.
 */
class Encoder {
  readonly #uses: Uses;
  readonly #checks: readonly Check[];
  readonly #writes: readonly Write[];
  readonly #reads: readonly Ref[];
  readonly #ranges: readonly RangeQuery[];
  /** The first entry is the plan. */
  readonly #args = [""];
  readonly #plan: number[] = [];
  /** The place of each map's first field. */
  readonly #firstFields: number[] = [];
  readonly #firstIndex: number;

  constructor(
    uses: Uses,
    { reads, checks = NONE, writes = NONE, ranges = NONE }: RequestParts,
  ) {
    this.#uses = uses;
    this.#checks = checks;
    this.#writes = writes;
    this.#reads = reads;
    this.#ranges = ranges;
    let place = uses.values.texts.length + 1;
    this.#firstIndex = place + uses.maps.texts.length;
    for (const { texts } of uses.fields) {
      this.#firstFields.push(place);
      place += texts.length;
    }
  }

  encode(): RedisRequest {
    const { values, maps, fields, indexes, others, places } = this.#uses;
    const plan = this.#plan;
    const [checks, writes] = [this.#checks, this.#writes];
    const [reads, ranges] = [this.#reads, this.#ranges];
    plan.push(ZERO, ZERO, ZERO + values.texts.length);
    plan.push(ZERO + maps.texts.length, ZERO + indexes.texts.length);
    plan.push(ZERO + others.length, ZERO + reads.length);
    plan.push(ZERO + checks.length, ZERO, ZERO, ZERO, ZERO + ranges.length);
    for (let map = 0; map < fields.length; map++) this.#addMap(map);
    const firstRead = checks.length + writes.length;
    for (let i = 0; i < reads.length; i++) {
      plan.push(this.#placeOf(places[firstRead + i]!));
    }
    for (let i = 0; i < checks.length; i++) this.#addCheck(i);
    for (let i = 0; i < writes.length; i++) this.#addWrite(i);
    this.#addIndexSteps();
    const firstRange = firstRead + reads.length;
    for (let i = 0; i < ranges.length; i++) {
      addRange(ranges[i]!, this.#args);
      plan.push(this.#indexOf(places[firstRange + i]!));
    }
    const operands = this.#args.length - 1;
    plan[0] = ZERO + (operands >> 6);
    plan[1] = ZERO + (operands & 63);
    this.#args[0] = planText(plan);
    const isPlain =
      maps.texts.length + indexes.texts.length + others.length === 0;
    const names = isPlain
      ? values.texts
      : values.texts.concat(maps.texts, indexes.texts, others);
    return { names, args: this.#args };
  }

  /** The place of a value or field as it is written in the plan. */
  #placeOf(place: number): number {
    if (place >= 0) return ZERO + 1 + place;
    const { map, field } = fieldAt(place);
    return ZERO + this.#firstFields[map]! + field;
  }

  #indexOf(place: number): number {
    return ZERO + this.#firstIndex + place;
  }

  /** The key of a record that is removed whole; `undefined` if it is a value. */
  #removed(name: string): number | undefined {
    const { values, maps, indexes, others } = this.#uses;
    if (values.placeOf(name) >= 0) return undefined;
    const map = maps.placeOf(name);
    if (map >= 0) return ZERO + values.texts.length + 1 + map;
    const index = indexes.placeOf(name);
    if (index >= 0) return this.#indexOf(index);
    return this.#indexOf(indexes.texts.length + others.indexOf(name));
  }

  #addMap(map: number): void {
    const { texts } = this.#uses.fields[map]!;
    for (const field of texts) this.#args.push(field);
    const end = endOf(this.#uses.maps.texts[map]!, this.#writes);
    if (end !== undefined) this.#args.push(`${end}`);
    this.#plan.push(
      ZERO + texts.length,
      end === undefined ? ZERO : LETTER.hasEnd,
    );
  }

  #addCheck(i: number): void {
    const check = this.#checks[i]!;
    const place = this.#uses.places[i]!;
    switch (check.kind) {
      case "absent":
        this.#plan.push(LETTER.absent, this.#placeOf(place));
        return;
      case "equals":
        this.#args.push(check.value);
        this.#plan.push(LETTER.equals, this.#placeOf(place));
        return;
      case "below":
      case "above":
        this.#args.push(`${check.bound}`);
        this.#plan.push(
          check.kind === "below" ? LETTER.below : LETTER.above,
          this.#placeOf(place),
        );
        return;
      case "within":
        this.#args.push(check.period, `${check.delta}`, `${check.max}`);
        this.#plan.push(LETTER.within, this.#placeOf(place));
        return;
      case "empty":
        this.#plan.push(LETTER.empty, this.#indexOf(place));
        return;
      case "never":
        this.#plan.push(LETTER.never, ZERO);
    }
  }

  /** Adds write `i`, if it changes a value or a field. */
  #addWrite(i: number): void {
    const write = this.#writes[i]!;
    const place = this.#uses.places[this.#checks.length + i]!;
    switch (write.kind) {
      case "set":
        this.#args.push(write.value);
        // The end of a map is written with its fields, not with a write.
        if (write.ttlMs === undefined || place < 0) {
          return this.#addText(LETTER.set, place);
        }
        this.#args.push(`${write.ttlMs}`);
        return this.#addText(LETTER.setFor, place);
      case "delete":
        return this.#addDelete(write.key, place);
      case "add":
        if (write.delta >= 0 && this.#isCounted(write, i, place)) {
          this.#args.push(`${write.delta}`);
          return this.#addText(LETTER.addTo, place);
        }
        this.#args.push(write.period, `${write.delta}`);
        return this.#addText(LETTER.add, place);
    }
  }

  #addText(letter: number, place: number): void {
    this.#plan.push(letter, this.#placeOf(place));
    this.#plan[HEAD.writes]!++;
  }

  #addDelete(key: Ref, place: number): void {
    if (typeof key === "object") return this.#addText(LETTER.delete, place);
    const { values, maps, fields } = this.#uses;
    const value = values.placeOf(key);
    if (value >= 0) return this.#addText(LETTER.delete, value);
    const map = maps.placeOf(key);
    if (map < 0) return;
    // The reads of this request must not find fields of a map that is removed whole.
    for (let i = 0; i < fields[map]!.texts.length; i++) {
      this.#plan.push(LETTER.delete, ZERO + this.#firstFields[map]! + i);
      this.#plan[HEAD.writes]!++;
    }
  }

  /**
   * Whether write `i` can add to the amount that the last check of its counter has found. The
   * check must be of the same period, and no earlier write may be of the same record.
   */
  #isCounted(
    { counter, period }: Extract<Write, { kind: "add" }>,
    i: number,
    place: number,
  ): boolean {
    const { places } = this.#uses;
    const checks = this.#checks;
    for (let earlier = 0; earlier < i; earlier++) {
      const write = this.#writes[earlier]!;
      if (write.kind === "index" || write.kind === "unindex") continue;
      const isOfName = write.kind === "delete" && typeof write.key === "string";
      const isSame = isOfName
        ? write.key === counter
        : places[checks.length + earlier] === place;
      if (isSame) return false;
    }
    for (let last = checks.length - 1; last >= 0; last--) {
      const check = checks[last]!;
      if (check.kind === "within" && places[last] === place) {
        return check.period === period;
      }
    }
    return false;
  }

  /**
   * Adds the changes of indexes, and the removals of whole records. Removals are made last, so
   * only the final state of each member is sent, and all changes of one index in one command.
   */
  #addIndexSteps(): void {
    if (this.#addSingly()) return;
    const changes = new Map<string, IndexChange>();
    const wholes = new Set<number>();
    for (let i = 0; i < this.#writes.length; i++) {
      const write = this.#writes[i]!;
      if (write.kind === "delete" && typeof write.key === "string") {
        const key = this.#removed(write.key);
        if (key !== undefined) wholes.add(key);
      }
      if (write.kind !== "index" && write.kind !== "unindex") continue;
      const key = this.#indexOf(this.#uses.places[this.#checks.length + i]!);
      const name = `${key} ${write.member}`;
      changes.set(name, changeOf(write, key, changes.get(name)));
    }
    const groups = Map.groupBy(
      changes.values(),
      ({ letter, key }) => `${letter} ${key}`,
    );
    for (const group of groups.values()) this.#addGroup(group, HEAD.additions);
    for (const key of wholes) this.#plan.push(LETTER.remove, key);
    this.#plan[HEAD.removals]! += wholes.size;
    for (const group of groups.values()) this.#addGroup(group, HEAD.removals);
  }

  /**
   * The same if no record is removed whole and no index is changed twice, which is the most
   * common case. Otherwise adds nothing and returns `false`.
   */
  #addSingly(): boolean {
    const singles: IndexChange[][] = [];
    for (let i = 0; i < this.#writes.length; i++) {
      const write = this.#writes[i]!;
      if (write.kind === "delete" && typeof write.key === "string") {
        return false;
      }
      if (write.kind !== "index" && write.kind !== "unindex") continue;
      const key = this.#indexOf(this.#uses.places[this.#checks.length + i]!);
      if (singles.some(([single]) => single!.key === key)) return false;
      singles.push([changeOf(write, key, undefined)]);
    }
    for (const single of singles) this.#addGroup(single, HEAD.additions);
    for (const single of singles) this.#addGroup(single, HEAD.removals);
    return true;
  }

  /** Adds changes of one kind to one index, if they belong to this part of the plan. */
  #addGroup(group: readonly IndexChange[], part: number): void {
    const { letter, key } = group[0]!;
    if ((letter === LETTER.unindex) !== (part === HEAD.removals)) return;
    for (const { operands } of group) this.#args.push(...operands);
    this.#plan.push(letter, key, ZERO + group.length);
    this.#plan[part]!++;
  }
}

type IndexWrite = Extract<Write, { kind: "index" | "unindex" }>;

/** The final state of a member of an index. */
interface IndexChange {
  readonly letter: number;
  readonly key: number;
  readonly operands: readonly string[];
}

/** The change of a member after a write; `before` is its change by earlier writes. */
function changeOf(
  write: IndexWrite,
  key: number,
  before: IndexChange | undefined,
): IndexChange {
  const { member } = write;
  if (write.kind === "unindex") {
    return { letter: LETTER.unindex, key, operands: [member] };
  }
  if (write.onlyIfLower !== true) {
    return { letter: LETTER.index, key, operands: [`${write.score}`, member] };
  }
  // If an earlier write added the same member, this one can only lower that score. If an
  // earlier write removed it, this one is a plain addition.
  const isLower = before === undefined || before.letter === LETTER.lower;
  const added = before?.operands.length === 2
    ? Number(before.operands[0])
    : Infinity;
  const score = `${Math.min(write.score, added)}`;
  return {
    letter: isLower ? LETTER.lower : LETTER.index,
    key,
    operands: [score, member],
  };
}

/** The time to live that the writes set for a map, if any. */
function endOf(map: string, writes: readonly Write[]): number | undefined {
  let end: number | undefined;
  for (const write of writes) {
    if (write.kind !== "set" || write.ttlMs === undefined) continue;
    const isOfMap = typeof write.key === "object" && write.key.map === map;
    if (isOfMap) end = write.ttlMs;
  }
  return end;
}

/** Writes each number as one character if all are small enough, otherwise as two. */
function planText(plan: readonly number[]): string {
  if (plan.every((code) => code <= LAST)) {
    return `1${String.fromCharCode(...plan)}`;
  }
  let text = "2";
  for (const code of plan) {
    const number = code - ZERO;
    text += String.fromCharCode(ZERO + (number >> 6), ZERO + (number & 63));
  }
  return text;
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
