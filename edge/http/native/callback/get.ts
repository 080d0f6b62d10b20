import { z } from "zod";
import { call, reply } from "../../kit/call.ts";
import {
  attempt,
  callback,
  callbackExample,
  callbackId,
  eventExample,
} from "./callback.ts";

export const getCallback = call({
  id: "getCallback",
  method: "get",
  path: "/v1/callbacks/{id}",
  scope: "merchant",
  summary: "One callback with its attempts",
  params: { id: callbackId },
  answers: {
    200: {
      says: "The body that is sent, and the results of the attempts",
      schema: z.strictObject({
        ...callback.shape,
        payload: z.string().meta({
          description: "The body that is sent, the same bytes on every attempt",
        }),
        attempts: z.array(attempt).meta({
          description: "The latest attempts, oldest first",
        }),
        attempts_dropped: z.int().min(0).meta({
          description: "How many older attempts are no longer kept",
          example: 0,
        }),
      }).meta({ id: "CallbackDetail" }),
      example: {
        ...callbackExample,
        payload: JSON.stringify(eventExample),
        attempts: [{
          at: "2026-01-31T12:00:00.131Z",
          duration_ms: 52,
          status: 500,
          response: "Internal Server Error",
        }],
        attempts_dropped: 0,
      },
    },
  },
  problems: ["not-found"],
  handle: async ({ callbacks }, { caller, params }) =>
    reply(200, await callbacks.get(caller, params.id)),
});
