import { z } from "zod";
import { call, reply } from "../../../kit/call.ts";
import { givenMadeId } from "../../../kit/fields.ts";
import { callbackStatus } from "../../callback/callback.ts";
import { listCallbacks } from "../../callback/list.ts";
import { replayCallback } from "../../callback/replay.ts";

export const listAdminCallbacks = call({
  id: "listAdminCallbacks",
  method: "get",
  path: "/v1/admin/callbacks",
  scope: "admin",
  summary: "Callbacks of a merchant, the latest first",
  description: listCallbacks.description!,
  query: z.strictObject({
    merchant_id: givenMadeId("mer", "The merchant"),
    status: callbackStatus.exactOptional(),
    cursor: listCallbacks.query!.shape.cursor,
  }),
  answers: listCallbacks.answers,
  async handle({ operatorDesk }, { query: { merchantId, ...query } }) {
    return reply(200, await operatorDesk.callbacks(merchantId, query));
  },
});

export const replayAdminCallback = call({
  id: "replayAdminCallback",
  method: "post",
  path: "/v1/admin/callbacks/{id}/replays",
  scope: "admin",
  summary: "Send a callback of a merchant again",
  description: replayCallback.description!,
  params: replayCallback.params!,
  answers: replayCallback.answers,
  problems: ["not-found"],
  handle: async ({ operatorDesk }, { params }) =>
    reply(202, await operatorDesk.replay(params.id)),
});
