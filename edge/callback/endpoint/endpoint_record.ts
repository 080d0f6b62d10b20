/**
 * Makes endpoints and their secrets, opens sealed secrets, and shows endpoints.
 *
 * @module
 */

import type { Clock, Random } from "../../base/clock.ts";
import { newId } from "../../base/ids.ts";
import type { FirstEndpoints } from "../../merchant/merchants.ts";
import { type Refusal, refused } from "../../base/outcome.ts";
import type { Vault } from "../../vault/seal.ts";
import {
  createSecret,
  createSigner,
  type SignatureHeaders,
  type Signer,
} from "../../base/signature.ts";
import { storedUrl } from "./endpoint_url.ts";
import type {
  EndpointRecord,
  EndpointView,
  PromisedSecret,
} from "../message/record.ts";
import { endpoints } from "../message/stored.ts";
import type { FailureRecord } from "./breaker.ts";
import type { Sender, UrlFault } from "../sender.ts";

/** After a rotation the secret before it goes on signing for this time. */
export const PREVIOUS_SECRET_MS = 86_400_000;

/**
 * The most secrets that sign at one time: each adds a signature to every
 * callback. No secret may end before its promised time, so a rotation beyond
 * this number is refused until the first of them ends.
 */
export const MAX_SECRETS = 5;

const PURPOSE = "callback-secret";

/** What makes endpoints. */
export interface EndpointMakers {
  readonly vault: Vault;
  readonly random: Random;
}

/** Says why the URL in the field of that name cannot be an endpoint. */
export function refuseUrl(fault: UrlFault, field: string): Refusal {
  return refused("malformed-request", {
    detail: {
      form:
        `${field} must be an absolute https URL without user name, on port 443, or on a port from 1024 that no other protocol has.`,
      dns: `${field} must name a host that resolves.`,
      address: `${field} must name a host whose addresses are all public.`,
    }[fault],
  });
}

/** A new endpoint with its secret, which is shown this once. */
export function newEndpoint(
  { vault, random }: EndpointMakers,
  url: string,
  nowMs: number,
): { record: EndpointRecord; secret: string } {
  const endpointId = newId("ep", random);
  const secret = createSecret(random);
  const now = new Date(nowMs).toISOString();
  return {
    record: {
      endpoint_id: endpointId,
      url,
      status: "active",
      secret: vault.sealText(PURPOSE, secret, endpointId),
      created_at: now,
      updated_at: now,
    },
    secret,
  };
}

/** Makes the endpoints of merchants that are created together with one. */
export function createFirstEndpoints(
  deps: EndpointMakers & { sender: Pick<Sender, "check">; clock: Clock },
): FirstEndpoints {
  return {
    async make(given) {
      const url = storedUrl(given);
      const fault = await deps.sender.check(url);
      if (fault !== null) return refuseUrl(fault, "callback_url");
      const { record, secret } = newEndpoint(deps, url, deps.clock.nowMs());
      return {
        secret,
        // A new merchant has no waiting messages, so no dispatcher has to be woken.
        write: (merchantId) => endpoints(merchantId).set(record),
      };
    },
  };
}

/**
 * The endpoint with a new secret. The secret that it had goes on signing for a day, and
 * earlier ones until their promised time. If {@linkcode MAX_SECRETS} sign already,
 * nothing changes, and `freeMs` (unix ms) is when the first of them ends.
 */
export function withNewSecret(
  { vault, random }: EndpointMakers,
  record: EndpointRecord,
  nowMs: number,
): { record: EndpointRecord; secret: string } | { freeMs: number } {
  const earlier = promisedSecrets(record, nowMs);
  if (earlier.length >= MAX_SECRETS - 1) {
    return { freeMs: Math.min(...earlier.map((it) => it.until_ms)) };
  }
  const { earlier_secrets: _, ...rest } = record;
  const secret = createSecret(random);
  return {
    record: {
      ...rest,
      secret: vault.sealText(PURPOSE, secret, record.endpoint_id),
      previous_secret: record.secret,
      previous_until_ms: nowMs + PREVIOUS_SECRET_MS,
      ...(earlier.length > 0 && { earlier_secrets: earlier }),
      updated_at: new Date(nowMs).toISOString(),
    },
    secret,
  };
}

/**
 * The secrets before the current one that still sign at `nowMs`, latest first.
 */
function promisedSecrets(
  { previous_secret, previous_until_ms, earlier_secrets = [] }: EndpointRecord,
  nowMs: number,
): readonly PromisedSecret[] {
  const previous = previous_secret === undefined ? [] : [{
    secret: previous_secret,
    until_ms: previous_until_ms ?? 0,
  }];
  return [...previous, ...earlier_secrets].filter((it) => nowMs < it.until_ms);
}

/**
 * The endpoint with its secrets sealed under the first key of the keyring.
 * Secrets that no longer sign are left out.
 *
 * @throws {SealError} If a secret that still signs cannot be opened.
 */
export function resealEndpoint(
  vault: Vault,
  record: EndpointRecord,
  nowMs: number,
): EndpointRecord {
  const { endpoint_id } = record;
  const anew = (text: string) =>
    vault.sealText(
      PURPOSE,
      vault.openText(PURPOSE, text, endpoint_id),
      endpoint_id,
    );
  const {
    previous_secret,
    previous_until_ms = 0,
    earlier_secrets = [],
    ...rest
  } = record;
  const earlier = earlier_secrets.filter((it) => nowMs < it.until_ms)
    .map((it) => ({ ...it, secret: anew(it.secret) }));
  return {
    ...rest,
    secret: anew(record.secret),
    ...(previous_secret !== undefined && nowMs < previous_until_ms && {
      previous_secret: anew(previous_secret),
      previous_until_ms,
    }),
    ...(earlier.length > 0 && { earlier_secrets: earlier }),
  };
}

/** Signs attempts for one endpoint, and holds the secrets that must be masked. */
export interface EndpointSigner {
  /**
   * The signature headers of an attempt; the newest secret's signature comes
   * first.
   */
  sign(id: string, nowMs: number, body: string): SignatureHeaders;
  /** The secrets themselves. */
  readonly secrets: readonly string[];
}

/**
 * Opens an endpoint's secrets.
 *
 * @throws {SealError} If a secret that still signs cannot be opened.
 */
export function openSigner(
  vault: Vault,
  record: EndpointRecord,
  nowMs: number,
): EndpointSigner {
  const open = (text: string) =>
    vault.openText(PURPOSE, text, record.endpoint_id);
  // A secret that no longer signs is not opened: the master key that sealed it
  // may have been removed.
  const secrets = [
    { text: open(record.secret), untilMs: Infinity },
    ...promisedSecrets(record, nowMs).map((it) => ({
      text: open(it.secret),
      untilMs: it.until_ms,
    })),
  ];
  let signing: readonly string[] = [];
  let signer: Signer | undefined;
  return {
    secrets: secrets.map((it) => it.text),
    sign(id, nowMs, body) {
      const now = secrets.filter((it) => nowMs < it.untilMs);
      if (signer === undefined || now.length !== signing.length) {
        signing = now.map((it) => it.text);
        signer = createSigner(...signing);
      }
      return signer(id, nowMs, body);
    },
  };
}

/** The endpoint as its merchant sees it. */
export function viewEndpoint(
  record: EndpointRecord,
  failures: FailureRecord | null,
  nowMs: number,
): EndpointView {
  const { disabled_reason, previous_until_ms } = record;
  return {
    endpointId: record.endpoint_id,
    url: record.url,
    status: record.status,
    ...(disabled_reason !== undefined && { disabledReason: disabled_reason }),
    ...(failures !== null &&
      { failingSince: new Date(failures.since_ms).toISOString() }),
    ...(previous_until_ms !== undefined && previous_until_ms > nowMs &&
      { previousSecretUntil: new Date(previous_until_ms).toISOString() }),
    createdAt: record.created_at,
    updatedAt: record.updated_at,
  };
}
