/**
 * The use cases that the calls of the API use.
 *
 * @module
 */

import type { Bills } from "../../bill/bills.ts";
import type { PaymentList } from "../../bill/list.ts";
import type { Callbacks } from "../../callback/desk/callbacks.ts";
import type { CallbackEndpoints } from "../../callback/endpoint/endpoints.ts";
import type { Accounts } from "../../enrolment/accounts.ts";
import type { Erase } from "../../enrolment/erase.ts";
import type { Enrolments } from "../../enrolment/enrolments.ts";
import type { Renewals } from "../../enrolment/renewals.ts";
import type { KeyringCounts } from "../../health/keyring.ts";
import type { ProfileCounts } from "../../health/profiles.ts";
import type { Health } from "../../health/health.ts";
import type { SandboxAccounts } from "../../ledger/ledger.ts";
import type { Mode } from "../../base/ids.ts";
import type { ApiKeys } from "../../merchant/api_keys.ts";
import type { Authenticator } from "../../merchant/authentication.ts";
import type { Guessing } from "../../merchant/guessing.ts";
import type { Merchants } from "../../merchant/merchants.ts";
import type { Alarms } from "../../metrics/alarms/alarms.ts";
import type { MetricsText } from "../../metrics/metrics.ts";
import type { OperatorDesk } from "../../operator/desk.ts";
import type { Confirmations } from "../../payment/confirmations.ts";
import type { Payments } from "../../payment/payments.ts";
import type { Refunds } from "../../payment/refunds.ts";
import type { Reversals } from "../../payment/reversals.ts";
import type { PublishedCores } from "../../release/published.ts";
import type { Releases } from "../../release/releases.ts";
import type { SandboxWallet } from "../../sandbox/wallet.ts";
import type { TestCodes } from "../../sandbox/test_codes.ts";
import type { OnlineCodes } from "../../verification/online/online_codes.ts";
import type { Verifications } from "../../verification/verifications.ts";

/** The use cases behind the API. */
export interface UseCases {
  /** The mode of this edge, which every answer says. */
  readonly mode: Mode;
  readonly authenticator: Authenticator;
  readonly merchants: Merchants;
  readonly apiKeys: ApiKeys;
  readonly guessing: Guessing;
  readonly enrolments: Enrolments;
  readonly renewals: Renewals;
  readonly accounts: Accounts;
  readonly erase: Erase;
  readonly verifications: Verifications;
  readonly onlineCodes: Pick<OnlineCodes, "issue">;
  readonly payments: Payments;
  readonly paymentList: PaymentList;
  readonly bills: Bills;
  readonly reversals: Reversals;
  readonly refunds: Refunds;
  readonly confirmations: Confirmations;
  readonly callbackEndpoints: CallbackEndpoints;
  readonly callbacks: Callbacks;
  readonly health: Health;
  readonly keyring: KeyringCounts;
  readonly profiles: ProfileCounts;
  readonly releases: Releases;
  readonly publishedCores: PublishedCores;
  readonly operatorDesk: OperatorDesk;
  /** Only where the edge measures itself. */
  readonly metrics?: MetricsText;
  readonly alarms?: Pick<Alarms, "look">;
  /** Only with the sandbox ledger. */
  readonly sandbox?: SandboxAccounts;
  /** Only with the sandbox ledger and development keys. */
  readonly testCodes?: TestCodes;
  /** Only with the sandbox ledger and development keys. */
  readonly sandboxWallet?: SandboxWallet;
}
