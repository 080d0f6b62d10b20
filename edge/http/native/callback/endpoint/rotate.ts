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
  summary: "A new secret",
  description:
    "For 24 hours every callback is signed with both secrets. Every earlier secret signs until the `previous_secret_until` that was told for it, also when another rotation follows, for instance because the answer was lost. Five secrets sign at most: a rotation beyond them is refused with `too-many-attempts` until the first of them ends.",
  answers: {
    201: {
      says: "Rotated; the new secret is shown this once",
      schema: z.strictObject({
        endpoint_id: endpointId,
        secret,
        previous_secret_until: time(
          "Until when the secret before it signs, too",
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
