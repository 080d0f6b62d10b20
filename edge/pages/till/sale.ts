/**
 * A sale at the till, from the amount to its end, as states and events without
 * a page, a clock or a network. `step` gives the next state and what has to be
 * done; whoever runs it writes an order down before it makes a call about it.
 *
 * An order keeps its number until its end is known, through reload and crash.
 * The code stays in memory: it is never written down.
 *
 * @module
 */

import { type AmountKey, amountOf, typeDigits } from "./money.ts";
import {
  type Answer,
  type Asked,
  type Headline,
  type OrderState,
  type Press,
  type Verdict,
  verdictOf,
} from "./verdict.ts";

/** An order as the till keeps it. There is never a code in it. */
export interface Order {
  readonly orderId: string;
  readonly amountMinor: number;
  readonly currency: string;
  /** The shop's name of this till; may be empty. */
  readonly terminalId: string;
  /** Unix time, milliseconds. */
  readonly createdMs: number;
  readonly state: OrderState;
  /**
   * A request about it may be under way that was never answered: only its end
   * or a reversal makes sure that nothing is taken for it.
   */
  readonly isInDoubt: boolean;
  /** The cashier has asked the customer: it is no double scan. */
  readonly isSecondPurchase: boolean;
  /** Paid, reversed or closed at a server for tests. */
  readonly isTest: boolean;
  /**
   * The cashier has gone on from its result. Until then a reload shows the result
   * again, because the cashier may not have seen it.
   */
  readonly isLeft: boolean;
}

/** A call that the till is to make about an order. */
export interface TillCall {
  readonly asked: Asked;
  /** Rises with each call of the page; an answer belongs to one call. */
  readonly number: number;
  readonly order: Order;
  /** Of `pay` only. */
  readonly code?: string;
}

/** What the till shows. */
export type Phase = "amount" | "scan" | "busy" | "result";

/** The state of the till. */
export interface Sale {
  readonly phase: Phase;
  /** What was typed, in minor units. */
  readonly digits: string;
  readonly currency: string;
  readonly order: Order | null;
  /** The code at hand, so that the same request can be sent again. */
  readonly code: string | null;
  /** A code that was refused: scanning it again is of no use. */
  readonly refusedCode: string | null;
  readonly verdict: Verdict | null;
  /** What is asked, while `busy`. */
  readonly asked: Asked | null;
  /** Whether the order was in doubt before that. */
  readonly wasInDoubt: boolean;
  readonly calls: number;
}

/** What happens. */
export type SaleEvent =
  | { readonly type: "key"; readonly key: AmountKey }
  | { readonly type: "currency"; readonly currency: string }
  | { readonly type: "charge"; readonly fresh: Fresh }
  | { readonly type: "scanned"; readonly code: string }
  | { readonly type: "press"; readonly press: Press; readonly fresh: Fresh }
  | {
    readonly type: "answered";
    readonly number: number;
    readonly answer: Answer | null;
  }
  /** An order of the list, or one that was left without an end. */
  | {
    readonly type: "open";
    readonly order: Order;
    readonly ask: "ask" | "reverse";
  }
  /** An order that a reload left before a code paid it. */
  | { readonly type: "resume"; readonly order: Order };

/** What a new order needs. */
export interface Fresh {
  readonly orderId: string;
  readonly terminalId: string;
  readonly nowMs: number;
}

/** The next state, and what has to be done, in this order. */
export interface Step {
  readonly sale: Sale;
  /** The order as it is to be written down. */
  readonly save?: Order;
  /** The call to make once it is written. */
  readonly call?: TillCall;
}

/** A till without a sale. */
export function newSale(currency: string): Sale {
  return {
    phase: "amount",
    digits: "",
    currency,
    order: null,
    code: null,
    refusedCode: null,
    verdict: null,
    asked: null,
    wasInDoubt: false,
    calls: 0,
  };
}

/** Whether an order has to be asked for before anything else is sold. */
export function isOpenEnded(order: Order): boolean {
  return order.isInDoubt || order.state === "waiting";
}

/** Whether another order may be looked at: none waits for its end here. */
export function isIdle({ phase, order }: Sale): boolean {
  return phase === "amount" ||
    phase === "result" && order !== null && !isOpenEnded(order);
}

/** The buttons of the result at hand. */
export function pressesOf({ verdict, code, order }: Sale): readonly Press[] {
  if (verdict === null || order === null) return [];
  // After a reload there is no code: the order is sent with the next one.
  return verdict.presses.map((press) =>
    press === "again" && code === null ? "scan" : press
  );
}

/** Whether a scan may pay the order at hand. */
export function takesScans(sale: Sale): boolean {
  return sale.phase === "scan" ||
    sale.phase === "result" && pressesOf(sale).includes("scan");
}

/** What follows from an event; events that do not fit change nothing. */
export function step(sale: Sale, event: SaleEvent): Step {
  switch (event.type) {
    case "key":
      if (sale.phase !== "amount") return { sale };
      return {
        sale: { ...sale, digits: typeDigits(sale.digits, event.key) },
      };
    case "currency":
      if (sale.phase !== "amount") return { sale };
      return { sale: { ...sale, currency: event.currency } };
    case "charge":
      return charge(sale, event.fresh);
    case "scanned":
      return takesScans(sale) ? pay(sale, event.code) : { sale };
    case "press":
      return pressed(sale, event.press, event.fresh);
    case "answered":
      return answered(sale, event.number, event.answer);
    case "open":
      if (!isIdle(sale)) return { sale };
      return call(
        { ...sale, order: event.order, code: null, refusedCode: null },
        event.ask,
      );
    case "resume":
      if (sale.phase !== "amount") return { sale };
      return { sale: { ...sale, phase: "scan", order: event.order } };
  }
}

function charge(sale: Sale, fresh: Fresh): Step {
  const amountMinor = sale.phase === "amount" ? amountOf(sale.digits) : null;
  return amountMinor === null
    ? { sale }
    : begin(sale, amountMinor, sale.currency, fresh);
}

function begin(
  sale: Sale,
  amountMinor: number,
  currency: string,
  { orderId, terminalId, nowMs }: Fresh,
): Step {
  const order: Order = {
    orderId,
    amountMinor,
    currency,
    terminalId,
    createdMs: nowMs,
    state: "open",
    isInDoubt: false,
    isSecondPurchase: false,
    isTest: false,
    isLeft: false,
  };
  return {
    sale: {
      ...sale,
      phase: "scan",
      digits: "",
      order,
      code: null,
      refusedCode: null,
      verdict: null,
    },
    save: order,
  };
}

function pay(sale: Sale, code: string): Step {
  return call({ ...sale, code }, "pay");
}

/** Before a call about it is made, the order is in doubt. */
function call(sale: Sale, asked: Asked): Step {
  const order: Order = asked === "ask"
    ? sale.order!
    : { ...sale.order!, isInDoubt: true };
  const number = sale.calls + 1;
  const wasInDoubt = sale.order!.isInDoubt;
  return {
    sale: { ...sale, phase: "busy", asked, order, wasInDoubt, calls: number },
    save: order,
    call: {
      asked,
      number,
      order,
      ...(asked === "pay" && { code: sale.code! }),
    },
  };
}

function pressed(sale: Sale, press: Press, fresh: Fresh): Step {
  const { order, phase } = sale;
  if (phase === "scan" && press === "cancel") return giveUp(sale);
  if (phase !== "result" || !pressesOf(sale).includes(press)) return { sale };
  switch (press) {
    case "next":
      return {
        sale: { ...newSale(sale.currency), calls: sale.calls },
        save: { ...order!, isLeft: true },
      };
    case "scan":
      return { sale: { ...sale, phase: "scan", refusedCode: sale.code } };
    case "again":
      return call(sale, "pay");
    case "ask":
    case "reverse":
      return call(sale, press);
    case "second": {
      const second = { ...sale, order: { ...order!, isSecondPurchase: true } };
      return sale.code === null
        ? { sale: { ...second, phase: "scan" }, save: second.order }
        : call(second, "pay");
    }
    case "renumber":
      return begin(sale, order!.amountMinor, order!.currency, fresh);
    case "cancel":
      return giveUp(sale);
    case "key":
      // The page asks for the key; the order waits where it is.
      return { sale };
  }
}

/** An order that may have been paid is reversed; any other is put aside. */
function giveUp(sale: Sale): Step {
  if (isOpenEnded(sale.order!)) return call(sale, "reverse");
  return {
    sale: { ...newSale(sale.currency), calls: sale.calls },
    save: { ...sale.order!, state: "closed", isLeft: true },
  };
}

/** With these the order has ended, whatever was not answered before. */
const ENDS: readonly OrderState[] = ["paid", "reversed", "closed"];

function answered(sale: Sale, number: number, answer: Answer | null): Step {
  if (sale.phase !== "busy" || number !== sale.calls) return { sale };
  const asked = sale.asked!;
  const before = sale.order!;
  const verdict = verdictOf(asked, before.orderId, answer);
  const { headline, state = before.state } = verdict;
  const isDecided = ENDS.includes(state) && verdict.state !== undefined;
  const order: Order = {
    ...before,
    state,
    isInDoubt: !isDecided &&
      (sale.wasInDoubt || asked !== "ask" && UNDECIDED.includes(headline)),
    isTest: before.isTest || verdict.isTest,
  };
  return {
    sale: { ...sale, phase: "result", asked: null, order, verdict },
    save: order,
  };
}

/** After these the request may yet have an effect. */
const UNDECIDED: readonly Headline[] = ["notKnown", "waiting", "reversing"];
