/**
 * What the wallet, the phone's state and the customer say about an account, in
 * one field of it. A field that says nothing is absent, so that the usual
 * payment needs no reading beforehand: a transaction assumes a policy, and a
 * refusal brings the true one.
 *
 * The text is short, because Redis stores a map with a field of more than 64
 * bytes in two and a half times the memory.
 *
 * @module
 */

import { type Refusal, refused } from "../base/outcome.ts";
import type { Guard } from "../store/commit.ts";
import { accountField } from "../store/keys.ts";
import { type Held, recordKind } from "../store/record.ts";
import type { Write } from "../store/store.ts";

/** Risk tier of an account. */
export type Risk = "normal" | "restricted" | "blocked";

/** A tier whose accounts may pay. */
export type PayingTier = Exclude<Risk, "blocked">;

/** What is assumed of the account that a code belongs to. */
export interface Payer {
  readonly policy: Policy;
  /** What the policy comes to. */
  readonly tier: PayingTier;
}

/** Every tier, the mildest first. */
export const TIERS: readonly Risk[] = ["normal", "restricted", "blocked"];

/** A tier and the name of what decided it. */
export interface Judgement {
  readonly risk: Risk;
  /** A name of 1 to 20 small letters, digits and hyphens. */
  readonly reason: string;
}

/** A customer's own limits; what is not given is not limited by them. */
export interface OwnLimits {
  /** Of the amounts. */
  readonly currency: string;
  readonly perPaymentMinor?: number;
  readonly perDayMinor?: number;
  /** Of payments in all currencies. */
  readonly countPerDay?: number;
}

/** All that is said about an account. */
export interface Policy {
  /** The tier that the wallet has set. */
  readonly set: Risk;
  /** What the latest posture of the phone came to, where a rule was met. */
  readonly posture?: Judgement;
  /** Whether the customer lets offline codes pay. */
  readonly offlineCodes: boolean;
  readonly own?: OwnLimits;
}

/** The policy of an account that nothing was said about. */
export const USUAL: Policy = { set: "normal", offlineCodes: true };

/** Names of reasons. */
export const REASON = /^[a-z0-9-]{1,20}$/;
/** The reason where nothing lowers the tier. */
const NO_REASON = "none";
/** The reason where the wallet has set the tier. */
const BY_WALLET = "set-by-wallet";

const LETTERS = "nrb";

/** Set tier, tier of the posture, switch; reason; own limits in base 36. */
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
  // A guard compares texts: there must be one for each policy.
  if (isUsual(policy) || write(policy) !== text) {
    throw new TypeError("No policy");
  }
  return policy;
}

function isUsual({ set, posture, offlineCodes, own }: Policy): boolean {
  return set === "normal" && posture === undefined && offlineCodes &&
    own === undefined;
}

/** The policy of an account, where it is not the usual one. */
export const policies = recordKind({
  key: (accountId: string) => accountField(accountId, "policy"),
  form: { write, read },
});

/** Writes the policy of an account. */
export function setPolicy(held: Held<Policy>, policy: Policy): Write {
  return isUsual(policy) ? held.delete() : held.set(policy);
}

/** The guard that an account's policy is `policy`. */
export function policyGuard(
  accountId: string,
  policy: Policy,
): Guard<"policy"> {
  const text = isUsual(policy) ? null : write(policy);
  return policies(accountId).held(text).unchanged("policy");
}

/**
 * The policy that a text of the store says; `null`: the usual one.
 *
 * @throws {StoreUnavailableError} `corrupt`, if it says none.
 */
export function policyOf(accountId: string, text: string | null): Policy {
  return policies(accountId).held(text).value ?? USUAL;
}

/** The tier that counts, the more severe one, and why. */
export function judge({ set, posture }: Policy): Judgement {
  const worse = (a: Risk, b: Risk) => TIERS.indexOf(a) > TIERS.indexOf(b);
  if (posture !== undefined && worse(posture.risk, set)) return posture;
  return { risk: set, reason: set === "normal" ? NO_REASON : BY_WALLET };
}

/** Whether an account may pay nothing; `null`: nothing was said about it. */
export function isBlocked(policy: Policy | null): boolean {
  return judge(policy ?? USUAL).risk === "blocked";
}

/** The tier of an account that may pay, by a code of a kind, or why not. */
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
