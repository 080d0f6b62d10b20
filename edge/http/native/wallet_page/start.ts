import { z } from "zod";
import { call, reply } from "../../kit/call.ts";
import { accountId } from "../fields.ts";

export const startWallet = call({
  id: "startWallet",
  method: "get",
  path: "/wallet/api",
  summary: "The ready customers, and who may sign cores",
  answers: {
    200: {
      says: "What a wallet needs before it enrols",
      schema: z.strictObject({
        customers: z.array(
          z.strictObject({ account_id: accountId, name: z.string() }),
        ),
        release_keys: z.array(z.string()),
        release_threshold: z.int(),
      }),
    },
  },
  handle: async ({ sandboxWallet }) => {
    const { customers, trusted } = sandboxWallet!;
    return await reply(200, {
      customers,
      releaseKeys: trusted.keys,
      releaseThreshold: trusted.threshold,
    });
  },
});
