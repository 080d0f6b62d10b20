import { z } from "zod";
import { call, reply } from "../../../kit/call.ts";
import { time } from "../../../kit/fields.ts";
import {
  endpointExample,
  endpointId,
  secret,
  secretExample,
} from "./endpoint.ts";

export const rotateCallbackSecret = call({
  id: "rotateCallbackSecret",
  method: "post",
  path: "/v1/callback-endpoint/rotations",
  scope: "merchant",
  summary: "Make a new secret",
  description:
    "For 24 hours every callback is signed with the new secret and with the one before it. Every earlier secret signs until the `previous_secret_until` that was answered for it, even if another rotation follows, for instance because an answer was lost. At most five secrets sign: a further rotation is refused with `too-many-attempts` until the first of them ends.",
  answers: {
    201: {
      says: "Rotated; the new secret is shown only this once",
      schema: z.strictObject({
        endpoint_id: endpointId,
        secret,
        previous_secret_until: time(
          "Until when the secret before it also signs",
        ),
      }).meta({ id: "CallbackSecretRotation" }),
      example: {
        endpoint_id: endpointExample.endpoint_id,
        secret: secretExample,
        previous_secret_until: "2026-02-01T12:00:00.000Z",
      },
    },
  },
  problems: ["not-found", "too-many-attempts"],
  handle: async ({ callbackEndpoints }, { caller }) =>
    reply(201, await callbackEndpoints.rotate(caller), (rotated) => ({
      endpointId: rotated.endpoint.endpointId,
      secret: rotated.secret,
      previousSecretUntil: rotated.endpoint.previousSecretUntil!,
    })),
});
