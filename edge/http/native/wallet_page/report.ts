import { z } from "zod";
import { call } from "../../kit/call.ts";
import { OBJECT } from "../../kit/fields.ts";
import { PARAMS, replyState, STATE } from "./state.ts";

export const reportPhone = call({
  id: "reportPhone",
  method: "put",
  path: "/wallet/api/enrolments/{id}/posture",
  summary: "Report the state of this phone",
  params: PARAMS,
  body: {
    schema: z.strictObject(
      { rooted: z.boolean("must be true or false") },
      OBJECT,
    ),
    example: { rooted: false },
  },
  answers: { 200: { says: "The state", ...STATE } },
  problems: ["not-found"],
  handle: async ({ sandboxWallet }, { params, body }) =>
    replyState(await sandboxWallet!.report(params.id, body.rooted)),
});
