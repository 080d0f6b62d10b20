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
    "The list has the callbacks of the last 90 days; pending ones are listed by when they are due. A page may be short, or empty, and still have a `cursor`: ask for the next page until it is absent.",
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
          description: "Asks for the next page; absent on the last page",
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
