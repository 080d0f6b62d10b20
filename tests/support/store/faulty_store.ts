/**
 * A store that fails when it is told to: the real one behind it, and one
 * operation that never reaches it, or whose answer is lost, or that a
 * transport sends twice. It keeps a trace, so that a test can name the
 * operations it goes through and notice when there are more.
 *
 * @module
 */

import { transactionName } from "../world/points/fail_points.ts";
import { pagesInOne } from "./pages.ts";
import {
  type IndexEntry,
  nameOf,
  type RangeQuery,
  type ReadRequest,
  type Snapshot,
  type Store,
  type StoreFault,
  StoreUnavailableError,
  type Transaction,
  type TxnResult,
} from "../../../edge/store/store.ts";

/** What becomes of an operation. */
export type FaultMode =
  /** It never reaches the store. */
  | "before"
  /** It is executed and its answer is lost. */
  | "after"
  /** Its first answer is lost, it is sent again, the second one arrives. */
  | "twice";

/** Which operation fails, and how. */
export interface PlannedFault {
  /** Position in the trace, from 0; from there on every one, if `onwards`. */
  readonly at: number;
  readonly mode: FaultMode;
  readonly fault?: StoreFault;
  readonly onwards?: boolean;
}

/** A {@linkcode Store} in front of a real one. */
export class FaultyStore implements Store {
  /** Every operation since the last {@linkcode plan}, such as `txn order`. */
  readonly trace: string[] = [];
  readonly cells?: Store["cells"] & object;
  /** Pages that are asked for together are one operation. */
  readonly pages?: Store["pages"] & object;
  readonly #store: Store;
  #planned: readonly PlannedFault[] = [];

  constructor(store: Store) {
    this.#store = store;
    if (store.cells !== undefined) this.cells = store.cells;
    Object.assign(
      this,
      pagesInOne(
        store,
        (first, operation) =>
          this.#run(label("range", [first?.index ?? ""]), operation),
      ),
    );
  }

  /** Starts a new trace, and plans faults in it. */
  plan(...faults: readonly PlannedFault[]): void {
    this.trace.length = 0;
    this.#planned = faults;
  }

  read(request: ReadRequest): Promise<Snapshot> {
    const names = [
      ...(request.keys ?? []).map(nameOf),
      ...(request.ranges ?? []).map(({ index }) => index),
    ];
    return this.#run(label("read", names), () => this.#store.read(request));
  }

  range(query: RangeQuery): Promise<readonly IndexEntry[]> {
    return this.#run(
      label("range", [query.index]),
      () => this.#store.range(query),
    );
  }

  txn(transaction: Transaction): Promise<TxnResult> {
    return this.#run(
      transactionName(transaction),
      () => this.#store.txn(transaction),
    );
  }

  timeMs(): Promise<number> {
    return this.#run("timeMs", () => this.#store.timeMs());
  }

  close(): Promise<void> {
    return this.#store.close();
  }

  async #run<T>(name: string, operation: () => Promise<T>): Promise<T> {
    const position = this.trace.push(name) - 1;
    const planned = this.#planned.find(({ at, onwards }) =>
      onwards === true ? position >= at : position === at
    );
    if (planned === undefined) return await operation();
    if (planned.mode !== "before") {
      await operation();
      if (planned.mode === "twice") return await operation();
    }
    throw new StoreUnavailableError(planned.fault ?? "timeout");
  }
}

/** `read order`: what is done, and the kind of the first record it is done to. */
function label(operation: string, names: readonly string[]): string {
  return `${operation} ${names[0]?.split(":")[2] ?? ""}`;
}
