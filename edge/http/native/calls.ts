/**
 * Every call of the API, in the order of the document.
 *
 * @module
 */

import type { Audience } from "../kit/call.ts";
import { ADMIN, SANDBOX } from "./admin/calls.ts";
import { CALLBACKS } from "./callback/calls.ts";
import { live } from "./health/live.ts";
import { getMetrics } from "./health/metrics.ts";
import { ready } from "./health/ready.ts";
import { MERCHANT } from "./merchant/calls.ts";
import { CORES } from "./cores/calls.ts";
import { RELEASES } from "./release/calls.ts";
import { WALLET } from "./wallet/calls.ts";

/** Every call, under the heading that the document shows it under. */
export const AUDIENCES: readonly Audience[] = [
  MERCHANT,
  CALLBACKS,
  WALLET,
  ADMIN,
  SANDBOX,
  RELEASES,
  CORES,
  {
    tag: "Health",
    description: "For load balancers and for Prometheus",
    calls: [live, ready, getMetrics],
  },
];

/** Every call. */
export const CALLS = AUDIENCES.flatMap(({ calls }) => calls);
