/**
 * The calls about callbacks as data; as `openapi_calls.ts`.
 *
 * @module
 */

import { z } from "zod";
import * as schemas from "./callback_schemas.ts";
import type { Call } from "./kit/call.ts";
import * as examples from "./openapi_callback_examples.ts";

const ENDPOINT = { schema: schemas.endpoint, example: examples.endpoint };
const callbackId = z.object({
  id: schemas.callback.shape.callback_id,
});

/** Every call about callbacks, in the order of the documentation. */
export const CALLBACK_CALLS: readonly Call[] = [
  {
    method: "put",
    path: "/v1/callback-endpoint",
    id: "putCallbackEndpoint",
    tag: "Callbacks",
    summary: "Set where callbacks go",
    description:
      "Another URL is a new endpoint with a new secret; what waits goes there. The same URL again changes nothing, but that a disabled endpoint is active again, and one whose breaker is open is tried at once. The URL must be https and its host have public addresses only.",
    scope: "merchant",
    body: {
      schema: schemas.putEndpointRequest,
      example: examples.putEndpointRequest,
    },
    answers: [
      {
        status: 201,
        says: "A new endpoint; the secret is shown this once",
        schema: schemas.createdEndpoint,
        example: examples.createdEndpoint,
      },
      { status: 200, says: "The endpoint had this URL already", ...ENDPOINT },
    ],
  },
  {
    method: "get",
    path: "/v1/callback-endpoint",
    id: "getCallbackEndpoint",
    tag: "Callbacks",
    summary: "Where callbacks go, and whether they do",
    scope: "merchant",
    answers: [{
      status: 200,
      says: "The endpoint, without its secret",
      schema: schemas.endpoint,
      example: examples.disabledEndpoint,
    }],
    problems: ["not-found"],
  },
  {
    method: "delete",
    path: "/v1/callback-endpoint",
    id: "removeCallbackEndpoint",
    tag: "Callbacks",
    summary: "Send no more callbacks",
    description:
      "What waits is kept and goes to the next endpoint. Payments that end while there is no endpoint make no callback.",
    scope: "merchant",
    answers: [{ status: 204, says: "There is none; also the second time" }],
  },
  {
    method: "post",
    path: "/v1/callback-endpoint/rotations",
    id: "rotateCallbackSecret",
    tag: "Callbacks",
    summary: "A new secret",
    description:
      "For 24 hours every callback is signed with both secrets. Every earlier secret signs until the `previous_secret_until` that was told for it, also when another rotation follows, for instance because the answer was lost. Five secrets sign at most: a rotation beyond them is refused with `too-many-attempts` until the first of them ends.",
    scope: "merchant",
    answers: [{
      status: 201,
      says: "Rotated; the new secret is shown this once",
      schema: schemas.rotation,
      example: examples.rotation,
    }],
    problems: ["malformed-request", "not-found", "too-many-attempts"],
  },
  {
    method: "post",
    path: "/v1/callback-endpoint/test",
    id: "testCallbackEndpoint",
    tag: "Callbacks",
    summary: "Send `endpoint.test` now and see what comes back",
    description:
      "One attempt, past every queue, to a disabled endpoint too; it enables nothing. One test at a time.",
    scope: "merchant",
    answers: [{
      status: 200,
      says: "What came back; look at `delivered`",
      schema: schemas.endpointTest,
      example: examples.endpointTest,
    }],
    problems: ["malformed-request", "not-found", "too-many-attempts"],
  },
  {
    method: "get",
    path: "/v1/callbacks",
    id: "listCallbacks",
    tag: "Callbacks",
    summary: "Callbacks, the latest first",
    description:
      "Of the last 90 days; those that are pending by when they are due. Pages by `cursor`: a page may be short and still have one after it.",
    scope: "merchant",
    query: schemas.callbacksQuery,
    answers: [{
      status: 200,
      says: "A page",
      schema: schemas.callbacks,
      example: examples.callbacks,
    }],
    problems: ["malformed-request"],
  },
  {
    method: "get",
    path: "/v1/callbacks/{id}",
    id: "getCallback",
    tag: "Callbacks",
    summary: "One callback with its attempts",
    scope: "merchant",
    params: callbackId,
    answers: [{
      status: 200,
      says: "What is sent, and what came back each time",
      schema: schemas.callbackDetail,
      example: examples.callbackDetail,
    }],
    problems: ["not-found"],
  },
  {
    method: "post",
    path: "/v1/callbacks/{id}/replays",
    id: "replayCallback",
    tag: "Callbacks",
    summary: "Send a callback again",
    description:
      "Under its id and with its body, soon. One that is pending is due at once.",
    scope: "merchant",
    params: callbackId,
    answers: [{
      status: 202,
      says: "It will be sent",
      schema: schemas.callback,
      example: examples.callback,
    }],
    problems: ["malformed-request", "not-found"],
  },
  {
    method: "post",
    path: "/v1/callback-replays",
    id: "replayCallbacks",
    tag: "Callbacks",
    summary: "Send all of a range again",
    description:
      "Behind everything else that is due. Where `more` is true, call again with the `until` that came back.",
    scope: "merchant",
    body: {
      schema: schemas.replayRangeRequest,
      example: examples.replayRangeRequest,
    },
    answers: [{
      status: 202,
      says: "They will be sent",
      schema: schemas.replayed,
      example: examples.replayed,
    }],
  },
];
