/**
 * Reads the answer of a ledger over HTTP. Only the exact form of the contract is
 * accepted, in bounded memory. Any other answer is a fault: its name is logged for
 * the operator, and the payment treats it as `unknown`. The body is always read to
 * its end or cancelled.
 *
 * @module
 */

import { z } from "zod";
import { mediaTypeFault } from "../../base/media_type.ts";

/** Most bytes that an answer's body may have. */
const MAX_ANSWER_BYTES = 16_384;

/** The words of the contract; each call allows some of them. */
export type Word =
  | "approved"
  | "declined"
  | "needs_confirmation"
  | "reversed"
  | "refunded"
  | "none";

/** An answer in the contract's form. */
export interface Answer {
  readonly result: Word;
  /** Only with `declined`; any text. */
  readonly reason?: string | undefined;
}

/** Why there is no answer. */
export interface AnswerFault {
  readonly fault:
    /** The answer did not arrive completely in time. */
    | "timeout"
    /** There was no connection, or it broke. */
    | "unreachable"
    /** The HTTP status is not 200. */
    | "status"
    /** The content type is not JSON. */
    | "content-type"
    /** The body has more than {@linkcode MAX_ANSWER_BYTES}. */
    | "too-long"
    /** The body is not JSON, or lacks a field. */
    | "garbage"
    /** The answer is about another payment or another refund. */
    | "other-payment"
    /** The result is none that this call allows. */
    | "other-word";
  /** The HTTP status, if `fault` is `status`. */
  readonly status?: number;
  /** Why the ledger is unreachable, as far as that is known. */
  readonly reason?: string;
}

const BODY = z.object({
  payment_id: z.string(),
  refund_id: z.string().nullish(),
  result: z.string(),
  reason: z.string().nullish(),
});

/** What an answer must be about. */
export interface About {
  readonly payment_id: string;
  readonly refund_id?: string;
}

/**
 * Reads the answer about a payment or a refund, whose result must be one of `words`.
 *
 * Rejects with the error that interrupted the body.
 */
export async function readAnswer(
  response: Response,
  about: About,
  words: readonly Word[],
): Promise<Answer | AnswerFault> {
  if (response.status !== 200) {
    await response.body?.cancel();
    return { fault: "status", status: response.status };
  }
  const type = response.headers.get("content-type") ?? "";
  if (mediaTypeFault(type, "application/json") !== null) {
    await response.body?.cancel();
    return { fault: "content-type" };
  }
  const bytes = await readBytes(response);
  if (bytes === null) return { fault: "too-long" };
  const body = parse(bytes);
  if (body === null) return { fault: "garbage" };
  // A faulty proxy could exchange two answers; a payment must get its own.
  if (
    body.payment_id !== about.payment_id ||
    (body.refund_id ?? undefined) !== about.refund_id
  ) return { fault: "other-payment" };
  const result = words.find((word) => word === body.result);
  if (result === undefined) return { fault: "other-word" };
  return { result, reason: body.reason ?? undefined };
}

/** The whole body, or `null` as soon as it is too long. */
async function readBytes(response: Response): Promise<Uint8Array | null> {
  const bytes = new Uint8Array(MAX_ANSWER_BYTES);
  let length = 0;
  // Returning from the loop cancels the body.
  for await (const chunk of response.body ?? []) {
    if (length + chunk.length > MAX_ANSWER_BYTES) return null;
    bytes.set(chunk, length);
    length += chunk.length;
  }
  return bytes.subarray(0, length);
}

function parse(bytes: Uint8Array): z.output<typeof BODY> | null {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return BODY.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}
