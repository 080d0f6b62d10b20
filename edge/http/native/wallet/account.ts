/**
 * An account as a wallet's backend sees it.
 *
 * @module
 */

import { z } from "zod";
import type { Account } from "../../../enrolment/accounts.ts";
import { time } from "../../kit/fields.ts";
import { accountId, amount, currency } from "../fields.ts";
import { credentialId, enrolmentExample, reason, risk } from "./enrolment.ts";

/** A number of payments. */
export const count = z.int("must be an integer from 0 to 1000000")
  .min(0, "must be an integer from 0 to 1000000")
  .max(1_000_000, "must be an integer from 0 to 1000000")
  .meta({ example: 20 });

/** Whether offline codes pay. */
export const offlineCodes = z.enum(["on", "off"], "must be on or off");

/** The answer of the calls about an account. */
export const ACCOUNT = {
  schema: z.strictObject({
    account_id: accountId,
    risk,
    reason,
    offline_codes: offlineCodes,
    limits: z.strictObject({
      per_payment_minor: z.int().min(0),
      per_day_minor: z.int().min(0),
      count_per_day: z.int().min(0),
      currency,
    }).meta({
      description:
        "The limits in force: the lower of the tier's limits and the customer's own",
    }),
    used_today: z.strictObject({
      count: z.int().min(0).meta({ description: "Payments" }),
      offline_uses: z.int().min(0).meta({
        description:
          "Offline codes used since the last online code or confirmation, on any day",
      }),
      amounts: z.array(
        z.strictObject({ currency, amount_minor: z.int().min(1) }),
      ),
    }),
    seen_online_at: time("When the account's phone was last seen online")
      .exactOptional(),
    credential_id: credentialId.exactOptional(),
  }).meta({ id: "Account" }),
  example: {
    account_id: "acct-1001",
    risk: "restricted",
    reason: "rooted",
    offline_codes: "on",
    limits: {
      per_payment_minor: 20_000,
      per_day_minor: 100_000,
      count_per_day: 10,
      currency: "EUR",
    },
    used_today: {
      count: 1,
      offline_uses: 3,
      amounts: [{ currency: "EUR", amount_minor: 1250 }],
    },
    seen_online_at: "2026-01-30T08:00:00.000Z",
    credential_id: enrolmentExample.credential_id,
  },
};

/** A customer's own limits. */
export const ownLimits = {
  per_payment_minor: amount(0, "Most of one payment").exactOptional(),
  per_day_minor: amount(0, "Most of all payments of a day").exactOptional(),
  count_per_day: count.exactOptional(),
  currency,
};

/** An account in the words of the API. */
export function viewAccount(
  { limits, usedToday, offlineCodes, seenOnlineAtMs, credentialId, ...rest }:
    Account,
) {
  return {
    ...rest,
    offlineCodes: offlineCodes ? "on" as const : "off" as const,
    limits: { ...limits, currency: limits.currency as Currency },
    usedToday: {
      ...usedToday,
      amounts: usedToday.amounts.map((it) => ({
        ...it,
        currency: it.currency as Currency,
      })),
    },
    seenOnlineAt: seenOnlineAtMs === null
      ? undefined
      : new Date(seenOnlineAtMs).toISOString(),
    credentialId: credentialId ?? undefined,
  };
}

type Currency = z.input<typeof currency>;
