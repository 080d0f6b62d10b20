import { call, reply } from "../../kit/call.ts";
import { RELEASE, releaseId, STEP_REASONS } from "./release.ts";

export const retireRelease = call({
  id: "retireCoreRelease",
  method: "post",
  path: "/v1/core-releases/{id}/retire",
  scope: "release",
  summary: "Take a release out of use",
  description:
    `The release is out of use for ever: no roll-back goes back to it. The active release cannot be retired; roll back first. ${STEP_REASONS}`,
  params: { id: releaseId },
  answers: { 200: RELEASE },
  problems: ["not-found", "release-rejected"],
  handle: async ({ releases }, { caller, params }) =>
    reply(200, await releases.retire(caller.keyId, params.id)),
});
