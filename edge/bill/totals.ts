/**
 * Sums of what has happened to payments: by currency, by shop, and by till of a shop.
 *
 * @module
 */

import type { PaymentEvent } from "./events.ts";

/** The currency, and the shop and the till if there are any, of one row of totals. */
export interface TotalsGroup {
  readonly by: "currency" | "store" | "terminal";
  readonly currency: string;
  /** Absent for payments without one. */
  readonly storeId?: string;
  readonly terminalId?: string;
}

/** A row of totals; amounts are in minor units. */
export interface TotalsRow extends TotalsGroup {
  readonly paidCount: number;
  readonly paidMinor: number;
  readonly reversedCount: number;
  readonly reversedMinor: number;
  readonly refundedCount: number;
  readonly refundedMinor: number;
  /**
   * The amount paid minus the amounts reversed and refunded; below 0 if more was given
   * back than paid in the span.
   */
  readonly netMinor: number;
}

type Sums = { -readonly [name in keyof TotalsRow]: TotalsRow[name] };

/**
 * The most rows of shops, and of tills. A merchant may invent names for each
 * payment, so the names above this number share one row, and the totals of a
 * day take little memory whatever the merchant sends. The name of that row has
 * a space in it, which no shop's or till's name has.
 */
const MOST_ROWS = 10_000;
const OTHERS = "(all others)";

/** Adds events up. */
export class Totals {
  readonly #rows = {
    currency: new Map<string, Sums>(),
    store: new Map<string, Sums>(),
    terminal: new Map<string, Sums>(),
  };

  /** Adds an event; one that moved no money adds nothing. */
  add(event: PaymentEvent): void {
    const { kind, amountMinor, currency, storeId, terminalId } = event;
    if (kind !== "paid" && kind !== "reversed" && kind !== "refunded") return;
    const store = { ...(storeId !== undefined && { storeId }) };
    const terminal = { ...(terminalId !== undefined && { terminalId }) };
    for (
      const group of [
        { by: "currency", currency },
        { by: "store", currency, ...store },
        { by: "terminal", currency, ...store, ...terminal },
      ] as const
    ) {
      const row = this.#row(group);
      row[`${kind}Count`]++;
      row[`${kind}Minor`] += amountMinor;
      row.netMinor += kind === "paid" ? amountMinor : -amountMinor;
      if (!Number.isSafeInteger(row[`${kind}Minor`])) {
        throw new RangeError("A total is too large for a number");
      }
    }
  }

  #row(group: TotalsGroup): Sums {
    const rows = this.#rows[group.by];
    const name = nameOf(group);
    const known = rows.get(name);
    if (known !== undefined) return known;
    if (rows.size >= MOST_ROWS && group.storeId !== OTHERS) {
      const { by, currency } = group;
      return this.#row({
        ...{ by, currency, storeId: OTHERS },
        ...(by === "terminal" && { terminalId: OTHERS }),
      });
    }
    const row = {
      ...group,
      ...{ paidCount: 0, paidMinor: 0, reversedCount: 0, reversedMinor: 0 },
      ...{ refundedCount: 0, refundedMinor: 0, netMinor: 0 },
    };
    rows.set(name, row);
    return row;
  }

  /** The rows: by currency, then by shop, then by till, each in order of names. */
  rows(): readonly TotalsRow[] {
    const { currency, store, terminal } = this.#rows;
    return [currency, store, terminal].flatMap((rows) =>
      [...rows].sort(([a], [b]) => a < b ? -1 : 1).map(([, row]) => row)
    );
  }
}

const nameOf = ({ currency, storeId = "", terminalId = "" }: TotalsGroup) =>
  `${currency} ${storeId} ${terminalId}`;
