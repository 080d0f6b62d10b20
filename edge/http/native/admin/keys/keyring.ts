import { z } from "zod";
import { call, reply } from "../../../kit/call.ts";

const count = z.int().min(0).meta({ format: "int64", example: 1_000 });

export const getKeyring = call({
  id: "getKeyring",
  method: "get",
  path: "/v1/admin/keyring",
  scope: "admin",
  summary: "How much is sealed under each master key",
  description:
    "The call counts all records, which takes a while if there are many. A master key under which nothing is sealed can be removed from the keyring, unless it is the first one.",
  answers: {
    200: {
      says: "The master keys by their ids; the one that seals comes first",
      schema: z.strictObject({
        keys: z.array(z.strictObject({
          kid: z.string().meta({ example: "k2" }),
          state: z.enum(["seals", "opens", "missing"]).meta({
            description:
              "`missing`: something is sealed under a key that is not in the keyring",
          }),
          seeds: count,
          callback_secrets: count,
          api_keys: count,
        })),
      }).meta({ id: "Keyring" }),
      example: {
        keys: [
          ...[{ kid: "k2", state: "seals", seeds: 990_000 }, {
            ...{ kid: "k1", state: "opens", seeds: 10_000 },
          }].map((it) => ({ ...it, callback_secrets: 3, api_keys: 12 })),
        ],
      },
    },
  },
  handle: async ({ keyring }) =>
    reply(200, await keyring.count(), (keys) => ({
      keys: keys.map(({ kid, state, counts }) => ({
        kid,
        state,
        seeds: counts.seeds,
        callbackSecrets: counts["callback secrets"],
        apiKeys: counts["API keys"],
      })),
    })),
});
