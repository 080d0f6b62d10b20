import { z } from "zod";
import { camelNames } from "../../../../base/spelling.ts";
import { call, reply } from "../../../kit/call.ts";
import {
  keyFields,
  keyIdExample,
  LISTED_KEYS,
  walletKeyExample,
  walletKeyFields,
} from "./key.ts";

export const listWalletKeys = call({
  id: "listWalletKeys",
  method: "get",
  path: "/v1/admin/wallet-keys",
  scope: "admin",
  summary: "All keys that belong to no merchant, oldest first",
  description:
    "Keys are shown by their ids. The key itself is shown only when it is made.",
  answers: {
    200: {
      says: "The keys",
      schema: z.strictObject({
        keys: z.array(
          z.strictObject({
            ...walletKeyFields(),
            key_id: keyFields.key_id,
            scope: z.enum(["wallet", "release", "metrics"]),
            created_at: keyFields.created_at,
            ends_at: keyFields.ends_at,
          }).meta({ id: "WalletKey" }),
        ).meta(LISTED_KEYS),
      }).meta({ id: "WalletKeys" }),
      example: {
        keys: [{
          key_id: keyIdExample,
          ...walletKeyExample,
          scope: "wallet",
          created_at: "2026-01-31T12:00:00.000Z",
        }],
      },
    },
  },
  handle: async ({ apiKeys }) =>
    reply(200, await apiKeys.list({ kind: "operator" }), (keys) => ({
      keys: keys.map((key) => ({
        ...key,
        name: key.owner,
        scope: key.scope as Exclude<typeof key.scope, "merchant">,
        badCodes: camelNames(key.badCodes),
      })),
    })),
});
