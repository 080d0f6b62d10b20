/**
 * Reads what a ledger answered over HTTP: exactly one shape, in bounded memory.
 * Any other answer is a fault, whose name goes to the operator's log and which
 * means `unknown` to the payment. The body is always read to its end or cancelled.
 *
 * @module
 */

import { z } from "zod";

/** Most bytes that an answer's body may have. */
export const MAX_ANSWER_BYTES = 16_384;

/** The words of the contract; each call allows some of them. */
export type Word =
  | "approved"
  | "declined"
  | "needs_confirmation"
  | "reversed"
  | "none";

/** An answer in the contract's form. */
export interface Answer {
  readonly result: Word;
  /** Beside `declined`; any text. */
  readonly reason?: string | undefined;
}

/** Why there is no answer. */
export interface AnswerFault {
  readonly fault:
    /** Not all of it came in time. */
    | "timeout"
    /** No connection, or it broke. */
    | "unreachable"
    /** Not 200. */
    | "status"
    /** Not JSON by its content type. */
    | "content-type"
    /** Above {@linkcode MAX_ANSWER_BYTES}. */
    | "too-long"
    /** Not JSON, or without the fields. */
    | "garbage"
    /** About another payment. */
    | "other-payment"
    /** A word that this call has no use for. */
    | "other-word";
  /** The HTTP status, where that is the fault. */
  readonly status?: number;
  /** Why it is unreachable, as far as is known. */
  readonly reason?: string;
}

const BODY = z.object({
  payment_id: z.string(),
  result: z.string(),
  reason: z.string().optional(),
});

const JSON_TYPE = /^application\/json\s*(;\s*charset\s*=\s*"?utf-8"?\s*)?$/i;

/**
 * The answer in `response` about `paymentId`, if it is one of `words`.
 *
 * Rejects with whatever breaks the body off.
 */
export async function readAnswer(
  response: Response,
  paymentId: string,
  words: readonly Word[],
): Promise<Answer | AnswerFault> {
  if (response.status !== 200) {
    await response.body?.cancel();
    return { fault: "status", status: response.status };
  }
  if (!JSON_TYPE.test(response.headers.get("content-type") ?? "")) {
    await response.body?.cancel();
    return { fault: "content-type" };
  }
  const bytes = await readBytes(response);
  if (bytes === null) return { fault: "too-long" };
  const body = parse(bytes);
  if (body === null) return { fault: "garbage" };
  // A faulty proxy could exchange two answers; a payment must get its own.
  if (body.payment_id !== paymentId) return { fault: "other-payment" };
  const result = words.find((word) => word === body.result);
  if (result === undefined) return { fault: "other-word" };
  return { result, reason: body.reason };
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
