/**
 * A day at many tills: phones show a code in every round, tills take payments,
 * and some of what tills and customers do in practice besides: the same code
 * at two tills, a verification in between, a paid order scanned again. What
 * fails is repeated until it ends, and every answer is noted, so that the
 * books can be held against it afterwards.
 *
 * @module
 */

import {
  type Answer,
  type Api,
  MOST_TRIES,
  type TestMerchant,
  type TestPhone,
} from "../api.ts";
import type { TestClock } from "../app.ts";

const STEP_MS = 30_000;

/** A merchant, a wallet and customers with money. */
export interface Shop {
  readonly merchant: TestMerchant;
  readonly walletKey: string;
  readonly phones: readonly TestPhone[];
}

/** What every account holds at first, minor units. */
export const START_MINOR = 10_000_000;

/** Opens a shop; nothing may fail meanwhile. */
export async function openShop(api: Api, customers: number): Promise<Shop> {
  const walletKey = await api.walletKey();
  const merchant = await api.merchant();
  const phones = await Promise.all(
    Array.from({ length: customers }, async (_, i) => {
      const phone = await api.enrol(walletKey, `acct-${i}`, `phone-${i}`);
      await api.setBalance(phone.accountId, START_MINOR);
      return phone;
    }),
  );
  return { walletKey, merchant, phones };
}

/** An order and what was said about it. */
export interface OrderNotes {
  readonly id: string;
  readonly accountId: string;
  readonly amountMinor: number;
  /** Names of the payment that an answer claimed to stand. */
  readonly paid: Set<string>;
  /** Names of the payment that an answer said to be under way. */
  readonly pending: Set<string>;
  /** How often it was said to be paid just now. */
  created: number;
}

/** Which code was accepted, as far as the answers tell. */
export interface Claim {
  readonly accountId: string;
  readonly atMs: number;
}

/** What was heard at the tills. */
export interface RunNotes {
  readonly orders: Map<string, OrderNotes>;
  /** Codes that verifications took. */
  readonly verified: Claim[];
  /** Codes that were said to be used. */
  readonly replayed: Claim[];
  /** Answers that cannot be true. */
  readonly lies: string[];
  /** Answers by status and code. */
  readonly answers: Record<string, number>;
}

/** What a run is made of. */
export interface RunOptions {
  readonly tills: readonly Api[];
  readonly shop: Shop;
  readonly clock: TestClock;
  /** Every phone shows one code in each. */
  readonly rounds: number;
  readonly seed: number;
  /** Called when so many jobs of a round are done; that till waits for it. */
  readonly onJob?: (done: number, round: number) => void | Promise<void>;
  /** Awaited by a till before it repeats what was not served. */
  readonly untilUp?: (till: number) => Promise<void>;
}

type Job =
  | { kind: "pay"; order: OrderNotes; phone: TestPhone }
  | { kind: "verify"; reference: string; phone: TestPhone };

/** Runs it and notes what was answered. */
export async function runPayments(options: RunOptions): Promise<RunNotes> {
  const { tills, shop, clock, rounds } = options;
  const draw = drawer(options.seed);
  const notes: RunNotes = {
    orders: new Map(),
    verified: [],
    replayed: [],
    lies: [],
    answers: {},
  };
  const newOrder = (id: string, { accountId }: TestPhone): OrderNotes => {
    const order: OrderNotes = {
      id,
      accountId,
      amountMinor: 100 + Math.floor(draw() * 900),
      paid: new Set(),
      pending: new Set(),
      created: 0,
    };
    notes.orders.set(id, order);
    return order;
  };
  for (let round = 0; round < rounds; round++) {
    const jobs: Job[] = [];
    for (const [i, phone] of shop.phones.entries()) {
      const name = `${round}-${i}`;
      const last = notes.orders.get(`${round - 1}-${i}`);
      const order = last !== undefined && draw() < 0.05
        ? last
        : newOrder(name, phone);
      jobs.push({ kind: "pay", order, phone });
      if (draw() < 0.1) {
        const rival = newOrder(`${name}-rival`, phone);
        jobs.push({ kind: "pay", order: rival, phone });
      }
      if (draw() < 0.1) jobs.push({ kind: "verify", reference: name, phone });
    }
    shuffle(jobs, draw);
    let done = 0;
    await Promise.all(tills.map(async (api, till) => {
      for (let job = jobs.pop(); job !== undefined; job = jobs.pop()) {
        await doJob(api, till, job, notes, options);
        await options.onJob?.(++done, round);
      }
    }));
    clock.advance(STEP_MS);
  }
  return notes;
}

async function doJob(
  api: Api,
  till: number,
  job: Job,
  notes: RunNotes,
  { shop, clock, untilUp }: RunOptions,
): Promise<void> {
  const { phone } = job;
  const code = phone.code(clock.ms);
  const claim = { accountId: phone.accountId, atMs: clock.ms };
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const answer = job.kind === "verify"
      ? await api.verify(shop.walletKey, code, job.reference)
      : await api.pay(shop.merchant, {
        code,
        order_id: job.order.id,
        amount_minor: job.order.amountMinor,
      });
    const name = nameOf(answer);
    notes.answers[name] = (notes.answers[name] ?? 0) + 1;
    if (name === "503 store-unavailable") {
      if (answer.body.retry !== "same-order") notes.lies.push("no retry hint");
      await untilUp?.(till);
      // An edge that could not connect does not try again for a moment.
      if (tries > 1) await new Promise((resolve) => setTimeout(resolve, 20));
      continue;
    }
    if (name === "409 code-replayed") notes.replayed.push(claim);
    const lie = job.kind === "verify"
      ? hearVerification(answer, claim, notes)
      : hearPayment(answer, job.order);
    if (lie !== null) notes.lies.push(`${name}: ${lie}`);
    return;
  }
  notes.lies.push(`not served in ${MOST_TRIES} tries`);
}

/** What an answer has of a name, such as `409 code-replayed`. */
export const nameOf = ({ status, body }: Answer): string =>
  status < 300 ? `${status}` : `${status} ${body.code}`;

function hearPayment(answer: Answer, order: OrderNotes): string | null {
  const { body } = answer;
  switch (nameOf(answer)) {
    case "201":
      order.created++;
      if (order.created > 1) return "paid twice";
      if (body.repeat !== undefined) return "new and a repeat";
      return hearPaid(answer, order);
    case "200":
      if (body.repeat !== true) return "a repeat and new";
      return hearPaid(answer, order);
    case "402 payment-pending":
      order.pending.add(body.payment_id);
      return body.order_id === order.id ? null : "of another order";
    case "409 code-replayed":
      return order.paid.size + order.pending.size === 0
        ? null
        : "the order stands";
    default:
      return "cannot be";
  }
}

function hearPaid({ body }: Answer, order: OrderNotes): string | null {
  order.paid.add(body.payment_id);
  return body.status === "succeeded" && body.order_id === order.id &&
      body.amount_minor === order.amountMinor
    ? null
    : "of another payment";
}

function hearVerification(
  answer: Answer,
  claim: Claim,
  notes: RunNotes,
): string | null {
  if (answer.status === 409 && answer.body.code === "code-replayed") {
    return null;
  }
  if (answer.status !== 200) return "cannot be";
  notes.verified.push(claim);
  return answer.body.account_id === claim.accountId
    ? null
    : "of another customer";
}

/** Numbers from 0 to 1, the same ones for a seed in every run. */
export function drawer(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state >>> 8) / 2 ** 24;
  };
}

function shuffle<T>(items: T[], draw: () => number): void {
  for (let i = items.length - 1; i > 0; i--) {
    const j = Math.floor(draw() * (i + 1));
    [items[i], items[j]] = [items[j]!, items[i]!];
  }
}
