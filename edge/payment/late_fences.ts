/**
 * The fences of refused codes that the customer's cell did not answer. The till has been
 * told that the code was refused, and the order is as it was before. If a transport
 * delivers the claim once more, the code counts as used, the limits are charged, and no
 * order says so. The process that answered the till therefore makes the fence with its
 * next sweep, and gives back what such a claim has taken.
 *
 * The list is in memory, so that the usual refusal costs nothing. It is short: only a cell
 * that refused a code and was away a moment later is in it. If the process ends before,
 * `deno task audit` names such a claim.
 *
 * @module
 */

import type { Store } from "../store/store.ts";
import { giveBackAcross } from "./crossing.ts";
import type { PaymentRecord } from "./record.ts";

/** The fences that this process still has to make. */
export class LateFences {
  readonly #store: Store;
  readonly #payments = new Set<PaymentRecord>();

  constructor(store: Store) {
    this.#store = store;
  }

  /** Remembers a payment that was taken back and not fenced. */
  add(payment: PaymentRecord): void {
    this.#payments.add(payment);
  }

  /**
   * Makes all fences.
   *
   * @throws {StoreUnavailableError} If one was not answered again. It is kept.
   */
  async make(): Promise<void> {
    const ends = await Promise.allSettled(
      [...this.#payments].map(async (payment) => {
        await giveBackAcross(this.#store, { payment });
        this.#payments.delete(payment);
      }),
    );
    const failed = ends.find(({ status }) => status === "rejected");
    if (failed?.status === "rejected") throw failed.reason;
  }
}
