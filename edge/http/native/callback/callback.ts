/**
 * A callback and its attempts as the merchant sees them.
 *
 * @module
 */

import { z } from "zod";
import { TLS_FAULTS } from "../../../base/network_fault.ts";
import { madeId, time } from "../../kit/fields.ts";
import { orderId } from "../fields.ts";
import { paymentExample, paymentId } from "../merchant/payment.ts";

/** The id of a callback. */
export const callbackId = madeId(
  "cb",
  "Id of the callback; also its `webhook-id`, the same on every attempt",
);

/** One attempt to deliver a callback. */
export const attempt = z.strictObject({
  at: time("When the attempt began"),
  duration_ms: z.number().min(0).meta({ example: 41 }),
  status: z.int().exactOptional().meta({
    description: "HTTP status of the answer; only a 2xx counts as delivered",
    example: 204,
  }),
  error: z.enum(["dns", "address", "connect", "tls", "timeout", "broken"])
    .exactOptional().meta({
      description:
        "Why there was no answer. `dns`: the host name does not resolve. `address`: it has no address, or one that is not public. `connect`: no connection could be made. `tls`: see `tls_error`. `timeout`: the answer was not complete within the deadline. `broken`: the connection broke, or the answer is not HTTP",
    }),
  tls_error: z.enum(TLS_FAULTS).exactOptional().meta({
    description:
      "What was wrong with TLS, where `error` is `tls`: the certificate is for another name; it was issued by nobody who is publicly trusted, or its chain is not sent whole; it has expired; it is not valid yet; no version (1.2 or 1.3) or cipher in common; your server wants a certificate of the client; one of these two; what answered does not speak TLS; anything else, such as an end in the middle of the handshake. Words may be added",
  }),
  response: z.string().exactOptional().meta({
    description: "The first 1 kB of the answer, masked and escaped",
  }),
  probe: z.literal(true).exactOptional().meta({
    description:
      "A test whether a failing endpoint is back; it spends no attempt",
  }),
}).meta({ id: "CallbackAttempt" });

/** The state of a callback. */
export const callbackStatus = z.enum(
  ["pending", "delivered", "dead"],
  "must be pending, delivered or dead",
).meta({
  description:
    "`dead` was given up after the last attempt; it is kept and can be replayed",
});

/** The event that a callback reports. */
export const callbackType = z.enum([
  "payment.succeeded",
  "payment.declined",
  "payment.reversed",
  "refund.succeeded",
  "refund.declined",
]);

/** The answer of the calls about callbacks. */
export const callback = z.strictObject({
  callback_id: callbackId,
  type: callbackType,
  status: callbackStatus,
  order_id: orderId,
  payment_id: paymentId,
  tries: z.int().min(0).meta({
    description: "Tries of the schedule that were spent",
    example: 1,
  }),
  next_attempt_at: time(
    "When the next attempt is due; only while the callback is pending and the endpoint is active",
  )
    .exactOptional(),
  dead_reason: z.string().exactOptional().meta({
    description: "Why the callback was given up",
  }),
  created_at: time("When the payment or the refund ended"),
  ended_at: time("When the callback was delivered or given up").exactOptional(),
}).meta({ id: "Callback" });

/** An example of a callback. */
export const callbackExample = {
  callback_id: "cb_7b9d1f3a5c7e9b1d3f5a7c9e9f2c4e6a",
  type: "payment.succeeded",
  status: "pending",
  order_id: "order-2026-000017",
  payment_id: paymentExample.payment_id,
  tries: 1,
  next_attempt_at: "2026-01-31T12:00:05.700Z",
  created_at: "2026-01-31T12:00:00.120Z",
};

/** An example of the body of a payment's callback. */
export const eventExample = {
  type: "payment.succeeded",
  timestamp: "2026-01-31T12:00:00.120Z",
  mode: "test",
  data: paymentExample,
};
