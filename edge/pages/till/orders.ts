/// <reference lib="dom" />
/**
 * The orders of this till, kept in the browser so that no reload and no crash
 * loses the number of an order whose end is not known. Neither codes nor keys
 * are kept.
 *
 * @module
 */

import { type Database, openDatabase } from "../shared/database.ts";
import { isOpenEnded, type Order } from "./sale.ts";

/** Orders that have ended are forgotten two days later. */
const KEPT_MS = 48 * 3_600_000;

/** The current order is shown again after a reload within this time. */
const RESUMED_MS = 3_600_000;

/** The orders, in memory and in the browser's database. */
export class Orders {
  readonly #database: Database;
  readonly #orders: Map<string, Order>;

  private constructor(database: Database, orders: Map<string, Order>) {
    this.#database = database;
    this.#orders = orders;
  }

  /** Reads the stored orders, and deletes those that ended long ago. */
  static async open(nowMs: number): Promise<Orders> {
    const database = await openDatabase("offcode-till");
    const kept = await database.all<Order>();
    const old = [...kept.values()]
      .filter((it) => !isOpenEnded(it) && it.createdMs < nowMs - KEPT_MS)
      .map(({ orderId }) => orderId);
    if (old.length > 0) await database.delete(...old);
    for (const orderId of old) kept.delete(orderId);
    return new Orders(database, kept);
  }

  /** Stores an order. When this has resolved, the order survives a crash. */
  async save(order: Order): Promise<void> {
    await this.#database.put({ [order.orderId]: order });
    this.#orders.set(order.orderId, order);
  }

  /** The orders since a time, the latest first. */
  since(ms: number): readonly Order[] {
    return this.#latestFirst().filter((it) => it.createdMs >= ms);
  }

  /** The latest order whose end is not known, if there is one. */
  openEnded(): Order | undefined {
    return this.#latestFirst().find(isOpenEnded);
  }

  /**
   * The order that was the current one before a reload, if that was a short time ago.
   */
  atHand(nowMs: number): Order | undefined {
    const latest = this.#latestFirst()[0];
    return latest !== undefined && !latest.isLeft &&
        nowMs - latest.createdMs < RESUMED_MS
      ? latest
      : undefined;
  }

  #latestFirst(): Order[] {
    return [...this.#orders.values()]
      .sort((a, b) => b.createdMs - a.createdMs);
  }
}
