import { call, reply } from "../../../kit/call.ts";
import { ENDED, endKeyQuery, keyId } from "../../admin/keys/key.ts";

export const endOwnKey = call({
  id: "endOwnKey",
  method: "delete",
  path: "/v1/keys/{key_id}",
  scope: "merchant",
  summary: "End an API key of your own",
  description:
    "The key ends at once, or after `grace_seconds`; it may be the key that makes this call. Your last key without an end is refused, so that nobody is locked out: make another one first. An ended key is refused everywhere within five seconds, and at once for payments, refunds and keys. The end of a key can be moved earlier, but not later.",
  params: { key_id: keyId },
  query: endKeyQuery,
  answers: { 204: ENDED },
  problems: ["malformed-request", "not-found"],
  handle: async ({ apiKeys }, { caller, params, query }) =>
    reply(
      204,
      await apiKeys.end(
        {
          kind: "merchant",
          merchantId: caller.merchant.record.merchant_id,
        },
        params.keyId,
        Number(query.graceSeconds ?? 0),
        caller.keyId,
      ),
    ),
});
