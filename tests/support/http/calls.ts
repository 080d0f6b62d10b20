/**
 * What calls of the API take, for tests that hold requests against it.
 *
 * @module
 */

import { assert } from "@std/assert";
import type { z } from "zod";

/** The schema of the body that a call takes. */
export function bodyOf<S extends z.ZodType>(
  { body }: { readonly body?: { readonly schema: S } },
): S {
  assert(body !== undefined);
  return body.schema;
}

/** The schema of the query that a call takes. */
export function queryOf<S extends z.ZodType>(
  { query }: { readonly query?: S },
): S {
  assert(query !== undefined);
  return query;
}
