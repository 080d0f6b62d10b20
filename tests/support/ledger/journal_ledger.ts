/**
 * A ledger that keeps a journal outside of the store: every movement of money
 * is a line, so that a test can count debits whatever the edge believes.
 *
 * It keeps the contract of the port, and its connection does what it is told:
 * a call may get lost, its answer may get lost, or the call may arrive later.
 *
 * @module
 */

import type {
  Debit,
  DebitAnswer,
  Ledger,
  LedgerRefund,
  RefundAnswer,
  ReverseAnswer,
} from "../../../edge/ledger/ledger.ts";

/** What the ledger decides about a payment when it first hears of it. */
export type Verdict = "approve" | "decline" | "hold";

/** What the connection does to a call. */
export type Link =
  /** Call and answer arrive. */
  | "up"
  /** The call never arrives. */
  | "lost-call"
  /** The call arrives, its answer does not. */
  | "lost-answer"
  /** A debit arrives when `deliver` is called; other calls are lost. */
  | "late";

/** One line of the journal. */
export type JournalLine =
  & { readonly paymentId: string }
  & (
    | {
      readonly kind: "debit" | "undo";
      readonly accountId: string;
      readonly amountMinor: number;
    }
    | {
      readonly kind: "refund" | "no-refund";
      readonly refundId: string;
      readonly accountId: string;
      readonly amountMinor: number;
    }
    | { readonly kind: "hold" | "decline" | "close" }
  );

/** What a ledger knows of a payment. */
export type LedgerState =
  | "unheard"
  | "held"
  | "debited"
  | "declined"
  | "closed";

/** The ledger, seen from both sides. */
export class JournalLedger implements Ledger {
  /** Of a payment not heard of before; what the customer agreed to is held no more. */
  verdict: Verdict = "approve";
  link: Link = "up";
  /** Calls that came in, such as `debit confirmed`. */
  readonly calls: string[] = [];
  readonly lines: JournalLine[];
  readonly #append: (line: JournalLine) => void;
  #late: { readonly debit: Debit; readonly confirmed: boolean }[] = [];

  constructor(
    lines: readonly JournalLine[] = [],
    append: (line: JournalLine) => void = () => {},
  ) {
    this.lines = [...lines];
    this.#append = append;
  }

  /** Where a payment stands. */
  stateOf(paymentId: string): LedgerState {
    let state: LedgerState = "unheard";
    for (const line of this.lines) {
      if (line.paymentId !== paymentId) continue;
      if (line.kind === "debit") state = "debited";
      else if (line.kind === "hold") state = "held";
      else if (line.kind === "decline") state = "declined";
      else if (line.kind === "undo" || line.kind === "close") state = "closed";
    }
    return state;
  }

  /** How often money was taken for a payment, undone or not. */
  debitsOf(paymentId: string): number {
    return this.lines.filter((line) =>
      line.kind === "debit" && line.paymentId === paymentId
    ).length;
  }

  /** What was refunded of a payment, minor units. */
  refundedOf(paymentId: string): number {
    let sum = 0;
    for (const line of this.lines) {
      if (line.kind !== "refund" || line.paymentId !== paymentId) continue;
      sum += line.amountMinor;
    }
    return sum;
  }

  /** What was taken from an account and not given back, minor units. */
  takenFrom(accountId: string): number {
    let sum = 0;
    for (const line of this.lines) {
      if (!("accountId" in line) || line.accountId !== accountId) continue;
      if (line.kind === "debit") sum += line.amountMinor;
      else if (line.kind !== "no-refund") sum -= line.amountMinor;
    }
    return sum;
  }

  /** Lets every late debit arrive. */
  deliver(): void {
    for (const { debit, confirmed } of this.#late.splice(0)) {
      this.#debit(debit, confirmed);
    }
  }

  /** A ledger that stands where this one does, and goes its own way. */
  copy(): JournalLedger {
    const copy = new JournalLedger(this.lines);
    copy.verdict = this.verdict;
    copy.link = this.link;
    copy.#late = [...this.#late];
    return copy;
  }

  debit(
    debit: Debit,
    { confirmed }: { readonly confirmed: boolean },
  ): Promise<DebitAnswer> {
    if (this.link === "late") this.#late.push({ debit, confirmed });
    return this.#call<DebitAnswer>(() => this.#debit(debit, confirmed));
  }

  reverse(paymentId: string): Promise<ReverseAnswer> {
    return this.#call<ReverseAnswer>(() => this.#reverse(paymentId));
  }

  query(paymentId: string): Promise<DebitAnswer> {
    return this.#call<DebitAnswer>(() => this.#answer(paymentId));
  }

  refund(refund: LedgerRefund): Promise<RefundAnswer> {
    return this.#call<RefundAnswer>(() => this.#refund(refund));
  }

  queryRefund(paymentId: string, refundId: string): Promise<RefundAnswer> {
    return this.#call<RefundAnswer>(() =>
      this.#refundAnswer(paymentId, refundId)
    );
  }

  #call<T extends DebitAnswer | ReverseAnswer | RefundAnswer>(
    arrive: () => T,
  ): Promise<T | { kind: "unknown" }> {
    if (this.link === "late" || this.link === "lost-call") {
      return Promise.resolve({ kind: "unknown" });
    }
    const answer = arrive();
    return Promise.resolve(
      this.link === "lost-answer" ? { kind: "unknown" } : answer,
    );
  }

  #write(line: JournalLine): void {
    this.#append(line);
    this.lines.push(line);
  }

  #debit(debit: Debit, confirmed: boolean): DebitAnswer {
    this.calls.push(confirmed ? "debit confirmed" : "debit");
    const { paymentId, accountId, amountMinor } = debit;
    const state = this.stateOf(paymentId);
    // What was answered once is answered again: only the customer's word
    // moves a payment on.
    if (state === "unheard" || (state === "held" && confirmed)) {
      if (this.verdict === "decline") {
        this.#write({ kind: "decline", paymentId });
      } else if (confirmed || this.verdict === "approve") {
        this.#write({ kind: "debit", paymentId, accountId, amountMinor });
      } else {
        this.#write({ kind: "hold", paymentId });
      }
    }
    return this.#answer(paymentId);
  }

  #reverse(paymentId: string): ReverseAnswer {
    this.calls.push("reverse");
    if (this.refundedOf(paymentId) > 0) return { kind: "refunded" };
    const debit = this.lines.find((line) =>
      line.kind === "debit" && line.paymentId === paymentId
    );
    if (this.stateOf(paymentId) === "debited" && debit?.kind === "debit") {
      const { accountId, amountMinor } = debit;
      this.#write({ kind: "undo", paymentId, accountId, amountMinor });
    }
    if (this.stateOf(paymentId) !== "closed") {
      this.#write({ kind: "close", paymentId });
    }
    return { kind: "reversed" };
  }

  #refund({ paymentId, refundId, amountMinor }: LedgerRefund): RefundAnswer {
    this.calls.push("refund");
    if (this.#refundAnswer(paymentId, refundId).kind === "unknown") {
      const debit = this.lines.find((line) =>
        line.kind === "debit" && line.paymentId === paymentId
      );
      const taken = this.stateOf(paymentId) === "debited" &&
          debit?.kind === "debit"
        ? debit
        : null;
      const fits = taken !== null &&
        this.refundedOf(paymentId) + amountMinor <= taken.amountMinor;
      this.#write({
        kind: fits && this.verdict !== "decline" ? "refund" : "no-refund",
        paymentId,
        refundId,
        accountId: taken?.accountId ?? "",
        amountMinor,
      });
    }
    return this.#refundAnswer(paymentId, refundId);
  }

  #refundAnswer(paymentId: string, refundId: string): RefundAnswer {
    const line = this.lines.find((it) =>
      "refundId" in it && it.paymentId === paymentId && it.refundId === refundId
    );
    if (line === undefined) return { kind: "unknown" };
    return line.kind === "refund"
      ? { kind: "refunded" }
      : { kind: "declined", reason: "refused" };
  }

  #answer(paymentId: string): DebitAnswer {
    switch (this.stateOf(paymentId)) {
      case "unheard":
        return { kind: "unknown" };
      case "held":
        return { kind: "needs-confirmation" };
      case "debited":
        return { kind: "approved" };
      case "declined":
        return { kind: "declined", reason: "insufficient_funds" };
      case "closed":
        return { kind: "declined", reason: "reversed" };
    }
  }
}

/** A ledger whose journal is a file, which outlives the process. */
export function openJournal(path: string): JournalLedger {
  let text = "";
  try {
    text = Deno.readTextFileSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  const lines = text.split("\n").filter((line) => line !== "");
  return new JournalLedger(
    lines.map((line) => JSON.parse(line)),
    (line) =>
      Deno.writeTextFileSync(path, `${JSON.stringify(line)}\n`, {
        append: true,
      }),
  );
}
