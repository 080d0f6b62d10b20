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
    "Another URL is a new endpoint with a new secret; what waits goes there. The same URL again changes nothing, but that a disabled endpoint is active again, and one whose breaker is open is tried at once. The URL must be https and its host have public addresses only.",
  body: {
    schema: z.strictObject({ url: givenCallbackUrl }, OBJECT)
      .meta({ id: "PutCallbackEndpointRequest" }),
    example: { url: "https://shop.example/offcode" },
  },
  answers: {
    201: {
      says: "A new endpoint; the secret is shown this once",
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
