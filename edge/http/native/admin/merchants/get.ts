import { z } from "zod";
import { isRefusal } from "../../../../base/outcome.ts";
import { call, reply } from "../../../kit/call.ts";
import { keyFields, keyIdExample, LISTED_KEYS } from "../keys/key.ts";
import {
  guessing,
  guessingExample,
  listedExample,
  listedMerchant,
  merchantId,
  viewGuessing,
  viewMerchant,
} from "./merchant.ts";

export const getMerchant = call({
  id: "getMerchant",
  method: "get",
  path: "/v1/admin/merchants/{id}",
  scope: "admin",
  summary: "One merchant, its keys and its bad codes",
  description:
    "Keys are shown by their ids; the key itself is shown only when it is made. `guess_odds` says how likely guessing up to the limits `bad_codes` hits one of the present customers.",
  params: { id: merchantId },
  answers: {
    200: {
      says: "The merchant",
      schema: z.strictObject({
        ...listedMerchant.shape,
        ...guessing,
        keys: z.array(z.strictObject(keyFields).meta({ id: "MerchantKey" }))
          .meta(LISTED_KEYS),
      }).meta({ id: "MerchantDetail" }),
      example: {
        ...listedExample,
        ...guessingExample,
        keys: [{
          key_id: "key_7d9f1b3c5e7a9c1d3f5b7d9f1a3c5e7b",
          created_at: "2026-01-31T11:00:00.000Z",
          ends_at: "2026-02-01T12:00:00.000Z",
        }, { key_id: keyIdExample, created_at: "2026-01-31T12:00:00.000Z" }],
      },
    },
  },
  problems: ["not-found"],
  async handle({ merchants, apiKeys, guessing }, { params }) {
    const record = await merchants.get(params.id);
    if (isRefusal(record)) return record;
    return reply(200, {
      ...viewMerchant(record),
      ...viewGuessing(await guessing.describe(record)),
      keys: await apiKeys.list({ kind: "merchant", merchantId: params.id }),
    });
  },
});
