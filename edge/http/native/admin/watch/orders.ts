import { z } from "zod";
import { call, reply } from "../../../kit/call.ts";
import { chosenId, givenMadeId, time } from "../../../kit/fields.ts";
import { STEPS } from "../../../../operator/life.ts";
import { callbackId, callbackType } from "../../callback/callback.ts";
import { accountId, amount, currency, orderId } from "../../fields.ts";
import {
  declineReason,
  paymentExample,
  paymentId,
  paymentStatus,
  waitsFor,
} from "../../merchant/payment.ts";
import { cellsSilent } from "../cells.ts";
import { merchantExample, merchantId } from "../merchants/merchant.ts";

const step = z.strictObject({
  at: time("When"),
  step: z.enum(STEPS).meta({
    description:
      "`accepted`: the code was accepted, and the payment written. `closed_unseen`: the order was closed before any payment of it was seen",
  }),
  payment_id: paymentId.exactOptional(),
  refund_id: z.string().exactOptional(),
  callback_id: callbackId.exactOptional(),
  amount_minor: amount(1, "Of a refund, in minor units").exactOptional(),
  reason: z.string().exactOptional().meta({
    description: "Why it was declined, or why a callback was given up",
  }),
  type: callbackType.exactOptional(),
  http_status: z.int().exactOptional().meta({
    description: "Of an attempt to deliver a callback",
    example: 204,
  }),
  error: z.string().exactOptional().meta({
    description: "Why an attempt had no answer",
  }),
  response: z.string().exactOptional().meta({
    description: "The first 1 kB of the merchant's answer, masked and escaped",
  }),
  duration_ms: z.number().min(0).exactOptional(),
}).meta({ id: "OrderStep" });

const cell = (whose: string) =>
  z.int().min(0).meta({
    description: `${whose}; absent where the store has one cell`,
    example: 12,
  });

export const findOrders = call({
  id: "findOrders",
  method: "get",
  path: "/v1/admin/orders",
  scope: "admin",
  summary: "Find an order by its id or by a payment, with its life",
  description:
    "With `order_id` alone the order is looked for at every merchant, which takes one read for a hundred of them; twenty orders are shown at most. The steps are what is stored of the order and of its callbacks, in the order of time.",
  query: z.strictObject({
    payment_id: givenMadeId("pay", "A payment of the order").exactOptional(),
    order_id: orderId.exactOptional(),
    merchant_id: givenMadeId("mer", "Only at this merchant").exactOptional(),
  }).refine(
    ({ payment_id, order_id, merchant_id }) =>
      payment_id === undefined
        ? order_id !== undefined
        : order_id === undefined && merchant_id === undefined,
    {
      path: ["order_id"],
      error: "must be there, with merchant_id or without, or payment_id alone",
    },
  ),
  answers: {
    200: {
      says: "The orders that were found; none is an empty list",
      schema: z.strictObject({
        orders: z.array(z.strictObject({
          merchant_id: merchantId,
          order_id: orderId,
          cell: cell("Of the order").exactOptional(),
          state: z.enum([
            ...["open", "paid", "declined", "reversing"] as const,
            ...["reversed", "refunded"] as const,
          ]),
          order_version: z.int().min(1),
          payments: z.array(z.strictObject({
            payment_id: paymentId,
            status: paymentStatus,
            amount_minor: amount(1, "In minor units"),
            currency,
            account_id: accountId,
            cell: cell("Of the customer").exactOptional(),
            payer: z.string().meta({
              description: "Pseudonym of the account at this merchant",
            }),
            confirmed: z.boolean().meta({
              description:
                "Whether the customer has confirmed it in the wallet",
            }),
            description: z.string().exactOptional(),
            store_id: chosenId("The shop", "store-7").exactOptional(),
            terminal_id: chosenId("The till", "till-3").exactOptional(),
            decline_reason: declineReason.exactOptional(),
            waits_for: waitsFor.exactOptional(),
            deadline_at: time("No debit is started after this").exactOptional(),
          })).meta({ description: "Oldest first; the last one decides" }),
          steps: z.array(step),
        })),
        cells_silent: cellsSilent,
      }).meta({ id: "FoundOrders" }),
      example: {
        orders: [{
          merchant_id: merchantExample.merchant_id,
          order_id: paymentExample.order_id,
          state: "paid",
          order_version: paymentExample.order_version,
          payments: [{
            payment_id: paymentExample.payment_id,
            status: "succeeded",
            amount_minor: 1250,
            currency: "EUR",
            account_id: "acct-1001",
            payer: paymentExample.payer,
            confirmed: false,
          }],
          steps: [{
            at: "2026-01-31T12:00:00.000Z",
            step: "accepted",
            payment_id: paymentExample.payment_id,
          }, {
            at: "2026-01-31T12:00:00.120Z",
            step: "succeeded",
            payment_id: paymentExample.payment_id,
          }],
        }],
      },
    },
  },
  handle: async ({ operatorDesk }, { query }) =>
    reply(200, await operatorDesk.findOrders(query)),
});
