import { call, reply } from "../../kit/call.ts";
import { callback, callbackExample, callbackId } from "./callback.ts";

export const replayCallback = call({
  id: "replayCallback",
  method: "post",
  path: "/v1/callbacks/{id}/replays",
  scope: "merchant",
  summary: "Send a callback again",
  description:
    "The callback is queued again with the same id and the same body. A pending callback becomes due at once.",
  params: { id: callbackId },
  answers: {
    202: {
      says: "The callback is queued",
      schema: callback,
      example: callbackExample,
    },
  },
  problems: ["not-found"],
  handle: async ({ callbacks }, { caller, params }) =>
    reply(202, await callbacks.replay(caller, params.id)),
});
