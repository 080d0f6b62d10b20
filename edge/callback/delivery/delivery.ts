/**
 * One merchant's deliveries, each in a slot: leases a message, sends it, and
 * finishes it together with the lease of the next one.
 *
 * @module
 */

import type { Clock, Random } from "../../base/clock.ts";
import { newRevision } from "../../base/ids.ts";
import type { Log } from "../../base/log.ts";
import {
  callbackBreakerKey,
  callbackEndpointKey,
  callbackFailuresKey,
  callbackKey,
  callbackSlotKey,
} from "../../store/keys.ts";
import {
  type Check,
  type Store,
  StoreUnavailableError,
  type Transaction,
  type TxnResult,
} from "../../store/store.ts";
import { judge, toAttempt, type Verdict } from "../message/attempt.ts";
import type { EndpointSigner } from "../endpoint/endpoint_record.ts";
import { afterVerdict } from "../message/attempt.ts";
import { withAttempt } from "./raw.ts";
import type { BreakerRecord } from "../endpoint/breaker.ts";
import type { HealthKeeper } from "./breaker_keeper.ts";
import type { Candidate } from "../message/lanes.ts";
import {
  LEASE_MS,
  type Leased,
  type Plan,
  planFinish,
  planLease,
} from "./lease.ts";
import type { EndpointRecord } from "../message/record.ts";
import type { Sender, SendOutcome } from "../sender.ts";
import { parseAttempts } from "./raw.ts";

/** What deliveries need. */
export interface DeliveryDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly sender: Sender;
}

/** An endpoint that takes messages, and its signatures. */
export interface Target {
  readonly raw: string;
  readonly record: EndpointRecord;
  readonly signer: EndpointSigner;
}

/** A message after its attempt. */
export interface Attempted {
  readonly leased: Leased;
  readonly verdict: Verdict;
  /** Its record as it is to be. */
  readonly next: ReturnType<typeof afterVerdict>;
  /** Its attempts before the latest, where there are any. */
  readonly attempts: string | null;
}

/** What came of leasing. */
export type LeaseEnd =
  | { readonly kind: "leased"; readonly leased: Leased }
  /** Somebody else has the slot, or the message. */
  | { readonly kind: "slot-taken" | "message-taken" }
  /** The endpoint or its breaker is not as it was seen. */
  | { readonly kind: "changed" };

/** What came of finishing. */
export type FinishEnd =
  /** Written, and with it the lease of the next one, if there was to be one. */
  | { readonly kind: "finished"; readonly leased: Leased | null }
  /** Not written: the next one cannot be leased. */
  | { readonly kind: "message-taken" | "changed" }
  /** The lease had ended; somebody else delivers the message. */
  | { readonly kind: "lost" };

/** A message is not sent when less than this is left of its lease. */
const LEAST_LEASE_MS = LEASE_MS / 2;
const TRIES = 3;

/** Deliveries to one merchant. */
export interface Delivery {
  /** Leases a message into a free slot; as a probe where a breaker is given. */
  lease(
    candidate: Candidate,
    slot: number,
    target: Target,
    breakerRaw: string | null,
  ): Promise<LeaseEnd>;
  /** Sends it; `null` where the lease is too old to do so. */
  attempt(leased: Leased, target: Target): Promise<Attempted | null>;
  /** Finishes it and, in the same transaction, leases the next one. */
  finish(
    attempted: Attempted,
    next: { readonly candidate: Candidate; readonly target: Target } | null,
  ): Promise<FinishEnd>;
}

/** Makes {@linkcode Delivery}. */
export function createDelivery(
  deps: DeliveryDeps,
  merchantId: string,
  keeper: HealthKeeper,
): Delivery {
  const { store, clock, random, log, sender } = deps;
  const healthKey = callbackFailuresKey(merchantId);
  const news = [
    callbackEndpointKey(merchantId),
    healthKey,
    callbackBreakerKey(merchantId),
  ];

  /**
   * Sends a transaction, again where nobody knows if it was written: its first
   * check tells.
   */
  async function insist(transaction: Transaction): Promise<TxnResult> {
    for (let i = 1;; i++) {
      try {
        return await store.txn(transaction);
      } catch (error) {
        const mayHelp = error instanceof StoreUnavailableError &&
          error.fault !== "closed" && i < TRIES;
        if (!mayHelp) throw error;
      }
    }
  }

  async function commit(
    checks: readonly Check[],
    ...plans: readonly Plan[]
  ): Promise<TxnResult> {
    const result = await insist({
      checks: [...checks, ...plans.flatMap((plan) => plan.checks)],
      writes: plans.flatMap((plan) => plan.writes),
      reads: news,
    });
    const [endpointRaw = null, healthRaw = null, breakerRaw = null] =
      result.values;
    keeper.see({ endpointRaw, healthRaw, breakerRaw });
    return result;
  }

  function planNext(
    candidate: Candidate,
    slot: number,
    target: Target,
    breakerRaw: string | null,
  ): ReturnType<typeof planLease> {
    return planLease(candidate, slot, newRevision(random), {
      merchantId,
      endpointRaw: target.raw,
      breaker: breakerRaw === null ? null : {
        raw: breakerRaw,
        record: JSON.parse(breakerRaw) as BreakerRecord,
      },
      nowMs: clock.nowMs(),
    });
  }

  /** Whether a refused finish is the repetition of one that was written. */
  async function isFinished(id: string, value: string): Promise<boolean> {
    const { values } = await store.read({ keys: [callbackKey(id)] });
    return values[0] === value;
  }

  return {
    async lease(candidate, slot, target, breakerRaw) {
      const key = callbackSlotKey(merchantId, slot);
      const { leased, plan } = planNext(candidate, slot, target, breakerRaw);
      const result = await commit([{ kind: "absent", key }], plan);
      if (result.committed) return { kind: "leased", leased };
      if (result.check === 0) {
        // A transport that repeated the write finds its own token there.
        // No client ever sends the token of a lease: both sides were made here.
        // deno-lint-ignore offcode/secret-comparison
        return result.value === leased.token
          ? { kind: "leased", leased }
          : { kind: "slot-taken" };
      }
      return { kind: result.check === 3 ? "message-taken" : "changed" };
    },

    async attempt(leased, { record: { url }, signer }) {
      const { candidate: { id, record, attemptsRaw }, probe } = leased;
      const atMs = clock.nowMs();
      if (leased.untilMs - atMs < LEAST_LEASE_MS) return null;
      let outcome: SendOutcome;
      try {
        const { ...headers } = signer.sign(id, atMs, record.payload);
        outcome = await sender.send({ url, headers, body: record.payload });
      } catch (error) {
        // A message that breaks what sends it spends its tries like others.
        log("error", "callback could not be sent", {
          callbackId: id,
          error: error instanceof Error ? error.name : "unknown",
        });
        outcome = { kind: "failed", fault: "broken", durationMs: 0 };
      }
      const nowMs = clock.nowMs();
      const verdict = judge(outcome, nowMs);
      const attempt = toAttempt(outcome, atMs, signer.secrets, probe);
      return {
        leased,
        verdict,
        next: afterVerdict(record, verdict, attempt, {
          probe,
          nowMs,
          random,
        }),
        attempts: record.last_attempt === undefined
          ? null
          : withAttempt(parseAttempts(attemptsRaw), record.last_attempt),
      };
    },

    async finish({ leased, next, attempts }, following) {
      const { slot, candidate: { id } } = leased;
      const key = callbackSlotKey(merchantId, slot);
      const finish = planFinish(
        merchantId,
        leased,
        next,
        attempts,
        clock.nowMs(),
      );
      if (following === null) {
        const release: Plan = { checks: [], writes: [{ kind: "delete", key }] };
        const result = await commit([], finish.plan, release);
        // The slot may be somebody else's by now, and still it was written.
        return result.committed || await isFinished(id, finish.value)
          ? { kind: "finished", leased: null }
          : { kind: "lost" };
      }
      const { candidate, target } = following;
      const lease = planNext(candidate, slot, target, null);
      const result = await insist({
        checks: [...finish.plan.checks, ...lease.plan.checks],
        writes: [...finish.plan.writes, ...lease.plan.writes],
        // The rest is as the checks say, or is looked at again.
        reads: [healthKey],
      });
      keeper.see({ healthRaw: result.values[0] ?? null });
      if (result.committed) return { kind: "finished", leased: lease.leased };
      switch (result.check) {
        case 0:
          // No client ever sends the token of a lease: both sides were made here.
          // deno-lint-ignore offcode/secret-comparison
          if (result.value === lease.leased.token) {
            return { kind: "finished", leased: lease.leased };
          }
          return { kind: "lost" };
        case 1:
          return { kind: "lost" };
        case 4:
          return { kind: "message-taken" };
        default:
          return { kind: "changed" };
      }
    },
  };
}
