import { call, reply } from "../../kit/call.ts";
import { RELEASE, releaseId } from "./release.ts";

export const getRelease = call({
  id: "getCoreRelease",
  method: "get",
  path: "/v1/core-releases/{id}",
  scope: "release",
  summary: "A core release, with what was counted in shadow",
  params: { id: releaseId },
  answers: { 200: RELEASE },
  problems: ["not-found"],
  handle: async ({ releases }, { params }) =>
    reply(200, await releases.get(params.id)),
});
