/**
 * The stored form of an order. One is kept for every purchase, so its text is short:
 * members have names of one letter, defaults are left out, and values that follow from
 * the record's name or from other members are not stored.
 *
 * @module
 */

import { orderKey } from "../store/keys.ts";
import { type Form, json, recordKind } from "../store/record.ts";
import { StoreUnavailableError } from "../store/store.ts";
import { orderName, paymentIdOf, tailOf } from "./payment_id.ts";
import {
  type EarlierAttempt,
  type OrderRecord,
  type PaymentRecord,
  type PaymentStatus,
} from "./record.ts";
import type { RefundRecord } from "./refund.ts";

/** Members that are `undefined` are not written. */
interface StoredAttempt {
  /** The part of the payment id behind the order's name. */
  readonly i: string;
  /** Description, store, terminal, decline reason. */
  readonly e?: string | undefined;
  readonly o?: string | undefined;
  readonly l?: string | undefined;
  readonly r?: string | undefined;
  /** Whether the customer has confirmed. */
  readonly k?: 1 | undefined;
  /** When it was created, unix ms, and how many ms later it was last changed. */
  readonly t: number;
  readonly u?: number | undefined;
}

interface StoredEarlier extends StoredAttempt {
  /** Version of the order. */
  readonly v: number;
  /** Account and payer, if they differ from those of the latest attempt. */
  readonly a?: string | undefined;
  readonly y?: string | undefined;
}

interface StoredRefund {
  /** The merchant's id of the refund. */
  readonly i: string;
  readonly n: number;
  readonly s: string;
  /** Version of the order, remark, decline reason. */
  readonly v: number;
  readonly e?: string | undefined;
  readonly r?: string | undefined;
  /** When it began, unix ms, and how many ms later it was last changed. */
  readonly t: number;
  readonly u?: number | undefined;
}

interface StoredPayment extends StoredAttempt {
  readonly s: string;
  /** Amount and currency, which all attempts have in common. */
  readonly n: number;
  readonly c: string;
  readonly a: string;
  readonly y: string;
  /** Fingerprint of the code: key and hash. */
  readonly h: string;
  /** Taken from the limits: on which day, and whether as an offline use. */
  readonly d: string;
  readonly f?: 1 | undefined;
  readonly g?: 1 | undefined;
  readonly z?: "reversed" | "declined" | undefined;
  /** When it succeeded, unix ms, once a reversal of it has begun. */
  readonly p?: number | undefined;
  /** 1 if what the payment took from its account's limits is not given back yet. */
  readonly j?: 1 | undefined;
  /** The merchant's name and the deadline, until the payment has ended. */
  readonly w?: string | undefined;
  readonly x?: number | undefined;
  /**
   * Only for one of several payments for one bill: the bill, and the number of the
   * payment.
   */
  readonly q?: readonly [of: string, part: number] | undefined;
  readonly b?: readonly StoredRefund[] | undefined;
}

interface StoredOrder {
  readonly m: string;
  readonly o: string;
  readonly v: number;
  /** How often the order was changed. */
  readonly f?: number | undefined;
  readonly p?: StoredPayment | undefined;
  readonly e?: readonly StoredEarlier[] | undefined;
}

const STATUSES = {
  p: "processing",
  a: "awaiting_confirmation",
  s: "succeeded",
  d: "declined",
  u: "reversing",
  r: "reversed",
  f: "refunded",
} as const satisfies Record<string, PaymentStatus>;
const LETTERS = Object.fromEntries(
  Object.entries(STATUSES).map(([letter, status]) => [status, letter]),
);

const stored = json<StoredOrder>();

const flag = (is: boolean | undefined): 1 | undefined => is ? 1 : undefined;
/** Leaves out a value that is the default. */
const unless = <T>(usual: T, value: T): T | undefined =>
  value === usual ? undefined : value;

function writeEarlier(
  it: EarlierAttempt,
  latest: PaymentRecord,
): StoredEarlier {
  return {
    i: tailOf(it.payment_id),
    v: it.order_version,
    a: unless(latest.account_id, it.account_id),
    y: unless(latest.payer, it.payer),
    e: it.description,
    o: it.store_id,
    l: it.terminal_id,
    r: it.decline_reason,
    k: flag(it.confirmed),
    t: it.created_ms,
    u: unless(0, it.updated_ms - it.created_ms),
  };
}

const writeRefund = (it: RefundRecord): StoredRefund => ({
  i: it.refund_id,
  n: it.amount_minor,
  // A refund has the same letters as a payment, because every status of a refund is
  // also one of a payment.
  s: LETTERS[it.status]!,
  v: it.order_version,
  e: it.reason,
  r: it.decline_reason,
  t: it.created_ms,
  u: unless(0, it.updated_ms - it.created_ms),
});

const readRefund = (it: StoredRefund): RefundRecord => ({
  refund_id: it.i,
  amount_minor: it.n,
  status: STATUSES[it.s as "p" | "s" | "d"],
  ...(it.e !== undefined && { reason: it.e }),
  ...(it.r !== undefined && { decline_reason: it.r }),
  order_version: it.v,
  created_ms: it.t,
  updated_ms: it.t + (it.u ?? 0),
});

function writePayment(it: PaymentRecord): StoredPayment {
  return {
    i: tailOf(it.payment_id),
    s: LETTERS[it.status]!,
    n: it.amount_minor,
    c: it.currency,
    a: it.account_id,
    y: it.payer,
    h: `${it.code_hash.kid}.${it.code_hash.hash}`,
    d: it.taken.day,
    f: flag(it.taken.offline),
    g: flag(it.guards_double_scan),
    z: it.ends_as,
    p: it.paid_ms,
    j: flag(it.owes),
    w: unless("", it.merchant_name),
    x: unless(0, it.deadline_ms),
    q: it.split && [it.split.of, it.split.part],
    b: it.refunds?.map(writeRefund),
    e: it.description,
    o: it.store_id,
    l: it.terminal_id,
    r: it.decline_reason,
    k: flag(it.confirmed),
    t: it.created_ms,
    u: unless(0, it.updated_ms - it.created_ms),
  };
}

/** Reads the members that all attempts have in common. */
function readAttempt(name: string, it: StoredAttempt) {
  return {
    payment_id: paymentIdOf(name, it.i),
    ...(it.e !== undefined && { description: it.e }),
    ...(it.o !== undefined && { store_id: it.o }),
    ...(it.l !== undefined && { terminal_id: it.l }),
    ...(it.r !== undefined && { decline_reason: it.r }),
    confirmed: it.k !== undefined,
    created_ms: it.t,
    updated_ms: it.t + (it.u ?? 0),
  };
}

/**
 * The stored form of the order with this name.
 *
 * Reading throws {@linkcode StoreUnavailableError} if the text belongs to another order.
 */
const orderForm = (name: string): Form<OrderRecord> => ({
  write({ merchant_id, order_id, version, first_version, payment, earlier }) {
    return stored.write({
      m: merchant_id,
      o: order_id,
      v: version,
      f: unless(0, version - first_version),
      p: payment === null ? undefined : writePayment(payment),
      e: payment === null || earlier.length === 0
        ? undefined
        : earlier.map((it) => writeEarlier(it, payment)),
    });
  },
  read(text) {
    const { m, o, v, f = 0, p, e = [] } = stored.read(text);
    if (orderName(m, o) !== name) throw new StoreUnavailableError("corrupt");
    const order = { merchant_id: m, order_id: o, version: v };
    const first_version = v - f;
    if (p === undefined) {
      return { ...order, first_version, payment: null, earlier: [] };
    }
    const amount = { amount_minor: p.n, currency: p.c };
    const dot = p.h.indexOf(".");
    return {
      ...order,
      first_version,
      payment: {
        ...readAttempt(name, p),
        ...amount,
        merchant_id: m,
        merchant_name: p.w ?? "",
        order_id: o,
        status: STATUSES[p.s as keyof typeof STATUSES],
        account_id: p.a,
        code_hash: { kid: p.h.slice(0, dot), hash: p.h.slice(dot + 1) },
        payer: p.y,
        order_version: v,
        deadline_ms: p.x ?? 0,
        taken: { day: p.d, offline: p.f !== undefined },
        ...(p.g !== undefined && { guards_double_scan: true }),
        ...(p.z !== undefined && { ends_as: p.z }),
        ...(p.p !== undefined && { paid_ms: p.p }),
        ...(p.j !== undefined && { owes: true }),
        ...(p.q !== undefined && { split: { of: p.q[0], part: p.q[1] } }),
        ...(p.b !== undefined && { refunds: p.b.map(readRefund) }),
      },
      earlier: e.map((it) => ({
        ...readAttempt(name, it),
        ...amount,
        account_id: it.a ?? p.a,
        payer: it.y ?? p.y,
        order_version: it.v,
      })),
    };
  },
});

/**
 * Orders, by their names. The write of an order that has ended says how long it
 * is kept.
 */
export const orders = recordKind({ key: orderKey, form: orderForm });

/** Reads the text that is stored under an order's name. */
export const parseOrder = (name: string, text: string): OrderRecord =>
  orders(name).held(text).value!;
