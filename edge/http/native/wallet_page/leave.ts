import { call, reply } from "../../kit/call.ts";
import { PARAMS } from "./state.ts";

export const leaveWallet = call({
  id: "leaveWallet",
  method: "delete",
  path: "/wallet/api/enrolments/{id}",
  summary: "Destroy this phone's seed on the server",
  params: PARAMS,
  answers: { 204: { says: "Destroyed" } },
  problems: ["not-found"],
  handle: async ({ sandboxWallet }, { params }) =>
    reply(204, await sandboxWallet!.leave(params.id), () => null),
});
