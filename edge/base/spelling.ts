/**
 * Converts the names of members between camelCase, which this code uses, and
 * snake_case, which the API and callbacks use.
 *
 * @module
 */

/** `order_id` → `orderId`. */
export type CamelName<N> = N extends `${infer head}_${infer tail}`
  ? `${head}${Capitalize<CamelName<tail>>}`
  : N;

/** A value all of whose members have names in camelCase. */
export type Camel<T> = T extends readonly (infer E)[] ? Camel<E>[]
  : T extends object ? { [N in keyof T as CamelName<N>]: Camel<T[N]> }
  : T;

/** `orderId` → `order_id`. */
export type SnakeName<N> = N extends `${infer letter}${infer rest}`
  ? `${letter extends Uncapitalize<letter> ? letter
    : `_${Uncapitalize<letter>}`}${SnakeName<rest>}`
  : N;

/** A value all of whose members have names in snake_case. */
export type Snake<T> = T extends readonly (infer E)[] ? Snake<E>[]
  : T extends object ? { [N in keyof T as SnakeName<N>]: Snake<T[N]> }
  : T;

/**
 * The most names whose other spelling is remembered; schemas have a few
 * hundred.
 */
const MAX_KEPT = 1_000;

/**
 * Makes a function that remembers its results, because every request has the
 * same few names.
 */
function keeping(spell: (name: string) => string): (name: string) => string {
  const kept = new Map<string, string>();
  return (name) => {
    let spelled = kept.get(name);
    if (spelled === undefined) {
      spelled = spell(name);
      if (kept.size >= MAX_KEPT) kept.clear();
      kept.set(name, spelled);
    }
    return spelled;
  };
}

/** `order_id` → `orderId`. */
export const camelName: (name: string) => string = keeping((name) =>
  name.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase())
);

/** `orderId` → `order_id`. */
const snakeName = keeping((name) =>
  name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
);

/**
 * Plain data with the names of all members in camelCase. The names must come
 * from a schema, so that `__proto__` is never one of them.
 */
export function camelNames<T>(data: T): Camel<T> {
  return rename(data, camelName) as Camel<T>;
}

/** Plain data with the names of all members in snake_case. */
export function snakeNames<T>(data: T): Snake<T> {
  return rename(data, snakeName) as Snake<T>;
}

function rename(data: unknown, spell: (name: string) => string): unknown {
  if (typeof data !== "object" || data === null) return data;
  if (Array.isArray(data)) return data.map((it) => rename(it, spell));
  const from = data as Readonly<Record<string, unknown>>;
  const renamed: Record<string, unknown> = {};
  for (const name of Object.keys(from)) {
    renamed[spell(name)] = rename(from[name], spell);
  }
  return renamed;
}
