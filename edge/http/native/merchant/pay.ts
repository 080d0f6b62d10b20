import { z } from "zod";
import { isRefusal } from "../../../base/outcome.ts";
import type { PaidBefore } from "../../../payment/answers.ts";
import { call, reply } from "../../kit/call.ts";
import { chosenId, OBJECT, remark, text } from "../../kit/fields.ts";
import type { Text } from "../../kit/problem.ts";
import { amount, code, currency, orderId } from "../fields.ts";
import { CODE_PROBLEMS, PAYMENT, payment, paymentExample } from "./payment.ts";

/**
 * The merchant's id of a place where it takes payments. Many tills send every field,
 * with an empty text if it has no value.
 */
function place(what: string, example: string) {
  return text(
    /^[!-~]{0,64}$/,
    "must be at most 64 printable ASCII characters without spaces",
  ).meta({
    description:
      `${what}: at most 64 printable ASCII characters, no space; an empty text counts as absent`,
    example,
  });
}

const PARTS = "must be an integer from 2 to 100";

/** 200 and 201 mean, and only mean, that goods may be handed over. */
export const pay = call({
  id: "pay",
  method: "post",
  path: "/v1/payments",
  scope: "merchant",
  summary: "Pay an order with a scanned code",
  description:
    "A paid order that is sent again answers the same payment with `repeat: true`, whatever the code. More than 24 hours after the payment the answer is `order-paid-earlier`: nothing is taken, and it says when and how much was paid. 402 is not a success: do not hand over the goods, and ask for the order after `next_query_seconds`; `waits_for` says who has to answer. `looks-like-double-scan` takes nothing: the same customer paid the same amount under another order in the last minute. Ask the customer, and if a second purchase is meant send the order again with `second_purchase: true`. A currency for which the server has no limits is refused.",
  body: {
    schema: z.strictObject({
      code,
      order_id: orderId,
      amount_minor: amount(1, "In minor units: 1250 is 12.50 EUR, or 1250 JPY"),
      currency,
      description: remark(200).meta({
        description:
          "Text that the customer sees. Line breaks and other control characters become spaces, and only the first 200 characters are kept",
        example: "Two flat whites",
      }).exactOptional(),
      store_id: place("Id of the shop", "store-7").exactOptional(),
      terminal_id: place("Id of the till", "till-3").exactOptional(),
      second_purchase: z.boolean("must be true or false").meta({
        description:
          "The cashier has asked the customer: this is no double scan of an earlier order of the same amount",
      }).exactOptional(),
      split: z.strictObject({
        of: chosenId("Your own name of the bill", "table-7-0114"),
        parts: z.int(PARTS).min(2, PARTS).max(100, PARTS).meta({
          description: "Into how many payments the bill is split",
          example: 2,
        }),
      }, OBJECT).meta({
        description:
          "One of several payments for one bill, each with an order id of its own: those of one customer are no double scans of each other",
      }).exactOptional(),
    }, OBJECT).meta({ id: "PaymentRequest" }),
    example: {
      code: "901004201234567890",
      order_id: "order-2026-000017",
      amount_minor: 1250,
      currency: "EUR",
      description: "Two flat whites",
      store_id: "store-7",
      terminal_id: "till-3",
    },
  },
  answers: {
    201: { says: "Paid now", ...PAYMENT },
    200: {
      says: "The order was paid before; nothing new was charged",
      schema: payment,
      example: {
        ...paymentExample,
        repeat: true,
        cashier: {
          en:
            "This order was already paid at 12:00 UTC. Take no further payment.",
          zh: "此订单已于 12:00（UTC）支付，请勿重复收款。",
        },
      },
    },
  },
  problems: [
    ...CODE_PROBLEMS,
    "limit-exceeded",
    "looks-like-double-scan",
    "merchant-suspended",
    "order-paid-earlier",
    "order-refunded",
    "payment-pending",
    "payment-declined",
    "payment-reversed",
  ],
  async handle({ payments }, { caller, body, isTooOld }) {
    const { storeId, terminalId, ...order } = body;
    const paid = await payments.pay(
      caller,
      {
        ...order,
        ...(storeId && { storeId }),
        ...(terminalId && { terminalId }),
      },
      isTooOld,
    );
    if (isRefusal(paid)) return paid;
    const { payment, before } = paid;
    return before === undefined
      ? reply(201, payment)
      : reply(200, { ...payment, cashier: alreadyPaid(before) });
  },
});

/** The text for the cashier when the order had been paid before. */
function alreadyPaid({ time, timeZone }: PaidBefore): Text {
  return {
    en:
      `This order was already paid at ${time} (${timeZone}). Take no further payment.`,
    zh: `此订单已于 ${time}（${timeZone}）支付，请勿重复收款。`,
  };
}
