import { z } from "zod";
import { MOST_TOTALS_MS } from "../../../bill/bills.ts";
import { call, reply } from "../../kit/call.ts";
import { chosenId } from "../../kit/fields.ts";
import { moment } from "../fields.ts";
import { totalsExample, totalsRow } from "./totals.ts";

export const getTotals = call({
  id: "getTotals",
  method: "get",
  path: "/v1/totals",
  scope: "merchant",
  summary: "What was paid and given back in a span of time",
  description:
    "For a till at the end of its shift: count and sum of what was paid, reversed and refunded from `from` on and before `to`, at most 31 days. Payments under way are not counted.",
  query: z.strictObject({
    from: moment("From this time on"),
    to: moment("Before this time"),
    store_id: chosenId("Only this shop", "store-7").exactOptional(),
    terminal_id: chosenId("Only this till", "till-3").exactOptional(),
  }).refine(
    // If one of the two is not a time, only that is reported.
    ({ from, to }) => !(Date.parse(from) > Date.parse(to)),
    { path: ["to"], error: "must not be before from" },
  ).refine(
    ({ from, to }) => !(Date.parse(to) - Date.parse(from) > MOST_TOTALS_MS),
    { path: ["to"], error: "must be at most 31 days after from" },
  ),
  answers: {
    200: {
      says: "The totals: by currency, then by shop, then by till",
      schema: z.strictObject({ totals: z.array(totalsRow) })
        .meta({ id: "TotalsOfSpan" }),
      example: { totals: [totalsExample] },
    },
  },
  handle: async ({ bills }, { caller, query, stayOpen }) => {
    const { from, to, ...filter } = query;
    return reply(
      200,
      await bills.totals(caller, {
        ...filter,
        fromMs: Date.parse(from),
        toMs: Date.parse(to),
      }, stayOpen),
      (totals) => ({ totals }),
    );
  },
});
