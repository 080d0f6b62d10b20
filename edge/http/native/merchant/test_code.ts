import { z } from "zod";
import { TEST_CASE_NAMES, testTable } from "../../../ledger/test_answers.ts";
import { call, reply } from "../../kit/call.ts";
import { OBJECT } from "../../kit/fields.ts";
import { amount, code, currency, orderId } from "../fields.ts";

const name = z.enum(
  TEST_CASE_NAMES,
  `must be one of ${TEST_CASE_NAMES.join(", ")}`,
).meta({
  id: "TestCase",
  description: "A case of the table of test answers",
  example: "approved",
});

export const makeTestCode = call({
  id: "makeTestCode",
  method: "post",
  path: "/v1/sandbox/codes",
  scope: "merchant",
  needs: "testCodes",
  summary: "A fresh code for a case of the test answers",
  description:
    `Send \`code\`, \`order_id\`, \`amount_minor\` and \`currency\` to \`pay\`, within a minute, and see what a till gets in this case. Each code has a customer of its own. An answer is its status, then \`code\`, \`status\` or \`repeat\`, then the reason or whom it waits for.\n\n${testTable()}`,
  body: {
    schema: z.strictObject({ case: name }, OBJECT).meta({
      id: "TestCodeRequest",
    }),
    example: { case: "approved" },
  },
  answers: {
    201: {
      says: "What to send",
      schema: z.strictObject({
        case: name,
        code,
        order_id: orderId,
        amount_minor: amount(1, "In minor units"),
        currency,
      }).meta({ id: "TestCode" }),
      example: {
        case: "approved",
        code: "900004201234567890",
        order_id: "sandbox-1f3a5c7e9b1d3f5a",
        amount_minor: 1250,
        currency: "EUR",
      },
    },
  },
  problems: ["not-found"],
  handle: async ({ testCodes }, { caller, body }) =>
    reply(201, await testCodes!.issue(caller, body.case)),
});
