/**
 * The work of one slot, as a table of states: a message is leased, sent, and
 * finished in one transaction with the lease of the next message, until no
 * message is left or the slot may not go on.
 *
 * @module
 */

import type { Log } from "../../base/log.ts";
import type { Held } from "../../store/record.ts";
import { StoreUnavailableError } from "../../store/store.ts";
import { type BreakerRecord, breakers } from "../endpoint/breaker.ts";
import {
  afterVerdict,
  judge,
  toAttempt,
  type Verdict,
} from "../message/attempt.ts";
import type { Sender, SendOutcome } from "../sender.ts";
import type { EndpointWatch } from "./endpoint_watch.ts";
import {
  commitDelivery,
  type DeliveryEnd,
  type Finish,
  LEASE_MS,
  type Leased,
  type LeaseDeps,
  type Target,
} from "./lease.ts";
import { endTooLarge } from "./load.ts";
import type { DueMessage } from "./read_ahead.ts";

/** What slots need. */
export interface SlotDeps extends LeaseDeps {
  readonly log: Log;
  readonly sender: Sender;
  /** Called after every attempt. */
  readonly onAttempt: (delivered: boolean) => void;
}

/** What a slot asks of the run that it belongs to. */
export interface SlotRun {
  readonly deps: SlotDeps;
  readonly merchantId: string;
  readonly watch: EndpointWatch;
  /** Takes the message that a slot serves next, or `null` if none is due. */
  next(slot: number): Promise<DueMessage | null>;
  /** Gives a message back that was taken but not leased. */
  putBack(message: DueMessage): void;
  /** Forgets a message that was taken and has left its slot. */
  release(message: DueMessage): void;
  /** Whether a slot may continue with a further message; never rejects. */
  mayGoOn(): Promise<boolean>;
  /** Has the run look at the queue again, because its snapshot is out of date. */
  lookAgain(): void;
  /** Has the run end with this fault, after the slots at work have ended. */
  fail(error: unknown): void;
}

/** A message after its attempt. */
interface Attempted extends Finish {
  readonly verdict: Verdict;
  /** The endpoint to which the message was sent. */
  readonly endpointId: string;
}

/**
 * A message is to be finished, or one is to be leased, or both in one
 * transaction.
 */
interface Committing {
  readonly at: "committing";
  readonly attempted: Attempted | null;
  readonly message: DueMessage | null;
  /** The breaker as it was read. If it is open, the delivery is a probe. */
  readonly breaker: Held<BreakerRecord>;
  /** Messages in a row that another process took before this slot leased one. */
  readonly taken: number;
}

/** A message is leased and is to be sent. */
interface Sending {
  readonly at: "sending";
  readonly leased: Leased;
  readonly target: Target;
}

/** A message was sent, and the result has to be reported to the endpoint watch. */
interface Sent {
  readonly at: "sent";
  readonly attempted: Attempted;
}

const OVER = { at: "over" } as const;

type SlotState = Committing | Sending | Sent | typeof OVER;

type Step<State> = (
  run: SlotRun,
  slot: number,
  state: State,
) => Promise<SlotState>;

/** The step of each state; it returns the next state. */
const STEPS: {
  readonly committing: Step<Committing>;
  readonly sending: Step<Sending>;
  readonly sent: Step<Sent>;
} = { committing: commitStep, sending: send, sent: tellWatch };

/** A message is not sent if less than this is left of its lease. */
const LEAST_LEASE_MS = LEASE_MS / 2;
/**
 * A finish waits for at most this number of lost races for a next message. Then it
 * is committed alone.
 */
const MOST_TAKEN = 3;

/**
 * Runs a slot, beginning with a message; as a probe if the breaker is open.
 * Rejects with a fault of the store, or with an error that is a bug.
 */
export async function runSlot(
  run: SlotRun,
  slot: number,
  message: DueMessage,
  breaker: Held<BreakerRecord>,
): Promise<void> {
  let state: SlotState = committing(null, message, breaker);
  while (state.at !== "over") {
    const step = STEPS[state.at] as Step<SlotState>;
    state = await step(run, slot, state);
  }
}

function committing(
  attempted: Attempted | null,
  message: DueMessage | null,
  breaker: Held<BreakerRecord>,
  taken = 0,
): SlotState {
  if (attempted === null && message === null) return OVER;
  return { at: "committing", attempted, message, breaker, taken };
}

async function commitStep(
  run: SlotRun,
  slot: number,
  state: Committing,
): Promise<SlotState> {
  const { deps, merchantId, watch } = run;
  const { attempted, message, breaker } = state;
  let target: Target | null = null;
  let end: DeliveryEnd;
  try {
    if (message !== null) target = watch.target();
    const where = { merchantId, slot, reads: watch.refs };
    const next = target && { message: message!, target, breaker };
    if (message !== null && next === null) {
      run.release(message);
      return committing(attempted, null, breaker);
    }
    end = await commitDelivery(deps, where, attempted, next);
  } catch (error) {
    return await afterFault(run, slot, state, error);
  }
  watch.sawValues(end.values);
  if (end.refusedBy !== null) {
    return await afterRefusal(run, slot, state, end.refusedBy);
  }
  if (attempted !== null) ended(run, attempted, "written");
  const { leased } = end;
  return leased === null ? OVER : { at: "sending", leased, target: target! };
}

async function afterRefusal(
  run: SlotRun,
  slot: number,
  { attempted, message, breaker, taken }: Committing,
  refusedBy: NonNullable<DeliveryEnd["refusedBy"]>,
): Promise<SlotState> {
  switch (refusedBy) {
    case "slot":
    case "message":
      if (message !== null) run.putBack(message);
      if (attempted !== null) ended(run, attempted, "lost");
      return OVER;
    case "endpoint":
    case "breaker":
      run.putBack(message!);
      run.lookAgain();
      return committing(attempted, null, breaker);
    case "next": {
      run.release(message!);
      const isEnough = attempted !== null && taken + 1 === MOST_TAKEN;
      const other = isEnough || !breaker.isAbsent ? null : await run.next(slot);
      return committing(attempted, other, breaker, taken + 1);
    }
  }
}

/**
 * Handles an error of a commit: a record is too large, the store failed, or it
 * is a bug.
 */
async function afterFault(
  run: SlotRun,
  slot: number,
  { attempted, message, breaker }: Committing,
  error: unknown,
): Promise<SlotState> {
  const { deps, merchantId } = run;
  if (attempted !== null && message !== null) {
    run.putBack(message);
    if (error instanceof StoreUnavailableError) throw error;
    // One of the two records is too large for the store, or there is a bug. The
    // finish is committed alone next, so that a delivered message is not sent again.
    if (!(error instanceof RangeError)) run.fail(error);
    return committing(attempted, null, breaker);
  }
  // Only a record that is too large is the message's own fault. No other error may
  // make the message dead.
  if (!(error instanceof RangeError)) throw error;
  const bad = attempted?.leased.message ?? message!;
  const held = attempted?.leased.held ?? bad.held;
  await endTooLarge(deps, merchantId, bad, held);
  run.release(bad);
  const goesOn = attempted === null && breaker.isAbsent;
  return committing(null, goesOn ? await run.next(slot) : null, breaker);
}

/** Sends a message, unless too little is left of its lease. */
async function send(
  run: SlotRun,
  _slot: number,
  { leased, target }: Sending,
): Promise<SlotState> {
  const { clock, random, onAttempt } = run.deps;
  const { message: { record, earlier }, probe } = leased;
  const { last_attempt } = record;
  const atMs = clock.nowMs();
  if (leased.untilMs - atMs < LEAST_LEASE_MS) {
    run.release(leased.message);
    return OVER;
  }
  const outcome = await sendSigned(run, leased, target, atMs);
  const nowMs = clock.nowMs();
  const verdict = judge(outcome, nowMs);
  onAttempt(verdict.kind === "delivered");
  const attempt = toAttempt(outcome, atMs, target.signer.secrets, probe);
  const attempted: Attempted = {
    leased,
    endpointId: target.record.endpoint_id,
    verdict,
    next: afterVerdict(record, verdict, attempt, { probe, nowMs, random }),
    earlier: last_attempt === undefined ? null : [...earlier, last_attempt],
  };
  return { at: "sent", attempted };
}

async function sendSigned(
  { deps: { sender, log } }: SlotRun,
  { message: { id, record: { payload } } }: Leased,
  { record: { url }, signer }: Target,
  atMs: number,
): Promise<SendOutcome> {
  try {
    const { ...headers } = signer.sign(id, atMs, payload);
    return await sender.send({ url, headers, body: payload });
  } catch (error) {
    // The sender rejects only because of a bug. The attempt then counts as failed,
    // so that the message spends its tries like any other.
    log("error", "callback could not be sent", {
      callbackId: id,
      error: error instanceof Error ? error.name : "unknown",
    });
    return { kind: "failed", fault: "broken", durationMs: 0 };
  }
}

/**
 * Reports the result of the attempt to the endpoint watch, and takes the next message.
 */
async function tellWatch(
  run: SlotRun,
  slot: number,
  { attempted }: Sent,
): Promise<SlotState> {
  const { leased: { token, probe }, verdict, endpointId } = attempted;
  try {
    await run.watch.note({ endpointId, kind: verdict.kind, owner: token });
  } catch (error) {
    // The run ends with this fault, but the message is still finished if possible.
    run.fail(error);
  }
  const goesOn = !probe && await run.mayGoOn();
  const next = goesOn ? await run.next(slot) : null;
  return committing(attempted, next, breakers(run.merchantId).held(null));
}

/**
 * Notes that a message has left its slot: `written` by this process, or `lost`
 * to another.
 */
function ended(
  run: SlotRun,
  { leased, next }: Attempted,
  how: "written" | "lost",
): void {
  const { deps: { log }, merchantId } = run;
  run.release(leased.message);
  const { callback_id: callbackId, status, dead_reason: reason = "" } = next;
  if (how === "lost") {
    log("warn", "callback lease was lost", { callbackId, merchantId });
  } else if (status === "dead") {
    log("warn", "callback dead", { callbackId, merchantId, reason });
  }
}
