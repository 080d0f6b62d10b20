/**
 * The names of orders and payments in the store. The name of an order is a hash of its
 * merchant's id and its order id. The id of a payment begins with the name of its order,
 * so that a payment is found without a record of its own.
 *
 *     pay_ · order's name, 128 bits · merchant's cell, 10 bits ·
 *            customer's cell, 10 bits · random, 44 bits
 *
 * all in hex. While there is one cell, both cells are 0.
 *
 * @module
 */

import crypto from "node:crypto";
import type { Random } from "../base/clock.ts";

const NAME_DIGITS = 32;

const utf8 = new TextEncoder();
let last: { merchantId: string; orderId: string; name: string } | null = null;

/**
 * The name of a merchant's order: the first 128 bits of SHA-256 over both ids,
 * each behind its length in UTF-8 bytes (32-bit big-endian), in hex. The latest name is
 * remembered, because a payment asks for its order's name several times.
 */
export function orderName(merchantId: string, orderId: string): string {
  if (last?.orderId === orderId && last.merchantId === merchantId) {
    return last.name;
  }
  const ids = [merchantId, orderId];
  const bytes = new Uint8Array(8 + 3 * (merchantId.length + orderId.length));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const id of ids) {
    const { written } = utf8.encodeInto(id, bytes.subarray(at + 4));
    view.setUint32(at, written);
    at += 4 + written;
  }
  // `crypto.hash` is one call; `createHash` first makes a stream object.
  const named = bytes.subarray(0, at);
  const hash = crypto.hash !== undefined
    ? crypto.hash("sha256", named, "hex")
    : crypto.createHash("sha256").update(named).digest("hex");
  last = { merchantId, orderId, name: hash.slice(0, NAME_DIGITS) };
  return last.name;
}

/** A new id for a payment of the order with this name. */
export function newPaymentId(orderName: string, random: Random): string {
  const bytes = random.bytes(8);
  // The first 20 bits are the two cells, both 0; the other bits are random.
  bytes[0] = 0;
  bytes[1] = 0;
  bytes[2]! &= 0x0f;
  return paymentIdOf(orderName, bytes.toHex());
}

/** The payment id that consists of an order's name and `tail`. */
export function paymentIdOf(orderName: string, tail: string): string {
  return `pay_${orderName}${tail}`;
}

/** The part of a payment id behind the name of its order. */
export function tailOf(paymentId: string): string {
  return paymentId.slice("pay_".length + NAME_DIGITS);
}

/** Whether a text has the form of a payment's id. */
export function isPaymentId(text: string): boolean {
  return /^pay_[0-9a-f]{48}$/.test(text);
}

/** The name of a payment's order. */
export function orderNameOf(paymentId: string): string {
  return paymentId.slice("pay_".length, "pay_".length + NAME_DIGITS);
}
