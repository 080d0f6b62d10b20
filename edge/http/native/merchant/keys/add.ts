import { z } from "zod";
import { call, reply } from "../../../kit/call.ts";
import { OBJECT } from "../../../kit/fields.ts";
import { CREATED_KEY, MAX_GRACE_SECONDS } from "../../admin/keys/key.ts";

/**
 * A merchant that does not receive the answer needs its earlier keys for this
 * long, to make another key.
 */
const LEAST_GRACE_SECONDS = 60;
const GRACE =
  `must be a whole number from ${LEAST_GRACE_SECONDS} to ${MAX_GRACE_SECONDS}`;

export const addOwnKey = call({
  id: "addOwnKey",
  method: "post",
  path: "/v1/keys",
  scope: "merchant",
  summary: "Make a further API key of your own",
  description:
    "Your earlier keys stay valid until they are ended, or for `grace_seconds` if that is given: the key that makes this call, too. If the answer is lost, make another key, and end by its id the one that nobody received. At most 20 keys are valid at the same time.",
  body: {
    optional: true,
    schema: z.strictObject({
      grace_seconds: z.int(GRACE).min(LEAST_GRACE_SECONDS, GRACE)
        .max(MAX_GRACE_SECONDS, GRACE).exactOptional().meta({
          description:
            "Your earlier keys end after this time. If it is absent, they stay valid until they are ended",
          example: 86_400,
        }),
    }, OBJECT).meta({ id: "AddOwnKeyRequest" }),
    example: { grace_seconds: 86_400 },
  },
  answers: { 201: CREATED_KEY },
  handle: async ({ apiKeys }, { caller, body }) =>
    reply(
      201,
      await apiKeys.addToMerchant(
        caller.merchant.record.merchant_id,
        body.graceSeconds,
        caller.keyId,
      ),
    ),
});
