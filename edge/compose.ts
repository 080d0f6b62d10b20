/**
 * From ports to use cases: how Offcode is put together, the same in the
 * server, in the demo and in tests. Adapters come from the caller.
 *
 * @module
 */

import type { Clock, Random } from "./clock.ts";
import type { Profile, Profiles } from "./code/profile.ts";
import type { Core } from "./core/core.ts";
import { createEnrolments } from "./enrolment/enrolments.ts";
import { createClockGuard } from "./health/clock_guard.ts";
import { createHealth } from "./health/health.ts";
import type { UseCases } from "./http/context.ts";
import type { Ledger, SandboxAccounts } from "./ledger/ledger.ts";
import type { Log } from "./log.ts";
import { createAuthenticator } from "./merchant/authentication.ts";
import { createMerchants } from "./merchant/merchants.ts";
import { createPayments } from "./payment/payments.ts";
import type { Store } from "./store/store.ts";
import type { Vault } from "./vault/seal.ts";
import { createBucketCache } from "./verification/bucket_cache.ts";
import { createSearch } from "./verification/search.ts";
import { createVerifications } from "./verification/verifications.ts";

/** What the use cases stand on. */
export interface Ports {
  readonly store: Store;
  readonly core: Core;
  readonly vault: Vault;
  readonly ledger: Ledger;
  /** The sandbox ledger's accounts, where it is the ledger. */
  readonly sandbox?: SandboxAccounts;
  readonly clock: Clock;
  readonly random: Random;
  /** Milliseconds that only ever grow, such as `performance.now()`. */
  readonly monotonicMs: () => number;
  readonly log: Log;
}

/** What an operator chooses. */
export interface Settings {
  /** SHA-256 of the admin key in hex. */
  readonly adminKeyHash: string;
  /** Two digits that route codes to this wallet. */
  readonly prefix: string;
  /** Profiles whose codes are served. */
  readonly profiles: Profiles;
  /** Profile that new credentials get, one of those served. */
  readonly enrolmentProfile: Profile;
}

const CREDENTIAL_TTL_SECONDS = 30 * 86_400;
const PAYMENT_DEADLINE_MS = 45_000;
/** About 250 MB of core memory. */
const MAX_SLOTS = 2_000_000;

/** Makes every use case of the edge. */
export function compose(ports: Ports, settings: Settings): UseCases {
  const { store, core, vault, ledger, clock, random, log } = ports;
  const { prefix, profiles } = settings;
  const buckets = createBucketCache({
    store,
    core,
    vault,
    clock,
    prefix,
    maxSlots: MAX_SLOTS,
    onSealFault: (reason, credentialId) =>
      log("error", "sealed seed does not open", { reason, credentialId }),
  });
  const search = createSearch({
    core,
    buckets,
    clock,
    prefix,
    onAmbiguous: (credentialIds) =>
      log("warn", "code matched several credentials", { credentialIds }),
  });
  const authenticator = createAuthenticator({
    store,
    clock,
    adminKeyHash: settings.adminKeyHash,
  });
  const clockGuard = createClockGuard({
    store,
    clock,
    monotonicMs: ports.monotonicMs,
  });
  return {
    authenticator,
    merchants: createMerchants({ store, clock, random, vault }),
    enrolments: createEnrolments({
      store,
      clock,
      random,
      vault,
      prefix,
      profile: settings.enrolmentProfile,
      credentialTtlSeconds: CREDENTIAL_TTL_SECONDS,
      onBucketChange: (profile, bucket) => buckets.expire(profile, bucket),
    }),
    verifications: createVerifications({
      store,
      search,
      vault,
      clock,
      clockGuard,
      random,
      prefix,
      profiles,
    }),
    payments: createPayments({
      store,
      search,
      ledger,
      authenticator,
      vault,
      clock,
      clockGuard,
      random,
      prefix,
      profiles,
      deadlineMs: PAYMENT_DEADLINE_MS,
    }),
    health: createHealth({ core, clockGuard }),
    ...(ports.sandbox !== undefined && { sandbox: ports.sandbox }),
  };
}
