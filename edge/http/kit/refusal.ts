/**
 * Turns a use case's refusal into a problem. Only this file connects outcomes with
 * the table of problem documents.
 *
 * @module
 */

import { formatAmount } from "../../base/currencies.ts";
import type {
  LikeOrder,
  PaidEarlier,
  Refusal,
  RefusalCode,
} from "../../base/outcome.ts";
import { type Problem, problem } from "./problem.ts";
import { PROBLEMS } from "./problem_texts.ts";

/** What happened, for a developer, if the use case gives no detail of its own. */
const DETAILS: Readonly<Record<RefusalCode, string>> = {
  "malformed-request": "The request is not as the API describes it.",
  "not-authenticated": "The bearer key is missing, unknown or withdrawn.",
  "forbidden": "The key is of another scope.",
  "merchant-suspended": "The merchant is suspended: it takes nothing new.",
  "not-found": "There is nothing under this name for this key.",
  "code-malformed": "The code is not one that is served here.",
  "code-not-accepted": "No customer's code matches now.",
  "code-ambiguous": "The code matches more than one customer.",
  "code-replayed": "The code, or a later one of this customer, was used.",
  "limit-exceeded": "The payment would exceed a limit of the account.",
  "reversal-too-late": "The time for reversing the payment is over.",
  "looks-like-double-scan":
    "The same payer paid this amount a moment ago, for another order.",
  "order-refunded": "Money of the order was refunded.",
  "refund-conflict": "The refund is known with another amount or order.",
  "refund-declined": "The ledger declined the refund.",
  "refund-refused": "The order cannot be refunded like this.",
  "too-many-attempts": "Too many codes were not accepted; wait.",
  "ledger-unavailable": "The ledger gave no certain answer.",
  "offline-codes-off": "The account's offline codes are off.",
  "renewal-refused": "The credential cannot be renewed.",
  "release-rejected": "The core release is not taken.",
  "payer-blocked": "The wallet has blocked the customer's account.",
  "order-conflict": "The order or reference is known with other contents.",
  "order-paid-earlier":
    "The order was paid more than 24 hours ago. Nothing was taken now.",
  "payment-pending": "The payment is not decided yet.",
  "payment-declined": "The payment was declined.",
  "payment-reversed": "The order is reversed or being reversed.",
  "store-unavailable": "The store gave no trustworthy answer.",
  "clock-unsure": "This edge cannot vouch for its clock.",
};

/**
 * The texts for too many attempts at a callback endpoint, which no till makes.
 */
const ENDPOINT_ATTEMPTS = {
  title: "Too many changes or tests of the callback endpoint",
  cashier: {
    en:
      "Nothing is wrong at the till. Tell your support that the callback endpoint has to wait.",
    zh: "收银台没有问题。请告知技术支持：回调端点需要等待后再操作。",
  },
  customer: {
    en: "You need not do anything.",
    zh: "您无需进行任何操作。",
  },
};

/**
 * What was scanned a moment ago, for a cashier who may have scanned it a second
 * time.
 */
function likeOrder({ orderId, atMs, timeZone, isPaid }: LikeOrder) {
  const time = new Intl.DateTimeFormat("en-GB", {
    timeZone,
    timeStyle: "medium",
  }).format(atMs);
  const { en, zh } = PROBLEMS["looks-like-double-scan"].cashier;
  const [was, wasZh] = isPaid ? ["paid", "支付"] : ["scanned", "扫码"];
  return {
    earlier: { orderId, atMs },
    cashier: {
      en:
        `The same customer's order ${orderId} of the same amount was ${was} at ${time} (${timeZone}). ${en}`,
      zh:
        `同一顾客相同金额的订单 ${orderId} 已于 ${time}（${timeZone}）${wasZh}。${zh}`,
    },
  };
}

/** A refund that the ledger has not answered. */
const REFUND_UNDER_WAY = {
  cashier: {
    en:
      "The wallet cannot answer right now. The refund goes on by itself: ask for it again in a moment, and give no money back another way.",
    zh:
      "钱包系统暂时无法响应。退款将自动继续，请稍后查询，切勿以其他方式退款。",
  },
  customer: {
    en: "Your refund is under way. Please wait.",
    zh: "您的退款正在处理中，请稍候。",
  },
};

/** How much can still be refunded, for a cashier whose refund is refused. */
function refundRefused(
  reason: string | undefined,
  { amountMinor, currency }: NonNullable<Refusal["refundable"]>,
) {
  const left = formatAmount(amountMinor, currency);
  switch (reason) {
    case "exceeds_payment":
      return {
        detail:
          `The refunds of the order would exceed its payment; ${left} is left.`,
        cashier: {
          en: `At most ${left} of this order can still be refunded.`,
          zh: `该订单最多还可退款 ${left}。`,
        },
      };
    case "too_late":
      return {
        detail: "The time for refunding the payment is over.",
        cashier: {
          en:
            "This order can no longer be refunded here. Give the money back another way.",
          zh: "该订单已超过可退款的期限，请以其他方式退款。",
        },
      };
    default:
      return { detail: "The order has as many refunds as one can have." };
  }
}

/** The facts of a payment that was made earlier, and the text for the cashier. */
function paidEarlier(
  { atMs, timeZone, amountMinor, currency }: PaidEarlier,
) {
  const [day, time] = new Intl.DateTimeFormat("sv-SE", {
    timeZone,
    dateStyle: "short",
    timeStyle: "short",
  }).format(atMs).split(" ");
  const amount = formatAmount(amountMinor, currency);
  const { en, zh } = PROBLEMS["order-paid-earlier"].cashier;
  return {
    detail: `The order was paid at ${
      new Date(atMs).toISOString()
    }: ${amount}. Nothing was taken now.`,
    paid: { atMs, amountMinor, currency },
    cashier: {
      en:
        `This order was paid on ${day} at ${time} (${timeZone}): ${amount}. ${en}`,
      zh: `此订单已于 ${day} ${time}（${timeZone}）支付 ${amount}。${zh}`,
    },
  };
}

/** The problem for a refusal. */
export function problemOf(refusal: Refusal): Problem {
  const ofOrder = refusal.code === "not-found" && refusal.orderId !== undefined;
  return problem(refusal.code, {
    detail: refusal.detail ?? DETAILS[refusal.code],
    orderId: refusal.orderId,
    paymentId: refusal.paymentId,
    declineReason: refusal.declineReason,
    reason: refusal.reason,
    nextQuerySeconds: refusal.nextQuerySeconds,
    retryAfterSeconds: refusal.retryAfterSeconds,
    underWay: refusal.underWay,
    ...(refusal.paid !== undefined && paidEarlier(refusal.paid)),
    ...(refusal.earlier !== undefined && likeOrder(refusal.earlier)),
    refundId: refusal.refundId,
    refundable: refusal.refundable,
    ...(refusal.refundable !== undefined &&
      refundRefused(refusal.reason, refusal.refundable)),
    ...(refusal.code === "ledger-unavailable" &&
      refusal.refundId !== undefined && REFUND_UNDER_WAY),
    ...(refusal.attemptsAt === "endpoint" && ENDPOINT_ATTEMPTS),
    // An order that is not found may still be under way, so the caller asks again.
    ...(ofOrder && { retry: "query" as const }),
  });
}
