/**
 * Named fail points: a store and a ledger that announce each operation before
 * it begins and after it has ended, and go on only when the test lets them. A
 * test that never lets one go on has an edge that stopped there.
 *
 * @module
 */

import type {
  Debit,
  DebitAnswer,
  Ledger,
  ReverseAnswer,
} from "../../../../edge/ledger/ledger.ts";
import {
  type IndexEntry,
  nameOf,
  type RangeQuery,
  type ReadRequest,
  type Snapshot,
  type Store,
  type Transaction,
  type TxnResult,
} from "../../../../edge/store/store.ts";
import { pagesInOne } from "../../store/pages.ts";
import { writtenName } from "../../store/ops.ts";

/** Called at a point such as `before txn order`; goes on when it resolves. */
export type Reach = (point: string) => Promise<void>;

/** Runs an operation between its two points. */
async function between<T>(
  reach: Reach,
  name: string,
  operation: () => Promise<T>,
): Promise<T> {
  await reach(`before ${name}`);
  try {
    return await operation();
  } finally {
    await reach(`after ${name}`);
  }
}

/** The third part of a name in the store: the kind of its record. */
const kindOf = (name: string | undefined) => name?.split(":")[2] ?? "";

/**
 * `txn order` claims or closes an order and `txn payment` moves its payment on;
 * any other transaction is named by the kind of the first record that it
 * writes.
 */
export function transactionName({ checks, writes }: Transaction): string {
  const kind = kindOf(writes[0] && writtenName(writes[0]));
  const [order, next] = checks;
  const claims = next?.kind === "equals" &&
    kindOf(nameOf(next.key)) === "merchant";
  return kind === "order" && order?.kind === "equals" && !claims
    ? "txn payment"
    : `txn ${kind}`;
}

/** A {@linkcode Store} with a point before and after every operation. */
export function pointedStore(store: Store, reach: Reach): Store {
  return {
    read: (request: ReadRequest): Promise<Snapshot> =>
      between(
        reach,
        `read ${kindOf(request.keys?.map(nameOf)[0])}`,
        () => store.read(request),
      ),
    range: (query: RangeQuery): Promise<readonly IndexEntry[]> =>
      between(reach, `range ${kindOf(query.index)}`, () => store.range(query)),
    ...pagesInOne(
      store,
      (first, operation) =>
        between(reach, `range ${kindOf(first?.index)}`, operation),
    ),
    txn: (transaction: Transaction): Promise<TxnResult> =>
      between(
        reach,
        transactionName(transaction),
        () => store.txn(transaction),
      ),
    timeMs: () => between(reach, "time", () => store.timeMs()),
    close: () => store.close(),
    ...(store.cells !== undefined && { cells: store.cells }),
  };
}

/** A {@linkcode Ledger} with a point before and after every call. */
export function pointedLedger(ledger: Ledger, reach: Reach): Ledger {
  return {
    debit: (
      debit: Debit,
      options: { readonly confirmed: boolean },
    ): Promise<DebitAnswer> =>
      between(reach, "debit", () => ledger.debit(debit, options)),
    reverse: (paymentId: string): Promise<ReverseAnswer> =>
      between(reach, "reverse", () => ledger.reverse(paymentId)),
    query: (paymentId: string): Promise<DebitAnswer> =>
      between(reach, "query", () => ledger.query(paymentId)),
    refund: (refund) => between(reach, "refund", () => ledger.refund(refund)),
    queryRefund: (...ids) =>
      between(reach, "query refund", () => ledger.queryRefund(...ids)),
  };
}

/** Holds whoever reaches a point, until released; maybe never. */
export class HoldAt {
  /** Every point that was reached. */
  readonly trace: string[] = [];
  readonly #at: number | string;
  readonly #held = Promise.withResolvers<string>();
  readonly #released = Promise.withResolvers<void>();
  #once = false;

  /** Number of the point, from 0, or its name; without one it only counts. */
  constructor(at: number | string = Infinity) {
    this.#at = at;
  }

  /** Resolves with the name of the point once somebody is held there. */
  get held(): Promise<string> {
    return this.#held.promise;
  }

  /** Lets go of everybody. */
  release(): void {
    this.#released.resolve();
  }

  readonly reach: Reach = async (point) => {
    const position = this.trace.push(point) - 1;
    // Held at a name, everything later is let through: it is another's.
    const hit = typeof this.#at === "number"
      ? position >= this.#at
      : point === this.#at && !this.#once;
    if (!hit) return;
    this.#once = true;
    this.#held.resolve(point);
    await this.#released.promise;
  };
}
