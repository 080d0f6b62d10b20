import { assertEquals } from "@std/assert";
import { describeTaken } from "../../../../scripts/till/inbox.ts";

const payment = {
  payment_id: "pay_1",
  order_id: "order-1",
  order_version: 2,
  status: "succeeded",
  amount_minor: 1250,
  currency: "EUR",
};
const timestamp = "2026-01-15T12:00:00.000Z";
const event = (type: string, more = {}) => ({
  id: "cb_1",
  type,
  timestamp,
  ...more,
});

Deno.test("describeTaken() says what happened in one line", () => {
  const declined = { ...payment, decline_reason: "insufficient_funds" };
  assertEquals(
    [
      { kind: "new", event: event("payment.succeeded", { payment }) },
      { kind: "new", event: event("payment.declined", { payment: declined }) },
      { kind: "repeat", event: event("payment.reversed", { payment }) },
      { kind: "outdated", event: event("payment.succeeded", { payment }) },
      { kind: "new", event: event("endpoint.test") },
      { kind: "new", event: event("payment.forgiven") },
      { kind: "refused" },
    ].map((taken) =>
      describeTaken(taken as Parameters<typeof describeTaken>[0])
    ),
    [
      "paid       order-1  12.50 EUR  version 2",
      "declined   order-1  12.50 EUR  insufficient_funds  version 2",
      "reversed   order-1  12.50 EUR  version 2  (came before, ignored)",
      "paid       order-1  12.50 EUR  version 2  (overtaken, ignored)",
      "test       cb_1",
      "payment.forgiven  cb_1",
      "refused    not signed with this shop's secret, or not lately",
    ],
  );
});

Deno.test("describeTaken() shows the decimals of ISO 4217", () => {
  const said = ["JPY", "KWD", "IQD"].map((currency) =>
    describeTaken({
      kind: "new",
      event: event("payment.succeeded", { payment: { ...payment, currency } }),
    }).split("  ").at(-2)
  );
  assertEquals(said, ["1250 JPY", "1.250 KWD", "1.250 IQD"]);
});
