import { z } from "zod";
import { call, reply } from "../../kit/call.ts";
import { OBJECT } from "../../kit/fields.ts";
import { accountId } from "../fields.ts";
import { deviceId, risk } from "./enrolment.ts";
import { deviceKey, deviceKeyExample, NEW_ENROLMENT } from "./new_enrolment.ts";

/** The body of an enrolment. */
export const enrolBody = {
  schema: z.strictObject({
    account_id: accountId,
    device_id: deviceId,
    device_key: deviceKey,
    risk: risk.exactOptional(),
  }, OBJECT).meta({ id: "EnrolmentRequest" }),
  example: {
    account_id: "acct-1001",
    device_id: "phone-7",
    device_key: deviceKeyExample,
    risk: "normal",
  },
};

export const enrol = call({
  id: "enrol",
  method: "post",
  path: "/v1/enrolments",
  scope: "wallet",
  summary: "Enrol an account on a device",
  description:
    "Earlier seeds of the account and of the device are revoked at once. The new seed is only in this answer, sealed for the device. Renew the credential before it expires.",
  body: enrolBody,
  answers: { 201: { says: "Enrolled", ...NEW_ENROLMENT } },
  handle: async ({ enrolments }, { caller, body }) =>
    reply(201, await enrolments.enrol({ ...body, by: caller.walletSystem })),
});
