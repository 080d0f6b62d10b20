/**
 * What waits for a merchant, looked up in the store itself.
 *
 * @module
 */

import type {
  CallbackRecord,
  EndpointRecord,
} from "../../../edge/callback/message/record.ts";
import { messages } from "../../../edge/callback/message/stored.ts";
import {
  callbackEndpointKey,
  callbackKey,
  callbackLaneKey,
  callbacksKey,
  deadCallbacksKey,
  DUE_CALLBACKS_KEY,
} from "../../../edge/store/keys.ts";
import type { IndexEntry, Store } from "../../../edge/store/store.ts";

/** An endpoint that is stored and takes messages. */
export const STORED_ENDPOINT: EndpointRecord = {
  endpoint_id: "ep_00000000000000000000000000000001",
  url: "https://shop.example/offcode",
  status: "active",
  secret: "v1.test.c2VhbGVk",
  created_at: "2026-01-15T12:00:00.000Z",
  updated_at: "2026-01-15T12:00:00.000Z",
};

/** Stores an endpoint past every rule; `null` takes it away. */
export async function storeEndpoint(
  store: Store,
  merchantId: string,
  endpoint: EndpointRecord | null = STORED_ENDPOINT,
): Promise<void> {
  const key = callbackEndpointKey(merchantId);
  await store.txn({
    checks: [],
    writes: [
      endpoint === null
        ? { kind: "delete", key }
        : { kind: "set", key, value: JSON.stringify(endpoint) },
    ],
  });
}

/** All members of an index, in its order. */
export async function members(
  store: Store,
  index: string,
): Promise<readonly IndexEntry[]> {
  return await store.range({
    index,
    min: 0,
    max: Number.MAX_SAFE_INTEGER,
    limit: 100_000,
  });
}

/** What is stored for a merchant. */
export interface StoredCallbacks {
  /** Latest first; without those that cannot be read. */
  readonly all: CallbackRecord[];
  readonly first: readonly IndexEntry[];
  readonly retry: readonly IndexEntry[];
  readonly replay: readonly IndexEntry[];
  readonly dead: readonly IndexEntry[];
  /** When the merchant is looked at again, unix ms. */
  readonly dueMs: number | null;
}

/** Reads all of it. */
export async function storedCallbacks(
  store: Store,
  merchantId: string,
): Promise<StoredCallbacks> {
  const lane = (name: string) =>
    members(store, callbackLaneKey(merchantId, name));
  const listed = await members(store, callbacksKey(merchantId));
  const { values } = await store.read({
    keys: listed.map(({ member }) => callbackKey(member)),
  });
  const due = await members(store, DUE_CALLBACKS_KEY);
  return {
    all: listed.flatMap(({ member }, i) =>
      messages(member).held(values[i]!).value ?? []
    ),
    first: await lane("first"),
    retry: await lane("retry"),
    replay: await lane("replay"),
    dead: await members(store, deadCallbacksKey(merchantId)),
    dueMs: due.find(({ member }) => member === merchantId)?.score ?? null,
  };
}
