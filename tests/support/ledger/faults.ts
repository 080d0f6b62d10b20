/**
 * What can go wrong with one call of the reference ledger. A fault is a
 * function around the honest work, so a test can write its own.
 *
 * @module
 */

import type { LedgerBooks } from "./books.ts";

/** One call of the ledger, as a fault sees it. */
export interface Exchange {
  readonly paymentId: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly books: LedgerBooks;
  /** Calls about these payments are turned away with 503. */
  readonly busy: Set<string>;
  /** Does the work and gives the true response. */
  work(): Response;
  /** Closes the connection. */
  hangUp(): void;
  /** Sends bytes instead of a response. */
  send(text: string): Promise<void>;
  /** Resolves when the ledger is shut down. */
  readonly stopped: Promise<void>;
}

/** Answers a call in place of the honest ledger. */
export type Fault = (exchange: Exchange) => Response | Promise<Response>;

/** Where a call waits until the test lets it go on. */
export class Gate {
  readonly #reached = Promise.withResolvers<void>();
  readonly #opened = Promise.withResolvers<void>();
  /** Resolves when a call waits here. */
  readonly reached = this.#reached.promise;

  /** Lets pass whoever waits or comes later. */
  open(): void {
    this.#opened.resolve();
  }

  /** Waits, at most until `stopped`. */
  async pass(stopped: Promise<void>): Promise<void> {
    this.#reached.resolve();
    await Promise.race([this.#opened.promise, stopped]);
  }
}

/** Does the work or not, then answers this; the response is made each time. */
export function answers(
  response: (exchange: Exchange) => Response,
  options: { readonly work?: boolean } = {},
): Fault {
  return (exchange) => {
    if (options.work === true) exchange.work();
    return response(exchange);
  };
}

/** 500 instead of the work. */
export const fails = answers(() => new Response("broken", { status: 500 }));

/** 500 although the work is done. */
export const failsAfterWork = answers(
  () => new Response("broken", { status: 500 }),
  { work: true },
);

/** Hangs up instead of the work. */
export const hangsUp: Fault = ({ hangUp }) => {
  hangUp();
  return new Response();
};

/** Hangs up when the work is done. */
export const hangsUpAfterWork: Fault = ({ work, hangUp }) => {
  work();
  hangUp();
  return new Response();
};

/** Works only when the gate opens. */
export function waits(gate: Gate): Fault {
  return async ({ work, stopped }) => {
    await gate.pass(stopped);
    return work();
  };
}

/** Works at once, answers when the gate opens. */
export function answersLate(gate: Gate): Fault {
  return async ({ work, stopped }) => {
    const response = work();
    await gate.pass(stopped);
    return response;
  };
}

/** Is at work until the gate opens, and will hear nothing else about it. */
export function works(gate: Gate): Fault {
  return async ({ paymentId, busy, work, stopped }) => {
    busy.add(paymentId);
    await gate.pass(stopped);
    busy.delete(paymentId);
    return work();
  };
}

/** Never answers and never works. */
export const hangs: Fault = async ({ stopped }) => {
  await stopped;
  return new Response();
};

/** Works twice, as behind a proxy that repeats; gives the second answer. */
export const repeats: Fault = ({ work }) => {
  work();
  return work();
};

/** Works, answers the truth, and then knows nothing of it. */
export const forgets: Fault = ({ work, books, paymentId }) => {
  const response = work();
  books.forget(paymentId);
  return response;
};

/** Declines a debit for a reason, for good. */
export function declines(reason: string): Fault {
  return ({ books, body, paymentId }) =>
    Response.json({
      payment_id: paymentId,
      // deno-lint-ignore no-explicit-any
      ...books.refuse(body as any, reason),
    });
}

/** Sends these bytes when the work is done, in place of a response. */
export function sends(
  text: (answer: string) => string,
  options: { readonly hangUp?: boolean } = {},
): Fault {
  return async ({ work, send, hangUp }) => {
    await send(text(await work().text()));
    if (options.hangUp === true) hangUp();
    return new Response();
  };
}
