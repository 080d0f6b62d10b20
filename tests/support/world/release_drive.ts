/**
 * Customers who pay at a steady rate at edges that are killed at random, and what each of
 * their payments must have come to.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { until } from "../../../scripts/redis_server.ts";
import {
  type Answer,
  type Api,
  phoneOf,
  type TestMerchant,
  type TestPhone,
} from "./api.ts";
import type { TestServer } from "./server.ts";

/** How often each edge is killed. */
const KILLS = 2;
const STEP_MS = 30_000;
const BALANCE = 1_000_000;

/** How fast, and by which chance. */
export interface DriveOptions {
  readonly edges: TestServer[];
  readonly start: () => Promise<TestServer>;
  readonly merchant: TestMerchant;
  readonly random: () => number;
  /** Payments of each second. */
  readonly perSecond: number;
  /** An edge runs for 1.5 to 5.5 times as long before it is killed, ms. */
  readonly phaseMs: number;
}

/** A customer, who pays once at a time. */
interface Customer {
  phone: TestPhone;
  /** The step of the newest code that was shown. */
  lastStep: number;
  isPaying: boolean;
  balance: number;
}

const bucketOf = ({ seed }: TestPhone) => `${seed.profile} ${seed.bucket}`;

const wait = (ms: number) =>
  new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));

/** Payments at a steady rate, and edges that are killed meanwhile. */
export class ReleaseDrive {
  readonly customers: Customer[] = [];
  /** How many payments were made, by profile, since the last look. */
  #paid: Record<number, number> = {};
  readonly #buckets = new Set<string>();
  #isOver = false;
  /** The first payment that did not succeed. */
  #fault: unknown = null;
  #orders = 0;
  kills = 0;
  payments = 0;
  /** Payments that no edge had time for before their code expired. */
  expired = 0;
  slowestMs = 0;
  /** For how long customers have paid. */
  tookMs = 0;
  readonly #options: DriveOptions;
  readonly #running: Promise<unknown>[] = [];

  constructor(options: DriveOptions) {
    this.#options = options;
  }

  /** Adds a customer, before customers pay. */
  async add(api: Api, phone: TestPhone): Promise<void> {
    await api.setBalance(phone.accountId, BALANCE);
    this.#buckets.add(bucketOf(phone));
    this.customers.push({
      ...{ phone, lastStep: 0, isPaying: false, balance: BALANCE },
    });
  }

  /**
   * Renews a customer at one of the edges, until the bucket is one that no edge has read:
   * an edge that has just read a bucket finds a seed that another edge adds there only after
   * five seconds.
   */
  async renew(customer: Customer, walletKey: string): Promise<void> {
    const { edges } = this.#options;
    const { device, credentialId } = customer.phone;
    let { phone } = customer;
    while (this.#buckets.has(bucketOf(phone))) {
      const key = crypto.randomUUID();
      const { body } = await insist(
        edges,
        0,
        (api) => api.askRenewal(walletKey, credentialId, { key }),
      );
      phone = await phoneOf(device, body);
    }
    this.#buckets.add(bucketOf(phone));
    customer.phone = phone;
  }

  /** Begins to pay and to kill. */
  begin(): void {
    this.#running.push(this.#payOn());
    for (const place of this.#options.edges.keys()) {
      this.#running.push(this.#killOn(place));
    }
  }

  /** Ends both, and waits until every payment is decided and every edge runs. */
  async end(): Promise<void> {
    this.#isOver = true;
    for (const it of this.#running) await it;
    if (this.#fault !== null) throw this.#fault;
  }

  /** Waits until customers of each of these profiles have paid since the last call. */
  async paid(profiles: readonly number[]): Promise<void> {
    await until(() => {
      if (this.#fault !== null) throw this.#fault;
      return profiles.every((profile) => (this.#paid[profile] ?? 0) > 0);
    }, "customers do not pay");
    this.#paid = {};
  }

  async #payOn(): Promise<void> {
    const { perSecond } = this.#options;
    const startedMs = performance.now();
    const paying: Promise<void>[] = [];
    for (let tick = 0; !this.#isOver; tick++) {
      await wait(startedMs + tick * 1000 / perSecond - performance.now());
      const customer = this.customers[tick % this.customers.length]!;
      const step = Math.max(
        customer.lastStep + 1,
        Math.floor(Date.now() / STEP_MS),
      );
      // A phone shows a code of the next step at most; until then others pay.
      if (customer.isPaying || step * STEP_MS > Date.now() + STEP_MS) continue;
      customer.lastStep = step;
      customer.isPaying = true;
      paying.push(
        this.#pay(customer, step).catch((error) => {
          this.#fault ??= error;
          this.#isOver = true;
        }),
      );
    }
    this.tookMs = performance.now() - startedMs;
    await Promise.all(paying);
  }

  /** Every payment must succeed, at whichever edge answers, and once. */
  async #pay(customer: Customer, step: number): Promise<void> {
    const { edges, merchant, random } = this.#options;
    const { profile } = customer.phone.seed;
    const code = customer.phone.code(step * STEP_MS);
    const number = this.#orders++;
    // Another amount each time, because the same one would look like a double scan.
    const amount = 100 + number % 10_000;
    const order = { code, order_id: `order-${number}`, amount_minor: amount };
    const startedMs = performance.now();
    const first = Math.floor(random() * edges.length);
    let tries = 0;
    const { status, body } = await insist(edges, first, (api) => {
      tries++;
      return api.pay(merchant, order);
    });
    customer.isPaying = false;
    // A code that was shown so long ago that its window is closed must not pass.
    const isClosed = Date.now() >= (step + 2) * STEP_MS;
    if (isClosed && body.code === "code-not-accepted") {
      this.expired++;
      return;
    }
    // 200 is the answer to a repeated order: the first answer was lost.
    assertEquals(
      [status === 200 ? 201 : status, body.code ?? body.status],
      [201, "succeeded"],
      `profile ${profile}, ${tries} calls in ${
        Math.round(performance.now() - startedMs)
      } ms: ${body.detail}`,
    );
    customer.balance -= amount;
    this.payments++;
    this.#paid[profile] = (this.#paid[profile] ?? 0) + 1;
    this.slowestMs = Math.max(this.slowestMs, performance.now() - startedMs);
  }

  /** Kills the edge at a place at random moments, and starts another one there. */
  async #killOn(place: number): Promise<void> {
    const { edges, start, random, phaseMs } = this.#options;
    for (let kills = 0; kills < KILLS; kills++) {
      const untilMs = performance.now() + phaseMs * (1.5 + 4 * random());
      while (!this.#isOver && performance.now() < untilMs) await wait(50);
      if (this.#isOver) return;
      await edges[place]!.kill("SIGKILL");
      this.kills++;
      edges[place] = await start();
    }
  }
}

/** Makes a call at one edge after another until one answers that it was decided. */
async function insist(
  edges: readonly TestServer[],
  first: number,
  call: (api: Api) => Promise<Answer>,
): Promise<Answer> {
  for (let i = first;; i++) {
    try {
      const answer = await call(edges[i % edges.length]!.api);
      if (answer.status !== 503 && answer.status !== 402) return answer;
    } catch (error) {
      // The edge was killed; any other error is the test's.
      if (!(error instanceof TypeError)) throw error;
    }
    await wait(20);
  }
}
