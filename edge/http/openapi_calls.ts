/**
 * Every call of the API as data: who may make it, what goes in, what comes
 * out, and which problems it can answer beside those that follow from its
 * scope and its body. A test compares the list with the routes.
 *
 * @module
 */

import { ADMIN_CALLS } from "./openapi_admin_calls.ts";
import type { Call } from "./kit/call.ts";
import { CALLBACK_CALLS } from "./openapi_callback_calls.ts";
import * as examples from "./openapi_examples.ts";
import { MERCHANT_CALLS } from "./openapi_merchant_calls.ts";
import { WALLET_CALLS } from "./openapi_wallet_calls.ts";
import * as schemas from "./schemas.ts";

/** Every call, in the order of the documentation. */
export const CALLS: readonly Call[] = [
  ...MERCHANT_CALLS,
  ...CALLBACK_CALLS,
  ...WALLET_CALLS,
  ...ADMIN_CALLS,
  {
    method: "get",
    path: "/healthz",
    id: "live",
    tag: "Health",
    summary: "Whether the process is alive",
    answers: [{
      status: 200,
      says: "Alive",
      schema: schemas.health,
      example: examples.health,
    }],
  },
  {
    method: "get",
    path: "/readyz",
    id: "ready",
    tag: "Health",
    summary: "Whether it is able to serve: store, core and clock",
    answers: [{
      status: 200,
      says: "Ready; warnings, where there are any, name what to change",
      schema: schemas.readiness,
      example: examples.readiness,
    }],
    problems: ["store-unavailable", "clock-unsure"],
  },
];
