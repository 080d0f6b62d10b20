/**
 * What an answer means at the till: one headline, the sentence for the cashier, and the
 * buttons, the most useful one first. The buttons follow from the `retry` of the
 * answer.
 *
 * This file has the rule that makes tills safe: the headline is "paid" only for a 200
 * or 201 that says so about this order. If the answer cannot be read, the headline is
 * "not known", never "not paid".
 *
 * @module
 */

import type { Language } from "../shared/language.ts";

/** One or two sentences in each language. */
export type Text = Readonly<Record<Language, string>>;

/** What the till asked. */
export type Asked = "pay" | "ask" | "reverse";

/** The part of an answer of the API that a till reads. */
export interface Answer {
  readonly status: number;
  readonly body: AnswerBody;
  /** `Retry-After`, if there was one. */
  readonly retryAfterSeconds?: number;
}

/** The fields of payments, reversals and problems; any may be absent. */
export interface AnswerBody {
  readonly order_id?: string;
  /** A word in a payment, the HTTP status in a problem. */
  readonly status?: string | number;
  readonly code?: string;
  readonly retry?: string;
  readonly detail?: string;
  readonly instance?: string;
  readonly cashier?: Text;
  readonly customer?: Text;
  readonly mode?: string;
  readonly repeat?: boolean;
  readonly next_query_seconds?: number;
  readonly waits_for?: string;
  readonly decline_reason?: string;
}

/** The one large word of a result. */
export type Headline =
  /** 200 or 201: the goods may be handed over. */
  | "paid"
  | "notPaid"
  /**
   * The result is not known. Sending the same order again is safe: it is never paid
   * twice.
   */
  | "notKnown"
  /** Under way: the wallet or the customer has to answer. */
  | "waiting"
  | "reversing"
  | "reversed"
  /** The cashier has to ask the customer. */
  | "askCustomer"
  /** The order can't be paid any more; it was paid, closed or refunded before. */
  | "orderOver"
  /** The till's key is not allowed to do that, or is not known. */
  | "tillProblem";

/** A button. */
export type Press =
  /** The next purchase. */
  | "next"
  /** The customer's next code, for the same order. */
  | "scan"
  /** The same request with the same code. */
  | "again"
  /** Asks for the order. */
  | "ask"
  | "reverse"
  /** The same request, marked as a second purchase. */
  | "second"
  /** The same amount under a new order number. */
  | "renumber"
  /** Gives this sale up. */
  | "cancel"
  /** Enter another key. */
  | "key";

/** The state of the order after an answer. */
export type OrderState =
  /** Nothing was sent yet. */
  | "open"
  /** Sent, and the result is not known. */
  | "unknown"
  | "waiting"
  /** Not paid; another code may pay it. */
  | "unpaid"
  | "paid"
  | "reversed"
  /** Ended without a payment; nothing more happens to it. */
  | "closed";

/** What the till shows after an answer. */
export interface Verdict {
  readonly headline: Headline;
  /** The cashier's sentence; absent where the till has its own words. */
  readonly says?: Text;
  /** The till's own sentence, if the server has none. */
  readonly note?:
    | "noAnswer"
    | "noAnswerAsked"
    | "noAnswerReversed"
    | "declined"
    | "reversed"
    | "reversing"
    | "underWay"
    | "refunded";
  /** The first is the one that Enter presses. */
  readonly presses: readonly Press[];
  /** For how long the buttons that send a code are disabled. */
  readonly waitSeconds?: number;
  /** After how long the till asks by itself. */
  readonly askInSeconds?: number;
  /** The state of the order from now on; absent if the answer does not say it. */
  readonly state?: OrderState;
  /** Whose answer a payment under way waits for. */
  readonly waitsFor?: string;
  /** Whether this is test money, for which no goods may be handed over. */
  readonly isTest: boolean;
  /** A text for the person who set up the till: in English, with the request's id. */
  readonly detail?: string;
  readonly instance?: string;
  readonly code?: string;
}

/** After how long the till asks again by itself, if the answer does not say it. */
const ASK_AGAIN_SECONDS = 5;

/**
 * What an answer means. The answer is `null` if none came, or none that can be read.
 */
export function verdictOf(
  asked: Asked,
  orderId: string,
  answer: Answer | null,
): Verdict {
  if (answer === null) return unanswered(asked);
  const { status, body } = answer;
  const facts = {
    isTest: body.mode === "test",
    ...(typeof body.waits_for === "string" && { waitsFor: body.waits_for }),
    ...(isText(body.cashier) && { says: body.cashier }),
  };
  if (status === 200 || status === 201) {
    // The login page of a network may answer 200 as well, so the answer must name this
    // order.
    if (body.order_id !== orderId) return unanswered(asked);
    const known = ofPayment(asked, body);
    return known === null ? unanswered(asked) : { ...facts, ...known };
  }
  if (typeof body.code !== "string") return unanswered(asked);
  return {
    ...facts,
    ...(facts.says === undefined && { note: "noAnswer" as const }),
    ...ofProblem(asked, answer),
    ...(typeof body.detail === "string" && { detail: body.detail }),
    ...(typeof body.instance === "string" && { instance: body.instance }),
    code: body.code,
  };
}

function unanswered(asked: Asked): Verdict {
  const shared = { headline: "notKnown", isTest: false } as const;
  switch (asked) {
    case "pay":
      return {
        ...shared,
        note: "noAnswer",
        presses: ["again", "ask", "reverse"],
        state: "unknown",
      };
    case "ask":
      return {
        ...shared,
        note: "noAnswerAsked",
        presses: ["ask", "again", "reverse"],
        askInSeconds: ASK_AGAIN_SECONDS,
      };
    case "reverse":
      return {
        ...shared,
        note: "noAnswerReversed",
        presses: ["reverse", "ask"],
      };
  }
}

type Known = Omit<Verdict, "isTest">;

/** A payment, or the reversal of an order. */
function ofPayment(asked: Asked, body: AnswerBody): Known | null {
  switch (body.status) {
    case "succeeded":
      return {
        headline: "paid",
        presses: ["next", "reverse"],
        state: "paid",
      };
    case "processing":
    case "awaiting_confirmation":
      return asked === "ask" ? waiting(body, "waiting", "underWay") : null;
    case "reversing":
      return waiting(body, "reversing", "reversing");
    case "reversed":
      return {
        headline: "reversed",
        note: "reversed",
        presses: ["next", "renumber"],
        state: "reversed",
      };
    case "declined":
      return asked === "ask"
        ? {
          headline: "notPaid",
          note: "declined",
          presses: ["scan", "cancel"],
          state: "unpaid",
        }
        : null;
    case "refunded":
      return {
        headline: "orderOver",
        note: "refunded",
        presses: ["next"],
        state: "closed",
      };
    default:
      return null;
  }
}

function waiting(
  body: AnswerBody,
  headline: "waiting" | "reversing",
  note: "underWay" | "reversing",
): Known {
  return {
    headline,
    note,
    presses: headline === "waiting" ? ["ask", "reverse"] : ["ask"],
    askInSeconds: body.next_query_seconds ?? ASK_AGAIN_SECONDS,
    state: "waiting",
  };
}

/** The problems whose code says more than their `retry`. */
function ofSpecialProblem(code: string | undefined): Known | null {
  switch (code) {
    case "looks-like-double-scan":
      return {
        headline: "askCustomer",
        presses: ["cancel", "second"],
        state: "unpaid",
      };
    // Asking for the order would find an earlier payment, which is not for this
    // purchase.
    case "order-paid-earlier":
    case "order-conflict":
    case "order-refunded":
      return {
        headline: "orderOver",
        presses: ["renumber", "next"],
        state: "closed",
      };
    case "payment-reversed":
      return {
        headline: "reversed",
        presses: ["next", "renumber"],
        state: "reversed",
      };
    case "reversal-too-late":
      // This problem does not say whether the order was paid.
      return { headline: "orderOver", presses: ["next", "ask"] };
    case "not-authenticated":
    case "forbidden":
      return { headline: "tillProblem", presses: ["key"] };
    default:
      return null;
  }
}

function ofProblem(asked: Asked, answer: Answer): Known {
  const { body, retryAfterSeconds } = answer;
  const special = ofSpecialProblem(body.code);
  if (special !== null) return special;
  const wait = retryAfterSeconds === undefined
    ? {}
    : { waitSeconds: retryAfterSeconds };
  // The order is under way, whichever call was answered so.
  const ask = body.next_query_seconds === undefined
    ? {}
    : { askInSeconds: body.next_query_seconds, state: "waiting" as const };
  switch (body.retry) {
    case "new-code":
      return {
        headline: "notPaid",
        presses: ["scan", "cancel"],
        state: "unpaid",
      };
    case "later":
      return {
        headline: "notPaid",
        presses: ["scan", "cancel"],
        ...wait,
        state: "unpaid",
      };
    case "query":
      return body.code === "not-found"
        ? { headline: "notKnown", presses: ["again", "ask", "reverse"] }
        : { headline: "waiting", presses: ["ask", "reverse"], ...ask };
    case "same-order":
      return {
        headline: asked === "reverse" ? "reversing" : "notKnown",
        presses: asked === "reverse"
          ? ["reverse", "ask"]
          : asked === "ask"
          ? ["ask", "again", "reverse"]
          : ["again", "ask", "reverse"],
        ...wait,
        ...(asked === "pay" && { state: "unknown" as const }),
        ...ask,
      };
    case "never":
      return { headline: "tillProblem", presses: ["cancel", "key"] };
    default:
      // The word is of a later version of the API, so the state of the order is not
      // known.
      return { headline: "notKnown", presses: ["ask", "reverse"] };
  }
}

function isText(value: unknown): value is Text {
  const text = value as Partial<Text> | null | undefined;
  return typeof text?.en === "string" && typeof text.zh === "string";
}
