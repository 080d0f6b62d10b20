/**
 * The callbacks as webhooks of the OpenAPI document: what a merchant's server
 * receives and how it is to answer.
 *
 * @module
 */

import type { z } from "zod";
import type { ZodOpenApiObject, ZodOpenApiOperationObject } from "zod-openapi";
import * as schemas from "../callback_schemas.ts";
import * as examples from "../openapi_callback_examples.ts";

const HOW = `Signed as Standard Webhooks: verify \`webhook-signature\` over the
raw body before reading it. Answer 2xx at once and work afterwards; anything
else, also a redirect, is a failure and is tried again. The same \`webhook-id\`
is the same event: it may come more than once.`;

const ORDER = `Events of an order may overtake each other: ignore one whose
\`order_version\` is lower than one that you have seen.`;

/** The calls that Offcode makes to a merchant's server. */
export const WEBHOOKS: NonNullable<ZodOpenApiObject["webhooks"]> = {
  "payment.succeeded": {
    post: received(
      "paymentSucceeded",
      "A payment succeeded",
      `${HOW}\n\n${ORDER}`,
      schemas.paymentEvent,
      examples.paymentEvent,
    ),
  },
  "payment.declined": {
    post: received(
      "paymentDeclined",
      "A payment was declined",
      `${HOW}\n\n${ORDER}`,
      schemas.paymentEvent,
      examples.declinedEvent,
    ),
  },
  "payment.reversed": {
    post: received(
      "paymentReversed",
      "A payment was reversed",
      `${HOW}\n\n${ORDER}`,
      schemas.paymentEvent,
      examples.reversedEvent,
    ),
  },
  "endpoint.test": {
    post: received(
      "endpointTested",
      "Sent by `testCallbackEndpoint`",
      HOW,
      schemas.testEvent,
      examples.testEvent,
    ),
  },
};

function received(
  id: string,
  summary: string,
  description: string,
  schema: z.ZodType,
  example: object,
): ZodOpenApiOperationObject {
  return {
    operationId: id,
    tags: ["Callbacks"],
    summary,
    description,
    security: [],
    requestParams: { header: schemas.callbackHeaders },
    requestBody: {
      required: true,
      content: { "application/json": { schema, example } },
    },
    responses: {
      "2XX": { description: "Received: it is not sent again" },
      "410": { description: "Gone: the endpoint is disabled at once" },
      default: {
        description:
          "Tried again after 5 s, 15 s, 30 s, 3 min, 10 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h and 24 h; `Retry-After` of 429 and 503 is obeyed up to 24 h",
      },
    },
  };
}
