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
    "Counts every record now, which takes a while where there are many. A key under which nothing is sealed, and that is not the first of the keyring, can be taken out.",
  answers: {
    200: {
      says: "The master keys by their ids, the sealing one first",
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
