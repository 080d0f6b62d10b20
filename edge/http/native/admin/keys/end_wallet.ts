import { call, reply } from "../../../kit/call.ts";
import { ENDED, endKeyQuery, keyId } from "./key.ts";

export const endWalletKey = call({
  id: "endWalletKey",
  method: "delete",
  path: "/v1/admin/wallet-keys/{key_id}",
  scope: "admin",
  summary: "End a key that belongs to no merchant",
  description:
    "The key ends at once, or after `grace_seconds`. An ended key is refused everywhere within five seconds. The end of a key can be moved earlier, but not later.",
  params: { key_id: keyId },
  query: endKeyQuery,
  answers: { 204: ENDED },
  problems: ["not-found"],
  handle: async ({ apiKeys }, { params, query }) =>
    reply(
      204,
      await apiKeys.end(
        { kind: "operator" },
        params.keyId,
        Number(query.graceSeconds ?? 0),
      ),
    ),
});
