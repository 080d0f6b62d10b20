/**
 * The policy of an account: what the wallet, the state of the phone and the customer have
 * decided, in one field of the account. The field is absent for the usual policy. A payment
 * needs no read beforehand: its transaction assumes the usual policy, and if a guard refuses
 * that, the refusal returns the real one.
 *
 * The text is short, because Redis needs two and a half times the memory for a map with a
 * field of more than 64 bytes.
 *
 * @module
 */

import { type Refusal, refused } from "../base/outcome.ts";
import type { Guard } from "../store/commit.ts";
import { ofAccount } from "../store/keys.ts";
import { type Held, recordKind } from "../store/record.ts";
import type { Write } from "../store/store.ts";

/** Risk tier of an account. */
export type Risk = "normal" | "restricted" | "blocked";

/** A tier whose accounts may pay. */
export type PayingTier = Exclude<Risk, "blocked">;

/** What is assumed of the account that a code belongs to. */
export interface Payer {
  readonly policy: Policy;
  /** The tier that follows from the policy. */
  readonly tier: PayingTier;
}

/** Every tier, the mildest first. */
export const TIERS: readonly Risk[] = ["normal", "restricted", "blocked"];

/** A tier, and the reason why it was chosen. */
export interface Judgement {
  readonly risk: Risk;
  /** A name of 1 to 20 small letters, digits and hyphens. */
  readonly reason: string;
}

/** A customer's own limits; absent ones do not limit. */
export interface OwnLimits {
  /** The currency of the amounts. */
  readonly currency: string;
  readonly perPaymentMinor?: number;
  readonly perDayMinor?: number;
  /** The number of payments in all currencies. */
  readonly countPerDay?: number;
}

/** The policy of an account. */
export interface Policy {
  /** The tier that the wallet has set. */
  readonly set: Risk;
  /** The judgement of the latest posture of the phone, if a rule was met. */
  readonly posture?: Judgement;
  /** Whether the customer lets offline codes pay. */
  readonly offlineCodes: boolean;
  readonly own?: OwnLimits;
}

/** The policy of an account for which nothing was decided. */
export const USUAL: Policy = { set: "normal", offlineCodes: true };

/** Names of reasons. */
export const REASON = /^[a-z0-9-]{1,20}$/;
/** The reason if nothing lowers the tier. */
const NO_REASON = "none";
/** The reason if the wallet has set the tier. */
const BY_WALLET = "set-by-wallet";

const LETTERS = "nrb";

/**
 * The tier that was set, the posture's tier, the switch; the reason; own limits
 * in base 36.
 */
const TEXT =
  /^([nrb])([nrb])([01])(?: ([a-z0-9-]{0,20})(?: ([A-Z]{3}),([0-9a-z]*),([0-9a-z]*),([0-9a-z]*))?)?$/;

function write({ set, posture, offlineCodes, own }: Policy): string {
  const letter = (risk: Risk) => LETTERS[TIERS.indexOf(risk)];
  const head = `${letter(set)}${letter(posture?.risk ?? "normal")}${
    offlineCodes ? 1 : 0
  }`;
  const number = (value?: number) => value?.toString(36) ?? "";
  const limits = own === undefined ? "" : [
    own.currency,
    number(own.perPaymentMinor),
    number(own.perDayMinor),
    number(own.countPerDay),
  ].join(",");
  return `${head} ${posture?.reason ?? ""} ${limits}`.trimEnd();
}

function read(text: string): Policy {
  const [, set, posture, on, reason = "", currency, ...numbers] =
    TEXT.exec(text) ?? [];
  const tier = (letter = "") => TIERS[LETTERS.indexOf(letter)]!;
  const [perPaymentMinor, perDayMinor, countPerDay] = numbers.map((digits) =>
    digits ? parseInt(digits, 36) : undefined
  );
  const policy: Policy = {
    set: tier(set),
    ...(reason !== "" && { posture: { risk: tier(posture), reason } }),
    offlineCodes: on === "1",
    ...(currency !== undefined && {
      own: {
        currency,
        ...(perPaymentMinor !== undefined && { perPaymentMinor }),
        ...(perDayMinor !== undefined && { perDayMinor }),
        ...(countPerDay !== undefined && { countPerDay }),
      },
    }),
  };
  // Guards compare texts, so every policy must have exactly one text.
  if (isUsual(policy) || write(policy) !== text) {
    throw new TypeError("No policy");
  }
  return policy;
}

function isUsual({ set, posture, offlineCodes, own }: Policy): boolean {
  return set === "normal" && posture === undefined && offlineCodes &&
    own === undefined;
}

/** The policy of an account, if it is not the usual one. */
export const policies = recordKind({
  key: ofAccount("policy"),
  form: { write, read },
});

/** Writes the policy of an account. */
export function setPolicy(
  held: Held<Policy, "account">,
  policy: Policy,
): Write<"account"> {
  return isUsual(policy) ? held.delete() : held.set(policy);
}

/** The guard that an account's policy is `policy`. */
export function policyGuard(
  accountId: string,
  policy: Policy,
): Guard<"policy", "account"> {
  const text = isUsual(policy) ? null : write(policy);
  return policies(accountId).held(text).unchanged("policy");
}

/**
 * Reads the policy from a text of the store; `null` means the usual one.
 *
 * @throws {StoreUnavailableError} `corrupt`, if the text is not a policy.
 */
export function policyOf(accountId: string, text: string | null): Policy {
  return policies(accountId).held(text).value ?? USUAL;
}

/** The tier in force, which is the more severe of the two, and its reason. */
export function judge({ set, posture }: Policy): Judgement {
  const worse = (a: Risk, b: Risk) => TIERS.indexOf(a) > TIERS.indexOf(b);
  if (posture !== undefined && worse(posture.risk, set)) return posture;
  return { risk: set, reason: set === "normal" ? NO_REASON : BY_WALLET };
}

/** Whether an account may not pay; `null` means the usual policy. */
export function isBlocked(policy: Policy | null): boolean {
  return judge(policy ?? USUAL).risk === "blocked";
}

/** The tier of an account that may pay with such a code, or why it may not. */
export function payingTier(
  policy: Policy,
  isOffline: boolean,
): PayingTier | Refusal {
  const { risk } = judge(policy);
  if (risk === "blocked") return refused("payer-blocked");
  if (isOffline && !policy.offlineCodes) {
    return refused("offline-codes-off", {
      detail: "The customer has switched offline codes off.",
    });
  }
  return risk;
}
