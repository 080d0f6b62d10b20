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
    "It uploads core releases and has edges use them; it sees no customer and no payment. Which releases an edge takes is decided by signatures that this key cannot make. It is listed and ended with the wallet's keys.",
  body: {
    schema: z.strictObject({ name: displayName }, OBJECT)
      .meta({ id: "CreateReleaseKeyRequest" }),
    example: { name: "Release desk" },
  },
  answers: { 201: CREATED_KEY },
  handle: async ({ apiKeys }, { body }) =>
    reply(201, await apiKeys.addToReleases(body.name)),
});
