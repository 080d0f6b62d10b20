import { z } from "zod";
import { isRefusal } from "../../../base/outcome.ts";
import type { BillForm } from "../../../bill/bill_text.ts";
import { call } from "../../kit/call.ts";
import { chosenId, text, time } from "../../kit/fields.ts";
import { amount, currency, orderId } from "../fields.ts";
import { paymentExample, paymentId } from "./payment.ts";
import { refundId } from "./refund.ts";
import { totalsExample, totalsRow } from "./totals.ts";

const JSON_TYPE = "application/json";
const CSV_TYPE = "text/csv";

const billSchema = z.strictObject({
  day: z.iso.date().meta({ example: "2026-01-31" }),
  time_zone: z.string().meta({ example: "Europe/Berlin" }),
  from: time("When the day began"),
  to: time("When it ended: the first moment of the next day"),
  closed: z.boolean().meta({
    description: "Whether the bill will not change any more",
  }),
  lines: z.array(
    z.strictObject({
      line: z.enum(["payment", "reversal", "refund"]),
      at: time("When it was committed"),
      payment_id: paymentId,
      order_id: orderId,
      refund_id: refundId.exactOptional(),
      store_id: chosenId("The shop", "store-7").exactOptional(),
      terminal_id: chosenId("The till", "till-3").exactOptional(),
      currency,
      amount_minor: amount(1, "In minor units, never below 0"),
    }).meta({ id: "BillLine" }),
  ).meta({ description: "The latest first" }),
  totals: z.array(totalsRow),
}).meta({ id: "Bill" });

const CSV_EXAMPLE =
  "line,at,payment_id,order_id,refund_id,store_id,terminal_id,currency,amount_minor,paid_count,paid_minor,reversed_count,reversed_minor,refunded_count,refunded_minor,net_minor\r\n" +
  `payment,2026-01-31T12:00:00.120Z,${paymentExample.payment_id},order-2026-000017,,store-7,till-3,EUR,1250,,,,,,,\r\n` +
  "total by currency,,,,,,,EUR,,1,1250,0,0,0,0,1250\r\n" +
  "closed,2026-02-01T00:00:00.000Z,,,,,,,,,,,,,,\r\n";

export const getBill = call({
  id: "getBill",
  method: "get",
  path: "/v1/bills/{day}",
  scope: "merchant",
  summary: "The bill of a day",
  description:
    "Every payment, reversal and refund of one day in the merchant's time zone, one line each, the latest first, then totals by currency, shop and till. A reversal or a refund is in the bill of its own day. A payment that was never paid has no line: neither one that was declined, nor one that was reversed before the wallet's ledger had answered.\n\nA day closes 15 minutes after it has ended. The bill of a closed day is the same bytes for as long as it is kept (`OFFCODE_RECORD_DAYS`, 400 unless the operator chose otherwise): `repr-digest` has the SHA-256 of the bytes (RFC 9530). `offcode-bill` is `closed` or `open`, and `offcode-mode` is the mode, `test` or `live`.\n\n`Accept: text/csv` asks for CSV (RFC 4180): the columns are those of the example, and the last row is `closed` or `open`, so a file without it was cut off. An apostrophe stands before each text that a spreadsheet would take for a formula. An answer that fails while it is sent ends early: ask again.",
  params: {
    day: text(
      /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/,
      "must be a day such as 2026-01-31",
    )
      .meta({ description: "The day", example: "2026-01-31" }),
  },
  headers: { accept: z.string().optional() },
  answers: {
    200: {
      says: "The bill",
      type: JSON_TYPE,
      schema: billSchema,
      example: {
        day: "2026-01-31",
        time_zone: "Europe/Berlin",
        from: "2026-01-30T23:00:00.000Z",
        to: "2026-01-31T23:00:00.000Z",
        closed: true,
        lines: [{
          line: "payment",
          at: "2026-01-31T12:00:00.120Z",
          payment_id: paymentExample.payment_id,
          order_id: "order-2026-000017",
          store_id: "store-7",
          terminal_id: "till-3",
          currency: "EUR",
          amount_minor: 1250,
        }],
        totals: [totalsExample],
      },
      or: { type: CSV_TYPE, example: CSV_EXAMPLE },
    },
  },
  problems: ["not-found", "clock-unsure"],
  async handle({ bills, mode }, { caller, params, headers, stayOpen }) {
    const form = formOf(headers.accept ?? "");
    const bill = await bills.bill(caller, params.day, form, stayOpen);
    if (isRefusal(bill)) return bill;
    return {
      status: 200 as const,
      body: ReadableStream.from(bill.text())
        .pipeThrough(new TextEncoderStream()),
      headers: {
        "content-type": form === "csv"
          ? `${CSV_TYPE}; charset=utf-8; header=present`
          : JSON_TYPE,
        "vary": "accept",
        // The bytes of a closed bill never change, so the mode is in a header
        // and not in the bill.
        "offcode-mode": mode,
        "offcode-bill": bill.head.isClosed ? "closed" : "open",
        ...(bill.sha256 !== undefined &&
          { "repr-digest": `sha-256=:${bill.sha256}:` }),
      },
    };
  },
});

/** The form that a client would rather have (RFC 9110 §12.5.1); JSON if it does not say. */
function formOf(accept: string): BillForm {
  const weightOf = (type: string) => {
    const weights = accept.toLowerCase().split(",").map((range) => {
      const [name = "", ...parameters] = range.split(";")
        .map((part) => part.trim());
      const weight = parameters.find((it) => it.startsWith("q="))?.slice(2);
      return name === type ? Number(weight ?? 1) : 0;
    });
    return Math.max(...weights);
  };
  return weightOf(CSV_TYPE) > weightOf(JSON_TYPE) ? "csv" : "json";
}
