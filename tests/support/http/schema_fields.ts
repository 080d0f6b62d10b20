/**
 * Fields of requests: what a schema takes in them, and what it refuses by name.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import type { z } from "zod";
import { checkInput } from "../../../edge/http/kit/body.ts";

/** The public key of RFC 7517, appendix A.1. */
export const deviceKey = {
  kty: "EC",
  crv: "P-256",
  x: "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
  y: "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
};

/** A request to enrol. */
export const enrolment = {
  account_id: "acct-1",
  device_id: "phone-1",
  device_key: deviceKey,
};

/** A range of callbacks to replay. */
export const range = {
  since: "2026-01-31T00:00:00Z",
  until: "2026-01-31T12:00:00Z",
  status: "dead",
};

/** `base` with one field set, or left out where `value` is undefined. */
function withField(base: object, field: string, value: unknown): object {
  const { [field]: _, ...rest } = base as Record<string, unknown>;
  return value === undefined ? rest : { ...rest, [field]: value };
}

/**
 * Every good value passes; every bad one is refused, naming the field, but for
 * `null`, which is the same as no field.
 */
export function assertField(
  schema: z.ZodType,
  base: object,
  field: string,
  good: readonly unknown[],
  bad: readonly unknown[],
) {
  for (const value of good) {
    const parsed = checkInput(withField(base, field, value), schema);
    assert(parsed.ok, `${field} refused ${JSON.stringify(value)}`);
  }
  const absent = checkInput(withField(base, field, undefined), schema);
  for (const value of bad) {
    if (value === null) {
      assertEquals(checkInput(withField(base, field, null), schema), absent);
      continue;
    }
    const parsed = checkInput(withField(base, field, value), schema);
    assert(!parsed.ok, `${field} accepted ${JSON.stringify(value)}`);
    const { detail } = parsed.problem.document;
    assert(
      detail.startsWith(`${field} must `) || detail === `${field} is missing`,
      detail,
    );
  }
}

/** Values of every kind but text. */
export const NO_STRINGS = [1, true, null, [], {}, ["x"]];
