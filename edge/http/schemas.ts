/**
 * The shape of what merchants send and get, and of what everybody gets, once:
 * requests are checked with these schemas, and the OpenAPI document is made
 * from them. Administrators and wallets have files of their own.
 *
 * Objects are strict, so that a misspelled optional field is an error and not
 * silence. Every message begins with "must", because only such messages reach
 * a client; none of them holds input.
 *
 * @module
 */

import { z } from "zod";
import { PROBLEM_CODES } from "./kit/problem.ts";
import {
  amount,
  chosenId,
  code,
  currency,
  madeId,
  OBJECT,
  orderId,
  remark,
  text,
  time,
} from "./kit/fields.ts";

const terminalId = chosenId("The till", "till-3");

// Many tills send every field, and an empty text where one has no value.
const givenTerminalId = text(
  /^[!-~]{0,64}$/,
  "must be at most 64 printable ASCII characters without spaces",
).meta({
  description:
    "The till: at most 64 printable ASCII characters, no space; empty is as absent",
  example: "till-3",
});

const description = z.string().meta({
  description: "What the customer sees, on one line",
  maxLength: 200,
  example: "Two flat whites",
});

const givenDescription = remark(200).meta({
  description:
    "What the customer sees. Line breaks and other control characters become spaces, and what follows the first 200 characters is cut",
  example: "Two flat whites",
});

/** `POST /v1/payments` */
export const paymentRequest = z.strictObject({
  code,
  order_id: orderId,
  amount_minor: amount(1, "In minor units: 1250 is 12.50 EUR, or 1250 JPY"),
  currency,
  description: givenDescription.exactOptional(),
  terminal_id: givenTerminalId.exactOptional(),
}, OBJECT).meta({ id: "PaymentRequest" });

/** `POST /v1/reversals` */
export const reversalRequest = z.strictObject({ order_id: orderId }, OBJECT)
  .meta({ id: "ReversalRequest" });

/** 200 of `POST /v1/reversals` */
export const reversal = z.strictObject({
  order_id: orderId,
  status: z.literal("reversed"),
  payment_id: madeId("pay", "Absent where the order was never seen before")
    .exactOptional(),
}).meta({ id: "Reversal" });

/** `GET /v1/payments?order_id=` */
export const paymentQuery = z.strictObject({ order_id: orderId });

const bilingual = z.strictObject({
  en: z.string(),
  zh: z.string().meta({ description: "Simplified Chinese" }),
}).meta({ id: "Text", description: "For people, in two languages" });

const declineReason = z.string().meta({
  description: "Why the ledger or the customer said no",
  example: "insufficient_funds",
});

const paymentStatus = z.enum([
  "processing",
  "awaiting_confirmation",
  "succeeded",
  "declined",
  "reversing",
  "reversed",
]);

const waitsFor = z.enum(["ledger", "customer"]).meta({
  description:
    "Whose word a payment waits for that has not ended: the wallet's ledger, or the customer in the wallet app",
});

const nextQuerySeconds = z.int().min(1).meta({
  description: "Seconds until the order's state is worth asking for",
  example: 2,
});

/** 201 and 200 of the payment calls */
export const payment = z.strictObject({
  payment_id: madeId("pay", "The payment"),
  order_id: orderId,
  status: paymentStatus,
  amount_minor: amount(1, "In minor units"),
  currency,
  payer: z.string().meta({
    description: "Pseudonym of the account; differs from merchant to merchant",
  }),
  order_version: z.int().min(1).meta({
    description:
      "Rises with every change of the order; begins with the unix second in which the order was created",
    example: 1_769_860_801,
  }),
  repeat: z.literal(true).exactOptional().meta({
    description: "The order had ended before; nothing new was done",
  }),
  description: description.exactOptional(),
  terminal_id: terminalId.exactOptional(),
  decline_reason: declineReason.exactOptional(),
  waits_for: waitsFor.exactOptional(),
  next_query_seconds: nextQuerySeconds.exactOptional(),
  cashier: bilingual.exactOptional(),
  created_at: time("When the payment was first written"),
  updated_at: time("When it last changed"),
}).meta({ id: "Payment" });

/** Every answer that is not a success */
export const problemDocument = z.strictObject({
  type: z.string().meta({
    description: "`/problems/<code>` of this API",
    format: "uri-reference",
  }),
  title: z.string(),
  status: z.int().min(400).max(599),
  detail: z.string().meta({ description: "For a developer; never a value" }),
  instance: z.string().meta({ format: "uri-reference" }),
  code: z.enum(PROBLEM_CODES),
  retry: z.enum(["never", "same-order", "new-code", "query", "later"]),
  cashier: bilingual,
  customer: bilingual,
  next_query_seconds: nextQuerySeconds.exactOptional(),
  order_id: orderId.exactOptional(),
  payment_id: madeId("pay", "The payment").exactOptional(),
  decline_reason: declineReason.exactOptional(),
  payment_status: paymentStatus.exactOptional().meta({
    description: "Of a payment that has not ended; `status` is that of HTTP",
  }),
  waits_for: waitsFor.exactOptional(),
  paid_at: time("When an order that was paid earlier was paid")
    .exactOptional(),
  amount_minor: amount(1, "What was paid for it, in minor units")
    .exactOptional(),
  currency: currency.exactOptional(),
}).meta({ id: "Problem", description: "RFC 9457 problem document" });

/** 200 of `GET /healthz` */
export const health = z.strictObject({ status: z.literal("ok") }).meta({
  id: "Health",
});

/** 200 of `GET /readyz` */
export const readiness = z.strictObject({
  status: z.literal("ready"),
  checks: z.record(z.string(), z.literal("ok")).meta({
    example: { store: "ok", core: "ok", clock: "ok" },
  }),
  warnings: z.array(z.strictObject({
    code: z.enum([
      "store-evicts",
      "store-not-durable",
      "store-too-old",
      "store-settings-unknown",
    ]),
    detail: z.string(),
  })).exactOptional().meta({
    description:
      "What should be changed about the store, which serves all the same",
  }),
}).meta({ id: "Readiness" });
