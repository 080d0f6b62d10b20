import { call, reply } from "../../kit/call.ts";
import { RELEASE, releaseId, STEP_REASONS } from "./release.ts";

export const shadowRelease = call({
  id: "shadowCoreRelease",
  method: "post",
  path: "/v1/core-releases/{id}/shadow",
  scope: "release",
  summary: "Compare a release with the active core",
  description:
    `From now on both cores answer every search on every edge, and the active one decides. One difference retires the release by itself. ${STEP_REASONS}`,
  params: { id: releaseId },
  answers: { 200: RELEASE },
  problems: ["not-found", "release-rejected"],
  handle: async ({ releases }, { caller, params }) =>
    reply(200, await releases.shadow(caller.keyId, params.id)),
});
