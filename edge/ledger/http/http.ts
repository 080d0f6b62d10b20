/**
 * The ledger over HTTP: the wallet's own system behind four signed calls.
 * `../README.md` is the contract for those who build that system.
 *
 * A call is one attempt under one deadline. An answer that does not follow the
 * contract exactly is `unknown`, never an exception and never a guess: the engine
 * asks again. Requests are signed as Standard Webhooks specifies. Answers are not
 * signed but protected by TLS, so plain `http:` is allowed for loopback only.
 *
 * @module
 */

import type { Clock } from "../../base/clock.ts";
import type { Log } from "../../base/log.ts";
import { isLoopback } from "../../base/loopback.ts";
import { networkReason } from "../../base/network_fault.ts";
import { createSigner } from "../../base/signature.ts";
import {
  type About,
  type Answer,
  type AnswerFault,
  readAnswer,
  type Word,
} from "./answer.ts";
import type {
  DebitAnswer,
  DeclineReason,
  Ledger,
  RefundAnswer,
  RefundDeclineReason,
} from "../ledger.ts";

/** What {@linkcode createHttpLedger} is made with. */
export interface HttpLedgerOptions {
  /** The address below which the calls are: `https:`, or `http:` on loopback. */
  readonly url: string;
  /** `whsec_` and 24 to 64 bytes in padded base64. */
  readonly secret: string;
  readonly clock: Clock;
  /** Time for a whole call, connecting and reading included: 1 to 60 000. */
  readonly timeoutMs: number;
  /** Called with why a call got no answer: names and words, no contents. */
  readonly log?: Log;
  /** Sends a request; by default the runtime's own function. */
  readonly fetch?: typeof globalThis.fetch;
}

const WORDS = {
  debit: ["approved", "declined", "needs_confirmation"],
  // A confirmed debit must not ask for the confirmation again.
  confirmedDebit: ["approved", "declined"],
  reverse: ["reversed", "refunded"],
  query: ["approved", "declined", "needs_confirmation", "reversed", "none"],
  refund: ["refunded", "declined"],
  refundQuery: ["refunded", "declined", "none"],
} satisfies Record<string, readonly Word[]>;

const DECLINE_REASONS: Readonly<Record<DeclineReason, true>> = {
  reversed: true,
  insufficient_funds: true,
  currency_mismatch: true,
  account_closed: true,
  refused: true,
};

const REFUND_DECLINE_REASONS: Readonly<Record<RefundDeclineReason, true>> = {
  reversed: true,
  not_debited: true,
  exceeds_payment: true,
  account_closed: true,
  refused: true,
};

/** The ids that a call is about, each fit for a header. */
function signableIds(about: About): readonly string[] {
  const ids: string[] = Object.values(about);
  if (ids.every((id) => /^[A-Za-z0-9_-]{1,100}$/.test(id))) return ids;
  throw new RangeError(
    "A payment id and a refund id must be 1 to 100 of A-Z a-z 0-9 _ -",
  );
}

/** Sends calls; each is one attempt under one deadline. */
function createCalls(options: HttpLedgerOptions) {
  const base = parseBase(options.url);
  const sign = createSigner(options.secret);
  const { clock, timeoutMs, log } = options;
  const send = options.fetch ?? globalThis.fetch;
  if (!Number.isInteger(timeoutMs) || timeoutMs < 1 || timeoutMs > 60_000) {
    throw new RangeError("The ledger's time must be 1 to 60000 ms");
  }

  async function attempt(
    path: string,
    webhookId: string,
    about: About,
    body: string,
    words: readonly Word[],
  ): Promise<Answer | AnswerFault> {
    const deadline = new AbortController();
    const timer = setTimeout(() => deadline.abort(), timeoutMs);
    try {
      const response = await send(`${base}/${path}`, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          "accept": "application/json",
          // Uncompressed, so that the bound on the body counts what was sent.
          "accept-encoding": "identity",
          ...sign(webhookId, clock.nowMs(), body),
        },
        body,
        // A redirect that is followed could take the call to another server, or
        // turn it into a GET whose 200 looks like an answer.
        redirect: "manual",
        signal: deadline.signal,
      });
      return await readAnswer(response, about, words);
    } catch (error) {
      if (deadline.signal.aborted) return { fault: "timeout" };
      // The error's text may hold the address or what the other side sent.
      const reason = networkReason(error);
      return { fault: "unreachable", ...(reason !== null && { reason }) };
    } finally {
      clearTimeout(timer);
    }
  }

  /** Makes a call. `null` if it gave no answer that follows the contract. */
  async function call(
    path: string,
    name: string,
    words: readonly Word[],
    body: Readonly<Record<string, unknown> & About>,
  ): Promise<Answer | null> {
    const { payment_id, refund_id } = body;
    const about: About = {
      payment_id,
      ...(refund_id !== undefined && { refund_id }),
    };
    const answer = await attempt(
      path,
      [...signableIds(about), name].join("_"),
      about,
      JSON.stringify(body),
      words,
    );
    if ("result" in answer) return answer;
    log?.("warn", "the ledger gave no answer", {
      call: name,
      ...about,
      ...answer,
    });
    return null;
  }

  return call;
}

/**
 * Makes a {@linkcode Ledger} that asks a wallet core over HTTP.
 *
 * Its calls reject only because of a bug of the caller: with a RangeError for an id
 * of a payment or a refund that is not 1 to 100 of `A–Z a–z 0–9 _ -`.
 *
 * @throws {RangeError} If the address, the secret or the time is out of bounds. The
 * error's text contains none of them.
 */
export function createHttpLedger(options: HttpLedgerOptions): Ledger {
  const call = createCalls(options);
  return {
    async debit(debit, { confirmed }) {
      return debitAnswer(
        await call(
          "debits",
          confirmed ? "debit_confirmed" : "debit",
          confirmed ? WORDS.confirmedDebit : WORDS.debit,
          {
            payment_id: debit.paymentId,
            account_id: debit.accountId,
            merchant_id: debit.merchantId,
            amount_minor: debit.amountMinor,
            currency: debit.currency,
            confirmed,
          },
        ),
      );
    },

    async reverse(paymentId) {
      const answer = await call("reversals", "reverse", WORDS.reverse, {
        payment_id: paymentId,
      });
      switch (answer?.result) {
        case "reversed":
        case "refunded":
          return { kind: answer.result };
        default:
          return { kind: "unknown" };
      }
    },

    async query(paymentId) {
      return debitAnswer(
        await call("queries", "query", WORDS.query, { payment_id: paymentId }),
      );
    },

    async refund({ paymentId, refundId, amountMinor, currency }) {
      return refundAnswer(
        await call("refunds", "refund", WORDS.refund, {
          payment_id: paymentId,
          refund_id: refundId,
          amount_minor: amountMinor,
          currency,
        }),
      );
    },

    async queryRefund(paymentId, refundId) {
      return refundAnswer(
        await call("queries", "query", WORDS.refundQuery, {
          payment_id: paymentId,
          refund_id: refundId,
        }),
      );
    },
  };
}

function refundAnswer(answer: Answer | null): RefundAnswer {
  switch (answer?.result) {
    case "refunded":
      return { kind: "refunded" };
    case "declined": {
      const reason = answer.reason ?? "";
      return {
        kind: "declined",
        reason: Object.hasOwn(REFUND_DECLINE_REASONS, reason)
          ? reason as RefundDeclineReason
          : "refused",
      };
    }
    default:
      return { kind: "unknown" };
  }
}

function debitAnswer(answer: Answer | null): DebitAnswer {
  switch (answer?.result) {
    case "approved":
      return { kind: "approved" };
    case "declined":
      return { kind: "declined", reason: declineReason(answer.reason) };
    case "reversed":
      return { kind: "declined", reason: "reversed" };
    case "needs_confirmation":
      return { kind: "needs-confirmation" };
    default:
      return { kind: "unknown" };
  }
}

function declineReason(word: string | undefined): DeclineReason {
  return word !== undefined && Object.hasOwn(DECLINE_REASONS, word)
    ? word as DeclineReason
    : "refused";
}

/** The address without a slash at its end. */
function parseBase(text: string): string {
  const url = URL.parse(text);
  const plain = url !== null && url.username === "" && url.password === "" &&
    !/[?#]/.test(text);
  if (
    !plain || !(url.protocol === "https:" ||
      (url.protocol === "http:" && isLoopback(url.hostname)))
  ) {
    throw new RangeError(
      "The ledger's address must be an https URL without user, query or fragment",
    );
  }
  return url.href.replace(/\/+$/, "");
}
