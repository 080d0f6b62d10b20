import { z } from "zod";
import { isRefusal } from "../../../../base/outcome.ts";
import { call, reply } from "../../../kit/call.ts";
import { OBJECT } from "../../../kit/fields.ts";
import {
  endpoint,
  endpointExample,
  secret,
  secretExample,
} from "./endpoint.ts";
import { givenCallbackUrl } from "./url.ts";

export const putCallbackEndpoint = call({
  id: "putCallbackEndpoint",
  method: "put",
  path: "/v1/callback-endpoint",
  scope: "merchant",
  summary: "Set where callbacks go",
  description:
    "A different URL makes a new endpoint with a new secret, and waiting callbacks are sent to it. Setting the same URL again keeps the endpoint: if it was disabled it becomes active, and if its breaker is open it is tried at once. The URL must be https, and its host must have public addresses only.",
  body: {
    schema: z.strictObject({ url: givenCallbackUrl }, OBJECT)
      .meta({ id: "PutCallbackEndpointRequest" }),
    example: { url: "https://shop.example/offcode" },
  },
  answers: {
    201: {
      says: "A new endpoint; its secret is shown only this once",
      schema: z.strictObject({ ...endpoint.shape, secret })
        .meta({ id: "CreatedCallbackEndpoint" }),
      example: { ...endpointExample, secret: secretExample },
    },
    200: {
      says: "The endpoint had this URL already",
      schema: endpoint,
      example: endpointExample,
    },
  },
  async handle({ callbackEndpoints }, { caller, body }) {
    const put = await callbackEndpoints.put(caller, body.url);
    if (isRefusal(put)) return put;
    const { endpoint, secret } = put;
    return secret === undefined
      ? reply(200, endpoint)
      : reply(201, { ...endpoint, secret });
  },
});
