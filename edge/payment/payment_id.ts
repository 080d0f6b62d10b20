/**
 * The names of orders and payments in the store. An order is named by the hash
 * of who has it and what it is called there; the id of a payment begins with
 * the name of its order, so that no record has to say where a payment is.
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

/**
 * The name of a merchant's order: the first 128 bits of SHA-256 over both ids,
 * each behind its length in UTF-8 bytes (32-bit big-endian), in hex.
 */
export function orderName(merchantId: string, orderId: string): string {
  return crypto.createHash("sha256").update(withLength(merchantId))
    .update(withLength(orderId)).digest("hex").slice(0, NAME_DIGITS);
}

function withLength(text: string): Uint8Array {
  const bytes = new TextEncoder().encode(text);
  const whole = new Uint8Array(4 + bytes.length);
  new DataView(whole.buffer).setUint32(0, bytes.length);
  whole.set(bytes, 4);
  return whole;
}

/** A new id for a payment of the order with this name. */
export function newPaymentId(orderName: string, random: Random): string {
  const bytes = random.bytes(8);
  // Both cells, and the four bits behind them that are random.
  bytes[0] = 0;
  bytes[1] = 0;
  bytes[2]! &= 0x0f;
  return paymentIdOf(orderName, bytes.toHex());
}

/** The id of a payment of this order that ends with `tail`. */
export function paymentIdOf(orderName: string, tail: string): string {
  return `pay_${orderName}${tail}`;
}

/** What the id of a payment has behind the name of its order. */
export function tailOf(paymentId: string): string {
  return paymentId.slice("pay_".length + NAME_DIGITS);
}

/** Whether a text has the form of a payment's id. */
export function isPaymentId(text: string): boolean {
  return /^pay_[0-9a-f]{48}$/.test(text);
}

/** The name of the order that a payment is of. */
export function orderNameOf(paymentId: string): string {
  return paymentId.slice("pay_".length, "pay_".length + NAME_DIGITS);
}
