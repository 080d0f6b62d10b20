import { z } from "zod";
import { call, reply } from "../../kit/call.ts";
import { time } from "../../kit/fields.ts";
import { release, releaseExample, releaseId } from "./release.ts";

export const listReleases = call({
  id: "listCoreReleases",
  method: "get",
  path: "/v1/core-releases",
  scope: "release",
  summary: "All core releases, and who did what to them",
  answers: {
    200: {
      says: "The releases, oldest first",
      schema: z.strictObject({
        releases: z.array(release),
        history: z.array(z.strictObject({
          action: z.enum([
            "upload",
            "shadow",
            "activate",
            "retire",
            "rollback",
          ]),
          release_id: releaseId.nullable().meta({
            description:
              "The release; for a roll-back, the one that it went back to. `null` is the core that edges are built with",
          }),
          at: time("When"),
          by: z.string().meta({
            description:
              "Id of the release key, or `edge` where a difference retired it",
            example: "key_3c5e7a9b1d2f4a6c8e0b2d4f6a8c0e1d",
          }),
        })).meta({ description: "The latest hundred, oldest first" }),
      }).meta({ id: "CoreReleases" }),
      example: {
        releases: [releaseExample],
        history: [{
          action: "shadow",
          release_id: releaseExample.release_id,
          at: "2026-01-31T12:05:00.000Z",
          by: "key_3c5e7a9b1d2f4a6c8e0b2d4f6a8c0e1d",
        }],
      },
    },
  },
  handle: async ({ releases }) =>
    reply(200, await releases.list(), ({ releases, history }) => ({
      releases,
      history: history.map(({ release_id: releaseId, ...event }) => ({
        ...event,
        releaseId,
      })),
    })),
});
