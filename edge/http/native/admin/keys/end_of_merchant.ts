import { call, reply } from "../../../kit/call.ts";
import { merchantId } from "../merchants/merchant.ts";
import { ENDED, endKeyQuery, keyId } from "./key.ts";

export const endMerchantKey = call({
  id: "endMerchantKey",
  method: "delete",
  path: "/v1/admin/merchants/{id}/keys/{key_id}",
  scope: "admin",
  summary: "End a key of a merchant",
  description:
    "The key ends at once, or after `grace_seconds`. An ended key is refused everywhere within five seconds, and at once for payments. The end of a key can be moved earlier, but not later.",
  params: { id: merchantId, key_id: keyId },
  query: endKeyQuery,
  answers: { 204: ENDED },
  problems: ["not-found"],
  handle: async ({ apiKeys }, { params, query }) =>
    reply(
      204,
      await apiKeys.end(
        { kind: "merchant", merchantId: params.id },
        params.keyId,
        Number(query.graceSeconds ?? 0),
      ),
    ),
});
