import { z } from "zod";
import { snakeNames } from "../../../../base/spelling.ts";
import { call, reply } from "../../../kit/call.ts";
import { OBJECT } from "../../../kit/fields.ts";
import { CREATED_KEY, walletKeyExample, walletKeyFields } from "./key.ts";

export const addWalletKey = call({
  id: "addWalletKey",
  method: "post",
  path: "/v1/admin/wallet-keys",
  scope: "admin",
  summary: "Make a key for the wallet's backend",
  description:
    "Keys of the same name and system share the references of their verifications. A key with a `wallet_system` sees the enrolments, codes and confirmations of that system's customers only; a key without one sees all. Each key has its own limits of bad codes.",
  body: {
    schema: z.strictObject(walletKeyFields(), OBJECT)
      .meta({ id: "CreateWalletKeyRequest" }),
    example: walletKeyExample,
  },
  answers: { 201: CREATED_KEY },
  handle: async ({ apiKeys }, { body: { badCodes, ...key } }) =>
    reply(
      201,
      await apiKeys.addToWallet({
        ...key,
        ...(badCodes !== undefined && { badCodes: snakeNames(badCodes) }),
      }),
    ),
});
