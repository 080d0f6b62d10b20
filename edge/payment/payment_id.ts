/**
 * The names of orders and payments in the store. The name of an order is a hash of its
 * merchant's id and its order id, with the merchant's place in the ten last bits of its first
 * three hex digits. The id of a payment begins with the name of its order, so that a payment
 * is found without a record of its own, and goes on with 64 bits, of which bits 2 to 11 are a
 * place of its customer's cell: random bits, and as many bits of the cell's number as the
 * number of cells has. All is in hex.
 *
 * @module
 */

import type { Cells } from "../store/store.ts";
import crypto from "node:crypto";
import type { Random } from "../base/clock.ts";
import { accountKey } from "../store/keys.ts";
import { placeOfId, withPlace } from "../store/place.ts";

const NAME_DIGITS = 32;

const utf8 = new TextEncoder();
let last: { merchantId: string; orderId: string; name: string } | null = null;

/**
 * The name of a merchant's order: the first 128 bits of SHA-256 over both ids,
 * each behind its length in UTF-8 bytes (32-bit big-endian), in hex, with the merchant's
 * place. The latest name is remembered, because a payment asks for its order's name several
 * times.
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
  const name = withPlace(hash.slice(0, NAME_DIGITS), placeOfId(merchantId));
  last = { merchantId, orderId, name };
  return last.name;
}

/** A new id for a payment of the order with this name by an account. */
export function newPaymentId(
  orderName: string,
  accountId: string,
  random: Random,
  cells?: Cells,
): string {
  const tail = random.bytes(8).toHex();
  if (cells === undefined) return paymentIdOf(orderName, tail);
  // More bits of the account's place would let merchants compare their customers.
  const cell = cells.cellOf(accountKey(accountId)) ?? 0;
  return paymentIdOf(orderName, withPlace(tail, cell, cells.count));
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
