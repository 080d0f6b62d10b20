/**
 * The calls of a merchant about payments, in the order of the document.
 *
 * @module
 */

import type { Audience } from "../../kit/call.ts";
import { findPayment } from "./find_payment.ts";
import { getPayment } from "./get_payment.ts";
import { getBill } from "./get_bill.ts";
import { getRefund } from "./get_refund.ts";
import { getTotals } from "./get_totals.ts";
import { addOwnKey } from "./keys/add.ts";
import { endOwnKey } from "./keys/end.ts";
import { listOwnKeys } from "./keys/list.ts";
import { pay } from "./pay.ts";
import { refund } from "./refund.ts";
import { reverse } from "./reverse.ts";

export const MERCHANT: Audience = {
  tag: "Merchant",
  description: "Take payments",
  calls: [
    pay,
    findPayment,
    getPayment,
    reverse,
    refund,
    getRefund,
    getBill,
    getTotals,
    listOwnKeys,
    addOwnKey,
    endOwnKey,
  ],
};
