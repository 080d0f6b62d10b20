import { call, reply } from "../../../kit/call.ts";

export const removeCallbackEndpoint = call({
  id: "removeCallbackEndpoint",
  method: "delete",
  path: "/v1/callback-endpoint",
  scope: "merchant",
  summary: "Send no more callbacks",
  description:
    "Waiting callbacks are kept and sent to the next endpoint. A payment that ends while there is no endpoint makes no callback.",
  answers: {
    204: {
      says: "There is no endpoint now; repeating the call changes nothing",
    },
  },
  handle: async ({ callbackEndpoints }, { caller }) =>
    reply(204, await callbackEndpoints.remove(caller), () => null),
});
