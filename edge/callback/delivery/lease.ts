/**
 * The transactions of a delivery: a message is leased into a slot, sent, and
 * finished. While a slot has further messages, one transaction finishes a message
 * and leases the next.
 *
 * Each lease has a new token, which both the slot and the message hold. Both
 * leases expire, so a process that is killed blocks neither for long. A finish is
 * committed only while slot and message still hold the token: an owner that comes
 * too late changes nothing.
 *
 * @module
 */

import type { Clock, Random } from "../../base/clock.ts";
import { newRevision } from "../../base/ids.ts";
import {
  type Commit,
  commit,
  type Committed,
  type Guard,
} from "../../store/commit.ts";
import { callbackSlotKey, latestFirst } from "../../store/keys.ts";
import { type Held, plainText, recordKind } from "../../store/record.ts";
import { type Store, StoreUnavailableError } from "../../store/store.ts";
import type { Ref, Write } from "../../store/store.ts";
import type { BreakerRecord } from "../endpoint/breaker.ts";
import type { EndpointSigner } from "../endpoint/endpoint_record.ts";
import { planWake } from "../message/queued.ts";
import type {
  Attempt,
  CallbackRecord,
  EndpointRecord,
} from "../message/record.ts";
import {
  deadLists,
  earlierAttempts,
  lanes,
  messageTtlMs,
} from "../message/stored.ts";
import type { DueMessage } from "./read_ahead.ts";

/** How long a lease lasts. */
export const LEASE_MS = 30_000;

/**
 * The delivery lane slots of a merchant; a slot at work holds the token of its
 * lease.
 */
export const slots = recordKind({
  key: callbackSlotKey,
  form: plainText,
  ttlMs: LEASE_MS,
});

/** What the transactions need. */
export interface LeaseDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
}

/** An endpoint that takes messages, and its signer. */
export interface Target {
  readonly endpoint: Held<EndpointRecord, "merchant">;
  readonly record: EndpointRecord;
  readonly signer: EndpointSigner;
}

/** A message that this process has leased. */
export interface Leased {
  readonly token: string;
  /** The slot, which holds the token. */
  readonly owner: Held<string>;
  readonly message: DueMessage;
  /** The message's record with its lease. */
  readonly held: Held<CallbackRecord>;
  /** When the lease expires, unix ms. */
  readonly untilMs: number;
  /** Whether the delivery is a probe of an endpoint whose breaker is open. */
  readonly probe: boolean;
}

/** A message that is to be finished after its attempt. */
export interface Finish {
  readonly leased: Leased;
  readonly next: CallbackRecord;
  /**
   * Its attempts before the latest, or `null` if the stored ones are unchanged.
   */
  readonly earlier: readonly Attempt[] | null;
}

/** A message that is to be leased. */
export interface Lease {
  readonly message: DueMessage;
  readonly target: Target;
  /** The breaker as it was read. If it is open, the delivery is a probe. */
  readonly breaker: Held<BreakerRecord>;
}

/**
 * The guard that refused. `slot` and `message` belong to the message that is
 * finished; `endpoint`, `breaker` and `next` belong to the one that is leased. A
 * lease alone also checks that its `slot` is free.
 */
export type DeliveryLabel =
  | "slot"
  | "message"
  | "endpoint"
  | "breaker"
  | "next";

/** The result of a step of a delivery. */
export interface DeliveryEnd {
  /** The guard that refused, or `null` if the step was committed. */
  readonly refusedBy: DeliveryLabel | null;
  /**
   * The lease that was asked for, if one was. It holds only if nothing refused.
   */
  readonly leased: Leased | null;
  /** The values of `reads`. */
  readonly values: readonly (string | null)[];
}

/** One step of a slot's delivery: a finish, or a lease, or both at once. */
export async function commitDelivery(
  deps: LeaseDeps,
  { merchantId, slot, reads }: {
    readonly merchantId: string;
    readonly slot: number;
    readonly reads: readonly Ref[];
  },
  finish: Finish | null,
  next: Lease | null,
): Promise<DeliveryEnd> {
  const place = slots(merchantId, slot);
  const guards: Guard<DeliveryLabel>[] = [];
  const writes: Write[] = [];
  if (finish === null) guards.push(place.absent("slot"));
  else {
    const { owner, held } = finish.leased;
    guards.push(owner.unchanged("slot"), held.unchanged("message"));
    // A repeated transaction finds out from its first guard whether it was
    // committed before. The slot shows this if it gets a new token, and the
    // message shows it if the slot is only deleted.
    if (next === null) guards.reverse();
    writes.push(...planFinish(deps, merchantId, finish));
  }
  let leased: Leased | null = null;
  if (next === null) writes.push(place.delete());
  else {
    const plan = planLease(deps, merchantId, slot, next);
    leased = plan.leased;
    guards.push(
      next.target.endpoint.unchanged("endpoint"),
      next.breaker.unchanged("breaker"),
      next.message.held.unchanged("next"),
    );
    writes.push(...plan.writes);
  }
  const end = await commitSurely(deps.store, { guards, writes, reads });
  const refusedBy = end.committed ? null : end.refusedBy;
  return { refusedBy, leased, values: end.values };
}

/**
 * Commits, and repeats up to twice while the store does not say whether it was
 * committed; the first guard recognizes a commit that was. A finish must not be
 * given up lightly, because its message would be sent a second time.
 */
async function commitSurely<const Label extends string>(
  store: Store,
  plan: Commit<Label>,
  more = 2,
): Promise<Committed<Label>> {
  try {
    return await commit(store, plan);
  } catch (error) {
    const mayHelp = more > 0 && error instanceof StoreUnavailableError &&
      error.fault !== "closed";
    if (!mayHelp) throw error;
  }
  return await commitSurely(store, plan, more - 1);
}

function planLease(
  { clock, random }: LeaseDeps,
  merchantId: string,
  slot: number,
  { message, breaker }: Lease,
): { leased: Leased; writes: Write[] } {
  const { id, record } = message;
  const nowMs = clock.nowMs();
  const untilMs = nowMs + LEASE_MS;
  const token = newRevision(random);
  const lease = { owner: token, until_ms: untilMs };
  const owner = slots(merchantId, slot).put(token);
  const ttlMs = messageTtlMs(record, nowMs);
  const { write, held } = message.held.put({ ...record, lease }, ttlMs);
  const writes = [
    owner.write,
    write,
    lanes(merchantId, record.lane).put(id, untilMs),
  ];
  const probe = breaker.value !== null;
  if (probe) writes.push(breaker.set({ ...breaker.value, probe: lease }));
  return {
    leased: { token, owner: owner.held, message, held, untilMs, probe },
    writes,
  };
}

function planFinish(
  { clock }: LeaseDeps,
  merchantId: string,
  { leased, next, earlier }: Finish,
): Write[] {
  const { token, held, message: { id, record } } = leased;
  const ttlMs = messageTtlMs(next, clock.nowMs());
  const writes = [
    held.set(next, ttlMs),
    lanes(merchantId, record.lane).remove(id),
  ];
  if (earlier !== null) writes.push(earlierAttempts(id).set(earlier, ttlMs));
  if (next.status === "pending") {
    writes.push(
      lanes(merchantId, next.lane).put(id, next.due_ms),
      ...planWake(merchantId, next.due_ms, token),
    );
  } else if (next.status === "dead") {
    const score = latestFirst(Date.parse(next.created_at));
    writes.push(deadLists(merchantId).put(id, score));
  }
  return writes;
}
