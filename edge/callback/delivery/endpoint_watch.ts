/**
 * Keeps what this process knows of one merchant's endpoint while it delivers to
 * it, and writes what the results of attempts change: they open and close the
 * breaker, and they disable an endpoint that answered 410 or only failed for too
 * long.
 *
 * Results that arrive during a write are collected and written together by the
 * next one. A success writes nothing, unless a failure or a breaker is stored.
 *
 * @module
 */

import type { BackOff } from "../../base/backoff.ts";
import type { Clock, Random } from "../../base/clock.ts";
import { newRevision } from "../../base/ids.ts";
import type { Log } from "../../base/log.ts";
import { commit } from "../../store/commit.ts";
import { readRecords } from "../../store/record.ts";
import { LOST, retry } from "../../store/retry.ts";
import type { Ref, Store, Write } from "../../store/store.ts";
import type { Vault } from "../../vault/seal.ts";
import {
  afterAttempt,
  type BreakerRecord,
  type BreakerState,
  hasFailedTooLong,
} from "../endpoint/breaker.ts";
import { openSigner } from "../endpoint/endpoint_record.ts";
import type { Verdict } from "../message/attempt.ts";
import { planWake } from "../message/queued.ts";
import type { DisabledReason, EndpointRecord } from "../message/record.ts";
import { takesMessages } from "../message/stored.ts";
import type { Target } from "./lease.ts";
import { type EndpointState, stateOf, statePlaces } from "./queue.ts";

/** What a watch needs. */
export interface WatchDeps {
  readonly store: Store;
  readonly vault: Vault;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /**
   * Spaces out the tries of processes that write to one endpoint at the same
   * moment.
   */
  readonly backOff: BackOff;
}

/** The result of an attempt: its endpoint, its verdict and its lease token. */
interface NotedEnd {
  readonly endpointId: string;
  readonly kind: Verdict["kind"];
  readonly owner: string;
}

/** Watches the endpoint of one merchant. */
export class EndpointWatch {
  readonly #deps: WatchDeps;
  readonly #merchantId: string;
  #state: EndpointState;
  #target: Target | null = null;
  #ends: NotedEnd[] = [];
  #writing: Promise<void> | null = null;

  constructor(deps: WatchDeps, merchantId: string) {
    this.#deps = deps;
    this.#merchantId = merchantId;
    this.#state = stateOf(merchantId, [null, null, null]);
  }

  /** The endpoint as it was last seen. */
  get state(): EndpointState {
    return this.#state;
  }

  /** The places whose values {@linkcode sawValues} takes. */
  get refs(): readonly Ref[] {
    return statePlaces(this.#merchantId).map(({ ref }) => ref);
  }

  /** Takes over a state that was just read from the store. */
  saw({ endpoint, failures, breaker }: EndpointState): void {
    this.#state = { endpoint, failures, breaker };
  }

  /** Takes over values of {@linkcode refs} that were just read from the store. */
  sawValues([first, second, third]: readonly (string | null)[]): void {
    const { endpoint, failures, breaker } = this.#state;
    this.#state = {
      endpoint: endpoint.again(first!),
      failures: failures.again(second!),
      breaker: breaker.again(third!),
    };
  }

  /**
   * The endpoint with its signer, or `null` if it takes no messages.
   *
   * @throws {SealError} If a secret that still signs cannot be opened.
   */
  target(): Target | null {
    const { endpoint } = this.#state;
    if (!takesMessages(endpoint)) return null;
    if (this.#target === null || !this.#target.endpoint.isSame(endpoint)) {
      const { vault, clock } = this.#deps;
      const record = endpoint.value!;
      const signer = openSigner(vault, record, clock.nowMs());
      this.#target = { endpoint, record, signer };
    }
    return this.#target;
  }

  /**
   * Notes the result of an attempt. Resolves when all that follows is written.
   */
  async note(end: NotedEnd): Promise<void> {
    const { failures, breaker } = this.#state;
    const isWell = failures.isAbsent && breaker.isAbsent;
    const isQuiet = this.#ends.length === 0 && this.#writing === null;
    if (end.kind === "delivered" && isWell && isQuiet) return;
    this.#ends.push(end);
    this.#writing ??= this.#writeEnds();
    await this.#writing;
  }

  async #writeEnds(): Promise<void> {
    try {
      while (this.#ends.length > 0) {
        const ends = this.#ends;
        this.#ends = [];
        await retry(() => this.#tryToWrite(ends), this.#deps);
      }
    } finally {
      // This must happen without waiting: a result that is noted from now on has
      // to begin a write of its own.
      this.#writing = null;
    }
  }

  /** Writes what the results of some attempts change. */
  async #tryToWrite(ends: readonly NotedEnd[]): Promise<void | typeof LOST> {
    const { store, clock, log } = this.#deps;
    const merchantId = this.#merchantId;
    const before = this.#state;
    const record = before.endpoint.value;
    // Results of an endpoint that was replaced meanwhile do not count.
    const own = ends.filter((it) => it.endpointId === record?.endpoint_id);
    if (record?.status !== "active" || own.length === 0) return;
    const nowMs = clock.nowMs();
    const { failures, breaker, reason } = judgeEnds(before, own, nowMs);
    const next = {
      failures: before.failures.put(failures),
      breaker: before.breaker.put(breaker),
      endpoint: reason === null
        ? { held: before.endpoint }
        : before.endpoint.put(disabled(record, reason, nowMs)),
    };
    const writes: Write[] = [];
    if (!next.failures.held.isSame(before.failures)) {
      writes.push(next.failures.write);
    }
    if (!next.breaker.held.isSame(before.breaker)) {
      writes.push(next.breaker.write, ...this.#planWake(breaker, nowMs));
    }
    if ("write" in next.endpoint) writes.push(next.endpoint.write);
    if (writes.length === 0) return;
    const guards = [
      before.failures.unchanged("failures"),
      before.breaker.unchanged("breaker"),
      before.endpoint.unchanged("endpoint"),
    ];
    const { committed } = await commit(store, {
      // A repeated transaction finds out from its first guard whether it was
      // committed before, so the first guard is about a record that is written.
      // Absent failures prove nothing, because any success leaves them absent.
      guards: reason === null ? guards : guards.reverse(),
      writes,
      ...(reason === null && failures === null && { mine: () => false }),
    });
    if (!committed) {
      const places = statePlaces(merchantId);
      const [endpoint, failures, breaker] = await readRecords(store, places);
      this.#state = { endpoint, failures, breaker };
      return LOST;
    }
    this.#state = {
      endpoint: next.endpoint.held,
      failures: next.failures.held,
      breaker: next.breaker.held,
    };
    if (reason !== null) {
      const endpointId = record.endpoint_id;
      const event = { merchantId, endpointId, reason };
      log("warn", "callback endpoint disabled", event);
    } else if (before.breaker.isAbsent && breaker !== null) {
      log("warn", "callback breaker open", { merchantId });
    }
  }

  /**
   * Has the merchant looked at when its next probe may begin, or now if closed.
   */
  #planWake(breaker: BreakerRecord | null, nowMs: number): Write[] {
    const lookMs = breaker?.next_probe_ms ?? nowMs;
    const revision = newRevision(this.#deps.random);
    return planWake(this.#merchantId, lookMs, revision);
  }
}

/**
 * The state after some results. `reason` is why the endpoint is to be disabled,
 * if it is.
 */
function judgeEnds(
  before: EndpointState,
  ends: readonly NotedEnd[],
  nowMs: number,
): BreakerState & { readonly reason: DisabledReason | null } {
  let state: BreakerState = {
    failures: before.failures.value,
    breaker: before.breaker.value,
  };
  let isGone = false;
  for (const { kind, owner } of ends) {
    if (kind === "gone") isGone = true;
    else {state = afterAttempt(
        state,
        { ok: kind === "delivered", owner },
        nowMs,
      );}
  }
  const isFailing = hasFailedTooLong(state.failures, nowMs);
  const reason = isGone ? "gone" : isFailing ? "failing" : null;
  return reason === null
    ? { ...state, reason }
    : { failures: state.failures, breaker: null, reason };
}

function disabled(
  record: EndpointRecord,
  reason: DisabledReason,
  nowMs: number,
): EndpointRecord {
  return {
    ...record,
    status: "disabled",
    disabled_reason: reason,
    updated_at: new Date(nowMs).toISOString(),
  };
}
