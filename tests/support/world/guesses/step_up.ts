/**
 * A shop whose customers must confirm, for tests of confirmations.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { type TestAppOptions } from "../app.ts";
import { type Desk, limited, openDesk } from "../desk.ts";

/** How long a customer has to confirm. */
export const MINUTES_3_MS = 180_000;

/** A shop whose customers confirm above 10.00. */
export function stepUpDesk(options: TestAppOptions = {}): Promise<Desk> {
  return openDesk({
    ...options,
    settings: limited({ stepUpAboveMinor: 1_000 }),
  });
}

/** A payment of 12.50 that waits; its id. */
export async function waitingPayment(
  desk: Desk,
  order = "order-1",
): Promise<string> {
  const { status, body } = await desk.pay(order, desk.code());
  assertEquals([status, body.code], [402, "payment-pending"]);
  return body.payment_id;
}
