import { call, reply } from "../../../kit/call.ts";

export const removeCallbackEndpoint = call({
  id: "removeCallbackEndpoint",
  method: "delete",
  path: "/v1/callback-endpoint",
  scope: "merchant",
  summary: "Send no more callbacks",
  description:
    "What waits is kept and goes to the next endpoint. Payments that end while there is no endpoint make no callback.",
  answers: { 204: { says: "There is none; also the second time" } },
  handle: async ({ callbackEndpoints }, { caller }) =>
    reply(204, await callbackEndpoints.remove(caller), () => null),
});
