import { assertEquals } from "@std/assert";
import {
  type Assumptions,
  type ClaimStep,
  planClaim,
} from "../../../edge/payment/claim.ts";
import { joinConsequences } from "../../../edge/payment/consequence.ts";
import { orderName } from "../../../edge/payment/payment_id.ts";
import type { OrderRecord } from "../../../edge/payment/record.ts";
import { RECOVER_AFTER_MS } from "../../../edge/payment/transition.ts";
import { DEFAULT_SETTINGS } from "../../../edge/settings.ts";
import {
  confirmationsKey,
  DUE_ORDERS_KEY,
  merchantKey,
  orderKey,
  twinKey,
} from "../../../edge/store/keys.ts";
import { NOON_MS } from "../../support/app.ts";

const { limits, times } = DEFAULT_SETTINGS;
const MERCHANT = "{}";
const NAME = orderName("mer_1", "order-1");
const ID = `pay_${NAME}${"0".repeat(16)}`;

/** A claim of 12.50 with an offline code, unless said otherwise. */
function claimOf(
  assumed: Partial<Assumptions> = {},
  more: { amountMinor?: number; twinGuardMs?: number } = {},
) {
  const { amountMinor = 1_250, twinGuardMs = 60_000 } = more;
  return planClaim({
    request: { code: "-", orderId: "order-1", amountMinor, currency: "EUR" },
    assumptions: {
      caller: {
        scope: "merchant",
        keyHash: "k",
        keyId: "key_1",
        merchant: {
          raw: MERCHANT,
          record: {
            merchant_id: "mer_1",
            name: "Corner Shop",
            status: "active",
            keys: [{ key_id: "key_1" }],
            payer_key: "p",
            created_at: "2026-01-15T12:00:00.000Z",
          },
        },
      },
      candidate: {
        kind: "candidate",
        credentialId: "cred_1",
        accountId: "alice",
        profile: 1,
        timeStep: 1,
        driftSteps: 0,
        codeName: "1:1",
        checks: [
          { fault: "stale", check: { kind: "absent", key: "revision" } },
          { fault: "used", check: { kind: "absent", key: "mark" } },
        ],
        writes: [{ kind: "set", key: "mark", value: "1" }],
        isOpen: () => true,
        again: () => Promise.resolve({ kind: "none" }),
      },
      declined: null,
      tier: "normal",
      twin: false,
      ...assumed,
    },
    paymentId: ID,
    codeHash: { kid: "t", hash: "h" },
    limits,
    times,
    twinGuardMs,
    clock: { nowMs: () => NOON_MS },
    consequence: joinConsequences([]),
  });
}

const nameOf = (step: ClaimStep) =>
  step.about === "code"
    ? `code ${step.fault}`
    : step.about === "limit"
    ? `limit ${step.limit}`
    : step.about;

Deno.test("planClaim() checks the order first and for a double scan last", () => {
  const { steps, transaction } = claimOf();
  assertEquals(steps.map(nameOf), [
    "order",
    "merchant",
    "code stale",
    "code used",
    "tier",
    "limit per-payment",
    "limit per-day",
    "limit count-per-day",
    "limit offline-uses",
    "twin",
  ]);
  assertEquals(transaction.checks.length, steps.length);
  assertEquals(transaction.checks[0], {
    kind: "absent",
    key: orderKey(NAME),
  });
  assertEquals(transaction.checks[1], {
    kind: "equals",
    key: merchantKey("mer_1"),
    value: MERCHANT,
  });
  assertEquals(transaction.checks.at(-1), {
    kind: "absent",
    key: twinKey("mer_1", "alice", "EUR", 1_250),
  });
});

Deno.test("planClaim() asks about no double scan that will be confirmed, or that nobody guards", () => {
  const has = (claim: ReturnType<typeof claimOf>) =>
    claim.steps.map(nameOf).includes("twin");
  assertEquals(has(claimOf({ twin: true })), false);
  assertEquals(has(claimOf({}, { twinGuardMs: 0 })), false);
  const large = limits.normal.stepUpAboveMinor + 1;
  assertEquals(has(claimOf({}, { amountMinor: large })), false);
});

Deno.test("planClaim() takes a declined order on from where it was", () => {
  const first = claimOf().next;
  const order: OrderRecord = {
    ...first.order,
    state: "declined",
    version: 9,
    payment: { ...first.payment, status: "declined", order_version: 9 },
  };
  const { transaction, next } = claimOf({ declined: { raw: "R", order } });
  assertEquals(transaction.checks[0], {
    kind: "equals",
    key: orderKey(NAME),
    value: "R",
  });
  assertEquals([next.order.version, next.payment.order_version], [10, 10]);
  assertEquals(next.order.first_version, NOON_MS / 1000);
  assertEquals(next.order.earlier.map((it) => it.order_version), [9]);
  assertEquals(next.order.state, "open");
});

Deno.test("planClaim() begins the versions of an order with the second of its creation", () => {
  const { order, payment } = claimOf().next;
  const second = NOON_MS / 1000;
  assertEquals(
    [order.version, order.first_version, payment.order_version],
    [second, second, second],
  );
});

Deno.test("planClaim() is due soon, or when the customer's time is over", () => {
  for (
    const [claim, status, due] of [
      [claimOf(), "processing", NOON_MS + RECOVER_AFTER_MS],
      [
        claimOf({ twin: true }),
        "awaiting_confirmation",
        NOON_MS + times.confirmationMs,
      ],
    ] as const
  ) {
    const { payment } = claim.next;
    assertEquals(payment.status, status);
    const waits = status === "awaiting_confirmation";
    assertEquals(
      payment.deadline_ms,
      NOON_MS + (waits ? times.confirmationMs : times.deadlineMs),
    );
    const indexed = claim.transaction.writes.filter(({ kind }) =>
      kind === "index"
    );
    assertEquals(
      indexed,
      [DUE_ORDERS_KEY, ...(waits ? [confirmationsKey("alice")] : [])].map(
        (index, i) => ({
          kind: "index",
          index,
          member: i === 0 ? NAME : ID,
          score: due,
        }),
      ),
    );
  }
});

Deno.test("planClaim() lets only the payment that found no guard lift it", () => {
  const guard = twinKey("mer_1", "alice", "EUR", 1_250);
  assertEquals(claimOf().next.payment.twin_key, guard);
  assertEquals(claimOf({ twin: true }).next.payment.twin_key, undefined);
  const off = claimOf({}, { twinGuardMs: 0 });
  assertEquals(off.next.payment.twin_key, undefined);
  const sets = (claim: ReturnType<typeof claimOf>) =>
    claim.transaction.writes.some((write) =>
      write.kind === "set" && write.key === guard && write.value === ID
    );
  assertEquals([claimOf(), claimOf({ twin: true }), off].map(sets), [
    true,
    true,
    false,
  ]);
});

Deno.test("planClaim() judges a restricted account by its own limits", () => {
  const { transaction, next } = claimOf({ tier: "restricted" });
  const { perPaymentMinor, perDayMinor, countPerDay, offlineUses } =
    limits.restricted;
  assertEquals(
    transaction.checks.flatMap((check) =>
      check.kind === "sum-at-most" ? [check.max] : []
    ),
    [perPaymentMinor, perDayMinor, countPerDay, offlineUses],
  );
  assertEquals(next.payment.status, "processing");
  const above = limits.restricted.stepUpAboveMinor + 1;
  const large = claimOf({ tier: "restricted" }, { amountMinor: above });
  assertEquals(large.next.payment.status, "awaiting_confirmation");
});
