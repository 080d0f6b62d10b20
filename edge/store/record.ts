/**
 * Typed records above the store port. A kind of record binds a type to the names and the
 * lifetime of its records, and is the only place where a text becomes a value of that type.
 *
 * A record that was read is kept together with its text. A transaction can therefore check that
 * it is unchanged, and no caller has to carry the text beside the record.
 *
 * @module
 */

import type { Guard } from "./commit.ts";
import { parseInteger } from "./decide.ts";
import {
  type Home,
  type Homed,
  type Ref,
  type Store,
  StoreUnavailableError,
  type Write,
} from "./store.ts";

/** The stored form of values of a type. */
export interface Form<T> {
  write(value: T): string;
  /**
   * Reads a text. Throws if it is not of this form, or returns `null` if the readers of the kind
   * handle such a text themselves.
   */
  read(text: string): T | null;
}

/** Records as JSON. The store is trusted to hold values of this type. */
export const json = <T>() => ({
  write: (value: T): string => JSON.stringify(value),
  read: (text: string): T => JSON.parse(text) as T,
});

/** Records that are plain texts, such as an id or a revision. */
export const plainText: Form<string> = {
  write: (value) => value,
  read: (text) => text,
};

/** Integers from 0, which guards can compare. */
export const integer: Form<number> = {
  write: (value) => `${value}`,
  read: parseInteger,
};

/** A counter, as {@linkcode Check} defines it. */
export interface Counted {
  readonly period: string;
  readonly amount: number;
}

/** The period of a counter without time. */
export const NO_PERIOD = "0";

/** The amount of a counter in a period; of another one it is 0. */
export const amountIn = (counted: Counted | null, period: string): number =>
  counted?.period === period ? counted.amount : 0;

/** What is added to a counter. */
export interface Addition {
  readonly period: string;
  readonly delta: number;
}

/** Counters. */
export const counter: Form<Counted> = {
  write: ({ period, amount }) => `${period}:${amount}`,
  read(text) {
    const [, period, digits] = /^(.*):(\d+)$/s.exec(text)!;
    return { period: period!, amount: Number(digits) };
  },
};

/** The parts of a kind of record. */
export interface RecordKindOptions<
  T,
  Parts extends readonly unknown[],
  H extends Home = Home,
> {
  /** The store key of a record: a function of `keys.ts`. */
  readonly key: (...name: Parts) => Ref & Homed<H>;
  /**
   * The form, or a function that makes it from the name, if the text does not
   * repeat the name.
   */
  readonly form: Form<T> | ((...name: Parts) => Form<T>);
  /**
   * How long a record lives after it was written, in ms. Without it the record never expires, or,
   * if it is a field, the expiry of its map is not changed.
   */
  readonly ttlMs?: number | ((value: T) => number | undefined);
}

/** A kind of record: gives the place of the record with a name. */
export type RecordKind<
  T,
  Parts extends readonly unknown[],
  H extends Home = Home,
> = (
  ...name: Parts
) => RecordPlace<T, H>;

/**
 * Makes a kind of record.
 *
 * @example
 * ```ts
 * import { recordKind, json, readRecords } from "./record.ts";
 *
 * const orders = recordKind({
 *   key: (id: string) => `order:${id}`,
 *   form: json<{ state: "open" | "paid" }>(),
 *   ttlMs: ({ state }) => state === "open" ? undefined : 86_400_000,
 * });
 * orders("7").set({ state: "open" });
 * ```
 */
export function recordKind<T, Parts extends readonly unknown[], H extends Home>(
  { key, form, ttlMs }: RecordKindOptions<T, Parts, H>,
): RecordKind<T, Parts, H> {
  return (...name) =>
    new RecordPlace(
      key(...name),
      typeof form === "function" ? form(...name) : form,
      ttlMs,
    );
}

/** The place of one record, which may exist or not. */
export class RecordPlace<T, H extends Home = Home> {
  readonly ref: Ref;
  readonly #form: Form<T>;
  readonly #ttlMs: RecordKindOptions<T, []>["ttlMs"];

  constructor(
    ref: Ref,
    form: Form<T>,
    ttlMs: RecordKindOptions<T, []>["ttlMs"],
  ) {
    this.ref = ref;
    this.#form = form;
    this.#ttlMs = ttlMs;
  }

  /**
   * The write that sets the record. `ttlMs` replaces the lifetime that its kind gives.
   */
  set(value: T, ttlMs?: number): Write<H> {
    return this.put(value, ttlMs).write;
  }

  /** The same write, and the record as it is held after the commit. */
  put(
    value: T,
    ttlMs = this.#ttlOf(value),
  ): { write: Write<H>; held: Held<T, H> } {
    const text = this.#form.write(value);
    return {
      write: {
        kind: "set",
        key: this.ref,
        value: text,
        ...(ttlMs !== undefined && { ttlMs }),
      },
      held: new Held(this, text, value),
    };
  }

  #ttlOf(value: T): number | undefined {
    return typeof this.#ttlMs === "function" ? this.#ttlMs(value) : this.#ttlMs;
  }

  /** The write that deletes the record, if it exists. */
  delete(): Write<H> {
    return { kind: "delete", key: this.ref };
  }

  /** The write that adds to a counter. */
  add(this: RecordPlace<Counted, H>, { period, delta }: Addition): Write<H> {
    return { kind: "add", counter: this.ref, period, delta };
  }

  /** The guard that the record does not exist. */
  absent<L extends string>(label: L): Guard<L, H> {
    return { kind: "absent", key: this.ref, label };
  }

  /** The guard that the record has exactly this value. */
  equals<L extends string>(label: L, value: T): Guard<L, H> {
    const text = this.#form.write(value);
    return { kind: "equals", key: this.ref, value: text, label };
  }

  /** The guard that there is a number, and it is below `bound`. */
  below<L extends string>(
    this: RecordPlace<number, H>,
    label: L,
    bound: number,
  ): Guard<L, H> {
    return { kind: "below", key: this.ref, bound, label };
  }

  /** The guard that there is a number, and it is above `bound`. */
  above<L extends string>(
    this: RecordPlace<number, H>,
    label: L,
    bound: number,
  ): Guard<L, H> {
    return { kind: "above", key: this.ref, bound, label };
  }

  /** The guard that a counter is at most `max` after the addition. */
  within<L extends string>(
    this: RecordPlace<Counted, H>,
    label: L,
    { period, delta }: Addition,
    max: number,
  ): Guard<L, H> {
    return { kind: "within", counter: this.ref, period, delta, max, label };
  }

  /**
   * Holds the record with the text that the store gave, or with `null` if it does not exist.
   *
   * @throws {StoreUnavailableError} `corrupt`, if the text is not of the kind's form.
   */
  held(text: string | null): Held<T, H> {
    let value: T | null;
    try {
      value = text === null ? null : this.#form.read(text);
    } catch {
      // The parser's error is not passed on, because it may contain a part of the text.
      throw new StoreUnavailableError("corrupt");
    }
    return new Held(this, text, value);
  }
}

/** A record as it was read. */
export class Held<T, H extends Home = Home> {
  /** The value; `null` if there was no record, or its form could not read it. */
  readonly value: T | null;
  readonly #place: RecordPlace<T, H>;
  readonly #text: string | null;

  constructor(place: RecordPlace<T, H>, text: string | null, value: T | null) {
    this.value = value;
    this.#place = place;
    this.#text = text;
  }

  /** The guard that the record is unchanged since it was read. */
  unchanged<L extends string>(label: L): Guard<L, H> {
    const { ref } = this.#place;
    return this.#text === null
      ? this.#place.absent(label)
      : { kind: "equals", key: ref, value: this.#text, label };
  }

  /** Whether there was no record at all. */
  get isAbsent(): boolean {
    return this.#text === null;
  }

  /** Holds the same record with the text that the store has returned since. */
  again(text: string | null): Held<T, H> {
    return text === this.#text ? this : this.#place.held(text);
  }

  /** Whether another held record has the same text. */
  isSame(other: Held<T>): boolean {
    return this.#text === other.#text;
  }

  /** The write that replaces the record. */
  set(next: T, ttlMs?: number): Write<H> {
    return this.#place.set(next, ttlMs);
  }

  /**
   * The same write, or a deletion for `null`, and the record as it is held after the commit.
   */
  put(next: T | null, ttlMs?: number): { write: Write<H>; held: Held<T, H> } {
    if (next !== null) return this.#place.put(next, ttlMs);
    return { write: this.delete(), held: this.#place.held(null) };
  }

  /** The write that deletes the record. */
  delete(): Write<H> {
    return this.#place.delete();
  }

  /** The write that makes the record what it was when it was read, byte for byte. */
  restore(ttlMs?: number): Write<H> {
    const value = this.#text;
    if (value === null) return this.delete();
    const ttl = ttlMs !== undefined && { ttlMs };
    return { kind: "set", key: this.#place.ref, value, ...ttl };
  }
}

/** The held records of places, with their types. */
export type HeldOf<Places extends readonly unknown[]> = {
  -readonly [I in keyof Places]: Places[I] extends RecordPlace<infer T, infer H>
    ? Held<T, H>
    : never;
};

/**
 * Reads records as one snapshot, in the order given.
 *
 * @throws {StoreUnavailableError} If the store does not answer, or a text is not of its kind's
 * form.
 */
export async function readRecords<
  // deno-lint-ignore no-explicit-any -- each place keeps its own type
  const Places extends readonly RecordPlace<any, Home>[],
>(store: Pick<Store, "read">, places: Places): Promise<HeldOf<Places>> {
  const { values } = await store.read({ keys: places.map(({ ref }) => ref) });
  return holdAll(places, values);
}

/** Holds the records of places with their values, in the same order. */
export function holdAll<
  // deno-lint-ignore no-explicit-any -- each place keeps its own type
  const Places extends readonly RecordPlace<any, Home>[],
>(places: Places, values: readonly (string | null)[]): HeldOf<Places> {
  return places.map((place, i) => place.held(values[i]!)) as HeldOf<Places>;
}
