import { z } from "zod";
import { call, reply } from "../../kit/call.ts";
import { givenMadeId, OBJECT } from "../../kit/fields.ts";
import { RELEASE } from "./release.ts";

export const rollbackRelease = call({
  id: "rollbackCoreRelease",
  method: "post",
  path: "/v1/core-releases/rollback",
  scope: "release",
  summary: "Go back to the core before the active one",
  description:
    "Every edge uses that one within five seconds, and no request waits for that. With `release_id` the call can be repeated after a lost answer: it leaves that release and no other. The roll-back is refused if the earlier core lacks a served profile, because codes of that profile could not be accepted. A refusal says why in `reason`: `nothing-before`, `not-active` or `profiles`.",
  body: {
    optional: true,
    schema: z.strictObject({
      release_id: givenMadeId("core", "The active release, which is to be left")
        .exactOptional(),
    }, OBJECT).meta({ id: "CoreRollbackRequest" }),
    example: { release_id: "core_9f2c4e6a8b0d1f3a5c7e9b1d3f5a7c9e" },
  },
  answers: { 200: { ...RELEASE, says: "The release that was left" } },
  problems: ["not-found", "release-rejected"],
  handle: async ({ releases }, { caller, body }) =>
    reply(200, await releases.rollback(caller.keyId, body.releaseId)),
});
