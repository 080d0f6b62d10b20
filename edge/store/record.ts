/**
 * Typed records above the store port: a kind binds the type of what is stored
 * to its name and its lifetime, and is the only place where a text becomes a
 * value of that type.
 *
 * A record that was read is kept together with the text that it was read from, so
 * that a transaction can check "unchanged since I read it" and no caller has to
 * carry that text beside the record.
 *
 * @module
 */

import type { Guard } from "./commit.ts";
import {
  type Ref,
  type Store,
  StoreUnavailableError,
  type Write,
} from "./store.ts";

/** How values of a type are written as text, and read. */
export interface Form<T> {
  write(value: T): string;
  /**
   * Throws where the text is not of the form. A form whose readers decide
   * themselves what becomes of such a text gives `null` instead.
   */
  read(text: string): T | null;
}

/** A record as JSON. The store is trusted to hold what this type says. */
export const json = <T>() => ({
  write: (value: T): string => JSON.stringify(value),
  read: (text: string): T => JSON.parse(text) as T,
});

/** A text that stands for itself, such as an id or a revision. */
export const plainText: Form<string> = {
  write: (value) => value,
  read: (text) => text,
};

/** A counter, as {@linkcode Check} says what one is. */
export const counter: Form<
  { readonly period: string; readonly amount: number }
> = {
  write: ({ period, amount }) => `${period}:${amount}`,
  read(text) {
    const [, period, digits] = /^(.*):(\d+)$/s.exec(text)!;
    return { period: period!, amount: Number(digits) };
  },
};

/** What a kind of record is made of. */
export interface RecordKindOptions<T, Name extends readonly unknown[]> {
  /** Where the record of a name is: one of `keys.ts`. */
  readonly key: (...name: Name) => Ref;
  /** Made of the name where the text does not repeat what that says. */
  readonly form: Form<T> | ((...name: Name) => Form<T>);
  /**
   * How long it lives after it was written, milliseconds; not given or
   * `undefined`: it never ends. Of a field: nothing changes the end of its map.
   */
  readonly ttlMs?: number | ((value: T) => number | undefined);
}

/** A kind of record: gives the record of a name. */
export type RecordKind<T, Name extends readonly unknown[]> = (
  ...name: Name
) => RecordPlace<T>;

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
export function recordKind<T, Name extends readonly unknown[]>(
  { key, form, ttlMs }: RecordKindOptions<T, Name>,
): RecordKind<T, Name> {
  return (...name) =>
    new RecordPlace(
      key(...name),
      typeof form === "function" ? form(...name) : form,
      ttlMs,
    );
}

/** Where one record is. */
export class RecordPlace<T> {
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
   * Writes the record, whatever is there. `ttlMs`: how long it lives, where its
   * kind cannot tell.
   */
  set(value: T, ttlMs?: number): Write {
    return this.put(value, ttlMs).write;
  }

  /** The same write, and the record as it is held once that is committed. */
  put(value: T, ttlMs = this.#ttlOf(value)): { write: Write; held: Held<T> } {
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

  /** Removes the record; nothing there is fine. */
  delete(): Write {
    return { kind: "delete", key: this.ref };
  }

  /** The guard that nothing is there. */
  absent<L extends string>(label: L): Guard<L> {
    return { kind: "absent", key: this.ref, label };
  }

  /**
   * The record as the store gave its text; `null`: there was none.
   *
   * @throws {StoreUnavailableError} `corrupt`, if the text is not of its form.
   */
  held(text: string | null): Held<T> {
    let value: T | null;
    try {
      value = text === null ? null : this.#form.read(text);
    } catch {
      // The error of a parser may repeat a part of the text.
      throw new StoreUnavailableError("corrupt");
    }
    return new Held(this, text, value);
  }
}

/** A record as it was read. */
export class Held<T> {
  /** `null`: there was none, or none that its form can read. */
  readonly value: T | null;
  readonly #place: RecordPlace<T>;
  readonly #text: string | null;

  constructor(place: RecordPlace<T>, text: string | null, value: T | null) {
    this.value = value;
    this.#place = place;
    this.#text = text;
  }

  /** The guard that the record is as it was read. */
  unchanged<L extends string>(label: L): Guard<L> {
    const { ref } = this.#place;
    return this.#text === null
      ? this.#place.absent(label)
      : { kind: "equals", key: ref, value: this.#text, label };
  }

  /** Whether there was no record at all. */
  get isAbsent(): boolean {
    return this.#text === null;
  }

  /** The record as the store gives its text now. */
  again(text: string | null): Held<T> {
    return text === this.#text ? this : this.#place.held(text);
  }

  /** Whether the other one was read from the very same text. */
  isSame(other: Held<T>): boolean {
    return this.#text === other.#text;
  }

  /** Writes another one in its place. */
  set(next: T, ttlMs?: number): Write {
    return this.#place.set(next, ttlMs);
  }

  /**
   * The same write, or a removal for `null`, and the record as it is held once
   * that is committed.
   */
  put(next: T | null, ttlMs?: number): { write: Write; held: Held<T> } {
    if (next !== null) return this.#place.put(next, ttlMs);
    return { write: this.delete(), held: this.#place.held(null) };
  }

  /** Removes it. */
  delete(): Write {
    return this.#place.delete();
  }
}

/** Of each place, what is held of it. */
export type HeldOf<Places extends readonly unknown[]> = {
  -readonly [I in keyof Places]: Places[I] extends RecordPlace<infer T>
    ? Held<T>
    : never;
};

/**
 * Reads records as one snapshot, in the order given.
 *
 * @throws {StoreUnavailableError} If the store gives no answer, or a text that
 * is not of its form.
 */
export async function readRecords<
  // deno-lint-ignore no-explicit-any -- each place keeps its own type
  const Places extends readonly RecordPlace<any>[],
>(store: Pick<Store, "read">, places: Places): Promise<HeldOf<Places>> {
  const { values } = await store.read({ keys: places.map(({ ref }) => ref) });
  return holdAll(places, values);
}

/** What is held of places, by their values in the order given. */
export function holdAll<
  // deno-lint-ignore no-explicit-any -- each place keeps its own type
  const Places extends readonly RecordPlace<any>[],
>(places: Places, values: readonly (string | null)[]): HeldOf<Places> {
  return places.map((place, i) => place.held(values[i]!)) as HeldOf<Places>;
}
