import { call } from "../../kit/call.ts";
import { PARAMS, replyState, STATE } from "./state.ts";

export const getWallet = call({
  id: "getWallet",
  method: "get",
  path: "/wallet/api/enrolments/{id}",
  summary:
    "The enrolment of this phone, and the payments that wait for a confirmation",
  params: PARAMS,
  answers: { 200: { says: "The state", ...STATE } },
  problems: ["not-found"],
  handle: async ({ sandboxWallet }, { params }) =>
    replyState(await sandboxWallet!.state(params.id)),
});
