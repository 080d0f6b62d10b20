import { z } from "zod";
import type { Enrolments } from "../../../enrolment/enrolments.ts";
import type { WalletSystem } from "../../../enrolment/record.ts";
import { call, given, reply } from "../../kit/call.ts";
import { OBJECT } from "../../kit/fields.ts";
import { accountId } from "../fields.ts";
import { deviceId, risk } from "./enrolment.ts";
import {
  deviceKey,
  deviceKeyExample,
  NEW_ENROLMENT,
  viewNewEnrolment,
} from "./new_enrolment.ts";

/** What a wallet's backend sends to enrol an account. */
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

/** Enrols what a body asks for, and spells the outcome. */
export async function enrolAs(
  enrol: Enrolments["enrol"],
  body: z.output<typeof enrolBody.schema>,
  by: WalletSystem,
) {
  return reply(
    201,
    await enrol({
      accountId: body.account_id,
      deviceId: body.device_id,
      deviceKey: body.device_key,
      ...given({ risk: body.risk }),
      by,
    }),
    viewNewEnrolment,
  );
}

export const enrol = call({
  id: "enrol",
  method: "post",
  path: "/v1/enrolments",
  scope: "wallet",
  summary: "Enrol an account on a device",
  description:
    "Earlier seeds of the account and of the device are dead at once. The new seed is in this answer, sealed for the device, and never again; renew it before it ends.",
  body: enrolBody,
  answers: { 201: { says: "Enrolled", ...NEW_ENROLMENT } },
  handle: ({ enrolments }, { caller, body }) =>
    enrolAs(enrolments.enrol, body, caller.walletSystem),
});
