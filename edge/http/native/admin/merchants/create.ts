import { z } from "zod";
import { call, reply } from "../../../kit/call.ts";
import { displayName, OBJECT } from "../../../kit/fields.ts";
import { givenCallbackUrl } from "../../callback/endpoint/url.ts";
import { apiKey, apiKeyExample } from "../keys/key.ts";
import {
  merchantExample,
  merchantFields,
  timeZone,
  viewMerchant,
} from "./merchant.ts";

export const createMerchant = call({
  id: "createMerchant",
  method: "post",
  path: "/v1/admin/merchants",
  scope: "admin",
  summary: "Create a merchant and its first key",
  description:
    "`callback_url` makes its callback endpoint, by the rules of `putCallbackEndpoint`.",
  body: {
    schema: z.strictObject({
      name: displayName,
      callback_url: givenCallbackUrl.exactOptional(),
      time_zone: timeZone.exactOptional(),
    }, OBJECT).meta({ id: "CreateMerchantRequest" }),
    example: {
      name: "Corner Coffee",
      callback_url: "https://shop.example/offcode",
    },
  },
  answers: {
    201: {
      says: "Created; key and secret are shown only this once",
      schema: z.strictObject({
        ...merchantFields,
        api_key: apiKey,
        callback_secret: z.string().exactOptional().meta({
          description:
            "Secret of the endpoint that was made for `callback_url`; shown only this once",
        }),
      }).meta({ id: "CreatedMerchant" }),
      example: {
        ...merchantExample,
        api_key: apiKeyExample,
        callback_secret: "whsec_shown-once-and-stored-sealed",
      },
    },
  },
  handle: async ({ merchants }, { body }) =>
    reply(201, await merchants.create(body), ({ record, ...secrets }) => ({
      ...viewMerchant(record),
      ...secrets,
    })),
});
