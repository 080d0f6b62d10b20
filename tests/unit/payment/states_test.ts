import { assert, assertEquals } from "@std/assert";
import {
  type OrderRecord,
  orderState,
  type PaymentRecord,
  type PaymentStatus,
} from "../../../edge/payment/record.ts";
import {
  ORDER_TRANSITIONS,
  PAYMENT_TRANSITIONS,
  type PaymentEvent,
  REFUND_TRANSITIONS,
  refundTransitionOf,
  transitionOf,
} from "../../../edge/payment/states.ts";
import {
  EVENTS,
  LIFE,
  ORDER_OF,
  stateName,
  STATES,
} from "../../support/world/model/payment_life.ts";

Deno.test("transitionOf() has the transitions of a payment's life and no others", () => {
  for (const { status, endsAs } of STATES) {
    for (const event of EVENTS) {
      const row = transitionOf(status, event, endsAs);
      const name = stateName(status, endsAs);
      assertEquals(
        row === null ? undefined : row.to,
        LIFE[name]?.[event]?.split(" ")[0],
        `${name}, ${event}`,
      );
    }
  }
  const lives = Object.values(LIFE).flatMap((events) => Object.keys(events));
  assertEquals(PAYMENT_TRANSITIONS.length, lives.length);
});

Deno.test("orderState() goes with the latest payment's status", () => {
  for (const { status } of STATES) {
    const payment = { status } as PaymentRecord;
    const order = { payment } as OrderRecord;
    assertEquals(orderState(order), ORDER_OF[status]);
  }
  assertEquals(orderState({ payment: null } as OrderRecord), "reversed");
});

Deno.test("a payment that has ended is never due, and every other one is", () => {
  const ended: PaymentStatus[] = [
    ...["succeeded", "declined", "reversed", "refunded"] as const,
  ];
  for (const { event, to, due } of PAYMENT_TRANSITIONS) {
    assertEquals(due === "never", ended.includes(to), `${event} to ${to}`);
    assertEquals(
      due === "confirmation",
      to === "awaiting_confirmation",
      `${event} to ${to}`,
    );
  }
});

Deno.test("exactly what ends without money gives back what was taken", () => {
  for (const { from, event, to, givesBack } of PAYMENT_TRANSITIONS) {
    assertEquals(
      givesBack === true,
      // What was declined has given it back.
      from !== "declined" && (to === "declined" || to === "reversed"),
      `${event} to ${to}`,
    );
  }
});

Deno.test("a payment ends as reversed or declined only by the ledger's word", () => {
  for (const { from, event, to, by } of PAYMENT_TRANSITIONS) {
    // Of what was declined the ledger has said all there is to say.
    if (from === "declined") continue;
    if (["succeeded", "declined", "reversed", "refunded"].includes(to)) {
      assertEquals(by, "ledger", event);
    }
  }
});

Deno.test("nobody else causes what a merchant, a wallet or a ledger does", () => {
  const actors: Record<PaymentEvent, string> = {
    approved: "ledger",
    declined: "ledger",
    held: "ledger",
    confirmed: "wallet",
    refused: "wallet",
    lapsed: "sweeper",
    reverse: "merchant",
    expired: "sweeper",
    unclaimed: "sweeper",
    undone: "ledger",
    refunded: "ledger",
  };
  for (const { event, by } of PAYMENT_TRANSITIONS) {
    assertEquals(by, actors[event]);
  }
});

Deno.test("an order without a payment under way changes as its table says", () => {
  const rows = ORDER_TRANSITIONS.map(({ from, event, to }) =>
    `${from} ${event} ${to}`
  );
  assertEquals(rows, [
    "unknown scan open",
    "declined scan open",
    "unknown reverse reversed",
  ]);
  // What is reversed is closed for good.
  assert(ORDER_TRANSITIONS.every(({ from }) => from !== "reversed"));
});

Deno.test("a refund begins with its merchant and ends by the ledger's word alone", () => {
  assertEquals(
    REFUND_TRANSITIONS.map(({ from, event, by, to, due }) =>
      `${from} ${event} by ${by}: ${to}, ${due}`
    ),
    [
      "unknown asked by merchant: processing, soon",
      "processing given by ledger: succeeded, never",
      "processing declined by ledger: declined, never",
    ],
  );
  for (const from of ["unknown", "processing", "succeeded", "declined"]) {
    for (const event of ["asked", "given", "declined"]) {
      const row = refundTransitionOf(from as "unknown", event as "asked");
      const listed = REFUND_TRANSITIONS.find((it) =>
        it.from === from && it.event === event
      );
      assertEquals(row, listed ?? null, `${from}, ${event}`);
    }
  }
});

Deno.test("exactly the reversal of what is paid is barred by a refund", () => {
  const barred = PAYMENT_TRANSITIONS.filter((row) => row.barredByRefund);
  assertEquals(barred.map(({ from, event }) => [from, event]), [
    ["succeeded", "reverse"],
  ]);
});
