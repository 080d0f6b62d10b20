/**
 * A merchant's callback endpoint: where messages go, and the secrets that sign
 * them.
 *
 * Every change is one compare-and-set on the endpoint's record; payments check
 * that record when they end, so that none misses its message.
 *
 * @module
 */

import type { BackOff } from "../../base/backoff.ts";
import type { Clock, Random } from "../../base/clock.ts";
import { newId, newRevision } from "../../base/ids.ts";
import { type CallerOf, refuseCaller } from "../../merchant/authentication.ts";
import { type Refusal, refused } from "../../base/outcome.ts";
import {
  callbackBreakerKey,
  callbackEndpointKey,
  callbackHealthKey,
  callbackTestKey,
  merchantKey,
} from "../../store/keys.ts";
import {
  type Store,
  StoreUnavailableError,
  type Write,
} from "../../store/store.ts";
import type { Vault } from "../../vault/seal.ts";
import { judge, toAttempt } from "../delivery/attempt.ts";
import {
  endpointCheck,
  MAX_SECRETS,
  newEndpoint,
  openSigner,
  planFreshEndpoint,
  refuseUrl,
  viewEndpoint,
  withNewSecret,
} from "./endpoint_record.ts";
import { asciiUrl, isSameEndpoint } from "./endpoint_url.ts";
import type { HealthRecord } from "./breaker.ts";
import type {
  Attempt,
  EndpointRecord,
  EndpointView,
} from "../message/record.ts";
import type { Sender } from "../sender.ts";

/** An endpoint and, where one was made just now, its secret: shown this once. */
export interface PutEndpoint {
  readonly endpoint: EndpointView;
  /** Whether it is a new one, with a new secret. */
  readonly created: boolean;
  /** `whsec_` and base64. */
  readonly secret?: string;
}

/** What came of a test message. */
export interface EndpointTest {
  /** Whether the answer was a 2xx. */
  readonly delivered: boolean;
  readonly attempt: Attempt;
}

/** The use cases of an endpoint. */
export interface CallbackEndpoints {
  /**
   * Sets the endpoint's URL. The same URL again changes nothing, but that a
   * disabled endpoint is active again and one whose breaker is open is tried at
   * once. The same URL in another spelling is the same endpoint with the same
   * secret, called as it is spelled now. Another URL is a new endpoint with a
   * new secret, and messages that wait go to it.
   */
  put(
    caller: CallerOf<"merchant">,
    url: string,
  ): Promise<PutEndpoint | Refusal>;
  /** The endpoint, or `not-found`. */
  get(caller: CallerOf<"merchant">): Promise<EndpointView | Refusal>;
  /** Removes it; again and again with one result. What waits, waits on. */
  remove(caller: CallerOf<"merchant">): Promise<null | Refusal>;
  /**
   * Makes a new secret. The previous one also signs for 24 hours, even if
   * further rotations follow. Refused as `too-many-attempts` while
   * {@linkcode MAX_SECRETS} secrets sign.
   */
  rotate(
    caller: CallerOf<"merchant">,
  ): Promise<{ endpoint: EndpointView; secret: string } | Refusal>;
  /** Sends `endpoint.test` now, past every queue; disabled or not. */
  test(caller: CallerOf<"merchant">): Promise<EndpointTest | Refusal>;
}

/** A round of tries at the same moment has one winner. */
const TRIES = 12;
/** Longer than any attempt takes. */
const TEST_TTL_MS = 15_000;

/** Makes the {@linkcode CallbackEndpoints} use cases. */
export function createCallbackEndpoints(deps: {
  store: Store;
  vault: Vault;
  clock: Clock;
  random: Random;
  sender: Sender;
  /** Parts those who change one endpoint at the same moment. */
  backOff: BackOff;
  /** Called with a merchant whose waiting messages may be due now. */
  onDue?: (merchantId: string) => void;
}): CallbackEndpoints {
  const { store, vault, clock, random, sender } = deps;

  /** An endpoint as it is now, for a caller that may still ask. */
  async function read(caller: CallerOf<"merchant">): Promise<
    | {
      raw: string | null;
      health: HealthRecord | null;
      isBreakerOpen: boolean;
    }
    | Refusal
  > {
    const { merchant_id } = caller.merchant.record;
    const [rawMerchant, raw = null, health, breaker] = (await store.read({
      keys: [
        merchantKey(merchant_id),
        callbackEndpointKey(merchant_id),
        callbackHealthKey(merchant_id),
        callbackBreakerKey(merchant_id),
      ],
    })).values;
    return refuseCaller(caller, rawMerchant, clock.nowMs()) ?? {
      raw,
      health: health == null ? null : JSON.parse(health),
      isBreakerOpen: breaker != null,
    };
  }

  /** Writes a change of what was read; whether it was committed. */
  async function write(
    merchantId: string,
    raw: string | null,
    value: string | null,
    writes: readonly Write[],
  ): Promise<boolean> {
    const result = await store.txn({
      checks: [endpointCheck(merchantId, raw)],
      writes,
    });
    // A transport that repeated the write finds its own result there.
    return result.committed || result.value === value;
  }

  return {
    async put(caller, given) {
      const { merchant_id } = caller.merchant.record;
      const url = asciiUrl(given);
      let isChecked = false;
      for (let i = 0; i < TRIES; i++) {
        if (i > 0) await deps.backOff(i);
        const found = await read(caller);
        if ("kind" in found) return found;
        const { raw, health, isBreakerOpen } = found;
        const nowMs = clock.nowMs();
        const old = raw === null ? null : JSON.parse(raw) as EndpointRecord;
        const isSame = old?.url === url && old.status === "active";
        if (isSame && !isBreakerOpen) {
          return { endpoint: viewEndpoint(old, health, nowMs), created: false };
        }
        if (!isSame && !isChecked) {
          const fault = await sender.check(url);
          if (fault !== null) return refuseUrl(fault, "url");
          isChecked = true;
        }
        const made = old !== null && isSameEndpoint(old.url, url)
          ? { record: isSame ? old : reactivated(old, url, nowMs) }
          : newEndpoint({ vault, random }, url, nowMs);
        const value = JSON.stringify(made.record);
        const turn = newRevision(random);
        const writes = planFreshEndpoint(merchant_id, value, nowMs, turn);
        if (await write(merchant_id, raw, value, writes)) {
          deps.onDue?.(merchant_id);
          return {
            endpoint: viewEndpoint(made.record, null, nowMs),
            created: "secret" in made,
            ...("secret" in made && { secret: made.secret }),
          };
        }
      }
      throw new StoreUnavailableError("refused");
    },

    async get(caller) {
      const found = await read(caller);
      if ("kind" in found) return found;
      return found.raw === null
        ? refused("not-found")
        : viewEndpoint(JSON.parse(found.raw), found.health, clock.nowMs());
    },

    async remove(caller) {
      const { merchant_id } = caller.merchant.record;
      for (let i = 0; i < TRIES; i++) {
        if (i > 0) await deps.backOff(i);
        const found = await read(caller);
        if ("kind" in found) return found;
        if (found.raw === null) return null;
        const writes: Write[] = [
          { kind: "delete", key: callbackEndpointKey(merchant_id) },
          { kind: "delete", key: callbackHealthKey(merchant_id) },
          { kind: "delete", key: callbackBreakerKey(merchant_id) },
        ];
        if (await write(merchant_id, found.raw, null, writes)) return null;
      }
      throw new StoreUnavailableError("refused");
    },

    async rotate(caller) {
      const { merchant_id } = caller.merchant.record;
      for (let i = 0; i < TRIES; i++) {
        if (i > 0) await deps.backOff(i);
        const found = await read(caller);
        if ("kind" in found) return found;
        const { raw, health } = found;
        if (raw === null) return refused("not-found");
        const nowMs = clock.nowMs();
        const rotated = withNewSecret(
          { vault, random },
          JSON.parse(raw),
          nowMs,
        );
        if ("freeMs" in rotated) return refuseRotation(rotated.freeMs, nowMs);
        const { record, secret } = rotated;
        const value = JSON.stringify(record);
        const key = callbackEndpointKey(merchant_id);
        const writes: Write[] = [{ kind: "set", key, value }];
        if (await write(merchant_id, raw, value, writes)) {
          return { endpoint: viewEndpoint(record, health, nowMs), secret };
        }
      }
      throw new StoreUnavailableError("refused");
    },

    async test(caller) {
      const found = await read(caller);
      if ("kind" in found) return found;
      if (found.raw === null) return refused("not-found");
      const record = JSON.parse(found.raw) as EndpointRecord;
      const { merchant_id } = caller.merchant.record;
      const key = callbackTestKey(merchant_id);
      // One at a time: this is no way to have a server called in quantity.
      const token = newRevision(random);
      const taken = await store.txn({
        checks: [{ kind: "absent", key }],
        writes: [{ kind: "set", key, value: token, ttlMs: TEST_TTL_MS }],
      });
      // No client ever sends the token of a lease: both sides were made here.
      // deno-lint-ignore offcode/secret-comparison
      if (!taken.committed && taken.value !== token) {
        return refused("too-many-attempts", {
          detail: "Another test of the endpoint is under way.",
          retryAfterSeconds: TEST_TTL_MS / 1000,
        });
      }
      try {
        return await sendTest(record);
      } finally {
        await release(key, token);
      }
    },
  };

  /** Ends a test. Its result is answered even if this fails: the lease expires. */
  async function release(key: string, token: string): Promise<void> {
    try {
      await store.txn({
        checks: [{ kind: "equals", key, value: token }],
        writes: [{ kind: "delete", key }],
      });
    } catch (error) {
      if (!(error instanceof StoreUnavailableError)) throw error;
    }
  }

  async function sendTest(record: EndpointRecord): Promise<EndpointTest> {
    const { endpoint_id, url } = record;
    const atMs = clock.nowMs();
    const body = JSON.stringify({
      type: "endpoint.test",
      timestamp: new Date(atMs).toISOString(),
      data: { endpoint_id },
    });
    const signer = openSigner(vault, record, atMs);
    const { ...headers } = signer.sign(newId("cb", random), atMs, body);
    const outcome = await sender.send({ url, headers, body });
    return {
      delivered: judge(outcome, clock.nowMs()).kind === "delivered",
      attempt: toAttempt(outcome, atMs, signer.secrets, false),
    };
  }
}

/** The endpoint, active again, with its URL as it is spelled now. */
function reactivated(
  old: EndpointRecord,
  url: string,
  nowMs: number,
): EndpointRecord {
  const { disabled_reason: _, ...rest } = old;
  const updatedAt = new Date(nowMs).toISOString();
  return { ...rest, url, status: "active", updated_at: updatedAt };
}

function refuseRotation(freeMs: number, nowMs: number): Refusal {
  return refused("too-many-attempts", {
    detail:
      `${MAX_SECRETS} secrets of the endpoint sign, which is the most. Nothing was changed; the first of them ends at ${
        new Date(freeMs).toISOString()
      }, and then another can be made.`,
    retryAfterSeconds: Math.ceil((freeMs - nowMs) / 1000),
  });
}
