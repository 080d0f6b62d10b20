import { z } from "zod";
import { isRefusal } from "../../../../base/outcome.ts";
import { call, reply } from "../../../kit/call.ts";
import { keyFields, keyIdExample, LISTED_KEYS } from "../../admin/keys/key.ts";

export const listOwnKeys = call({
  id: "listOwnKeys",
  method: "get",
  path: "/v1/keys",
  scope: "merchant",
  summary: "Your API keys",
  description:
    "Keys are shown by their ids; the key itself is shown only when it is made.",
  answers: {
    200: {
      says: "The keys",
      schema: z.strictObject({
        keys: z.array(
          z.strictObject({
            ...keyFields,
            current: z.literal(true).exactOptional().meta({
              description: "The key that this call was made with",
            }),
          }).meta({ id: "OwnKey" }),
        ).meta(LISTED_KEYS),
      }).meta({ id: "OwnKeys" }),
      example: {
        keys: [{
          key_id: "key_7d9f1b3c5e7a9c1d3f5b7d9f1a3c5e7b",
          created_at: "2026-01-31T11:00:00.000Z",
          ends_at: "2026-02-01T12:00:00.000Z",
        }, {
          key_id: keyIdExample,
          created_at: "2026-01-31T12:00:00.000Z",
          current: true,
        }],
      },
    },
  },
  async handle({ authenticator, apiKeys }, { caller }) {
    // A key that has ended must not see which keys go on.
    const now = await authenticator.refresh(caller);
    if (isRefusal(now)) return now;
    const { merchant_id: merchantId } = now.merchant.record;
    const keys = await apiKeys.list({ kind: "merchant", merchantId });
    return reply(200, {
      keys: keys.map(({ keyId, createdAt, endsAt }) => ({
        keyId,
        createdAt,
        ...(endsAt !== undefined && { endsAt }),
        ...(keyId === now.keyId && { current: true as const }),
      })),
    });
  },
});
