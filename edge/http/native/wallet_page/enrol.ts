import { z } from "zod";
import { call, reply } from "../../kit/call.ts";
import { OBJECT } from "../../kit/fields.ts";
import { accountId } from "../fields.ts";
import { deviceId } from "../wallet/enrolment.ts";
import { deviceKey, NEW_ENROLMENT } from "../wallet/new_enrolment.ts";

export const enrolWallet = call({
  id: "enrolWallet",
  method: "post",
  path: "/wallet/api/enrolments",
  summary: "Enrol a ready customer on this phone",
  body: {
    schema: z.strictObject({
      account_id: accountId,
      device_id: deviceId,
      device_key: deviceKey,
    }, OBJECT),
    example: {},
  },
  answers: { 201: { says: "Enrolled", ...NEW_ENROLMENT } },
  problems: ["not-found"],
  handle: async ({ sandboxWallet }, { body }) =>
    reply(201, await sandboxWallet!.enrol(body)),
});
