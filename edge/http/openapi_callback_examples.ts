/**
 * One example of every request and every response about callbacks, and of
 * every callback; as `openapi_examples.ts`.
 *
 * @module
 */

import { payment } from "./openapi_examples.ts";

const ENDPOINT_ID = "ep_3d5f7a9c1e0b2d4f6a8c0e2f4a6b8d0c";
const SECRET = "whsec_shown-once-and-stored-sealed";

/** Example of `schemas.putEndpointRequest`. */
export const putEndpointRequest = { url: "https://shop.example/offcode" };

/** Example of `schemas.endpoint`. */
export const endpoint = {
  endpoint_id: ENDPOINT_ID,
  url: "https://shop.example/offcode",
  status: "active",
  created_at: "2026-01-31T11:00:00.000Z",
  updated_at: "2026-01-31T11:00:00.000Z",
};

/** Example of `schemas.endpoint`, of one that gets nothing any more. */
export const disabledEndpoint = {
  ...endpoint,
  status: "disabled",
  disabled_reason: "failing",
  failing_since: "2026-01-26T11:59:00.000Z",
  updated_at: "2026-01-31T12:00:00.000Z",
};

/** Example of `schemas.createdEndpoint`. */
export const createdEndpoint = { ...endpoint, secret: SECRET };

/** Example of `schemas.rotation`. */
export const rotation = {
  endpoint_id: ENDPOINT_ID,
  secret: SECRET,
  previous_secret_until: "2026-02-01T12:00:00.000Z",
};

/** Example of `schemas.endpointTest`. */
export const endpointTest = {
  delivered: true,
  attempt: {
    at: "2026-01-31T12:00:01.000Z",
    duration_ms: 41,
    status: 204,
  },
};

/** Example of `schemas.callback`. */
export const callback = {
  callback_id: "cb_7b9d1f3a5c7e9b1d3f5a7c9e9f2c4e6a",
  type: "payment.succeeded",
  status: "pending",
  order_id: "order-2026-000017",
  payment_id: "pay_1f3a5c7e9b1d3f5a7c9e9f2c4e6a8b0d00000b1d3f5a7c9e",
  tries: 1,
  next_attempt_at: "2026-01-31T12:00:05.700Z",
  created_at: "2026-01-31T12:00:00.120Z",
};

/** Example of `schemas.callbacks`. */
export const callbacks = {
  callbacks: [callback],
  cursor: "MTc2OTg2MDgwMDEyMDpjYl83Yjlk",
};

/** The body of a callback. */
export const paymentEvent = {
  type: "payment.succeeded",
  timestamp: "2026-01-31T12:00:00.120Z",
  data: payment,
};

/** Example of `schemas.callbackDetail`. */
export const callbackDetail = {
  ...callback,
  payload: JSON.stringify(paymentEvent),
  attempts: [{
    at: "2026-01-31T12:00:00.131Z",
    duration_ms: 52,
    status: 500,
    response: "Internal Server Error",
  }],
  attempts_dropped: 0,
};

/** Example of `schemas.replayRangeRequest`. */
export const replayRangeRequest = {
  since: "2026-01-31T00:00:00Z",
  until: "2026-01-31T12:00:00Z",
  status: "dead",
};

/** Example of `schemas.replayed`. */
export const replayed = { replayed: 12, more: false };

/** Example of a declined payment's callback. */
export const declinedEvent = {
  type: "payment.declined",
  timestamp: "2026-01-31T12:00:00.120Z",
  data: {
    ...payment,
    status: "declined",
    decline_reason: "insufficient_funds",
  },
};

/** Example of a reversed payment's callback. */
export const reversedEvent = {
  type: "payment.reversed",
  timestamp: "2026-01-31T12:07:00.500Z",
  data: {
    ...payment,
    status: "reversed",
    order_version: 1_769_860_803,
    updated_at: "2026-01-31T12:07:00.500Z",
  },
};

/** Example of `schemas.testEvent`. */
export const testEvent = {
  type: "endpoint.test",
  timestamp: "2026-01-31T12:00:01.000Z",
  data: { endpoint_id: ENDPOINT_ID },
};
