/**
 * An enrolment as a wallet's backend sees it.
 *
 * @module
 */

import { z } from "zod";
import { chosenId, madeId, time } from "../../kit/fields.ts";
import { accountId } from "../fields.ts";

/** The id of a credential. */
export const credentialId = madeId(
  "cred",
  "One enrolment of one account on one phone",
);

/** The wallet's id of a device. */
export const deviceId = chosenId(
  "The wallet's own id of a device",
  "phone-7",
);

/** The risk tier of an account. */
export const risk = z.enum(
  ["normal", "restricted", "blocked"],
  "must be normal, restricted or blocked",
).meta({
  id: "Risk",
  description:
    "The account's tier: `restricted` has lower limits, `blocked` may not pay",
});

/** Why an account has its tier. */
export const reason = z.string().meta({
  description:
    "Why the account has this tier: the reason of the rule that its phone meets, `set-by-wallet`, or `none`",
  example: "rooted",
});

/** When the seed of an enrolment expires. */
export const seedEnds = time("When the seed expires unless it is renewed");

/** The answer of the calls about an enrolment. */
export const enrolment = z.strictObject({
  credential_id: credentialId,
  account_id: accountId,
  device_id: deviceId,
  profile: z.int().min(1).max(9).meta({ example: 1 }),
  risk,
  reason,
  status: z.enum(["active", "revoked", "expired"]),
  created_at: time("When the account was enrolled"),
  expires_at: seedEnds,
}).meta({ id: "Enrolment" });

/** An example of an enrolment. */
export const enrolmentExample = {
  credential_id: "cred_9f2c4e6a8b0d1f3a5c7e9b1d3f5a7c9e",
  account_id: "acct-1001",
  device_id: "phone-7",
  profile: 1,
  risk: "normal",
  reason: "none",
  status: "active",
  created_at: "2026-01-31T12:00:00.000Z",
  expires_at: "2026-03-02T12:00:00.000Z",
};
