/**
 * A client of the API, for the demo and for load: plain HTTP, as a till or a
 * wallet's backend would send it.
 *
 * @module
 */

/** The fields of the answers that are looked at. */
export interface Body {
  readonly merchant_id?: string;
  readonly credential_id?: string;
  readonly api_key?: string;
  readonly secret?: string;
  readonly payment_id?: string;
  readonly balance_minor?: number;
  readonly amount_minor?: number;
  readonly repeat?: boolean;
  readonly decline_reason?: string;
  /** A word in a success, the HTTP status in a problem. */
  readonly status?: string | number;
  /** The stable code of a problem. */
  readonly code?: string;
  /** What a problem advises. */
  readonly retry?: string;
  readonly cashier?: { readonly en: string; readonly zh: string };
}

/** An answer, read. */
export interface Answer {
  readonly status: number;
  readonly text: string;
  readonly body: Body;
}

/** An answer that was not expected. */
export class UnexpectedAnswerError extends Error {
  override readonly name = "UnexpectedAnswerError";
}

/** Sends requests and insists on the answers. */
export class Api {
  #answers = 0;

  constructor(readonly origin: string) {}

  /** How many answers came, all of them as expected. */
  get answers(): number {
    return this.#answers;
  }

  /**
   * One call.
   *
   * @param expected The status, and for a problem its `code`.
   * @throws {UnexpectedAnswerError} If the answer is another one.
   */
  async call(
    expected: string,
    method: string,
    path: string,
    key: string,
    body?: unknown,
  ): Promise<Answer> {
    const answer = await this.ask(method, path, key, body);
    if (describe(answer) !== expected) {
      throw new UnexpectedAnswerError(
        `${method} ${path} answered ${describe(answer)}, expected ${expected}`,
      );
    }
    this.#answers++;
    return answer;
  }

  /** One call, whatever the answer. */
  async ask(
    method: string,
    path: string,
    key: string,
    body?: unknown,
  ): Promise<Answer> {
    const response = await fetch(this.origin + path, {
      method,
      headers: {
        authorization: `Bearer ${key}`,
        ...(body !== undefined && { "content-type": "application/json" }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const { status } = response;
    const text = await response.text();
    // 204 says nothing.
    const read: Body = text === "" ? {} : Object(JSON.parse(text));
    return { status, text, body: read };
  }
}

/** `201 succeeded`, `409 code-replayed`: what matters of an answer. */
export function describe({ status, body }: Answer): string {
  const words = [
    body.code ?? (typeof body.status === "string" ? body.status : undefined),
    body.repeat && "repeat",
    body.decline_reason,
  ].filter((it) => typeof it === "string");
  return [status, words.join(", ")].join(" ").trimEnd();
}
