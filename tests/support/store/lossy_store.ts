/**
 * A store of which a part of the replies is lost: what was asked for is done,
 * sometimes twice as by a transport that repeats it, or never arrives, and who
 * asked is told that nobody knows.
 *
 * @module
 */

import {
  type IndexEntry,
  type RangeQuery,
  type ReadRequest,
  type Snapshot,
  type Store,
  StoreUnavailableError,
  type Transaction,
  type TxnResult,
} from "../../../edge/store/store.ts";
import { pagesInOne } from "./pages.ts";

/** A {@linkcode Store} in front of a real one. */
export class LossyStore implements Store {
  /** Replies that were lost. */
  lost = 0;
  readonly cells?: Store["cells"] & object;
  readonly pages?: Store["pages"] & object;
  readonly #store: Store;
  readonly #random: () => number;
  /** Which part of the replies is lost, 0 to 1; may be changed at any time. */
  share: number;

  /** `random` gives numbers from 0 to below 1. */
  constructor(store: Store, random: () => number, share: number) {
    this.#store = store;
    if (store.cells !== undefined) this.cells = store.cells;
    Object.assign(
      this,
      pagesInOne(store, (_, operation) => this.#run(operation)),
    );
    this.#random = random;
    this.share = share;
  }

  read(request: ReadRequest): Promise<Snapshot> {
    return this.#run(() => this.#store.read(request));
  }

  range(query: RangeQuery): Promise<readonly IndexEntry[]> {
    return this.#run(() => this.#store.range(query));
  }

  txn(transaction: Transaction): Promise<TxnResult> {
    return this.#run(() => this.#store.txn(transaction));
  }

  timeMs(): Promise<number> {
    return this.#store.timeMs();
  }

  close(): Promise<void> {
    return this.#store.close();
  }

  async #run<T>(operation: () => Promise<T>): Promise<T> {
    if (this.#random() >= this.share) return await operation();
    this.lost++;
    const kind = this.#random();
    // One in ten never arrives, two in ten come twice.
    if (kind >= 0.1) await operation();
    if (kind >= 0.8) return await operation();
    throw new StoreUnavailableError("timeout");
  }
}
