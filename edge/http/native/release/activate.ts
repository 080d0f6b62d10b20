import { call, reply } from "../../kit/call.ts";
import { RELEASE, releaseId, STEP_REASONS } from "./release.ts";

export const activateRelease = call({
  id: "activateCoreRelease",
  method: "post",
  path: "/v1/core-releases/{id}/activate",
  scope: "release",
  summary: "Make a release the active one",
  description:
    `Every edge uses it within five seconds, and no request waits for that. A release that was left by a roll-back can be activated again without another time in shadow, unless a newer one was active since. ${STEP_REASONS}`,
  params: { id: releaseId },
  answers: { 200: RELEASE },
  problems: ["not-found", "release-rejected"],
  handle: async ({ releases }, { caller, params }) =>
    reply(200, await releases.activate(caller.keyId, params.id)),
});
