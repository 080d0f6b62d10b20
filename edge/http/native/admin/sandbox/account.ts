/**
 * An account of the sandbox ledger.
 *
 * @module
 */

import { z } from "zod";
import { accountId, amount, currency } from "../../fields.ts";

/** The balance of an account. */
export const balanceMinor = amount(0, "Balance of the account, in minor units");

/**
 * The answer of the calls about an account. One that was never set has 0 and no
 * currency.
 */
export const SANDBOX_ACCOUNT = {
  schema: z.strictObject({
    account_id: accountId,
    balance_minor: balanceMinor,
    currency: currency.exactOptional(),
  }).meta({ id: "SandboxAccount" }),
  example: {
    account_id: "acct-1001",
    balance_minor: 100_000,
    currency: "EUR",
  },
};
