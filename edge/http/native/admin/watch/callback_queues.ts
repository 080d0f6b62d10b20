import { z } from "zod";
import { call, reply } from "../../../kit/call.ts";
import { time } from "../../../kit/fields.ts";
import { MOST_COUNTED } from "../../../../operator/callback_queues.ts";
import { cellsSilent } from "../cells.ts";
import { merchantExample, merchantId } from "../merchants/merchant.ts";

const count = (what: string) =>
  z.int().min(0).max(MOST_COUNTED).meta({
    description: `${what}; counted up to ${MOST_COUNTED}`,
    example: 3,
  });

export const listCallbackQueues = call({
  id: "listCallbackQueues",
  method: "get",
  path: "/v1/admin/callback-queues",
  scope: "admin",
  summary: "The merchants' queues of callbacks",
  description:
    "A page is about a hundred merchants, oldest first; those that have neither an endpoint nor a callback in a queue are left out, so that a page may be empty. Ask for the next page with `cursor`, until it is absent.",
  query: z.strictObject({
    cursor: z.string().exactOptional().meta({
      description: "`cursor` of the page before",
    }),
  }),
  answers: {
    200: {
      says: "A page",
      schema: z.strictObject({
        queues: z.array(z.strictObject({
          merchant_id: merchantId,
          endpoint: z.enum(["active", "disabled"]).exactOptional().meta({
            description: "Absent: the merchant has no endpoint",
          }),
          url: z.string().exactOptional(),
          breaker: z.enum(["closed", "open"]).meta({
            description:
              "`open`: five attempts in a row have failed, and single probes go out until one succeeds",
          }),
          next_probe_at: time("When the next probe may go out").exactOptional(),
          failing_since: time("Since when every attempt has failed")
            .exactOptional(),
          waiting: count("Callbacks that wait"),
          due_at: time("When the first of them is due").exactOptional(),
          dead: count("Callbacks that were given up"),
        })),
        cursor: z.string().exactOptional().meta({
          description: "Asks for the next page; absent on the last page",
        }),
        cells_silent: cellsSilent,
      }).meta({ id: "CallbackQueues" }),
      example: {
        queues: [{
          merchant_id: merchantExample.merchant_id,
          endpoint: "active",
          url: "https://shop.example/offcode",
          breaker: "open",
          next_probe_at: "2026-01-31T12:00:10.000Z",
          failing_since: "2026-01-31T11:58:00.000Z",
          waiting: 12,
          due_at: "2026-01-31T11:58:00.000Z",
          dead: 0,
        }],
      },
    },
  },
  handle: async ({ operatorDesk }, { query }) =>
    reply(200, await operatorDesk.callbackQueues(query.cursor)),
});
