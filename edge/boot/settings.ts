/**
 * The settings that an operator may choose, and their defaults.
 *
 * @module
 */

import {
  DEFAULT_PROFILES,
  type Profile,
  PROFILE_1,
  type Profiles,
} from "../code/profile.ts";
import type { TrustedKeys } from "../code/manifest.ts";
import type { DoubleScanAsks } from "../payment/double_scan.ts";
import type { PaymentTimes } from "../payment/transition.ts";
import type { BadCodes, WalletBadCodes } from "../merchant/rations.ts";
import type { Limits } from "../risk/limits.ts";
import { POSTURE_RULES, type PostureRule } from "../risk/posture.ts";
import { RECORD_TTL_MS } from "../store/keys.ts";

/** All settings of the use cases. */
export interface Settings {
  /** SHA-256 of the admin key in hex. */
  readonly adminKeyHash: string;
  /** Two digits that route codes to this wallet. */
  readonly prefix: string;
  /** Profiles whose codes are served. */
  readonly profiles: Profiles;
  /** Profile that new credentials get, one of those served. */
  readonly enrolmentProfile: Profile;
  readonly limits: Limits;
  /** The rules that map the state of a phone to a tier. */
  readonly postureRules: readonly PostureRule[];
  /** The limits of bad codes for merchants that have none of their own. */
  readonly badCodes: BadCodes;
  readonly walletBadCodes: WalletBadCodes;
  readonly times: PaymentTimes;
  /**
   * A payment is a possible double scan if the same payer paid the same amount to
   * the same merchant for another order within this time, in ms. Somebody is then
   * asked about it. 0 turns this off.
   */
  readonly doubleScanMs: number;
  /** Who is asked about it: the cashier by the till, or the customer. */
  readonly doubleScanAsks: DoubleScanAsks;
  /** For how long after its payment an order can be refunded, in ms. */
  readonly refundMs: number;
  /**
   * Whether merchants get codes for test answers, and the wallet page its backend; only
   * with the sandbox ledger.
   */
  readonly hasTestCodes?: boolean;
  /** Whether a store that evicts records may be used. */
  readonly allowsEviction: boolean;
  /** The most linear memory of the core, in bytes. */
  readonly coreMemoryBytes: number;
  readonly release: ReleaseSettings;
}

/** What holds for core releases. */
export interface ReleaseSettings {
  readonly trusted: TrustedKeys;
  /**
   * How long a release must have been in shadow before it may be active, ms.
   */
  readonly shadowMs: number;
  /**
   * How many of its searches must have been compared before it may be active.
   */
  readonly shadowSearches: number;
  /** Whether the built-in core serves where the active release cannot. */
  readonly allowsBuiltIn: boolean;
}

/** The settings that an operator chooses by variables of the environment. */
export type OperatorSettings = Pick<
  Settings,
  | "limits"
  | "postureRules"
  | "badCodes"
  | "walletBadCodes"
  | "times"
  | "doubleScanMs"
  | "doubleScanAsks"
  | "refundMs"
  | "allowsEviction"
  | "coreMemoryBytes"
  | "release"
>;

/** The defaults. */
export const DEFAULT_SETTINGS:
  & OperatorSettings
  & Pick<Settings, "prefix" | "profiles" | "enrolmentProfile"> = {
    prefix: "90",
    profiles: DEFAULT_PROFILES,
    enrolmentProfile: PROFILE_1,
    // `risk/README.md` says where each figure comes from.
    limits: {
      normal: {
        perPaymentMinor: 500_000,
        perDayMinor: 500_000,
        countPerDay: 50,
        offlineUses: 50,
        stepUpAboveMinor: 100_000,
      },
      restricted: {
        perPaymentMinor: 50_000,
        perDayMinor: 100_000,
        countPerDay: 10,
        offlineUses: 5,
        stepUpAboveMinor: 5_000,
      },
      timeZone: "UTC",
      offlineDays: 14,
    },
    postureRules: POSTURE_RULES,
    badCodes: { perTerminalMinute: 20, perMinute: 100, perDay: 1_000 },
    walletBadCodes: { perMinute: 20, perDay: 1_000 },
    times: {
      deadlineMs: 45_000,
      confirmationMs: 180_000,
      ledgerTimeoutMs: 8_000,
      recordMs: RECORD_TTL_MS,
    },
    doubleScanMs: 60_000,
    doubleScanAsks: "cashier",
    refundMs: 365 * 86_400_000,
    allowsEviction: false,
    coreMemoryBytes: 256 * 2 ** 20,
    release: {
      trusted: { keys: [], threshold: 1 },
      shadowMs: 600_000,
      shadowSearches: 1_000,
      allowsBuiltIn: false,
    },
  };
