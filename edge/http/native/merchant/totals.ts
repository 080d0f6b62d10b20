/**
 * Totals as merchants see them: in a bill, and of a span of time.
 *
 * @module
 */

import { z } from "zod";
import { chosenId } from "../../kit/fields.ts";
import { currency } from "../fields.ts";

const count = z.int().min(0);
const sum = z.int().min(0).meta({ description: "In minor units" });

/** A row of totals. */
export const totalsRow = z.strictObject({
  by: z.enum(["currency", "store", "terminal"]).meta({
    description:
      "What is added up: all of a currency, one shop, or one till of a shop. A shop or till without an id has a row, too; above 10 000 rows all others share one row, whose ids are `(all others)`",
  }),
  currency,
  store_id: chosenId("The shop", "store-7").exactOptional(),
  terminal_id: chosenId("The till", "till-3").exactOptional(),
  paid_count: count,
  paid_minor: sum,
  reversed_count: count,
  reversed_minor: sum,
  refunded_count: count,
  refunded_minor: sum,
  net_minor: z.int().meta({
    description:
      "Paid, less reversed and refunded, in minor units; below 0 if more was given back than paid",
  }),
}).meta({ id: "Totals" });

/** An example of {@linkcode totalsRow}. */
export const totalsExample = {
  by: "currency",
  currency: "EUR",
  paid_count: 2,
  paid_minor: 2_500,
  reversed_count: 0,
  reversed_minor: 0,
  refunded_count: 1,
  refunded_minor: 500,
  net_minor: 2_000,
};
