import { z } from "zod";
import { call, reply } from "../../kit/call.ts";
import { OBJECT, text } from "../../kit/fields.ts";
import { credentialId } from "./enrolment.ts";
import { deviceKey, deviceKeyExample, NEW_ENROLMENT } from "./new_enrolment.ts";

export const renewEnrolment = call({
  id: "renewEnrolment",
  method: "post",
  path: "/v1/enrolments/{id}/renewals",
  scope: "wallet",
  summary: "Give a credential a new seed",
  description:
    "The old seed stays valid until the first code of the new one is accepted, for 24 hours at most; limits and their use are kept. Another renewal before that code replaces this one. An expired credential can be renewed for 30 days. After a lost answer repeat the call with the same header `idempotency-key`: it answers the same seed again, sealed anew, and only for the same `device_key`. A refusal says why in `reason`: `revoked`, `expired`, `superseded` by a later renewal, or `other-device-key`.",
  params: { id: credentialId },
  headers: {
    "idempotency-key": text(
      /^[!-~]{1,255}$/,
      "must be 1 to 255 printable ASCII characters without spaces",
    ).optional().meta({
      description:
        "The wallet's own id of this renewal: a repeat with it answers the same seed again",
      example: "renewal-0017",
    }),
  },
  body: {
    schema: z.strictObject({
      device_key: deviceKey.exactOptional().meta({
        description: "Only if the device key has changed",
      }),
    }, OBJECT).meta({ id: "RenewalRequest" }),
    example: { device_key: deviceKeyExample },
    optional: true,
  },
  answers: { 201: { says: "Renewed", ...NEW_ENROLMENT } },
  problems: ["not-found", "renewal-refused"],
  handle: async ({ renewals }, { caller, params, headers, body }) => {
    const idempotencyKey = headers["idempotency-key"];
    return reply(
      201,
      await renewals.renew({
        ...body,
        credentialId: params.id,
        ...(idempotencyKey !== undefined && { idempotencyKey }),
        by: caller.walletSystem,
      }),
    );
  },
});
