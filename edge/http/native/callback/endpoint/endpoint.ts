/**
 * A callback endpoint as its merchant sees it. A secret is shown only in the answer of
 * the call that made it.
 *
 * @module
 */

import { z } from "zod";
import { madeId, time } from "../../../kit/fields.ts";
import { callbackUrl } from "./url.ts";

/** The id of an endpoint. */
export const endpointId = madeId("ep", "The endpoint");

/** A secret, in the answer of the call that made it. */
export const secret = z.string().meta({
  description:
    "Standard Webhooks secret; shown only this once, and stored sealed",
  example: "whsec_…",
});

/** An example of a secret. */
export const secretExample = "whsec_shown-once-and-stored-sealed";

/** The answer of the calls about an endpoint. */
export const endpoint = z.strictObject({
  endpoint_id: endpointId,
  url: callbackUrl,
  status: z.enum(["active", "disabled"]),
  disabled_reason: z.enum(["gone", "failing"]).exactOptional().meta({
    description:
      "`gone`: it answered 410. `failing`: nothing but failures for five days. PUT its URL again when it is back",
  }),
  failing_since: time("When the first of the failures in a row happened")
    .exactOptional(),
  previous_secret_until: time(
    "Until when the secret before the last rotation also signs",
  ).exactOptional(),
  created_at: time("When the endpoint was made"),
  updated_at: time("When the endpoint was last changed"),
}).meta({ id: "CallbackEndpoint" });

/** An example of an endpoint. */
export const endpointExample = {
  endpoint_id: "ep_3d5f7a9c1e0b2d4f6a8c0e2f4a6b8d0c",
  url: "https://shop.example/offcode",
  status: "active",
  created_at: "2026-01-31T11:00:00.000Z",
  updated_at: "2026-01-31T11:00:00.000Z",
};
