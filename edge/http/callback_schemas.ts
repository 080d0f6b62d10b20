/**
 * The shape of every request and every response about callbacks, and of what
 * a callback itself carries; as `schemas.ts`.
 *
 * @module
 */

import { z } from "zod";
import { TLS_FAULTS } from "../base/network_fault.ts";
import {
  callbackUrl,
  givenCallbackUrl,
  madeId,
  OBJECT,
  orderId,
  text,
  time,
} from "./kit/fields.ts";
import { payment } from "./schemas.ts";

const endpointId = madeId("ep", "The endpoint");
const callbackId = madeId(
  "cb",
  "The callback; also its `webhook-id`, the same on every attempt",
);

const secret = z.string().meta({
  description: "Standard Webhooks secret, shown once and stored sealed",
  example: "whsec_…",
});

/** `PUT /v1/callback-endpoint` */
export const putEndpointRequest = z.strictObject(
  { url: givenCallbackUrl },
  OBJECT,
)
  .meta({ id: "PutCallbackEndpointRequest" });

const endpointFields = {
  endpoint_id: endpointId,
  url: callbackUrl,
  status: z.enum(["active", "disabled"]),
  disabled_reason: z.enum(["gone", "failing"]).exactOptional().meta({
    description:
      "`gone`: it answered 410. `failing`: nothing but failures for five days. PUT its URL again when it is back",
  }),
  failing_since: time("Since when nothing but failures came back")
    .exactOptional(),
  previous_secret_until: time(
    "Until when the secret before the last rotation signs, too",
  ).exactOptional(),
  created_at: time("When it was made"),
  updated_at: time("When it was last changed"),
};

/** 200 of `GET` and `PUT /v1/callback-endpoint` */
export const endpoint = z.strictObject(endpointFields).meta({
  id: "CallbackEndpoint",
});

/** 201 of `PUT /v1/callback-endpoint` */
export const createdEndpoint = z.strictObject({ ...endpointFields, secret })
  .meta({ id: "CreatedCallbackEndpoint" });

/** 201 of `POST /v1/callback-endpoint/rotations` */
export const rotation = z.strictObject({
  endpoint_id: endpointId,
  secret,
  previous_secret_until: time("Until when the secret before it signs, too"),
}).meta({ id: "CallbackSecretRotation" });

const attempt = z.strictObject({
  at: time("When it began"),
  duration_ms: z.number().min(0).meta({ example: 41 }),
  status: z.int().exactOptional().meta({
    description: "HTTP status of the answer; delivered is 2xx and nothing else",
    example: 204,
  }),
  error: z.enum(["dns", "address", "connect", "tls", "timeout", "broken"])
    .exactOptional().meta({
      description:
        "Why there was no answer: the name does not resolve, or not to public addresses only; no connection; no TLS, see `tls_error`; not whole within the deadline; not HTTP",
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

/** 200 of `POST /v1/callback-endpoint/test` */
export const endpointTest = z.strictObject({
  delivered: z.boolean().meta({ description: "Whether the answer was a 2xx" }),
  attempt,
}).meta({ id: "CallbackEndpointTest" });

const STATUS = "must be pending, delivered or dead";
const callbackStatus = z.enum(["pending", "delivered", "dead"], STATUS).meta({
  description:
    "`dead` was given up after the last attempt; it is kept and can be replayed",
});

/** `GET /v1/callbacks` */
export const callbacksQuery = z.strictObject({
  status: callbackStatus.exactOptional(),
  order_id: orderId.exactOptional(),
  cursor: text(/^[A-Za-z0-9_-]{1,512}$/, "must be a cursor of the page before")
    .exactOptional().meta({
      description: "`cursor` of the page before, with the same parameters",
    }),
});

const callbackType = z.enum([
  "payment.succeeded",
  "payment.declined",
  "payment.reversed",
]);

const callbackFields = {
  callback_id: callbackId,
  type: callbackType,
  status: callbackStatus,
  order_id: orderId,
  payment_id: payment.shape.payment_id,
  tries: z.int().min(0).meta({
    description: "Attempts of the schedule that were spent",
    example: 1,
  }),
  next_attempt_at: time("While it is pending and the endpoint is active")
    .exactOptional(),
  dead_reason: z.string().exactOptional().meta({
    description: "Why it was given up",
  }),
  created_at: time("When the payment ended"),
  ended_at: time("When it was delivered or given up").exactOptional(),
};

/** 202 of `POST /v1/callbacks/:id/replays` */
export const callback = z.strictObject(callbackFields).meta({ id: "Callback" });

/** 200 of `GET /v1/callbacks` */
export const callbacks = z.strictObject({
  callbacks: z.array(callback),
  cursor: z.string().exactOptional().meta({
    description: "Asks for the next page; absent on the last one",
  }),
}).meta({ id: "Callbacks" });

/** 200 of `GET /v1/callbacks/:id` */
export const callbackDetail = z.strictObject({
  ...callbackFields,
  payload: z.string().meta({
    description: "The body that is sent, the same bytes on every attempt",
  }),
  attempts: z.array(attempt).meta({ description: "The latest, oldest first" }),
  attempts_dropped: z.int().min(0).meta({
    description: "How many older ones are no longer kept",
    example: 0,
  }),
}).meta({ id: "CallbackDetail" });

const RANGE_TIME = "must be an RFC 3339 time such as 2026-01-31T12:00:00Z";
const rangeTime = (description: string) =>
  z.iso.datetime({ offset: true, error: RANGE_TIME }).meta({
    description: `${description}, RFC 3339`,
    example: "2026-01-31T12:00:00Z",
  });

/** `POST /v1/callback-replays` */
export const replayRangeRequest = z.strictObject({
  since: rangeTime("Callbacks made at or after this time"),
  until: rangeTime("Callbacks made at or before this time; not before `since`"),
  status: z.enum(["delivered", "dead"], "must be delivered or dead").meta({
    description: "Those that ended like this",
  }),
}, OBJECT).refine(
  // Of what is no time, nothing is said but that.
  ({ since, until }) => !(Date.parse(since) > Date.parse(until)),
  {
    path: ["until"],
    error: "must not be before since",
  },
).meta({ id: "ReplayCallbacksRequest" });

/** 202 of `POST /v1/callback-replays` */
export const replayed = z.strictObject({
  replayed: z.int().min(0).meta({
    description: "How many are sent again, behind what else is due",
    example: 12,
  }),
  more: z.boolean().meta({
    description: "Whether the range holds more than one call takes",
  }),
  until: time("Where it holds more: the `until` of the call for the rest")
    .optional(),
}).meta({ id: "ReplayedCallbacks" });

/** The body of a callback of a payment. */
export const paymentEvent = z.strictObject({
  type: callbackType,
  timestamp: time("When the payment ended; the same on every attempt"),
  data: payment,
}).meta({ id: "PaymentEvent" });

/** The body of a test callback. */
export const testEvent = z.strictObject({
  type: z.literal("endpoint.test"),
  timestamp: time("When the test was asked for"),
  data: z.record(z.string(), z.unknown()).meta({
    description: "Nothing to rely on",
  }),
}).meta({ id: "EndpointTestEvent" });

/** The headers of every callback, as Standard Webhooks 1.0.0 have them. */
export const callbackHeaders = z.object({
  "webhook-id": z.string().meta({
    description:
      "Name of the message, the same on every attempt: what you have seen is a repeat",
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
