/**
 * The cast of the demo: shops with servers of their own, phones, scans at a
 * till, and callbacks. An answer or a callback that is not as expected ends the
 * story.
 * @module
 */

import { setTimeout as sleep } from "node:timers/promises";
import { formatAmount } from "../../edge/base/currencies.ts";
import {
  type Answer,
  Api,
  CURRENCY,
  describe,
  UnexpectedAnswerError,
} from "../client.ts";
import { Phone } from "../phone.ts";
import { describeTaken, Inbox, type Taken } from "../till/inbox.ts";
import { startReceiver } from "../till/receiver.ts";
import type { DemoEdge } from "./edge.ts";
import type { Screen } from "./screen.ts";

/** How long to wait for a callback, which takes milliseconds on this machine. */
const PATIENCE_MS = 10_000;
const LOOK_MS = 5;

/** A shop whose own server gets a callback at the end of each payment. */
export interface DemoShop {
  readonly name: string;
  readonly key: string;
  /** The callbacks that {@linkcode Cast.hear} has not taken yet. */
  readonly arrived: Taken[];
}

/** The answer that a scan is to have, and what it means. */
export interface Expected {
  readonly answer: string;
  readonly means: string;
  /** What the cashier does, where the answer does not say so itself. */
  readonly cashier?: string;
}

/** An amount of the demo. */
export const money = (minor: number) => formatAmount(minor, CURRENCY);

/** The code with another last digit. */
export function misread(code: string): string {
  return code.slice(0, -1) + (Number(code.at(-1)) + 1) % 10;
}

/** Throws {@linkcode UnexpectedAnswerError} with `fault` unless something holds. */
export function check(holds: boolean, fault: string): void {
  if (!holds) throw new UnexpectedAnswerError(fault);
}

/** The shops and phones of the demo, and the secrets that they have shown so far. */
export class Cast implements AsyncDisposable {
  readonly api: Api;
  /** Codes, keys and secrets: none of them may be logged. */
  readonly secrets: string[];
  readonly phones: Phone[] = [];
  readonly #servers = new AsyncDisposableStack();
  /** How many callbacks have come as expected. */
  callbacks = 0;

  constructor(readonly edge: DemoEdge, readonly screen: Screen) {
    this.api = new Api(edge.origin);
    this.secrets = [edge.adminKey];
  }

  /** Opens a shop whose server is given as the endpoint of its callbacks. */
  async openShop(name: string): Promise<DemoShop> {
    const { key } = await this.api.openShop(this.edge.adminKey, name);
    const arrived: Taken[] = [];
    let inbox: Inbox | null = null;
    const { url } = this.#servers.use(startReceiver({
      ...{ hostname: "127.0.0.1", port: 0 },
      inbox: () => inbox,
      work: (taken) => void arrived.push(taken),
    }));
    const { body: { secret } } = await this.api.call(
      ...["201 active", "PUT", "/v1/callback-endpoint", key, { url }] as const,
    );
    inbox = new Inbox(secret!);
    this.secrets.push(key, secret!);
    return { name, key, arrived };
  }

  /** A new phone, enrolled, and the id of its credential. */
  async enrol(walletKey: string, account: string) {
    const phone = await Phone.make(this.edge.core);
    const credentialId = await this.api.enrol(
      ...[walletKey, phone, account, `phone-of-${account}`] as const,
    );
    this.phones.push(phone);
    return { phone, credentialId };
  }

  /** What the phone shows now; draws the code and its parts if wanted. */
  show(phone: Phone, isDrawn = false) {
    const { screen, edge: { clock } } = this;
    const code = phone.show(clock.nowMs());
    const { digits } = code;
    this.secrets.push(digits);
    if (!isDrawn) return code;
    screen.line();
    screen.qr(digits);
    const [, ...parts] = /^(..)(.)(....)(.*)$/.exec(digits)!;
    const [prefix, profile, bucket, tag] = parts;
    screen.labeled("code", digits);
    screen.labeled(
      "",
      `prefix ${prefix}, profile ${profile}, bucket ${bucket}, tag ${tag}`,
    );
    const seconds = Math.ceil((code.endsMs - clock.nowMs()) / 1000);
    screen.labeled("shown", `for ${seconds} s more, accepted 30 s longer`);
    return code;
  }

  /** Has an order paid with a code, and says what the answer means. */
  async scan(
    shop: DemoShop,
    code: string,
    order: string,
    amountMinor: number,
    expected: Expected,
  ): Promise<Answer> {
    const { screen } = this;
    const path = "/v1/payments";
    screen.labeled(
      "till",
      `POST ${path}: ${order}, ${money(amountMinor)}, ${code}`,
    );
    const answer = await this.api.call(
      ...[expected.answer, "POST", path, shop.key] as const,
      { code, order_id: order, amount_minor: amountMinor, currency: CURRENCY },
    );
    screen.answer(describe(answer), answer.status < 300);
    screen.labeled("means", expected.means);
    screen.labeled("cashier", expected.cashier ?? answer.body.cashier!.en);
    return answer;
  }

  /** Takes the next callback of a shop, which must report the end of an order. */
  async hear(shop: DemoShop, type: string, order: string): Promise<void> {
    const untilMs = performance.now() + PATIENCE_MS;
    while (shop.arrived.length === 0 && performance.now() < untilMs) {
      await sleep(LOOK_MS);
    }
    const taken = shop.arrived.shift();
    if (taken === undefined) {
      throw new UnexpectedAnswerError("No callback came");
    }
    const event = taken.kind === "refused" ? undefined : taken.event;
    const isIt = event?.type === type && event.payment?.order_id === order;
    const found = [taken.kind, event?.type].filter((it) => it).join(", ");
    check(
      taken.kind === "new" && isIt,
      `The callback of ${order} is ${found}`,
    );
    this.callbacks++;
    this.screen.labeled("callback", describeTaken(taken));
    this.screen.labeled(
      "",
      `${shop.name}'s own server verified its signature.`,
    );
  }

  [Symbol.asyncDispose]() {
    return this.#servers.disposeAsync();
  }
}
