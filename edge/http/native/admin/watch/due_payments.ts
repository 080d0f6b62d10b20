import { z } from "zod";
import { call, reply } from "../../../kit/call.ts";
import { time } from "../../../kit/fields.ts";
import { cellsSilent } from "../cells.ts";
import { amount, currency, orderId } from "../../fields.ts";
import {
  paymentExample,
  paymentId,
  paymentStatus,
} from "../../merchant/payment.ts";
import { merchantExample, merchantId } from "../merchants/merchant.ts";

export const listDuePayments = call({
  id: "listDuePayments",
  method: "get",
  path: "/v1/admin/due-payments",
  scope: "admin",
  summary: "Payments under way, those that are due first",
  description:
    "A hundred at most. A payment is due when its ledger is to be asked again, or when it is to be ended; if it stays due, the ledger does not answer, or no edge finishes it.",
  answers: {
    200: {
      says: "The payments",
      schema: z.strictObject({
        payments: z.array(z.strictObject({
          payment_id: paymentId,
          merchant_id: merchantId,
          order_id: orderId,
          status: paymentStatus,
          amount_minor: amount(1, "In minor units"),
          currency,
          due_at: time("When an edge looks at it next"),
          created_at: time("When it was first written"),
        })),
        cells_silent: cellsSilent,
      }).meta({ id: "DuePayments" }),
      example: {
        payments: [{
          payment_id: paymentExample.payment_id,
          merchant_id: merchantExample.merchant_id,
          order_id: paymentExample.order_id,
          status: "processing",
          amount_minor: 1250,
          currency: "EUR",
          due_at: "2026-01-31T12:00:10.000Z",
          created_at: "2026-01-31T12:00:00.000Z",
        }],
      },
    },
  },
  handle: async ({ operatorDesk }) =>
    reply(200, await operatorDesk.duePayments()),
});
