/**
 * A client of the API, for every task that calls it: plain HTTP, as a till or a
 * wallet's backend would send it.
 *
 * @module
 */

import { z } from "zod";
import type { Phone } from "./phone.ts";

/** The currency in which the tasks pay. */
export const CURRENCY = "EUR";

const [text, number] = [z.string(), z.number()];
const answerBody = z.object({
  ...{ merchant_id: text, credential_id: text, endpoint_id: text },
  ...{ api_key: text, secret: text, payment_id: text, decline_reason: text },
  ...{ balance_minor: number, amount_minor: number, repeat: z.boolean() },
  /** A word in a success, the HTTP status in a problem. */
  status: z.union([text, number]),
  /** The stable code of a problem, and what it advises. */
  ...{ code: text, retry: text, next_query_seconds: number, detail: text },
  cashier: z.object({ en: text }),
}).partial();

/** The fields of an answer's body that are read here. */
export type Body = z.infer<typeof answerBody>;

/** An answer whose body was read. */
export interface Answer {
  readonly status: number;
  readonly text: string;
  readonly body: Body;
  readonly retryAfterSeconds: number;
}

/** An answer that was not expected. */
export class UnexpectedAnswerError extends Error {
  override readonly name = "UnexpectedAnswerError";

  constructor(message: string, readonly answer?: Answer) {
    super(message);
  }
}

/** A merchant with its key. */
export interface Shop {
  readonly id: string;
  readonly key: string;
}

type Request = [method: string, path: string, key: string, body?: unknown];

/** Sends requests, and throws if an answer is not as expected. */
export class Api {
  /** How many answers have come as expected. */
  answers = 0;

  constructor(
    readonly origin: string,
    /** How long an answer may take; for ever if not given. */
    readonly timeoutMs?: number,
  ) {}

  /**
   * Makes one call, which must be answered as expected.
   * @param expected The status, and for a problem its `code`.
   * @throws {UnexpectedAnswerError} If the answer is another one.
   */
  async call(expected: string, ...request: Request): Promise<Answer> {
    const answer = await this.ask(...request);
    const found = describe(answer);
    if (found !== expected) {
      const [method, path] = request;
      throw new UnexpectedAnswerError(
        `${method} ${path} answered ${found}, expected ${expected}`,
        answer,
      );
    }
    this.answers++;
    return answer;
  }

  /**
   * Makes one call, whatever its answer is.
   * @throws {SyntaxError} If the answer is none of the API's.
   */
  async ask(...[method, path, key, body]: Request): Promise<Answer> {
    const { timeoutMs } = this;
    const response = await fetch(this.origin + path, {
      method,
      headers: {
        authorization: `Bearer ${key}`,
        ...(body !== undefined && { "content-type": "application/json" }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...(timeoutMs !== undefined && {
        signal: AbortSignal.timeout(timeoutMs),
      }),
    });
    const { status, headers } = response;
    const text = await response.text();
    // An answer with the status 204 has no body.
    const read = answerBody.safeParse(text === "" ? {} : JSON.parse(text));
    if (!read.success) throw new SyntaxError("The answer is none of the API's");
    const retryAfterSeconds = Number(headers.get("retry-after") ?? 1) || 1;
    return { status, text, body: read.data, retryAfterSeconds };
  }

  async openShop(adminKey: string, name: string): Promise<Shop> {
    const { body } = await this.call(
      ...["201 active", "POST", "/v1/admin/merchants", adminKey] as const,
      { name },
    );
    return { id: body.merchant_id!, key: body.api_key! };
  }

  async addWallet(adminKey: string, name: string): Promise<string> {
    const { body } = await this.call(
      ...["201", "POST", "/v1/admin/wallet-keys", adminKey, { name }] as const,
    );
    return body.api_key!;
  }

  /**
   * Enrols a phone, which takes its seed from the answer. Returns the
   * credential's id.
   */
  async enrol(
    walletKey: string,
    phone: Phone,
    accountId: string,
    deviceId: string,
  ): Promise<string> {
    const { body, text } = await this.call(
      ...["201", "POST", "/v1/enrolments", walletKey] as const,
      {
        ...{ account_id: accountId, device_id: deviceId },
        device_key: phone.deviceKey,
      },
    );
    await phone.receive(text);
    return body.credential_id!;
  }

  /** Sets what an account of the sandbox ledger holds. */
  async setBalance(
    adminKey: string,
    accountId: string,
    balanceMinor: number,
  ): Promise<void> {
    const account = { balance_minor: balanceMinor, currency: CURRENCY };
    const path = accountPath(accountId);
    await this.call("200", "PUT", path, adminKey, account);
  }

  /** What an account of the sandbox ledger holds. */
  async balance(adminKey: string, accountId: string): Promise<number> {
    const path = accountPath(accountId);
    const { body } = await this.call("200", "GET", path, adminKey);
    return body.balance_minor!;
  }
}

const accountPath = (accountId: string) =>
  `/v1/admin/sandbox/accounts/${accountId}`;

/**
 * Status and words of an answer, such as `201 succeeded` or `409
 * code-replayed`.
 */
export function describe(
  { status, body }: Pick<Answer, "status" | "body">,
): string {
  const words = [wordOf(body), body.repeat && "repeat", body.decline_reason]
    .filter((it) => typeof it === "string");
  return [status, words.join(", ")].join(" ").trimEnd();
}

/** The code of a problem, or the status that a success names, if any. */
export function wordOf({ code, status }: Body): string | undefined {
  const word = code ?? status;
  // Another server than Offcode may answer there with any text.
  return typeof word === "string" && /^[\w-]{1,40}$/.test(word)
    ? word
    : undefined;
}
