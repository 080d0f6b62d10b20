import { call, reply } from "../../kit/call.ts";
import { NEW_ENROLMENT } from "../wallet/new_enrolment.ts";
import { PARAMS } from "./state.ts";

export const renewWallet = call({
  id: "renewWallet",
  method: "post",
  path: "/wallet/api/enrolments/{id}/renewals",
  summary: "Give this phone a new seed",
  params: PARAMS,
  answers: { 201: { says: "Renewed", ...NEW_ENROLMENT } },
  problems: ["not-found", "renewal-refused"],
  handle: async ({ sandboxWallet }, { params }) =>
    reply(201, await sandboxWallet!.renew(params.id)),
});
