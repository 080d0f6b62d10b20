import { z } from "zod";
import { call, reply } from "../../../kit/call.ts";
import { OBJECT } from "../../../kit/fields.ts";
import { merchantId } from "../merchants/merchant.ts";
import { CREATED_KEY, GRACE, MAX_GRACE_SECONDS } from "./key.ts";

export const addMerchantKey = call({
  id: "addMerchantKey",
  method: "post",
  path: "/v1/admin/merchants/{id}/keys",
  scope: "admin",
  summary: "Make a further key of a merchant",
  description:
    "The merchant's earlier keys stay valid until they are ended, or for `grace_seconds` if that is given. At most 20 keys of a merchant are valid at the same time.",
  params: { id: merchantId },
  body: {
    optional: true,
    schema: z.strictObject({
      grace_seconds: z.int(GRACE).min(0, GRACE).max(MAX_GRACE_SECONDS, GRACE)
        .exactOptional().meta({
          description:
            "The merchant's earlier keys end after this time; 0 ends them at once. If it is absent, they stay valid until they are ended",
          example: 86_400,
        }),
    }, OBJECT).meta({ id: "AddMerchantKeyRequest" }),
    example: { grace_seconds: 86_400 },
  },
  answers: { 201: CREATED_KEY },
  problems: ["not-found"],
  handle: async ({ apiKeys }, { params, body }) =>
    reply(201, await apiKeys.addToMerchant(params.id, body.graceSeconds)),
});
