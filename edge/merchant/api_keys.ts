/**
 * Lists, adds and ends API keys, by the same rules for keys of every scope.
 *
 * A key is shown once and stored as a hash; a list shows its public key id. A key works
 * until it is ended, at once or after a grace time. The end of a key can be moved
 * earlier but never later, so that a call whose reply was lost can be repeated without
 * harm. The record of an ended key is kept, so that a list shows when it ended.
 *
 * @module
 */

import type { BackOff } from "../base/backoff.ts";
import { type Clock, type Random, timeText } from "../base/clock.ts";
import { hashApiKey, isId, type Mode, newApiKey, newId } from "../base/ids.ts";
import { type Refusal, refused } from "../base/outcome.ts";
import { commit, type Guard } from "../store/commit.ts";
import { entriesOf, IndexPlace } from "../store/indexes.ts";
import { merchantKeysKey, OPERATOR_KEYS_KEY } from "../store/keys.ts";
import { placeIn, placeOfId } from "../store/place.ts";
import { type Held, readRecords } from "../store/record.ts";
import { LOST, retry } from "../store/retry.ts";
import type { Store, Write } from "../store/store.ts";
import { hasEnded, keptMs, type KeyProver, keyRecord } from "./key_record.ts";
import {
  type ApiKeyFields,
  type KeyBadCodes,
  type MerchantKey,
  merchants,
  type StoredMerchant,
  type StoredScope,
} from "./record.ts";

/**
 * The most live keys of a merchant, because each makes the merchant's record
 * longer.
 */
const MAX_MERCHANT_KEYS = 20;

/** Index entries, and records, that are read in one call. */
const PAGE = 500;
/** The length of a key id: `key_` and 32 digits. */
const ID_LETTERS = 36;

/** The holder of keys: a merchant, or the operator, whose keys have names. */
export type KeyHolder =
  | { readonly kind: "merchant"; readonly merchantId: string }
  | { readonly kind: "operator" };

/** An API key as it is listed. */
export interface KeyView {
  readonly keyId: string;
  readonly scope: StoredScope;
  /** Merchant id, or the key's name. */
  readonly owner: string;
  /** RFC 3339. */
  readonly createdAt: string;
  /** RFC 3339; may be in the past. */
  readonly endsAt?: string;
  readonly walletSystem?: string;
  readonly badCodes?: KeyBadCodes;
}

/** A new key. The key itself is shown only this once. */
export interface NewKey {
  readonly keyId: string;
  readonly apiKey: string;
}

/** The fields of a new wallet key. */
export interface WalletKeyInput {
  readonly name: string;
  /** The wallet system whose customers the key sees; by default it sees all. */
  readonly walletSystem?: string;
  /** The key's own ration of bad codes. */
  readonly badCodes?: KeyBadCodes;
}

/** The use cases of API keys. */
export interface ApiKeys {
  /** All keys of a holder, oldest first, including ended ones. */
  list(holder: KeyHolder): Promise<KeyView[]>;
  /**
   * Adds a key of a merchant. With `graceSeconds` the merchant's earlier keys end after
   * that time; otherwise they stay valid. `by` is the id of the merchant's own key that
   * asks for it; an administrator has none.
   */
  addToMerchant(
    merchantId: string,
    graceSeconds?: number,
    by?: string,
  ): Promise<NewKey | Refusal>;
  /** Adds a key of the wallet scope. */
  addToWallet(input: WalletKeyInput): Promise<NewKey | Refusal>;
  /** Adds a key of the release scope. */
  addToReleases(name: string): Promise<NewKey | Refusal>;
  /** Adds a key of the metrics scope. */
  addToMetrics(name: string): Promise<NewKey | Refusal>;
  /**
   * Ends a key after `graceSeconds`, at once if that is 0; idempotent. A merchant that
   * asks by its own key `by` keeps one key at least.
   */
  end(
    holder: KeyHolder,
    keyId: string,
    graceSeconds: number,
    by?: string,
  ): Promise<null | Refusal>;
}

/** A stored key. */
interface StoredKey {
  readonly held: Held<ApiKeyFields>;
  readonly fields: ApiKeyFields;
}

/** A key that is not stored yet, with the guard and writes that store it. */
export interface PlannedKey extends NewKey {
  readonly guard: Guard<"key">;
  readonly writes: readonly Write[];
}

/**
 * Draws a new key whose hash has the place of its holder, so that the key's record is in the
 * holder's cell. About a thousand draws are needed, which take a few milliseconds.
 */
function drawKey(
  { random, mode }: { random: Random; mode: Mode },
  holder: KeyHolder,
): { apiKey: string; hash: string } {
  const place = holder.kind === "merchant" ? placeOfId(holder.merchantId) : 0;
  for (;;) {
    const apiKey = newApiKey(random, mode);
    const hash = hashApiKey(apiKey);
    const drawn = placeIn(hash);
    if (drawn === place) return { apiKey, hash };
  }
}

/** Plans a new key. */
export function planKey(
  deps: { random: Random; vault: KeyProver; mode: Mode },
  holder: KeyHolder,
  fields: Omit<ApiKeyFields, "key_id" | "created_at">,
  nowMs: number,
): PlannedKey {
  const { apiKey, hash } = drawKey(deps, holder);
  const keyId = newId("key", deps.random);
  const record = keyRecord(deps.vault, hash);
  return {
    keyId,
    apiKey,
    guard: record.absent("key"),
    writes: [
      record.set({ key_id: keyId, created_at: timeText(nowMs), ...fields }),
      indexOf(holder).put(`${keyId}:${hash}`, nowMs),
    ],
  };
}

function indexOf(holder: KeyHolder): IndexPlace {
  return new IndexPlace(
    holder.kind === "merchant"
      ? merchantKeysKey(holder.merchantId)
      : OPERATOR_KEYS_KEY,
  );
}

/** The changes of a call to the keys of a holder. */
interface Plan<T> {
  readonly add?: PlannedKey;
  readonly ends: readonly PlannedEnd[];
  readonly result: T;
}

/** The end of a key. */
interface PlannedEnd {
  readonly keyId: string;
  readonly endsAt: string;
  readonly guard: Guard<"key">;
  readonly write: Write;
}

/** What the use cases need. */
interface ApiKeyDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly vault: KeyProver;
  /** The mode of new keys. */
  readonly mode: Mode;
  readonly backOff: BackOff;
}

/**
 * Reads the keys of a holder, oldest first, and the index members whose record
 * has expired.
 */
async function readKeys(
  { store, vault }: ApiKeyDeps,
  holder: KeyHolder,
): Promise<{ keys: StoredKey[]; gone: string[] }> {
  const keys: StoredKey[] = [];
  const gone: string[] = [];
  for await (const page of entriesOf(store, indexOf(holder).name, PAGE)) {
    const some = page.map(({ member }) => member);
    const records = await readRecords(
      store,
      some.map((member) => keyRecord(vault, member.slice(1 + ID_LETTERS))),
    );
    for (const [i, held] of records.entries()) {
      if (held.isAbsent) gone.push(some[i]!);
      // A record that no edge has written has no value and is not a key (SECURITY.md).
      if (held.value !== null) keys.push({ held, fields: held.value });
    }
  }
  return { keys, gone };
}

/**
 * Reads the merchant of a holder; `unknown` if there is no such merchant, `undefined`
 * for the operator.
 */
async function readMerchant(
  { store }: ApiKeyDeps,
  holder: KeyHolder,
): Promise<StoredMerchant | "unknown" | undefined> {
  if (holder.kind !== "merchant") return undefined;
  if (!isId("mer", holder.merchantId)) return "unknown";
  const [held] = await readRecords(store, [merchants(holder.merchantId)]);
  return held.value === null ? "unknown" : { record: held.value, held };
}

/**
 * Plans the end of each key that would otherwise still work after the grace
 * time.
 */
function planEnds(
  keys: readonly StoredKey[],
  graceSeconds: number,
  nowMs: number,
): PlannedEnd[] {
  const graceMs = graceSeconds * 1000;
  const endsAt = timeText(nowMs + graceMs);
  return keys.filter(({ fields }) => !hasEnded(fields, nowMs + graceMs))
    .map(({ held, fields }) => ({
      keyId: fields.key_id,
      endsAt,
      guard: held.unchanged("key"),
      write: held.set({ ...fields, ends_at: endsAt }, keptMs(endsAt, nowMs)),
    }));
}

/** Changes the keys of a holder and the merchant's record in one transaction. */
async function change<T extends object>(
  deps: ApiKeyDeps,
  holder: KeyHolder,
  plan: (keys: readonly StoredKey[], nowMs: number) => Plan<T> | Refusal,
): Promise<T | Refusal> {
  return await retry(async () => {
    const merchant = await readMerchant(deps, holder);
    if (merchant === "unknown") return refused("not-found");
    const { keys, gone } = await readKeys(deps, holder);
    const nowMs = deps.clock.nowMs();
    const planned = plan(keys, nowMs);
    if ("kind" in planned) return planned;
    const { add, ends, result } = planned;
    if (add === undefined && ends.length === 0) return result;
    const { committed } = await commit(deps.store, {
      guards: [
        ...(add === undefined ? [] : [add.guard]),
        ...ends.map(({ guard }) => guard),
        ...(merchant === undefined
          ? []
          : [merchant.held.unchanged("merchant")]),
      ],
      writes: [
        ...(add?.writes ?? []),
        ...ends.map(({ write }) => write),
        ...(merchant === undefined
          ? []
          : [setMerchantKeys(merchant, planned, nowMs)]),
        ...gone.map((member) => indexOf(holder).remove(member)),
      ],
    });
    return committed ? result : LOST;
  }, deps);
}

/** Makes the {@linkcode ApiKeys} use cases. */
export function createApiKeys(deps: ApiKeyDeps): ApiKeys {
  return {
    async list(holder) {
      const { keys } = await readKeys(deps, holder);
      return keys.map(({ fields }) => viewKey(fields));
    },

    addToMerchant(merchantId, graceSeconds, by) {
      const holder: KeyHolder = { kind: "merchant", merchantId };
      return change(deps, holder, (keys, nowMs) => {
        const live = keys.filter(({ fields }) => !hasEnded(fields, nowMs));
        if (!mayAsk(live, by)) return refused("not-authenticated");
        if (live.length >= MAX_MERCHANT_KEYS) {
          return refused("malformed-request", {
            detail:
              `${MAX_MERCHANT_KEYS} keys of the merchant work, which is the most. Nothing was changed; end one first.`,
          });
        }
        const fields = { scope: "merchant", owner: merchantId } as const;
        const add = planKey(deps, holder, fields, nowMs);
        return {
          add,
          ends: graceSeconds === undefined
            ? []
            : planEnds(live, graceSeconds, nowMs),
          result: { keyId: add.keyId, apiKey: add.apiKey },
        };
      });
    },

    addToWallet: ({ name, walletSystem, badCodes }) =>
      addToOperator(deps, {
        scope: "wallet",
        owner: name,
        ...(walletSystem !== undefined && { wallet_system: walletSystem }),
        ...(badCodes !== undefined && { bad_codes: badCodes }),
      }),

    addToReleases: (name) =>
      addToOperator(deps, { scope: "release", owner: name }),

    addToMetrics: (name) =>
      addToOperator(deps, { scope: "metrics", owner: name }),

    async end(holder, keyId, graceSeconds, by) {
      const ended = await change(deps, holder, (keys, nowMs) => {
        const live = keys.filter(({ fields }) => !hasEnded(fields, nowMs));
        if (!mayAsk(live, by)) return refused("not-authenticated");
        const asked = keys.filter(({ fields }) => fields.key_id === keyId);
        if (asked.length === 0) return refused("not-found");
        const ends = planEnds(asked, graceSeconds, nowMs);
        const goesOn = live.some(({ fields: { key_id, ends_at } }) =>
          key_id !== keyId && ends_at === undefined
        );
        if (by !== undefined && ends.length > 0 && !goesOn) {
          return refused("malformed-request", {
            detail:
              "No other key of the merchant goes on. Nothing was changed; make one first.",
          });
        }
        return { ends, result: {} };
      });
      return "kind" in ended ? ended : null;
    },
  };
}

/**
 * Whether a merchant's key that asks still works. It may have been ended since the
 * caller was authenticated; a thief must not make a successor of an ended key.
 */
function mayAsk(live: readonly StoredKey[], by: string | undefined): boolean {
  return by === undefined || live.some(({ fields }) => fields.key_id === by);
}

/** Adds a key of the operator, which belongs to no merchant. */
function addToOperator(
  deps: ApiKeyDeps,
  fields: Omit<ApiKeyFields, "key_id" | "created_at">,
): Promise<NewKey | Refusal> {
  const holder: KeyHolder = { kind: "operator" };
  return change(deps, holder, (_, nowMs) => {
    const add = planKey(deps, holder, fields, nowMs);
    const { keyId, apiKey } = add;
    return { add, ends: [], result: { keyId, apiKey } };
  });
}

/** Writes the merchant's record with the keys that it has after `plan`. */
function setMerchantKeys(
  { record, held }: StoredMerchant,
  { add, ends }: Plan<unknown>,
  nowMs: number,
): Write {
  const keys = record.keys.map((key): MerchantKey => {
    const end = ends.find(({ keyId }) => keyId === key.key_id);
    return end === undefined ? key : { ...key, ends_at: end.endsAt };
  }).filter((key) => !hasEnded(key, nowMs));
  if (add !== undefined) keys.push({ key_id: add.keyId });
  return held.set({ ...record, keys });
}

function viewKey(fields: ApiKeyFields): KeyView {
  const { ends_at, wallet_system, bad_codes } = fields;
  return {
    keyId: fields.key_id,
    scope: fields.scope,
    owner: fields.owner,
    createdAt: fields.created_at,
    ...(ends_at !== undefined && { endsAt: ends_at }),
    ...(wallet_system !== undefined && { walletSystem: wallet_system }),
    ...(bad_codes !== undefined && { badCodes: bad_codes }),
  };
}
