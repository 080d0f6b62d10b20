/**
 * What the documentation of merchants' and of wallets' calls shares.
 *
 * @module
 */

import { z } from "zod";
import * as examples from "./openapi_examples.ts";
import type { ProblemCode } from "./kit/problem.ts";
import * as schemas from "./schemas.ts";

/** A payment as an answer. */
export const PAYMENT = { schema: schemas.payment, example: examples.payment };

/** A payment in a path. */
export const paymentId = z.object({ id: schemas.payment.shape.payment_id });

/** What a code may be refused for before money is looked at. */
export const CODE_PROBLEMS: readonly ProblemCode[] = [
  "code-malformed",
  "code-not-accepted",
  "code-ambiguous",
  "code-replayed",
  "payer-blocked",
  "order-conflict",
  "too-many-attempts",
  "clock-unsure",
];
