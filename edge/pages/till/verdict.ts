/**
 * What an answer means at the till: one headline, the cashier's sentence, and
 * what to press next, the most useful first. What is pressed follows the
 * `retry` of the answer.
 *
 * The rule that makes tills safe stands here: the headline is "paid" only for a
 * 200 or 201 that says so of this very order. Everything that is no readable
 * answer is "not known", never "not paid".
 *
 * @module
 */

import type { Language } from "../shared/language.ts";

/** One or two sentences in each language. */
export type Text = Readonly<Record<Language, string>>;

/** What the till asked. */
export type Asked = "pay" | "ask" | "reverse";

/** An answer of the API, as far as a till reads it. */
export interface Answer {
  readonly status: number;
  readonly body: AnswerBody;
  /** `Retry-After`, if there was one. */
  readonly retryAfterSeconds?: number;
}

/** The fields of payments, reversals and problems; any may be absent. */
export interface AnswerBody {
  readonly order_id?: string;
  /** Of a payment a word, of a problem the HTTP status. */
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

/** The one big word of a result. */
export type Headline =
  /** 200 or 201: the goods may be handed over. */
  | "paid"
  | "notPaid"
  /** Nobody knows; the same order is never paid twice. */
  | "notKnown"
  /** Under way: the wallet or the customer has to answer. */
  | "waiting"
  | "reversing"
  | "reversed"
  /** The cashier has to ask the customer. */
  | "askCustomer"
  /** The order can't be paid any more; it was paid, closed or refunded before. */
  | "orderOver"
  /** The till may not do that, or is not known. */
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
  /** The customer means a second purchase. */
  | "second"
  /** The same amount under a new order number. */
  | "renumber"
  /** Gives this sale up. */
  | "cancel"
  /** Enter another key. */
  | "key";

/** What an answer leaves of the order. */
export type OrderState =
  /** Nothing was sent yet. */
  | "open"
  /** Sent, and nothing is known. */
  | "unknown"
  | "waiting"
  /** Answered, not paid; another code may pay it. */
  | "unpaid"
  | "paid"
  | "reversed"
  /** It ended otherwise: nothing more happens to it. */
  | "closed";

/** What the till shows of an answer. */
export interface Verdict {
  readonly headline: Headline;
  /** The cashier's sentence; absent where the till has its own words. */
  readonly says?: Text;
  /** Our words where there is no sentence of the server. */
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
  /** The buttons that send a code wait so long. */
  readonly waitSeconds?: number;
  /** The till asks by itself after so long. */
  readonly askInSeconds?: number;
  /** What the order is from now on; absent where the answer says nothing of it. */
  readonly state?: OrderState;
  /** Whose word a payment under way waits for. */
  readonly waitsFor?: string;
  /** No real money moves: no goods for it. */
  readonly isTest: boolean;
  /** For whoever set the till up: English, and the name of the request. */
  readonly detail?: string;
  readonly instance?: string;
  readonly code?: string;
}

/** The till asks again by itself after so long where nothing was said. */
const ASK_AGAIN_SECONDS = 5;

/** What an answer means; `null` where none came, or none that can be read. */
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
    // A hotel's login page answers 200 as well: only this order's words count.
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

/** The problems that mean more than their `retry`. */
function ofSpecialProblem(code: string | undefined): Known | null {
  switch (code) {
    case "looks-like-double-scan":
      return {
        headline: "askCustomer",
        presses: ["cancel", "second"],
        state: "unpaid",
      };
    // Asking would find a payment, but not one for this purchase.
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
      // It says nothing about whether it was paid.
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
  // The order is under way, whatever call has said so.
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
      // A word of a later version: nothing is known of the order.
      return { headline: "notKnown", presses: ["ask", "reverse"] };
  }
}

function isText(value: unknown): value is Text {
  const text = value as Partial<Text> | null | undefined;
  return typeof text?.en === "string" && typeof text.zh === "string";
}
