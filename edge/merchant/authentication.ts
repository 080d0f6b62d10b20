/**
 * Authentication: finds the scope and the owner of a bearer key.
 *
 * Keys are looked up by their hash, in records with a proof that an edge has
 * written them. Records are cached for a few seconds, which keeps the hot path
 * short. Every payment checks the merchant's record again in its own
 * transaction, so that a suspension or the end of a key takes effect at once
 * wherever money could move. A suspended merchant is still a caller: it may do
 * everything but take money for a new order.
 *
 * If the store does not answer, a key of the scope `metrics` keeps working for a day,
 * because the metrics are needed most then and contain nothing secret.
 *
 * @module
 */

import { timingSafeEqual } from "@std/crypto/timing-safe-equal";
import type { Clock } from "../base/clock.ts";
import { apiKeyPrefix, hashApiKey, type Mode } from "../base/ids.ts";
import { type Refusal, refused } from "../base/outcome.ts";
import { type Held, readRecords } from "../store/record.ts";
import { type Store, StoreUnavailableError } from "../store/store.ts";
import { hasEnded, type KeyProver, keyRecord } from "./key_record.ts";
import {
  type ApiKeyFields,
  type KeyBadCodes,
  type MerchantKey,
  type MerchantRecord,
  merchants,
  type Scope,
  type StoredMerchant,
  type StoredScope,
} from "./record.ts";
import { otherMode, storeModes } from "./store_mode.ts";

/** An authenticated caller. */
export type Caller =
  | { readonly scope: "admin" }
  | ({ readonly scope: "wallet" } & WalletCaller)
  /** A key of those who release cores. */
  | ({ readonly scope: "release" } & NamedCaller)
  /** A key of those who collect metrics. */
  | ({ readonly scope: "metrics" } & NamedCaller)
  | {
    readonly scope: "merchant";
    readonly keyHash: string;
    readonly keyId: string;
    readonly merchant: StoredMerchant;
  };

/** The holder of a key of the operator. */
interface NamedCaller {
  readonly keyId: string;
  /** The name of the key. */
  readonly owner: string;
}

/** A wallet's backend. */
export interface WalletCaller extends NamedCaller {
  /** The wallet system whose customers the key sees; all if absent. */
  readonly walletSystem?: string;
  /** The key's own ration of bad codes. */
  readonly badCodes?: KeyBadCodes;
}

/** The caller of one scope. */
export type CallerOf<S extends Scope> = Extract<Caller, { scope: S }>;

/** Finds the caller of a bearer key. */
export interface Authenticator {
  /**
   * The caller of `apiKey`, if its scope is `scope`.
   *
   * @throws {StoreUnavailableError} If the store does not answer.
   */
  authenticate<S extends Scope>(
    apiKey: string,
    scope: S,
  ): Promise<CallerOf<S> | Refusal>;
  /** Reads a merchant caller from the store again, without the cache. */
  refresh(caller: CallerOf<"merchant">): Promise<
    CallerOf<"merchant"> | Refusal
  >;
}

/** The caller of a key, as it was read a few seconds ago. */
interface Known {
  readonly caller: Caller;
  readonly key: MerchantKey;
  readonly readAtMs: number;
}

const ascii = new TextEncoder();
const CACHE_MS = 5_000;
/**
 * How long a key that was valid may still collect metrics while the store does not
 * answer.
 */
const METRICS_MS = 86_400_000;
const CACHE_ENTRIES = 10_000;

/**
 * The merchant's record that was just read, if the caller's key is one of its keys and
 * has not ended by `nowMs`. A use case that reads the record together with others
 * checks the caller without a further round trip.
 */
export function merchantNow(
  { keyId }: CallerOf<"merchant">,
  { value }: Held<MerchantRecord, "merchant">,
  nowMs: number,
): MerchantRecord | Refusal {
  return value !== null && liveKey(value, keyId, nowMs) !== undefined
    ? value
    : refused("not-authenticated");
}

function liveKey(
  { keys }: MerchantRecord,
  keyId: string,
  nowMs: number,
): MerchantKey | undefined {
  return keys.find((key) => key.key_id === keyId && !hasEnded(key, nowMs));
}

/**
 * Why a merchant caller may not make calls, judged by its record that was just read,
 * or `null` if it may. A suspended merchant may make calls; it only may not take money
 * for new orders.
 */
export function refuseCaller(
  caller: CallerOf<"merchant">,
  held: Held<MerchantRecord, "merchant">,
  nowMs: number,
): Refusal | null {
  const merchant = merchantNow(caller, held, nowMs);
  return "kind" in merchant ? merchant : null;
}

/** Why a merchant may not take money for a new order, or `null` if it may. */
export function refuseTaking(
  merchant: MerchantRecord | null,
): Refusal | null {
  return merchant?.status === "active" ? null : refused("merchant-suspended");
}

/** The caller of a key of the operator. */
function operatorCaller(
  scope: Exclude<StoredScope, "merchant">,
  { key_id: keyId, owner, wallet_system, bad_codes }: ApiKeyFields,
): Caller {
  if (scope !== "wallet") return { scope, keyId, owner };
  return {
    scope,
    keyId,
    owner,
    ...(wallet_system !== undefined && { walletSystem: wallet_system }),
    ...(bad_codes !== undefined && { badCodes: bad_codes }),
  };
}

/** What an authenticator needs. */
export interface AuthenticatorDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly vault: KeyProver;
  /** The mode whose keys are accepted. */
  readonly mode: Mode;
  /** SHA-256 of the admin key in hex. */
  readonly adminKeyHash: string;
  /** Called for a key's record that no edge with these master keys has written. */
  readonly onForeignRecord: () => void;
}

/** Makes an {@linkcode Authenticator} over the store. */
export function createAuthenticator(deps: AuthenticatorDeps): Authenticator {
  const isAdmin = createAdminCheck(deps.adminKeyHash);
  const known = new KnownCallers(deps.clock);
  return {
    async authenticate<S extends Scope>(apiKey: string, scope: S) {
      // The admin key is never cached, so a request with a cached key need not
      // be compared with it.
      const knownHash = known.hashOf(apiKey);
      const keyHash = knownHash ?? hashApiKey(apiKey);
      if (knownHash === undefined && isAdmin(keyHash)) {
        return scope === "admin"
          ? { scope } as CallerOf<S>
          : refused("forbidden");
      }
      // The mode of a cached key was checked before the key was cached.
      const no = knownHash === undefined ? refuseMode(apiKey, deps.mode) : null;
      if (no !== null) return no;
      const caller = known.callerOf(keyHash) ??
        await readCaller(deps, known, keyHash);
      if ("kind" in caller) return caller;
      known.rememberHash(apiKey, keyHash);
      return caller.scope === scope
        ? caller as CallerOf<S>
        : refused("forbidden");
    },
    refresh: (caller) =>
      readMerchant(
        deps,
        known,
        caller.merchant.record.merchant_id,
        caller.keyHash,
        caller.keyId,
      ),
  };
}

/**
 * Why a key is refused that is not of this mode, or `null`. Test money must never pay
 * for real goods, so the key of one mode is unknown in the other.
 */
function refuseMode(apiKey: string, mode: Mode): Refusal | null {
  if (apiKey.startsWith(apiKeyPrefix(mode))) return null;
  const other = mode === "test" ? "live" : "test";
  return refused(
    "not-authenticated",
    apiKey.startsWith(apiKeyPrefix(other))
      ? {
        detail: `The key is of mode ${other}; this server is of mode ${mode}.`,
      }
      : {},
  );
}

/** Makes the check whether a hash is the admin key's; it takes constant time. */
function createAdminCheck(adminKeyHash: string): (keyHash: string) => boolean {
  const adminHash = ascii.encode(adminKeyHash);
  const presented = new Uint8Array(adminHash.length);
  return (keyHash) => {
    ascii.encodeInto(keyHash, presented);
    return timingSafeEqual(presented, adminHash);
  };
}

/** The callers that were read a few seconds ago, and the hashes of valid keys. */
class KnownCallers {
  /** The mode of the store, once it was read. */
  storeMode: Held<string> | null = null;
  readonly #clock: Clock;
  readonly #callers = new Map<string, Known>();
  /**
   * The hashes of valid keys, by the key. The duration of a look-up reveals
   * nothing of a key: a `Map` compares texts only if their internal hashes,
   * which have a random seed, are equal.
   */
  readonly #hashes = new Map<string, string>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The hash of a key, if the key was valid before. */
  hashOf(apiKey: string): string | undefined {
    return this.#hashes.get(apiKey);
  }

  /** The caller of a key, if it was read less than five seconds ago. */
  callerOf(keyHash: string): Caller | undefined {
    const known = this.#callers.get(keyHash);
    if (known === undefined) return undefined;
    const nowMs = this.#clock.nowMs();
    const isFresh = Math.abs(nowMs - known.readAtMs) < CACHE_MS &&
      !hasEnded(known.key, nowMs);
    return isFresh ? known.caller : undefined;
  }

  /** The caller of a key that collects metrics, if it was read within a day. */
  collectorOf(keyHash: string): Caller | undefined {
    const known = this.#callers.get(keyHash);
    if (known?.caller.scope !== "metrics") return undefined;
    const nowMs = this.#clock.nowMs();
    const isRecent = Math.abs(nowMs - known.readAtMs) < METRICS_MS &&
      !hasEnded(known.key, nowMs);
    return isRecent ? known.caller : undefined;
  }

  remember(keyHash: string, caller: Caller, key: MerchantKey): void {
    this.#callers.delete(keyHash);
    const readAtMs = this.#clock.nowMs();
    this.#callers.set(keyHash, { caller, key, readAtMs });
    if (this.#callers.size > CACHE_ENTRIES) dropOldest(this.#callers);
  }

  forget(keyHash: string): void {
    this.#callers.delete(keyHash);
  }

  rememberHash(apiKey: string, keyHash: string): void {
    if (this.#hashes.has(apiKey)) return;
    if (this.#hashes.size >= CACHE_ENTRIES) dropOldest(this.#hashes);
    this.#hashes.set(apiKey, keyHash);
  }
}

function dropOldest(map: Map<string, unknown>): void {
  map.delete(map.keys().next().value as string);
}

async function readCaller(
  deps: AuthenticatorDeps,
  known: KnownCallers,
  keyHash: string,
): Promise<Caller | Refusal> {
  const { store, clock, vault, mode } = deps;
  const places = [keyRecord(vault, keyHash), storeModes()] as const;
  let held: Held<ApiKeyFields>;
  let storeMode = known.storeMode;
  try {
    if (storeMode === null) {
      [held, storeMode] = await readRecords(store, places);
      // A store keeps its mode for ever. With several cells the mode is in cell 0, and
      // keys must be found even if cell 0 does not answer.
      const isSure = store.cells !== undefined && storeMode.value === mode;
      if (isSure) known.storeMode = storeMode;
    } else [held] = await readRecords(store, [places[0]]);
  } catch (error) {
    const collector = known.collectorOf(keyHash);
    const isAway = error instanceof StoreUnavailableError;
    if (!isAway || collector === undefined) throw error;
    return collector;
  }
  known.forget(keyHash);
  const detail = otherMode(storeMode, mode);
  if (detail !== null) return refused("not-authenticated", { detail });
  const { value: key } = held;
  if (key === null && !held.isAbsent) deps.onForeignRecord();
  if (key === null || hasEnded(key, clock.nowMs())) {
    return refused("not-authenticated");
  }
  if (key.scope === "merchant") {
    return await readMerchant(deps, known, key.owner, keyHash, key.key_id);
  }
  const caller = operatorCaller(key.scope, key);
  known.remember(keyHash, caller, key);
  return caller;
}

async function readMerchant(
  { store, clock }: AuthenticatorDeps,
  known: KnownCallers,
  merchantId: string,
  keyHash: string,
  keyId: string,
): Promise<CallerOf<"merchant"> | Refusal> {
  known.forget(keyHash);
  const [held] = await readRecords(store, [merchants(merchantId)]);
  const { value: record } = held;
  const key = record === null
    ? undefined
    : liveKey(record, keyId, clock.nowMs());
  if (record === null || key === undefined) {
    return refused("not-authenticated");
  }
  const caller: CallerOf<"merchant"> = {
    scope: "merchant",
    keyHash,
    keyId,
    merchant: { record, held },
  };
  // A suspended merchant is not cached, so that the end of its suspension takes
  // effect at once.
  if (record.status === "active") known.remember(keyHash, caller, key);
  return caller;
}
