import { z } from "zod";
import { call, reply } from "../../kit/call.ts";
import { text } from "../../kit/fields.ts";
import { orderId } from "../fields.ts";
import { callback, callbackExample, callbackStatus } from "./callback.ts";

export const listCallbacks = call({
  id: "listCallbacks",
  method: "get",
  path: "/v1/callbacks",
  scope: "merchant",
  summary: "Callbacks, the latest first",
  description:
    "Of the last 90 days; those that are pending by when they are due. Pages by `cursor`: a page may be short and still have one after it.",
  query: z.strictObject({
    status: callbackStatus.exactOptional(),
    order_id: orderId.exactOptional(),
    cursor: text(
      /^[A-Za-z0-9_-]{1,512}$/,
      "must be a cursor of the page before",
    ).exactOptional().meta({
      description: "`cursor` of the page before, with the same parameters",
    }),
  }),
  answers: {
    200: {
      says: "A page",
      schema: z.strictObject({
        callbacks: z.array(callback),
        cursor: z.string().exactOptional().meta({
          description: "Asks for the next page; absent on the last one",
        }),
      }).meta({ id: "Callbacks" }),
      example: {
        callbacks: [callbackExample],
        cursor: "MTc2OTg2MDgwMDEyMDpjYl83Yjlk",
      },
    },
  },
  handle: async ({ callbacks }, { caller, query }) =>
    reply(200, await callbacks.list(caller, query)),
});
