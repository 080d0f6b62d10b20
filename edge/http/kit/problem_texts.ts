/**
 * The one table of everything that can go wrong: for each stable code its HTTP
 * status, what the caller may do next, and what the cashier and the customer
 * read, in English and Simplified Chinese.
 *
 * No text of this table says that money has moved or that goods may be handed over,
 * because every problem means the opposite, or that this is not known yet. (For an
 * order that was paid earlier, `refusal.ts` puts a sentence about that payment before
 * the text.) No text asks for a new order while the first one may still be decided.
 *
 * @module
 */

/** What the caller of the API may do next. */
export type Retry =
  /** Repeating cannot help. */
  | "never"
  /** Repeat the same order, with the same or another code. */
  | "same-order"
  /** Scan the customer's next code, for the same order. */
  | "new-code"
  /** Ask for the order's state; start nothing new. */
  | "query"
  /** Repeat after `Retry-After`. */
  | "later";

/** One or two sentences in both languages. */
export interface Text {
  readonly en: string;
  /** Simplified Chinese. */
  readonly zh: string;
}

/** A row of the table. */
export interface ProblemKind {
  /** HTTP status. */
  readonly status: 400 | 401 | 402 | 403 | 404 | 405 | 409 | 422 | 429 | 503;
  /** Summary of the kind, the same every time (RFC 9457 §3.1.3). */
  readonly title: string;
  readonly retry: Retry;
  /** What the cashier does next. */
  readonly cashier: Text;
  /** What the customer reads. */
  readonly customer: Text;
  /** The default of `Retry-After`, in seconds. */
  readonly retryAfterSeconds?: number;
  /** The default of `next_query_seconds`. */
  readonly nextQuerySeconds?: number;
}

const SHOW_NEXT_CODE: Text = {
  en: "Please show the next payment code.",
  zh: "请等待付款码刷新后再次出示。",
};
const WAIT_AT_TILL: Text = {
  en: "Please wait while the till tries again.",
  zh: "请稍候，收银台正在重试。",
};
const NO_CODES_OF_THIS_WALLET: Text = {
  en:
    "This wallet may not pay at present. Ask for another customer's code or another way to pay.",
  zh: "该顾客的钱包暂不能付款。请改用其他人的付款码或其他收款方式。",
};
const TILL_CANNOT: Text = {
  en: "This till cannot take this wallet right now. Please pay another way.",
  zh: "本收银台暂时无法使用该钱包，请选择其他支付方式。",
};

/** Every problem that the API can answer, by its stable code. */
export const PROBLEMS = {
  "malformed-request": {
    status: 400,
    title: "The request is malformed",
    retry: "never",
    cashier: {
      en:
        "The till sent something that cannot be read. Use another way to pay and tell your support.",
      zh: "收银系统发送的请求有误。请改用其他收款方式，并联系技术支持。",
    },
    customer: TILL_CANNOT,
  },
  "not-authenticated": {
    status: 401,
    title: "No valid key was sent",
    retry: "never",
    cashier: {
      en:
        "The payment service does not know this till. Use another way to pay and tell your support.",
      zh: "收银系统未通过身份验证。请改用其他收款方式，并联系技术支持。",
    },
    customer: TILL_CANNOT,
  },
  "forbidden": {
    status: 403,
    title: "The key does not allow this call",
    retry: "never",
    cashier: {
      en:
        "This till may not do that. Use another way to pay and tell your support.",
      zh: "收银系统没有此项权限。请改用其他收款方式，并联系技术支持。",
    },
    customer: TILL_CANNOT,
  },
  "merchant-suspended": {
    status: 403,
    title: "The merchant is suspended",
    retry: "never",
    cashier: {
      en:
        "This shop may not take this wallet at present. Use another way to pay and contact the wallet.",
      zh: "本店暂停受理该钱包。请改用其他收款方式，并联系钱包服务商。",
    },
    customer: {
      en:
        "This shop cannot take this wallet at present. Please pay another way.",
      zh: "本店暂不受理该钱包，请选择其他支付方式。",
    },
  },
  "not-found": {
    status: 404,
    title: "There is nothing under this name",
    retry: "never",
    cashier: {
      en:
        "Nothing was found. If a code was just scanned for this order, ask again or reverse the order before you take other money for it.",
      zh:
        "未找到记录。如刚为此订单扫过付款码，请再次查询，或先撤销该订单，再以其他方式收款。",
    },
    customer: {
      en: "Please wait while the shop looks into it.",
      zh: "请稍候，商家正在核实。",
    },
  },
  "method-not-allowed": {
    status: 405,
    title: "The path does not take this method",
    retry: "never",
    cashier: {
      en:
        "The till asked in a way that is not known. Use another way to pay and tell your support.",
      zh: "收银系统的请求方式有误。请改用其他收款方式，并联系技术支持。",
    },
    customer: TILL_CANNOT,
  },
  "code-malformed": {
    status: 422,
    title: "This is not a payment code served here",
    retry: "new-code",
    cashier: {
      en:
        "This is not a payment code of this wallet. Ask the customer to open the payment code, then scan it again.",
      zh: "这不是该钱包的付款码。请让顾客打开付款码页面，再重新扫描。",
    },
    customer: {
      en: "Please open the payment code in your wallet app and show it again.",
      zh: "请打开钱包的付款码页面，再次出示付款码。",
    },
  },
  "code-not-accepted": {
    status: 422,
    title: "The payment code was not accepted",
    retry: "new-code",
    cashier: {
      en:
        "The code was not accepted. Scan the customer's next code. If that fails too, the clock of the phone is off: it must be set automatically.",
      zh:
        "付款码未被接受。请等付款码刷新后重新扫描；若仍不行，说明手机时间不准，请顾客将时间改为自动设置。",
    },
    customer: {
      en:
        "Please show the next payment code. If it fails too, set the clock of your phone to automatic.",
      zh: "请等待付款码刷新后再次出示。若仍不行，请将手机时间改为自动设置。",
    },
  },
  "code-ambiguous": {
    status: 409,
    title: "The payment code fits more than one customer",
    retry: "new-code",
    cashier: {
      en:
        "This code fits more than one customer, so nobody is charged for it. Scan the customer's next code.",
      zh:
        "该付款码无法确定唯一的顾客，不会向任何人扣款。请等付款码刷新后重新扫描。",
    },
    customer: SHOW_NEXT_CODE,
  },
  "code-replayed": {
    status: 409,
    title: "The payment code was used before",
    retry: "new-code",
    cashier: {
      en:
        "This code was used before and cannot be used again. Scan the customer's next code.",
      zh: "该付款码已被使用过，不能再次使用。请等付款码刷新后重新扫描。",
    },
    customer: SHOW_NEXT_CODE,
  },
  "payer-blocked": {
    status: 422,
    title: "The customer may not pay with payment codes",
    retry: "new-code",
    cashier: NO_CODES_OF_THIS_WALLET,
    customer: {
      en:
        "Your wallet may not pay with codes at present. Please contact your wallet's support.",
      zh: "您的钱包暂不能使用付款码，请联系钱包客服。",
    },
  },
  "offline-codes-off": {
    status: 422,
    title: "The customer's offline codes are off",
    retry: "new-code",
    // Why a customer cannot pay is not for the till to know.
    cashier: NO_CODES_OF_THIS_WALLET,
    customer: {
      en:
        "Your offline codes are off. Please open your wallet app with a network connection, or pay another way.",
      zh: "您的离线付款码已停用。请联网打开钱包应用，或选择其他支付方式。",
    },
  },
  "limit-exceeded": {
    status: 422,
    title: "The payment is above a limit of the customer",
    retry: "new-code",
    cashier: {
      en:
        "This payment is above a limit of the customer's wallet. Ask for another customer's code or another way to pay.",
      zh: "本次付款超出该顾客的钱包限额。请改用其他人的付款码或其他收款方式。",
    },
    customer: {
      en:
        "This payment is above a limit of your wallet. Please pay another way.",
      zh: "本次付款超出您的钱包限额，请选择其他支付方式。",
    },
  },
  "renewal-refused": {
    status: 409,
    title: "The seed cannot be renewed",
    retry: "never",
    cashier: {
      en: "The wallet on this phone cannot be renewed. Use another way to pay.",
      zh: "该手机上的钱包无法更新，请改用其他收款方式。",
    },
    customer: {
      en: "Please set up payment codes in your wallet app again.",
      zh: "请在钱包应用中重新开通付款码。",
    },
  },
  "release-rejected": {
    status: 422,
    title: "The core release is refused, and nothing was changed",
    retry: "never",
    cashier: {
      en:
        "Nothing is wrong at the till. Tell your support that a release was refused.",
      zh: "收银台没有问题。请告知技术支持：核心版本被拒绝。",
    },
    customer: {
      en: "You need not do anything.",
      zh: "您无需进行任何操作。",
    },
  },
  "order-conflict": {
    status: 409,
    title: "The order number belongs to another purchase",
    retry: "never",
    cashier: {
      en:
        "This order number belongs to another purchase. Do not hand over the goods. Start a new order with a new number.",
      zh: "该订单号已用于另一笔交易，请勿交付商品。请使用新的订单号重新下单。",
    },
    customer: {
      en: "Please wait while the till starts this purchase anew.",
      zh: "请稍候，收银台需要重新下单。",
    },
  },
  "order-paid-earlier": {
    status: 409,
    title: "The order number has a payment of more than 24 hours ago",
    retry: "query",
    cashier: {
      en:
        "Same purchase: take no more money. Do not hand over the goods of another purchase: start it again with a new order number.",
      zh:
        "如为同一笔交易，请勿再次收款；如为另一笔交易，请勿交付商品，并使用新的订单号重新下单。",
    },
    customer: {
      en: "Please wait while the shop looks into an earlier payment.",
      zh: "请稍候，商家正在核实之前的一笔付款。",
    },
  },
  "looks-like-double-scan": {
    status: 409,
    title: "The order looks like one that was scanned a moment ago",
    retry: "never",
    cashier: {
      en:
        "Do not hand over the goods again. Ask the customer: only if a second purchase is meant, tell the till so and scan again.",
      zh:
        "请勿交付商品。请询问顾客，如确为另一笔消费，请在收银台确认后重新扫码。",
    },
    customer: {
      en:
        "You showed a code for the same amount a moment ago. Do you mean to pay again?",
      zh: "您刚刚已为相同金额出示过付款码，请确认是否再次付款。",
    },
  },
  "payment-pending": {
    status: 402,
    title: "The payment is not decided yet",
    retry: "query",
    nextQuerySeconds: 2,
    cashier: {
      en:
        "Do not hand over the goods. The payment is not decided yet. Ask for the state of this order again, or reverse it.",
      zh: "请勿交付商品，付款结果尚未确定。请稍后查询该订单，或撤销该订单。",
    },
    customer: {
      en:
        "Please wait and show no other code. If your wallet app asks about this payment, please answer there.",
      zh:
        "付款处理中，请稍候，不要出示新的付款码。如钱包提示您确认，请在钱包中操作。",
    },
  },
  "payment-declined": {
    status: 422,
    title: "The payment was declined",
    retry: "new-code",
    cashier: {
      en:
        "The payment was declined. Do not hand over the goods. Scan a new code or ask for another way to pay.",
      zh: "付款被拒绝，请勿交付商品。请扫描新的付款码，或改用其他收款方式。",
    },
    customer: {
      en:
        "The payment was declined. Please look into your wallet app or pay another way.",
      zh: "付款被拒绝。请在钱包中查看原因，或选择其他支付方式。",
    },
  },
  "payment-reversed": {
    status: 409,
    title: "The order is reversed or being reversed",
    retry: "never",
    cashier: {
      en:
        "This order was reversed. Do not hand over the goods. Start a new order with a new number.",
      zh:
        "该订单已撤销或正在撤销，请勿交付商品。如需继续，请使用新的订单号重新下单。",
    },
    customer: {
      en: "This order was reversed. What was taken for it goes back to you.",
      zh: "该订单已撤销。如有扣款，将退回给您。",
    },
  },
  "reversal-too-late": {
    status: 409,
    title: "The order can no longer be reversed",
    retry: "never",
    cashier: {
      en:
        "This order can no longer be reversed. Give the money back another way.",
      zh: "该订单已超过可撤销的期限，请以其他方式退款。",
    },
    customer: {
      en:
        "This order can no longer be reversed here. Please ask the shop for a refund.",
      zh: "该订单已不能在此撤销，请向商家申请退款。",
    },
  },
  "order-refunded": {
    status: 409,
    title: "Money of the order was refunded",
    retry: "never",
    cashier: {
      en:
        "Money of this order was refunded: it is not paid again or reversed. Refund what is left, or start a new order. Do not hand over the goods.",
      zh:
        "该订单已有退款，不能再次支付或撤销，请勿交付商品。剩余款项请办理退款，或使用新的订单号下单。",
    },
    customer: {
      en: "This order was refunded. Please ask the shop for a new one.",
      zh: "该订单已退款，如需购买请商家重新下单。",
    },
  },
  "refund-conflict": {
    status: 409,
    title: "The refund is known with other contents",
    retry: "never",
    cashier: {
      en:
        "This refund number was used for another refund. Look at that refund before you give money back once more.",
      zh: "该退款单号已用于另一笔退款。再次退款前，请先核对该笔退款。",
    },
    customer: {
      en: "Please wait while the shop looks into it.",
      zh: "请稍候，商家正在核实。",
    },
  },
  "refund-declined": {
    status: 422,
    title: "The wallet declined the refund",
    retry: "never",
    cashier: {
      en:
        "The wallet did not take the refund. Give the money back another way.",
      zh: "钱包未受理该笔退款，请以其他方式退款。",
    },
    customer: {
      en: "The wallet did not take the refund. The shop pays you another way.",
      zh: "钱包未受理该笔退款，商家将以其他方式退款给您。",
    },
  },
  "refund-refused": {
    status: 409,
    title: "The order cannot be refunded like this",
    retry: "never",
    cashier: {
      en:
        "This refund is not possible. Look at what was refunded of the order before you give money back another way.",
      zh: "无法办理该笔退款。以其他方式退款前，请先核对该订单的退款记录。",
    },
    customer: {
      en: "Please wait while the shop looks into it.",
      zh: "请稍候，商家正在核实。",
    },
  },
  "too-many-attempts": {
    status: 429,
    title: "Too many codes were not accepted",
    retry: "later",
    retryAfterSeconds: 60,
    cashier: {
      en:
        "Too many codes at this till or in this shop were not accepted. Wait a minute, then scan a new code for the same order.",
      zh:
        "本收银台或本店未被接受的付款码过多。请等待一分钟，再为同一订单扫描新的付款码。",
    },
    customer: {
      en: "Please wait a minute, then show a new payment code.",
      zh: "请等待一分钟，再出示新的付款码。",
    },
  },
  "store-unavailable": {
    status: 503,
    title: "The service cannot answer right now",
    retry: "same-order",
    retryAfterSeconds: 2,
    cashier: {
      en:
        "The service cannot answer right now. Do not hand over the goods. Repeat the same order in a moment; start no new one.",
      zh: "服务暂时无法响应，请勿交付商品。请稍后重试同一订单，不要新建订单。",
    },
    customer: WAIT_AT_TILL,
  },
  "ledger-unavailable": {
    status: 503,
    title: "The wallet's ledger cannot answer right now",
    retry: "same-order",
    retryAfterSeconds: 2,
    cashier: {
      en:
        "The wallet cannot answer right now. Do not hand over the goods. Repeat the same order in a moment; start no new one.",
      zh:
        "钱包系统暂时无法响应，请勿交付商品。请稍后重试同一订单，不要新建订单。",
    },
    customer: WAIT_AT_TILL,
  },
  "clock-unsure": {
    status: 503,
    title: "The service is not sure of the time",
    retry: "same-order",
    retryAfterSeconds: 5,
    cashier: {
      en:
        "The service is not sure of the time and takes no codes. Do not hand over the goods. Repeat the same order in a moment; start no new one.",
      zh:
        "服务时间异常，暂不受理付款码，请勿交付商品。请稍后重试同一订单，不要新建订单。",
    },
    customer: WAIT_AT_TILL,
  },
} as const satisfies Record<string, ProblemKind>;

/** The stable code of a problem, as sent in `code`. */
export type ProblemCode = keyof typeof PROBLEMS;

/** Every code, in the order of the table. */
export const PROBLEM_CODES = Object.keys(PROBLEMS) as readonly ProblemCode[];
