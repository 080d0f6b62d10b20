/**
 * The sandbox ledger at the end of a line that does what a test wants: calls
 * that never arrive, answers that get lost, a ledger that asks the customer
 * first, and a debit that is held until the test lets it go.
 *
 * @module
 */

import type {
  Debit,
  DebitAnswer,
  Ledger,
  LedgerRefund,
  RefundAnswer,
  RefundDeclineReason,
  ReverseAnswer,
} from "../../../edge/ledger/ledger.ts";

/** What becomes of a call. */
export type Line =
  /** Call and answer arrive. */
  | "up"
  /** The call never arrives. */
  | "unheard"
  /** The call arrives, its answer does not. */
  | "lost";

/** A {@linkcode Ledger} in front of the sandbox. */
export class ScriptedLedger implements Ledger {
  debits: Line = "up";
  reversals: Line = "up";
  queries: Line = "up";
  refunds: Line = "up";
  /** Why it declines refunds, which do not reach the sandbox then. */
  refusesRefunds: RefundDeclineReason | null = null;
  /** Whether the customer must agree to a debit first. */
  asks: "never" | "first" | "always" = "never";
  /** What was called, in order. */
  readonly calls: string[] = [];
  /** Waited for before a debit reaches the ledger. */
  beforeDebit: () => Promise<void> = () => Promise.resolve();
  /** Waited for after a debit, before its answer leaves. */
  afterDebit: () => Promise<void> = () => Promise.resolve();
  readonly #ledger: Ledger;

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  async debit(
    debit: Debit,
    options: { readonly confirmed: boolean },
  ): Promise<DebitAnswer> {
    const { confirmed } = options;
    this.calls.push(confirmed ? "debit confirmed" : "debit");
    await this.beforeDebit();
    if (this.debits === "unheard") return { kind: "unknown" };
    const asks = this.asks === "always" ||
      (this.asks === "first" && !confirmed);
    const answer: DebitAnswer = asks
      ? { kind: "needs-confirmation" }
      : await this.#ledger.debit(debit, options);
    await this.afterDebit();
    return this.debits === "lost" ? { kind: "unknown" } : answer;
  }

  async reverse(paymentId: string): Promise<ReverseAnswer> {
    this.calls.push("reverse");
    if (this.reversals === "unheard") return { kind: "unknown" };
    const answer = await this.#ledger.reverse(paymentId);
    return this.reversals === "lost" ? { kind: "unknown" } : answer;
  }

  async query(paymentId: string): Promise<DebitAnswer> {
    this.calls.push("query");
    if (this.queries === "unheard") return { kind: "unknown" };
    return await this.#ledger.query(paymentId);
  }

  async refund(refund: LedgerRefund): Promise<RefundAnswer> {
    this.calls.push("refund");
    if (this.refunds === "unheard") return { kind: "unknown" };
    const answer: RefundAnswer = this.refusesRefunds === null
      ? await this.#ledger.refund(refund)
      : { kind: "declined", reason: this.refusesRefunds };
    return this.refunds === "lost" ? { kind: "unknown" } : answer;
  }

  async queryRefund(
    paymentId: string,
    refundId: string,
  ): Promise<RefundAnswer> {
    this.calls.push("query refund");
    if (this.queries === "unheard") return { kind: "unknown" };
    return await this.#ledger.queryRefund(paymentId, refundId);
  }
}
