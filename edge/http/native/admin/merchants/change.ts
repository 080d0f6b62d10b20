import { z } from "zod";
import { isRefusal } from "../../../../base/outcome.ts";
import { snakeNames } from "../../../../base/spelling.ts";
import { call, reply } from "../../../kit/call.ts";
import { OBJECT } from "../../../kit/fields.ts";
import {
  guessing,
  guessingExample,
  merchantBadCodes,
  merchantExample,
  merchantFields,
  merchantId,
  merchantStatus,
  viewGuessing,
  viewMerchant,
} from "./merchant.ts";

export const changeMerchant = call({
  id: "changeMerchant",
  method: "patch",
  path: "/v1/admin/merchants/{id}",
  scope: "admin",
  summary: "Suspend or reactivate a merchant, set its bad codes",
  description:
    "A suspended merchant cannot take new payments. Its orders can be asked for and reversed, a paid order that is sent again has its answer, and its calls about callbacks go on. `bad_codes` sets how many codes may be refused for each terminal and for the merchant; the answer says what that means at the present number of customers.",
  params: { id: merchantId },
  body: {
    schema: z.strictObject({
      status: merchantStatus.exactOptional(),
      bad_codes: z.strictObject({
        per_terminal_minute: merchantBadCodes.per_terminal_minute
          .exactOptional(),
        per_minute: merchantBadCodes.per_minute.exactOptional(),
        per_day: merchantBadCodes.per_day.exactOptional(),
      }, OBJECT).exactOptional(),
    }, OBJECT).refine(
      (change) => Object.keys(change).length > 0,
      "must have status or bad_codes",
    ).meta({ id: "ChangeMerchantRequest" }),
    example: {
      status: "suspended",
      bad_codes: { per_minute: 200, per_day: 2_000 },
    },
  },
  answers: {
    200: {
      says: "Changed",
      schema: z.strictObject({ ...merchantFields, ...guessing })
        .meta({ id: "Merchant" }),
      example: { ...merchantExample, status: "suspended", ...guessingExample },
    },
  },
  problems: ["not-found"],
  async handle({ merchants, guessing }, { params, body }) {
    const record = await merchants.change(params.id, snakeNames(body));
    if (isRefusal(record)) return record;
    return reply(200, {
      ...viewMerchant(record),
      ...viewGuessing(await guessing.describe(record)),
    });
  },
});
