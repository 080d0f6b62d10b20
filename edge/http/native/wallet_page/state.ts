/**
 * What the wallet page gets to know of its enrolment.
 *
 * @module
 */

import { z } from "zod";
import type { Refusal } from "../../../base/outcome.ts";
import type { WalletState } from "../../../sandbox/wallet.ts";
import { reply } from "../../kit/call.ts";
import { displayName, time } from "../../kit/fields.ts";
import { accountId, amount, currency } from "../fields.ts";
import { paymentId } from "../merchant/payment.ts";
import { offlineCodes } from "../wallet/account.ts";
import { credentialId, reason, risk, seedEnds } from "../wallet/enrolment.ts";

/** The parameters of the calls about an enrolment. */
export const PARAMS = { id: credentialId };

/** The answer of the calls about an enrolment. */
export const STATE = {
  schema: z.strictObject({
    credential_id: credentialId,
    account_id: accountId,
    status: z.enum(["active", "revoked", "expired"]),
    expires_at: seedEnds,
    now: time("By the edge's clock"),
    risk,
    reason,
    offline_codes: offlineCodes,
    offline_until: time("Until when codes pay without being seen online")
      .exactOptional(),
    balance_minor: z.int(),
    currency,
    per_payment_minor: z.int(),
    limit_currency: currency,
    waiting: z.array(z.strictObject({
      payment_id: paymentId,
      merchant_name: displayName,
      amount_minor: amount(1, "In minor units"),
      currency,
      expires_at: time("When the payment is declined"),
    })),
  }),
};

/** Answers a state. */
export function replyState(outcome: WalletState | Refusal) {
  return reply(
    200,
    outcome,
    ({ nowMs, limits, offlineCodes, offlineUntilMs, waiting, ...it }) => ({
      ...it,
      now: new Date(nowMs).toISOString(),
      offlineCodes: offlineCodes ? "on" as const : "off" as const,
      offlineUntil: offlineUntilMs === null
        ? undefined
        : new Date(offlineUntilMs).toISOString(),
      currency: it.currency as Currency,
      perPaymentMinor: limits.perPaymentMinor,
      limitCurrency: limits.currency as Currency,
      waiting: waiting.map((payment) => ({
        ...payment,
        currency: payment.currency as Currency,
      })),
    }),
  );
}

type Currency = z.input<typeof currency>;
