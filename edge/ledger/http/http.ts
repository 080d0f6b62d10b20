/**
 * The ledger over HTTP: the wallet's own system behind three signed calls.
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
  type Answer,
  type AnswerFault,
  readAnswer,
  type Word,
} from "./answer.ts";
import type { DebitAnswer, DeclineReason, Ledger } from "../ledger.ts";

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
  reverse: ["reversed"],
  query: ["approved", "declined", "needs_confirmation", "reversed", "none"],
} satisfies Record<string, readonly Word[]>;

const DECLINE_REASONS: Readonly<Record<DeclineReason, true>> = {
  reversed: true,
  insufficient_funds: true,
  currency_mismatch: true,
  account_closed: true,
  refused: true,
};

/**
 * Makes a {@linkcode Ledger} that asks a wallet core over HTTP.
 *
 * Its calls reject only because of a bug of the caller: with a RangeError for a
 * payment id that is not 1 to 100 of `A–Z a–z 0–9 _ -`.
 *
 * @throws {RangeError} If the address, the secret or the time is out of bounds. The
 * error's text contains none of them.
 */
export function createHttpLedger(options: HttpLedgerOptions): Ledger {
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
    paymentId: string,
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
      return await readAnswer(response, paymentId, words);
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
    body: Readonly<Record<string, unknown> & { payment_id: string }>,
  ): Promise<Answer | null> {
    const paymentId = body.payment_id;
    if (!/^[A-Za-z0-9_-]{1,100}$/.test(paymentId)) {
      throw new RangeError("A payment id must be 1 to 100 of A-Z a-z 0-9 _ -");
    }
    const answer = await attempt(
      path,
      `${paymentId}_${name}`,
      paymentId,
      JSON.stringify(body),
      words,
    );
    if ("result" in answer) return answer;
    log?.("warn", "the ledger gave no answer", {
      call: name,
      payment_id: paymentId,
      ...answer,
    });
    return null;
  }

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
      return { kind: answer === null ? "unknown" : "reversed" };
    },

    async query(paymentId) {
      return debitAnswer(
        await call("queries", "query", WORDS.query, { payment_id: paymentId }),
      );
    },
  };
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
