/**
 * The calls of a wallet's backend, in the order of the document.
 *
 * @module
 */

import type { Audience } from "../../kit/call.ts";
import { changeEnrolment } from "./change_enrolment.ts";
import { confirmPayment } from "./confirm_payment.ts";
import { enrol } from "./enrol.ts";
import { enrolBatch } from "./enrol_batch.ts";
import { eraseAccount } from "./erase_account.ts";
import { getAccount } from "./get_account.ts";
import { getEnrolment } from "./get_enrolment.ts";
import { issueOnlineCode } from "./issue_online_code.ts";
import { listConfirmations } from "./list_confirmations.ts";
import { renewEnrolment } from "./renew_enrolment.ts";
import { revokeEnrolment } from "./revoke_enrolment.ts";
import { setLimits } from "./set_limits.ts";
import { setPosture } from "./set_posture.ts";
import { setStatus } from "./set_status.ts";
import { verify } from "./verify.ts";

export const WALLET: Audience = {
  tag: "Wallet",
  description: "Enrol devices, find customers",
  calls: [
    enrol,
    enrolBatch,
    getEnrolment,
    changeEnrolment,
    revokeEnrolment,
    renewEnrolment,
    setPosture,
    getAccount,
    setLimits,
    setStatus,
    eraseAccount,
    issueOnlineCode,
    listConfirmations,
    confirmPayment,
    verify,
  ],
};
