/**
 * The calls of the wallet page to its backend. They are not part of the API: they need
 * no key, and only an edge with the sandbox ledger and development keys has them.
 *
 * @module
 */

import type { Call } from "../../kit/call.ts";
import { decidePayment } from "./decide.ts";
import { enrolWallet } from "./enrol.ts";
import { getWallet } from "./get.ts";
import { leaveWallet } from "./leave.ts";
import { renewWallet } from "./renew.ts";
import { reportPhone } from "./report.ts";
import { startWallet } from "./start.ts";

/** Every call of the wallet page. */
export const WALLET_PAGE_CALLS: readonly Call[] = [
  startWallet,
  enrolWallet,
  getWallet,
  leaveWallet,
  renewWallet,
  reportPhone,
  decidePayment,
];
