import { merchants } from "../../../edge/merchant/record.ts";
import { assertEquals } from "@std/assert";
import {
  type Assumptions,
  joinParts,
  type PaymentRequest,
  planClaim,
} from "../../../edge/payment/claim.ts";
import { joinConsequences } from "../../../edge/payment/consequence.ts";
import { orders } from "../../../edge/payment/order_form.ts";
import { orderName } from "../../../edge/payment/payment_id.ts";
import { type OrderRecord, orderState } from "../../../edge/payment/record.ts";
import { RECOVER_AFTER_MS } from "../../../edge/payment/transition.ts";
import { USUAL_PAYER } from "../../../edge/risk/payer.ts";
import { DEFAULT_SETTINGS } from "../../../edge/boot/settings.ts";
import {
  confirmationsKey,
  doubleScanKey,
  DUE_ORDERS_KEY,
  merchantKey,
  orderKey,
} from "../../../edge/store/keys.ts";
import { lastUses } from "../../../edge/verification/last_use.ts";
import { NOON_MS } from "../../support/world/app.ts";

const { limits, times } = DEFAULT_SETTINGS;
const MERCHANT = "{}";
const NAME = orderName("mer_1", "order-1");
const ID = `pay_${NAME}${"0".repeat(16)}`;

const RESTRICTED = {
  policy: { ...USUAL_PAYER.policy, set: "restricted" },
  tier: "restricted",
} as const;

/** A claim of 12.50 with an offline code, unless said otherwise. */
function claimOf(
  assumed: Partial<Assumptions> = {},
  more: {
    amountMinor?: number;
    doubleScanMs?: number;
    tillDecides?: boolean;
    profile?: number;
    asked?: Pick<PaymentRequest, "secondPurchase" | "split">;
  } = {},
) {
  const { amountMinor = 1_250, doubleScanMs = 60_000, profile = 1, asked } =
    more;
  const claim = planClaim({
    request: {
      ...{ code: "-", orderId: "order-1", amountMinor, currency: "EUR" },
      ...asked,
    },
    assumptions: {
      caller: {
        scope: "merchant",
        keyHash: "k",
        keyId: "key_1",
        merchant: {
          held: merchants("mer_1").held(MERCHANT),
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
        profile,
        timeStep: 1,
        driftSteps: 0,
        codeName: "1:1",
        guards: [
          { kind: "absent", key: "revision", label: "bucket" },
          { kind: "absent", key: "mark", label: "mark" },
        ],
        writes: [{ kind: "set", key: "mark", value: "1" }],
        isOpen: () => true,
        again: () => Promise.resolve({ kind: "none" }),
      },
      order: orders(NAME).held(null),
      payer: USUAL_PAYER,
      ...{ doubleScan: false, likeOne: null, part: 1 },
      ...assumed,
    },
    paymentId: ID,
    codeHash: { kid: "t", hash: "h" },
    vault: { hmac: () => new Uint8Array(32) },
    limits,
    times,
    doubleScanMs,
    tillDecides: more.tillDecides ?? true,
    nowMs: NOON_MS,
    crossing: false,
    consequence: joinConsequences([]),
  });
  return { ...claim, commit: joinParts(claim) };
}

const labels = (claim: ReturnType<typeof claimOf>) =>
  claim.commit.guards.map(({ label }) => label);

Deno.test("planClaim() checks the order first and for a double scan last", () => {
  const claim = claimOf();
  const { guards } = claim.commit;
  assertEquals(labels(claim), [
    "order",
    "merchant",
    "bucket",
    "mark",
    "policy",
    "offline-days",
    "per-day",
    "count-per-day",
    "offline-uses",
    "double-scan",
  ]);
  assertEquals(guards[0], {
    kind: "absent",
    key: orderKey(NAME),
    label: "order",
  });
  assertEquals(guards[1], {
    kind: "equals",
    key: merchantKey("mer_1"),
    value: MERCHANT,
    label: "merchant",
  });
  assertEquals(guards.at(-1), {
    kind: "absent",
    key: doubleScanKey("mer_1", "alice", "EUR", 1_250),
    label: "double-scan",
  });
});

Deno.test("planClaim() takes the till's word for a second purchase where the till decides", () => {
  const asked = { secondPurchase: true };
  for (const tillDecides of [true, false]) {
    const claim = claimOf({}, { asked, tillDecides });
    assertEquals(labels(claim).includes("double-scan"), !tillDecides);
    // It leaves the guard of the first one alone when it ends.
    assertEquals(
      claim.next.payment.guards_double_scan,
      tillDecides ? undefined : true,
    );
  }
});

Deno.test("planClaim() takes the place of a like purchase that does not count", () => {
  const split = { of: "table-7", parts: 2 };
  const claim = claimOf({ likeOne: "pay_0", part: 2 }, { asked: { split } });
  assertEquals(claim.commit.guards.at(-1), {
    kind: "equals",
    key: doubleScanKey("mer_1", "alice", "EUR", 1_250),
    value: "pay_0",
    label: "double-scan",
  });
  const { payment } = claim.next;
  assertEquals(payment.split, { of: "table-7", part: 2 });
  assertEquals(payment.guards_double_scan, undefined);
  const { name, order } = claim.next;
  assertEquals(orders(name).put(order).held.value, order);
});

Deno.test("planClaim() asks about no double scan that will be confirmed, or that nobody guards", () => {
  const has = (claim: ReturnType<typeof claimOf>) =>
    labels(claim).includes("double-scan");
  assertEquals(has(claimOf({ doubleScan: true })), false);
  assertEquals(has(claimOf({}, { doubleScanMs: 0 })), false);
  const large = limits.normal.stepUpAboveMinor + 1;
  assertEquals(has(claimOf({}, { amountMinor: large })), false);
});

Deno.test("planClaim() takes a declined order on from where it was", () => {
  const first = claimOf().next;
  const order: OrderRecord = {
    ...first.order,
    version: 9,
    payment: { ...first.payment, status: "declined", order_version: 9 },
  };
  const { held, write } = orders(NAME).put(order);
  const { commit, next } = claimOf({ order: held });
  assertEquals(commit.guards[0], {
    kind: "equals",
    key: orderKey(NAME),
    value: write.kind === "set" ? write.value : "",
    label: "order",
  });
  assertEquals([next.order.version, next.payment.order_version], [10, 10]);
  assertEquals(next.order.first_version, NOON_MS / 1000);
  assertEquals(next.order.earlier.map((it) => it.order_version), [9]);
  assertEquals(orderState(next.order), "open");
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
        claimOf({ doubleScan: true }),
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
    const indexed = claim.commit.writes.filter(({ kind }) => kind === "index");
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
  const guard = doubleScanKey("mer_1", "alice", "EUR", 1_250);
  assertEquals(claimOf().next.payment.guards_double_scan, true);
  assertEquals(
    claimOf({ doubleScan: true }).next.payment.guards_double_scan,
    undefined,
  );
  const off = claimOf({}, { doubleScanMs: 0 });
  assertEquals(off.next.payment.guards_double_scan, undefined);
  const sets = (claim: ReturnType<typeof claimOf>) =>
    claim.commit.writes.some((write) =>
      write.kind === "set" && write.key === guard && write.value === ID
    );
  assertEquals([claimOf(), claimOf({ doubleScan: true }), off].map(sets), [
    true,
    true,
    false,
  ]);
});

Deno.test("planClaim() counts a code of every profile but that of online codes as an offline use", () => {
  for (
    const [profile, isOffline] of [[0, false], [1, true], [2, true]] as const
  ) {
    const claim = claimOf({}, { profile });
    const has = labels(claim);
    assertEquals(claim.next.payment.taken.offline, isOffline);
    assertEquals(has.includes("offline-uses"), isOffline);
    assertEquals(has.includes("offline-days"), isOffline);
  }
});

Deno.test("planClaim() judges a restricted account by its own limits", () => {
  const { commit, next } = claimOf({ payer: RESTRICTED });
  const { perPaymentMinor, perDayMinor, countPerDay, offlineUses } =
    limits.restricted;
  assertEquals(
    commit.guards.flatMap((guard) =>
      guard.kind === "within" ? [guard.max] : []
    ),
    [perDayMinor, countPerDay, offlineUses],
  );
  assertEquals(
    [perPaymentMinor, perPaymentMinor + 1].map((amountMinor) =>
      labels(claimOf({ payer: RESTRICTED }, { amountMinor })).includes(
        "per-payment",
      )
    ),
    [false, true],
  );
  assertEquals(next.payment.status, "processing");
  const above = limits.restricted.stepUpAboveMinor + 1;
  const large = claimOf({ payer: RESTRICTED }, { amountMinor: above });
  assertEquals(large.next.payment.status, "awaiting_confirmation");
});

Deno.test("planClaim() notes the use of the account's code in 64 bytes", () => {
  const online = "x".repeat(22);
  const merchantId = `mer_${"0".repeat(32)}`;
  const { commit } = claimOf();
  const use = commit.writes.find((write) =>
    write.kind === "set" && typeof write.key !== "string" &&
    write.key.field === "use"
  );
  assertEquals(use?.kind === "set" && lastUses("alice").held(use.value).value, {
    codeName: "1:1",
    spender: "mer_1",
  });
  assertEquals(`${online} ${merchantId}`.length <= 64, true);
});

Deno.test("planClaim() writes the whole order and whatever spends the code", () => {
  const { next, ...parts } = claimOf();
  const merchant = { merchant_id: "mer_1", order_id: "order-1" };
  const version = Math.floor(NOON_MS / 1000);
  assertEquals(next.order, {
    ...merchant,
    version,
    first_version: version,
    payment: {
      payment_id: ID,
      ...merchant,
      merchant_name: "Corner Shop",
      status: "processing",
      amount_minor: 1_250,
      currency: "EUR",
      account_id: "alice",
      code_hash: { kid: "t", hash: "h" },
      payer: `payer_${"A".repeat(22)}`,
      order_version: version,
      confirmed: false,
      deadline_ms: NOON_MS + times.deadlineMs,
      taken: { day: "2026-01-15", offline: true },
      guards_double_scan: true,
      created_ms: NOON_MS,
      updated_ms: NOON_MS,
    },
    earlier: [],
  });
  const { write } = orders(NAME).put(next.order);
  assertEquals(
    [parts.merchant.writes[0], parts.customer.writes[0]],
    [write, { kind: "set", key: "mark", value: "1" }],
  );
});
