/**
 * Writes answers as their schemas say: with members in snake_case, in the order of
 * the schema, and without members that the schema lacks. An answer therefore never
 * contains a part of a use case's outcome that the OpenAPI document does not show.
 *
 * @module
 */

import { z } from "zod";
import { camelName } from "../../base/spelling.ts";

/** Makes the JSON of an outcome, whose members have names in camelCase. */
export type Writer<T = unknown> = (outcome: unknown) => T;

/**
 * Makes the writer of the values that `schema` describes. If they are objects, their
 * JSON also has the members `always`.
 */
export function writerOf<T>(
  schema: z.ZodType<unknown, T>,
  always: Readonly<Record<string, string>> = {},
): Writer<T> {
  return write(schema, always) as Writer<T>;
}

function write(
  schema: z.core.$ZodType,
  always: Readonly<Record<string, string>> = {},
): Writer {
  if (schema instanceof z.ZodObject) {
    const members = Object.entries<z.core.$ZodType>(schema.shape)
      .map(([name, it]) => [name, camelName(name), write(it)] as const);
    // A copy of all members is made at once, and JSON has none that is undefined;
    // an object that gains them one by one is moved in memory again and again.
    const none: Record<string, unknown> = {
      ...Object.fromEntries(members.map(([name]) => [name, undefined])),
      ...always,
    };
    return (outcome) => {
      const from = outcome as Readonly<Record<string, unknown>>;
      const json = { ...none };
      for (const [name, camel, each] of members) {
        if (from[camel] !== undefined) json[name] = each(from[camel]);
      }
      return json;
    };
  }
  if (schema instanceof z.ZodArray) {
    const each = write(schema.element);
    return (outcome) => (outcome as readonly unknown[]).map((it) => each(it));
  }
  if (schema instanceof z.ZodUnion) return writeEither(schema, always);
  return schema instanceof z.ZodOptional || schema instanceof z.ZodExactOptional
    ? write(schema.unwrap())
    : (outcome) => outcome;
}

/** Writes an outcome as the first option all of whose required members it has. */
function writeEither(
  { options }: z.ZodUnion<readonly z.core.$ZodType[]>,
  always: Readonly<Record<string, string>>,
): Writer {
  const writers = options.map((option) => {
    const required = option instanceof z.ZodObject
      ? Object.entries<z.core.$ZodType>(option.shape)
        .filter(([, it]) => it._zod.optin !== "optional")
        .map(([name]) => camelName(name))
      : [];
    return { required, write: write(option, always) };
  });
  return (outcome) =>
    writers.find(({ required }) =>
      required.every((name) => Object.hasOwn(outcome as object, name))
    )!.write(outcome);
}
