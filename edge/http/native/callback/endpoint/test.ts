import { z } from "zod";
import { call, reply } from "../../../kit/call.ts";
import { attempt } from "../callback.ts";

export const testCallbackEndpoint = call({
  id: "testCallbackEndpoint",
  method: "post",
  path: "/v1/callback-endpoint/test",
  scope: "merchant",
  summary: "Send `endpoint.test` now and see what comes back",
  description:
    "The call makes one attempt at once, without queuing, even if the endpoint is disabled; it does not enable it. Only one test runs at a time.",
  answers: {
    200: {
      says: "The result of the attempt; look at `delivered`",
      schema: z.strictObject({
        delivered: z.boolean().meta({
          description: "Whether the answer was a 2xx",
        }),
        attempt,
      }).meta({ id: "CallbackEndpointTest" }),
      example: {
        delivered: true,
        attempt: {
          at: "2026-01-31T12:00:01.000Z",
          duration_ms: 41,
          status: 204,
        },
      },
    },
  },
  problems: ["not-found", "too-many-attempts"],
  handle: async ({ callbackEndpoints }, { caller }) =>
    reply(200, await callbackEndpoints.test(caller)),
});
