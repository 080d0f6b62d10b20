import { z } from "zod";
import { call, reply } from "../../kit/call.ts";

export const listProfiles = call({
  id: "listProfiles",
  method: "get",
  path: "/v1/admin/profiles",
  scope: "admin",
  summary: "The profiles that are served, with their live credentials",
  description:
    "A credential counts for the profile of its newest seed until the end of the day on which it expires. A start is refused while a profile that is not served has any.",
  answers: {
    200: {
      says: "The profiles by their digits",
      schema: z.strictObject({
        profiles: z.array(z.strictObject({
          profile: z.int().min(1).max(9).meta({
            description: "The digit that names it in a code",
          }),
          state: z.enum(["enrols", "served", "missing"]).meta({
            description:
              "`enrols`: new enrolments and renewals get it. `missing`: it is not served, and codes of these customers are refused",
          }),
          live_credentials: z.int().min(0).meta({ format: "int64" }),
        })),
      }).meta({ id: "Profiles" }),
      example: {
        profiles: [
          { profile: 1, state: "served", live_credentials: 250_000 },
          { profile: 2, state: "enrols", live_credentials: 750_000 },
        ],
      },
    },
  },
  handle: async ({ profiles }) =>
    reply(200, await profiles.count(), (uses) => ({
      profiles: uses.map(({ digit, state, credentials }) => ({
        profile: digit,
        state,
        liveCredentials: credentials,
      })),
    })),
});
