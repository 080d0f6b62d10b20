/**
 * The cast of the demo: shops with servers of their own, phones, scans at a
 * till, and callbacks. An answer or a callback that is not as expected ends the
 * story.
 * @module
 */

import {
  type Answer,
  Api,
  CURRENCY,
  describe,
  UnexpectedAnswerError,
} from "../client.ts";
import { Phone, type ShownCode } from "../phone.ts";
import { describeTaken, Inbox, type Taken } from "../till/inbox.ts";
import { startReceiver } from "../till/receiver.ts";
import type { DemoEdge } from "./edge.ts";
import type { Screen } from "./screen.ts";

/**
 * How long to wait for a callback, which takes milliseconds on this machine.
 */
const PATIENCE_MS = 10_000;

/** A shop's own server: the till's receiver, and a way to wait for callbacks. */
class ShopServer implements AsyncDisposable {
  readonly #arrived: Taken[] = [];
  #inbox: Inbox | null = null;
  #wake = () => {};
  readonly #receiver = startReceiver({
    hostname: "127.0.0.1",
    port: 0,
    inbox: () => this.#inbox,
    work: (taken) => {
      this.#arrived.push(taken);
      this.#wake();
    },
  });

  /** The address to which the edge sends callbacks. */
  get url(): string {
    return this.#receiver.url;
  }

  /**
   * How many callbacks have come that {@linkcode next} has not returned yet.
   */
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
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, PATIENCE_MS);
        this.#wake = () => (clearTimeout(timer), resolve());
      });
    }
    const taken = this.#arrived.shift();
    if (taken === undefined) {
      throw new UnexpectedAnswerError("No callback came");
    }
    return taken;
  }

  [Symbol.asyncDispose]() {
    return this.#receiver[Symbol.asyncDispose]();
  }
}

/** A shop that is notified by callbacks how its payments end. */
export interface DemoShop {
  readonly name: string;
  readonly key: string;
  readonly server: ShopServer;
}

/** A purchase at a till, and the answer that is expected. */
export interface Purchase {
  readonly shop: DemoShop;
  readonly code: string;
  readonly order: string;
  readonly amountMinor: number;
  readonly expected: string;
  /** What the answer means. */
  readonly means: string;
  /** What the cashier does, where the answer does not say so itself. */
  readonly cashier?: string;
}

/** An amount of the demo. */
export const money = (minor: number) =>
  `${(minor / 100).toFixed(2)} ${CURRENCY}`;

/** The code with another last digit. */
export function misread(code: string): string {
  return code.slice(0, -1) + (Number(code.at(-1)) + 1) % 10;
}

/**
 * Throws {@linkcode UnexpectedAnswerError} with `fault` unless something holds.
 */
export function check(holds: boolean, fault: string): void {
  if (!holds) throw new UnexpectedAnswerError(fault);
}

/**
 * The shops and phones of the demo, and the secrets that they have shown so
 * far.
 */
export class Cast implements AsyncDisposable {
  readonly api: Api;
  /** Codes, keys and secrets: none of them may be logged. */
  readonly secrets: string[];
  readonly phones: Phone[] = [];
  readonly #servers = new AsyncDisposableStack();
  #callbacks = 0;

  constructor(readonly edge: DemoEdge, readonly screen: Screen) {
    this.api = new Api(edge.origin);
    this.secrets = [edge.adminKey];
  }

  /** How many callbacks have come as expected. */
  get callbacks(): number {
    return this.#callbacks;
  }

  /** Opens a shop whose server is given as the endpoint of its callbacks. */
  async openShop(name: string): Promise<DemoShop> {
    const { key } = await this.api.openShop(this.edge.adminKey, name);
    const server = this.#servers.use(new ShopServer());
    const { body } = await this.api.call(
      ...["201 active", "PUT", "/v1/callback-endpoint", key] as const,
      { url: server.url },
    );
    server.trust(body.secret!);
    this.secrets.push(key, body.secret!);
    return { name, key, server };
  }

  /** A new phone, enrolled. */
  async enrol(walletKey: string, account: string): Promise<Phone> {
    const phone = await Phone.make(this.edge.core);
    await this.api.enrol(walletKey, phone, account, `phone-of-${account}`);
    this.phones.push(phone);
    return phone;
  }

  /** What the phone shows now. */
  show(phone: Phone): ShownCode {
    const code = phone.show(this.edge.clock.nowMs());
    this.secrets.push(code.digits);
    return code;
  }

  /** Draws a code and its parts. */
  picture({ digits, endsMs }: ShownCode): void {
    const { screen, edge } = this;
    screen.line();
    screen.qr(digits);
    const [prefix, profile, bucket, tag] = /^(..)(.)(....)(.*)$/.exec(digits)!
      .slice(1);
    screen.labeled("code", digits);
    screen.labeled(
      "",
      `prefix ${prefix}, profile ${profile}, bucket ${bucket}, tag ${tag}`,
    );
    const seconds = Math.ceil((endsMs - edge.clock.nowMs()) / 1000);
    screen.labeled("shown", `for ${seconds} s more, accepted 30 s longer`);
  }

  /** Has a purchase paid, and says what the answer means. */
  async scan(purchase: Purchase): Promise<Answer> {
    const { shop, code, order, amountMinor, expected, means } = purchase;
    const { screen } = this;
    const path = "/v1/payments";
    screen.labeled(
      "till",
      `POST ${path}: ${order}, ${money(amountMinor)}, ${code}`,
    );
    const answer = await this.api.call(expected, "POST", path, shop.key, {
      code,
      order_id: order,
      amount_minor: amountMinor,
      currency: CURRENCY,
    });
    screen.answer(describe(answer), answer.status < 300);
    screen.labeled("means", means);
    screen.labeled("cashier", purchase.cashier ?? answer.body.cashier!.en);
    return answer;
  }

  /**
   * Takes the next callback of a shop, which must report the end of an order.
   */
  async hear(shop: DemoShop, type: string, order: string): Promise<void> {
    const taken = await shop.server.next();
    const event = taken.kind === "refused" ? undefined : taken.event;
    check(
      taken.kind === "new" && event?.type === type &&
        event.payment?.order_id === order,
      `The callback of ${order} is ${
        [taken.kind, event?.type].filter((it) => it).join(", ")
      }`,
    );
    this.#callbacks++;
    this.screen.labeled("callback", describeTaken(taken));
    this.screen.labeled(
      "",
      `${shop.name}'s own server verified its signature.`,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#servers.disposeAsync();
  }
}
