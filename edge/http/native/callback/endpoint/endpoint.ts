/**
 * A callback endpoint as its merchant sees it. A secret is in the answer that
 * made it and in no other.
 *
 * @module
 */

import { z } from "zod";
import { madeId, time } from "../../../kit/fields.ts";
import { callbackUrl } from "./url.ts";

/** The id of an endpoint. */
export const endpointId = madeId("ep", "The endpoint");

/** A secret, in the answer that made it. */
export const secret = z.string().meta({
  description: "Standard Webhooks secret, shown once and stored sealed",
  example: "whsec_…",
});

/** An example of a secret. */
export const secretExample = "whsec_shown-once-and-stored-sealed";

/** What the calls about an endpoint answer. */
export const endpoint = z.strictObject({
  endpoint_id: endpointId,
  url: callbackUrl,
  status: z.enum(["active", "disabled"]),
  disabled_reason: z.enum(["gone", "failing"]).exactOptional().meta({
    description:
      "`gone`: it answered 410. `failing`: nothing but failures for five days. PUT its URL again when it is back",
  }),
  failing_since: time("Since when nothing but failures came back")
    .exactOptional(),
  previous_secret_until: time(
    "Until when the secret before the last rotation signs, too",
  ).exactOptional(),
  created_at: time("When it was made"),
  updated_at: time("When it was last changed"),
}).meta({ id: "CallbackEndpoint" });

/** An example of an endpoint. */
export const endpointExample = {
  endpoint_id: "ep_3d5f7a9c1e0b2d4f6a8c0e2f4a6b8d0c",
  url: "https://shop.example/offcode",
  status: "active",
  created_at: "2026-01-31T11:00:00.000Z",
  updated_at: "2026-01-31T11:00:00.000Z",
};
