/**
 * Creates, lists and changes merchants, for an administrator. Their API keys are in
 * `api_keys.ts`.
 *
 * @module
 */

import { encodeBase64Url } from "@std/encoding/base64url";
import type { BackOff } from "../base/backoff.ts";
import type { Clock, Random } from "../base/clock.ts";
import { formatPlace, isScore, parsePlace } from "../base/cursor.ts";
import { isId, type Mode, newId } from "../base/ids.ts";
import { type Refusal, refused } from "../base/outcome.ts";
import { commit } from "../store/commit.ts";
import { IndexPlace, pagesOfAnswering } from "../store/indexes.ts";
import { MERCHANTS_KEY } from "../store/keys.ts";
import { type Held, readRecords } from "../store/record.ts";
import { LOST, retry } from "../store/retry.ts";
import {
  type IndexEntry,
  type Store,
  StoreUnavailableError,
  type Write,
} from "../store/store.ts";
import type { Vault } from "../vault/seal.ts";
import { planKey } from "./api_keys.ts";
import { type MerchantRecord, merchants } from "./record.ts";

const PAGE = 100;
const everyMerchant = new IndexPlace(MERCHANTS_KEY);

/** A merchant that was just created. Its secrets are shown only this once. */
export interface CreatedMerchant {
  readonly record: MerchantRecord;
  readonly apiKey: string;
  /** Standard Webhooks secret, `whsec_` and base64, if a URL was given. */
  readonly callbackSecret?: string;
}

/** A page of merchants, oldest first. */
export interface MerchantPage {
  readonly merchants: readonly MerchantRecord[];
  /** The cursor of the next page; absent on the last page. */
  readonly cursor?: string;
  /**
   * The number of cells of the store that did not answer, and whose merchants are left
   * out; absent if all answered.
   */
  readonly cellsSilent?: number;
}

/** The use cases of an administrator. */
export interface Merchants {
  /**
   * Creates a merchant with its first API key and, if a URL is given, its
   * endpoint.
   */
  create(
    input: { name: string; callbackUrl?: string; timeZone?: string },
  ): Promise<CreatedMerchant | Refusal>;
  /** A page of all merchants; `malformed-request` for a bad cursor. */
  list(cursor?: string): Promise<MerchantPage | Refusal>;
  /** One merchant. */
  get(merchantId: string): Promise<MerchantRecord | Refusal>;
  /**
   * Suspends or reactivates a merchant, and sets its limits of bad codes. A change takes
   * effect at once wherever money could move. Limits that are not given stay as they are.
   */
  change(
    merchantId: string,
    change: Partial<Pick<MerchantRecord, "status" | "bad_codes">>,
  ): Promise<MerchantRecord | Refusal>;
}

/**
 * The port through which a merchant gets its callback endpoint when it is created. A
 * port is needed because `callback/` imports `merchant/`, so `merchant/` cannot import
 * `callback/`.
 */
export interface FirstEndpoints {
  /** Makes an endpoint with this URL, or says why there can be none. */
  make(url: string): Promise<FirstEndpoint | Refusal>;
}

/** An endpoint that is not stored yet. */
export interface FirstEndpoint {
  /** Standard Webhooks secret, `whsec_` and base64. */
  readonly secret: string;
  /** The write that stores it as the endpoint of a new merchant. */
  write(merchantId: string): Write;
}

/** What merchants need. */
export interface MerchantDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly vault: Vault;
  /** The mode of new keys. */
  readonly mode: Mode;
  readonly firstEndpoints: FirstEndpoints;
  readonly backOff: BackOff;
}

/** Makes the {@linkcode Merchants} use cases. */
export function createMerchants(deps: MerchantDeps): Merchants {
  return {
    create: (input) => createMerchant(deps, input),
    list: (cursor) => listMerchants(deps, cursor),
    async get(merchantId) {
      return (await read(deps, merchantId))?.value ?? refused("not-found");
    },
    change: (merchantId, change) => changeMerchant(deps, merchantId, change),
  };
}

async function read(
  { store }: MerchantDeps,
  merchantId: string,
): Promise<Held<MerchantRecord, "merchant"> | null> {
  if (!isId("mer", merchantId)) return null;
  const [held] = await readRecords(store, [merchants(merchantId)]);
  return held;
}

async function createMerchant(
  deps: MerchantDeps,
  { name, callbackUrl, timeZone }: Parameters<Merchants["create"]>[0],
): Promise<CreatedMerchant | Refusal> {
  const { store, clock, random } = deps;
  const endpoint = callbackUrl === undefined
    ? undefined
    : await deps.firstEndpoints.make(callbackUrl);
  if (endpoint !== undefined && "kind" in endpoint) return endpoint;
  const merchantId = newId("mer", random);
  const nowMs = clock.nowMs();
  const { keyId, apiKey, guard, writes } = planKey(
    deps,
    { kind: "merchant", merchantId },
    { scope: "merchant", owner: merchantId },
    nowMs,
  );
  const record: MerchantRecord = {
    merchant_id: merchantId,
    name,
    status: "active",
    keys: [{ key_id: keyId }],
    payer_key: encodeBase64Url(random.bytes(32)),
    created_at: new Date(nowMs).toISOString(),
    ...(timeZone !== undefined && { time_zone: timeZone }),
  };
  const merchant = merchants(merchantId);
  const { committed } = await commit(store, {
    guards: [merchant.absent("merchant"), guard],
    writes: [
      merchant.set(record),
      everyMerchant.put(merchantId, nowMs),
      ...writes,
      ...(endpoint === undefined ? [] : [endpoint.write(merchantId)]),
    ],
  });
  if (!committed) throw new StoreUnavailableError("refused");
  return {
    record,
    apiKey,
    ...(endpoint !== undefined && { callbackSecret: endpoint.secret }),
  };
}

async function listMerchants(
  { store }: MerchantDeps,
  cursor?: string,
): Promise<MerchantPage | Refusal> {
  const after = cursor === undefined ? undefined : placeOf(cursor);
  if (after === null) {
    return refused("malformed-request", {
      detail: "cursor must be one that a page of merchants gave.",
    });
  }
  const { pages: [page = []], silent } = await pagesOfAnswering(store, [
    everyMerchant.page(PAGE + 1, { after }),
  ]);
  const shown = page.slice(0, PAGE);
  const held = await readRecords(
    store,
    shown.map(({ member }) => merchants(member)),
  );
  const last = shown.at(-1);
  return {
    merchants: held.flatMap(({ value }) => value === null ? [] : [value]),
    ...(page.length > PAGE &&
      { cursor: formatPlace([last!.score, last!.member]) }),
    ...(silent > 0 && { cellsSilent: silent }),
  };
}

async function changeMerchant(
  deps: MerchantDeps,
  merchantId: string,
  { status, bad_codes }: Parameters<Merchants["change"]>[1],
): Promise<MerchantRecord | Refusal> {
  return await retry(async () => {
    const merchant = await read(deps, merchantId);
    if (merchant?.value == null) return refused("not-found");
    const record: MerchantRecord = {
      ...merchant.value,
      ...(status !== undefined && { status }),
      ...(bad_codes !== undefined &&
        { bad_codes: { ...merchant.value.bad_codes, ...bad_codes } }),
    };
    const { committed } = await commit(deps.store, {
      guards: [merchant.unchanged("merchant")],
      writes: [merchant.set(record)],
    });
    return committed ? record : LOST;
  }, deps);
}

/**
 * The place in the index that a cursor names, or `null` if the text is not a
 * cursor.
 */
function placeOf(cursor: string): IndexEntry | null {
  const [score, member] = parsePlace(cursor) ?? [];
  return isScore(score) && typeof member === "string" && isId("mer", member)
    ? { score, member }
    : null;
}
