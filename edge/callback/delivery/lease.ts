/**
 * The transactions of a delivery: a message is leased into a slot, sent, and
 * finished. In the steady state the finish of one message and the lease of the
 * next are one transaction.
 *
 * The slot holds the owner's token, a new one for each lease, and so does the
 * message. Both expire, so that a process that is killed leaks nothing. A finish
 * is committed only while both are still the owner's: who comes too late changes
 * nothing.
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

/** How long a lease holds. */
export const LEASE_MS = 30_000;

/** Who makes one of a merchant's deliveries at a time: a token for each lease. */
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

/** An endpoint that takes messages, and its signatures. */
export interface Target {
  readonly endpoint: Held<EndpointRecord>;
  readonly record: EndpointRecord;
  readonly signer: EndpointSigner;
}

/** A message that is leased. */
export interface Leased {
  readonly token: string;
  /** The slot, which holds the token. */
  readonly owner: Held<string>;
  readonly message: DueMessage;
  /** The record as it is while it is leased. */
  readonly held: Held<CallbackRecord>;
  readonly untilMs: number;
  /** Whether it is to find out if the endpoint is back. */
  readonly probe: boolean;
}

/** How a message is to be after its attempt. */
export interface Finish {
  readonly leased: Leased;
  readonly next: CallbackRecord;
  /** Its attempts before the latest; `null`: they are as they were. */
  readonly earlier: readonly Attempt[] | null;
}

/** A message that is to be leased. */
export interface Lease {
  readonly message: DueMessage;
  readonly target: Target;
  /** As it was read: an open one makes this a probe. */
  readonly breaker: Held<BreakerRecord>;
}

/** What refuses: of a finish its slot or its message, of a lease the others. */
export type DeliveryLabel =
  | "slot"
  | "message"
  | "endpoint"
  | "breaker"
  | "next";

/** How a step of a delivery ended. */
export interface DeliveryEnd {
  /** `null`: it was committed. */
  readonly refusedBy: DeliveryLabel | null;
  /** The message that was to be leased, if there was one. */
  readonly leased: Leased | null;
  /** What was asked for by `reads`. */
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
    // The first guard is about what a repeated transaction knows as its own: the
    // slot where it takes a new token, and else the message.
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
 * Commits, and again up to twice where nobody knows whether it was committed:
 * the first guard tells. A finish that is given up has its message sent twice.
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
