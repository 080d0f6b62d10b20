import { z } from "zod";
import { call, reply } from "../../../kit/call.ts";
import { displayName, OBJECT } from "../../../kit/fields.ts";
import { CREATED_KEY } from "./key.ts";

export const addReleaseKey = call({
  id: "addReleaseKey",
  method: "post",
  path: "/v1/admin/release-keys",
  scope: "admin",
  summary: "Make a key for those who release cores",
  description:
    "A release key uploads core releases and decides when edges use them; it sees no customer and no payment. An edge accepts a release by its signatures, which this key cannot make. Release keys are listed and ended together with the wallet's keys.",
  body: {
    schema: z.strictObject({ name: displayName }, OBJECT)
      .meta({ id: "CreateReleaseKeyRequest" }),
    example: { name: "Release desk" },
  },
  answers: { 201: CREATED_KEY },
  handle: async ({ apiKeys }, { body }) =>
    reply(201, await apiKeys.addToReleases(body.name)),
});
