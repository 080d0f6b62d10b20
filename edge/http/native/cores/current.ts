import { z } from "zod";
import { call } from "../../kit/call.ts";
import { isRefusal } from "../../../base/outcome.ts";

/**
 * A wallet may keep the manifest for this long, so a roll-back reaches every
 * wallet within this time.
 */
const SHORT_CACHE = { "cache-control": "public, max-age=60" };

export const currentCore = call({
  id: "currentCore",
  method: "get",
  path: "/v1/cores/current",
  summary: "The signed manifest of the core that serves",
  description:
    "A JWS in its general JSON form. A wallet checks the signatures with the keys in its app, and takes the binary that the manifest names only if the version is newer than its own, hash and size are right, and the core gives the known answers. Not found while no core release is active: wallets then use the core that they have.",
  answers: {
    200: {
      says: "The manifest; it may be cached for a minute",
      isForeign: true,
      schema: z.strictObject({
        payload: z.string().meta({
          description: "The manifest's JSON in base64url",
        }),
        signatures: z.array(z.strictObject({
          protected: z.string(),
          signature: z.string(),
        })),
      }).meta({ id: "SignedManifest" }),
      example: {
        payload: "eyJ2ZXJzaW9uIjoyLC4uLn0",
        signatures: [{
          protected: "eyJhbGciOiJFZDI1NTE5IiwuLi59",
          signature: "c2lnbmF0dXJl",
        }],
      },
    },
  },
  problems: ["not-found", "store-unavailable"],
  async handle({ publishedCores }) {
    const signed = await publishedCores.current();
    return isRefusal(signed)
      ? signed
      : { status: 200 as const, body: signed, headers: SHORT_CACHE };
  },
});
