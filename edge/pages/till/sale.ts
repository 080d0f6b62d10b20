/**
 * A sale at the till, from the amount to its end, as states and events. This file needs
 * no page, clock or network. `step` returns the next state and what has to be done; the
 * caller must store an order before it makes a call about it.
 *
 * An order keeps its number until its end is known, even after a reload or a crash. The
 * code stays in memory and is never stored.
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
   * Whether a request about the order may still be under way without an answer. Only
   * the order's end or a reversal makes sure that no money is taken for it.
   */
  readonly isInDoubt: boolean;
  /** Whether the cashier has asked the customer, and it is no double scan. */
  readonly isSecondPurchase: boolean;
  /** Whether the order was paid, reversed or closed at a server with test money. */
  readonly isTest: boolean;
  /**
   * Whether the cashier has left the result. Until then a reload shows the result
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
  /** The code of the current sale, so that the same request can be sent again. */
  readonly code: string | null;
  /** A code that was refused, so that it is not sent a second time. */
  readonly refusedCode: string | null;
  readonly verdict: Verdict | null;
  /** The call that is under way, while `busy`. */
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
  /** Asks for an order of the list, or for one whose end is not known. */
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

/** The next state, and what has to be done: first `save`, then `call`. */
export interface Step {
  readonly sale: Sale;
  /** The order, if it has to be stored. */
  readonly save?: Order;
  /** The call to make once the order is stored. */
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

/** Whether the end of an order must be found out before another sale begins. */
export function isOpenEnded(order: Order): boolean {
  return order.isInDoubt || order.state === "waiting";
}

/**
 * Whether another order may be shown. It may not while the end of the current order is
 * not known.
 */
export function isIdle({ phase, order }: Sale): boolean {
  return phase === "amount" ||
    phase === "result" && order !== null && !isOpenEnded(order);
}

/** The buttons of the current result. */
export function pressesOf({ verdict, code, order }: Sale): readonly Press[] {
  if (verdict === null || order === null) return [];
  // After a reload the code is not known any more, so the order is sent with the
  // customer's next code.
  return verdict.presses.map((press) =>
    press === "again" && code === null ? "scan" : press
  );
}

/** Whether a scan may pay the current order. */
export function takesScans(sale: Sale): boolean {
  return sale.phase === "scan" ||
    sale.phase === "result" && pressesOf(sale).includes("scan");
}

/**
 * Returns what follows from an event. An event that does not fit the state changes
 * nothing.
 */
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
      // The page asks for another key. The order stays as it is meanwhile.
      return { sale };
  }
}

/**
 * Gives up a sale: an order that may have been paid is reversed, any other one is only
 * left.
 */
function giveUp(sale: Sale): Step {
  if (isOpenEnded(sale.order!)) return call(sale, "reverse");
  return {
    sale: { ...newSale(sale.currency), calls: sale.calls },
    save: { ...sale.order!, state: "closed", isLeft: true },
  };
}

/** In these states the order has ended, even if an earlier request had no answer. */
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
