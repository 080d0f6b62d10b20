/**
 * What the documentation knows of a call.
 *
 * @module
 */

import type { z } from "zod";
import type { ProblemCode, Retry } from "./problem.ts";

/** One call of the API. */
export interface Call {
  readonly method: "get" | "post" | "put" | "patch" | "delete";
  /** With parameters in braces. */
  readonly path: string;
  /** `operationId`. */
  readonly id: string;
  readonly tag:
    | "Merchant"
    | "Callbacks"
    | "Wallet"
    | "Admin"
    | "Sandbox"
    | "Health";
  readonly summary: string;
  readonly description?: string;
  /** Whose key it takes; none takes no key. */
  readonly scope?: "admin" | "wallet" | "merchant";
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  /** With `optional` the call can be sent without one. */
  readonly body?: Content & { readonly optional?: true };
  readonly answers: readonly Answer[];
  readonly problems?: readonly ProblemCode[];
  /** The retry hint where this call departs from the table. */
  readonly retry?: { readonly [code in ProblemCode]?: Retry };
}

/** A JSON body and an example of it. */
export interface Content {
  readonly schema: z.ZodType;
  readonly example: object;
}

/** A success. */
export interface Answer extends Partial<Content> {
  readonly status: 200 | 201 | 202 | 204;
  readonly says: string;
}
