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

/** `order_id` → `orderId`. */
export function camelName(name: string): string {
  return name.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase());
}

/** `orderId` → `order_id`. */
function snakeName(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** Plain data with the names of all members in camelCase. */
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
  return Object.fromEntries(
    Object.entries(data).map(([name, it]) => [spell(name), rename(it, spell)]),
  );
}
