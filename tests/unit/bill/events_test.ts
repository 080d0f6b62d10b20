import { assert, assertEquals } from "@std/assert";
import {
  createEventConsequence,
  events,
  readEvent,
} from "../../../edge/bill/events.ts";
import type { PaymentEnd } from "../../../edge/payment/consequence.ts";
import type { PaymentRecord } from "../../../edge/payment/record.ts";
import { orderName } from "../../../edge/payment/payment_id.ts";
import { latestFirst } from "../../../edge/store/keys.ts";
import { openEngine } from "../../support/world/model/engine_bench.ts";
import { NOON_MS } from "../../support/world/app.ts";

const { payment: BENCH } = await openEngine().put({
  status: "processing",
  endsAs: undefined,
});
const MERCHANT = BENCH.merchant_id;

/** A payment of the order, with a tail of 44 random bits. */
const payment = (
  more: Partial<PaymentRecord> = {},
  orderId = "order-2026-000017",
): PaymentRecord => ({
  ...BENCH,
  order_id: orderId,
  payment_id: `pay_${orderName(MERCHANT, orderId)}000008d1f3a5c7e9`,
  amount_minor: 1250,
  ...more,
});

const refund = (status: "succeeded" | "declined") => ({
  refund_id: "refund-3",
  amount_minor: 500,
  status,
  order_version: 9,
  created_ms: NOON_MS,
  updated_ms: NOON_MS,
});

/** The member that an end writes, or `null`. */
function memberOf(end: Omit<PaymentEnd, "nowMs">): string | null {
  const { writes } = createEventConsequence()
    .plan({ ...end, nowMs: NOON_MS }, [null]);
  const [write, ...more] = writes;
  assertEquals(more, []);
  if (write === undefined) return null;
  assert(write.kind === "index" && write.index === events(MERCHANT).name);
  assertEquals(write.score, latestFirst(NOON_MS));
  return write.member;
}

Deno.test("an end writes one event, of the kind that it is to the merchant, or none", () => {
  const processing = payment();
  const reversing = payment({ status: "reversing", ends_as: "reversed" });
  const paid = { paid_ms: NOON_MS - 1 };
  const cases: [PaymentRecord, PaymentRecord, string | null][] = [
    [processing, payment({ status: "succeeded" }), "paid"],
    [processing, payment({ status: "declined" }), "declined"],
    [reversing, payment({ status: "declined" }), "declined"],
    [reversing, payment({ status: "reversed" }), "voided"],
    [
      payment({ ...reversing, ...paid }),
      payment({ status: "reversed", ...paid }),
      "reversed",
    ],
    // It is listed already, and no money has moved.
    [payment({ status: "declined" }), payment({ status: "reversed" }), null],
  ];
  for (const [before, after, expected] of cases) {
    const member = memberOf({ before, after });
    const kind = member &&
      readEvent(MERCHANT, { score: latestFirst(NOON_MS), member }).kind;
    assertEquals(kind, expected, `${before.status} ${after.status}`);
  }
  const after = payment({ status: "succeeded" });
  for (
    const [status, kind] of [["succeeded", "f"], ["declined", null]] as const
  ) {
    const member = memberOf({ before: after, after, refund: refund(status) });
    assertEquals(member?.[0] ?? null, kind);
  }
});

Deno.test("an event is read as it was written, whatever the ids are", () => {
  const ids = ["x", "=1+1", '"a,b;c"', "~".repeat(64)];
  const currencies = ["EUR", "JPY", "KWD"];
  for (const [i, orderId] of ids.entries()) {
    for (const amount_minor of [1, 1250, 999_999_999_999]) {
      for (const [storeId, terminalId] of [[], ["s"], [, "t"], ["s", "t"]]) {
        const currency = currencies[i % 3]!;
        const after = payment({
          ...{ status: "succeeded", amount_minor, currency },
          ...(storeId !== undefined && { store_id: storeId }),
          ...(terminalId !== undefined && { terminal_id: terminalId }),
        }, orderId);
        const shared = {
          atMs: NOON_MS,
          paymentId: after.payment_id,
          orderId,
          ...(storeId !== undefined && { storeId }),
          ...(terminalId !== undefined && { terminalId }),
          currency,
        };
        const score = latestFirst(NOON_MS);
        assertEquals(
          readEvent(MERCHANT, {
            score,
            member: memberOf({ before: payment(), after })!,
          }),
          { ...shared, kind: "paid", amountMinor: amount_minor },
        );
        const given = { ...refund("succeeded"), refund_id: orderId };
        assertEquals(
          readEvent(MERCHANT, {
            score,
            member: memberOf({ before: after, after, refund: given })!,
          }),
          { ...shared, kind: "refunded", refundId: orderId, amountMinor: 500 },
        );
      }
    }
  }
});

Deno.test("the events of one order differ, and the same event is the same member", () => {
  const tails = ["000008d1f3a5c7e9", "0000000000000001", "ffffffffffffffff"];
  const members = tails.flatMap((tail) => {
    const after = payment({
      status: "succeeded",
      payment_id: payment().payment_id.slice(0, -16) + tail,
    });
    const end = { before: payment(), after };
    assertEquals(memberOf(end), memberOf(end));
    const { paymentId } = readEvent(MERCHANT, {
      score: latestFirst(NOON_MS),
      member: memberOf(end)!,
    });
    assertEquals(paymentId, after.payment_id);
    return [
      memberOf(end),
      memberOf({ ...end, refund: refund("succeeded") }),
      memberOf({
        ...end,
        refund: { ...refund("succeeded"), refund_id: "refund-4" },
      }),
    ];
  });
  assertEquals(new Set(members).size, members.length);
  assertEquals(members[0], "pEURI0fOlx-k yq order-2026-000017");
});

Deno.test("an event is never in a bill that is closed", () => {
  const end = {
    before: payment(),
    after: payment({ status: "succeeded" }),
    nowMs: NOON_MS,
  };
  const at = (closed: string | null) => {
    const { writes, checks } = createEventConsequence().plan(end, [closed]);
    const [write] = writes;
    assert(write?.kind === "index" && checks.length === 1);
    return [latestFirst(write.score) - NOON_MS, checks[0]!.kind];
  };
  assertEquals(at(null), [0, "absent"]);
  assertEquals(at(`${NOON_MS - 1}`), [0, "equals"]);
  assertEquals(at(`${NOON_MS + 60_000}`), [60_000, "equals"]);
});
