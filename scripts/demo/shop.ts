/**
 * A shop's own server in the demo: the till's receiver, and a way to wait for
 * what the edge tells it.
 *
 * @module
 */

import { Inbox, type Taken } from "../till/inbox.ts";
import { type Receiver, startReceiver } from "../till/receiver.ts";
import { UnexpectedAnswerError } from "../client.ts";

/** A callback on this machine takes milliseconds. */
const PATIENCE_MS = 10_000;

/** Receives a shop's callbacks. */
export class ShopServer implements AsyncDisposable {
  readonly #receiver: Receiver;
  readonly #arrived: Taken[] = [];
  #inbox: Inbox | null = null;
  #waiting: (() => void) | null = null;

  constructor() {
    this.#receiver = startReceiver({
      hostname: "127.0.0.1",
      port: 0,
      inbox: () => this.#inbox,
      work: (taken) => {
        this.#arrived.push(taken);
        this.#waiting?.();
      },
    });
  }

  /** Where the edge is to send them. */
  get url(): string {
    return this.#receiver.url;
  }

  /** What came and was not asked for yet. */
  get unread(): number {
    return this.#arrived.length;
  }

  /** Verifies with this secret from now on. */
  trust(secret: string): void {
    this.#inbox = new Inbox(secret);
  }

  /**
   * The next callback.
   *
   * @throws {UnexpectedAnswerError} If none comes.
   */
  async next(): Promise<Taken> {
    if (this.#arrived.length === 0) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#waiting = resolve;
      const timer = setTimeout(resolve, PATIENCE_MS);
      await promise;
      clearTimeout(timer);
      this.#waiting = null;
    }
    const taken = this.#arrived.shift();
    if (taken === undefined) {
      throw new UnexpectedAnswerError("No callback came");
    }
    return taken;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#receiver[Symbol.asyncDispose]();
  }
}
