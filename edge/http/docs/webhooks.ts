/**
 * The callbacks as webhooks of the OpenAPI document: what a merchant's server
 * receives, and how it has to answer.
 *
 * @module
 */

import { z } from "zod";
import type { ZodOpenApiObject, ZodOpenApiOperationObject } from "zod-openapi";
import { mode, time } from "../kit/fields.ts";
import { eventExample } from "../native/callback/callback.ts";
import { endpointExample } from "../native/callback/endpoint/endpoint.ts";
import { payment } from "../native/merchant/payment.ts";
import { refundExample, refundSchema } from "../native/merchant/refund.ts";

/** The body of a callback of a payment. */
export const paymentEvent = z.strictObject({
  type: z.enum(["payment.succeeded", "payment.declined", "payment.reversed"]),
  timestamp: time("When the payment ended; the same on every attempt"),
  mode,
  data: payment,
}).meta({ id: "PaymentEvent" });

/** The body of a callback of a refund. */
export const refundEvent = z.strictObject({
  type: z.enum(["refund.succeeded", "refund.declined"]),
  timestamp: time("When the refund ended; the same on every attempt"),
  mode,
  data: refundSchema,
}).meta({ id: "RefundEvent" });

/** The body of a test callback. */
export const testEvent = z.strictObject({
  type: z.literal("endpoint.test"),
  timestamp: time("When the test was asked for"),
  mode,
  data: z.record(z.string(), z.unknown()).meta({
    description: "Nothing to rely on",
  }),
}).meta({ id: "EndpointTestEvent" });

/** The headers of every callback, as Standard Webhooks 1.0.0 have them. */
const callbackHeaders = z.object({
  "webhook-id": z.string().meta({
    description:
      "Id of the message, the same on every attempt: a message whose id you know is a repeat",
    example: "cb_9f2c4e6a8b0d1f3a5c7e9b1d3f5a7c9e",
  }),
  "webhook-timestamp": z.string().meta({
    description: "Unix seconds of this attempt",
    example: "1769860800",
  }),
  "webhook-signature": z.string().meta({
    description:
      "`v1,` and the HMAC-SHA-256 of `<id>.<timestamp>.<body>` in base64; after a rotation one for each secret, separated by a space",
    example: "v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=",
  }),
});

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
      paymentEvent,
      eventExample,
    ),
  },
  "payment.declined": {
    post: received(
      "paymentDeclined",
      "A payment was declined",
      `${HOW}\n\n${ORDER}`,
      paymentEvent,
      {
        ...eventExample,
        type: "payment.declined",
        data: {
          ...eventExample.data,
          status: "declined",
          decline_reason: "insufficient_funds",
        },
      },
    ),
  },
  "payment.reversed": {
    post: received(
      "paymentReversed",
      "A payment was reversed",
      `${HOW}\n\n${ORDER}`,
      paymentEvent,
      {
        type: "payment.reversed",
        timestamp: "2026-01-31T12:07:00.500Z",
        mode: "test",
        data: {
          ...eventExample.data,
          status: "reversed",
          order_version: 1_769_860_803,
          updated_at: "2026-01-31T12:07:00.500Z",
        },
      },
    ),
  },
  "refund.succeeded": {
    post: received(
      "refundSucceeded",
      "A refund succeeded",
      `${HOW}\n\n${ORDER}`,
      refundEvent,
      {
        type: "refund.succeeded",
        timestamp: refundExample.updated_at,
        mode: "test",
        data: refundExample,
      },
    ),
  },
  "refund.declined": {
    post: received(
      "refundDeclined",
      "A refund was declined",
      `${HOW}\n\n${ORDER}`,
      refundEvent,
      {
        type: "refund.declined",
        timestamp: refundExample.updated_at,
        mode: "test",
        data: {
          ...refundExample,
          status: "declined",
          refunded_minor: 0,
          decline_reason: "account_closed",
        },
      },
    ),
  },
  "endpoint.test": {
    post: received(
      "endpointTested",
      "Sent by `testCallbackEndpoint`",
      HOW,
      testEvent,
      {
        type: "endpoint.test",
        timestamp: "2026-01-31T12:00:01.000Z",
        mode: "test",
        data: { endpoint_id: endpointExample.endpoint_id },
      },
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
    requestParams: { header: callbackHeaders },
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
