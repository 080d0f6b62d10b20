/**
 * What callbacks cost and how fast they are: what an endpoint costs a payment,
 * how many one process delivers beside bare `fetch`, and what bad neighbors
 * change for the others.
 *
 * @module
 */

import { deliveryTable } from "./delivery.ts";
import { neighborsTable } from "./neighbors.ts";
import { paymentsTable } from "./payments.ts";
import type { Suite } from "../../table.ts";

/** Payments, deliveries, and the p99 of who does well. */
export const callbacksSuite: Suite = async () => [
  await paymentsTable(),
  await deliveryTable(),
  await neighborsTable(),
];
