/**
 * Puts the use cases together from the ports: in the same way for the server, the
 * demo and the tests. The caller chooses the adapters.
 *
 * @module
 */

import { type BackOff, createBackOff } from "../base/backoff.ts";
import { createBills } from "../bill/bills.ts";
import {
  createEventSweeper,
  type EventSweeper,
} from "../bill/event_sweeper.ts";
import { createEventConsequence } from "../bill/events.ts";
import { createPaymentList } from "../bill/list.ts";
import { createCallbacks } from "../callback/desk/callbacks.ts";
import {
  createDispatcher,
  type Dispatcher,
} from "../callback/delivery/dispatcher.ts";
import { createFirstEndpoints } from "../callback/endpoint/endpoint_record.ts";
import { createCallbackEndpoints } from "../callback/endpoint/endpoints.ts";
import { createCallbackConsequence } from "../callback/message/queued.ts";
import type { Sender } from "../callback/sender.ts";
import type { Mode } from "../base/ids.ts";
import {
  type Clock,
  type Pause,
  type Random,
  systemPause,
} from "../base/clock.ts";
import { type Core, profileLacking } from "../core/core.ts";
import type { ShadowCore } from "../core/shadow.ts";
import { CoreSwitch } from "../core/switch.ts";
import { createAccounts } from "../enrolment/accounts.ts";
import { createErase } from "../enrolment/erase.ts";
import { createEnrolments } from "../enrolment/enrolments.ts";
import { createRenewals } from "../enrolment/renewals.ts";
import {
  createSeedSweeper,
  type SeedSweeper,
} from "../enrolment/seed_sweeper.ts";
import { CellLeases } from "../health/cell_leases.ts";
import { type ClockGuard, createClockGuard } from "../health/clock_guard.ts";
import { createKeyringCounts } from "../health/keyring.ts";
import { createProfileCounts } from "../health/profiles.ts";
import { createHealth } from "../health/health.ts";
import { createStoreCheck, type StoreCheck } from "../health/store_check.ts";
import { createStoreMode, type StoreMode } from "../merchant/store_mode.ts";
import type { UseCases } from "../http/kit/use_cases.ts";
import type { Ledger, SandboxAccounts } from "../ledger/ledger.ts";
import type { Log } from "../base/log.ts";
import { createApiKeys } from "../merchant/api_keys.ts";
import {
  type Authenticator,
  createAuthenticator,
} from "../merchant/authentication.ts";
import { createGuessing } from "../merchant/guessing.ts";
import { createMerchants } from "../merchant/merchants.ts";
import {
  type Confirmations,
  createConfirmations,
} from "../payment/confirmations.ts";
import { createOperatorDesk } from "../operator/desk.ts";
import { joinConsequences } from "../payment/consequence.ts";
import { createEngine, type Engine } from "../payment/engine.ts";
import { createPayments, type PaymentDeps } from "../payment/payments.ts";
import { createRefunds } from "../payment/refunds.ts";
import { createReversals } from "../payment/reversals.ts";
import { createSweeper, type Sweeper } from "../payment/sweeper.ts";
import type { Alarms } from "../metrics/alarms/alarms.ts";
import type { EdgeMetrics } from "../metrics/metrics.ts";
import { createGuessPermits } from "../risk/guess_permits.ts";
import type { Settings } from "./settings.ts";
import { CoreFollower } from "../release/follow.ts";
import { createPublishedCores } from "../release/published.ts";
import { createReleases } from "../release/releases.ts";
import type { WorkCells } from "../store/indexes.ts";
import { type Store, StoreUnavailableError } from "../store/store.ts";
import { createTestCodes, type TestCodeDeps } from "../sandbox/test_codes.ts";
import {
  createSandboxWallet,
  type SandboxWalletDeps,
} from "../sandbox/wallet.ts";
import { sealedKinds } from "./sealed_kinds.ts";
import type { SealedRecords } from "../vault/sealed_records.ts";
import type { Vault } from "../vault/seal.ts";
import {
  type BucketCache,
  createBucketCache,
} from "../verification/offline/bucket_cache.ts";
import {
  type DestroyedSeeds,
  followDestroyedSeeds,
} from "../verification/offline/destroyed_seeds.ts";
import { createShadowSearch } from "../verification/offline/shadow_search.ts";
import {
  createOfflineSearch,
  type OfflineSearch,
} from "../verification/offline/offline_search.ts";
import { createOnlineCodes } from "../verification/online/online_codes.ts";
import { createSearch } from "../verification/search.ts";
import { createVerifications } from "../verification/verifications.ts";

/** What the use cases need from outside. */
export interface Ports {
  readonly store: Store;
  /** The built-in core, and its binary. */
  readonly core: Core;
  readonly coreWasm: Uint8Array<ArrayBuffer>;
  readonly vault: Vault;
  readonly ledger: Ledger;
  /** The sandbox ledger's accounts; only if the ledger is the sandbox. */
  readonly sandbox?: SandboxAccounts;
  /** Sends callbacks to the merchants' servers. */
  readonly sender: Sender;
  readonly clock: Clock;
  readonly random: Random;
  /** Milliseconds that only ever grow, such as `performance.now()`. */
  readonly monotonicMs: () => number;
  readonly log: Log;
  /** Measures the edge; without it nothing is measured. */
  readonly metrics?: EdgeMetrics;
  /** Judges the alarms by these metrics. */
  readonly alarms?: Pick<Alarms, "look">;
  /** Waits before another try; by default with the machine's timers. */
  readonly pause?: Pause;
}

const CREDENTIAL_TTL_SECONDS = 30 * 86_400;

/** The use cases, and what runs in the background. */
export interface Composed {
  readonly useCases: UseCases;
  readonly sweeper: Sweeper;
  readonly seedSweeper: SeedSweeper;
  readonly destroyedSeeds: DestroyedSeeds;
  readonly eventSweeper: EventSweeper;
  readonly dispatcher: Dispatcher;
  readonly coreFollower: CoreFollower;
  /** Say in which cells the sweepers and the dispatcher work in the background. */
  readonly cellLeases: CellLeases;
  readonly storeCheck: StoreCheck;
  readonly storeMode: StoreMode;
  /** The kinds of records that are sealed under master keys. */
  readonly sealed: readonly SealedRecords[];
}

/** Makes every use case of the edge. */
export function compose(given: Ports, settings: Settings): Composed {
  const { metrics } = given;
  const ports = metrics?.measuredPorts(given) ?? given;
  const { store, core, vault, clock, random } = ports;
  const mode: Mode = ports.sandbox === undefined ? "live" : "test";
  const { limits, times, prefix, profiles } = settings;
  const backOff = createBackOff({
    random,
    pause: ports.pause ?? systemPause,
  });
  const coreParts = composeCores(ports, settings, backOff);
  const { coreFollower, offline, onBucketChange, destroyedSeeds } = coreParts;
  const searchParts = composeSearch(ports, settings, offline, backOff);
  const { search, onlineCodes } = searchParts;
  const authenticator = composeAuthenticator(ports, settings, mode);
  const checks = composeChecks(ports, settings, mode);
  const { clockGuard, storeCheck, storeMode, cellLeases } = checks;
  const callbackParts = composeCallbacks(ports, mode, backOff, checks);
  const { dispatcher, onDue, consequence, ...callbackUseCases } = callbackParts;
  const engine = createEngine({
    ...{ store, ledger: ports.ledger, clock, clockGuard, times },
    ...{ consequence, backOff },
  });
  const paymentDeps = paymentDepsOf(ports, settings, {
    ...{ search, engine, authenticator, clockGuard, consequence },
  });
  const money = composePayments(ports, settings, paymentDeps, backOff);
  const { seedSweeper, ...enrolment } = composeEnrolment(ports, settings, {
    ...{ ...money, ...checks, onBucketChange, backOff },
  });
  // A profile that was served once may still have sealed seeds.
  const allProfiles = new Map([...core.profiles, ...profiles]);
  const sealed = sealedKinds({ ...ports, prefix, profiles: allProfiles });
  const merchantParts = composeMerchants(ports, settings, mode, backOff);
  const useCases: UseCases = {
    ...{ mode, authenticator, onlineCodes, ...callbackUseCases },
    ...{ ...merchantParts, ...enrolment, ...money },
    verifications: createVerifications({
      ...{ store, search, clock, clockGuard, random, limits },
      badCodes: settings.walletBadCodes,
      recordMs: times.recordMs,
    }),
    health: createHealth({ ...coreParts, ...checks, store }),
    keyring: createKeyringCounts({ vault, sealed }),
    ...composeOperations(ports, settings, backOff, coreFollower),
    ...composeOperator(ports, merchantParts, backOff, onDue),
    // Comes after `money`, because with test codes it replaces the payments.
    ...composeSandbox(ports, settings, {
      ...{ ...paymentDeps, ...money, ...enrolment, onlineCodes, backOff },
    }),
  };
  metrics?.watch({
    ...{ ...coreParts, ...searchParts, store, clock, clockGuard, dispatcher },
  });
  return {
    ...{ useCases, seedSweeper, dispatcher, storeCheck, storeMode, sealed },
    ...composeSweepers(ports, settings, engine, checks),
    ...{ coreFollower, cellLeases, destroyedSeeds },
  };
}

/** What due work in the background needs to know. */
interface WorkChecks {
  readonly clockGuard: ClockGuard;
  readonly cellLeases: CellLeases;
  readonly workCells: WorkCells;
}

/** Makes the checks of the clock and of the store, and the leases of its cells. */
function composeChecks(
  { store, clock, random, log, monotonicMs }: Ports,
  { allowsEviction }: Settings,
  mode: Mode,
): Pick<Composed, "storeCheck" | "storeMode"> & WorkChecks {
  const clockGuard = createClockGuard({ store, clock, monotonicMs });
  const cellLeases = new CellLeases({
    ...{ store, random, clock, clockGuard, monotonicMs },
  });
  return {
    ...{ clockGuard, cellLeases, workCells: () => cellLeases.cells() },
    storeCheck: createStoreCheck({ store, log, allowsEviction }),
    storeMode: createStoreMode({ store, mode }),
  };
}

/**
 * Makes the use cases of callbacks and their dispatcher, and the list of everything
 * that the end of a payment causes. `onDue` dispatches to a merchant soon.
 */
function composeCallbacks(
  { store, vault, sender, clock, random, log, metrics }: Ports,
  mode: Mode,
  backOff: BackOff,
  { clockGuard, workCells }: WorkChecks,
) {
  const dispatcher = createDispatcher({
    ...{ store, vault, sender, clock, random, log, backOff },
    ...{ clockGuard, workCells },
    onFault: (error) => log("error", "dispatch ended early", whatFailed(error)),
  });
  const onDue = (merchantId: string) => dispatcher.dispatchSoon(merchantId);
  const deps = { store, clock, random, backOff, onDue };
  return {
    ...{ dispatcher, onDue },
    // A new kind of consequence is added here.
    consequence: joinConsequences([
      createCallbackConsequence(mode, (merchantId) => {
        metrics?.callbackQueued();
        onDue(merchantId);
      }),
      createEventConsequence(),
    ]),
    callbackEndpoints: createCallbackEndpoints({
      ...{ ...deps, vault, sender, mode },
    }),
    callbacks: createCallbacks(deps),
  };
}

/** Makes what finds the customer of a code. */
function composeSearch(
  { store, vault, clock, random, metrics }: Ports,
  { prefix, profiles }: Settings,
  offline: OfflineSearch,
  backOff: BackOff,
) {
  const onlineCodes = createOnlineCodes({
    ...{ store, vault, clock, random, prefix, backOff },
  });
  const guessPermits = createGuessPermits({ store, clock, random });
  const search = createSearch({
    ...{ store, offline, online: onlineCodes, guessPermits, prefix, profiles },
  });
  return {
    ...{ onlineCodes, guessPermits },
    search: metrics?.measuredSearch(search) ?? search,
  };
}

/** Makes the use cases of the operator's console. */
function composeOperator(
  { store, clock, random, metrics, alarms }: Ports,
  { merchants }: Pick<UseCases, "merchants">,
  backOff: BackOff,
  onDue: (merchantId: string) => void,
): Pick<UseCases, "operatorDesk" | "metrics" | "alarms"> {
  return {
    operatorDesk: createOperatorDesk({
      ...{ store, clock, random, merchants, backOff, onDue },
    }),
    ...(metrics !== undefined && { metrics }),
    ...(alarms !== undefined && { alarms }),
  };
}

/**
 * Makes the sweeper of payments that have not ended, and the sweeper of old
 * events.
 */
function composeSweepers(
  { store, clock, log }: Ports,
  { times: { recordMs } }: Settings,
  engine: Engine,
  { clockGuard, workCells }: WorkChecks,
): Pick<Composed, "sweeper" | "eventSweeper"> {
  const deps = { store, clock, clockGuard };
  return {
    sweeper: createSweeper({
      ...{ ...deps, engine, workCells },
      onFault: (error) => log("error", "sweep ended early", whatFailed(error)),
    }),
    eventSweeper: createEventSweeper({
      ...{ ...deps, recordMs },
      onFault: (error) =>
        log("error", "sweep of events ended early", whatFailed(error)),
    }),
  };
}

/**
 * Makes the authenticator, which logs the records of API keys that it does not
 * trust.
 */
function composeAuthenticator(
  { store, clock, vault, log }: Ports,
  { adminKeyHash }: Settings,
  mode: Mode,
): Authenticator {
  return createAuthenticator({
    store,
    mode,
    clock,
    vault,
    adminKeyHash,
    onForeignRecord: () =>
      log("error", "record of an API key was not made with these master keys"),
  });
}

/** Makes the use cases of merchants and of their keys. */
function composeMerchants(
  { store, clock, random, vault, sender }: Ports,
  { badCodes, enrolmentProfile: profile }: Settings,
  mode: Mode,
  backOff: BackOff,
): Pick<UseCases, "merchants" | "apiKeys" | "guessing"> {
  const deps = { store, clock, random, vault, mode, backOff };
  return {
    merchants: createMerchants({
      ...deps,
      firstEndpoints: createFirstEndpoints({ vault, random, clock, sender }),
    }),
    apiKeys: createApiKeys(deps),
    guessing: createGuessing({
      ...{ store, clock, badCodes, profile },
      credentialTtlSeconds: CREDENTIAL_TTL_SECONDS,
    }),
  };
}

/** Collects what the use cases of payments need. */
function paymentDepsOf(
  { store, vault, clock, random, log }: Ports,
  { limits, times, badCodes, doubleScanMs, doubleScanAsks }: Settings,
  parts: Pick<
    PaymentDeps,
    "search" | "engine" | "authenticator" | "clockGuard" | "consequence"
  >,
): PaymentDeps {
  return {
    ...{ ...parts, store, vault, clock, random, limits, times },
    ...{ badCodes, doubleScanMs, doubleScanAsks },
    onBug: (error) =>
      log("error", "unexpected error behind a claim", {
        error: error instanceof Error ? error.name : "unknown",
      }),
    onCodeSeenElsewhere: (event) =>
      log("warn", "code shown at two merchants", event),
  };
}

/** Makes the use cases that take money and give it back. */
function composePayments(
  { log }: Ports,
  { limits, times, refundMs }: Settings,
  deps: PaymentDeps,
  backOff: BackOff,
): Pick<
  UseCases,
  | "payments"
  | "paymentList"
  | "bills"
  | "reversals"
  | "refunds"
  | "confirmations"
> {
  return {
    payments: createPayments(deps),
    paymentList: createPaymentList(deps),
    bills: createBills({
      ...{ ...deps, backOff },
      timeZone: limits.timeZone,
      recordMs: times.recordMs,
      onDiffers: (merchantId, day) =>
        log("error", "closed bill is not what it was", { merchantId, day }),
    }),
    reversals: createReversals({
      ...deps,
      timeZone: limits.timeZone,
      recordMs: times.recordMs,
    }),
    refunds: createRefunds({ ...deps, backOff, refundMs }),
    confirmations: createConfirmations(deps),
  };
}

/**
 * Makes what only an edge with the sandbox ledger has: its accounts, and with
 * development keys also the backend of the wallet page, and the test answers, of which
 * payments then know.
 */
function composeSandbox(
  { ledger, sandbox }: Ports,
  { prefix, refundMs, release, limits, hasTestCodes = false }: Settings,
  deps:
    & Omit<TestCodeDeps, "ledger" | "sandbox" | "prefix" | "refundMs">
    & Omit<SandboxWalletDeps, "sandbox" | "trusted" | "offlineDays">,
): Partial<
  Pick<UseCases, "sandbox" | "sandboxWallet" | "testCodes" | "payments">
> {
  if (sandbox === undefined) return {};
  if (!hasTestCodes) return { sandbox };
  return {
    sandbox,
    sandboxWallet: createSandboxWallet({
      ...{ ...deps, sandbox, trusted: release.trusted },
      offlineDays: limits.offlineDays ?? 0,
    }),
    ...createTestCodes({ ...deps, ledger, sandbox, prefix, refundMs }),
  };
}

/**
 * Makes the cores with their buckets and their search, and the part that
 * replaces one core by another.
 */
function composeCores(ports: Ports, settings: Settings, backOff: BackOff) {
  const { store, clock, log, monotonicMs, pause = systemPause } = ports;
  const cores = new CoreSwitch(ports.core, ports.coreWasm);
  const buckets = composeBuckets(ports, settings, () => cores.core);
  const coreFollower = new CoreFollower({
    ...{ store, clock, log, monotonicMs, pause, backOff, cores },
    served: settings.profiles,
    ...settings.release,
    moveBuckets: (isOver, pause) => buckets.move(isOver, pause),
  });
  // A worker holds two cores, so each has half of what this thread's core has.
  const coreMemoryBytes = settings.coreMemoryBytes / 2;
  const shadow = createShadowSearch({
    shadow: () => cores.shadow?.core ?? null,
    newBuckets: (core) =>
      createBucketCache<ShadowCore>({
        ...{ store, clock, vault: ports.vault, prefix: settings.prefix },
        core: () => core,
        memoryBytes: coreMemoryBytes,
        // The cache of the serving core has already logged these faults.
        onTooLarge: () => {},
        onSealFault: () => {},
      }),
  });
  const search = createOfflineSearch({
    buckets,
    clock,
    onSearch: shadow.search,
    onAmbiguous: (credentialIds) =>
      log("warn", "code matched several credentials", { credentialIds }),
  });
  const offline: OfflineSearch = async (code) => {
    await coreFollower.mustServe();
    return await search(code);
  };
  function onBucketChange(profile: number, bucket: number): void {
    buckets.expire(profile, bucket);
    shadow.expire(profile, bucket);
  }
  const destroyedSeeds = followDestroyedSeeds({
    ...{ store, clock, wipe: onBucketChange },
    onFault: (error) =>
      log("warn", "destroyed seeds cannot be followed", whatFailed(error)),
  });
  return {
    ...{ cores, buckets, coreFollower, offline },
    ...{ onBucketChange, destroyedSeeds },
  };
}

/** Makes the cache of buckets, which logs what it cannot load. */
function composeBuckets(
  { store, vault, clock, log }: Ports,
  { prefix, coreMemoryBytes: memoryBytes }: Settings,
  core: () => Core,
): BucketCache {
  return createBucketCache({
    store,
    core,
    vault,
    clock,
    prefix,
    memoryBytes,
    onTooLarge: (profile, bucket, seeds) =>
      log("error", "bucket too large for the core's memory", {
        profile,
        bucket,
        seeds,
      }),
    onSealFault: (reason, credentialId) =>
      log("error", "sealed seed does not open", { reason, credentialId }),
  });
}

/** Makes the use cases of the operator and of those who release cores. */
function composeOperations(
  { store, clock, core }: Ports,
  settings: Settings,
  backOff: BackOff,
  coreFollower: CoreFollower,
) {
  const { profiles, release } = settings;
  return {
    publishedCores: createPublishedCores({ store, coreFollower }),
    releases: createReleases({
      ...{ store, clock, backOff },
      ...{ served: profiles, ...release },
      builtInLacks: profileLacking(core.profiles, profiles) !== null,
    }),
    profiles: createProfileCounts({
      ...{ store, clock, ...settings },
      credentialTtlSeconds: CREDENTIAL_TTL_SECONDS,
    }),
  };
}

/** Makes the use cases that enrol, renew and end seeds. */
function composeEnrolment(
  { store, clock, random, vault, log }: Ports,
  { prefix, profiles, enrolmentProfile, limits, postureRules, times }: Settings,
  { onBucketChange, backOff, clockGuard, workCells, confirmations }:
    & WorkChecks
    & {
      readonly onBucketChange: (profile: number, bucket: number) => void;
      readonly backOff: BackOff;
      readonly confirmations: Confirmations;
    },
) {
  const deps = {
    store,
    clock,
    clockGuard,
    random,
    vault,
    prefix,
    profile: enrolmentProfile,
    credentialTtlSeconds: CREDENTIAL_TTL_SECONDS,
    onBucketChange,
    backOff,
  };
  return {
    enrolments: createEnrolments(deps),
    renewals: createRenewals({ ...deps, profiles }),
    accounts: createAccounts({ ...deps, limits, postureRules }),
    erase: createErase({
      ...{ ...deps, limits, recordMs: times.recordMs },
      async refuseWaiting(accountId) {
        const waiting = await confirmations.list(accountId, undefined);
        for (const { paymentId } of waiting) {
          await confirmations.answer(paymentId, false, undefined);
        }
      },
    }),
    seedSweeper: createSeedSweeper({
      ...{ ...deps, workCells },
      onFault: (error) =>
        log("error", "sweep of seeds ended early", whatFailed(error)),
    }),
  };
}

/**
 * What the log may contain of an error: its class, and the details of a store
 * fault.
 */
function whatFailed(error: unknown): Readonly<Record<string, string>> {
  return {
    error: error instanceof Error ? error.name : "unknown",
    ...(error instanceof StoreUnavailableError && error.details),
  };
}
