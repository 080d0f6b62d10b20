import { call, reply } from "../../kit/call.ts";
import { REFUND, refundId } from "./refund.ts";

export const getRefund = call({
  id: "getRefund",
  method: "get",
  path: "/v1/refunds/{id}",
  scope: "merchant",
  summary: "What became of a refund",
  description:
    "By the `refund_id` that you gave it; look at `status`. The call neither starts nor repeats a refund.",
  params: { id: refundId },
  answers: { 200: { says: "The refund", ...REFUND } },
  problems: ["not-found"],
  handle: async ({ refunds }, { caller, params }) =>
    reply(200, await refunds.get(caller, params.id)),
});
