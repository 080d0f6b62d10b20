/**
 * The wallet's backend behind the page `/wallet`: for a few ready customers it does
 * what the backend of a real wallet does with its wallet key. The page never gets a
 * key. It names its enrolment by the credential's id, which only this phone has
 * received.
 *
 * A real backend would first authenticate its customer. This one does not, so only an
 * edge with the sandbox ledger and development keys has it.
 *
 * @module
 */

import type { Clock } from "../base/clock.ts";
import { type Refusal, refused } from "../base/outcome.ts";
import type { TrustedKeys } from "../code/manifest.ts";
import type { Account, Accounts } from "../enrolment/accounts.ts";
import type { Enrolment, NewEnrolment } from "../enrolment/enrolment.ts";
import type { Enrolments } from "../enrolment/enrolments.ts";
import type { Renewals } from "../enrolment/renewals.ts";
import type { SandboxAccounts } from "../ledger/ledger.ts";
import type {
  Confirmations,
  WaitingPayment,
} from "../payment/confirmations.ts";
import type { DeviceKey } from "../vault/deliver.ts";

/** A customer whom the page offers. */
export interface ReadyCustomer {
  readonly accountId: string;
  readonly name: string;
}

/** What the page shows of its enrolment. */
export interface WalletState extends Enrolment {
  /** By the edge's clock, unix ms. */
  readonly nowMs: number;
  readonly balanceMinor: number;
  readonly currency: string;
  readonly offlineCodes: boolean;
  readonly limits: Account["limits"];
  /**
   * Until when the phone can pay without being online, unix ms; `null` if there is no
   * such limit.
   */
  readonly offlineUntilMs: number | null;
  /** The payments that wait for the customer's confirmation. */
  readonly waiting: readonly WaitingPayment[];
}

/** The use cases of the page. */
export interface SandboxWallet {
  readonly customers: readonly ReadyCustomer[];
  /** The keys that may sign the cores of the page. */
  readonly trusted: TrustedKeys;
  /** Enrols a ready customer. If the account is empty, it gets a balance. */
  enrol(request: {
    readonly accountId: string;
    readonly deviceId: string;
    readonly deviceKey: DeviceKey;
  }): Promise<NewEnrolment | Refusal>;
  renew(credentialId: string): Promise<NewEnrolment | Refusal>;
  state(credentialId: string): Promise<WalletState | Refusal>;
  /** Reports the state of the phone; it counts as seen online. */
  report(
    credentialId: string,
    rooted: boolean,
  ): Promise<WalletState | Refusal>;
  /** Reports the customer's decision about a payment that waits for it. */
  decide(
    credentialId: string,
    paymentId: string,
    approve: boolean,
  ): Promise<WalletState | Refusal>;
  /** Destroys the seed on the server. */
  leave(credentialId: string): Promise<"revoked" | Refusal>;
}

/** What the page's backend needs. */
export interface SandboxWalletDeps {
  readonly clock: Clock;
  readonly enrolments: Enrolments;
  readonly renewals: Renewals;
  readonly accounts: Accounts;
  readonly confirmations: Confirmations;
  readonly sandbox: SandboxAccounts;
  readonly trusted: TrustedKeys;
  /**
   * For how many days the phone can pay without being online; 0 if there is no such
   * limit.
   */
  readonly offlineDays: number;
}

const DAY_MS = 86_400_000;

/** The wallet system of the page's customers. The backend sees no others. */
const SYSTEM = "wallet-page";

const CUSTOMERS: readonly ReadyCustomer[] = [
  { accountId: "wallet-anna", name: "Anna Berg" },
  { accountId: "wallet-ming", name: "李明 Li Ming" },
  { accountId: "wallet-rosa", name: "Rosa Delgado" },
];

const CURRENCY = "EUR";
const BALANCE_MINOR = 200_000;

/** Makes the {@linkcode SandboxWallet}. */
export function createSandboxWallet(deps: SandboxWalletDeps): SandboxWallet {
  const { enrolments, renewals, accounts, confirmations, sandbox } = deps;

  async function state(credentialId: string) {
    const enrolment = await enrolments.get(credentialId, SYSTEM);
    if ("kind" in enrolment) return enrolment;
    const { accountId } = enrolment;
    const [account, money, waiting] = await Promise.all([
      accounts.get(accountId, SYSTEM),
      sandbox.getAccount(accountId),
      confirmations.list(accountId, SYSTEM),
    ]);
    if ("kind" in account) return account;
    const { seenOnlineAtMs } = account;
    return {
      ...enrolment,
      nowMs: deps.clock.nowMs(),
      balanceMinor: money.balanceMinor,
      currency: money.currency ?? CURRENCY,
      ...{ offlineCodes: account.offlineCodes, limits: account.limits },
      offlineUntilMs: seenOnlineAtMs === null || deps.offlineDays === 0
        ? null
        : seenOnlineAtMs + deps.offlineDays * DAY_MS,
      waiting,
    };
  }

  return {
    ...{ customers: CUSTOMERS, trusted: deps.trusted, state },

    async enrol(request) {
      const { accountId } = request;
      if (!CUSTOMERS.some((it) => it.accountId === accountId)) {
        return refused("not-found");
      }
      const { balanceMinor } = await sandbox.getAccount(accountId);
      if (balanceMinor === 0) {
        await sandbox.setAccount(accountId, {
          balanceMinor: BALANCE_MINOR,
          currency: CURRENCY,
        });
      }
      return await enrolments.enrol({ ...request, by: SYSTEM });
    },

    renew: (credentialId) => renewals.renew({ credentialId, by: SYSTEM }),

    async report(credentialId, rooted) {
      const posture = { rooted, attestation: "absent" } as const;
      const judged = await accounts.setPosture(credentialId, posture, SYSTEM);
      return "kind" in judged ? judged : await state(credentialId);
    },

    async decide(credentialId, paymentId, approve) {
      const before = await state(credentialId);
      if ("kind" in before) return before;
      // A phone decides about its own customer's payments.
      if (!before.waiting.some((it) => it.paymentId === paymentId)) {
        return refused("not-found");
      }
      const decided = await confirmations.answer(paymentId, approve, SYSTEM);
      return "kind" in decided ? decided : await state(credentialId);
    },

    leave: (credentialId) => enrolments.revoke(credentialId, SYSTEM),
  };
}
