/**
 * A merchant's callback endpoint: where messages go, and the secrets that sign
 * them.
 *
 * Every change is one compare-and-set on the endpoint's record. The transaction
 * that ends a payment checks the same record, so no payment can end without
 * queuing its message while an endpoint is being added.
 *
 * @module
 */

import type { BackOff } from "../../base/backoff.ts";
import type { Clock, Random } from "../../base/clock.ts";
import { type Mode, newId, newRevision } from "../../base/ids.ts";
import { type Refusal, refused } from "../../base/outcome.ts";
import { camelNames } from "../../base/spelling.ts";
import type { CallerOf } from "../../merchant/authentication.ts";
import { commit } from "../../store/commit.ts";
import { callbackTestKey } from "../../store/keys.ts";
import { type Held, plainText, recordKind } from "../../store/record.ts";
import { LOST, retry } from "../../store/retry.ts";
import { type Store, StoreUnavailableError } from "../../store/store.ts";
import type { Vault } from "../../vault/seal.ts";
import { judge, toAttempt } from "../message/attempt.ts";
import { planWake } from "../message/queued.ts";
import { readForCaller } from "../message/read_for_caller.ts";
import type {
  AttemptView,
  EndpointRecord,
  EndpointView,
} from "../message/record.ts";
import { endpoints } from "../message/stored.ts";
import type { Sender } from "../sender.ts";
import { type BreakerRecord, breakers, failureStreaks } from "./breaker.ts";
import type { FailureRecord } from "./breaker.ts";
import {
  MAX_SECRETS,
  newEndpoint,
  openSigner,
  refuseUrl,
  viewEndpoint,
  withNewSecret,
} from "./endpoint_record.ts";
import { isSameEndpoint, storedUrl } from "./endpoint_url.ts";

/**
 * An endpoint. A new one comes with its secret, which is shown only this once.
 */
export interface PutEndpoint {
  readonly endpoint: EndpointView;
  /** Whether a new endpoint, with a new secret, was made. */
  readonly created: boolean;
  /** `whsec_` and base64. */
  readonly secret?: string;
}

/** The result of a test message. */
export interface EndpointTest {
  /** Whether the answer was a 2xx. */
  readonly delivered: boolean;
  readonly attempt: AttemptView;
}

/** The use cases of an endpoint. */
export interface CallbackEndpoints {
  /**
   * Sets the endpoint's URL. Setting the same URL again keeps the endpoint: if it
   * was disabled it becomes active, and if its breaker is open it is tried at
   * once. Another spelling of the same URL keeps the endpoint and its secret; the
   * new spelling is called from then on. A different URL makes a new endpoint
   * with a new secret, and waiting messages are sent to it.
   */
  put(
    caller: CallerOf<"merchant">,
    url: string,
  ): Promise<PutEndpoint | Refusal>;
  /** The endpoint, or `not-found`. */
  get(caller: CallerOf<"merchant">): Promise<EndpointView | Refusal>;
  /** Removes the endpoint; idempotent. Waiting messages stay in their lanes. */
  remove(caller: CallerOf<"merchant">): Promise<null | Refusal>;
  /**
   * Makes a new secret. The previous one also signs for 24 hours, even if
   * further rotations follow. Refused as `too-many-attempts` while
   * {@linkcode MAX_SECRETS} secrets sign.
   */
  rotate(
    caller: CallerOf<"merchant">,
  ): Promise<{ endpoint: EndpointView; secret: string } | Refusal>;
  /**
   * Sends `endpoint.test` at once, without queuing, even if the endpoint is
   * disabled.
   */
  test(caller: CallerOf<"merchant">): Promise<EndpointTest | Refusal>;
}

/** What the use cases of an endpoint need. */
export interface EndpointDeps {
  readonly store: Store;
  readonly vault: Vault;
  readonly clock: Clock;
  readonly random: Random;
  readonly sender: Sender;
  /** What the test message says. */
  readonly mode: Mode;
  /**
   * Spaces out the tries of callers that change one endpoint at the same
   * moment.
   */
  readonly backOff: BackOff;
  /** Called with a merchant whose waiting messages may be due now. */
  readonly onDue?: (merchantId: string) => void;
}

/** An endpoint as it was read, with its failures and its breaker. */
interface Found {
  readonly endpoint: Held<EndpointRecord, "merchant">;
  readonly failures: Held<FailureRecord>;
  readonly breaker: Held<BreakerRecord>;
}

/** The lease of a test is longer than any attempt takes. */
const TEST_TTL_MS = 15_000;

/**
 * The test under way of an endpoint, by its merchant; its text is the owner's
 * token.
 */
const tests = recordKind({
  key: callbackTestKey,
  form: plainText,
  ttlMs: TEST_TTL_MS,
});

/** Makes the {@linkcode CallbackEndpoints} use cases. */
export function createCallbackEndpoints(deps: EndpointDeps): CallbackEndpoints {
  return {
    put: (caller, url) => putEndpoint(deps, caller, storedUrl(url)),
    get: (caller) => getEndpoint(deps, caller),
    remove: (caller) => retry(() => tryToRemove(deps, caller), deps),
    rotate: (caller) => retry(() => tryToRotate(deps, caller), deps),
    test: (caller) => testEndpoint(deps, caller),
  };
}

/** Reads an endpoint, or refuses a caller whose key was withdrawn meanwhile. */
async function find(
  deps: EndpointDeps,
  caller: CallerOf<"merchant">,
): Promise<Found | Refusal> {
  const { merchant_id } = caller.merchant.record;
  const found = await readForCaller(deps, caller, [
    endpoints(merchant_id),
    failureStreaks(merchant_id),
    breakers(merchant_id),
  ]);
  if ("kind" in found) return found;
  const [endpoint, failures, breaker] = found;
  return { endpoint, failures, breaker };
}

async function putEndpoint(
  deps: EndpointDeps,
  caller: CallerOf<"merchant">,
  url: string,
): Promise<PutEndpoint | Refusal> {
  let isChecked = false;
  return await retry(async () => {
    const found = await find(deps, caller);
    if ("kind" in found) return found;
    const nowMs = deps.clock.nowMs();
    const old = found.endpoint.value;
    const isSame = old?.url === url && old.status === "active";
    if (isSame && found.breaker.isAbsent) {
      const endpoint = viewEndpoint(old, found.failures.value, nowMs);
      return { endpoint, created: false };
    }
    if (!isSame && !isChecked) {
      const fault = await deps.sender.check(url);
      if (fault !== null) return refuseUrl(fault, "url");
      isChecked = true;
    }
    const made = old !== null && isSameEndpoint(old.url, url)
      ? { record: isSame ? old : reactivated(old, url, nowMs) }
      : newEndpoint(deps, url, nowMs);
    if (!await beginAfresh(deps, caller, found, made.record)) return LOST;
    return {
      endpoint: viewEndpoint(made.record, null, nowMs),
      created: "secret" in made,
      ...("secret" in made && { secret: made.secret }),
    };
  }, deps);
}

/**
 * Stores an endpoint and deletes the failures and the breaker that were counted
 * before. Returns whether it was committed.
 */
async function beginAfresh(
  { store, clock, random, onDue }: EndpointDeps,
  caller: CallerOf<"merchant">,
  { endpoint, failures, breaker }: Found,
  record: EndpointRecord,
): Promise<boolean> {
  const { merchant_id } = caller.merchant.record;
  const { committed } = await commit(store, {
    guards: [endpoint.unchanged("endpoint")],
    writes: [
      endpoint.set(record),
      failures.delete(),
      breaker.delete(),
      ...planWake(merchant_id, clock.nowMs(), newRevision(random)),
    ],
  });
  if (committed) onDue?.(merchant_id);
  return committed;
}

async function getEndpoint(
  deps: EndpointDeps,
  caller: CallerOf<"merchant">,
): Promise<EndpointView | Refusal> {
  const found = await find(deps, caller);
  if ("kind" in found) return found;
  const { endpoint: { value }, failures } = found;
  return value === null
    ? refused("not-found")
    : viewEndpoint(value, failures.value, deps.clock.nowMs());
}

async function tryToRemove(
  deps: EndpointDeps,
  caller: CallerOf<"merchant">,
): Promise<null | Refusal | typeof LOST> {
  const found = await find(deps, caller);
  if ("kind" in found) return found;
  const { endpoint, failures, breaker } = found;
  if (endpoint.isAbsent) return null;
  const { committed } = await commit(deps.store, {
    guards: [endpoint.unchanged("endpoint")],
    writes: [endpoint.delete(), failures.delete(), breaker.delete()],
  });
  return committed ? null : LOST;
}

async function tryToRotate(
  deps: EndpointDeps,
  caller: CallerOf<"merchant">,
): Promise<{ endpoint: EndpointView; secret: string } | Refusal | typeof LOST> {
  const found = await find(deps, caller);
  if ("kind" in found) return found;
  const { endpoint, failures } = found;
  if (endpoint.value === null) return refused("not-found");
  const nowMs = deps.clock.nowMs();
  const rotated = withNewSecret(deps, endpoint.value, nowMs);
  if ("freeMs" in rotated) return refuseRotation(rotated.freeMs, nowMs);
  const { record, secret } = rotated;
  const { committed } = await commit(deps.store, {
    guards: [endpoint.unchanged("endpoint")],
    writes: [endpoint.set(record)],
  });
  if (!committed) return LOST;
  return { endpoint: viewEndpoint(record, failures.value, nowMs), secret };
}

async function testEndpoint(
  deps: EndpointDeps,
  caller: CallerOf<"merchant">,
): Promise<EndpointTest | Refusal> {
  const found = await find(deps, caller);
  if ("kind" in found) return found;
  const record = found.endpoint.value;
  if (record === null) return refused("not-found");
  // One test at a time, so that nobody can use tests to flood a server.
  const test = tests(caller.merchant.record.merchant_id);
  const { write, held } = test.put(newRevision(deps.random));
  const { committed } = await commit(deps.store, {
    guards: [test.absent("test")],
    writes: [write],
  });
  if (!committed) {
    return refused("too-many-attempts", {
      attemptsAt: "endpoint",
      detail: "Another test of the endpoint is under way.",
      retryAfterSeconds: TEST_TTL_MS / 1000,
    });
  }
  try {
    return await sendTest(deps, record);
  } finally {
    await endTest(deps, held);
  }
}

/**
 * Ends the lease of a test. A failure is ignored, because the lease expires by
 * itself.
 */
async function endTest(
  { store }: EndpointDeps,
  test: Held<string>,
): Promise<void> {
  try {
    await commit(store, {
      guards: [test.unchanged("test")],
      writes: [test.delete()],
    });
  } catch (error) {
    if (!(error instanceof StoreUnavailableError)) throw error;
  }
}

async function sendTest(
  { vault, clock, random, sender, mode }: EndpointDeps,
  record: EndpointRecord,
): Promise<EndpointTest> {
  const { endpoint_id, url } = record;
  const atMs = clock.nowMs();
  const body = JSON.stringify({
    type: "endpoint.test",
    timestamp: new Date(atMs).toISOString(),
    mode,
    data: { endpoint_id },
  });
  const signer = openSigner(vault, record, atMs);
  const { ...headers } = signer.sign(newId("cb", random), atMs, body);
  const outcome = await sender.send({ url, headers, body });
  return {
    delivered: judge(outcome, clock.nowMs()).kind === "delivered",
    attempt: camelNames(toAttempt(outcome, atMs, signer.secrets, false)),
  };
}

/** The endpoint made active again, with the new spelling of its URL. */
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
    attemptsAt: "endpoint",
    detail:
      `${MAX_SECRETS} secrets of the endpoint sign, which is the most. Nothing was changed; the first of them ends at ${
        new Date(freeMs).toISOString()
      }, and then another can be made.`,
    retryAfterSeconds: Math.ceil((freeMs - nowMs) / 1000),
  });
}
