import { call, reply } from "../../../kit/call.ts";
import { endpoint, endpointExample } from "./endpoint.ts";

export const getCallbackEndpoint = call({
  id: "getCallbackEndpoint",
  method: "get",
  path: "/v1/callback-endpoint",
  scope: "merchant",
  summary: "Where callbacks go, and whether the endpoint is active",
  answers: {
    200: {
      says: "The endpoint, without its secret",
      schema: endpoint,
      example: {
        ...endpointExample,
        status: "disabled",
        disabled_reason: "failing",
        failing_since: "2026-01-26T11:59:00.000Z",
        updated_at: "2026-01-31T12:00:00.000Z",
      },
    },
  },
  problems: ["not-found"],
  handle: async ({ callbackEndpoints }, { caller }) =>
    reply(200, await callbackEndpoints.get(caller)),
});
