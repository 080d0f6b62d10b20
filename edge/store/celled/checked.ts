/**
 * A database of a store of many cells, which is used only while the fingerprints of its
 * cells and its mark fit the configuration (`fingerprint.ts`).
 *
 * @module
 */

import type { Clock } from "../../base/clock.ts";
import { ALL_PREFIX, CELL } from "../keys.ts";
import {
  type Deployment,
  fingerprintFault,
  lossOf,
  markFault,
} from "./fingerprint.ts";
import {
  type IndexEntry,
  type ListableStore,
  type NamePage,
  type RangeQuery,
  type ReadRequest,
  type RecordPage,
  type RestoredRecord,
  type RestoreLock,
  type Snapshot,
  type StoreFacts,
  type StoreFault,
  StoreUnavailableError,
  type Transaction,
  type TxnResult,
} from "../store.ts";

/** A name without a kind, from which the beginning of all names in a cell is made. */
const ALL_IN_CELL = `${CELL}:`;

/** How long after a look at the fingerprints the next request looks again. */
const LOOK_AGAIN_MS = 60_000;

/** What a checked database knows of its deployment. */
interface CheckedDeployment extends Deployment {
  readonly clock: Clock;
  /** Called when the fingerprints of a database were found to fit. */
  readonly onFit: () => Promise<void>;
  /**
   * The mark of all cells, if they are in a cluster. It may be on another node than the
   * cells of a store.
   */
  readonly mark: Mark | undefined;
}

/** The time between two questions for a mark while its node is away. */
const MARK_EVERY_MS = 10_000;

/** The faults of a node that does not answer. */
const AWAY: readonly StoreFault[] = ["unreachable", "timeout"];

/** The mark of a database, which is compared once. */
export class Mark {
  readonly #compare: () => Promise<string | null>;
  readonly #clock: Clock;
  #fault: string | null | undefined;
  #asking: Promise<string | null> | null = null;
  #failedMs = -Infinity;

  constructor(compare: () => Promise<string | null>, clock: Clock) {
    this.#compare = compare;
    this.#clock = clock;
  }

  /** Why the mark does not fit, or `null` if it fits. */
  async fault(): Promise<string | null> {
    if (this.#fault !== undefined) return this.#fault;
    this.#asking ??= this.#compare().finally(() => this.#asking = null);
    try {
      return this.#fault = await this.#asking;
    } catch (error) {
      this.#failedMs = this.#clock.nowMs();
      throw error;
    }
  }

  /**
   * The same as far as it is known. While it is not known, it is asked for again in the
   * background from time to time.
   */
  known(): string | null {
    if (this.#fault === undefined && !this.isSilent()) {
      this.fault().catch(() => {});
    }
    return this.#fault ?? null;
  }

  /** Whether its node did not answer a moment ago. */
  isSilent(): boolean {
    return Math.abs(this.#clock.nowMs() - this.#failedMs) < MARK_EVERY_MS;
  }
}

/**
 * A database that refuses every request until the fingerprints of its cells are known
 * to fit the configuration, and from the moment at which they are found lost.
 */
export class CheckedStore implements ListableStore {
  readonly own: number[];
  readonly #store: ListableStore;
  readonly #deployment: CheckedDeployment;
  readonly #mark: Mark;
  readonly facts?: () => Promise<readonly StoreFacts[]>;
  #fault: string | null | undefined;
  #asking: Promise<string | null> | null = null;
  #lookedMs = 0;

  constructor(
    store: ListableStore,
    deployment: CheckedDeployment,
    cell: number,
  ) {
    this.own = [cell];
    this.#store = store;
    this.#deployment = deployment;
    this.#mark = deployment.mark ?? new Mark(
      () => markFault(store, deployment.cells, this.own),
      deployment.clock,
    );
    if (store.facts !== undefined) this.facts = () => store.facts!();
  }

  /** Whether the fingerprints of its cells are known to fit. */
  get fits(): boolean {
    return this.#fault === null;
  }

  async fault(): Promise<string | null> {
    if (this.#fault === undefined) {
      this.#asking ??= this.#ask().finally(() => this.#asking = null);
      await this.#asking;
    }
    return this.#fault ?? this.#mark.known();
  }

  async #ask(): Promise<string | null> {
    const { clock, onFit } = this.#deployment;
    this.#lookedMs = clock.nowMs();
    this.#fault = await fingerprintFault(
      this.#deployment,
      this.own,
      (areKnown) => this.#readMark(areKnown),
    );
    if (this.#fault === null) await onFit();
    return this.#fault;
  }

  /**
   * Why the mark does not fit, or `null`. If its node does not answer, the cells are used
   * all the same if their fingerprints are known; any other cell waits for the mark.
   */
  async #readMark(areKnown: boolean): Promise<string | null> {
    const mayWait = this.#deployment.mark !== undefined && areKnown;
    if (mayWait && this.#mark.isSilent()) return this.#mark.known();
    try {
      return await this.#mark.fault();
    } catch (error) {
      const isAway = error instanceof StoreUnavailableError &&
        AWAY.includes(error.fault);
      if (!mayWait || !isAway) throw error;
      return null;
    }
  }

  /** Looks now and then whether the fingerprints are still there, beside the requests. */
  #lookAgain(): void {
    const nowMs = this.#deployment.clock.nowMs();
    if (Math.abs(nowMs - this.#lookedMs) < LOOK_AGAIN_MS) return;
    this.#lookedMs = nowMs;
    // A database that does not answer is looked at by a later request.
    lossOf(this.#deployment, this.own)
      .then((loss) => this.#fault = loss, () => {});
  }

  async #use<T>(request: (store: ListableStore) => Promise<T>): Promise<T> {
    if (this.#fault === null) this.#lookAgain();
    if (await this.fault() !== null) {
      throw new StoreUnavailableError("refused", {
        reason: "cells differ or are lost",
      });
    }
    return await request(this.#store);
  }

  read(request: ReadRequest): Promise<Snapshot> {
    return this.#use((store) => store.read(request));
  }

  range(query: RangeQuery): Promise<readonly IndexEntry[]> {
    return this.#use((store) => store.range(query));
  }

  txn(transaction: Transaction): Promise<TxnResult> {
    return this.#use((store) => store.txn(transaction));
  }

  names(prefix: string, from?: string): Promise<NamePage> {
    return this.#use((store) => store.names(prefix, from));
  }

  records(prefix: string, from?: string): Promise<RecordPage> {
    return this.#use((store) => store.records(prefix, from));
  }

  restore(
    records: readonly RestoredRecord[],
    lock: RestoreLock,
  ): Promise<boolean> {
    return this.#use((store) => store.restore(records, lock));
  }

  /** What the stored names of its cells begin with. */
  get prefix(): string {
    const [cell] = this.own;
    return this.own.length === 1
      ? this.#deployment.cells.stored(ALL_IN_CELL, cell!)
      : ALL_PREFIX;
  }

  timeMs(): Promise<number> {
    return this.#store.timeMs();
  }

  close(): Promise<void> {
    return this.#store.close();
  }
}
